"""Law 6, the hard way: the worker is killed with SIGKILL at every step of a delivery, and of a removal.

A fork of the test works the lanes and dies where a function of ours is entered or left; then another worker takes over.
Each kill begins with a copy of the same school.
Every step is found by watching one delivery run through, so a new step is killed at too; of steps between which nothing has
changed beyond the process, one.
"""

import copy
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from flask import Flask

from tests import factories
from tests.factories import EVERYWHERE, School, all_consent, approved, consent, open_school, work
from tests.outbox.dying import Kept, killer, points, work_in_a_fork
from tests.practice.running import Running, running_x
from tripupdates import erasure, publishing, takedown
from tripupdates.channels.x import X
from tripupdates.channels.x_account import XAccount
from tripupdates.database import fresh
from tripupdates.outbox import queue, worker
from tripupdates.practice.x_state import Media, State, Tweet
from tripupdates.site.sync import differences
from tripupdates.vocabulary import PAGES, Channel, DeliveryState, Order

SETTLE = timedelta(seconds=60)
PARTS = 6  # so that several processes share the work


@dataclass
class Stage:
    """A school with a practice X, and how both stood when all was ready."""

    school: School
    x: Running
    folder: Path
    kept: Kept | None = None
    media: dict[str, Media] = field(default_factory=dict)
    tweets: dict[str, Tweet] = field(default_factory=dict)

    @property
    def _state(self) -> State:
        return cast(State, cast(Flask, self.x.server.app).extensions["state"])

    def keep(self) -> None:
        """Every kill begins here."""
        self.kept = Kept(self.school, self.folder)
        self.media, self.tweets = copy.deepcopy((self._state.media, self._state.tweets))

    def again(self) -> None:
        """As it was kept: files, rows, posts and the time."""
        assert self.kept is not None
        self.kept.again()
        self._state.media, self._state.tweets = copy.deepcopy((self.media, self.tweets))
        self.new_account()

    def new_account(self) -> None:
        """A channel that knows nothing yet of the account at X, as in a new process."""
        keys = self.x.keys
        account = XAccount(
            self.x.base,
            keys.handle,
            keys.consumer_key,
            keys.consumer_secret,
            keys.access_token,
            keys.access_token_secret,
        )
        self.school.house.places[Channel.X] = X(account, timeout=2, settle=SETTLE)  # type: ignore[index] # a dict underneath


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    home = tmp_path / "school"
    home.mkdir()
    with running_x(tmp_path / "x") as x, open_school(home) as school:
        school.clock.now = factories.datetime.now(factories.UTC)
        stage = Stage(school, x, tmp_path / "kept")
        stage.new_account()
        # X refuses the same words twice; that must not be what saves us.
        stage._state.duplicate_window = timedelta(0)
        yield stage


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
def test_a_kill_at_any_step_of_a_delivery_ends_with_one_post_and_whole_pages(stage: Stage, part: int) -> None:
    school = stage.school
    all_consent(school)
    update = approved(school, ("Ada", "Bram"))
    stage.keep()
    stage.again()
    found = points(school)
    assert len(found) > 40
    for point in found[part::PARTS]:
        stage.again()
        assert work_in_a_fork(school, killer(point)) == signal.SIGKILL, point
        _recover(school)
        assert len(stage.x.posts()) == 1, point
        assert set(school.deliveries(update).values()) == {DeliveryState.SENT}, point
        assert school.delivery(update, Channel.X).remote_id == stage.x.posts()[0]["id"], point
        assert all(_stands_as_it_should(school, channel) for channel in PAGES), point


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_kill_at_any_step_of_a_removal_ends_with_everything_gone(stage: Stage, part: int) -> None:
    school = stage.school
    all_consent(school)
    update = approved(school, ("Ada", "Bram"))
    work(school, *EVERYWHERE)
    consent(school, {"Ada": EVERYWHERE}, yes=False)
    stage.keep()
    stage.again()
    for point in points(school)[part::PARTS]:
        stage.again()
        assert len(stage.x.posts()) == 1, point
        assert work_in_a_fork(school, killer(point)) == signal.SIGKILL, point
        school.clock.pass_(minutes=6)
        _recover(school)
        assert stage.x.posts() == [], point
        assert takedown.not_yet_gone(fresh()) == [], point
        assert erasure.still_there(school.house, fresh()) == [], point
        assert [file for file in school.house.settings.instance.rglob("photos/*") if file.is_file()] == [], (
            point
        )
        removed = {row.state for row in queue.of_update(fresh(), update, Order.REMOVE)}
        assert removed == {DeliveryState.SENT}, point
