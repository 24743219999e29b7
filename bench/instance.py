"""Claim: one school is two small processes that start in seconds, and deliver faster than a school can write.

`python -m bench.instance`: memory of `serve` and `worker` at rest and after work (each process's own share, Pss), cold
start until `/readyz` answers, and deliveries a second to a practice X on this machine, on SQLite and on PostgreSQL.
"""

import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, cast

import requests
import sqlalchemy as sa
from flask import Flask

from tests import servers
from tests.factories import School, approved, on_a_server, open_school, work
from tests.practice.running import running_x
from tripupdates.database import fresh
from tripupdates.outbox.records import Delivery
from tripupdates.practice.x_state import State
from tripupdates.vocabulary import Channel, DeliveryState

UPDATES, VISITS, TIMES = 100, 200, 5
SECRETS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
ENGINES = {"SQLite": False, "PostgreSQL": True}


@contextmanager
def school_on(server: bool, **more: Any) -> Iterator[tuple[School, dict[str, str], State]]:
    """A school with a practice X, the variables that its commands need, and what the practice X knows."""
    with tempfile.TemporaryDirectory() as folder, running_x(Path(folder) / "x") as x:
        (home := Path(folder) / "school").mkdir()
        changes = {f"x_{name}": getattr(x.keys, name) for name in ("handle", *SECRETS)} | {
            "x_api_base": x.base
        }
        changes |= more
        changes["public_base_url"] = f"http://127.0.0.1:{servers.free_port()}"
        if server:
            changes["database_url"] = on_a_server()
        with open_school(home, None, **changes) as school:
            school.clock.now = datetime.now(UTC)
            environ = os.environ | {"TRIPUPDATES_INSTANCE": str(home)}
            for name in ("secret_key", "school_name", "database_url", *changes):
                environ[f"TRIPUPDATES_{name.upper()}"] = str(getattr(school.house.settings, name))
            yield school, environ, cast(Flask, x.server.app).extensions["state"]


@contextmanager
def running(environ: dict[str, str], *commands: tuple[str, ...]) -> Iterator[list[int]]:
    """These commands of ours, each with all its processes in a group of its own; the groups' numbers."""
    ours = [
        subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "tripupdates", *command],
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for command in commands
    ]
    try:
        yield [each.pid for each in ours]
    finally:
        for each in ours:
            with suppress(ProcessLookupError):  # killed meanwhile
                os.killpg(each.pid, signal.SIGTERM)
            each.wait()


def _pss(group: int) -> float:
    """What the processes of a group take together, in MB; what they share is counted once."""
    total = 0
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            if os.getpgid(int(entry.name)) == group:
                lines = (entry / "smaps_rollup").read_text().splitlines()
                total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def _answers(base: str, path: str) -> bool:
    with suppress(requests.RequestException), requests.get(base + path, timeout=5) as answer:
        return answer.status_code == 200
    return False


def until(base: str, path: str) -> None:
    while not _answers(base, path):
        time.sleep(0.02)


def starts(school: School, environ: dict[str, str]) -> float:
    """Seconds from nothing to the first answer."""
    took = []
    for _ in range(TIMES):
        begun = time.monotonic()
        with running(environ, ("serve",)):
            until(school.house.settings.public_base_url, "/healthz")
            took.append(time.monotonic() - begun)
    return median(took)


def memory(school: School, environ: dict[str, str]) -> list[tuple[str, float, float]]:
    """Name, MB at rest, MB after work."""
    base = school.house.settings.public_base_url
    with running(environ, ("serve",), ("worker",)) as groups:
        until(base, "/readyz")
        time.sleep(2)
        rest = [_pss(group) for group in groups]
        for number in range(VISITS):
            _answers(base, ("/staff/login", "/site/", f"/trips/{school.slug}/code")[number % 3])
        for number in range(20):
            approved(school, text=f"Memory {number}.")
        while waiting():
            time.sleep(0.2)
        busy = [_pss(group) for group in groups]
    return list(zip(("web", "worker"), rest, busy, strict=True))


def waiting() -> int:
    query = sa.select(sa.func.count()).where(Delivery.state != DeliveryState.SENT)
    return fresh().scalar(query) or 0


def deliveries(school: School) -> dict[str, float]:
    """Orders a second, each with its claim, its attempt and its outcome committed and sealed."""
    for number in range(UPDATES):
        approved(school, text=f"Update {number}.")
    speeds = {}
    for channel in (Channel.X, Channel.FAMILIES):
        begun = time.monotonic()
        work(school, channel, limit=10 * UPDATES)
        speeds[channel.value] = UPDATES / (time.monotonic() - begun)
    return speeds


def table() -> str:
    """The figures, as Markdown."""
    lines = ["| | " + " | ".join(ENGINES) + " |", "|---|---|---|"]
    rows: dict[str, list[str]] = {}
    for server in ENGINES.values():
        with school_on(server) as (school, environ, _):
            rows.setdefault("cold start to the first answer, s", []).append(f"{starts(school, environ):.1f}")
            for name, rest, busy in memory(school, environ):
                rows.setdefault(f"{name}, MB at rest, after work", []).append(f"{rest:.0f}, {busy:.0f}")
            for channel, speed in deliveries(school).items():
                rows.setdefault(f"deliveries a second, {channel}", []).append(f"{speed:.0f}")
    return "\n".join([*lines, *(f"| {name} | {' | '.join(values)} |" for name, values in rows.items())])


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    print(table())  # noqa: T201 - printing is what it is for
