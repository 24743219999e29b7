"""Two taps on the outbox page: approved words, queued on the phone, published once."""

import uuid

import sqlalchemy as sa
from playwright.sync_api import Page, expect

from tests.browser.conftest import Town, accessibility_problems
from tests.browser.pocket import ask, line, opened, says, send_again, signed_in
from tests.browser.signal import Signal
from tests.factories import wordings
from tests.families import NUMBERS, family
from tests.practice.running import NOTIFY_KEY
from tripupdates.approval.records import Update
from tripupdates.channels.notify import Notify, NotifyAccount
from tripupdates.database import fresh
from tripupdates.vocabulary import Channel


def _sent() -> list[tuple[str, str]]:
    return [(update.text, update.state.value) for update in fresh().scalars(sa.select(Update))]


def _queued(page: Page) -> uuid.UUID:
    page.wait_for_function(
        "async () => (await (await import('/static/js/phone/store.js')).rows()).length === 1"
    )
    return uuid.UUID(ask(page, "store.rows()")[0]["id"])


def test_two_taps_publish_once_even_when_the_second_is_a_double_tap(town: Town) -> None:
    nobodys = Notify(Channel.TEXT, NotifyAccount("http://127.0.0.1:9", NOTIFY_KEY))  # nothing is sent to it
    town.school.house.places[Channel.TEXT] = nobodys  # type: ignore[index] # a dict underneath
    family(town.school, "Ada", NUMBERS["Ada"])
    wordings(town.school, (Channel.FAMILIES, Channel.X, Channel.TEXT))
    page = signed_in(town)
    page.get_by_role("button", name="Arrived safely").click()
    question = page.get_by_role("group", name="Send this message?")
    expect(question).to_contain_text("Arrived safely")
    expect(question).to_contain_text("Families’ page, X (Twitter), Text message.")
    expect(question).to_contain_text("Text message: 1 text of 1 part: 1 of 5,000 left free this year; £0.00.")
    assert (accessibility_problems(page), _sent()) == ([], [])
    page.get_by_role("button", name="Yes, send it").dblclick()
    expect(page.locator("#queue li")).to_contain_text("On its way", timeout=15_000)
    assert _sent() == [("Arrived safely", "approved")]
    expect(question).to_have_count(0)


def test_a_time_is_asked_for_and_stands_in_the_words(town: Town) -> None:
    wordings(town.school, (Channel.FAMILIES,))
    page = signed_in(town)
    page.get_by_role("button", name="Delayed, now expected at …").click()
    page.get_by_role("button", name="Yes, send it").click()
    expect(page.get_by_text("Say at what time first.")).to_be_visible()
    assert ask(page, "store.rows()") == []
    page.get_by_label("At what time?").fill("18:40")
    expect(page.get_by_role("group").get_by_text("Delayed, now expected at 18:40")).to_be_visible()
    page.get_by_role("button", name="Yes, send it").click()
    expect(page.locator("#queue li")).to_contain_text("On its way", timeout=15_000)
    assert _sent() == [("Delayed, now expected at 18:40", "approved")]


def test_without_signal_a_message_waits_and_is_sent_once_whatever_is_lost(town: Town) -> None:
    signal = Signal(town.school.app)
    wordings(town.school, (Channel.FAMILIES,))
    page = signed_in(town)
    expect(page.get_by_role("button", name="Arrived safely")).to_be_visible()
    signal.fault("lost", 3, "PUT", "/message")
    page.get_by_role("button", name="Arrived safely").click()
    page.get_by_role("button", name="Yes, send it").click()
    for _ in range(4):
        page.wait_for_timeout(400)
        send_again(page)
    expect(page.locator("#queue li")).to_contain_text("On its way", timeout=15_000)
    assert (signal.left, _sent()) == (0, [("Arrived safely", "approved")])


def test_words_that_the_head_has_changed_meanwhile_are_not_sent(town: Town) -> None:
    signal = Signal(town.school.app)
    wordings(town.school, (Channel.FAMILIES,))
    page = signed_in(town)
    expect(page.get_by_role("button", name="Arrived safely")).to_be_visible()
    signal.out = True
    page.get_by_role("button", name="Arrived safely").click()
    page.get_by_role("button", name="Yes, send it").click()
    update = _queued(page)
    says(page, update, "retry", "Saved on this phone")
    signal.out = False
    wordings(town.school, (Channel.FAMILIES,), arrived="We are here")
    send_again(page)
    says(page, update, "needs_you", "The head has changed these messages.")
    assert _sent() == []
    line(page, update).get_by_role("button", name="Delete").click()
    line(page, update).get_by_role("button", name="Yes, delete it").click()
    expect(line(page, update)).to_have_count(0)
    expect(page.get_by_role("button", name="We are here")).to_be_visible()


def test_where_nothing_is_approved_the_page_says_so(town: Town) -> None:
    page = opened(town.signed_in("author"))
    expect(page.get_by_text("The head has not approved any ready messages for this trip.")).to_be_visible()


def _an_hour_passes(page: Page, update: uuid.UUID) -> None:
    ask(page, "store.mark(arg, '', { frozen: Date.now() - 3_700_000 })", str(update))


def test_a_message_that_found_no_signal_for_an_hour_does_not_go_out_by_itself(town: Town) -> None:
    signal = Signal(town.school.app)
    wordings(town.school, (Channel.FAMILIES,))
    page = signed_in(town)
    expect(page.get_by_role("button", name="Arrived safely")).to_be_visible()
    signal.out = True
    page.get_by_role("button", name="Arrived safely").click()
    page.get_by_role("button", name="Yes, send it").click()
    update = _queued(page)
    says(page, update, "retry", "Saved on this phone")
    _an_hour_passes(page, update)
    signal.out = False
    send_again(page)
    says(page, update, "needs_you", "more than an hour ago")
    assert _sent() == []


def test_a_message_that_arrived_an_hour_ago_is_known_to_have_arrived(town: Town) -> None:
    signal = Signal(town.school.app)
    wordings(town.school, (Channel.FAMILIES,))
    page = signed_in(town)
    expect(page.get_by_role("button", name="Arrived safely")).to_be_visible()
    signal.fault("last", 1, "PUT", "/message")
    page.get_by_role("button", name="Arrived safely").click()
    page.get_by_role("button", name="Yes, send it").click()
    update = _queued(page)
    says(page, update, "retry", "Saved on this phone")
    _an_hour_passes(page, update)
    signal.out = False
    send_again(page)
    expect(line(page, update)).to_contain_text("On its way", timeout=15_000)
    assert _sent() == [("Arrived safely", "approved")]
