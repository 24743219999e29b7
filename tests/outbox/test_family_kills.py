"""Law 6 for what goes to a family: the worker is killed at every step of one text, and at many of a link and of a mail.

Each arrives once, whatever the worker was doing; so does each mail, but where nobody can ask: there twice at the most.
"""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.factories import School, open_school, work
from tests.families import NUMBERS, arrived, family, orders, reach_by_mail, reach_by_notify
from tests.outbox.dying import Kept, killer, points, work_in_a_fork
from tests.practice.running import RunningNotify, running_notify
from tests.practice.telling import running_mail
from tripupdates import asking, asking_all
from tripupdates.consent.requests import ConsentRequest
from tripupdates.database import fresh
from tripupdates.outbox import worker
from tripupdates.vocabulary import Channel, DeliveryState

TEXT, EMAIL = Channel.TEXT, Channel.EMAIL
PARTS = 2
EVERY_THIRD = slice(1, None, 3)  # of what goes through the same lane as a text


@pytest.fixture
def notify(tmp_path: Path) -> Iterator[RunningNotify]:
    with running_notify(tmp_path / "notify") as notify:
        yield notify


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    home = tmp_path / "school"
    home.mkdir()
    with open_school(home) as school:
        yield school


def _recover(school: School, channel: Channel) -> None:
    """Another worker takes the lane, and time passes."""
    worker.take_over(school.house, channel)
    for _ in range(5):
        work(school, channel)
        school.clock.pass_(seconds=75)


def _each_kill(
    school: School, kept: Kept, steps: slice, channel: Channel, begin: Callable[[], None]
) -> Iterator[object]:
    kept.again()
    begin()
    found = points(school, (channel,))
    assert len(found) > 20
    for point in found[steps]:
        kept.again()
        begin()
        assert work_in_a_fork(school, killer(point), (channel,)) == signal.SIGKILL, point
        _recover(school, channel)
        yield point


@pytest.mark.parametrize("part", range(PARTS))
def test_a_kill_at_any_step_of_a_text_ends_with_one_text(
    school: School, notify: RunningNotify, tmp_path: Path, part: int
) -> None:
    family(school, "Ada", NUMBERS["Ada"])
    reach_by_notify(school, notify)
    update = arrived(school)
    kept = Kept(school, tmp_path / "kept")

    def begin() -> None:
        notify.state.messages.clear()
        reach_by_notify(school, notify)  # a client that knows nothing, as in a new process

    for point in _each_kill(school, kept, slice(part, None, PARTS), TEXT, begin):
        assert notify.texts() == [(NUMBERS["Ada"], "Arrived safely")], point
        (row,) = orders(school, update)
        assert (row.state, row.remote_id) == (DeliveryState.SENT, notify.messages()[0]["id"]), point


def test_a_kill_at_a_step_of_a_link_by_text_ends_with_one_text_whose_link_opens(
    school: School, notify: RunningNotify, tmp_path: Path
) -> None:
    family(school, "Ada", NUMBERS["Ada"])
    reach_by_notify(school, notify)
    asking_all.ask(school.house, school.office, school.slug, TEXT, 1)
    kept = Kept(school, tmp_path / "kept")

    def begin() -> None:
        notify.state.messages.clear()
        reach_by_notify(school, notify)

    for point in _each_kill(school, kept, EVERY_THIRD, TEXT, begin):
        ((number, text),) = notify.texts()
        token = text.split("/consent/")[1].split()[0]
        assert (number, asking.opened(school.house, token).pupil.forename) == (NUMBERS["Ada"], "Ada"), point
        row = fresh().scalars(sa.select(ConsentRequest)).one()
        assert (row.state, row.remote_id) == (DeliveryState.SENT, notify.messages()[0]["id"]), point


def test_a_kill_at_a_step_of_a_mail_ends_with_one_or_twice_the_same_one(
    school: School, tmp_path: Path
) -> None:
    with running_mail(tmp_path / "mails") as (box, server):
        reach_by_mail(school, server)
        family(school, "Ada", email="ada@home.example")
        update = arrived(school, EMAIL)
        kept = Kept(school, tmp_path / "kept")

        def begin() -> None:
            for file in box.folder.glob("*.eml"):
                file.unlink()

        for point in _each_kill(school, kept, EVERY_THIRD, EMAIL, begin):
            assert len(box.mails()) in {1, 2}, point
            assert len({mail["Message-ID"] for mail in box.mails()}) == 1, point
            assert orders(school, update, EMAIL)[0].state is DeliveryState.SENT, point


def test_a_mail_of_unknown_fate_goes_once_more_and_never_a_third_time(school: School, tmp_path: Path) -> None:
    with running_mail(tmp_path / "mails") as (box, server):
        reach_by_mail(school, server)
        family(school, "Ada", email="ada@home.example")
        update = arrived(school, EMAIL)
        box.hangs_up = True
        _recover(school, EMAIL)
        (row,) = orders(school, update, EMAIL)
        assert (row.state, row.doubtful, len(box.mails())) == (DeliveryState.NEEDS_PERSON, True, 2)
        assert len({mail["Message-ID"] for mail in box.mails()}) == 1
