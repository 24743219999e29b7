"""The families' page behind its code, and the public site as Flask serves it."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import School, all_consent, approved, make_trip, work
from tripupdates import office
from tripupdates.database import fresh


def _code(school: School) -> str:
    return office.trip_by_slug(fresh(), school.slug).code


def _type(school: School, client: FlaskClient, code: str, slug: str = "") -> TestResponse:
    address = f"/trips/{slug or school.slug}/code"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).text)
    assert token is not None
    return client.post(address, data={"csrf_token": token[1], "code": code})


@pytest.fixture
def parent(school: School) -> FlaskClient:
    """A phone on which the code was typed."""
    client = school.client()
    assert _type(school, client, _code(school)).status_code == 302
    return client


def test_without_the_code_there_is_only_the_way_to_type_it(school: School) -> None:
    answer = school.client().get(f"/trips/{school.slug}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/trips/{school.slug}/code")


def test_a_trip_that_is_not_there_looks_the_same(school: School) -> None:
    client = school.client()
    assert client.get("/trips/nowhere/").status_code == 302
    assert client.get("/trips/nowhere/code").status_code == 200
    assert _type(school, client, "abcd-efgh", "nowhere").status_code == 422


def test_the_code_opens_the_page_however_it_is_typed(school: School) -> None:
    code = _code(school)
    for typed in (f" {code.upper()} ", code.replace("-", ""), code.replace("-", " – ")):
        client = school.client()
        assert _type(school, client, typed).status_code == 302
    assert "Nothing has been posted yet" in client.get(f"/trips/{school.slug}/").text


def test_a_wrong_code_is_told_and_opens_nothing(school: School) -> None:
    client = school.client()
    answer = _type(school, client, "wrong-code")
    assert (answer.status_code, "letter home" in answer.text) == (422, True)
    assert client.get(f"/trips/{school.slug}/").status_code == 302


def test_guessing_is_slowed_down(school: School) -> None:
    client = school.client()
    assert [_type(school, client, f"guess-{n}").status_code for n in range(11)] == [422] * 10 + [429]


def test_parents_see_the_update_and_its_photo(school: School, parent: FlaskClient) -> None:
    all_consent(school)
    approved(school, ("Ada", "Bram"))
    work(school)
    page = parent.get(f"/trips/{school.slug}/")
    assert "We climbed the castle tower." in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Cache-Control"] == "private, max-age=60"
    photo = re.findall(r"photos/[0-9a-f]{16}-480\.jpg", page.text)[0]
    found = parent.get(f"/trips/{school.slug}/{photo}")
    assert (found.status_code, found.mimetype, found.headers["Cache-Control"]) == (
        200,
        "image/jpeg",
        "private, max-age=300",
    )
    assert school.client().get(f"/trips/{school.slug}/{photo}").status_code == 404


def test_a_new_code_asks_every_phone_again(school: School, parent: FlaskClient) -> None:
    office.change_code(school.house, school.office, school.slug)
    assert parent.get(f"/trips/{school.slug}/").status_code == 302


def test_a_phone_is_remembered_until_two_weeks_after_the_trip(school: School, parent: FlaskClient) -> None:
    address = f"/trips/{school.slug}/"
    school.clock.pass_(days=4 + 13)
    assert parent.get(address).status_code == 200
    school.clock.pass_(days=3)
    assert parent.get(address).status_code == 302


def test_one_trips_code_opens_no_other(school: School, parent: FlaskClient) -> None:
    other = make_trip(school, "Moor Residential", ("author",))
    seal = parent.get_cookie("trip", path=f"/trips/{school.slug}/")
    assert seal is not None
    parent.set_cookie("trip", seal.value, path=f"/trips/{other}/")
    assert parent.get(f"/trips/{other}/").status_code == 302


@pytest.mark.parametrize("way", ["../{}/index.html", "%2e%2e/{}/index.html", "photos/../../{}/index.html"])
def test_no_way_leads_from_one_trip_to_another(school: School, parent: FlaskClient, way: str) -> None:
    other = make_trip(school, "Moor Residential", ("author",))
    approved(school)
    work(school)
    assert school.client("head").get(f"/trips/{other}/index.html").status_code == 200
    for headers in ({}, {"X-Finished-Files": "nginx"}):
        assert parent.get(f"/trips/{school.slug}/{way.format(other)}", headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("who", "status"), [("author", 200), ("head", 200), ("office", 200), ("stranger", 302)]
)
def test_those_who_work_with_the_trip_need_no_code(school: School, who: str, status: int) -> None:
    assert school.client(who).get(f"/trips/{school.slug}/").status_code == status


def test_the_public_site_is_served_whole_and_nothing_beside_it(school: School) -> None:
    approved(school)
    work(school)
    client = school.client()
    assert "Castle Residential" in client.get("/site/").text
    assert client.get(f"/site/trips/{school.slug}").headers["Location"] == f"/site/trips/{school.slug}/"
    assert "castle tower" in client.get(f"/site/trips/{school.slug}/").text
    assert client.get(f"/site/trips/{school.slug}/feed.xml").status_code == 200
    for address in (
        "/site/.tripupdates",
        "/site/../tripupdates.db",
        "/site/%2e%2e/tripupdates.db",
        "/site/nothing",
    ):
        assert client.get(address).status_code == 404
    assert client.get("/").headers["Location"] == "/site/"


def test_the_site_before_anything_is_published_is_a_kind_404(school: School) -> None:
    answer = school.client().get("/site/")
    assert (answer.status_code, "There is no such page." in answer.text) == (404, True)


def test_it_says_that_it_is_alive(school: School) -> None:
    assert school.client().get("/healthz").text == "ok\n"
