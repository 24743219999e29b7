"""The account at X on a phone: checked with a tap, and an answer for what nobody could look up."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Town, accessibility_problems
from tests.factories import approved, settle
from tripupdates.channels.contract import Post
from tripupdates.vocabulary import Channel, DeliveryState

X = Channel.X


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_office_checks_the_account_and_says_where_a_post_is(town: Town, script: bool) -> None:
    school = town.school
    update = approved(school)
    settle(school, update, X, DeliveryState.NEEDS_PERSON, attempted_at=school.clock(), problem="Stuck.")
    sent = school.house.places[X].publish(Post("We climbed the castle tower."))
    page = town.signed_in("office", script)
    page.get_by_role("link", name="Account at X").click()
    page.get_by_role("button", name="Check the account now").click()
    expect(page.get_by_text("these are the keys of @PuddleLaneTest")).to_be_visible()
    town.x.fault("me", "402")
    page.get_by_role("button", name="Check the account now").click()
    expect(page.get_by_role("alert")).to_contain_text("no credits left at X")
    if script:
        assert accessibility_problems(page) == []
        page.set_viewport_size({"width": 195, "height": 844})
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 195
        page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("It goes on.")).to_be_visible()
    page.get_by_role("link", name="Say whether it is there").click()
    page.get_by_label("The address of the post, or its number").fill("on X, I think")
    page.get_by_role("button", name="It is there", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("neither the number of a post nor its address")
    if script:
        assert accessibility_problems(page) == []
    page.get_by_label("The address of the post, or its number").fill(sent.link)
    page.get_by_role("button", name="It is there", exact=True).click()
    expect(page.get_by_text("Noted: it is there.")).to_be_visible()
    row = school.delivery(update, X)
    assert (row.state, row.remote_id) == (DeliveryState.SENT, sent.remote_id)
