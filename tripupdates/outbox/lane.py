"""A lane: work that one thread of one worker does at a time, whoever else runs beside it on whatever machine."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask

from tripupdates.database import db

POLL = 0.3  # seconds between looks at a lane that another holds

_HELD: set[str] = set()


def held() -> frozenset[str]:
    """The lanes that this process holds now."""
    return frozenset(_HELD)


@contextmanager
def alone(app: Flask, name: str, stop: threading.Event) -> Iterator[Callable[[], bool]]:
    """Wait for the lane. Yields a question to ask before each piece of work: is it ours yet, and nobody said stop?

    It ends with its holder, and with the connection to a database server: then somebody else may have it.
    """
    with app.app_context():
        locks = db.kind.locks
    while not locks.take(name):
        if stop.wait(POLL):
            yield lambda: False
            return
    _HELD.add(name)
    try:
        yield lambda: not stop.is_set() and locks.still(name)
    finally:
        _HELD.discard(name)
        locks.drop(name)
