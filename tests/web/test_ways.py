"""The pages and calls about ways in, and a stolen cookie at every door that approves."""

import json
import re
from pathlib import Path
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.authenticator import Authenticator, added
from tests.factories import PASSWORD, School, count, open_school, waiting
from tests.web.sending import Form
from tripupdates import accounts
from tripupdates.approval.signed import Signature
from tripupdates.approval.wordings import DEFAULTS
from tripupdates.database import fresh
from tripupdates.people.passkeys import Passkey
from tripupdates.people.records import Person
from tripupdates.people.signing_in import Caller

NEW = "quiver-lantern-badger-fossil"


def _caller(school: School, client: FlaskClient) -> Caller:
    """Whose cookie this is, with their sign-in."""
    with client.session_transaction() as session:
        found = accounts.who(session["_user_id"], school.clock())
    assert found is not None
    return found


def _stolen(school: School, client: FlaskClient) -> FlaskClient:
    """Another browser with the same cookie."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    thief = school.client()
    thief.set_cookie("session", cookie.value)
    return thief


class Phone(Form):
    """A signed-in browser with the script's calls."""

    def call(self, address: str, **body: Any) -> TestResponse:
        headers = {"X-CSRF-Token": self._token, "Sec-Fetch-Site": "same-origin"}
        return self.client.post(address, json=body, headers=headers)


def _try_everything(school: School, phone: Phone, update: Any, **proof: str) -> list[int]:
    """What each door that approves answers to somebody with this cookie and without a passkey."""
    digest = school.digest(update)
    address = f"/review/trips/{school.slug}/messages"
    return [
        phone.post(f"/review/{update}/approve", digest=digest, **proof).status_code,
        phone.call(f"/api/updates/{update}/approve", digest=digest, **proof).status_code,
        phone.post(address, seen="", channels="families", **DEFAULTS, **proof).status_code,
    ]


def test_a_stolen_cookie_approves_nothing_where_approvals_must_be_signed(tmp_path: Path) -> None:
    with open_school(tmp_path, unsigned_approvals="refused") as school:
        client = school.client("head")
        added(school, _caller(school, client), PASSWORD)
        update = waiting(school)
        thief = Phone(_stolen(school, client), "/review/")
        assert "Signed in as Mrs Head Sample." in thief.page("/review/")  # the theft itself went well
        assert _try_everything(school, thief, update) == [422, 422, 422]
        assert _try_everything(school, thief, update, password=PASSWORD) == [422, 422, 422]
        own = Authenticator(user=school.head.id.bytes)
        digest = school.digest(update)
        asked = thief.call(f"/api/updates/{update}/approval", digest=digest)
        forged = own.answer(asked.text)
        answer = thief.call(f"/api/updates/{update}/approve", digest=digest, assertion=forged)
        assert (answer.status_code, school.state(update), count(Signature)) == (422, "waiting", 0)


def test_a_stolen_cookie_cannot_make_itself_at_home(school: School) -> None:
    client = school.client("head")
    added(school, _caller(school, client), PASSWORD)
    thief = Phone(_stolen(school, client), "/review/")
    assert thief.call("/api/passkeys/options").status_code == 422
    made = fresh().scalars(sa.select(Passkey.id)).one()
    assert thief.post(f"/staff/ways/passkeys/{made}/remove").status_code == 422
    office = Phone(_stolen(school, school.client("office")), "/office/")
    helped = office.post(f"/office/people/{school.head.id}/password", password=NEW)
    assert (helped.status_code, count(Passkey)) == (422, 1)


def test_a_cookie_that_lies_about_asks_for_the_password_at_every_door(school: School) -> None:
    phone, update = Phone(school.client("head"), "/review/"), waiting(school)
    school.clock.pass_(minutes=16)
    assert _try_everything(school, phone, update) == [422, 422, 422]
    assert _try_everything(school, phone, update, password="wrong-and-wrong") == [422, 422, 422]
    page = phone.page(f"/review/{update}")
    assert re.search(r'<div class="field" data-password>\s*<label for="again">Your password', page)
    answer = phone.post(f"/review/{update}/approve", digest=school.digest(update), password=PASSWORD)
    assert (answer.status_code, school.state(update)) == (302, "approved")
    assert "Not signed</span>: approved without a passkey." in phone.page(f"/review/{update}")
    assert "data-password" not in phone.page(f"/review/{waiting(school)}")


def test_guesses_of_the_password_are_counted_over_all_doors(school: School) -> None:
    phone, update = Phone(school.client("head"), "/review/"), waiting(school)
    school.clock.pass_(minutes=16)
    tries = [_try_everything(school, phone, update, password="wrong-and-wrong") for _ in range(5)]
    assert tries == [[422, 422, 422]] * 5
    assert _try_everything(school, phone, update, password=PASSWORD) == [429, 429, 429]
    assert school.state(update) == "waiting"


@pytest.mark.parametrize("door", ["page", "api"])
def test_a_passkey_signs_at_both_doors(school: School, door: str) -> None:
    client = school.client("head")
    key = added(school, _caller(school, client), PASSWORD)
    phone, update = Phone(client, "/review/"), waiting(school)
    digest = school.digest(update)
    if door == "page":
        options = phone.post(f"/api/passkeys/approval/{update}", digest=digest).text
        given = json.dumps(key.answer(options))
        answer = phone.post(f"/review/{update}/approve", digest=digest, assertion=given)
        assert answer.status_code == 302
    else:
        options = phone.call(f"/api/updates/{update}/approval", digest=digest).text
        answer = phone.call(f"/api/updates/{update}/approve", digest=digest, assertion=key.answer(options))
        assert answer.status_code == 200
    assert (school.state(update), count(Signature)) == ("approved", 1)
    assert "Signed</span> with the approver’s passkey" in phone.page(f"/review/{update}")


def test_messages_are_signed_on_their_page(school: School) -> None:
    client = school.client("head")
    key = added(school, _caller(school, client), PASSWORD)
    phone, fields = Phone(client, "/review/"), DEFAULTS | {"channels": "families", "seen": ""}
    options = phone.post(f"/api/passkeys/messages/{school.slug}", **fields).text
    given = json.dumps(key.answer(options))
    address = f"/review/trips/{school.slug}/messages"
    assert phone.post(address, **fields, assertion=given).status_code == 302
    assert count(Signature) == 1
    assert "Signed with a passkey." in phone.page(address)


@pytest.mark.parametrize("garbled", ["{", "[]", '"x"', "{}"])
def test_a_garbled_answer_is_refused_and_the_reasons_typed_stay(school: School, garbled: str) -> None:
    phone = Phone(school.client("head"), "/review/")
    update = waiting(school, text="The ambulance museum was closed.")
    key = re.search(r'name="(override-[^"]+)"', phone.page(f"/review/{update}"))
    assert key is not None
    fields = {"digest": school.digest(update), key[1]: "It is a museum.", "assertion": garbled}
    answer = phone.post(f"/review/{update}/approve", **fields)
    assert (answer.status_code, "It is a museum.</textarea>" in answer.text) == (422, True)


def _browser(school: School) -> Phone:
    phone = Phone.__new__(Phone)
    phone.client = school.client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', phone.client.get("/staff/login").text)
    assert token is not None
    phone._token = token[1]
    return phone


def test_the_way_in_with_a_passkey_comes_back_to_where_one_was_going(school: School) -> None:
    key = added(school, accounts.sign_in(school.house, "head@puddle-lane.example", PASSWORD, True), PASSWORD)
    for wanted, landed in (("/review/?x=1", "/review/?x=1"), ("//evil.example", "/review/")):
        phone = _browser(school)
        options = phone.call("/api/passkeys/sign-in/options").text
        answer = phone.call(f"/api/passkeys/sign-in?next={wanted}", assertion=key.answer(options))
        assert answer.get_json() == {"next": landed}
        assert phone.client.get("/review/").status_code == 200


def test_signing_in_with_a_passkey_needs_the_pages_token(school: School) -> None:
    client = school.client()
    for address in ("/api/passkeys/sign-in/options", "/api/passkeys/sign-in", "/staff/login/code"):
        assert client.post(address, json={}).status_code == 400


def test_thirty_wrong_passkeys_lock_an_address_for_a_while(school: School) -> None:
    phone = _browser(school)
    tries = [phone.call("/api/passkeys/sign-in", assertion={}).status_code for _ in range(31)]
    assert tries == [422] * 30 + [429]


def _login(phone: Phone, who: str = "head") -> TestResponse:
    return phone.post("/staff/login?next=/hold/", email=f"{who}@puddle-lane.example", password=PASSWORD)


def test_codes_are_set_up_on_a_page_and_asked_for_after_the_password(school: School) -> None:
    phone = Phone(school.client("head"), "/review/")
    assert phone.post("/staff/ways/codes/start").status_code == 302
    page = phone.page("/staff/ways/codes")
    letters = re.search(r'class="letters">([A-Z2-7 ]+)<', page)
    assert letters is not None
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page or "<svg" in page
    app = pyotp.TOTP(letters[1].replace(" ", ""))
    assert phone.post("/staff/ways/codes", code="000000").status_code == 422
    assert phone.post("/staff/ways/codes", code=app.at(school.clock())).status_code == 302
    assert letters[1] not in phone.page("/staff/ways/codes") + phone.page("/staff/ways")
    school.clock.pass_(minutes=1)
    other = _browser(school)
    asked = _login(other)
    pending = re.search(r'name="pending" value="(\w+)"', asked.text)
    assert (asked.status_code, pending is not None) == (200, True)
    assert other.client.get("/review/").status_code == 302
    assert pending is not None
    wrong = [other.post("/staff/login/code", pending=pending[1], code="000000").status_code for _ in range(2)]
    dead = other.post("/staff/login/code?next=/hold/", pending="0" * 64, code="000000").text
    assert (
        'href="/staff/login?next=/hold/">Begin again</a>' in dead
    )  # a question that is over takes no code any more
    fine = other.post("/staff/login/code?next=/hold/", pending=pending[1], code=app.at(school.clock()))
    assert (wrong, fine.status_code) == ([422, 422], 302)
    assert fine.headers["Location"].startswith("/staff/ways/offer?next=/hold/#")


def test_eight_wrong_codes_lock_an_account_for_a_while_however_often_it_begins_anew(school: School) -> None:
    phone = Phone(school.client("head"), "/review/")
    phone.post("/staff/ways/codes/start")
    letters = re.search(r'class="letters">([A-Z2-7 ]+)<', phone.page("/staff/ways/codes"))
    assert letters is not None
    app = pyotp.TOTP(letters[1].replace(" ", ""))
    phone.post("/staff/ways/codes", code=app.at(school.clock()))
    school.clock.pass_(minutes=1)
    tries = []
    for _ in range(9):
        other = _browser(school)
        pending = re.search(r'name="pending" value="(\w+)"', _login(other).text)
        assert pending is not None
        tries.append(other.post("/staff/login/code", pending=pending[1], code="000000").status_code)
    assert tries == [422] * 8 + [429]


def test_a_passkey_is_renamed_and_removed_on_the_page(school: School) -> None:
    client = school.client("author")
    added(school, _caller(school, client), PASSWORD)
    phone, made = Phone(client), fresh().scalars(sa.select(Passkey.id)).one()
    assert phone.post(f"/staff/ways/passkeys/{made}/name", name="Old phone").status_code == 302
    assert "Old phone</h3>" in phone.page("/staff/ways")
    refused = phone.post(f"/staff/ways/passkeys/{made}/name", name=" ")
    assert (refused.status_code, "Give the passkey a name" in refused.text) == (422, True)
    assert phone.post(f"/staff/ways/passkeys/{made}/remove", password=PASSWORD).status_code == 302
    assert "You have no passkey yet." in phone.page("/staff/ways")


def test_the_office_types_its_own_password_for_an_account_when_it_was_away(school: School) -> None:
    office = Phone(school.client("office"), "/office/")
    school.clock.pass_(hours=1)
    fields = {"name": "New", "email": "new@puddle-lane.example", "role": "staff", "password": NEW}
    assert office.post("/office/people", **fields).status_code == 422
    assert 'name="mine"' in office.page("/office/people")
    assert office.post("/office/people", **fields, mine=PASSWORD).status_code == 302
    assert fresh().scalars(sa.select(Person).where(Person.email == "new@puddle-lane.example")).one()
