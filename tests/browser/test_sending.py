"""Sending in a real Chromium: whatever the signal does, what is written arrives once. The asserts are on the server's rows."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Town
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
    wait,
    with_worker,
    written,
)
from tests.browser.signal import Signal
from tests.factories import EVERYWHERE, approved, work
from tripupdates import journey

# --- Sent once ---


def test_an_update_with_two_photos_is_sent_once_and_its_pictures_leave_the_phone(
    town: Town, signal: Signal
) -> None:
    page = signed_in(town)
    update = frozen(page, town.school, photos=2)
    says(page, update, "at_school", "With the head")
    assert (town.school.state(update), at_school()) == ("waiting", (1, 1, 2))
    assert (signal.seen["PUT update"], signal.seen["PUT photo"], signal.seen["POST submit"]) == (1, 2, 1)
    assert page.evaluate(
        """async () => { const store = await import('/static/js/phone/store.js');
        const db = await store.database(); return [await db.count('pictures'), await db.count('drafts')]; }"""
    ) == [0, 0]


def test_a_browser_that_asks_a_person_whether_it_may_keep_data_sends_meanwhile(
    town: Town, signal: Signal
) -> None:
    page = signed_in(town)
    page.add_init_script(
        "navigator.storage.persisted = async () => false; navigator.storage.persist = () => new Promise(() => {});"
    )
    signal.fault("none", 99, "PUT")
    update = frozen(page, town.school)
    says(page, update, "retry", "Saved on this phone")
    page.goto("about:blank")
    signal.clear()
    page.goto("/staff/outbox")
    says(page, update, "at_school", "With the head")
    assert at_school() == (1, 1, 0)


@pytest.mark.parametrize(
    ("times", "method", "part"),
    [(3, "PUT", "/updates/"), (1, "PUT", "/photos/"), (1, "POST", "/submit"), (3, "", "/updates/")],
)
def test_answers_that_are_lost_double_nothing(
    town: Town, signal: Signal, times: int, method: str, part: str
) -> None:
    page = signed_in(town)
    signal.fault("lost", times, method, part)
    update = frozen(page, town.school, photos=1)
    for _ in range(6):
        page.wait_for_timeout(500)
        send_again(page)
    says(page, update, "at_school", "With the head")
    assert (signal.left, town.school.state(update), at_school()) == (0, "waiting", (1, 1, 1))


def test_what_the_head_sent_back_before_the_answer_got_through_is_not_sent_again(
    town: Town, signal: Signal
) -> None:
    page = signed_in(town)
    signal.fault("last", 1, "POST", "/submit")
    update = frozen(page, town.school)
    says(page, update, "retry", "Saved on this phone")
    signal.out = False
    journey.send_back(
        town.school.house, town.school.head, update, town.school.digest(update), "Which castle?"
    )
    send_again(page)
    says(page, update, "at_school", "Which castle?")
    assert (town.school.state(update), at_school()) == ("returned", (1, 1, 0))


def test_a_body_that_is_cut_goes_on_at_the_first_missing_photo(town: Town, signal: Signal) -> None:
    page = signed_in(town)
    update = written(page, town.school, photos=3)
    ids = [photo["id"] for photo in ask(page, "store.draft(arg)", str(update))["photos"]]
    signal.fault("cut", 99, "PUT", f"/photos/{ids[1]}")
    ask(page, "store.freeze(arg)", str(update))
    says(page, update, "retry", "Saved on this phone")
    assert at_school() == (1, 0, 1)
    signal.clear()
    line(page, update).get_by_role("button", name="Send now").click()
    says(page, update, "at_school", "With the head")
    assert signal.seen["PUT photo"] == 3
    assert [str(photo.id) for photo in town.school.update(update).photos] == ids


def test_a_photo_whose_bytes_do_not_fit_their_digest_is_not_kept(town: Town, signal: Signal) -> None:
    page = signed_in(town)
    update = written(page, town.school, photos=1)
    photo = ask(page, "store.draft(arg)", str(update))["photos"][0]["id"]
    spoil = """store.picture(arg).then(async (one) => (await store.database()).put('pictures',
        { ...one, sha256: 'A'.repeat(43) + '=' }))"""
    ask(page, spoil, photo)
    ask(page, "store.freeze(arg)", str(update))
    says(page, update, "retry", "Saved on this phone")
    assert at_school() == (1, 0, 0)


@pytest.mark.parametrize("kind", ["portal", "filter", 502, 401, 403, "none"])
def test_a_portal_or_a_broken_server_changes_nothing_and_it_is_tried_again_by_itself(
    town: Town, signal: Signal, kind: str | int
) -> None:
    page = signed_in(town)
    signal.fault(kind, 99, "PUT", "/updates/")
    update = frozen(page, town.school)
    says(page, update, "retry", "tried again by itself")
    assert at_school() == (0, 0, 0)
    signal.clear()
    says(page, update, "at_school", "With the head")
    assert (town.school.state(update), at_school()) == ("waiting", (1, 1, 0))


def test_a_line_that_hangs_is_given_up_after_half_a_minute(town: Town, signal: Signal) -> None:
    page = signed_in(town)
    page.clock.install()
    signal.fault("hang", 99, "PUT", "/photos/")
    update = frozen(page, town.school, photos=1)
    says(page, update, "sending", "Sending 1 of 1")
    page.clock.fast_forward(29_000)
    page.wait_for_timeout(500)
    assert signal.left == 98
    page.clock.fast_forward(
        300_000
    )  # what was sent may lie in the phone's own buffers: they get their time, too
    wait(page, lambda: signal.left == 97)  # given up, and begun again
    signal.clear()
    signal.released.set()
    send_again(page)
    says(page, update, "at_school", "With the head")
    assert at_school() == (1, 1, 1)


def test_two_tabs_send_once(town: Town, signal: Signal) -> None:
    page = signed_in(town)
    other = opened(page.context.new_page())
    updates = [frozen(tab, town.school, f"Update {tab is page}", photos=1) for tab in (page, other)]
    for update in updates:
        says(page, update, "at_school", "With the head")
        says(other, update, "at_school", "With the head")
    assert (at_school(), signal.seen["PUT photo"], signal.seen["POST submit"]) == ((2, 2, 2), 2, 2)


def test_the_worker_sends_where_no_page_is_open(town: Town, signal: Signal) -> None:
    page = with_worker(signed_in(town))
    signal.fault("none", 99, "PUT", "/updates/")
    update = frozen(page, town.school, photos=1)
    says(page, update, "retry", "Saved on this phone")
    wire = page.context.new_cdp_session(page)
    registrations: list[str] = []
    wire.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(each["registrationId"] for each in event["registrations"]),
    )
    wire.send("ServiceWorker.enable")
    page.wait_for_timeout(200)
    elsewhere = page.context.new_page()
    wire = page.context.new_cdp_session(elsewhere)
    page.close()
    signal.clear()
    wire.send("ServiceWorker.enable")
    asked = {"origin": town.base, "registrationId": registrations[0], "tag": "outbox", "lastChance": False}
    wire.send("ServiceWorker.dispatchSyncEvent", asked)
    wait(elsewhere, lambda: at_school() == (1, 1, 1))
    assert town.school.state(update) == "waiting"


# --- Needs a person ---


def test_a_sign_in_that_has_ended_keeps_everything_and_asks(town: Town, signal: Signal) -> None:
    page = signed_in(town)
    page.context.clear_cookies()
    update = frozen(page, town.school, photos=1)
    says(page, update, "sign_in", "Sign in to send it.")
    assert at_school() == (0, 0, 0)
    page.get_by_role("link", name="Sign in", exact=True).click()
    sign_in(page, "author")
    ready(page)
    says(page, update, "at_school", "With the head")
    assert (town.school.state(update), at_school()) == ("waiting", (1, 1, 1))


def _changed_elsewhere(town: Town, signal: Signal, page: Page) -> uuid.UUID:
    signal.fault("none", 99, "POST", "/submit")
    update = frozen(page, town.school, photos=1)
    says(page, update, "retry", "Saved on this phone")
    signal.clear()
    journey.save_draft(
        town.school.house, town.school.author, update, town.school.slug, "From the page.", None, EVERYWHERE
    )
    send_again(page)
    says(page, update, "needs_you", "changed elsewhere")
    expect(line(page, update)).to_contain_text("What you wrote is kept on this phone.")
    return update


def test_what_was_changed_elsewhere_is_not_overwritten_and_can_be_kept_as_another(
    town: Town, signal: Signal
) -> None:
    page = signed_in(town)
    update = _changed_elsewhere(town, signal, page)
    assert (town.school.update(update).text, town.school.state(update)) == ("From the page.", "draft")
    line(page, update).get_by_role("button", name="Keep as a new update").click()
    page.wait_for_url(re.compile(r"/staff/updates/new#"))
    (again,) = ask(page, "store.drafts(arg)", str(town.school.author.id))
    assert (again["text"], again["over"]) == ("We climbed the castle tower.", [])
    opened(page)
    ask(page, "store.freeze(arg)", again["id"])
    says(page, uuid.UUID(again["id"]), "at_school", "With the head")
    assert (at_school(), town.school.update(update).text) == ((2, 1, 2), "From the page.")


def test_deleting_the_phones_version_leaves_the_one_that_was_changed_elsewhere(
    town: Town, signal: Signal
) -> None:
    page = signed_in(town)
    update = _changed_elsewhere(town, signal, page)
    line(page, update).get_by_role("button", name="Delete").click()
    line(page, update).get_by_role("button", name="Yes, delete it").click()
    says(page, update, "at_school", "From the page.")
    assert (town.school.update(update).text, ask(page, "store.rows()")) == ("From the page.", [])


def test_what_is_deleted_after_a_try_is_deleted_at_school_too(town: Town, signal: Signal) -> None:
    page = signed_in(town)
    signal.fault("none", 99, "POST", "/submit")
    update = frozen(page, town.school, photos=1)
    says(page, update, "retry", "Saved on this phone")
    assert at_school() == (1, 0, 1)
    signal.clear()
    line(page, update).get_by_role("button", name="Delete").click()
    expect(line(page, update)).to_contain_text("It cannot be brought back.")
    line(page, update).get_by_role("button", name="Yes, delete it").click()
    expect(line(page, update)).to_have_count(0)
    assert (at_school(), ask(page, "store.rows()")) == ((0, 0, 0), [])


def test_one_that_is_refused_says_why_and_holds_up_no_other(town: Town, signal: Signal) -> None:
    page = signed_in(town)
    signal.out = True
    bad = frozen(page, town.school, "a" * 6000)
    good = frozen(page, town.school, "We swam.")
    says(page, bad, "retry", "Saved on this phone")
    signal.out = False
    send_again(page)
    says(page, bad, "needs_you", "Nothing is lost.")
    says(page, good, "at_school", "With the head")
    assert at_school() == (1, 1, 0)


def test_what_only_the_school_can_ask_is_answered_there_once_everything_has_arrived(
    town: Town, signal: Signal
) -> None:
    page = signed_in(town)
    update = frozen(page, town.school, photos=1, pictured=None)
    says(page, update, "at_school", "Needs you")
    expect(line(page, update)).to_contain_text("Photo 1: say who is in it, or that no pupil is.")
    assert (town.school.state(update), at_school()) == ("draft", (1, 0, 1))
    line(page, update).get_by_role("link", name="Open it").click()
    expect(page).to_have_url(f"{town.base}/staff/updates/{update}")


def test_what_is_taken_out_to_be_changed_replaces_what_was_sent_of_it(town: Town, signal: Signal) -> None:
    page = signed_in(town)
    signal.fault("none", 99, "POST", "/submit")
    update = frozen(page, town.school, "We climbed.")
    says(page, update, "retry", "Saved on this phone")
    signal.clear()
    line(page, update).get_by_role("button", name="Change").click()
    page.wait_for_url(re.compile(f"#{update}"))
    opened(page)
    says(page, update, "draft", "We climbed.")
    draft = ask(page, "store.draft(arg)", str(update))
    ask(page, "store.saveDraft(arg)", draft | {"text": "We climbed two towers."})
    ask(page, "store.freeze(arg)", str(update))
    says(page, update, "at_school", "With the head")
    assert (town.school.update(update).text, at_school()) == ("We climbed two towers.", (1, 1, 0))


def test_the_outbox_tells_what_is_live(town: Town, signal: Signal) -> None:
    update = approved(town.school)
    work(town.school, *EVERYWHERE)
    page = signed_in(town)
    says(page, update, "at_school", "Live")
    expect(line(page, update).get_by_role("link", name="Families’ page")).to_be_visible()
