"""Claim: the families' page costs the app a look at a cookie, and update 2,000 of a trip is published like its tenth.

`python -m bench.families`: requests a second of the page through nginx and the app, with the example of `deploy/`, against
the bare file from the same nginx (Debian's `wrk` asks); then the time and the files that one more update takes to publish.
"""

import logging
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from statistics import median
from uuid import uuid4

import requests
import sqlalchemy as sa

from bench.instance import running, school_on, until
from tests.factories import School, draft, open_school, work
from tests.servers import free_port
from tests.web import nginx
from tripupdates import journey, office, picturing
from tripupdates.database import fresh, transaction
from tripupdates.outbox import worker
from tripupdates.outbox.records import Delivery
from tripupdates.photos.boxes import Box
from tripupdates.photos.clean import clean
from tripupdates.photos.room import Prepared, Room
from tripupdates.practice import camera
from tripupdates.vocabulary import Channel, DeliveryState

ON_PAGE, PAIRS, SECONDS = 60, 5, 4
FEW, MANY = 10, 2000
FAMILIES = (Channel.FAMILIES,)
_scenes = count(1)


class SmallRoom(Room):
    """Cleans small pictures in this process: what is measured comes after."""

    def prepare(self, upload: bytes, crop: Box | None = None, covers: Sequence[Box] = ()) -> Prepared:
        del crop, covers
        return Prepared(clean(upload), ())


def write(school: School, many: int, photos: bool, channels: tuple[Channel, ...] = FAMILIES) -> None:
    """Approve so many updates, each with a photo of its own where there are to be any. None is delivered yet."""
    for number in range(many):
        update = draft(
            school,
            f"We climbed step {number} of the tower, and counted all of them on the way down.",
            channels,
        )
        if photos:
            photo, upload = uuid4(), camera.take(next(_scenes), (96, 72), extras=frozenset())
            picturing.add_photo(school.house, school.author, update, photo, upload)
            picturing.describe_photo(school.house, school.author, update, photo, f"Step {number}.", [])
        journey.submit(school.house, school.author, update)
        journey.approve(school.house, school.head, update, school.digest(update))
        school.clock.pass_(minutes=1)


def publishing(last: int, channel: Channel = Channel.FAMILIES) -> tuple[float, float, float]:
    """Seconds that update number `last` takes from its order to its page, files written, and KB in them; median of three."""
    with tempfile.TemporaryDirectory() as folder, open_school(Path(folder)) as school:
        school.house = replace(school.house, room=SmallRoom())
        write(school, last - 1, photos=True, channels=(channel,))
        with transaction() as session:
            session.execute(sa.update(Delivery).values(state=DeliveryState.SENT))
        worker.mend_pages(school.house, channel)
        found = []
        for _ in range(3):
            before = _standing(school, channel)
            write(school, 1, photos=True, channels=(channel,))
            begun = time.perf_counter()
            work(school, channel)
            took = time.perf_counter() - begun
            after = _standing(school, channel)
            written = [path for path, mark in after.items() if before.get(path) != mark]
            found.append((took, len(written), sum(path.stat().st_size for path in written) / 1000))
        seconds, files, size = (median(each) for each in zip(*found, strict=True))
        return seconds, files, size


def _standing(school: School, channel: Channel) -> dict[Path, int]:
    given = school.house.settings
    root = given.site if channel is Channel.WEBSITE else given.families
    return {path: path.stat().st_ino for path in root.rglob("*") if path.is_file()}


@contextmanager
def town(fill: Callable[[School], None]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """A filled school behind nginx: its address, its trip's slug, and the cookie of a phone that knows the code."""
    with school_on(server=False) as (school, environ, _), tempfile.TemporaryDirectory() as place:
        fill(school)
        folder, port, path = school.house.settings.families, free_port(), f"/trips/{school.slug}/"
        app = school.house.settings.public_base_url
        with running(environ, ("serve",)):
            until(app, "/healthz")
            configuration = nginx.configured(Path(place), port, app, school, workers=2)
            said = configuration.read_text("utf-8").replace(
                "location = /metrics", f"{_bare(folder)}\n location = /metrics"
            )
            configuration.write_text(re.sub(r"rate=\d+r/s", "rate=100000r/s", said), "utf-8")
            with nginx.running(configuration, port) as base:
                yield base, school.slug, _cookie(base, path, office.trip_by_slug(fresh(), school.slug).code)


def _bare(folder: Path) -> str:
    """The same file for everybody, without the app."""
    return f"location /bare/ {{ alias {folder}/; gzip_static on; }}"


def _cookie(base: str, path: str, code: str) -> dict[str, str]:
    with requests.Session() as web:
        token = re.search(
            r'name="csrf_token"[^>]*value="([^"]+)"', web.get(f"{base}{path}code", timeout=10).text
        )
        form = {"csrf_token": token[1] if token else "", "code": code}
        web.post(f"{base}{path}code", data=form, timeout=10).raise_for_status()
        return {"Cookie": f"trip={web.cookies['trip']}"}


def _sixty(school: School) -> None:
    write(school, ON_PAGE, photos=False)
    work(school, Channel.FAMILIES, limit=10 * ON_PAGE)


def serving() -> tuple[float, float, float]:
    """Requests a second through the app, of the bare file, and the ratio; medians of pairs."""
    with town(_sixty) as (base, slug, cookie):
        pairs, path = [], f"/trips/{slug}/"
        for _ in range(PAIRS):
            through = asked(base + path, cookie)
            pairs.append((through, asked(base + path.replace("/trips/", "/bare/"), {})))
    through, bare = (median(each) for each in zip(*pairs, strict=True))
    return through, bare, median(one / other for one, other in pairs)


def asked(address: str, headers: dict[str, str]) -> float:
    """How many answers a second a phone's browser would get, all of them 200."""
    more = [f"-H{name}: {value}" for name, value in (headers | {"Accept-Encoding": "gzip, br"}).items()]
    command = ["wrk", "-t1", "-c16", f"-d{SECONDS}s", *more, address]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - Debian's wrk
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if found is None or "Non-2xx" in said:
        raise SystemExit(said)
    return float(found[1])


def table() -> str:
    """The figures, as Markdown."""
    through, bare, ratio = serving()
    asks = f"| requests a second, {ON_PAGE} updates | {through:.0f} through the app | {bare:.0f} the bare file | {ratio:.4f} |"
    return "\n".join(
        ["| the families' page | | | ratio |", "|---|---|---|---|", asks, *one_more(Channel.FAMILIES)]
    )


def one_more(channel: Channel) -> list[str]:
    """What one more update costs as the tenth and as number 2,000, as rows of a table."""
    few, many = publishing(FEW, channel), publishing(MANY, channel)
    ratios = [much / little for little, much in zip(few, many, strict=True)]
    return [
        f"| seconds to publish one more | {few[0]:.2f} as number {FEW} | {many[0]:.2f} as number {MANY} | {ratios[0]:.1f} |",
        f"| files written | {few[1]:.0f} | {many[1]:.0f} | {ratios[1]:.1f} |",
        f"| KB in them | {few[2]:.0f} | {many[2]:.0f} | {ratios[2]:.1f} |",
    ]


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    print(table())  # noqa: T201 - printing is what it is for
