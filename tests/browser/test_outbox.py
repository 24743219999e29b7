"""The outbox in a real Chromium: two people on one phone, signing out, no signal at all, a newer version."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Town, accessibility_problems
from tests.browser.pocket import (
    ask,
    at_school,
    frozen,
    line,
    opened,
    ready,
    says,
    send_again,
    sign_in,
    signed_in,
    with_worker,
    written,
)
from tests.browser.signal import Signal
from tests.disks import closed
from tests.factories import School
from tripupdates import office
from tripupdates.web.guard import ANYONE, allow

# --- Two people, one phone ---


def test_what_somebody_else_wrote_waits_for_them_and_shows_nothing(town: Town, signal: Signal) -> None:
    page = signed_in(town)
    page.context.clear_cookies()
    update = frozen(page, town.school, "A secret of the author.", photos=1)
    says(page, update, "sign_in", "Sign in")
    page.get_by_role("link", name="Sign in", exact=True).click()
    sign_in(page, "colleague")
    ready(page)
    expect(
        page.get_by_text("1 update by someone else waits on this phone; they must sign in")
    ).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("A secret of the author.")
    before = signal.seen["PUT update"]
    theirs = frozen(page, town.school, "From the colleague.", who="colleague")
    says(page, theirs, "at_school", "With the head")
    assert (at_school(), town.school.update(theirs).author_id) == ((1, 1, 0), town.school.colleague.id)
    assert (
        signal.seen["PUT update"] == before + 1
    )  # not a word of the author's went out under the colleague's name
    page.context.clear_cookies()
    page.goto("/staff/login?next=/staff/outbox")
    sign_in(page, "author")
    ready(page)
    says(page, update, "at_school", "With the head")
    assert town.school.update(update).author_id == town.school.author.id


# --- Waiting too long ---


def test_what_has_waited_for_a_day_is_told_on_every_page(town: Town, signal: Signal) -> None:
    page = signed_in(town)
    signal.fault("none", 99, "PUT")
    update = frozen(page, town.school)
    says(page, update, "retry", "Saved on this phone")
    page.goto("/staff/")
    expect(page.locator("[data-outbox]")).to_have_text("Outbox (1)")
    expect(page.get_by_text("has been waiting on this phone")).to_have_count(0)
    row = ask(page, "store.row(arg)", str(update))
    ask(page, "store.mark(arg.id, arg.revision, { frozen: arg.frozen - 90000000 })", row)
    expect(page.get_by_text("An update has been waiting on this phone since")).to_be_visible()
    expect(page.get_by_role("link", name="Open the outbox")).to_be_visible()


def test_what_the_school_cannot_keep_waits_on_the_phone_and_says_why(town: Town) -> None:
    page = signed_in(town)
    with closed():
        update = frozen(page, town.school)
        says(page, update, "retry", "The school’s computer cannot write anything down just now")
    assert at_school() == (0, 0, 0)
    send_again(page)
    says(page, update, "at_school", "With the head")


# --- Signing out ---


def test_nobody_signs_out_over_unsent_work_without_knowing(town: Town, signal: Signal) -> None:
    page = signed_in(town)
    signal.fault("none", 99, "PUT")
    update = frozen(page, town.school)
    says(page, update, "retry", "Saved on this phone")
    page.goto("/staff/")
    expect(page.locator("[data-outbox]")).to_have_text("Outbox (1)")
    page.get_by_role("button", name="Sign out").click()
    box = page.get_by_role("dialog")
    expect(box).to_contain_text("1 update not sent yet")
    box.get_by_role("button", name="Send now").click()
    expect(box.get_by_role("status")).to_contain_text("There is no signal just now.")
    box.get_by_role("button", name="Stay signed in").click()
    assert page.url == f"{town.base}/staff/"
    signal.clear()
    page.get_by_role("button", name="Sign out").click()
    box.get_by_role("button", name="Send now").click()
    page.wait_for_url("**/staff/login")
    assert (town.school.state(update), at_school()) == ("waiting", (1, 1, 0))


def test_signing_out_takes_pupils_and_pages_and_leaves_what_was_written(town: Town, signal: Signal) -> None:
    page = with_worker(signed_in(town))
    draft = written(page, town.school, "Half a story.")
    signal.fault("none", 99, "PUT")
    update = frozen(page, town.school)
    says(page, update, "retry", "Saved on this phone")
    page.goto("/staff/")
    page.get_by_role("button", name="Sign out").click()
    box = page.get_by_role("dialog")
    expect(box).to_contain_text("1 update not sent yet and 1 update half written")
    box.get_by_role("button", name="Sign out, keep them locked on this phone").click()
    page.wait_for_url("**/staff/login")
    assert ask(page, "store.known()") is None
    assert page.evaluate("() => caches.keys()") == []
    assert [row["id"] for row in ask(page, "store.rows()")] == [str(update)]
    assert ask(page, "store.draft(arg)", str(draft))["text"] == "Half a story."
    signal.clear()
    sign_in(page, "author")
    opened(page)
    says(page, update, "at_school", "With the head")
    says(page, draft, "draft", "Half a story.")
    page.wait_for_function("async () => Boolean(await caches.match('/staff/outbox', { ignoreSearch: true }))")


def test_with_nothing_unsent_one_just_signs_out_and_no_pupil_stays(town: Town, signal: Signal) -> None:
    page = signed_in(town)
    page.wait_for_function(
        "async () => (await (await import('/static/js/phone/store.js')).known())?.trips[0].pupils.length === 5"
    )
    page.goto("/staff/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/staff/login")
    assert _everything(page) == ""


def _everything(page: Page) -> str:
    """All that is known of the school on this phone, as text."""
    found = page.evaluate(
        """async () => { const store = await import('/static/js/phone/store.js');
        return (await store.database()).get('known', 'phone'); }"""
    )
    return json.dumps(found) if found else ""


def test_pupils_leave_the_phone_when_the_trip_has_ended_even_without_signal(
    town: Town, signal: Signal
) -> None:
    page = with_worker(signed_in(town))
    update = written(page, town.school, "Half a story.")
    signal.out = True
    page.clock.set_fixed_time("2027-05-08T12:00:00Z")
    opened(page)
    assert "Puddlewick" in _everything(page)
    page.clock.set_fixed_time("2027-05-09T12:00:00Z")
    opened(page)
    page.wait_for_function(
        "async () => (await (await import('/static/js/phone/store.js')).known()).trips.length === 0"
    )
    assert "Puddlewick" not in _everything(page)
    says(page, update, "draft", "Half a story.")


def test_pupils_leave_the_phone_with_the_person(town: Town, signal: Signal) -> None:
    page = signed_in(town)
    page.wait_for_function(
        "async () => (await (await import('/static/js/phone/store.js')).known())?.trips.length === 1"
    )
    assert "Puddlewick" in _everything(page)
    _take_off_the_trip(town.school)
    ask(page, "store.note('signed_out', true)")  # as after any try that was told so: ask the school anew
    opened(page)
    page.wait_for_function(
        "async () => (await (await import('/static/js/phone/store.js')).known()).trips.length === 0"
    )
    assert "Puddlewick" not in _everything(page)


def _take_off_the_trip(school: School) -> None:
    office.set_staff(school.house, school.office, school.slug, [school.colleague.id])


# --- Without signal, and with a newer version ---


def test_the_app_opens_without_signal_and_the_other_pages_say_so(town: Town, signal: Signal) -> None:
    page = with_worker(signed_in(town))
    update = written(page, town.school, "Half a story.")
    signal.out = True
    opened(page)
    says(page, update, "draft", "Half a story.")
    page.reload()
    ready(page)
    says(page, update, "draft", "Half a story.")
    page.goto("/staff/")
    ready(page)
    expect(page.get_by_text("The page you asked for needs signal, and there is none.")).to_be_visible()
    queued = frozen(page, town.school, "Written in the valley.")
    says(page, queued, "retry", "Saved on this phone")
    expect(page.get_by_text("You can close this page.")).to_be_visible()
    signal.out = False
    page.evaluate("() => dispatchEvent(new Event('online'))")
    says(page, queued, "at_school", "With the head")
    assert at_school() == (1, 1, 0)


def test_a_newer_worker_drops_no_queue(town: Town, signal: Signal) -> None:
    page = with_worker(signed_in(town))
    before = page.evaluate("() => caches.keys()")
    signal.fault("none", 99, "PUT")
    update = frozen(page, town.school, photos=1)
    draft = written(page, town.school, "Half a story.")
    says(page, update, "retry", "Saved on this phone")
    _newer(town.school)
    page.evaluate("async () => { await (await navigator.serviceWorker.ready).update(); }")
    page.wait_for_function("async (old) => !(await caches.keys()).includes(old)", arg=before[0])
    says(page, update, "retry", "Saved on this phone")  # the page of the older version goes on
    signal.clear()
    signal.out = True
    opened(page)
    says(page, draft, "draft", "Half a story.")
    signal.out = False
    send_again(page)
    says(page, update, "at_school", "With the head")
    assert (town.school.state(update), at_school()) == ("waiting", (1, 1, 1))


def _newer(school: School) -> None:
    """The school serves another version of the shell."""
    views: dict[str, Any] = school.app.view_functions
    serve = views["phone.service_worker"]

    def newer() -> object:
        answer = serve()
        answer.set_data(re.sub(r'VERSION = "\w+"', 'VERSION = "another"', answer.get_data(as_text=True)))
        return answer

    views["phone.service_worker"] = allow(ANYONE)(newer)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wide", [390, 360, 195], ids=["a phone", "a small phone", "200 %"])
def test_the_outbox_can_be_used_by_everybody(town: Town, signal: Signal, scheme: str, wide: int) -> None:
    page = signed_in(town)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": wide, "height": 700})
    written(page, town.school, "Half a story about the castle and its many towers.")
    signal.fault(502, 99, "PUT")
    waits = frozen(page, town.school, "a" * 200, photos=1)
    says(page, waits, "retry", "Saved on this phone")
    line(page, waits).get_by_role("button", name="Delete").click()
    found = accessibility_problems(page)
    small = page.evaluate(
        """() => [...document.querySelectorAll('main button, main a, summary')]
        .filter((one) => one.offsetHeight && (one.offsetHeight < 44 || one.offsetWidth < 44)).map((one) => one.textContent)"""
    )
    assert (found, small, page.evaluate("() => document.documentElement.scrollWidth")) == ([], [], wide)
