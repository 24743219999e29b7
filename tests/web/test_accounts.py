"""The office's page of accounts."""

import uuid

import pytest
from flask.testing import FlaskClient

from tests.factories import PASSWORD, School
from tests.web.desk import send, words
from tripupdates import accounts
from tripupdates.database import fresh
from tripupdates.people.records import by_email
from tripupdates.vocabulary import Refused, Role

NEW_PASSWORD = "lantern-otter-pebble-sky"


def test_an_account_is_added(school: School, clerk: FlaskClient) -> None:
    form = {"name": "Ms New Sample", "email": "New@puddle-lane.example", "role": "approver"}
    assert send(clerk, "/office/people", **form, password=NEW_PASSWORD).status_code == 302
    caller = accounts.sign_in(school.house, "new@puddle-lane.example", NEW_PASSWORD, trusted=False)
    assert (caller.name, caller.role) == ("Ms New Sample", Role.APPROVER)
    page = words(clerk.get("/office/people"))
    assert "Ms New Sample Headteacher or deputy · open new@puddle-lane.example" in page


def test_an_account_that_cannot_be_made_keeps_the_words_but_never_the_password(
    school: School, clerk: FlaskClient
) -> None:
    form = {"name": "Ms New Sample", "email": "new@puddle-lane.example", "role": "office"}
    answer = send(clerk, "/office/people", **form, password="password1234")
    assert answer.status_code == 422
    assert "among those that are guessed first" in answer.text
    assert 'value="Ms New Sample"' in answer.text
    assert 'value="office" selected' in answer.text
    assert "password1234" not in answer.text
    assert by_email(fresh(), form["email"]) is None


def test_a_role_that_is_none_makes_no_account(school: School, clerk: FlaskClient) -> None:
    form = {"name": "Ms New Sample", "email": "new@puddle-lane.example", "role": "parent"}
    assert send(clerk, "/office/people", **form, password=NEW_PASSWORD).status_code == 422
    assert by_email(fresh(), form["email"]) is None


def test_an_account_is_closed_and_opened_again(school: School, clerk: FlaskClient) -> None:
    phone, address = school.client("author"), f"/office/people/{school.author.id}/active"
    assert send(clerk, address, active="no").status_code == 302
    assert phone.get("/staff/").status_code == 302
    assert "Ms Author Sample Accompanying staff · closed" in words(clerk.get("/office/people"))
    assert send(clerk, address, active="yes").status_code == 302
    assert (
        accounts.sign_in(school.house, "author@puddle-lane.example", PASSWORD, trusted=False).id
        == school.author.id
    )


def test_nobody_closes_their_own_account(school: School, clerk: FlaskClient) -> None:
    assert send(clerk, f"/office/people/{school.office.id}/active", active="no").status_code == 403
    assert clerk.get("/office/").status_code == 200


def test_a_new_password_holds_and_the_old_one_does_not(school: School, clerk: FlaskClient) -> None:
    address = f"/office/people/{school.author.id}/password"
    assert send(clerk, address, password=NEW_PASSWORD).status_code == 422
    assert send(clerk, address, password=NEW_PASSWORD, mine=PASSWORD).status_code == 302
    assert accounts.sign_in(school.house, "author@puddle-lane.example", NEW_PASSWORD, trusted=False)
    with pytest.raises(Refused):
        accounts.sign_in(school.house, "author@puddle-lane.example", PASSWORD, trusted=False)


def test_a_weak_new_password_is_told_beside_the_person(school: School, clerk: FlaskClient) -> None:
    answer = send(clerk, f"/office/people/{school.author.id}/password", password="short", mine=PASSWORD)
    assert answer.status_code == 422
    section = answer.text.split(f'aria-labelledby="person-{school.author.id}"')[1].split("</section>")[0]
    assert "<details open>" in section
    assert "A password needs at least 12 characters." in section


def test_nobody_who_is_not_there_gets_a_password(clerk: FlaskClient) -> None:
    answer = send(clerk, f"/office/people/{uuid.UUID(int=7)}/password", password=NEW_PASSWORD)
    assert answer.status_code == 404
