"""What people and their phones do to an app on a trip; the asserts are on the school's rows and its trail."""

import shutil
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from tests.browser.phones import (
    OUTBOX,
    fill_sign_in,
    held,
    queue,
    settled,
    sign_in,
    store,
)
from tests.browser.valley import (
    Valley,
    files,
    my_drafts,
    once,
    press_until_sent,
    send,
    taken,
    tried,
    wait_until_sent,
    write,
)
from tripupdates.photos.boxes import Box
from tripupdates.photos.room import BUSY, Prepared, Room
from tripupdates.vocabulary import Busy

WORDS = "We climbed the castle tower."


def test_a_sign_in_that_ended_ten_hours_later_costs_nothing(valley: Valley, small: list[Path]) -> None:
    page = valley.phone(trusted=False)
    valley.school.clock.pass_(hours=3)
    valley.no_signal(page)
    write(page, WORDS, small)
    send(page)
    tried(page)
    write(page, "A second one, half written", [])
    valley.school.clock.pass_(hours=10)
    page.goto(OUTBOX)
    valley.signal(page)
    tried(page, "sign_in")
    assert (valley.at_school(), held(page)) == ([], {"drafts": 1, "pictures": 1, "outbox": 1})
    page.get_by_role("link", name="Sign in").first.click()
    fill_sign_in(page, "author")
    page.goto(OUTBOX)
    settled(page)
    wait_until_sent(page)
    assert (valley.at_school(), valley.steps()) == ([(WORDS, "waiting", 1)], once(1))
    assert [draft["text"] for draft in my_drafts(page)] == ["A second one, half written"]


def test_a_double_tap_sends_one(valley: Valley, small: list[Path]) -> None:
    page = valley.phone()
    write(page, WORDS, small)
    page.get_by_role("button", name="Send to the head").dblclick()
    page.wait_for_url(f"**{OUTBOX}")
    settled(page)
    wait_until_sent(page)
    assert (valley.at_school(), valley.steps()) == ([(WORDS, "waiting", 1)], once(1))
    assert valley.wire.count() == Counter({"fine": 3}), "the words, the photo, the last word"


def test_the_same_draft_in_two_tabs_is_one_update(valley: Valley, small: list[Path]) -> None:
    page = valley.phone()
    write(page, "As the first tab has it.", small)
    other = page.context.new_page()
    other.goto(page.url)
    settled(other)
    other.get_by_role("button", name="Use it here").click()
    expect(other.get_by_label("What happened?")).to_have_value("As the first tab has it.")
    other.get_by_label("What happened?").fill(WORDS)
    expect(other.locator("#saved")).to_have_text("Saved on this phone")
    expect(page.get_by_label("What happened?")).to_be_disabled()
    page.reload()
    settled(page)
    send(other)
    wait_until_sent(other)
    assert (valley.at_school(), valley.steps()) == ([(WORDS, "waiting", 1)], once(1))


def test_two_tabs_that_send_at_the_same_time_send_each_thing_once(valley: Valley, small: list[Path]) -> None:
    page = valley.phone()
    valley.no_signal(page)
    for words in ("The first one.", "The second one."):
        write(page, words, small)
        send(page)
    other = page.context.new_page()
    for each in (page, other):
        each.goto(OUTBOX)
        settled(each)
    valley.signal(page)
    press_until_sent(other)
    assert valley.at_school() == [("The first one.", "waiting", 1), ("The second one.", "waiting", 1)]
    assert valley.steps() == once(1) + once(1)
    assert valley.wire.count(r"(PUT|POST) /api/updates/") == Counter({"fine": 6})


def test_a_new_version_of_the_app_finds_the_queue(valley: Valley, small: list[Path], tmp_path: Path) -> None:
    page = valley.phone()
    version = page.evaluate("() => caches.keys()")
    valley.wire.lose(times=100)
    write(page, WORDS, small)
    send(page)
    tried(page)
    _new_version(valley, tmp_path)
    page.evaluate("async () => { await (await navigator.serviceWorker.ready).update(); }")
    while len(now := page.evaluate("() => caches.keys()")) != 1 or now == version:
        page.wait_for_timeout(50)
    assert [row["words"] for row in queue(page)] == [WORDS]
    valley.wire.mend()
    page.reload()
    settled(page)
    assert page.evaluate(
        "async () => (await (await fetch('/static/css/app.css')).text()).endsWith('newer */')"
    )
    press_until_sent(page)
    assert (valley.at_school(), valley.steps()) == ([(WORDS, "waiting", 1)], once(1))


def _new_version(valley: Valley, folder: Path) -> None:
    """The school puts another version of the app on its server."""
    app = valley.school.app
    newer = folder / "static"
    shutil.copytree(app.static_folder or "", newer)
    with (newer / "css" / "app.css").open("a") as file:
        file.write("/* newer */")
    app.static_folder = str(newer)


def test_what_a_full_phone_could_not_keep_is_there_once_there_is_room_and_arrives(
    valley: Valley, small: list[Path], tmp_path: Path
) -> None:
    big = tmp_path / "IMG_0002.jpg"
    Image.effect_noise((2000, 1500), 90).save(big, quality=95)
    page = valley.town.phone().new_page()
    tools = page.context.new_cdp_session(
        page
    )  # before the first write: Chromium remembers for a while how much room there is
    tools.send("Storage.overrideQuotaForOrigin", {"origin": valley.wire.base, "quotaSize": 1_000_000})
    valley.open_app(page)
    valley.no_signal(page)
    write(page, WORDS, small)
    page.get_by_label("Pick photos").set_input_files(big)
    full = page.get_by_role("alert").filter(has_text="This phone is full")
    expect(full).to_be_visible(timeout=20_000)
    assert held(page) == {"drafts": 1, "pictures": 1, "outbox": 0}
    tools.send("Storage.overrideQuotaForOrigin", {"origin": valley.wire.base})
    full.get_by_role("button", name="Try again").click()
    card = page.get_by_role("region", name="Photo 2")
    card.get_by_label("What does it show?").fill("A hill.")
    card.get_by_label("No pupil is in it").check()
    expect(page.locator("#saved")).to_have_text("Saved on this phone")
    send(page)
    valley.signal(page)
    wait_until_sent(page)
    assert (valley.at_school(), valley.steps()) == ([(WORDS, "waiting", 2)], once(2))


def test_of_two_people_on_one_phone_each_sends_what_is_theirs(valley: Valley, small: list[Path]) -> None:
    page = valley.phone(trusted=False)
    valley.no_signal(page)
    write(page, WORDS, small)
    send(page)
    valley.school.clock.pass_(hours=13)
    valley.signal(page)
    tried(page, "sign_in")
    sign_in(page, "colleague", trusted=False)
    page.goto(OUTBOX)
    settled(page)
    page.wait_for_timeout(500)
    assert (valley.at_school(), len(queue(page))) == ([], 1)
    expect(page.locator("#app")).not_to_contain_text(WORDS)
    write(page, "The colleague was there too.")
    send(page)
    page.wait_for_timeout(500)
    assert [row[0] for row in valley.at_school()] == ["The colleague was there too."]
    page.context.clear_cookies()  # the browser was closed, and a borrowed sign-in ended with it
    sign_in(page, "author")
    page.goto(OUTBOX)
    settled(page)
    wait_until_sent(page)
    assert {row[0] for row in valley.at_school()} == {WORDS, "The colleague was there too."}
    assert valley.steps() == once(1) + once(0)


class FullRoom(Room):
    """A photo room with more in line than it takes."""

    def prepare(self, upload: bytes, crop: Box | None = None, covers: Sequence[Box] = ()) -> Prepared:
        raise Busy(BUSY)


def test_a_photo_room_that_is_full_is_not_sent_one_photo_after_another(
    valley: Valley, small: list[Path]
) -> None:
    page = valley.phone()
    valley.no_signal(page)
    for number in range(4):
        write(page, f"Number {number}.", small)
        send(page)
    house = valley.school.house
    valley.school.app.extensions["house"] = replace(house, room=FullRoom())
    valley.signal(page)
    end = time.monotonic() + 10
    while not valley.wire.count(r"PUT .*/photos/") and time.monotonic() < end:
        page.wait_for_timeout(50)
    page.wait_for_timeout(700)
    assert 1 <= valley.wire.count(r"PUT .*/photos/").total() <= 2, (
        "the page tries one; the service worker may, too"
    )
    valley.school.app.extensions["house"] = house
    press_until_sent(page)
    assert valley.at_school() == [(f"Number {number}.", "waiting", 1) for number in range(4)]
    assert valley.steps() == Counter(dict.fromkeys(once(1), 4))


def test_signing_out_with_unsent_work_is_asked_about_and_loses_nothing(
    valley: Valley, small: list[Path]
) -> None:
    page = valley.phone()
    valley.wire.lose(times=100)
    write(page, WORDS, small)
    send(page)
    tried(page)
    page.goto("/staff/")
    page.get_by_role("button", name="Sign out").click()
    box = page.get_by_role("dialog")
    expect(box).to_contain_text("1 update not sent yet")
    box.get_by_role("button", name="Stay signed in").click()
    page.goto("/staff/")
    expect(page.get_by_text("Signed in as Ms Author Sample.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    box.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/staff/login**")
    assert store(page, "known") is None
    assert page.evaluate("() => caches.match('/staff/outbox', {ignoreSearch: true})") is None
    assert held(page) == {"drafts": 0, "pictures": 1, "outbox": 1}
    valley.wire.mend()
    fill_sign_in(page, "author")
    page.goto(OUTBOX)
    settled(page)
    wait_until_sent(page)
    assert (valley.at_school(), valley.steps()) == ([(WORDS, "waiting", 1)], once(1))


def test_forty_eight_megapixels_and_a_heic_arrive_small(valley: Valley, tmp_path: Path) -> None:
    photos = [
        *files(tmp_path, taken(1, width=8064)),
        *files(tmp_path, taken(2, "heic", 1200), kind="heic"),
    ]
    page = valley.phone()
    write(page, WORDS, photos)
    send(page)
    wait_until_sent(page, 60)
    assert (valley.at_school(), valley.steps()) == ([(WORDS, "waiting", 2)], once(2))
    assert [max(size) <= 2560 for size in valley.sizes()] == [True, True]
    assert valley.wire.sent(r"PUT .*/photos/") < 1_000_000
