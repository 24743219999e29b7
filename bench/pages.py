"""Claim: pages stay as quick after years of trips as in the first week.

`python -m bench.pages`: a school with 10, 1,000 and 10,000 updates, fifty a trip, all sent but six that wait and six drafts. How
often each page asks the database, and the median of nine requests without a network, against the first as a ratio.
"""

import logging
import statistics
import tempfile
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.factories import School, all_consent, approved, draft, open_school, waiting, work
from tests.web.test_queries import PAGES, asked
from tripupdates.approval.records import Decision, Update, Version
from tripupdates.database import Base, db, fresh
from tripupdates.outbox.records import Delivery
from tripupdates.trips.records import Trip, accompanying
from tripupdates.vocabulary import Channel

SIZES, A_TRIP, TIMES = (10, 1_000, 10_000), 50, 9


def _rows(kind: type[Base], where: Any) -> list[dict[str, Any]]:
    table: Any = kind.__table__
    with db.engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(table).where(where)).mappings()]


def _copy(kind: type[Base], rows: list[dict[str, Any]]) -> None:
    table: Any = kind.__table__
    with db.engine.begin() as connection:
        for start in range(0, len(rows), 500):
            connection.execute(sa.insert(table), rows[start : start + 500])


def _grow(school: School, size: int) -> None:
    """Years of updates, as rows like those of the first one that went its whole way."""
    first = approved(school, ("Ada", "Bram"))
    work(school, Channel.FAMILIES, Channel.WEBSITE)
    fresh().close()
    trip = _rows(Trip, Trip.id == school.trip_id())[0]
    fresh().close()
    trips = [
        trip
        | {"id": uuid.uuid4(), "slug": f"years-ago-{number}", "code": f"{trip['code']}{number}"}
        | {day: trip[day] - timedelta(days=40 + number) for day in ("starts", "ends")}
        for number in range(size // A_TRIP)
    ]
    update = _rows(Update, Update.id == first)[0]
    version = _rows(Version, Version.update_id == first)[0]
    decision = _rows(Decision, Decision.version_id == version["id"])[0]
    deliveries = _rows(Delivery, Delivery.update_id == first)
    made: dict[type[Base], list[dict[str, Any]]] = {Update: [], Version: [], Decision: [], Delivery: []}
    for number in range(size):
        ids = {"id": uuid.uuid4(), "version_id": uuid.uuid4()}
        where = trips[number // A_TRIP]["id"] if number // A_TRIP < len(trips) else trip["id"]
        made[Update].append(update | ids | {"trip_id": where})
        made[Version].append(version | {"id": ids["version_id"], "update_id": ids["id"]})
        made[Decision].append(decision | {"version_id": ids["version_id"]})
        about = {"update_id": ids["id"], "version_id": ids["version_id"]}
        made[Delivery] += [
            each | about | {"id": uuid.uuid4(), "dedupe": str(uuid.uuid4())} for each in deliveries
        ]
    _copy(Trip, trips)
    _copy_staff(trip["id"], [each["id"] for each in trips])
    for kind, rows in made.items():
        _copy(kind, rows)
    for number in range(6):
        waiting(school, ("Ada", "Bram"), text=f"Waiting {number}.")
        draft(school, text=f"Draft {number}.")


def _copy_staff(like: uuid.UUID, trips: list[uuid.UUID]) -> None:
    """The same people went along."""
    table = accompanying
    with db.engine.begin() as connection:
        people = [
            dict(row)
            for row in connection.execute(sa.select(table).where(table.c.trip_id == like)).mappings()
        ]
        rows = [person | {"trip_id": trip} for trip in trips for person in people]
        if rows:
            connection.execute(sa.insert(table), rows)


def _measure(size: int) -> dict[str, tuple[int, float]]:
    """Each page's statements and median milliseconds."""
    with tempfile.TemporaryDirectory() as folder, open_school(Path(folder)) as school:
        school.tampered = True  # rows without a line in the audit
        all_consent(school)
        _grow(school, size)
        found = {}
        for name, (who, path) in PAGES.items():
            client = school.client(who)
            client.get(path(school))
            statements, times = asked(client, path(school)), []
            for _ in range(TIMES):
                begun = time.perf_counter()
                client.get(path(school))
                times.append(time.perf_counter() - begun)
            found[name] = (statements, statistics.median(times) * 1000)
        return found


def table() -> str:
    """The figures, as Markdown."""
    measured = {size: _measure(size) for size in SIZES}
    head = " | ".join(f"{size} updates: statements, ms" for size in SIZES)
    lines = [f"| page | {head} | ms, last to first |", "|---|" + "---|" * (len(SIZES) + 1)]
    for name in PAGES:
        cells = " | ".join(f"{measured[size][name][0]}, {measured[size][name][1]:.0f}" for size in SIZES)
        ratio = measured[SIZES[-1]][name][1] / measured[SIZES[0]][name][1]
        lines.append(f"| {name} | {cells} | {ratio:.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    print(table())  # noqa: T201 - printing is what it is for
