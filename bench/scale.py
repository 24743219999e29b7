"""Claim: three web processes and three workers are one school: nothing lost, doubled or out of order.

`python -m bench.scale [UPDATES]`: on PostgreSQL with throttles in Redis, 30 phones write and submit at once through three
`serve`, the head approves through whichever, three `worker` deliver to the practice X and the pages; one worker is killed
by SIGKILL every few seconds and started again.
"""

import logging
import os
import random
import re
import signal
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import requests
import sqlalchemy as sa

from bench.instance import running, school_on, until, waiting
from tests import servers
from tests.factories import PASSWORD
from tripupdates.approval.records import Decision, Version
from tripupdates.database import fresh
from tripupdates.outbox.records import Delivery
from tripupdates.vocabulary import Channel

PHONES, UPDATES, WEBS, WORKERS, KILL_EVERY, LONGEST = 30, 300, 3, 3, 5.0, 900.0


class Phone:
    """Somebody signed in, who speaks to one web process or another."""

    def __init__(self, bases: list[str], who: str, luck: random.Random) -> None:
        self._bases, self._luck, self._session = bases, luck, requests.Session()
        page = self._session.get(bases[0] + "/staff/login", timeout=30).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        form = {
            "csrf_token": token[1] if token else "",
            "email": f"{who}@puddle-lane.example",
            "password": PASSWORD,
        }
        self._session.post(bases[0] + "/staff/login", data=form, timeout=30)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask any of the web processes, again while it is too busy."""
        headers = {"Sec-Fetch-Site": "same-origin"}  # as a browser says of our own pages
        for _ in range(50):
            base = self._luck.choice(self._bases)
            with self._session.request(method, base + path, json=body, headers=headers, timeout=60) as answer:
                if answer.status_code != 503:
                    answer.raise_for_status()
                    said: dict[str, Any] = answer.json()
                    return said
            time.sleep(0.2)
        raise TimeoutError("too busy for ten seconds")


def _write(phone: Phone, slug: str, number: int) -> str:
    address = f"/api/updates/{uuid.uuid4()}"
    body = {"trip": slug, "text": f"Update {number}.", "channels": [channel.value for channel in Channel]}
    phone.call("PUT", address, body)
    phone.call("POST", address + "/submit", {})
    return address


@contextmanager
def _webs(environ: dict[str, str]) -> Iterator[list[str]]:
    bases = [f"127.0.0.1:{servers.free_port()}" for _ in range(WEBS)]
    with running(environ, *(("serve", "--bind", base) for base in bases)):
        for base in bases:
            until(f"http://{base}", "/healthz")
        yield [f"http://{base}" for base in bases]


def _deliver(environ: dict[str, str]) -> tuple[int, float]:
    """Three workers, one of which dies every few seconds, until all is sent. Returns kills and seconds."""
    begun, kills = time.monotonic(), 0
    with ExitStack() as stack:
        groups = [stack.enter_context(running(environ, ("worker",)))[0] for _ in range(WORKERS)]
        next_kill = begun + KILL_EVERY
        while waiting() and time.monotonic() - begun < LONGEST:
            if time.monotonic() > next_kill:
                os.killpg(groups[kills % WORKERS], signal.SIGKILL)
                groups[kills % WORKERS] = stack.enter_context(running(environ, ("worker",)))[0]
                kills, next_kill = kills + 1, time.monotonic() + KILL_EVERY
            time.sleep(0.2)
        return kills, time.monotonic() - begun


def _in_order(texts: list[str]) -> bool:
    """Whether these stand as they were approved, the first first."""
    rows = fresh().execute(
        sa.select(Delivery.version_id, Decision.at)
        .join(Decision, Decision.version_id == Delivery.version_id)
        .where(Delivery.channel == Channel.X)
        .order_by(Decision.at)
    )
    versions = [row.version_id for row in rows]
    said = {each.id: each.manifest["channels"]["x"]["text"] for each in fresh().scalars(sa.select(Version))}
    return texts == [said[version] for version in versions]


def run(updates: int) -> list[tuple[str, object]]:
    """The rows of the table."""
    luck = random.Random(1)  # noqa: S311 - a draw, no secret
    more = {"ratelimit_storage_uri": servers.redis()}
    with school_on(True, **more) as (school, environ, state), _webs(environ) as bases:
        people = [Phone(bases, who, luck) for who in ("author", "colleague")]
        begun = time.monotonic()
        with ThreadPoolExecutor(PHONES) as pool:
            jobs = [pool.submit(_write, people[n % 2], school.slug, n) for n in range(updates)]
            addresses = [job.result() for job in jobs]
        wrote = time.monotonic() - begun
        head = Phone(bases, "head", luck)
        for address in addresses:
            head.call("POST", address + "/approve", {"digest": head.call("GET", address)["digest"]})
        kills, took = _deliver(environ)
        posted = [tweet.text for tweet in state.all()][::-1]
        pages = school.house.settings
        family = (pages.families / school.slug / "index.html").read_text()
        website = (pages.site / "trips" / school.slug / "index.html").read_text()
        count = Counter(posted)
        texts = [f"Update {n}." for n in range(updates)]
        return [
            ("updates, phones, web processes, workers", f"{updates}, {PHONES}, {WEBS}, {WORKERS}"),
            ("seconds until all were with the head", round(wrote)),
            ("workers killed", kills),
            ("seconds until all stood everywhere", round(took)),
            (
                "lost on X, families, website",
                [sum(text not in where for text in texts) for where in (count, family, website)],
            ),
            (
                "doubled",
                sum(each > 1 for each in count.values())
                + sum(family.count(f">{text}<") > 1 for text in texts),
            ),
            ("on X in the order of approvals", "yes" if _in_order(posted) else "no"),
        ]


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    many = int(sys.argv[1]) if len(sys.argv) > 1 else UPDATES
    rows = run(many)
    print("\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]))  # noqa: T201 - printing is what it is for
