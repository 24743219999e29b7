"""A phone's outbox, filled through its own store and read as a person does."""

import base64
import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Town, go_in
from tests.factories import EVERYWHERE, PASSWORD, School, picture
from tripupdates.approval.records import Update, Version
from tripupdates.database import fresh
from tripupdates.photos.records import Photo

STORE = "const store = await import('/static/js/phone/store.js');"
PUT_IN = (
    "async ([owner, trip, text, channels, photos]) => {"
    + STORE
    + """
  let draft = await store.openDraft(owner, trip, channels);
  for (const { id, said, bytes } of photos) {
    const kind = { id, type: 'image/jpeg', width: 640, height: 480 };
    const buf = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0)).buffer;
    draft = { ...draft, text, photos: [...draft.photos, { ...kind, ...said, name: 'a.jpg', bytes: buf.byteLength }] };
    await store.addPicture(draft, { ...kind, buf });
  }
  await store.saveDraft({ ...draft, text });
  return draft.id;
}"""
)


def opened(page: Page) -> Page:
    """The outbox, drawn."""
    page.goto("/staff/outbox")
    ready(page)
    return page


def ready(page: Page) -> None:
    expect(page.locator("body[data-phone=ready]")).to_be_attached()


def written(
    page: Page,
    school: School,
    text: str = "We climbed the castle tower.",
    photos: int = 0,
    who: str = "author",
    **said: Any,
) -> uuid.UUID:
    """A draft on this phone."""
    about = {
        "alt": "A tower.",
        "pictured": [str(pupil) for pupil in school.pupils("Ada", "Bram")],
        "faces": [],
    }
    kept = [
        {
            "id": str(uuid.uuid4()),
            "said": about | said,
            "bytes": base64.b64encode(picture(scene + 1)).decode(),
        }
        for scene in range(photos)
    ]
    owner = str(school.people[who].id)
    return uuid.UUID(page.evaluate(PUT_IN, [owner, school.slug, text, list(EVERYWHERE), kept]))


def frozen(page: Page, school: School, *what: Any, **how: Any) -> uuid.UUID:
    """An update in the outbox of this phone; the pages begin to send it at once."""
    update = written(page, school, *what, **how)
    ask(page, "store.freeze(arg)", str(update))
    return update


def ask(page: Page, expression: str, arg: Any = None) -> Any:
    """Something of the phone's store: an expression of `store` and `arg`."""
    return page.evaluate(f"async (arg) => {{ {STORE} return await {expression}; }}", arg)


def line(page: Page, update: uuid.UUID) -> Locator:
    """What the outbox says of an update."""
    return page.locator(f'#queue li[data-id="{update}"]')


def says(page: Page, update: uuid.UUID, state: str, words: str) -> None:
    """Wait until the outbox says so."""
    expect(line(page, update)).to_have_attribute("data-state", state, timeout=15_000)
    expect(line(page, update)).to_contain_text(words, timeout=15_000)


def send_again(page: Page) -> None:
    """What happens when the phone finds signal; a tap on "Send now" does the same, where the line still has it."""
    page.evaluate("() => dispatchEvent(new Event('online'))")


def sign_in(page: Page, who: str) -> None:
    """Through the form that is open."""
    page.get_by_label("e-mail", exact=False).fill(f"{who}@puddle-lane.example")
    page.get_by_label("Password").fill(PASSWORD)
    go_in(page)


def with_worker(page: Page) -> Page:
    """Wait until the service worker has put the shell on this phone."""
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    return page


def signed_in(town: Town, who: str = "author") -> Page:
    return opened(town.signed_in(who))


def at_school() -> tuple[int, int, int]:
    """How many updates, sealed versions and photos there are."""
    count = [
        fresh().scalar(sa.select(sa.func.count()).select_from(what)) for what in (Update, Version, Photo)
    ]
    return count[0] or 0, count[1] or 0, count[2] or 0


def wait(page: Page, until: Callable[[], bool]) -> None:
    """Let the browser go on until something is so at school."""
    for _ in range(100):
        if until():
            return
        page.wait_for_timeout(100)
    raise AssertionError("That never came to be.")
