"""Accounts: passwords, sign-ins, throttling."""

import re
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import PASSWORD, School
from tripupdates import accounts
from tripupdates.database import db, fresh, transaction
from tripupdates.people.records import Person, SignIn
from tripupdates.people.signing_in import check_password, hash_password, is_password
from tripupdates.vocabulary import Conflict, Forbidden, Refused, Role

GOOD = "quiver-lantern-badger-fossil"


def _sign_in(client: FlaskClient, who: str, password: str) -> TestResponse:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/staff/login").text)
    assert token is not None
    form = {"csrf_token": token[1], "email": f"{who}@puddle-lane.example", "password": password}
    return client.post("/staff/login", data=form)


@pytest.mark.parametrize(
    "password", ["short-one", "elevenchars", "password1234", "qwertyuiop123", "aaaaaaaaaaaa"]
)
def test_short_and_common_passwords_are_refused(password: str) -> None:
    with pytest.raises(Refused):
        check_password(password)


def test_a_password_about_the_person_or_the_school_is_refused() -> None:
    with pytest.raises(Refused):
        check_password("PuddleLane2027", ("Puddle Lane", "puddlelane", "puddle"))


def test_unrelated_words_are_welcome() -> None:
    check_password(GOOD)


def test_a_password_is_stored_as_argon2id_and_nothing_else(school: School) -> None:
    accounts.change_password(school.house, school.author, PASSWORD, GOOD)
    stored = fresh().scalar(sa.select(Person.password_hash).where(Person.id == school.author.id))
    assert stored is not None
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert is_password(stored, GOOD)
    assert not is_password(stored, GOOD + "x")
    assert not is_password(None, GOOD)
    assert not is_password("not a hash", GOOD)


def test_only_the_hash_of_a_token_is_stored(school: School) -> None:
    caller = accounts.sign_in(school.house, "author@puddle-lane.example", PASSWORD, True)
    hashes = fresh().scalars(sa.select(SignIn.token_hash)).all()
    assert len(hashes) == 1
    assert caller.token not in hashes


@pytest.mark.parametrize("email", ["author@puddle-lane.example", "nobody@puddle-lane.example"])
def test_a_wrong_password_and_a_wrong_address_get_the_same_words(school: School, email: str) -> None:
    with pytest.raises(Refused, match="do not match"):
        accounts.sign_in(school.house, email, "wrong", False)


def test_the_address_is_taken_however_it_is_typed(school: School) -> None:
    assert (
        accounts.sign_in(school.house, " Author@Puddle-Lane.example ", PASSWORD, False).id == school.author.id
    )


def test_changing_the_password_signs_out_every_other_phone(school: School) -> None:
    here = accounts.sign_in(school.house, "author@puddle-lane.example", PASSWORD, True)
    there = accounts.sign_in(school.house, "author@puddle-lane.example", PASSWORD, True)
    new = accounts.change_password(school.house, here, PASSWORD, GOOD)
    now = school.clock()
    assert [accounts.who(each.token, now) is not None for each in (here, there, new)] == [False, False, True]


def test_changing_the_password_keeps_a_borrowed_browser_signed_in_no_longer_than_it_was(
    school: School,
) -> None:
    here = accounts.sign_in(school.house, "author@puddle-lane.example", PASSWORD, trusted=False)
    new = accounts.change_password(school.house, here, PASSWORD, GOOD)
    school.clock.pass_(hours=11)
    assert accounts.who(new.token, school.clock()) is not None
    school.clock.pass_(hours=2)
    assert accounts.who(new.token, school.clock()) is None


@pytest.mark.both_engines
@pytest.mark.parametrize("leaves", [False, True])
def test_a_password_that_was_right_a_moment_ago_signs_nobody_in(school: School, leaves: bool) -> None:
    """Somebody with the old password is at the door just as its owner is helped back in, or leaves."""
    waits = threading.Event()
    said: list[object] = []

    def at_the_door() -> None:
        with school.app.app_context():
            try:
                said.append(accounts.sign_in(school.house, "author@puddle-lane.example", PASSWORD, True))
            except Refused as refused:
                said.append(refused.title)
            fresh().close()

    thread = threading.Thread(target=at_the_door)

    @sa.event.listens_for(db.engine, "before_cursor_execute")
    def _waits_for_its_turn(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if threading.current_thread() is thread and ("IMMEDIATE" in statement or "xact_lock" in statement):
            waits.set()

    with transaction() as session:
        person = session.get_one(Person, school.author.id)
        if leaves:
            person.active = False
        else:
            person.password_hash = hash_password(GOOD)
        session.flush()
        thread.start()
        assert waits.wait(30)
    thread.join()
    assert said == [accounts.WRONG]


def test_changing_the_password_needs_the_present_one(school: School) -> None:
    here = accounts.sign_in(school.house, "author@puddle-lane.example", PASSWORD, True)
    with pytest.raises(Refused, match="present password"):
        accounts.change_password(school.house, here, "wrong", GOOD)
    assert accounts.who(here.token, school.clock()) is not None


def test_signing_out_ends_this_phone_only(school: School) -> None:
    here = accounts.sign_in(school.house, "author@puddle-lane.example", PASSWORD, True)
    there = accounts.sign_in(school.house, "author@puddle-lane.example", PASSWORD, True)
    accounts.sign_out(school.house, here)
    assert [accounts.who(each.token, school.clock()) is not None for each in (here, there)] == [False, True]


def test_an_address_is_given_once(school: School) -> None:
    with pytest.raises(Conflict):
        accounts.add_person(
            school.house, school.office, "Twin", "AUTHOR@puddle-lane.example", Role.STAFF, GOOD
        )


def test_nobody_closes_their_own_account(school: School) -> None:
    with pytest.raises(Forbidden):
        accounts.set_active(school.house, school.office, school.office.id, False)


def test_somebody_who_left_cannot_sign_in(school: School) -> None:
    accounts.set_active(school.house, school.office, school.author.id, False)
    with pytest.raises(Refused):
        accounts.sign_in(school.house, "author@puddle-lane.example", PASSWORD, False)


def test_a_sign_in_of_somebody_who_left_opens_nothing_even_if_it_was_never_ended(school: School) -> None:
    caller = accounts.sign_in(school.house, "author@puddle-lane.example", PASSWORD, True)
    with transaction() as session:
        session.execute(sa.update(Person).where(Person.id == school.author.id).values(active=False))
    assert accounts.who(caller.token, school.clock()) is None


def test_eight_wrong_tries_lock_an_account_for_a_while_even_with_the_right_password(school: School) -> None:
    client = school.client()
    assert [_sign_in(client, "author", "wrong").status_code for _ in range(9)] == [422] * 8 + [429]
    assert _sign_in(client, "author", PASSWORD).status_code == 429
    assert _sign_in(client, "head", PASSWORD).status_code == 302


def test_thirty_wrong_tries_lock_an_address_for_a_while(school: School) -> None:
    client = school.client()
    tries = [_sign_in(client, f"guess{n}", "wrong").status_code for n in range(31)]
    assert tries == [422] * 30 + [429]


def test_signing_in_rightly_is_not_counted(school: School) -> None:
    for _ in range(10):
        assert _sign_in(school.client(), "author", PASSWORD).status_code == 302


def test_hashing_the_same_password_twice_gives_two_hashes() -> None:
    assert hash_password(GOOD) != hash_password(GOOD)
