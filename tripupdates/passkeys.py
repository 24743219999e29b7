"""Steps with passkeys: add, sign in, prove that one is there, ask for the signature under an approval, remove.

Each question is a row that is answered once; what the browser sends back is checked against that row, never against
what the browser remembers. Options are JSON for `PublicKeyCredential.parse…OptionsFromJSON`.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session
from webauthn import generate_authentication_options, generate_registration_options, options_to_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tripupdates import audit
from tripupdates.approval import doors, signatures, signed, wordings
from tripupdates.approval.timing import NOW, When
from tripupdates.database import transaction
from tripupdates.house import House
from tripupdates.people import assertions, codes, entering, passkeys, presence
from tripupdates.people.assertions import DoesNotHold
from tripupdates.people.passkeys import Passkey, Purpose
from tripupdates.people.presence import NOT_TAKEN, NOTHING, TOO_LATE, Copied, Proof
from tripupdates.people.records import Person, hash_token
from tripupdates.people.signing_in import Caller, SignedIn
from tripupdates.telling.records import tell
from tripupdates.trips import records as trips
from tripupdates.vocabulary import Conflict, Kind, News, NotFound, Refused

MOST = 20
LONGEST_NAME = 60
WAIT = 5 * 60 * 1000  # milliseconds that a browser waits for its person: as long as the question stands
LAST = (
    "This is your last passkey, and you have no sign-in codes: you could not sign in any more. "
    "Add another passkey, or set up the codes, first."
)


@contextmanager
def alarmed(house: House) -> Iterator[None]:
    """Around a step that takes a passkey's answer: where it may have been copied, its owner is told, and it stays refused."""
    try:
        yield
    except Copied as copied:
        with transaction() as session:
            audit.note(session, house.now(), None, "passkey counted backwards", copied.passkey_id)
            tell(session, house.now(), copied.person_id, News.PASSKEY_COPIED)
        raise


def ask_to_add(house: House, caller: Caller, proof: Proof = NOTHING) -> str:
    """Options for a new passkey. The proof must come along: a stolen cookie makes no passkey. Raises Refused."""
    with alarmed(house), transaction() as session:
        presence.check(session, house, caller, proof, at_hand=True)
        person = session.get_one(Person, caller.id)
        there = passkeys.of_person(session, caller.id)
        if len(there) >= MOST:
            raise Refused(f"You have {MOST} passkeys. Remove one that you do not use, then add this one.")
        challenge = passkeys.ask(session, house.now(), Purpose.REGISTER, hash_token(caller.token), caller.id)
        return options_to_json(
            generate_registration_options(
                rp_id=house.settings.rp_id,
                rp_name=house.settings.school_name,
                user_id=person.id.bytes,
                user_name=person.email,
                user_display_name=person.name,
                challenge=challenge,
                timeout=WAIT,
                authenticator_selection=AuthenticatorSelectionCriteria(
                    resident_key=ResidentKeyRequirement.REQUIRED,
                    user_verification=UserVerificationRequirement.REQUIRED,
                ),
                exclude_credentials=[_descriptor(each) for each in there],
            )
        )


def add(house: House, caller: Caller, credential: Mapping[str, Any], name: str) -> None:
    """Keep the passkey that was made. Its owner is told. Raises Refused."""
    name = _name(name)
    with transaction() as session:
        try:
            challenge = assertions.challenge_of_new(credential)
            bound_to = hash_token(caller.token)
            if passkeys.take(session, house.now(), Purpose.REGISTER, bound_to, challenge, caller.id) is None:
                raise Refused(TOO_LATE)
            new = assertions.check_new(credential, challenge, house.settings.rp_id, house.settings.origin)
        except DoesNotHold as error:
            raise Refused("The passkey was not made as it must be. Try once more.") from error
        if passkeys.by_credential(session, new.credential_id) is not None:
            raise Conflict("This passkey is here already. Make a new one on this phone or computer.")
        row = Passkey(
            person_id=caller.id,
            credential_id=new.credential_id,
            public_key=new.public_key,
            sign_count=min(new.sign_count, passkeys.MOST_COUNTED),
            transports=list(new.transports),
            name=name,
            backed_up=new.backed_up,
            created_at=house.now(),
        )
        session.add(row)
        session.flush()
        print_ = signed.fingerprint(row.id, caller.id, row.public_key)
        audit.note(session, house.now(), caller.id, signed.ADDED_KEY, print_)
        presence.seen(session, house, caller)
        tell(session, house.now(), caller.id, News.PASSKEY_ADDED)


def ask_to_sign_in(house: House, device: str) -> str:
    """Options for signing in without a name, good in this browser alone."""
    with transaction() as session:
        return _options(house, passkeys.ask(session, house.now(), Purpose.SIGN_IN, hash_token(device)))


def sign_in(house: House, credential: Mapping[str, Any], trusted: bool, device: str) -> SignedIn:
    """A new sign-in of whose passkey this is, as `accounts.sign_in` makes one. Raises Refused."""
    with alarmed(house), transaction() as session:
        given = presence.answered(session, house, Purpose.SIGN_IN, hash_token(device), credential)
        person = session.get_one(Person, given.passkey.person_id)
        if not person.active or given.assertion.user_handle is None:
            raise Refused(NOT_TAKEN)
        return entering.enter(session, house, person, trusted, device, offers=False)


def ask_to_prove(house: House, caller: Caller) -> str:
    """Options for showing that one is there, before an act that asks for it."""
    with transaction() as session:
        bound_to = hash_token(caller.token)
        return _options(
            house,
            passkeys.ask(session, house.now(), Purpose.PROVE, bound_to, caller.id),
            passkeys.of_person(session, caller.id),
        )


def ask_to_approve(house: House, caller: Caller, update_id: uuid.UUID, digest: str, when: When = NOW) -> str:
    """Options for signing the approval of what was on the page, with when it goes out.

    Raises NotFound, Forbidden, Conflict, Refused.
    """
    with transaction() as session:
        update, version = doors.for_decision(session, house, caller, update_id)
        doors.check_seen(update, version, digest)
        origin = house.settings.origin
        said = signatures.about(signatures.UPDATE, update.id, digest, caller.id, origin, **when.terms)
        return to_sign(session, house, caller, said)


def ask_to_approve_messages(
    house: House, caller: Caller, slug: str, messages: Mapping[str, str], channels: Collection[str]
) -> str:
    """Options for signing the approval of a trip's messages as they are on the form. Raises as `approve_wordings` does."""
    given, chosen = wordings.read(messages), doors.chosen(channels, Kind.MESSAGE)
    with transaction() as session:
        trip = trips.by_slug(session, slug)
        if trip is None:
            raise NotFound("There is no such trip.")
        wordings.check_approver(caller.role, trips.accompanies(session, caller.id, trip.id))
        digest = wordings.digest(trip.id, chosen, given)
        said = signatures.about(signatures.MESSAGES, trip.id, digest, caller.id, house.settings.origin)
        return to_sign(session, house, caller, said)


def to_sign(session: Session, house: House, caller: Caller, said: Mapping[str, str]) -> str:
    """In the caller's transaction: options for a passkey that signs this. Raises Refused where the caller has none."""
    there = passkeys.of_person(session, caller.id)
    if not there:
        raise Refused("You have no passkey yet. Add one under “Ways to sign in”.")
    return _options(house, signed.ask(session, house, caller, said), there)


def rename(house: House, caller: Caller, passkey_id: uuid.UUID, name: str) -> None:
    """Call it something else. Raises Refused, NotFound."""
    name = _name(name)
    with transaction() as session:
        _own(session, caller, passkey_id).name = name
        audit.note(session, house.now(), caller.id, "renamed passkey", passkey_id)


def remove(house: House, caller: Caller, passkey_id: uuid.UUID, proof: Proof = NOTHING) -> None:
    """It opens nothing any more; what it signed stays. The last one goes with the password only.

    Raises NotFound, and Refused where the person is not there or would have no way in that their role needs.
    """
    with alarmed(house), transaction() as session:
        row = _own(session, caller, passkey_id)
        last = len(passkeys.of_person(session, caller.id)) == 1
        if last and presence.needs_second(caller.role) and codes.confirmed(session, caller.id) is None:
            raise Refused(LAST)
        presence.check(session, house, caller, Proof(proof.password) if last else proof, at_hand=last)
        row.ended_at = house.now()
        audit.note(session, house.now(), caller.id, "removed passkey", row.id)
        tell(session, house.now(), caller.id, News.PASSKEY_REMOVED)


def _own(session: Session, caller: Caller, passkey_id: uuid.UUID) -> Passkey:
    row = session.get(Passkey, passkey_id)
    if row is None or row.person_id != caller.id or row.ended_at is not None:
        raise NotFound("There is no such passkey of yours.")
    return row


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Refused(f"Give the passkey a name, such as “My phone”, of at most {LONGEST_NAME} characters.")
    return name


def _options(house: House, challenge: bytes, there: Collection[Passkey] = ()) -> str:
    return options_to_json(
        generate_authentication_options(
            rp_id=house.settings.rp_id,
            challenge=challenge,
            timeout=WAIT,
            allow_credentials=[_descriptor(each) for each in there],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(each) for each in passkey.transports]
    return PublicKeyCredentialDescriptor(id=passkey.credential_id, transports=transports or None)
