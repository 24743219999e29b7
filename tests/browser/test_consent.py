"""Asking parents, walked through: the office prints a letter, a parent answers on a phone without script, and says no later."""

import re

import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Town, accessibility_problems
from tests.factories import EVERYWHERE, approved, consent, work
from tripupdates.consent.links import Form
from tripupdates.consent.records import current
from tripupdates.database import fresh
from tripupdates.vocabulary import Channel


def _place(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=re.compile(name))


def _size(label: Locator) -> tuple[int, int]:
    box = label.bounding_box()
    assert box is not None
    return round(box["width"]), round(box["height"])


def _letter_for_ada(town: Town) -> str:
    """The office makes a letter; the address that stands on it."""
    page = town.signed_in("office")
    page.goto(f"/office/trips/{town.school.slug}/asking")
    page.get_by_role("button", name="Letters, a page each").first.click()
    letter = page.get_by_role("article").filter(has_text="To the family of Ada Puddlewick")
    expect(letter.locator("svg")).to_be_visible()
    assert accessibility_problems(page) == []
    address = letter.locator(".address").inner_text()
    page.context.close()
    return address


def test_a_parent_answers_by_the_letter_and_changes_their_mind(town: Town) -> None:
    school = town.school
    ada = school.pupil("Ada")
    address = _letter_for_ada(town)
    page = town.phone(script=False).new_page()
    page.goto(address)
    assert page.get_by_role("radio").count() == 6
    assert [each for each in page.get_by_role("radio").all() if each.is_checked()] == []
    sizes = {_size(label) for label in page.locator(".pair label").all()}
    assert len(sizes) == 1
    assert min(*sizes.copy().pop()) >= 48
    _place(page, "families").get_by_label("Yes").check()
    _place(page, "website").get_by_label("Yes").check()
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(page.get_by_text("X (Twitter): not answered.")).to_be_visible()
    assert current(fresh(), school.trip_id())[ada] == {Channel.FAMILIES, Channel.WEBSITE}
    consent(school, {"Bram": EVERYWHERE})
    approved(school, ("Ada", "Bram"), channels=(Channel.FAMILIES, Channel.WEBSITE))
    work(school)
    school.clock.pass_(days=1)
    page.get_by_role("link", name="Change my answers").click()
    expect(_place(page, "website")).to_contain_text("At present: yes")
    _place(page, "website").get_by_label("No").check()
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_text("Not everything is confirmed gone yet.")).to_be_visible()
    assert current(fresh(), school.trip_id())[ada] == {Channel.FAMILIES}
    work(school)
    page.reload()
    expect(page.get_by_text("Every place has confirmed that it is gone.")).to_be_visible()
    assert fresh().scalars(sa.select(Form.said).order_by(Form.id)).all() == [
        {"families": True, "website": True},
        {"website": False},
    ]
    assert page.context.cookies() == []
