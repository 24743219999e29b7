"""A worker that dies by SIGKILL while it tells somebody: they hear, perhaps twice, and the page says so. Never not."""

import os
import signal
import sys
import threading
from types import FrameType

import pytest
import sqlalchemy as sa

from tests.factories import put_on_trip, waiting
from tests.telling.conftest import Post
from tripupdates.database import db, fresh
from tripupdates.outbox.lane import alone
from tripupdates.telling import round as telling
from tripupdates.telling import view
from tripupdates.telling.records import Sending


def _die_at(post: Post, event: str, name: str) -> None:
    """A fork of the test tells, and dies where a function is entered or left."""
    fresh().close()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            db.engine.dispose(close=False)

            def look(frame: FrameType, what: str, _argument: object) -> None:
                if (what, frame.f_code.co_qualname) == (event, name):
                    os.kill(os.getpid(), signal.SIGKILL)

            sys.setprofile(look)
            post.go()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)


@pytest.mark.parametrize(
    ("event", "name", "mails", "twice"),
    [
        ("call", "_make", 1, ""),
        ("call", "claim", 1, ""),
        ("call", "over", 1, " (perhaps twice)"),
        ("call", "SMTP.data", 1, " (perhaps twice)"),
        ("return", "SMTP.data", 2, " (perhaps twice)"),
        ("call", "note", 2, " (perhaps twice)"),
        ("return", "carry_out", 1, ""),
    ],
)
def test_whoever_was_being_told_hears_after_a_kill(
    post: Post, event: str, name: str, mails: int, twice: str
) -> None:
    put_on_trip(post.school, "deputy")
    update = waiting(post.school)
    post.school.clock.pass_(seconds=4)
    _die_at(post, event, name)
    telling.take_over(post.school.house)
    post.go()
    assert len(post.to("head")) == mails
    assert [row.state for row in fresh().scalars(sa.select(Sending))] == ["sent"]
    (head,) = view.who_was_told(post.school.house, fresh(), post.school.update(update))
    assert head.words == (f"told by e-mail 10:00{twice}",)


def test_two_workers_do_not_tell_at_once(post: Post) -> None:
    stop = threading.Event()
    with alone(post.school.app, "telling", stop) as mine:
        assert mine()
        threading.Timer(0.5, stop.set).start()
        with alone(post.school.app, "telling", stop) as theirs:
            assert not theirs()
