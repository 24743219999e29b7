"""Claim: whatever kills the workers and however X fails, each post is there once, or a person is told.

`python -m bench.kills [NUMBER] [--postgresql]` takes up to half an hour for the 200. Two workers at a time deliver as
many approved updates to a practice X, of whose posts 10 % each end in: a time-out after X took it, a reset, a 500 after
X took it, a 429, an unreadable body. One worker after the other is killed by SIGKILL: at random, or where a named point
is reached for the n-th time. Then all of it is taken down under the same kills.
"""

import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any, cast

import sqlalchemy as sa
from flask import Flask

from tests.factories import School, approved, on_a_server, open_school
from tests.practice.running import running_x
from tripupdates import takedown
from tripupdates.app import create_app
from tripupdates.database import fresh
from tripupdates.outbox import shift
from tripupdates.outbox.records import Delivery
from tripupdates.practice.memory import Fault
from tripupdates.practice.x_state import State
from tripupdates.vocabulary import Channel, DeliveryState, Order

NUMBER, WORKERS, SEED, LONGEST = 200, 2, 6, 900.0
FAULTS = ("timeout_after", "reset_after", "500_after", "429", "unreadable_after")
OFTEN = 0.1  # of each
# Name: the function, and whether it is entered or left.
POINTS = {
    "claimed": ("claim", "return"),
    "before the wire": ("X.publish", "call"),
    "after the wire": ("X._sent", "return"),
    "before commit": ("_settle", "call"),
    "after commit": ("_settle", "return"),
    "while looking up": ("X._timeline", "call"),
    "while deleting": ("X._take_down", "return"),
    "at random": ("", ""),
}


def _worker(point: str, nth: int) -> None:
    """What a worker process runs: the real shift, and death at the n-th time that a point is reached."""
    name, when = POINTS[point]
    left = nth

    def look(frame: FrameType, event: str, _: object) -> None:
        nonlocal left
        ours = frame.f_globals.get("__name__", "").startswith("tripupdates")
        if ours and event == when and frame.f_code.co_qualname == name:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    if name:
        threading.setprofile(look)
    app = create_app()
    shift.run(app, app.extensions["house"], threading.Event())


def _start(environ: dict[str, str], luck: random.Random) -> tuple[subprocess.Popen[bytes], str, float]:
    """A worker that dies at some point, or that we kill at random before then."""
    point = luck.choice(list(POINTS))
    command = [sys.executable, "-m", "bench.kills", "--worker", point, str(luck.randint(1, 6))]
    out = subprocess.DEVNULL
    process = subprocess.Popen(  # noqa: S603 - ourselves
        command, env=environ, stdout=out, stderr=out
    )
    return process, point, time.monotonic() + (luck.uniform(2, 8) if point == "at random" else 20)


def _under_kills(environ: dict[str, str], luck: random.Random, school: School, order: Order) -> Counter[str]:
    """Let workers work and die until nothing is open. Returns where they died."""
    died: Counter[str] = Counter()
    running = [_start(environ, luck) for _ in range(WORKERS)]
    end = time.monotonic() + LONGEST
    while _open(order) and time.monotonic() < end:
        for number, (process, point, until) in enumerate(running):
            if process.poll() is None and time.monotonic() < until:
                continue
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()
            died[point if process.returncode == -signal.SIGKILL else "of itself"] += 1
            running[number] = _start(environ, luck)
        time.sleep(0.2)
    for process, _, _ in running:
        process.kill()
        process.wait()
    return died


def _open(order: Order) -> int:
    done = (DeliveryState.SENT, DeliveryState.NEEDS_PERSON, DeliveryState.REFUSED, DeliveryState.STOPPED)
    query = sa.select(sa.func.count()).where(Delivery.order == order, Delivery.state.not_in(done))
    return fresh().scalar(query) or 0


def _states(order: Order) -> Counter[str]:
    rows = fresh().scalars(sa.select(Delivery.state).where(Delivery.order == order))
    return Counter(state.value for state in rows)


def _plan(state: State, luck: random.Random) -> None:
    """What goes wrong with each of the next calls; "" for nothing."""
    for route, kinds in (("tweets", FAULTS), ("delete", FAULTS), ("timeline", ("500_before", "429"))):
        chances = [OFTEN] * len(kinds)
        drawn = luck.choices([*kinds, ""], [*chances, 1 - sum(chances)], k=5000)
        state.faults[route] = deque(Fault(kind, 2.0 if kind == "429" else 4.0) for kind in drawn)


def run(number: int, server: bool) -> list[tuple[str, object]]:
    """Both rounds; the rows of the table."""
    luck = random.Random(SEED)  # noqa: S311 - a draw, no secret
    with tempfile.TemporaryDirectory() as folder, running_x(Path(folder) / "x") as x:
        (home := Path(folder) / "school").mkdir()
        keys = {f"x_{name}": getattr(x.keys, name) for name in ("handle", *SECRETS)}
        address: dict[str, Any] = {"database_url": on_a_server()} if server else {}
        with open_school(home, x_api_base=x.base, **keys, **address) as school:
            school.clock.now = datetime.now(UTC)
            updates = [approved(school, text=f"Update {n}.", channels=(Channel.X,)) for n in range(number)]
            environ = os.environ | {"TRIPUPDATES_INSTANCE": str(home)}
            given = school.house.settings
            for name in ("secret_key", "school_name", "public_base_url", "database_url", "x_api_base", *keys):
                environ[f"TRIPUPDATES_{name.upper()}"] = str(getattr(given, name))
            state: State = cast(Flask, x.server.app).extensions["state"]
            state.duplicate_window = timedelta(
                0
            )  # X refuses the same words twice; that must not be what saves us
            _plan(state, luck)
            begun = time.monotonic()
            died = _under_kills(environ, luck, school, Order.PUBLISH)
            took, states = time.monotonic() - begun, _states(Order.PUBLISH)
            posted = Counter(tweet.text for tweet in state.all())
            rows: list[tuple[str, object]] = [
                ("engine", "PostgreSQL" if server else "SQLite"),
                ("deliveries", number),
                ("killed", sum(died.values())),
                ("killed at", ", ".join(f"{point} {count}" for point, count in sorted(died.items()))),
                ("lost", sum(posted[f"Update {n}."] == 0 for n in range(number)) - states["needs_person"]),
                ("doubled", sum(count > 1 for count in posted.values())),
                ("need a person", states["needs_person"]),
                ("not finished", _open(Order.PUBLISH)),
                ("seconds", round(took)),
            ]
            for update in updates:
                takedown.take_down(school.house, school.head, update, "Too soon.")
            begun = time.monotonic()
            died = _under_kills(environ, luck, school, Order.REMOVE)
            rows += [
                ("takedowns", number),
                ("killed, taking down", sum(died.values())),
                ("still on X", len(state.live())),
                ("not confirmed", _open(Order.REMOVE)),
                ("seconds, taking down", round(time.monotonic() - begun)),
            ]
            return rows


SECRETS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")


def table(number: int = NUMBER, server: bool = False) -> str:
    """The figures, as Markdown."""
    rows = run(number, server)
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        _worker(sys.argv[2], int(sys.argv[3]))
    else:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        many = next((int(word) for word in sys.argv[1:] if word.isdigit()), NUMBER)
        print(table(many, "--postgresql" in sys.argv))  # noqa: T201 - printing is what it is for
