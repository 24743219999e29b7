"""A worker in a fork that is watched, or dies by SIGKILL at a step of ours."""

import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from types import FrameType

from tests.factories import EVERYWHERE, School, work
from tripupdates.database import db, fresh
from tripupdates.outbox import worker
from tripupdates.vocabulary import Channel

# What changes something: to die while only reading is to die before the next change.
WATCHED = (
    "tripupdates.outbox.queue",
    "tripupdates.outbox.worker",
    "tripupdates.asking_queue",
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
    _let_go()
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


def points(school: School, channels: tuple[Channel, ...] = EVERYWHERE) -> list[Point]:
    """Each step of what is due now: when a function is entered for the first time, and left for the last."""
    with TemporaryFile("r+b", buffering=0) as lines:  # a pipe would be full before anybody reads it

        def tell(point: Point) -> None:
            lines.write(f"{point[0]} {point[1]} {point[2]}\n".encode())

        assert work_in_a_fork(school, tell, channels) == 0
        lines.seek(0)
        happened = [line.decode().split() for line in lines]
    last: dict[tuple[str, str], int] = {(name, event): int(count) for name, event, count in happened}
    return sorted((*step, 1 if step[1] == "call" else most) for step, most in last.items())


class Kept:
    """A school as it stood when all was ready: its files, its rows and the time. Every kill begins there."""

    def __init__(self, school: School, folder: Path) -> None:
        self.school, self._folder, self._began = school, folder, school.clock.now
        _let_go()
        shutil.copytree(school.house.settings.instance, folder)

    def again(self) -> None:
        """As it was kept."""
        _let_go()
        shutil.rmtree(self.school.house.settings.instance)
        shutil.copytree(self._folder, self.school.house.settings.instance)
        self.school.clock.now = self._began


def _let_go() -> None:
    fresh().close()
    db.engine.dispose()
