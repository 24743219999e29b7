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

# What reaches beyond the process: the disk, the wire, a commit. Between two of them it does not matter when one dies.
CHANGES = frozenset(
    "commit fsync mkdir rename replace rmdir unlink write connect send sendall recv recv_into".split()
)

Point = tuple[str, str, int]  # function, "call" or "return", how many times it has happened
Act = Callable[[Point, int], None]  # with how many changes there were before


def _watch(act: Act) -> None:
    """Call `act` whenever a function of the watched modules is entered or left."""
    seen: Counter[tuple[str, str]] = Counter()
    changes = 0

    def look(frame: FrameType, event: str, argument: object) -> None:
        nonlocal changes
        if event.startswith("c_"):
            changes += getattr(argument, "__name__", "") in CHANGES
            return
        module = frame.f_globals.get("__name__", "")
        if module.startswith(WATCHED):
            name = f"{module}:{frame.f_code.co_qualname}"
            seen[name, event] += 1
            act((name, event, seen[name, event]), changes)

    sys.setprofile(look)


def work_in_a_fork(school: School, act: Act, channels: tuple[Channel, ...] = EVERYWHERE) -> int:
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


def killer(at: Point) -> Act:
    """Death at exactly this point."""

    def act(point: Point, _changes: int) -> None:
        if point == at:
            os.kill(os.getpid(), signal.SIGKILL)

    return act


def killer_after(steps: int) -> Act:
    """Death at the n-th point, whichever that is."""
    left = steps

    def act(_point: Point, _changes: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return act


def points(school: School, channels: tuple[Channel, ...] = EVERYWHERE) -> list[Point]:
    """Each step of what is due now: when a function is entered for the first time, and left for the last.

    Of those between which nothing has changed beyond the process, one.
    """
    with TemporaryFile("r+b", buffering=0) as lines:  # a pipe would be full before anybody reads it

        def tell(point: Point, changes: int) -> None:
            lines.write(f"{point[0]} {point[1]} {point[2]} {changes}\n".encode())

        assert work_in_a_fork(school, tell, channels) == 0
        lines.seek(0)
        happened = [line.decode().split() for line in lines]
    last = {(name, event): int(count) for name, event, count, _ in happened}
    steps = {(*step, 1 if step[1] == "call" else most) for step, most in last.items()}
    by_changes: dict[str, Point] = {}
    for name, event, count, changes in happened:
        if (point := (name, event, int(count))) in steps:
            by_changes.setdefault(changes, point)
    return list(by_changes.values())


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
