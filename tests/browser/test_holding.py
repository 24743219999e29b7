"""Hold everything, with a thumb: one button, seen by everybody, and lifted by hand."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Town, accessibility_problems
from tests.browser.pocket import opened
from tests.factories import approved, work
from tripupdates import office
from tripupdates.database import fresh
from tripupdates.outbox import holds

LINE = "We are dealing with an incident. We call every family ourselves."


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_head_holds_everything_and_lifts_it(town: Town, script: bool) -> None:
    update = approved(town.school)
    head = town.signed_in("head", script)
    head.get_by_role("link", name="Hold everything").click()
    head.get_by_label("A line for families").fill(LINE)
    head.get_by_role("button", name="Hold everything now").click()
    expect(head.get_by_text("Everything is on hold since")).to_be_visible()
    assert holds.present(fresh()) is not None
    work(town.school)
    assert set(town.school.deliveries(update).values()) == {"pending"}
    parent = town.phone(script).new_page()
    parent.goto(f"/trips/{town.school.slug}/")
    parent.get_by_label("The code from the letter home").fill(_code(town))
    parent.get_by_role("button").click()
    expect(parent.get_by_text(LINE)).to_be_visible()
    if script:
        assert accessibility_problems(head) == accessibility_problems(parent) == []
    head.get_by_role("button", name="Lift the hold").click()
    expect(head.get_by_text("The hold is lifted.")).to_be_visible()
    work(town.school)
    parent.reload()
    expect(parent.get_by_text(LINE)).to_have_count(0)
    expect(parent.get_by_role("article")).to_have_count(1)


def test_staff_see_the_hold_on_their_phone(town: Town) -> None:
    head = town.signed_in("head")
    head.goto("/hold/")
    head.get_by_role("button", name="Hold everything now").click()
    expect(head.get_by_text("Everything is on hold since")).to_be_visible()
    page = opened(town.signed_in("author"))
    expect(page.get_by_text("The school has put everything on hold.")).to_be_visible()


def _code(town: Town) -> str:
    return office.trip_by_slug(fresh(), town.school.slug).code
