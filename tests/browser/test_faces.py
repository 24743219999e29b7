"""Faces on a phone: answered, covered, cropped away, marked by a tap; with and without JavaScript."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Town, accessibility_problems
from tests.factories import EVERYWHERE, RememberingRoom, School, all_consent, consent, draft
from tripupdates import picturing
from tripupdates.approval.records import Update
from tripupdates.database import fresh
from tripupdates.photos.records import Photo
from tripupdates.photos.room import Room
from tripupdates.practice import camera

SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])


@pytest.fixture
def group(tmp_path: Path) -> Path:
    """Three made-up people in front of a castle."""
    file = tmp_path / "IMG_0001.jpg"
    file.write_bytes(camera.take(1, (1200, 900), people=3))
    return file


def _add(page: Page, group: Path) -> Locator:
    page.goto("/staff/updates/new?plain=1")
    page.get_by_label("What happened?").fill("We climbed the castle tower.")
    page.get_by_label("Add up to 4 photos").set_input_files(group)
    page.get_by_role("button", name="Save and go on").click()
    card = page.get_by_role("region", name="Photo 1")
    expect(card).to_be_visible(timeout=20_000)
    card.get_by_label("What does it show?").fill("A group at the castle.")
    return card


def _answer(card: Locator, *who: str) -> None:
    for number, answer in enumerate(who, 1):
        card.get_by_label(f"Face {number}", exact=True).select_option(label=answer)


def _open(card: Locator, summary: str) -> None:
    details = card.locator("details", has=card.page.locator("summary", has_text=summary))
    if details.get_attribute("open") is None:
        details.locator("summary").click()


def _kept(town: Town) -> Photo:
    update = fresh().query(Update).order_by(Update.created_at.desc()).first()
    assert update is not None
    return update.photos[0]


@SCRIPT
def test_a_stranger_is_covered_and_the_update_goes_to_the_head(town: Town, group: Path, script: bool) -> None:
    all_consent(town.school)
    page = town.signed_in("author", script)
    card = _add(page, group)
    _answer(card, "Ada Puddlewick", "Bram Thistlebury", "Somebody else")
    card.get_by_label("No other pupil is in it").check()
    page.get_by_role("button", name="Send to the head").click()
    expect(page.get_by_role("alert").first).to_contain_text("somebody else can be seen")
    _open(card, "Crop or cover")
    card.get_by_role("button", name="Cover face 3").click()
    expect(page.get_by_text("Saved, and the face is covered.")).to_be_visible(timeout=20_000)
    expect(card.get_by_label("Face 3", exact=True)).to_have_count(0)
    expect(card.get_by_label("Face 2", exact=True)).to_have_value(str(town.school.pupil("Bram")))
    page.get_by_role("button", name="Send to the head").click()
    expect(page.get_by_text("With the head")).to_be_visible()

    head = town.signed_in("head", script)
    head.get_by_role("link", name="Look at it").click()
    head.get_by_text("Faces, and every parent’s answer").click()
    who = head.get_by_role("group").filter(has_text="Faces, and every parent’s answer")
    expect(who).to_contain_text("1 Ada Puddlewick · 2 Bram Thistlebury")
    expect(who).to_contain_text("One face is covered.")
    assert not script or accessibility_problems(head) == []


@SCRIPT
def test_a_pupil_who_may_not_be_shown_is_cropped_away(town: Town, group: Path, script: bool) -> None:
    all_consent(town.school)
    consent(town.school, {"Cleo": EVERYWHERE}, yes=False)
    page = town.signed_in("author", script)
    card = _add(page, group)
    _answer(card, "Ada Puddlewick", "Bram Thistlebury", "Cleo Merrywhistle (cannot be shown)")
    card.get_by_label("No other pupil is in it").check()
    page.get_by_role("button", name="Send to the head").click()
    expect(page.get_by_role("alert").first).to_contain_text("cannot be shown in any of the places")
    assert "Cleo" not in page.get_by_role("alert").first.inner_text()
    expect(card.get_by_role("button", name="Cover face 3")).to_have_count(0)
    card.get_by_role("button", name="Crop face 3 away").click()
    expect(page.get_by_text("Saved and cropped.")).to_be_visible(timeout=20_000)
    assert _kept(town).pictured == frozenset(town.school.pupils("Ada", "Bram"))
    assert _kept(town).largest["width"] < 1200
    page.get_by_role("button", name="Send to the head").click()
    expect(page.get_by_text("With the head")).to_be_visible()


@SCRIPT
def test_a_face_that_the_computer_missed_is_marked_by_a_tap(town: Town, group: Path, script: bool) -> None:
    page = town.signed_in("author", script)
    card = _add(page, group)
    _open(card, "A face has no number?")
    card.get_by_label("small").check()
    card.locator("input.tap").click(position={"x": 150, "y": 30})
    expect(card.get_by_label("Face 4", exact=True)).to_be_visible(timeout=20_000)
    added = _kept(town).faces[3]
    assert added.box is not None
    assert not added.found
    assert added.box.holds(0.5, 30 / 225)
    assert (round(added.box.width, 3), round(added.box.height, 3)) == (0.04, 0.053)
    card.get_by_label("Face 4", exact=True).select_option(label="Remove this mark")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(card.get_by_label("Face 4", exact=True)).to_have_count(0)
    assert len(_kept(town).faces) == 3


def test_a_photo_is_cropped_with_a_finger(town: Town, group: Path) -> None:
    page = town.signed_in("author")
    card = _add(page, group)
    _open(card, "Crop or cover")
    card.get_by_role("button", name="Crop on the photo with a finger").click()
    frame = card.locator(".cut")
    expect(frame).to_be_visible()
    photo, corner = card.locator(".marked").bounding_box(), card.locator(".cut button").first.bounding_box()
    assert photo is not None
    assert corner is not None
    page.mouse.move(corner["x"] + 24, corner["y"] + 24)
    page.mouse.down()
    page.mouse.move(photo["x"] + photo["width"] * 0.4, photo["y"] + photo["height"] * 0.2, steps=5)
    page.mouse.up()
    expect(card.get_by_label("Left")).to_have_value("40")
    expect(card.get_by_label("Top")).to_have_value("20")
    assert accessibility_problems(page) == []
    card.get_by_role("button", name="Crop photo 1").first.click()
    expect(page.get_by_text("Saved and cropped.")).to_be_visible(timeout=20_000)
    assert (_kept(town).largest["width"], _kept(town).largest["height"]) == (600, 630)


def test_a_photo_is_cropped_with_the_keyboard_alone(town: Town, group: Path) -> None:
    page = town.signed_in("author", script=False)
    card = _add(page, group)
    _open(card, "Crop or cover")
    card.get_by_label("Right").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("25")
    card.get_by_role("button", name="Crop photo 1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved and cropped.")).to_be_visible(timeout=20_000)
    assert _kept(town).largest["width"] == 900


@SCRIPT
def test_without_a_detector_people_are_counted_and_answered_for(
    town: Town, group: Path, script: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_consent(town.school)
    blind = Room(look=False)
    monkeypatch.setattr(RememberingRoom, "prepare", lambda _, *given: blind.prepare(*given))
    page = town.signed_in("author", script)
    card = _add(page, group)
    card.get_by_label("No pupil is in it").check()
    page.get_by_role("button", name="Send to the head").click()
    expect(page.get_by_role("alert").first).to_contain_text("Photo 1: say how many people can be seen in it.")
    card.get_by_label("How many people can be seen in photo 1").fill("2")
    page.get_by_role("button", name="Save", exact=True).click()
    for number, answer in enumerate(("An adult of ours", "Ada Puddlewick"), 1):
        card.get_by_label(f"Person {number}", exact=True).select_option(label=answer)
    assert not script or accessibility_problems(page) == []
    page.get_by_role("button", name="Send to the head").click()
    expect(page.get_by_text("With the head")).to_be_visible()
    assert _kept(town).pictured == frozenset({town.school.pupil("Ada")})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_with_faces_is_accessible_and_fits_the_phone(
    town: Town, school_with_group: object, scheme: str
) -> None:
    page = town.signed_in("author")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"/staff/updates/{school_with_group}")
    for summary in page.get_by_role("region", name="Photo 1").locator("summary").all():
        summary.click()
    assert accessibility_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.fixture
def school_with_group(town: Town, group: Path) -> object:
    school: School = town.school
    update = draft(school)
    picturing.add_photo(school.house, school.author, update, update, group.read_bytes())
    return update
