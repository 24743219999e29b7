"""SIGTERM, to real processes: what is in hand is finished or handed back, and the process is gone within ten seconds."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.factories import EVERYWHERE, School, all_consent, approved, open_school, work
from tests.practice.running import KEYS, Running, running_x
from tripupdates.channels.x import X
from tripupdates.channels.x_account import XAccount
from tripupdates.outbox import worker
from tripupdates.vocabulary import PAGES, Channel, DeliveryState

WITHIN = 10.0


@pytest.fixture
def x(tmp_path: Path) -> Iterator[Running]:
    with running_x(tmp_path / "x") as running:
        yield running


@pytest.fixture
def school(tmp_path: Path, x: Running) -> Iterator[School]:
    """A school at the time of the processes' own clocks."""
    home = tmp_path / "school"
    home.mkdir()
    with open_school(home, x_api_base=x.base) as school:
        school.clock.now = datetime.now(UTC)
        yield school


@contextmanager
def _running(school: School, log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    given = school.house.settings
    named = {
        "INSTANCE": str(given.instance),
        "SECRET_KEY": given.secret_key,
        "DATABASE_URL": given.database_url,
        "SCHOOL_NAME": given.school_name,
        "PUBLIC_BASE_URL": given.public_base_url,
        "X_API_BASE": given.x_api_base,
        "X_HANDLE": KEYS.handle,
        "X_CONSUMER_KEY": KEYS.consumer_key,
        "X_CONSUMER_SECRET": KEYS.consumer_secret,
        "X_ACCESS_TOKEN": KEYS.access_token,
        "X_ACCESS_TOKEN_SECRET": KEYS.access_token_secret,
    }
    environ = os.environ | {f"TRIPUPDATES_{name}": value for name, value in named.items()}
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "tripupdates", *command], env=environ, stderr=out)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def _until(true: Callable[[], bool], log: Path) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)


def _stops(process: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    process.wait(WITHIN)
    assert (process.returncode, time.monotonic() - began < WITHIN) == (0, True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _begins_to_send(port: int) -> socket.socket:
    """A phone with one bar of signal: half of a form is on its way."""
    wire = socket.create_connection(("127.0.0.1", port), timeout=20)
    head = "POST /staff/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\nConnection: close\r\n"
    wire.sendall(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=some".encode())
    return wire


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_post_that_x_has_and_does_not_answer_is_handed_back_and_looked_up(
    school: School, x: Running, tmp_path: Path
) -> None:
    update = approved(school)
    x.fault("tweets", "trickle_after", seconds=40)
    log = tmp_path / "worker.log"
    with _running(school, log, "worker") as process:
        _until(lambda: len(x.posts()) == 1, log)
        process.send_signal(signal.SIGTERM)
        _stops(process)
    assert school.delivery(update, Channel.X).state is DeliveryState.SENDING
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["message"] for line in lines] == ["ended with something in hand, to be looked up: x"]
    _next_worker(school, x)
    assert set(school.deliveries(update).values()) == {"sent"}
    assert len(x.posts()) == 1


def _next_worker(school: School, x: Running) -> None:
    keys = (KEYS.consumer_key, KEYS.consumer_secret, KEYS.access_token, KEYS.access_token_secret)
    account = XAccount(x.base, KEYS.handle, *keys)
    school.house.places[Channel.X] = X(account, timeout=5, settle=timedelta(seconds=1))  # type: ignore[index] # a dict underneath
    for channel in EVERYWHERE:
        worker.take_over(school.house, channel)
    school.clock.now = datetime.now(UTC) + timedelta(minutes=1)
    work(school, *EVERYWHERE)


def test_a_page_being_written_is_finished(school: School, tmp_path: Path) -> None:
    """The wire is quick here, so the worker ends long before its time is over."""
    all_consent(school)
    update = approved(school, ("Ada", "Bram"), channels=tuple(PAGES))
    log = tmp_path / "worker.log"
    with _running(school, log, "worker") as process:
        _until(lambda: "sent" in school.deliveries(update).values(), log)
        process.send_signal(signal.SIGTERM)
        _stops(process)
    assert set(school.deliveries(update).values()) <= {"sent", "pending"}
    assert log.read_text() == ""


def test_the_web_answers_what_arrives_in_time_and_waits_for_nobody_else(
    school: School, tmp_path: Path
) -> None:
    port, log = _free_port(), tmp_path / "web.log"
    with _running(school, log, "serve", "--bind", f"127.0.0.1:{port}") as process:
        _until(lambda: _answers(port), log)
        with _begins_to_send(port) as quick, _begins_to_send(port):
            time.sleep(0.5)  # both are in hand: nobody tells when the server has read the first half
            process.send_signal(signal.SIGTERM)
            quick.sendall(b"body&a=bcd")
            assert quick.recv(100).startswith(b"HTTP/1.1 400 ")
            _stops(process)
    assert not _answers(port)
    assert all(json.loads(line) for line in log.read_text().splitlines())
