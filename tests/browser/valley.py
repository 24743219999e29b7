"""A valley with one bar of signal: a school, the wire to it, phones, and what a person on the trip does with them."""

import base64
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import BrowserContext, Page, TimeoutError, expect

from tests.browser.conftest import Town
from tests.browser.phones import COMPOSER, OUTBOX, queue, settled, sign_in, store
from tests.browser.wire import Air, Wire, wire_to
from tests.factories import School
from tripupdates.approval.records import Update
from tripupdates.audit import Line
from tripupdates.database import fresh
from tripupdates.practice import camera

STEPS = ("began update", "sent from phone", "added photo", "sent to head")


@dataclass
class Valley:
    """A school behind a wire."""

    town: Town
    wire: Wire

    @property
    def school(self) -> School:
        return self.town.school

    def phone(self, who: str = "author", trusted: bool = True) -> Page:
        """Somebody's phone, on which they have signed in and opened the app once where there was signal."""
        return self.open_app(self.town.phone().new_page(), who, trusted)

    def open_app(self, page: Page, who: str = "author", trusted: bool = True) -> Page:
        """Sign in, and open the app where there is signal."""
        sign_in(page, who, trusted)
        page.goto(OUTBOX)
        return settled(page)

    def no_signal(self, phone: Page | BrowserContext) -> None:
        """Nothing goes through any more, and the browser knows it."""
        self.wire.turn(Air.DOWN)
        _context(phone).set_offline(True)

    def signal(self, phone: Page | BrowserContext) -> None:
        """There is signal, and the browser notices."""
        self.wire.turn(Air.FINE)
        _context(phone).set_offline(False)

    def at_school(self) -> list[tuple[str, str, int]]:
        """Every update at school, the oldest first: its words, its state, its photos."""
        rows = fresh().scalars(sa.select(Update).order_by(Update.created_at, Update.text))
        return [(row.text, row.state.value, len(row.photos)) for row in rows]

    def steps(self) -> Counter[str]:
        """How often each step was taken at school: what was done twice shows here, whatever the rows say."""
        events = fresh().scalars(sa.select(Line.event).where(Line.event.in_(STEPS)))
        return Counter(events)

    def sizes(self) -> list[tuple[int, int]]:
        """Pixels of the photos at school, in their order."""
        rows = fresh().scalars(sa.select(Update))
        return [(photo.largest["width"], photo.largest["height"]) for row in rows for photo in row.photos]


def once(photos: int) -> Counter[str]:
    """The steps of one update with so many photos that was sent once."""
    steps = {"began update": 1, "sent from phone": 1, "sent to head": 1}
    return Counter(steps | ({"added photo": photos} if photos else {}))


@contextmanager
def valley_of(town: Town) -> Iterator[Valley]:
    """Put a wire before the town's server. In the end all phones are put away."""
    port = urlsplit(town.base).port
    assert port is not None
    with wire_to(port) as wire:
        try:
            yield Valley(replace(town, base=wire.base), wire)
        finally:
            for context in town.browser.contexts:
                context.close()


def _context(phone: Page | BrowserContext) -> BrowserContext:
    return phone.context if isinstance(phone, Page) else phone


@cache
def taken(scene: int, kind: str = "jpg", width: int = 4032) -> bytes:
    """What the camera made; a big one is made once for all trials."""
    size = (width, width * 3 // 4)
    if kind == "heic":
        return camera.take_heic(scene, size)
    if width <= 4032:
        return camera.take(scene, size)
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    file = BytesIO()
    picture.save(file, "JPEG")
    return file.getvalue()


def files(folder: Path, *pictures: bytes, kind: str = "jpg") -> list[Path]:
    """Photos in the phone's gallery."""
    paths = [folder / f"IMG_{number:04}.{kind}" for number in range(1, len(pictures) + 1)]
    for path, picture in zip(paths, pictures, strict=True):
        path.write_bytes(picture)
    return paths


def write(page: Page, text: str, photos: Sequence[Path] = ()) -> None:
    """Compose an update as far as the button; each photo shows no pupil."""
    page.goto(COMPOSER)
    settled(page)
    if photos:
        page.get_by_label("Pick photos").set_input_files(list(photos))
    page.get_by_label("What happened?").fill(text)
    for number in range(1, len(photos) + 1):
        card = page.get_by_role("region", name=f"Photo {number}")
        expect(card).to_be_visible(timeout=20_000)
        card.get_by_label("What does it show?").fill("A castle on a hill.")
        card.get_by_label("No pupil is in it").check()
    expect(page.locator("#saved")).to_have_text("Saved on this phone")


def send(page: Page) -> None:
    """Tap the button; the outbox opens."""
    page.get_by_role("button", name="Send to the head").click()
    page.wait_for_url(f"**{OUTBOX}")
    settled(page)


def wait_until_sent(page: Page, seconds: float = 30) -> None:
    """With nobody doing anything."""
    end = time.monotonic() + seconds
    while left := queue(page):
        assert time.monotonic() < end, left
        page.wait_for_timeout(50)


def press_until_sent(page: Page, seconds: float = 30) -> None:
    """As an impatient person does: "Send now", again and again."""
    button, end = page.get_by_role("button", name="Send now"), time.monotonic() + seconds
    while left := queue(page):
        assert time.monotonic() < end, left
        with suppress(TimeoutError):  # it is being sent just now, or has arrived
            button.first.click(timeout=200)
        page.wait_for_timeout(50)


def tried(page: Page, state: str = "retry") -> None:
    """Wait until the one thing in the outbox has been tried, and stands so."""
    end = time.monotonic() + 15
    while [row["state"] for row in queue(page)] != [state]:
        assert time.monotonic() < end, queue(page)
        page.wait_for_timeout(50)


def picture_kept(page: Page, photo: str) -> bytes:
    """A picture as this phone keeps it."""
    script = """async (id) => {
      const { buf } = await (await import('/static/js/phone/store.js')).picture(id);
      return btoa(Array.from(new Uint8Array(buf), (byte) => String.fromCharCode(byte)).join(''));
    }"""
    return base64.b64decode(page.evaluate(script, photo))


def my_drafts(page: Page) -> list[dict[str, Any]]:
    """The drafts of whoever this phone knows."""
    return list(store(page, "drafts", store(page, "known")["me"]["id"]))
