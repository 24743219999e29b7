"""The policy on the office's screen: looked at once a year, and asked for again before it is due."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Town, accessibility_problems
from tripupdates.database import fresh
from tripupdates.policy import records


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_office_reviews_the_policy_and_is_asked_again_in_time(town: Town, script: bool) -> None:
    page = town.signed_in("office", script)
    expect(page.get_by_text("Nobody has looked at the page for parents")).to_be_visible()
    page.get_by_role("link", name="Look at it").click()
    expect(page.get_by_role("heading", name="Where we post")).to_be_visible()
    if script:
        assert accessibility_problems(page) == []
        page.set_viewport_size({"width": 195, "height": 844})
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 195
        page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_label("A note, if you like").fill("With the governors.")
    page.get_by_role("button", name="We have reviewed it").click()
    expect(page.get_by_text("Noted: the policy is reviewed.")).to_be_visible()
    expect(page.get_by_text("With the governors.")).to_be_visible()
    review = records.latest(fresh())
    assert review is not None
    assert (review.by, review.note) == (town.school.office.id, "With the governors.")
    town.school.clock.pass_(days=340)
    town.signed_in("office", script, page)
    expect(page.get_by_text("is to be looked at again by 2 May 2028.")).to_be_visible()
