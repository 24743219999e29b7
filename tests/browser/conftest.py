"""A real Chromium on a real server, at the size of a phone. The asserts are about the server's rows and what is seen."""

import shutil
import socket
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from tests.browser.signal import Signal, Wsgi
from tests.factories import PASSWORD, School, all_consent, open_school
from tests.practice.running import Running, running_x
from tripupdates.vocabulary import Role

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
HOME = {Role.STAFF: "/staff/", Role.APPROVER: "/review/", Role.OFFICE: "/office/"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def _program(name: str) -> dict[str, Any]:
    program = shutil.which(name)
    assert program, f"The tests need: sudo apt-get install {name}"
    return {"executable_path": program, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Chromium without its windows: the same pages from the same engine for less than half of the work."""
    return _program("chromium-headless-shell")


@pytest.fixture(scope="session")
def whole_chromium() -> dict[str, Any]:
    """Chromium as people have it, for what the other one leaves out: notifications, and sending while no page is open."""
    return _program("chromium")


@dataclass
class Town:
    """A school with its server and its practice X, and a way to bring phones to it."""

    school: School
    x: Running
    base: str
    browser: Browser

    def phone(self, script: bool = True) -> BrowserContext:
        """A phone of its own, with or without JavaScript. Its clock is set by the school's: no trip has ended yet."""
        phone = self.browser.new_context(
            base_url=self.base,
            viewport={"width": 390, "height": 844},
            device_scale_factor=2,
            has_touch=True,
            java_script_enabled=script,
            locale="en-GB",
        )
        phone.clock.install(time=self.school.clock())
        return phone

    def signed_in(self, who: str, script: bool = True, page: Page | None = None) -> Page:
        """A phone on which somebody is signed in, at their first page; a new one unless a page of one is given.

        By a sign-in row and its cookie, as the form leaves them; `through_the_form` takes the longer way.
        """
        page = page or self.phone(script).new_page()
        cookie = self.school.client(who).get_cookie("session")
        assert cookie is not None
        page.context.add_cookies([{"name": "session", "value": cookie.value, "url": self.base}])
        page.goto(HOME[self.school.people[who].role])
        return page

    def through_the_form(self, who: str, script: bool = True, page: Page | None = None) -> Page:
        """A phone on which somebody has signed in through the form."""
        page = page or self.phone(script).new_page()
        page.goto("/staff/login")
        page.get_by_label("e-mail", exact=False).fill(f"{who}@puddle-lane.example")
        page.get_by_label("Password").fill(PASSWORD)
        go_in(page)
        return page


def go_in(page: Page) -> None:
    """Send the form that is filled in, and go past the offer of a passkey."""
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/login" not in url)
    if "/ways/offer" in page.url:
        page.get_by_role("link", name="Not now").click()
        page.wait_for_url(lambda url: "/ways/offer" not in url)


def _whole(app: Flask) -> Wsgi:
    """Each answer in one piece: where a phone hangs up, the server of the tests would leave an open file behind."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        parts = app(environ, start_response)
        try:
            return [b"".join(parts)]
        finally:
            getattr(parts, "close", lambda: None)()

    return answer


@pytest.fixture
def of_this_school() -> dict[str, Any]:
    """What a module's school has set besides the usual: a module says so with a fixture of this name."""
    return {}


@pytest.fixture
def town(tmp_path: Path, browser: Browser, of_this_school: dict[str, Any]) -> Iterator[Town]:
    with running_x(tmp_path / "x") as x, socket.create_server(("127.0.0.1", 0)) as listening:
        base = f"http://localhost:{listening.getsockname()[1]}"
        changes: dict[str, Any] = {
            "public_base_url": base,
            "x_api_base": x.base,
            "x_handle": x.keys.handle,
            "x_consumer_key": x.keys.consumer_key,
            "x_consumer_secret": x.keys.consumer_secret,
            "x_access_token": x.keys.access_token,
            "x_access_token_secret": x.keys.access_token_secret,
        }
        home = tmp_path / "school"
        home.mkdir()
        with open_school(home, **(changes | of_this_school)) as school:
            server = make_server("127.0.0.1", 0, _whole(school.app), threaded=True, fd=listening.fileno())
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield Town(school, x, base, browser)
            finally:
                for phone in browser.contexts:
                    phone.close()  # else its pages go on trying to send, and the next tests wait
                server.shutdown()
                thread.join()
                server.server_close()


@pytest.fixture
def signal(town: Town) -> Signal:
    """The signal in the valley where this school's phones are; every pupil may be shown everywhere."""
    all_consent(town.school)
    return Signal(town.school.app)


def accessibility_problems(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, one line for each."""
    page.evaluate(AXE)
    found = page.evaluate("(rules) => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
    return [
        f"{problem['id']}: {node['target']} {node.get('failureSummary', '')}"
        for problem in found["violations"]
        for node in problem["nodes"]
    ]
