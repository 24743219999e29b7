"""What the school itself says, with a thumb: news past the head to the website, and something urgent on every page."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Town, accessibility_problems
from tests.factories import EVERYWHERE, work
from tripupdates import office
from tripupdates.database import fresh

SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])


@SCRIPT
def test_the_office_writes_news_and_everybody_reads_it(town: Town, script: bool) -> None:
    desk = town.signed_in("office", script)
    desk.get_by_role("link", name="School", exact=True).click()
    desk.get_by_role("link", name="School news").click()
    desk.get_by_label("Title").fill("Summer concert")
    desk.get_by_label("What is new?").fill("All choirs sang in the hall.")
    _usable(desk, script)
    desk.get_by_role("button", name="Save and go on").click()
    desk.get_by_role("button", name="Send to the head").click()
    expect(desk.get_by_text("Nothing is out before somebody else has approved it.")).to_be_visible()
    head = town.signed_in("head", script)
    head.get_by_role("link", name="Look at it").click()
    expect(head.get_by_text("Summer concert").first).to_be_visible()
    _usable(head, script)
    head.get_by_role("button", name="Approve").click()
    work(town.school, *EVERYWHERE)
    assert [post["text"] for post in town.x.posts()] == ["Summer concert\n\nAll choirs sang in the hall."]
    reader = town.phone(script).new_page()
    reader.goto("/site/")
    reader.get_by_role("link", name="Summer concert").click()
    expect(reader.get_by_text("All choirs sang in the hall.")).to_be_visible()


@SCRIPT
def test_something_urgent_goes_alone_where_nobody_else_is_at_hand(town: Town, script: bool) -> None:
    head = town.signed_in("head", script)
    head.get_by_role("link", name="School", exact=True).click()
    head.get_by_role("link", name="Urgent notice").click()
    head.get_by_label("Title").fill("The coach is late")
    head.get_by_label("What must families know?").fill("We are home at 18:30.")
    head.get_by_label("Castle Residential").check()
    _usable(head, script)
    head.get_by_role("button", name="Check it, and tell a second person").click()
    expect(head.get_by_text("There is nobody else whom we can reach.")).to_be_visible()
    head.get_by_label("Why can nobody else decide?").fill("The deputy drives the coach.")
    _usable(head, script)
    head.get_by_role("button", name="Send it alone, everywhere, now").click()
    expect(head.get_by_text("It is on its way to every place.")).to_be_visible()
    work(town.school, *EVERYWHERE)
    assert [post["text"] for post in town.x.posts()] == ["The coach is late\n\nWe are home at 18:30."]
    parent = town.phone(script).new_page()
    parent.goto(f"/trips/{town.school.slug}/")
    parent.get_by_label("The code from the letter home").fill(
        office.trip_by_slug(fresh(), town.school.slug).code
    )
    parent.get_by_role("button").click()
    expect(parent.get_by_role("region", name="Urgent")).to_contain_text("We are home at 18:30.")
    _usable(parent, script)


def _usable(page: Page, script: bool) -> None:
    if script:
        assert accessibility_problems(page) == []
