"""What a trip does to an app, each trial in a real browser on a bad wire. The asserts are on the school's rows and its
trail: whatever goes wrong, everything arrives, and each thing was done once.
"""

from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.phones import (
    COMPOSER,
    OUTBOX,
    Phone,
    held,
    queue,
    settled,
    store,
)
from tests.browser.valley import (
    Valley,
    my_drafts,
    once,
    press_until_sent,
    send,
    tried,
    wait_until_sent,
    write,
)
from tests.browser.wire import Air

WORDS = "We climbed the castle tower."
BAD = pytest.mark.parametrize("rate", [None, 50_000], ids=["fast", "slow"])


def _slow(valley: Valley, rate: float | None) -> None:
    if rate:
        valley.wire.slow(rate, 0.4)


def test_the_app_opens_without_signal(valley: Valley) -> None:
    page = valley.phone()
    valley.no_signal(page)
    for address in (OUTBOX, COMPOSER):
        page.goto(address)
        settled(page)
        page.reload()
        settled(page)
    expect(page.get_by_label("What happened?")).to_be_visible()
    assert {pupil["forename"] for pupil in store(page, "known")["trips"][0]["pupils"]} >= {"Ada", "Esme"}


@BAD
def test_two_photos_written_without_signal_survive_a_killed_browser_and_arrive_once(
    valley: Valley, phone: Phone, gallery: list[Path], rate: float | None
) -> None:
    page = phone.start()
    valley.no_signal(page)
    write(page, WORDS, gallery)
    send(page)
    tried(page)
    phone.kill()
    assert valley.at_school() == []
    page = phone.start(offline=True)
    page.goto(OUTBOX)
    settled(page)
    assert (held(page), page.locator("#queue li").count()) == ({"drafts": 0, "pictures": 2, "outbox": 1}, 1)
    _slow(valley, rate)
    valley.signal(page)
    wait_until_sent(page, 60)
    assert (valley.at_school(), valley.steps()) == ([(WORDS, "waiting", 2)], once(2))
    assert sorted(valley.sizes()) == [(2048, 1536)] * 2
    assert held(page)["pictures"] == 0
    assert phone.noise == []


def test_a_half_written_draft_survives_a_killed_browser(
    valley: Valley, phone: Phone, small: list[Path]
) -> None:
    page = phone.start()
    valley.no_signal(page)
    write(page, "We clim", small)
    page.get_by_label("What happened?").press_sequentially("bed")
    expect(page.locator("#saved")).to_have_text("Saved on this phone")
    phone.kill()
    page = phone.start(offline=True)
    page.goto(COMPOSER)
    settled(page)
    expect(page.get_by_label("What happened?")).to_have_value("We climbed")
    card = page.get_by_role("region", name="Photo 1")
    expect(card.get_by_label("What does it show?")).to_have_value("A castle on a hill.")
    expect(card.get_by_label("No pupil is in it")).to_be_checked()
    valley.signal(page)
    send(page)
    wait_until_sent(page)
    assert (valley.at_school(), valley.steps()) == ([("We climbed", "waiting", 1)], once(1))


@pytest.mark.parametrize(
    ("where", "times", "rate"),
    [
        (r"PUT /api/updates/[^/]+$", 3, None),
        (r"PUT .*/photos/", 2, None),  # of each once: what the school has is not sent again
        (r"POST .*/submit", 1, None),
        (r"(PUT|POST) /api/updates/", 3, 50_000),
    ],
    ids=["the words", "the photos", "the last word", "three answers, slow"],
)
def test_an_answer_that_is_lost_makes_nothing_twice(
    valley: Valley, two: list[Path], where: str, times: int, rate: float | None
) -> None:
    page = valley.phone()
    write(page, WORDS, two)
    _slow(valley, rate)
    valley.wire.lose(where, times=times)
    send(page)
    press_until_sent(page, 60)
    assert [call.status for call in valley.wire.log if call.fate == "lost"] == [200] * times
    assert (valley.at_school(), valley.steps()) == ([(WORDS, "waiting", 2)], once(2))
    assert valley.wire.count(r"PUT .*/photos/").total() == 2


def test_a_photo_that_the_school_is_still_at_when_it_comes_again_is_there_once(
    valley: Valley, two: list[Path]
) -> None:
    page = valley.phone()
    write(page, WORDS, two)
    first, second = my_drafts(page)[0]["photos"]
    for photo in (first, second):
        valley.wire.cut(photo["bytes"], rf"PUT .*/photos/{photo['id']}")
    send(page)
    press_until_sent(page, 60)
    assert valley.wire.count(r"PUT .*/photos/")["cut"] == 2
    assert (valley.at_school(), valley.steps()) == ([(WORDS, "waiting", 2)], once(2))


def test_a_connection_on_which_nothing_moves_is_given_up_and_tried_again(
    valley: Valley, small: list[Path]
) -> None:
    page = valley.phone()
    write(page, WORDS, small)
    valley.wire.turn(Air.SILENT)
    send(page)
    page.wait_for_timeout(500)
    valley.wire.turn(Air.FINE)
    page.wait_for_timeout(500)
    assert (valley.at_school(), len(queue(page))) == ([], 1), "it still waits for the silent one"
    for _ in range(4):
        page.clock.run_for(31_000)
        page.wait_for_timeout(300)
    wait_until_sent(page)
    assert (valley.at_school(), valley.steps()) == ([(WORDS, "waiting", 1)], once(1))


@BAD
def test_a_photo_that_is_cut_mid_way_is_sent_again_and_the_other_is_not(
    valley: Valley, two: list[Path], rate: float | None
) -> None:
    page = valley.phone()
    write(page, WORDS, two)
    second = my_drafts(page)[0]["photos"][1]
    _slow(valley, rate)
    valley.wire.cut(second["bytes"] // 2, rf"PUT .*/photos/{second['id']}", times=2)
    send(page)
    press_until_sent(page, 60)
    assert valley.wire.count(r"PUT .*/photos/") == Counter({"fine": 2, "cut": 2})
    assert (valley.at_school(), valley.steps()) == ([(WORDS, "waiting", 2)], once(2))


def test_ten_minutes_behind_a_captive_portal_change_nothing_and_then_it_goes_by_itself(
    valley: Valley, small: list[Path]
) -> None:
    page = valley.phone()
    write(page, WORDS, small)
    valley.wire.turn(Air.PORTAL)
    send(page)
    tried(page)
    before = queue(page)[0]
    for _ in range(20):
        page.clock.run_for(30_000)
        page.wait_for_timeout(100)
    (row,) = queue(page)
    assert {**row, "tries": 0} == {**before, "tries": 0}
    assert 5 <= valley.wire.count(r"(GET|PUT) /api/")["portal"] <= 40, "it tries again, and hammers nobody"
    assert (valley.at_school(), held(page)["pictures"]) == ([], 1)
    expect(page.locator("#queue li")).to_contain_text(WORDS)
    valley.wire.turn(Air.FINE)
    for _ in range(
        40
    ):  # in small steps: an answer on its way must not be given up because the clock has jumped
        page.clock.run_for(10_000)
        page.wait_for_timeout(200)
        if not queue(page):
            break
    wait_until_sent(page)
    assert (valley.at_school(), valley.steps()) == ([(WORDS, "waiting", 1)], once(1))
