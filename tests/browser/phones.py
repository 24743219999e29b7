"""Phones that can be used, put away, and killed: Chromium profiles on the disk, at the size of a phone."""

import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, BrowserType, Error, Page

from tests.browser.conftest import go_in
from tests.factories import MONDAY, PASSWORD

SIZE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "locale": "en-GB",
}
COMPOSER, OUTBOX = "/staff/updates/new", "/staff/outbox"
WORKER = """async () => {
  const {active} = await navigator.serviceWorker.ready;
  while (active.state !== 'activated') await new Promise((go) => { active.onstatechange = go; });
}"""


def settled(page: Page) -> Page:
    """A page of the app that has drawn itself, with the service worker on guard."""
    page.wait_for_function("() => document.body?.dataset.phone === 'ready'", timeout=20_000)
    page.evaluate(WORKER)
    return page


def sign_in(page: Page, who: str, trusted: bool = True) -> None:
    """Through the form, as anybody does."""
    page.goto("/staff/login")
    fill_sign_in(page, who, trusted)


def fill_sign_in(page: Page, who: str, trusted: bool = True) -> None:
    """The form that is before us."""
    page.get_by_label("e-mail", exact=False).fill(f"{who}@puddle-lane.example")
    page.get_by_label("Password").fill(PASSWORD)
    if trusted:
        page.get_by_label("Stay signed in").check()
    go_in(page)


def store(page: Page, call: str, *given: Any) -> Any:
    """Ask the phone's own store: `call` is a function of store.js, awaited; `store(page, "rows")`."""
    script = "async ([call, given]) => (await import('/static/js/phone/store.js'))[call](...given)"
    return page.evaluate(script, [call, list(given)])


def queue(page: Page) -> list[dict[str, Any]]:
    """What the outbox holds that is not at school yet."""
    return [row for row in store(page, "rows") if row["state"] != "at_school"]


def held(page: Page) -> Mapping[str, int]:
    """How many drafts, pictures and rows are on this phone."""
    script = """async () => {
      const db = await (await import('/static/js/phone/store.js')).database();
      const names = ['drafts', 'pictures', 'outbox'];
      return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await db.count(name)])));
    }"""
    return page.evaluate(script)  # type: ignore[no-any-return] # what JSON brings


@dataclass
class Phone:
    """A phone with its own profile. Switched off until `start`."""

    chromium: BrowserType
    profile: Path
    base: str
    launch: Mapping[str, Any]
    now: datetime = MONDAY
    context: BrowserContext | None = None
    noise: list[str] = field(default_factory=list)  # errors that pages threw

    def start(self, offline: bool = False) -> Page:
        """Switch it on, and open a page that shows nothing yet."""
        self.context = self.chromium.launch_persistent_context(
            str(self.profile), base_url=self.base, **SIZE, **self.launch
        )
        self.context.clock.install(time=self.now)
        self.context.set_offline(offline)
        page = self.context.pages[0]
        page.on("pageerror", lambda error: self.noise.append(str(error)))
        return page

    def stop(self) -> None:
        """Put it away; the browser has time to write down what it wants."""
        if self.context:
            self.context.close()
        self.context = None

    def kill(self) -> None:
        """SIGKILL for every process of this profile: nobody has time for anything."""
        ours = _processes(self.profile)
        assert ours, "nothing to kill"
        for pid in ours:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 10
        while _processes(self.profile):
            assert time.monotonic() < end, "it does not die"
            time.sleep(0.02)
        with suppress(Error):  # the browser is gone, and playwright says so
            self.stop()
        self.context = None
        for lock in self.profile.glob("Singleton*"):
            lock.unlink()


def _processes(profile: Path) -> list[int]:
    """Living processes in the process group of the browser with this profile."""
    groups, states = set(), {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            command = (entry / "cmdline").read_bytes()
            state, _, group = (entry / "stat").read_text().rpartition(") ")[2].split()[:3]
            states[int(entry.name)] = (state, int(group))
            if f"--user-data-dir={profile}".encode() in command.split(b"\0"):
                groups.add(int(group))
    groups.discard(os.getpgid(0))
    return [pid for pid, (state, group) in states.items() if group in groups and state not in "ZX"]


@contextmanager
def phone_in(folder: Path, chromium: BrowserType, base: str, launch: Mapping[str, Any]) -> Iterator[Phone]:
    """A new phone for as long as the block lasts."""
    phone = Phone(chromium, folder, base, launch)
    try:
        yield phone
    finally:
        if _processes(folder):
            phone.kill()
        shutil.rmtree(folder, ignore_errors=True)
