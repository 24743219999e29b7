"""A full disk, a read-only database: sending stops, nothing acknowledged is lost, people see why."""

import io
import os
import resource
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from tests.disks import closed, full
from tests.factories import (
    School,
    all_consent,
    approved,
    consent,
    count,
    draft,
    picture,
    waiting,
    work,
)
from tests.practice.running import KEYS, Running, running_x
from tests.web.sending import Form
from tripupdates import keeping
from tripupdates.approval.records import Update
from tripupdates.channels.x import X
from tripupdates.channels.x_account import XAccount
from tripupdates.consent.records import Answer
from tripupdates.database import db, fresh
from tripupdates.outbox import worker
from tripupdates.vocabulary import Channel, DeliveryState

WORDS = "We climbed the tower in the rain. " * 140  # more than a page of the database has room for
BROKEN = [pytest.param(closed, keeping.CLOSED, id="closed"), pytest.param(full, keeping.FULL, id="full")]
OURS = {"Sec-Fetch-Site": "same-origin"}
Broken = Callable[..., AbstractContextManager[None]]


@pytest.mark.parametrize(("broken", "why"), BROKEN)
def test_a_form_that_cannot_be_kept_says_why_and_gives_the_words_back(
    school: School, broken: Broken, why: str
) -> None:
    form = Form(school.client("author"))
    fields = {"trip": school.slug, "text": WORDS, "channels": ["families"]}
    with broken():
        answer = form.post(f"/staff/updates/{uuid.uuid4()}", **fields)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
        assert why in answer.text
        assert WORDS.strip() in answer.text
    assert count(Update) == 0
    assert form.post(f"/staff/updates/{uuid.uuid4()}", **fields).status_code == 302


@pytest.mark.parametrize(("broken", "why"), BROKEN)
def test_the_phone_is_told_in_its_own_words_and_keeps_what_it_has(
    school: School, broken: Broken, why: str
) -> None:
    client, update = school.client("author"), uuid.uuid4()
    body = {"trip": school.slug, "text": WORDS, "channels": ["families"]}
    with broken():
        answer = _put(client, update, body)
        assert (answer[0], answer[1]) == (503, why)
    assert count(Update) == 0
    assert _put(client, update, body)[0] == 200


def _put(client: FlaskClient, update: uuid.UUID, body: Mapping[str, object]) -> tuple[int, str]:
    answer = client.put(f"/api/updates/{update}", json=body, headers=OURS)
    if answer.status_code != 200:
        assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.get_json().get("title", "")


def test_what_was_kept_before_can_be_read_while_nothing_can_be_written(school: School) -> None:
    update = waiting(school)
    head = school.client("head")
    with closed():
        page = head.get(f"/review/{update}")
        assert (page.status_code, "castle tower" in page.text) == (200, True)
        assert school.client().get("/staff/login").status_code == 200


def test_an_approval_that_cannot_be_written_down_is_none(school: School) -> None:
    update = waiting(school)
    form = Form(school.client("head"), "/review/")
    with closed():
        answer = form.post(f"/review/{update}/approve", digest=school.digest(update))
        assert answer.status_code == 503
    assert school.state(update) == "waiting"
    assert school.deliveries(update) == {}


def test_a_withdrawal_that_cannot_be_written_down_is_not_acknowledged(school: School) -> None:
    all_consent(school)
    before = count(Answer)
    with closed(), pytest.raises(OperationalError):
        consent(school, {"Ada": (Channel.WEBSITE,)}, yes=False)
    assert count(Answer) == before


def test_the_page_asks_nothing_of_a_database_that_does_not_answer(school: School) -> None:
    client = school.client("author")
    fresh().close()
    db.engine.dispose()
    file = school.house.settings.instance / "tripupdates.db"
    away = file.rename(file.with_suffix(".away"))
    file.mkdir()  # it is there, and cannot be opened
    answer = client.get("/staff/")
    file.rmdir()
    away.rename(file)
    assert (answer.status_code, keeping.CLOSED in answer.text) == (503, True)


def test_other_errors_are_still_ours(school: School) -> None:
    with pytest.raises(OperationalError) as wrong:
        fresh().execute(sa.text("SELECT nothing FROM nowhere"))
    assert keeping.why_not(wrong.value) is None
    assert keeping.why_not(FileNotFoundError(2, "none")) is None
    assert keeping.why_not(ValueError()) is None


def test_a_photo_for_which_there_is_no_room_leaves_nothing_and_the_draft_stays(school: School) -> None:
    """In a process of its own, for the limit holds for every file that the process writes."""
    update = draft(school)
    client = school.client("author")
    school.house.room.prepare(picture())  # the costly part, remembered
    status, title = _in_a_fork(lambda: _too_large(client, update))
    assert (status, title) == ("503", keeping.FULL)
    assert [file for file in Path(school.house.settings.media).rglob("*") if file.is_file()] == []
    assert school.update(update).photos == []
    assert school.update(update).text == "We climbed the castle tower."


def _too_large(client: FlaskClient, update: uuid.UUID) -> str:
    assert client.get("/api/trips").status_code == 200  # the database has opened its own files by now
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    address = f"/api/updates/{update}/photos/{uuid.uuid4()}"
    answer = client.put(address, data=io.BytesIO(picture()), content_type="image/jpeg", headers=OURS)
    return f"{answer.status_code}\n{answer.get_json()['title']}"


def _in_a_fork(act: Callable[[], str]) -> list[str]:
    fresh().close()
    db.engine.dispose()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, act().encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as said:
        return said.read().split("\n")


@pytest.fixture
def x(tmp_path: Path) -> Iterator[Running]:
    with running_x(tmp_path / "x") as running:
        yield running


def _school_at(x: Running, school: School) -> None:
    keys = (KEYS.consumer_key, KEYS.consumer_secret, KEYS.access_token, KEYS.access_token_secret)
    settle = timedelta(seconds=0)
    school.house.places[Channel.X] = X(XAccount(x.base, KEYS.handle, *keys), timeout=5, settle=settle)  # type: ignore[index] # a dict underneath
    school.clock.now = datetime.now(UTC)


def _the_next_worker(school: School) -> None:
    worker.take_over(school.house, Channel.X)
    school.clock.pass_(minutes=1)  # for the last one may have been at it still
    work(school, Channel.X)


def test_nothing_is_sent_whose_attempt_cannot_be_written_down(school: School, x: Running) -> None:
    _school_at(x, school)
    update = approved(school)
    with closed(), pytest.raises(OperationalError):
        work(school, Channel.X)
    assert x.posts() == []
    work(school, Channel.X)
    assert (len(x.posts()), school.delivery(update, Channel.X).state) == (1, DeliveryState.SENT)


def test_a_disk_that_fills_up_between_posts_loses_none_and_doubles_none(school: School, x: Running) -> None:
    _school_at(x, school)
    updates = [approved(school, text=f"We climbed the tower, stair {number}.") for number in range(8)]
    with full(), pytest.raises(OperationalError):
        work(school, Channel.X)  # there is room for a few lines yet in the pages that the database has
    attempted = [each for each in updates if school.delivery(each, Channel.X).attempts]
    assert len(x.posts()) <= len(attempted) < len(updates)
    _the_next_worker(school)
    assert len(x.posts()) == len(updates)
    assert {school.delivery(each, Channel.X).state for each in updates} == {DeliveryState.SENT}


def test_a_post_whose_outcome_cannot_be_written_down_is_looked_up_when_it_can(
    school: School, x: Running
) -> None:
    _school_at(x, school)
    update = approved(school)
    with closed(lambda: bool(x.posts())), pytest.raises(OperationalError):
        work(school, Channel.X)
    assert school.delivery(update, Channel.X).state is DeliveryState.SENDING
    _the_next_worker(school)
    assert (len(x.posts()), school.delivery(update, Channel.X).state) == (1, DeliveryState.SENT)


def test_the_worker_goes_on_trying_and_goes_on_when_it_can(
    school: School, x: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "STUMBLE", 0.01)
    _school_at(x, school)
    update, stop = approved(school), threading.Event()
    lane = threading.Thread(target=worker.keep_lane, args=(school.app, school.house, Channel.X, stop))
    with closed():
        lane.start()
        while caplog.messages.count("lane x stumbled") < 3:
            stop.wait(0.01)
        assert x.posts() == []
    while school.delivery(update, Channel.X).state is not DeliveryState.SENT:
        stop.wait(0.01)
    stop.set()
    lane.join()
    assert len(x.posts()) == 1
