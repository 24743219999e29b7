"""A parent's phone in a real browser: the code comes with the letter's square, a photo opens over the page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Town, accessibility_problems
from tests.factories import all_consent, approved, draft, photo, send, wordings, work
from tripupdates import journey, office
from tripupdates.database import fresh


@pytest.fixture
def parent(town: Town) -> Page:
    """A phone at the trip's page, to which the letter's square has led."""
    school = town.school
    all_consent(school)
    update = draft(school, "Raft building on the lake.")
    for scene in (1, 2, 3):
        photo(school, update, ("Ada", "Bram"), scene, alt=f"Raft number {scene}.")
    journey.submit(school.house, school.author, update)
    journey.approve(school.house, school.head, update, school.digest(update))
    send(school, wordings(school), "arrived")
    work(school)
    page = town.phone().new_page()
    page.goto(f"/trips/{school.slug}/code#{office.trip_by_slug(fresh(), school.slug).code}")
    expect(page).to_have_url(re.compile(r"/code$"))  # the code is out of the address
    page.get_by_role("button", name="Open the trip’s page").click()
    expect(page).to_have_url(re.compile(rf"/trips/{school.slug}/$"))
    return page


def test_a_photo_opens_over_the_page_is_swiped_and_closes_in_every_way(parent: Page) -> None:
    expect(parent.get_by_role("list", name="How things stand")).to_contain_text("Arrived safely Mon 10:00")
    viewer, count = parent.get_by_role("dialog", name="Photos"), parent.locator(".viewer p")
    parent.get_by_role("img", name="Raft number 2.").click()
    expect(count).to_have_text("2 of 3")
    assert accessibility_problems(parent) == []
    image = viewer.get_by_role("img", name="Raft number 2.").bounding_box()
    assert image is not None
    assert image["width"] == 390
    parent.keyboard.press("ArrowRight")
    expect(count).to_have_text("3 of 3")
    viewer.locator("ul").evaluate(
        "strip => strip.scrollBy({left: -390, behavior: 'instant'})"
    )  # what a finger does
    expect(count).to_have_text("2 of 3")
    viewer.get_by_role("button", name="The photo before").click()
    expect(count).to_have_text("1 of 3")
    parent.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(parent.locator(".photos a").first).to_be_focused()
    parent.get_by_role("img", name="Raft number 3.").click()
    expect(viewer).to_be_visible()
    parent.go_back()
    expect(viewer).to_be_hidden()
    expect(parent).to_have_url(re.compile(r"/trips/[\w-]+/$"))
    parent.get_by_role("img", name="Raft number 1.").click()
    viewer.get_by_role("button", name="Close").click()
    expect(viewer).to_be_hidden()


def test_without_a_script_a_photo_opens_by_its_link(town: Town) -> None:
    school = town.school
    all_consent(school)
    approved(school, ("Ada", "Bram"))
    work(school)
    page = town.phone(script=False).new_page()
    page.goto(f"/trips/{school.slug}/")
    page.get_by_label("The code from the letter home").fill(office.trip_by_slug(fresh(), school.slug).code)
    page.get_by_role("button").click()
    page.get_by_role("img", name="The group at the tower.").click()
    expect(page).to_have_url(re.compile(r"/photos/[0-9a-f]{16}-640\.jpg$"))
