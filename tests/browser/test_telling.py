"""Being told on a phone: only the browser's own subscribing is stood in for; the rest is the product's."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, BrowserType, expect

from tests.browser.conftest import Town, accessibility_problems
from tests.factories import waiting
from tests.practice.telling import VAPID, Phone, PushService, running_mail, running_push
from tripupdates.channels.email import Mail
from tripupdates.channels.push import Push
from tripupdates.database import fresh
from tripupdates.telling import records
from tripupdates.telling import round as telling

# What Chromium would make with its push service, which no test can reach.
SUBSCRIBE = """(() => {
  const made = %s;
  PushManager.prototype.getSubscription = async () => null;
  PushManager.prototype.subscribe = async (how) => {
    if (!how.userVisibleOnly || how.applicationServerKey.length !== 65) throw new DOMException('odd', 'InvalidAccessError');
    return { toJSON: () => made };
  };
})()"""


@pytest.fixture
def service(town: Town, tmp_path: Path) -> Iterator[PushService]:
    """A push service and a mail server for the town's school."""
    with running_push() as push, running_mail(tmp_path / "mails") as (_, server):
        house = town.school.house
        object.__setattr__(house, "push", Push(VAPID, "mailto:trips@puddle-lane.example", loopback=True))
        object.__setattr__(house, "mail", Mail(server, "Puddle Lane"))
        yield push


@pytest.fixture
def notifying(town: Town, browser_type: BrowserType, whole_chromium: dict[str, Any]) -> Iterator[Town]:
    """The town's phones show notifications."""
    with browser_type.launch(**whole_chromium) as town.browser:
        yield town


def _allow(phone: BrowserContext, town: Town, made: dict[str, object] | None) -> None:
    phone.grant_permissions(["notifications"], origin=town.base)
    if made is not None:
        phone.add_init_script(SUBSCRIBE % json.dumps(made))


def test_push_is_turned_on_with_one_button_and_a_tap_opens_the_review_page(
    notifying: Town, service: PushService
) -> None:
    town = notifying
    keys = Phone("head-phone")
    phone = town.phone()
    _allow(phone, town, {"endpoint": f"{service.base}/{keys.path}", "keys": keys.keys})
    page = town.signed_in("head", page=phone.new_page())
    page.goto("/staff/me/telling")
    assert accessibility_problems(page) == []
    page.get_by_label("What to call this phone").fill("Green phone")
    page.get_by_role("button", name="Turn on for this phone").click()
    expect(page.get_by_text("nothing was sent to it yet")).to_be_visible()
    (kept,) = records.phones_of(fresh(), town.school.head.id)
    assert kept.name == "Green phone"
    update = waiting(town.school)
    town.school.clock.pass_(seconds=4)
    while telling.step(town.school.house):
        pass
    *_, words = service.words(keys)  # before it, that somebody signed in on this phone
    shown = _deliver(town, phone, words)
    assert shown == [["An update is waiting for your decision", f"/review/{update}"]]
    led = _tap(phone)
    assert led == f"/review/{update}"
    page.goto(led)
    expect(page.get_by_role("button", name="Approve").first).to_be_visible()


def _tap(phone: BrowserContext) -> str:
    """Where a tap on what stands on the screen leads. A test is no thumb, so the browser itself would open nothing."""
    asked: str = phone.service_workers[0].evaluate(
        """async () => {
          const asked = new Promise((done) => { self.clients.openWindow = async (path) => done(path); });
          const [notification] = await self.registration.getNotifications();
          self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
          return asked;
        }"""
    )
    return asked


def _deliver(town: Town, phone: BrowserContext, words: dict[str, str]) -> list[list[str]]:
    """Hand the decrypted words to the service worker as Chromium does; what stands on the screen then."""
    page = phone.pages[0]
    page.wait_for_function("() => navigator.serviceWorker.ready.then((place) => Boolean(place.active))")
    cdp = phone.new_cdp_session(page)
    found: list[str] = []
    cdp.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(each["registrationId"] for each in event["registrations"]),
    )
    cdp.send("ServiceWorker.enable")
    until = time.monotonic() + 10
    while not found:
        assert time.monotonic() < until, "no service worker"
        page.wait_for_timeout(50)
    about = {"origin": town.base, "registrationId": found[-1], "data": json.dumps(words)}
    cdp.send("ServiceWorker.deliverPushMessage", about)
    show = """async () => {
      for (let left = 200; left; left -= 1) {
        const there = await (await navigator.serviceWorker.ready).getNotifications();
        if (there.length) return there.map((each) => [each.title, each.data]);
        await new Promise((done) => setTimeout(done, 50));
      }
      return [];
    }"""
    shown: list[list[str]] = page.evaluate(show)
    return shown


def test_a_browser_that_never_answers_is_given_up_with_a_kind_sentence(
    town: Town, service: PushService
) -> None:
    phone = town.phone()
    _allow(phone, town, None)
    phone.add_init_script("PushManager.prototype.subscribe = () => new Promise(() => {})")
    page = town.signed_in("author", page=phone.new_page())
    page.goto("/staff/me/telling")
    page.get_by_role("button", name="Turn on for this phone").click()
    expect(page.get_by_text("Asking this browser…")).to_be_visible()
    page.wait_for_function("() => navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_timeout(300)
    phone.clock.fast_forward(21_000)
    expect(page.get_by_role("status")).to_contain_text("This browser did not answer.")
    expect(page.get_by_role("status")).to_contain_text("E-mail still reaches you.")
    assert records.phones_of(fresh(), town.school.author.id) == []
