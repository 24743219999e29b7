"""A worker's shift: a thread for each lane, one that tells people, one that sweeps, one that says that it lives.

When it must stop, no lane takes anything new. What is in hand is finished if that can be soon; else the process ends
all the same, the row stays `sending`, and the next worker looks it up (law 6).
"""

import logging
import threading
import time
from collections.abc import Callable

from flask import Flask

from tripupdates import ballast, contacting, erasure
from tripupdates.health import heart
from tripupdates.house import House
from tripupdates.outbox import worker
from tripupdates.telling import round as telling

HAND_BACK = 8.0  # seconds for what is in hand; systemd and the supervisor grant more
HOUR = 3600.0  # seconds between sweeps

log = logging.getLogger(__name__)


def run(app: Flask, house: House, stop: threading.Event) -> bool:
    """Work until `stop` is set, then at most HAND_BACK seconds more. False where something is in hand still.

    Whoever called ends the process then: its threads hold nothing that a kill would hurt.
    """
    work: list[tuple[str, Callable[..., None], tuple[object, ...]]] = [
        (channel, worker.keep_lane, (app, house, channel, stop)) for channel in house.places
    ]
    others = {"telling": telling.run, "sweep": sweep, "heart": heart.run}
    work += [(name, each, (app, house, stop)) for name, each in others.items()]
    threads = [
        threading.Thread(target=target, args=given, name=name, daemon=True) for name, target, given in work
    ]
    for thread in threads:
        thread.start()
    stop.wait()
    until = time.monotonic() + HAND_BACK
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    left = [thread.name for thread in threads if thread.is_alive()]
    if left:
        log.warning("ended with something in hand, to be looked up: %s", " ".join(left))
    return not left


def sweep(app: Flask, house: House, stop: threading.Event) -> None:
    """Every hour, delete the pixels and the contacts that nobody may need any more, and have the ballast; until `stop` is set."""
    while not stop.is_set():
        try:
            with app.app_context():
                erasure.expire(house)
                erasure.sweep(house)
                contacting.expire(house)
            ballast.keep(house.settings.instance)
        except Exception as error:
            log.error("the hourly sweep stumbled", exc_info=error)
        stop.wait(HOUR)
