"""A phone on which an update is being written: what the tests of the composer share."""

import base64
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Town
from tests.browser.signal import Signal

STORE = "const store = await import('/static/js/phone/store.js');"
AS_TEXT = """async (id) => {
  const { buf } = (await (await import('/static/js/phone/store.js')).picture(id));
  let text = '';
  for (const byte of new Uint8Array(buf)) text += String.fromCharCode(byte);
  return btoa(text);
}"""


def ready(page: Page) -> Page:
    """Wait until the page has drawn itself."""
    page.wait_for_function("() => document.body.dataset.phone === 'ready'")
    return page


def composer(town: Town, who: str = "author") -> Page:
    """A signed-in phone with the composer open."""
    page = town.signed_in(who)
    page.goto("/staff/updates/new")
    return ready(page)


def valley(town: Town) -> Signal:
    """No signal for what is sent, so that it waits on the phone; pages and questions still get through."""
    signal = Signal(town.school.app)
    signal.fault("none", 1_000, "PUT")
    return signal


def saved(page: Page) -> None:
    """Wait until the phone says that everything is kept."""
    expect(page.locator("#saved")).to_have_text("Saved on this phone")


def add(page: Page, *files: Path) -> Locator:
    """Pick photos, and wait until the last one has its card. Returns the first card."""
    before = page.locator("section.photo").count()
    page.get_by_label("Pick photos").set_input_files(list(files))
    expect(page.locator("section.photo")).to_have_count(before + len(files), timeout=30_000)
    expect(page.locator("#progress")).to_have_text("")
    saved(page)
    return page.get_by_role("region", name="Photo 1")


def tap(card: Locator, across: float, down: float) -> None:
    """Tap the photo, in parts of its width and height."""
    canvas = card.get_by_role("img")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] * across, "y": box["height"] * down})


def drafts(page: Page) -> list[dict[str, Any]]:
    """What the phone keeps as drafts, the last changed first."""
    found: list[dict[str, Any]] = page.evaluate(
        f"async () => {{ {STORE} return (await store.drafts((await store.known()).me.id)); }}"
    )
    return found


def rows(page: Page) -> list[dict[str, Any]]:
    """What waits in the phone's outbox."""
    found: list[dict[str, Any]] = page.evaluate(f"async () => {{ {STORE} return store.rows(); }}")
    return found


def pictures(page: Page) -> list[str]:
    """The ids of the pictures that the phone keeps."""
    found: list[str] = page.evaluate(
        f"async () => {{ {STORE} return (await store.database()).getAllKeys('pictures'); }}"
    )
    return found


def picture_bytes(page: Page, photo: str) -> bytes:
    """A picture as the phone keeps it."""
    return base64.b64decode(page.evaluate(AS_TEXT, photo))
