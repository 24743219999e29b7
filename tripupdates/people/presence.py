"""Whether the person themself is there, and not only their cookie. Takes the step's own session and commits nothing."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates.house import House
from tripupdates.people import assertions, codes, passkeys
from tripupdates.people.assertions import Assertion, DoesNotHold
from tripupdates.people.passkeys import Challenge, Passkey, Purpose
from tripupdates.people.records import Person, SignIn, hash_token
from tripupdates.people.signing_in import Caller, is_password
from tripupdates.vocabulary import Refused, Role

FRESH = timedelta(minutes=15)
ONCE = timedelta(minutes=10)

NOT_TAKEN = "This passkey was not accepted. Try once more; if it happens again, use your password."
TOO_LATE = "That took longer than five minutes, or was sent twice. Nothing was done; try again."
NOT_YOURS = "This passkey is not one of yours, so nothing was done. Use your own."
COPIED = (
    "This passkey was not accepted: somebody else may have a copy of it. Use your password, "
    "remove the passkey, and tell the office."
)
AGAIN = "Type your password, so that we know it is you. Nothing was done yet."
WRONG = "That is not your password, so nothing was done. Try again."


@dataclass(frozen=True)
class Proof:
    """What came with a request to show that the person is there: a password, a passkey's answer, or a word given once."""

    password: str = ""
    assertion: Mapping[str, Any] | None = None
    once: str = ""


NOTHING = Proof()


class Copied(Refused):
    """A passkey counts backwards: there may be two of it. The step tells its owner after nothing was done."""

    def __init__(self, person_id: uuid.UUID, passkey_id: uuid.UUID) -> None:
        super().__init__(COPIED)
        self.person_id, self.passkey_id = person_id, passkey_id


@dataclass(frozen=True)
class Answered:
    """A question that a passkey answered, and holds."""

    asked: Challenge
    passkey: Passkey
    assertion: Assertion


def answered(
    session: Session,
    house: House,
    purpose: Purpose,
    bound_to: str,
    credential: Mapping[str, Any],
    person_id: uuid.UUID | None = None,
) -> Answered:
    """Use a question up with a passkey's answer. `person_id` None: whoever's passkey it is. Raises Refused, Copied."""
    try:
        assertion = assertions.read(credential)
        challenge = assertion.challenge
    except DoesNotHold as error:
        raise Refused(NOT_TAKEN) from error
    asked = passkeys.take(session, house.now(), purpose, bound_to, challenge, person_id)
    if asked is None:
        raise Refused(TOO_LATE)
    passkey = _known(session, assertion, person_id)
    try:
        held = assertions.check(
            assertion, passkey.public_key, challenge, house.settings.rp_id, house.settings.origin
        )
    except DoesNotHold as error:
        raise Refused(NOT_TAKEN) from error
    if max(held.sign_count, passkey.sign_count) > 0 and held.sign_count <= passkey.sign_count:
        raise Copied(passkey.person_id, passkey.id)
    passkey.sign_count = min(held.sign_count, passkeys.MOST_COUNTED)
    passkey.backed_up, passkey.last_used_at = held.backed_up, house.now()
    return Answered(asked, passkey, assertion)


def _known(session: Session, assertion: Assertion, person_id: uuid.UUID | None) -> Passkey:
    passkey = passkeys.by_credential(session, assertion.credential_id)
    if passkey is None or passkey.ended_at is not None:
        raise Refused(NOT_TAKEN)
    if person_id is not None and passkey.person_id != person_id:
        raise Refused(NOT_YOURS)
    if assertion.user_handle not in {None, passkey.person_id.bytes}:
        raise Refused(NOT_TAKEN)
    return passkey


def is_fresh(caller: Caller, now: datetime) -> bool:
    """Whether this sign-in saw its person in the last quarter of an hour."""
    return (
        caller.proved_at is not None and abs(now - caller.proved_at) < FRESH
    )  # clocks may have been put back


def check(session: Session, house: House, caller: Caller, proof: Proof, at_hand: bool = False) -> None:
    """Raise Refused unless the person is there.

    A proof that came along counts; without one, that they proved it a while ago. `at_hand`: only what came along
    counts, for acts by which a stolen cookie could make itself at home.
    """
    if proof.assertion is not None:
        answered(session, house, Purpose.PROVE, hash_token(caller.token), proof.assertion, caller.id)
    elif proof.password:
        if not is_password(session.get_one(Person, caller.id).password_hash, proof.password):
            raise Refused(WRONG)
    elif proof.once and _taken(session, house, caller, proof.once):
        return
    elif at_hand or not is_fresh(caller, house.now()):
        raise Refused(AGAIN)
    else:
        return
    seen(session, house, caller)


def seen(session: Session, house: House, caller: Caller) -> None:
    """Write down that this sign-in's person is there now."""
    session.execute(
        sa.update(SignIn)
        .where(SignIn.token_hash == hash_token(caller.token))
        .values(proved_at=house.now())
        .execution_options(synchronize_session=False)
    )


def word(row: SignIn, now: datetime) -> str:
    """A word that stands once for a proof in this sign-in. It goes to the page, never into a cookie or a log."""
    once = secrets.token_urlsafe(24)
    row.once_hash, row.once_until = hash_token(once), now + ONCE
    return once


def _taken(session: Session, house: House, caller: Caller, once: str) -> bool:
    done = session.execute(
        sa.update(SignIn)
        .where(
            SignIn.token_hash == hash_token(caller.token),
            SignIn.once_hash == hash_token(once),
            SignIn.once_until > house.now(),
        )
        .values(once_hash=None)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount == 1)  # type: ignore[attr-defined] # an UPDATE gives a CursorResult


def has_second(session: Session, person_id: uuid.UUID) -> bool:
    """Whether a person has more than a password."""
    return bool(passkeys.of_person(session, person_id)) or codes.confirmed(session, person_id) is not None


def needs_second(role: Role) -> bool:
    """Whether somebody of this role signs in with the password alone only until they have something better."""
    return role is not Role.STAFF


def end_all(session: Session, person_id: uuid.UUID, now: datetime) -> None:
    """No passkey and no app of theirs opens anything any more."""
    passkeys.end_all(session, person_id, now)
    codes.forget(session, person_id)
