"""A page asks the database as often with many updates as with few: it does not grow slower with each trip."""

from collections.abc import Callable

import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.factories import School, all_consent, approved, draft, make_trip, waiting, work
from tripupdates.database import db
from tripupdates.vocabulary import Channel

PAGES: dict[str, tuple[str, Callable[[School], str]]] = {
    "staff, home": ("author", lambda _: "/staff/"),
    "staff, outbox": ("author", lambda _: "/staff/outbox"),
    "phone, its pocket": ("author", lambda _: "/api/phone"),
    "phone, trips": ("author", lambda _: "/api/trips"),
    "head, what waits": ("head", lambda _: "/review/"),
    "office, trips": ("office", lambda _: "/office/"),
    "office, trip": ("office", lambda school: f"/office/trips/{school.slug}"),
    "office, people": ("office", lambda _: "/office/people"),
}


def asked(client: FlaskClient, path: str) -> int:
    """How many statements a page needs."""
    statements = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert client.get(path).status_code == 200
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", count)
    return len(statements)


def _fill(school: School, times: int) -> None:
    for number in range(times):
        approved(school, ("Ada", "Bram"), text=f"Out {number}.")
        waiting(school, ("Ada", "Bram"), text=f"Waiting {number}.")
        draft(school, text=f"Draft {number}.")
    work(school, Channel.FAMILIES, Channel.WEBSITE, limit=1000)


def test_no_page_asks_more_often_where_there_is_more(school: School) -> None:
    all_consent(school)
    clients = {who: school.client(who) for who, _ in PAGES.values()}
    _fill(school, 2)

    def count() -> dict[str, int]:
        return {name: asked(clients[who], path(school)) for name, (who, path) in PAGES.items()}

    count()  # what is asked once a process
    few = count()
    _fill(school, 6)
    assert count() == few


def test_pages_that_list_trips_ask_as_often_after_years(school: School) -> None:
    names = ("staff, home", "office, trips")
    clients = {who: school.client(who) for who, _ in PAGES.values()}

    def count() -> dict[str, int]:
        return {name: asked(clients[PAGES[name][0]], PAGES[name][1](school)) for name in names}

    for year in range(14):
        make_trip(school, f"Moor Residential {year}", ("author",))
    count()  # what is asked once a process
    few = count()
    for year in range(14, 24):
        make_trip(school, f"Moor Residential {year}", ("author",))
    assert count() == few
