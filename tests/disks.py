"""A disk that is full or closed to writing, on the real connections and files of a school."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from tripupdates.database import db, fresh


def always() -> bool:
    return True


@contextmanager
def closed(when: Callable[[], bool] = always) -> Iterator[None]:
    """The database can be read and not written, from when `when` says so: SQLITE_READONLY."""
    with _every_connection(lambda driver: driver.execute(f"PRAGMA query_only = {int(when())}")):
        yield


@contextmanager
def full(when: Callable[[], bool] = always) -> Iterator[None]:
    """The database cannot grow by a page: SQLITE_FULL."""

    def limit(driver: Any) -> None:
        most = driver.execute("PRAGMA page_count").fetchone()[0] if when() else 2**30
        driver.execute(f"PRAGMA max_page_count = {most}")

    _use_up_free_pages()
    with _every_connection(limit):
        yield


def _use_up_free_pages() -> None:
    """What migrations and deletions have left free inside the file would else take a few rows yet."""
    if db.engine.dialect.name == "sqlite":
        fresh().close()
        connection = db.engine.raw_connection()
        driver: Any = connection.driver_connection
        driver.execute("VACUUM")
        connection.close()


@contextmanager
def _every_connection(act: Callable[[Any], object]) -> Iterator[None]:
    def taken(driver: Any, _record: object, _proxy: object) -> None:
        act(driver)

    if db.engine.dialect.name != "sqlite":
        pytest.skip("these limits are SQLite's own")
    fresh().close()
    db.engine.dispose()
    sa.event.listen(db.engine, "checkout", taken)
    try:
        yield
    finally:
        sa.event.remove(db.engine, "checkout", taken)
        fresh().close()
        db.engine.dispose()
