"""Steps about people: signing in and out, passwords, accounts. One transaction each."""

import uuid
from dataclasses import replace
from datetime import datetime

from tripupdates import audit
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.people import records
from tripupdates.people.records import Person, SignIn
from tripupdates.people.signing_in import (
    BORROWED_BROWSER,
    TRUSTED_PHONE,
    Caller,
    check_password,
    hash_password,
    is_password,
    new_token,
)
from tripupdates.telling.records import end_phones
from tripupdates.vocabulary import Conflict, Forbidden, NotFound, Refused, Role

WRONG = "That e-mail address and password do not match. Check both and try again."


def _caller(person: Person, token: str = "") -> Caller:
    return Caller(id=person.id, name=person.name, role=person.role, token=token)


def who(token: str, now: datetime) -> Caller | None:
    """Whose sign-in this is, if it still holds."""
    person = records.signed_in(fresh(), token, now)
    return None if person is None else _caller(person, token)


def sign_in(house: House, email: str, password: str, trusted: bool) -> Caller:
    """A new sign-in: 14 days on a trusted phone, else 12 hours. Raises Refused, the same words for every reason."""
    person = records.by_email(fresh(), email)
    known = None if person is None or not person.active else person.password_hash
    if not is_password(known, password) or person is None:
        raise Refused(WRONG)
    token, now = new_token(), house.now()
    lasts = TRUSTED_PHONE if trusted else BORROWED_BROWSER
    caller = _caller(person, token)
    with transaction() as session:
        session.add(
            SignIn(
                token_hash=records.hash_token(token),
                person_id=caller.id,
                created_at=now,
                expires_at=now + lasts,
            )
        )
        audit.note(session, now, caller.id, "signed in")
    return caller


def sign_out(house: House, caller: Caller) -> None:
    """End this sign-in, on this phone only."""
    with transaction() as session:
        found = session.get(SignIn, records.hash_token(caller.token))
        if found is not None and found.ended_at is None:
            found.ended_at = house.now()
            audit.note(session, house.now(), caller.id, "signed out")


def change_password(house: House, caller: Caller, old: str, new: str) -> Caller:
    """Change it, end every sign-in everywhere, and give this phone a new one. Raises Refused."""
    with transaction() as session:
        person = session.get_one(Person, caller.id)
        if not is_password(person.password_hash, old):
            raise Refused("The present password is not right.")
        check_password(new, (person.name, person.email, house.settings.school_name))
        now, token = house.now(), new_token()
        person.password_hash = hash_password(new)
        records.end_sign_ins(session, person.id, now)
        session.add(
            SignIn(
                token_hash=records.hash_token(token),
                person_id=person.id,
                created_at=now,
                expires_at=now + TRUSTED_PHONE,
            )
        )
        audit.note(session, now, person.id, "changed password", person.id)
    return replace(caller, token=token)


def add_person(
    house: House, by: Caller | None, name: str, email: str, role: Role, password: str
) -> uuid.UUID:
    """Make an account. `by` None is the command line. Raises Refused or Conflict; returns the person's id."""
    name, email = " ".join(name.split()), records.fold(email)
    if not name or len(name) > 120:
        raise Refused("Give the person's name, at most 120 characters.")
    if "@" not in email or len(email) > 254:
        raise Refused("That is not an e-mail address.")
    check_password(password, (name, email, house.settings.school_name))
    with transaction() as session:
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
    """Someone leaves or comes back. Leaving signs them out everywhere at once. Raises NotFound, Forbidden."""
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
        audit.note(session, house.now(), by.id, "opened account" if active else "closed account", person.id)


def set_password(house: House, by: Caller, person_id: uuid.UUID, new: str) -> None:
    """The office gives somebody a new password; every sign-in of theirs ends. Raises Refused, NotFound."""
    with transaction() as session:
        person = session.get(Person, person_id)
        if person is None:
            raise NotFound("There is no such person.")
        check_password(new, (person.name, person.email, house.settings.school_name))
        person.password_hash = hash_password(new)
        records.end_sign_ins(session, person.id, house.now())
        audit.note(session, house.now(), by.id, "gave new password", person.id)
