"""Handing over with a thumb: the phone's own share sheet where it has one, the zip where there is no script."""

import uuid
import zipfile
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Town, accessibility_problems
from tests.browser.pocket import opened
from tests.factories import PUPILS, School, all_consent, approved, consent, waiting
from tripupdates import takedown
from tripupdates.vocabulary import Channel, Order

APP = Channel.APP
# A headless browser has no share sheet: this one takes what it is given, and may be told to be closed by the person.
SHEET = """
  window.given = [];
  navigator.canShare = (what) => what.files.every((file) => file.type === 'image/jpeg');
  navigator.share = async ({ text, files }) => {
    if (window.closed_by_person) throw new DOMException('', 'AbortError');
    window.given.push([text, ...files.map((file) => `${file.name} ${file.type} ${file.size}`)]);
  };
"""


@pytest.fixture
def of_this_school() -> dict[str, Any]:
    return {"class_app": "SeeSaw"}


def _approved(school: School) -> uuid.UUID:
    all_consent(school)
    consent(school, {name.split()[0]: (APP,) for name in PUPILS})
    return approved(school, ("Ada", "Bram"), channels=(APP,))


def _state(town: Town, update: uuid.UUID) -> str:
    return town.school.delivery(update, APP).state.value


def _fits(page: Page, wide: int = 195) -> None:
    assert accessibility_problems(page) == []
    page.set_viewport_size({"width": wide, "height": 844})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= wide
    page.set_viewport_size({"width": 390, "height": 844})


def test_words_and_pictures_go_to_the_share_sheet_of_the_phone(town: Town) -> None:
    update = _approved(town.school)
    phone = town.phone()
    phone.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.add_init_script(SHEET)
    page = town.signed_in("author", page=phone.new_page())
    page.goto("/staff/")
    page.get_by_role("link", name="Hand it over").click()
    _fits(page)
    assert town.x.count("tweets") == 0
    page.get_by_role("button", name="Hand it over").click()
    share = page.get_by_role("button", name="Share to SeeSaw")
    expect(share).to_be_enabled()
    _fits(page)
    page.get_by_role("button", name="Copy the words").click()
    expect(page.locator("#shared")).to_have_text("The words are copied.")
    assert page.evaluate("() => navigator.clipboard.readText()") == "We climbed the castle tower."
    page.evaluate("() => { window.closed_by_person = true; }")
    share.click()
    expect(page.locator("#shared")).to_have_text("Nothing was shared.")
    page.evaluate("() => { window.closed_by_person = false; }")
    share.click()
    expect(page.locator("#shared")).to_contain_text("Once it is posted there, say so below.")
    size = len(town.school.house.photos.read(town.school.update(update).photos[0].renditions[-1]["name"]))
    assert page.evaluate("() => window.given") == [
        ["We climbed the castle tower.", f"photo-1.jpg image/jpeg {size}"]
    ]
    assert _state(town, update) == "sending"
    page.get_by_role("button", name="It is posted in SeeSaw").click()
    expect(page.get_by_text("Noted: it is posted.")).to_be_visible()
    assert _state(town, update) == "sent"


def test_without_a_script_there_is_the_zip_and_a_person_takes_it_down(town: Town) -> None:
    school = town.school
    update = _approved(school)
    page = town.signed_in("author", script=False)
    page.goto(f"/hand/{update}")
    page.get_by_role("button", name="Hand it over").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as a zip").click()
    with zipfile.ZipFile(download.value.path()) as package:
        assert package.namelist() == ["text.txt", "photo-1.jpg"]
    expect(page.get_by_role("button", name="Share to SeeSaw")).to_be_hidden()
    page.goto(f"/hand/{update}")
    page.get_by_role("button", name="It is posted in SeeSaw").click()
    takedown.take_down(school.house, school.head, update, "It tells where we sleep.")
    office = town.signed_in("office", script=False)
    office.get_by_role("link", name="Take it down").first.click()
    expect(office.get_by_text("This must come down from SeeSaw now.")).to_be_visible()
    office.get_by_role("button", name="I have looked: it is not in SeeSaw").click()
    expect(office.get_by_text("Noted: it is gone. Thank you.")).to_be_visible()
    assert school.deliveries(update, Order.REMOVE) == {"app": "sent"}


def test_the_phone_leads_there_and_offers_the_place_unticked(town: Town) -> None:
    school = town.school
    update = _approved(school)
    page = opened(town.signed_in("author"))
    link = page.get_by_role("link", name="Hand it over to SeeSaw")
    expect(link).to_have_attribute("href", f"/hand/{update}")
    link.click()
    page.get_by_role("button", name="Hand it over").click()
    takedown.take_down(school.house, school.head, update, "Too soon.")
    page.clock.fast_forward("05:00")  # until then the phone believes what it was told
    opened(page)
    page.get_by_role("link", name="Take it down from SeeSaw").click()
    _fits(page)
    page.goto("/staff/updates/new")
    expect(page.locator("body[data-phone=ready]")).to_be_attached()
    ticked = page.evaluate(
        "() => [...document.querySelectorAll('#places input')].map((box) => [box.value, box.checked])"
    )
    assert ticked == [["families", True], ["website", True], ["x", True], ["app", False]]
    expect(page.get_by_text("(once approved, you post it there by hand)")).to_be_visible()


def test_the_head_looks_at_it_as_a_place_like_others(town: Town) -> None:
    school = town.school
    all_consent(school)
    update = waiting(school, channels=(Channel.FAMILIES, APP))
    page = town.signed_in("head")
    page.goto(f"/review/{update}")
    page.locator("label[for=see-app]").click()
    expect(page.locator("#panel-app")).to_be_visible()
    expect(page.locator("#panel-families")).to_be_hidden()
