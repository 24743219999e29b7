"""The composer in a real browser: every key is kept, what is missing is told, one tap or two send one update."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.browser.composing import add, composer, drafts, pictures, ready, rows, saved, tap, valley
from tests.browser.conftest import Town
from tests.browser.pocket import send_again
from tests.factories import EVERYWHERE, all_consent, consent
from tripupdates.practice import camera


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A small photo with three made-up people."""
    file = tmp_path / "IMG_0001.jpg"
    file.write_bytes(camera.take(1, (1200, 900), people=3))
    return file


def _written(page: Page, photo: Path) -> None:
    """An update with which nothing is wrong: a photo with Ada at a face, and nobody else in it."""
    page.get_by_label("What happened?").fill("We climbed the castle tower.")
    card = add(page, photo)
    tap(card, 0.25, 0.5)
    page.get_by_role("dialog").get_by_role("button", name="Ada Puddlewick").click()
    card.get_by_label("No other pupil is in it").check()
    card.get_by_label("What does it show?").fill("A group at the castle.")
    saved(page)


def test_an_update_is_frozen_once_with_all_that_was_said_of_it_and_the_school_takes_it(
    town: Town, tmp_path: Path
) -> None:
    all_consent(town.school)
    signal = valley(town)
    castle = tmp_path / "IMG_0001.jpg"
    castle.write_bytes(camera.take(1, (1200, 900)))
    page = composer(town)
    _written(page, castle)
    (draft,) = drafts(page)
    (photo,) = pictures(page)
    page.get_by_role("button", name="Send to the head").evaluate("(send) => { send.click(); send.click(); }")
    page.wait_for_url("**/staff/outbox")
    (row,) = rows(page)
    body = json.loads(row["body"])
    (kept,) = body["photos"]
    assert (row["id"], drafts(page)) == (draft["id"], [])
    assert (body["trip"], body["text"], body["x_text"]) == (
        town.school.slug,
        "We climbed the castle tower.",
        None,
    )
    assert (body["by"], body["channels"]) == (str(town.school.author.id), ["families", "website", "x"])
    assert (kept["id"], kept["alt"], kept["pictured"]) == (photo, "A group at the castle.", [])
    assert kept["faces"] == [
        {"box": pytest.approx([0.21, 0.4467, 0.08, 0.1067], abs=0.01), "is": str(town.school.pupil("Ada"))}
    ]
    signal.clear()
    send_again(page)
    expect(page.get_by_text("With the head").first).to_be_visible(timeout=20_000)
    update = town.school.update(UUID(draft["id"]))
    assert (update.state.value, [photo.pictured for photo in update.photos]) == (
        "waiting",
        [frozenset({town.school.pupil("Ada")})],
    )


def test_everything_that_is_missing_is_told_at_once_with_the_way_there(town: Town, photo: Path) -> None:
    page = composer(town)
    card = add(page, photo)
    tap(card, 0.5, 0.5)
    page.get_by_role("button", name="Answer later").click()
    for channel in ("Families’ page", "School website", "X (Twitter)"):
        page.get_by_label(channel).uncheck()
    page.get_by_role("button", name="Send to the head").click()
    told = page.locator("#missing")
    expect(told).to_be_focused()
    expect(told.get_by_role("listitem")).to_have_text(
        [
            "Photo 1: say who face 1 is, or remove the mark.",
            "Photo 1: say who is in it, or that no pupil is.",
            "Photo 1: say in a sentence what it shows.",
            "Write what happened: every update has words.",
            "Choose at least one place for it to appear.",
        ]
    )
    told.get_by_role("link", name="Write what happened").click()
    expect(page.get_by_label("What happened?")).to_be_focused()
    page.keyboard.type("We built rafts.")
    expect(told.get_by_role("listitem")).to_have_count(4)
    assert rows(page) == []
    assert len(drafts(page)) == 1


def test_a_photo_that_can_go_nowhere_is_not_sent_and_a_stranger_is_with_a_hint(
    town: Town, photo: Path
) -> None:
    all_consent(town.school)
    consent(town.school, {"Ada": EVERYWHERE}, yes=False)
    valley(town)
    page = composer(town)
    _written(page, photo)
    page.get_by_role("button", name="Send to the head").click()
    expect(page.locator("#missing")).to_contain_text(
        "Photo 1 cannot be shown in any of the places you chose."
    )
    expect(page.locator("#missing")).not_to_contain_text("Ada")
    page.get_by_role("button", name="Face 1: Ada Puddlewick").click()
    page.get_by_role("dialog").get_by_role("button", name="Somebody else").click()
    expect(page.get_by_text("Somebody else must not be seen.")).to_be_visible()
    expect(page.locator("#missing")).to_be_hidden()
    page.get_by_role("button", name="Send to the head").click()
    page.wait_for_url("**/staff/outbox")
    assert json.loads(rows(page)[0]["body"])["photos"][0]["faces"][0]["is"] == "someone_else"


def test_half_an_update_is_there_again_after_a_reload(town: Town, photo: Path) -> None:
    page = composer(town)
    card = add(page, photo)
    card.get_by_label("What does it show?").fill("A group at the castle.")
    card.get_by_role("button", name="All of Kestrels").click()
    words = page.get_by_label("What happened?")
    words.press_sequentially("We climbed the castle tower and counted the sheep far below. " * 3)
    saved(page)
    assert drafts(page)[0]["text"] == words.input_value()
    before = drafts(page)[0]
    page.goto("/staff/updates/new")
    expect(page.get_by_text("You were writing this.")).to_be_visible()
    expect(words).to_have_value(before["text"])
    expect(card.get_by_role("img")).to_be_visible()
    expect(card.get_by_label("What does it show?")).to_have_value("A group at the castle.")
    expect(card.get_by_label("Dev Larkington")).to_be_checked()
    assert [one["id"] for one in drafts(page)] == [before["id"]]
    page.get_by_role("button", name="Start another").click()
    expect(words).to_have_value("")
    assert len(drafts(page)) == 2
    page.goto(f"/staff/updates/new#{before['id']}")
    expect(words).to_have_value(before["text"])


def test_the_last_key_before_the_page_goes_is_kept(town: Town) -> None:
    page = composer(town)
    page.get_by_label("What happened?").evaluate(
        """(area) => {
          for (let n = 1; n <= 500; n += 1) { area.value = `word ${n}`; area.dispatchEvent(new Event('input')); }
          location.href = '/staff/outbox';
        }"""
    )
    page.wait_for_url("**/staff/outbox")
    ready(page)
    assert drafts(page)[0]["text"] == "word 500"


def test_the_same_draft_in_two_tabs_is_written_in_one(town: Town) -> None:
    valley(town)
    page = composer(town)
    page.get_by_label("What happened?").fill("We built rafts.")
    saved(page)
    other = page.context.new_page()
    other.goto("/staff/updates/new")
    expect(ready(other).get_by_text("This update is open in another tab.")).to_be_visible()
    expect(other.get_by_label("What happened?")).to_have_count(0)
    other.get_by_role("button", name="Use it here").click()
    expect(other.get_by_label("What happened?")).to_have_value("We built rafts.")
    expect(page.get_by_text("You are writing this update in another tab now.")).to_be_visible()
    expect(page.get_by_label("What happened?")).to_be_disabled()
    other.get_by_label("What happened?").fill("We built rafts and sang.")
    saved(other)
    assert [one["text"] for one in drafts(page)] == ["We built rafts and sang."]
    page.get_by_role("button", name="Use it here").click()
    expect(page.get_by_label("What happened?")).to_have_value("We built rafts and sang.")
    expect(page.get_by_label("What happened?")).to_be_enabled()
    expect(other.get_by_label("What happened?")).to_be_disabled()
    page.get_by_role("button", name="Send to the head").click()
    page.wait_for_url("**/staff/outbox")
    other.get_by_role("button", name="Use it here").click()
    expect(other.get_by_text("This update is in the outbox")).to_be_visible()
    assert (len(rows(page)), drafts(page)) == (1, [])


def test_a_draft_is_deleted_after_asking_once_more(town: Town, photo: Path) -> None:
    page = composer(town)
    _written(page, photo)
    page.get_by_role("button", name="Delete this draft").click()
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Enter")
    assert len(drafts(page)) == 1
    page.get_by_role("button", name="Delete this draft").click()
    expect(page.get_by_role("group", name="Delete this draft?")).to_contain_text("and its photo")
    page.get_by_role("button", name="Delete for good").click()
    page.wait_for_url("**/staff/outbox")
    assert (drafts(page), pictures(page), rows(page)) == ([], [], [])


def test_what_waits_in_the_outbox_is_changed_only_when_somebody_asks(town: Town, photo: Path) -> None:
    valley(town)
    page = composer(town)
    page.get_by_label("What happened?").fill("We built rafts.")
    saved(page)
    page.get_by_role("button", name="Send to the head").click()
    page.wait_for_url("**/staff/outbox")
    (row,) = rows(page)
    page.goto(f"/staff/updates/new#{row['id']}")
    expect(page.get_by_label("What happened?")).to_have_value("We built rafts.")
    assert (rows(page), drafts(page)[0]["over"]) == ([], [row["revision"]])
    other = page.context.new_page()
    other.goto("/staff/updates/new")
    other.get_by_role("button", name="Use it here").click()
    other.get_by_role("button", name="Send to the head").click()
    other.wait_for_url("**/staff/outbox")
    page.reload()
    expect(page.get_by_role("button", name="Change it")).to_be_visible()
    assert len(rows(page)) == 1
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_label("What happened?")).to_have_value("We built rafts.")
    assert len(drafts(page)[0]["over"]) == 2


def test_a_pupil_who_left_the_trip_is_asked_about_again(town: Town, photo: Path) -> None:
    all_consent(town.school)
    page = composer(town)
    _written(page, photo)
    page.evaluate(
        """async (gone) => {
          const store = await import('/static/js/phone/store.js');
          const known = await store.known();
          known.trips[0].pupils = known.trips[0].pupils.filter((pupil) => pupil.id !== gone);
          await store.know(known);
        }""",
        str(town.school.pupil("Ada")),
    )
    page.goto("/staff/updates/new")
    expect(page.get_by_role("button", name="Who is face 1?")).to_be_visible()
