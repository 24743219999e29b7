"""The head's page on a phone: the whole decision on one screen for each place, with a thumb, a keyboard, or no script."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Town, accessibility_problems
from tests.factories import all_consent, waiting
from tripupdates.approval.records import Version
from tripupdates.database import fresh

HIGH = 844


def _on_screen(part: Locator) -> bool:
    """Whether all of it is seen without scrolling, and nothing lies over its middle."""
    box = part.bounding_box()
    assert box is not None
    over = part.evaluate(
        """(part) => { const box = part.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return part.contains(top) || top.contains(part); }"""
    )
    return bool(box["y"] >= 0 and box["y"] + box["height"] <= HIGH and over)


def _see(page: Page, place: str) -> Locator:
    page.locator(f"label[for=see-{place}]").click()
    panel = page.locator(f"#panel-{place}")
    expect(panel).to_be_visible()
    return panel


@pytest.mark.parametrize("script", [True, False])
def test_the_decision_for_each_place_is_on_one_screen(town: Town, script: bool) -> None:
    all_consent(town.school)
    update = waiting(town.school, ("Ada", "Bram"), text="We climbed the castle tower and saw the valley.")
    page = town.signed_in("head", script)
    page.goto(f"/review/{update}")
    approve = page.get_by_role("button", name="Approve", exact=True)
    for place in ("families", "website", "x"):
        panel = _see(page, place)
        assert page.evaluate("() => scrollY") == 0 if script else True
        assert all(
            _on_screen(each)
            for each in (
                panel.locator(".words"),
                panel.locator("img"),
                panel.locator(".in-it").first,
                approve,
            )
        ), place
    approve.click()
    expect(page.get_by_text("Approved. It is on its way.")).to_be_visible()
    assert town.school.state(update) == "approved"


@pytest.mark.parametrize(("scheme", "wide"), [("light", 390), ("dark", 195)])
def test_the_page_can_be_used_by_everybody(town: Town, scheme: str, wide: int) -> None:
    all_consent(town.school)
    update = waiting(town.school, ("Ada", "Bram"), text="The ambulance museum was shut.")
    page = town.signed_in("head")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of its words
    page.set_viewport_size({"width": wide, "height": HIGH})
    page.goto(f"/review/{update}")
    for summary in page.locator("summary").all():
        summary.click()
    assert accessibility_problems(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= wide


def test_by_keyboard_a_place_is_seen_and_taken_out_and_the_rest_approved(town: Town) -> None:
    update = waiting(town.school)
    page = town.signed_in("head")
    page.goto(f"/review/{update}")
    page.locator("#see-families").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#panel-x")).to_be_visible()
    expect(page.locator("#panel-families")).to_be_hidden()
    page.get_by_text("Take a photo or a place out").focus()
    page.keyboard.press("Enter")
    page.get_by_role("checkbox", name="X (Twitter)").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Take out what is ticked").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Mrs Head Sample took out: X (Twitter).")).to_be_visible()
    page.get_by_role("button", name="Approve", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Approved. It is on its way.")).to_be_visible()
    version = fresh().get_one(Version, town.school.update(update).version_id)
    assert (version.number, sorted(version.manifest["channels"])) == (2, ["families", "website"])
