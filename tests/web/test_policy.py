"""The office's page of the policy: as parents read it, with its reviews, and what is refused."""

import re

import pytest

from tests.factories import School
from tests.web.sending import Form
from tripupdates import policy_reviews
from tripupdates.database import fresh


@pytest.fixture
def office(school: School) -> Form:
    return Form(school.client("office"), "/office/")


def _form(page: str, **changes: str) -> dict[str, str]:
    """What the page's form would send."""
    found = {name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', page) for name in ("seen", "next_due")}
    return {name: match[1] for name, match in found.items() if match} | {"note": ""} | changes


def test_it_is_shown_as_parents_read_it_and_a_year_from_today_is_proposed(
    school: School, office: Form
) -> None:
    page = office.page("/office/policy")
    assert "Not reviewed yet." in page
    for section in policy_reviews.policy(school.house, fresh()).rules:
        assert f"<h2>{section.heading}</h2>" in page
        assert all(f"<li>{sentence}</li>" in page for sentence in section.sentences)
    assert _form(page)["next_due"] == "2028-05-02"


def test_a_review_is_noted_and_stands_in_the_history(school: School, office: Form) -> None:
    assert policy_reviews.NEVER in office.page("/office/")
    answer = office.post("/office/policy", **_form(office.page("/office/policy"), note="With the governors."))
    assert answer.location == "/office/policy"
    page = office.page("/office/policy")
    assert "Last reviewed on 3 May 2027; the next review is due by 2 May 2028." in page
    assert "Ms Office Sample; the next one due by 2 May 2028<br>With the governors." in page
    assert "page for parents about how the school posts" not in office.page("/office/")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"next_due": "soon"}, "Write this date as year-month-day"),
        ({"next_due": "2020-01-01"}, "Choose a day for the next look that is still to come"),
        ({"seen": "another"}, "have changed since you opened this page"),
    ],
)
def test_what_is_refused_is_told_and_nothing_typed_is_lost(
    office: Form, changes: dict[str, str], why: str
) -> None:
    sent = _form(office.page("/office/policy"), note="With the governors.", **changes)
    answer = office.post("/office/policy", **sent)
    assert (answer.status_code, why in answer.text) == (422, True)
    assert "With the governors.</textarea>" in answer.text
    assert "Not reviewed yet." in answer.text


def test_the_head_finds_it_as_well(school: School) -> None:
    head = Form(school.client("head"), "/review/")
    assert 'href="/office/policy"' in head.page("/review/")
    assert head.post("/office/policy", **_form(head.page("/office/policy"))).status_code == 302
