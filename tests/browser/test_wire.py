"""The harness itself: faults happen where they are meant to, and the counts are true."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, request
from playwright.sync_api import BrowserType
from werkzeug.serving import make_server

from tests.browser.phones import Phone, phone_in
from tests.browser.wire import Air, Wire, wire_to

BODY = bytes(range(256)) * 400


class Heard(list[int]):
    """Sizes of the bodies that reached the server whole."""


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def wire(heard: Heard) -> Iterator[Wire]:
    app = Flask("far away")

    @app.put("/photos/<name>")
    def put(name: str) -> dict[str, Any]:
        body = request.get_data()
        assert request.content_length == len(body)
        heard.append(len(body))
        return {"id": name, "more": "." * 2000}

    @app.get("/")
    def page() -> str:
        return "<!doctype html><title>Page</title>"

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        with wire_to(server.server_port) as wire:
            yield wire
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _put(wire: Wire, seconds: float = 10) -> requests.Response:
    session = requests.Session()
    session.trust_env = False
    with session.put(f"{wire.base}/photos/1", data=BODY, timeout=seconds) as answer:
        return answer


def test_fine_air_changes_nothing_and_counts_all(wire: Wire, heard: Heard) -> None:
    assert _put(wire).json()["id"] == "1"
    (call,) = wire.log
    assert (heard, call.line, call.fate, call.status) == ([len(BODY)], "PUT /photos/1", "fine", 200)
    assert call.up == len(call.head) + len(BODY)
    assert call.down > 2000


def test_a_lost_answer_comes_after_the_server_has_done_its_work(wire: Wire, heard: Heard) -> None:
    wire.lose("PUT ", times=2)
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            _put(wire)
    assert _put(wire).ok
    assert ([call.status for call in wire.log], len(heard)) == ([200, 200, 200], 3)
    assert wire.count("PUT ") == Counter({"lost": 2, "fine": 1})


def test_a_cut_body_never_reaches_the_server_whole(wire: Wire, heard: Heard) -> None:
    wire.cut(60_000, "PUT ")
    with pytest.raises(requests.ConnectionError):
        _put(wire)
    (call,) = wire.log
    assert (call.fate, call.up - len(call.head), heard) == ("cut", 60_000, [])


def test_a_connection_that_breaks_after_the_last_byte_leaves_the_server_at_work(
    wire: Wire, heard: Heard
) -> None:
    wire.cut(len(BODY), "PUT ")
    with pytest.raises(requests.ConnectionError):
        _put(wire)
    end = time.monotonic() + 5
    while not wire.log[0].status and time.monotonic() < end:
        time.sleep(0.02)
    assert (wire.log[0].fate, wire.log[0].status, heard) == ("cut", 200, [len(BODY)])


def test_bad_air_breaks_swallows_or_answers_itself(wire: Wire, heard: Heard) -> None:
    wire.turn(Air.DOWN)
    with pytest.raises(requests.ConnectionError):
        _put(wire)
    wire.turn(Air.SILENT)
    with pytest.raises(requests.Timeout):
        _put(wire, 0.5)
    wire.turn(Air.PORTAL)
    answer = _put(wire)
    assert (answer.status_code, answer.headers["Content-Type"], heard) == (200, "text/html", [])
    wire.turn(Air.FINE)
    assert _put(wire).json()["id"] == "1"


def test_what_is_under_way_breaks_when_the_signal_goes(wire: Wire, heard: Heard) -> None:
    wire.slow(20_000, 0)
    threading.Timer(0.5, wire.turn, [Air.DOWN]).start()
    with pytest.raises(requests.ConnectionError):
        _put(wire)
    assert (heard, 0 < wire.log[0].up < 40_000) == ([], True)


def test_random_drops_are_the_same_again_and_about_as_many_as_meant(wire: Wire) -> None:
    fates = []
    for _ in range(2):
        wire.drop, wire.chance = 0.3, random.Random(4)
        wire.log.clear()
        outcomes = []
        for _ in range(40):
            try:
                outcomes.append(_put(wire).ok)
            except requests.RequestException:
                outcomes.append(False)
        fates.append([(call.fate, call.up) for call in wire.log])
        assert [call.fate == "fine" for call in wire.log] == outcomes
    assert fates[0] == fates[1]
    assert 6 <= wire.count("PUT ")["dropped"] <= 18


def test_slow_air_takes_its_time_both_ways(wire: Wire) -> None:
    wire.slow(50_000, 0.4)
    begun = time.monotonic()
    assert _put(wire).ok
    assert 2.6 < time.monotonic() - begun < 4.5  # 100 KB up, the answer down, a round trip and the handshake


@pytest.fixture
def phone(
    tmp_path: Path, browser_type: BrowserType, whole_chromium: dict[str, Any], wire: Wire
) -> Iterator[Phone]:
    with phone_in(tmp_path / "profile", browser_type, wire.base, whole_chromium) as phone:
        yield phone


def test_a_killed_phone_is_dead_and_has_what_it_had(phone: Phone) -> None:
    page = phone.start()
    page.goto("/")
    page.evaluate("() => new Promise((done) => { indexedDB.open('a', 1).onsuccess = () => done(); })")
    phone.kill()
    page = phone.start()
    page.goto("/")
    names = page.evaluate("async () => (await indexedDB.databases()).map((each) => each.name)")
    assert names == ["a"]
