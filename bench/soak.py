"""Claim: 200 updates from 8 phones over air that breaks 3 connections in 10 arrive once each, and cost few bytes more.

`python -m bench.soak` (some minutes; `python -m bench.soak 40` for fewer updates). Each phone is a context of one real
Chromium, with the outbox open; updates with a photo each are put into its store, and sent by the app as it is: by its
own back-off timer, and by "Send now" pressed every few seconds. The proxy is the one of the trials.
"""

import base64
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright
from werkzeug.serving import make_server

from tests.browser.conftest import ARGUMENTS
from tests.browser.phones import OUTBOX, SIZE, queue, settled, sign_in
from tests.browser.wire import Air, Wire, wire_to
from tests.factories import School, open_school
from tripupdates.approval.records import Update, Version
from tripupdates.database import fresh
from tripupdates.house import House
from tripupdates.photos.room import Room
from tripupdates.practice import camera

PHONES, UPDATES, DROP, SEED = 8, 200, 0.3, 4
SIZE_OF_PHOTO = (1024, 768)  # less than a phone sends: the air is tried here, not the photo room
PRESS = 2.0  # seconds between two taps on "Send now" of one phone
LONGEST = 1500.0
QUEUE = """async ([trip, number, photo, size]) => {
  const store = await import('/static/js/phone/store.js');
  const { me } = await store.known();
  const draft = await store.openDraft(me.id, trip, ['families', 'website']);
  draft.text = `Update ${number}: we climbed the castle tower.`;
  const [width, height] = size;
  const id = crypto.randomUUID();
  draft.photos = [{ id, alt: 'A castle.', pictured: [], faces: [], name: 'A.jpg', bytes: 0, type: 'image/jpeg', width, height }];
  const buf = Uint8Array.from(atob(photo), (letter) => letter.charCodeAt(0)).buffer;
  await store.addPicture(draft, { id, buf, type: 'image/jpeg', width, height });
  return (await store.freeze(draft.id)).body.length + buf.byteLength;
}"""


def photos(count: int) -> list[bytes]:
    """So many different photos. In none is a face: nobody would be there to say whose it is."""
    return [camera.take(scene, SIZE_OF_PHOTO, extras=frozenset()) for scene in range(count)]


def _phone(school: School, browser: Browser, wire: Wire, who: str) -> Page:
    context = browser.new_context(base_url=wire.base, **SIZE)
    context.clock.install(time=school.clock())
    page = context.new_page()
    sign_in(page, who)
    page.goto(OUTBOX)
    return settled(page)


def _press(page: Page) -> int:
    """As somebody does who cannot wait. Answers how much is still on this phone."""
    with suppress(TimeoutError):  # it is being sent, or has just arrived
        page.get_by_role("button", name="Send now").first.click(timeout=100)
    return len(queue(page))


def _soak(school: School, wire: Wire, browser: Browser, updates: int) -> list[tuple[str, object]]:
    phones = [_phone(school, browser, wire, ("author", "colleague")[n % 2]) for n in range(PHONES)]
    wire.turn(Air.DOWN)
    payload = 0
    for number, photo in enumerate(photos(updates)):
        given = [school.slug, number, base64.b64encode(photo).decode(), SIZE_OF_PHOTO]
        payload += phones[number % PHONES].evaluate(QUEUE, given)
    wire.log.clear()
    wire.drop, wire.chance = DROP, random.Random(SEED)  # noqa: S311 - breaks connections, hides nothing
    wire.turn(Air.FINE)
    begun = time.monotonic()
    left = dict.fromkeys(phones, 1)
    while any(left.values()) and time.monotonic() - begun < LONGEST:
        round_begun = time.monotonic()
        for page in [page for page, waits in left.items() if waits]:
            left[page] = _press(page)
        phones[0].wait_for_timeout(max(0.0, PRESS - (time.monotonic() - round_begun)) * 1000)
    seconds = time.monotonic() - begun
    return [
        ("updates", updates),
        *_at_school(updates),
        ("seconds", round(seconds)),
        *_on_the_wire(wire, payload),
    ]


def _at_school(updates: int) -> list[tuple[str, object]]:
    rows = fresh().scalars(sa.select(Update)).all()
    sent = Counter(fresh().scalars(sa.select(Version.update_id)))
    whole = Counter(
        row.text for row in rows if row.state == "waiting" and len(row.photos) == 1 and sent[row.id] == 1
    )
    texts = Counter(row.text for row in rows)
    doubled = sum(count - 1 for count in (*texts.values(), *sent.values()))
    return [
        ("at school exactly once, with its photo", sum(count == 1 for count in whole.values())),
        ("lost", updates - len(whole)),
        ("doubled", doubled),
    ]


def _on_the_wire(wire: Wire, payload: int) -> list[tuple[str, object]]:
    fates = wire.count("")
    return [
        ("connections", fates.total()),
        ("broken by the proxy", f"{fates['dropped']} ({fates['dropped'] / fates.total():.0%})"),
        ("told to come again, the photo room being full", sum(call.status == 503 for call in wire.log)),
        ("payload", f"{payload / 1e6:.1f} MB"),
        ("bytes sent per payload byte", f"{wire.sent() / payload:.2f}"),
    ]


def table(updates: int = UPDATES) -> str:
    """Run it, and say how it went."""
    with (
        tempfile.TemporaryDirectory() as folder,
        open_school(Path(folder)) as school,
        _serving(replace(school.house, room=Room()), school) as port,
        wire_to(port) as wire,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        found = _soak(school, wire, browser, updates)
        browser.close()
    lines = [("soak", f"{PHONES} phones, {DROP:.0%} of connections broken"), ("---", "---"), *found]
    return "\n".join(f"| {name} | {value} |" for name, value in lines)


@contextmanager
def _serving(house: House, school: School) -> Iterator[int]:
    school.app.extensions["house"] = house  # the real photo room, which takes so many at once and no more
    server = make_server("127.0.0.1", 0, school.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    print(table(int(sys.argv[1]) if len(sys.argv) > 1 else UPDATES))  # noqa: T201 - printing is what it is for
