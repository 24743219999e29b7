"""The worker's sign of life: for each lane that it holds, a row says when. A thread of its own, for a send may take long."""

import logging
import threading
import time
from collections.abc import Collection

from flask import Flask

from tripupdates.database import transaction
from tripupdates.health.records import Heartbeat
from tripupdates.house import House
from tripupdates.outbox import lane

BEAT = 10.0  # seconds
LOOK = 0.5  # seconds between looks at which lanes are held

log = logging.getLogger(__name__)


def run(app: Flask, house: House, stop: threading.Event) -> None:
    """Beat until `stop` is set: every ten seconds, and as soon as a lane is taken."""
    said: frozenset[str] = frozenset()
    next_beat = 0.0
    while not stop.is_set():
        held = lane.held()
        if held - said or time.monotonic() >= next_beat:
            next_beat = time.monotonic() + BEAT
            try:
                with app.app_context():
                    beat(house, held)
                said = held
            except Exception as error:
                log.error("a sign of life could not be written", exc_info=error)
        stop.wait(LOOK)


def beat(house: House, lanes: Collection[str]) -> None:
    """Write down that these lanes are worked now."""
    if not lanes:
        return
    with transaction() as session:
        for name in sorted(lanes):
            session.merge(Heartbeat(lane=name, at=house.now()))
