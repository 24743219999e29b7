"""Law 6, the hard way: the worker is killed with SIGKILL at every step of a delivery, and of a removal.

A fork of the test works the lanes and dies where a function of ours is entered or left; then another worker takes over.
Every step is found by watching one delivery run through, so a new step is killed at too.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import factories
from tests.factories import EVERYWHERE, School, all_consent, approved, consent, open_school, work
from tests.outbox.dying import Point, killer, work_in_a_fork
from tests.practice.running import Running, running_x
from tripupdates import erasure, publishing, takedown
from tripupdates.approval.records import Update
from tripupdates.channels.x import X, XAccount
from tripupdates.database import fresh
from tripupdates.outbox import queue, worker
from tripupdates.site.sync import differences
from tripupdates.vocabulary import PAGES, Channel, DeliveryState, Order

SETTLE = timedelta(seconds=60)
PARTS = 6  # so that several processes share the work


@dataclass
class Stage:
    """A school with a practice X, ready to be delivered from."""

    school: School
    x: Running


def _stages(folder: Path) -> Iterator[Stage]:
    """A fresh school for each kill, all posting to X's of their own."""
    for number in range(10_000):
        with ExitStack() as stack:
            x = stack.enter_context(running_x(folder / f"x{number}"))
            home = folder / f"school{number}"
            home.mkdir()
            school = stack.enter_context(open_school(home))
            keys = x.keys
            account = XAccount(
                x.base,
                keys.handle,
                keys.consumer_key,
                keys.consumer_secret,
                keys.access_token,
                keys.access_token_secret,
            )
            school.house.places[Channel.X] = X(account, timeout=2, settle=SETTLE)  # type: ignore[index] # a dict underneath
            school.clock.now = factories.datetime.now(factories.UTC)
            # X refuses the same words twice; that must not be what saves us.
            cast(Flask, x.server.app).extensions["state"].duplicate_window = timedelta(0)
            yield Stage(school, x)


@pytest.fixture
def stages(tmp_path: Path) -> Iterator[Stage]:
    return _stages(tmp_path)


def _points(school: School) -> list[Point]:
    """Each step of what is due now: when a function is entered for the first time, and left for the last."""
    reader, writer = os.pipe()

    def tell(point: Point) -> None:
        os.write(writer, f"{point[0]} {point[1]} {point[2]}\n".encode())

    assert work_in_a_fork(school, tell) == 0
    os.close(writer)
    with os.fdopen(reader) as lines:
        happened = [line.split() for line in lines]
    last: dict[tuple[str, str], int] = {(name, event): int(count) for name, event, count in happened}
    return sorted((*step, 1 if step[1] == "call" else most) for step, most in last.items())


def _recover(school: School) -> None:
    """Another worker takes every lane, and time passes."""
    for channel in EVERYWHERE:
        worker.take_over(school.house, channel)
    for _ in range(5):
        work(school, *EVERYWHERE)
        school.clock.pass_(seconds=75)


def _stands_as_it_should(school: School, channel: Channel) -> bool:
    return differences(publishing.tree(school.house, fresh(), channel), school.house.pages[channel]) == ()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_kill_at_any_step_of_a_delivery_ends_with_one_post_and_whole_pages(
    stages: Iterator[Stage], part: int
) -> None:
    first = next(stages)
    all_consent(first.school)
    approved(first.school, ("Ada", "Bram"))
    points = _points(first.school)
    assert len(points) > 60
    for point in points[part::PARTS]:
        stage = next(stages)
        school = stage.school
        all_consent(school)
        update = approved(school, ("Ada", "Bram"))
        assert work_in_a_fork(school, killer(point)) == signal.SIGKILL, point
        _recover(school)
        assert len(stage.x.posts()) == 1, point
        assert set(school.deliveries(update).values()) == {DeliveryState.SENT}, point
        assert school.delivery(update, Channel.X).remote_id == stage.x.posts()[0]["id"], point
        assert all(_stands_as_it_should(school, channel) for channel in PAGES), point


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_kill_at_any_step_of_a_removal_ends_with_everything_gone(
    stages: Iterator[Stage], part: int
) -> None:
    def ready(stage: Stage) -> None:
        all_consent(stage.school)
        approved(stage.school, ("Ada", "Bram"))
        work(stage.school, *EVERYWHERE)
        consent(stage.school, {"Ada": EVERYWHERE}, yes=False)

    first = next(stages)
    ready(first)
    for point in _points(first.school)[part::PARTS]:
        stage = next(stages)
        ready(stage)
        assert work_in_a_fork(stage.school, killer(point)) == signal.SIGKILL, point
        stage.school.clock.pass_(minutes=6)
        _recover(stage.school)
        assert stage.x.posts() == [], point
        assert takedown.not_yet_gone(fresh()) == [], point
        assert erasure.still_there(stage.school.house, fresh()) == [], point
        assert [
            file for file in stage.school.house.settings.instance.rglob("photos/*") if file.is_file()
        ] == [], point
        removed = {row.state for row in queue.of_update(fresh(), _only_update(), Order.REMOVE)}
        assert removed == {DeliveryState.SENT}, point


def _only_update() -> UUID:
    return fresh().scalars(sa.select(Update.id)).one()
