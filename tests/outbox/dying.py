"""A worker in a fork that is watched, or dies by SIGKILL at a step of ours."""

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType

from tests.factories import EVERYWHERE, School, work
from tripupdates.database import db, fresh
from tripupdates.outbox import worker
from tripupdates.vocabulary import Channel

# What changes something: to die while only reading is to die before the next change.
WATCHED = (
    "tripupdates.outbox.queue",
    "tripupdates.outbox.worker",
    "tripupdates.channels",
    "tripupdates.site.folder",
    "tripupdates.site.sync",
)

Point = tuple[str, str, int]  # function, "call" or "return", how many times it has happened


def _watch(act: Callable[[Point], None]) -> None:
    """Call `act` whenever a function of the watched modules is entered or left."""
    seen: Counter[tuple[str, str]] = Counter()

    def look(frame: FrameType, event: str, _argument: object) -> None:
        module = frame.f_globals.get("__name__", "")
        if event in {"call", "return"} and module.startswith(WATCHED):
            name = f"{module}:{frame.f_code.co_qualname}"
            seen[name, event] += 1
            act((name, event, seen[name, event]))

    sys.setprofile(look)


def work_in_a_fork(
    school: School, act: Callable[[Point], None], channels: tuple[Channel, ...] = EVERYWHERE
) -> int:
    """Let a fork take over these lanes and work them to the end. Returns the signal that ended it, or 0."""
    fresh().close()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            db.engine.dispose(close=False)
            _watch(act)
            for channel in channels:
                worker.take_over(school.house, channel)
                work(school, channel)
        finally:
            sys.setprofile(None)
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def killer(at: Point) -> Callable[[Point], None]:
    """Death at exactly this point."""

    def act(point: Point) -> None:
        if point == at:
            os.kill(os.getpid(), signal.SIGKILL)

    return act


def killer_after(steps: int) -> Callable[[Point], None]:
    """Death at the n-th point, whichever that is."""
    left = steps

    def act(_: Point) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return act
