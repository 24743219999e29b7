"""Steps about people: signing in and out, passwords, accounts. One transaction each."""

import uuid
from dataclasses import replace
from datetime import datetime

from tripupdates import audit, sign_in_codes
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.passkeys import alarmed
from tripupdates.people import codes, entering, passkeys, presence, records
from tripupdates.people.passkeys import Challenge, Purpose
from tripupdates.people.presence import NOTHING, Proof
from tripupdates.people.records import Person, SignIn
from tripupdates.people.signing_in import (
    BORROWED_BROWSER,
    Caller,
    SignedIn,
    check_password,
    hash_password,
    is_password,
    new_token,
)
from tripupdates.telling.records import end_phones, tell
from tripupdates.vocabulary import Conflict, Forbidden, News, NotFound, Refused, Role

WRONG = "That e-mail address and password do not match. Check both and try again."


USE_PASSKEY = (
    "You have a passkey, so the password alone does not sign you in. Use the button for the passkey; "
    "without it, ask somebody in the office to help you back in."
)


class CodeNeeded(Exception):
    """The password was right; a code of the app comes next. `pending` says which sign-in that is, for five minutes."""

    def __init__(self, pending: str) -> None:
        super().__init__()
        self.pending = pending


def who(token: str, now: datetime) -> Caller | None:
    """Whose sign-in this is, if it still holds."""
    found = records.signed_in(fresh(), token, now)
    if found is None:
        return None
    person, row = found
    return Caller(person.id, person.name, person.role, token, row.proved_at)


def sign_in(house: House, email: str, password: str, trusted: bool, device: str | None = None) -> SignedIn:
    """A new sign-in: 14 days on a trusted phone, else 12 hours. Raises Refused, the same words for every reason.

    Whoever has an app for codes needs one too: CodeNeeded. An approver or the office with a passkey and no such app
    signs in with the passkey: Refused. `device` is what the browser calls itself, None where no browser is behind it.
    """
    found = records.by_email(fresh(), email)
    known = None if found is None or not found.active else found.password_hash
    if not is_password(known, password) or found is None:
        raise Refused(WRONG)
    person_id = found.id
    with transaction() as session:
        person = session.get_one(Person, person_id)
        # Checking takes its time: whoever was helped back in meanwhile, or left, must not find the old password in use.
        if (person.active, person.password_hash) != (True, known):
            raise Refused(WRONG)
        if codes.confirmed(session, person_id) is None:
            if presence.needs_second(person.role) and passkeys.of_person(session, person_id):
                raise Refused(USE_PASSKEY)
            return entering.enter(session, house, person, trusted, device, offers=True)
        bound_to = records.hash_token(device or "")
        pending = passkeys.ask(session, house.now(), Purpose.CODE, bound_to, person_id)
    raise CodeNeeded(pending.hex())


def whose_code(pending: str) -> uuid.UUID | None:
    """Whose sign-in waits for a code: tries are counted for each person."""
    asked = fresh().get(Challenge, pending)
    return asked.person_id if asked is not None and asked.purpose is Purpose.CODE else None


def sign_in_with_code(
    house: House, pending: str, code: str, trusted: bool, device: str | None = None
) -> SignedIn:
    """The second half of a sign-in with password and code. Raises Refused; a wrong code may be followed by another."""
    person_id = whose_code(pending)
    if person_id is None:
        raise Refused(presence.TOO_LATE)
    with transaction() as session:
        bound_to, challenge = records.hash_token(device or ""), bytes.fromhex(pending)
        asked = passkeys.take(session, house.now(), Purpose.CODE, bound_to, challenge, person_id)
        person, row = session.get_one(Person, person_id), codes.confirmed(session, person_id)
        if asked is None or row is None or not person.active:
            raise Refused(presence.TOO_LATE)
        if not codes.accept(session, row, code, house.settings.secret_key, house.now()):
            raise Refused(sign_in_codes.WRONG)
        return entering.enter(session, house, person, trusted, device, offers=True)


def sign_out(house: House, caller: Caller) -> None:
    """End this sign-in, on this phone only."""
    with transaction() as session:
        found = session.get(SignIn, records.hash_token(caller.token))
        if found is not None and found.ended_at is None:
            found.ended_at = house.now()
            audit.note(session, house.now(), caller.id, "signed out")


def change_password(house: House, caller: Caller, old: str, new: str) -> Caller:
    """Change it, end every sign-in everywhere, and give this phone a new one for as long as the old one. Raises Refused."""
    with transaction() as session:
        person = session.get_one(Person, caller.id)
        if not is_password(person.password_hash, old):
            raise Refused("The present password is not right.")
        check_password(new, (person.name, person.email, house.settings.school_name))
        now, token = house.now(), new_token()
        here = session.get(SignIn, records.hash_token(caller.token))
        person.password_hash = hash_password(new)
        records.end_sign_ins(session, person.id, now)
        session.add(
            SignIn(
                token_hash=records.hash_token(token),
                person_id=person.id,
                created_at=now,
                expires_at=here.expires_at if here is not None else now + BORROWED_BROWSER,
                proved_at=now,
            )
        )
        audit.note(session, now, person.id, "changed password", person.id)
        tell(session, now, person.id, News.PASSWORD_CHANGED)
    return replace(caller, token=token, proved_at=now)


def add_person(
    house: House,
    by: Caller | None,
    name: str,
    email: str,
    role: Role,
    password: str,
    proof: Proof = NOTHING,
) -> uuid.UUID:
    """Make an account. `by` None is the command line; somebody of the office must be there.

    Raises Refused or Conflict; returns the person's id.
    """
    name, email = " ".join(name.split()), records.fold(email)
    if not name or len(name) > 120:
        raise Refused("Give the person's name, at most 120 characters.")
    if "@" not in email or len(email) > 254:
        raise Refused("That is not an e-mail address.")
    check_password(password, (name, email, house.settings.school_name))
    with alarmed(house), transaction() as session:
        if by is not None:
            presence.check(session, house, by, proof)
        if records.by_email(session, email) is not None:
            raise Conflict("There is already an account with this e-mail address.")
        person = Person(
            name=name,
            email=email,
            role=role,
            password_hash=hash_password(password),
            created_at=house.now(),
        )
        session.add(person)
        session.flush()
        audit.note(session, house.now(), by.id if by else None, "added person", person.id, role)
        return person.id


def set_active(house: House, by: Caller, person_id: uuid.UUID, active: bool) -> None:
    """Someone leaves or comes back. Leaving ends every sign-in, passkey and app for codes at once, and tells them.

    Raises NotFound, Forbidden.
    """
    if person_id == by.id and not active:
        raise Forbidden("You cannot close your own account; ask somebody else in the office.")
    with transaction() as session:
        person = session.get(Person, person_id)
        if person is None:
            raise NotFound("There is no such person.")
        if person.active == active:
            return
        person.active = active
        if not active:
            records.end_sign_ins(session, person.id, house.now())
            end_phones(session, person.id, house.now())
            presence.end_all(session, person.id, house.now())
            tell(session, house.now(), person.id, News.ACCOUNT_CLOSED)
        audit.note(session, house.now(), by.id, "opened account" if active else "closed account", person.id)


def help_back_in(
    house: House, by: Caller | None, person_id: uuid.UUID, new: str, proof: Proof = NOTHING
) -> None:
    """Somebody lost their ways in: a new password, and no passkey, app for codes or sign-in of before holds any more.

    Only another person of the office does it, who must show that they are there in this very request; `by` None is
    the command line, for an office of one. The person is told. Raises Forbidden, NotFound, Refused.
    """
    if by is not None and by.role is not Role.OFFICE:
        raise Forbidden("Only the office can help somebody back in.")
    if by is not None and by.id == person_id:
        raise Forbidden(
            "You cannot help yourself back in; ask somebody else in the office. Where there is nobody else, "
            "whoever looks after the server types: tripupdates person help"
        )
    with alarmed(house), transaction() as session:
        person, now = session.get(Person, person_id), house.now()
        if person is None:
            raise NotFound("There is no such person.")
        if by is not None:
            presence.check(session, house, by, proof, at_hand=True)
        check_password(new, (person.name, person.email, house.settings.school_name))
        person.password_hash = hash_password(new)
        records.end_sign_ins(session, person.id, now)
        presence.end_all(session, person.id, now)
        audit.note(session, now, by.id if by else None, "helped back in", person.id)
        tell(session, now, person.id, News.PASSWORD_CHANGED)
