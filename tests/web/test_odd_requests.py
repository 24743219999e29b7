"""Odd input is refused in words; it never becomes an error of ours, on either engine."""

import json
import re
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import School, approved, draft, picture, waiting, work
from tripupdates import picturing
from tripupdates.approval.records import Update
from tripupdates.database import fresh
from tripupdates.vocabulary import Role
from tripupdates.web.guard import allow
from tripupdates.web.odd import MOST_JSON, read

NUL, HALF_AN_EMOJI, HUGE = "a\0b", "So high \ud83d", 10**20


def _send(client: FlaskClient, method: str, address: str, body: Any) -> TestResponse:
    text = body if isinstance(body, str) else json.dumps(body)
    site = {"Sec-Fetch-Site": "same-origin"}
    return client.open(address, method=method, data=text, content_type="application/json", headers=site)


def _post(client: FlaskClient, page: str, address: str, **fields: str) -> int:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)
    assert token is not None
    return client.post(address, data={"csrf_token": token[1]} | fields).status_code


@pytest.mark.both_engines
def test_words_that_no_database_keeps_are_refused_in_a_sentence(school: School) -> None:
    author, update = school.client("author"), uuid.uuid4()
    for text in (NUL, HALF_AN_EMOJI):
        said = {"trip": school.slug, "text": text, "channels": ["families"]}
        answer = _send(author, "PUT", f"/api/updates/{update}", said)
        assert (answer.status_code, "emoji" in answer.get_json()["title"]) == (422, True)
    assert fresh().get(Update, update) is None


@pytest.mark.both_engines
def test_addresses_and_forms_that_no_database_takes_are_refused(school: School) -> None:
    head, nobody = school.client("head"), school.client()
    deputies = f"/review/trips/{school.slug}/deputies"
    assert nobody.get("/trips/%00/").status_code == 404
    assert _post(nobody, "/staff/login", "/staff/login", email=NUL, password=NUL) == 400
    assert _post(nobody, "/staff/login", "/staff/login/code", pending=NUL, code="1") == 400
    assert head.get(f"/office/receipts/answers/{HUGE}").status_code == 404
    assert _post(head, deputies, f"{deputies}/{HUGE}/end") == 404


@pytest.mark.both_engines
def test_a_reason_for_other_words_is_no_longer_than_one_is_kept(school: School) -> None:
    update = waiting(school)
    page, said = f"/review/{update}", {"digest": school.digest(update), "suggested-text": "Other words."}
    assert _post(school.client("head"), page, f"{page}/suggest", reason="x" * 1001, **said) == 422
    assert school.state(update) == "waiting"


def test_days_at_the_end_of_time_are_refused(school: School) -> None:
    head, office = school.client("head"), school.client("office")
    update = waiting(school)
    deputies, last = f"/review/trips/{school.slug}/deputies", "9999-12-31"
    someone = {"person": str(school.stranger.id), "first": last, "last": last}
    assert _post(head, deputies, deputies, **someone) == 422
    for when in ("0001-01-01T00:00", "0001-01-01T00:00+23:59", f"{last}T23:59-23:00"):
        said = {"digest": school.digest(update), "when": when}
        assert _send(head, "POST", f"/api/updates/{update}/approval", said).status_code == 422
    trip = {"name": "Moor", "venue": "A moor", "starts": last, "ends": last}
    assert _post(office, "/office/trips/new", "/office/trips/new", **trip) == 422


def test_json_of_another_shape_is_refused(school: School) -> None:
    author, office = school.client("author"), school.client("office")
    answer = {"pupil": str(school.pupil("Ada")), "channel": [], "answer": "yes"}
    assert _send(office, "POST", f"/api/trips/{school.slug}/consent", answer).status_code == 422
    check = f"/api/trips/{school.slug}/check"
    assert _send(author, "POST", check, "[" * 200_000).status_code == 422
    assert _send(author, "POST", check, {"text": "x" * MOST_JSON}).status_code == 413


def test_numbers_that_no_computer_counts_to_are_refused_in_a_sentence(school: School) -> None:
    update, photo = draft(school), uuid.uuid4()
    picturing.add_photo(school.house, school.author, update, photo, picture())
    page, long = f"/staff/updates/{update}", "9" * 5000
    said = {"trip": school.slug, "text": "Hello.", f"alt-{photo}": "A raft.", f"who-{photo}": "nobody"}
    cut = {f"cut-left-{photo}": long, "action": f"crop-{photo}"}
    assert _post(school.client("author"), page, page, **said, **cut) == 422
    tap = {f"tap-{photo}.x": long, f"tap-{photo}.y": "9" * 400}
    assert _post(school.client("author"), page, page, **said, **tap) == 302  # nothing was tapped
    asking = f"/office/trips/{school.slug}/asking"
    assert _post(school.client("office"), asking, f"{asking}/send", way="text", seen=long) == 422


def test_a_name_longer_than_any_file_has_is_no_page(school: School) -> None:
    approved(school)
    work(school)
    nobody, office = school.client(), school.client("office")
    assert nobody.get("/site/").status_code == 200
    for path in ("x" * 300, "x" * 5000, "x" * 300 + "/"):
        assert nobody.get(f"/site/{path}").status_code == 404
        assert office.get(f"/trips/{school.slug}/{path}").status_code == 404


def test_a_backslash_is_no_nul() -> None:
    assert read(json.dumps({"text": "a \\u0000 b \\"})) == {"text": "a \\u0000 b \\"}


@pytest.mark.both_engines
def test_an_error_in_the_database_is_a_kind_page_on_either_engine(school: School) -> None:
    def broken() -> str:
        fresh().execute(sa.text("SELECT no_such_column"))
        return ""

    school.app.add_url_rule("/broken", "broken", allow(Role.STAFF)(broken))
    answer = school.client("author").get("/broken")
    assert (answer.status_code, "Something went wrong on our side" in answer.text) == (500, True)


def test_a_plain_draft_still_arrives(school: School) -> None:
    update = draft(school)
    said = {"trip": school.slug, "text": "A \\u0000 and a 🐸.", "channels": ["families"]}
    assert _send(school.client("author"), "PUT", f"/api/updates/{update}", said).status_code == 200
    assert school.update(update).text == "A \\u0000 and a 🐸."
