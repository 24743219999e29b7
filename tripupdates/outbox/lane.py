"""A lane: work that one thread of one worker does at a time, whoever else runs beside it."""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tripupdates.house import House

POLL = 0.3  # seconds between looks at a lane that another holds

_HELD: set[str] = set()


def held() -> frozenset[str]:
    """The lanes that this process holds now."""
    return frozenset(_HELD)


@contextmanager
def alone(house: House, name: str, stop: threading.Event) -> Iterator[bool]:
    """Wait for the lane; False where `stop` came first. The kernel drops the lock when its holder dies."""
    folder = house.settings.instance / "lanes"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        while not stop.is_set():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                stop.wait(POLL)
            else:
                _HELD.add(name)
                try:
                    yield True
                finally:
                    _HELD.discard(name)
                return
        yield False
