"""The composer's page: which draft it opens for whom, what it says meanwhile, and that everybody can use it."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.composing import add, composer, drafts, ready, rows, saved, tap, valley
from tests.browser.conftest import Town, accessibility_problems
from tests.browser.signal import Signal
from tests.factories import consent, make_trip
from tripupdates.practice import camera
from tripupdates.vocabulary import Channel

SMALL_TARGETS = """() => ['#app', 'dialog']
  .flatMap((within) => ['button', 'a', 'input', 'textarea', 'summary'].map((each) => `${within} ${each}`))
  .flatMap((each) => [...document.querySelectorAll(each)])
  .map((one) => (/checkbox|radio/.test(one.type) ? one.closest('label') : one))
  .map((one) => [one.textContent || one.id, one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width && height && (width < 44 || height < 44))
  .map(([name, { width, height }]) => `${name}: ${width} x ${height}`)"""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A small photo with three made-up people."""
    file = tmp_path / "IMG_0001.jpg"
    file.write_bytes(camera.take(1, (1200, 900), people=3))
    return file


def test_the_policy_speaks_while_the_words_are_written_and_is_quiet_offline(town: Town) -> None:
    page = composer(town)
    words = page.get_by_label("What happened?")
    words.fill("Well done Ada Puddlewick!")
    expect(page.locator(".problem", has_text="“Ada Puddlewick”")).to_be_visible()
    page.get_by_role("button", name="Send to the head").click()
    expect(page.locator("#missing")).to_contain_text("“Ada Puddlewick” in the text:")
    words.fill("We climbed the tower.")
    expect(page.locator(".problem", has_text="“Ada Puddlewick”")).to_have_count(0)
    page.context.set_offline(True)
    words.fill("We climbed the tower. Well done, Bram Thistlebury!")
    expect(page.get_by_text("The words are checked when there is signal.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".problem", has_text="“Bram Thistlebury”")).to_be_visible()


def test_both_counters_count_and_x_asks_for_its_own_words(town: Town) -> None:
    valley(town)
    page = composer(town)
    page.get_by_label("What happened?").fill("We sang. " * 40)
    expect(page.get_by_text("360 of 5000")).to_be_visible()
    expect(page.get_by_text("X: about 79 too many. Write shorter words for X.").first).to_be_visible()
    page.get_by_label("Text for X").fill("We sang all day.")
    expect(page.get_by_text("X: about 16 of 280")).to_be_visible()
    saved(page)
    page.get_by_role("button", name="Send to the head").click()
    page.wait_for_url("**/staff/outbox")
    assert json.loads(rows(page)[0]["body"])["x_text"] == "We sang all day."


def test_with_several_trips_the_composer_asks_which(town: Town) -> None:
    slug = make_trip(town.school, "Moor Residential", ("author",))
    page = town.signed_in("author")
    page.goto("/staff/updates/new")
    page.get_by_role("button", name="Moor Residential").click()
    ready(page).get_by_label("What happened?").fill("We saw the moor.")
    saved(page)
    assert drafts(page)[0]["trip"] == slug
    page.goto(f"/staff/updates/new?trip={town.school.slug}")
    expect(page.get_by_label("What happened?")).to_have_value("")
    page.goto(f"/staff/updates/new?trip={slug}")
    expect(page.get_by_label("What happened?")).to_have_value("We saw the moor.")


def test_what_one_person_wrote_is_not_opened_for_another_on_the_same_phone(town: Town) -> None:
    page = composer(town)
    page.get_by_label("What happened?").fill("We built rafts.")
    saved(page)
    (draft,) = drafts(page)
    page.evaluate(
        """async (colleague) => {
          const store = await import('/static/js/phone/store.js');
          const known = await store.known();
          await store.know({ ...known, me: { id: colleague, name: 'Mr Colleague Sample' } });
        }""",
        str(town.school.colleague.id),
    )
    expect(page.get_by_text("This update was written by somebody else who uses this phone.")).to_be_visible()
    page.get_by_role("button", name="Write another").click()
    expect(page.get_by_label("What happened?")).to_have_value("")
    assert drafts(page)[0]["id"] != draft["id"]


def test_a_phone_that_knows_nobody_says_so_kindly_until_there_is_signal(town: Town) -> None:
    signal = Signal(town.school.app)
    signal.fault("none", 1_000, "GET", "phone")
    page = town.signed_in("author")
    page.goto("/staff/updates/new")
    expect(
        ready(page).get_by_text("This phone does not know your trips yet, and there is no signal.")
    ).to_be_visible()
    signal.clear()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("What happened?")).to_be_visible()


def test_the_plain_page_stays_as_it_is_for_whoever_wants_or_needs_it(town: Town) -> None:
    page = composer(town)
    page.get_by_role("link", name="Use the plain page").click()
    expect(page.get_by_role("button", name="Save and go on")).to_be_visible()
    expect(page.locator("#app")).to_be_hidden()
    old = town.signed_in("author")
    old.add_init_script("delete Navigator.prototype.locks")
    old.goto("/staff/updates/new")
    expect(old.get_by_role("button", name="Save and go on")).to_be_visible()
    without = town.signed_in("author", script=False)
    without.goto("/staff/updates/new")
    expect(without.get_by_role("button", name="Save and go on")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_composer_can_be_used_by_everybody(town: Town, photo: Path, scheme: str) -> None:
    consent(town.school, {"Ada": (Channel.FAMILIES,)})
    page = town.signed_in("author")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto("/staff/updates/new")

    def look(where: str) -> None:
        found = [*accessibility_problems(page), *page.evaluate(SMALL_TARGETS)]
        troubles.extend(f"{where}: {problem}" for problem in found)
        for wide in (390, 360, 195):  # 195: a phone of 390 at 200 %
            page.set_viewport_size({"width": wide, "height": 844})
            if (reached := page.evaluate("() => document.documentElement.scrollWidth")) > wide:
                troubles.append(f"{where} is {reached} wide at {wide}")
        page.set_viewport_size({"width": 390, "height": 844})

    expect(ready(page).get_by_label("What happened?")).to_be_visible()
    look("empty")
    card = add(page, photo)
    tap(card, 0.25, 0.5)
    look("who")
    page.get_by_role("dialog").get_by_role("button", name="Ada Puddlewick").click()
    tap(card, 0.75, 0.5)
    page.get_by_role("dialog").get_by_role("button", name="Somebody else").click()
    for summary in page.locator("#app summary").all():
        if summary.locator("..").get_attribute("open") is None:
            summary.click()
    page.get_by_label("What happened?").fill("Ada Puddlewick has asthma. She was brave.")
    expect(page.locator(".problem", has_text="“Ada Puddlewick”")).to_be_visible()
    page.get_by_role("button", name="Send to the head").click()
    look("written")
    card.get_by_role("button", name="Crop").click()
    look("cropping")
    page.get_by_role("button", name="Leave it as it was").click()
    page.get_by_role("button", name="Delete this draft").click()
    look("deleting")
    assert troubles == []
