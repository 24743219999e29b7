"""The page for the letter home: who may open it, what its square says, and that a new code signs every phone out."""

import html

import pytest
import segno
from flask.testing import FlaskClient

from tests.factories import School, approved, work
from tests.web.sending import Form
from tests.web.test_families import parent  # noqa: F401 - a phone on which the code was typed
from tripupdates import audit, office
from tripupdates.database import fresh


def _code(school: School) -> str:
    return office.trip_by_slug(fresh(), school.slug).code


def _address(school: School) -> str:
    return f"/staff/trips/{school.slug}/letter"


@pytest.mark.parametrize(
    ("who", "status"),
    [("author", 200), ("colleague", 200), ("office", 200), ("stranger", 404), ("head", 404), (None, 302)],
)
def test_the_office_and_who_accompanies_the_trip_give_out_its_code(
    school: School, who: str | None, status: int
) -> None:
    answer = school.client(who).get(_address(school))
    assert (answer.status_code, _code(school) in answer.text) == (status, status == 200)


def test_the_square_leads_to_the_form_with_the_code_behind_a_hash(school: School) -> None:
    page = school.client("author").get(_address(school)).text
    said = f"http://localhost/trips/{school.slug}/code#{_code(school)}"
    assert segno.make(said, error="m").svg_inline(scale=6, dark="#000", light="#fff", border=4) in page
    assert "It works until Friday 21 May 2027." in html.unescape(page)


@pytest.mark.parametrize("who", ["office", "author"])
def test_a_new_code_signs_every_phone_out(school: School, parent: FlaskClient, who: str) -> None:  # noqa: F811
    approved(school)
    work(school)
    old, page = _code(school), f"/trips/{school.slug}/"
    assert parent.get(page).status_code == 200
    form = Form(school.client(who), _address(school))
    assert form.post(f"{_address(school)}/code").headers["Location"] == _address(school)
    assert _code(school) != old
    assert parent.get(page).status_code == 302
    line = audit.about(fresh(), school.trip_id())[-1]
    assert (line.event, line.by) == ("changed trip code", str(school.people[who].id))


@pytest.mark.parametrize("who", ["stranger", "head"])
def test_nobody_else_changes_it(school: School, who: str) -> None:
    old = _code(school)
    form = Form(school.client(who), {"stranger": "/staff/", "head": "/review/"}[who])
    assert form.post(f"{_address(school)}/code").status_code == 404
    assert _code(school) == old
