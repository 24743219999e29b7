"""What differs between SQLite and PostgreSQL, and must not be felt: one writer at a time, locks that die with their holder."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tests import servers
from tests.factories import School, on_a_server, open_school, settings
from tripupdates import engines
from tripupdates.cli import main
from tripupdates.database import db, fresh, transaction
from tripupdates.engines import Engine
from tripupdates.outbox.lane import alone
from tripupdates.trips.records import Trip

both = pytest.mark.both_engines


@pytest.fixture
def two(school: School) -> Iterator[tuple[Engine, Engine]]:
    """The engines of two processes of one school."""
    pair = engines.of(school.house.settings), engines.of(school.house.settings)
    yield pair
    for each in pair:
        each.locks.drop("x")
        each.locks.close()
        each.engine.dispose()


@both
def test_a_lock_is_one_processs_alone_until_it_is_dropped(two: tuple[Engine, Engine]) -> None:
    ours, theirs = two[0].locks, two[1].locks
    assert ours.take("x")
    assert (ours.take("x"), theirs.take("x"), theirs.take("y")) == (False, False, True)
    assert (ours.still("x"), theirs.still("x")) == (True, False)
    ours.drop("x")
    assert (ours.still("x"), theirs.take("x")) == (False, True)
    theirs.drop("y")


@both
def test_a_lock_ends_with_a_process_that_is_killed(school: School, two: tuple[Engine, Engine]) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        mine = engines.of(school.house.settings)
        os.write(writer, b"yes" if mine.locks.take("x") else b"no")
        signal.pause()
    assert os.read(reader, 3) == b"yes"
    assert not two[0].locks.take("x")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert _soon(lambda: two[0].locks.take("x"))
    for end in (reader, writer):
        os.close(end)


def test_whoever_lost_the_server_has_lost_the_lock_and_knows(tmp_path: Path) -> None:
    with open_school(tmp_path, database_url=on_a_server()) as school:
        ours, theirs = engines.of(school.house.settings), engines.of(school.house.settings)
        assert ours.locks.take("x")
        servers.cut(school.house.settings.database_url)
        assert _soon(lambda: theirs.locks.take("x"))
        assert not ours.locks.still("x")
        assert not ours.locks.take("x")  # over a new connection
        for each in (ours, theirs):
            each.locks.close()
            each.engine.dispose()


def test_a_worker_goes_on_when_the_server_is_back(tmp_path: Path) -> None:
    with open_school(tmp_path, database_url=on_a_server()) as school:
        stop = threading.Event()
        with alone(school.app, "x", stop) as ours:
            assert ours()
            servers.cut(school.house.settings.database_url)
            assert not ours()
        with alone(school.app, "x", stop) as ours:
            assert ours()
        assert fresh().scalar(sa.select(Trip.slug)) == school.slug  # the pool has noticed as well


@both
def test_whoever_writes_second_sees_what_the_first_wrote(school: School) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def first() -> None:
        with school.app.app_context(), transaction() as session:
            session.scalars(sa.select(Trip)).one().venue = "first"
            session.flush()
            begun.set()
            go_on.wait(10)

    assert fresh().scalar(sa.select(Trip.venue)) != "first"  # an old look, which must not last
    thread = threading.Thread(target=first)
    thread.start()
    begun.wait(10)
    threading.Timer(0.3, go_on.set).start()
    with transaction() as session:
        trip = session.scalars(sa.select(Trip)).one()
        assert trip.venue == "first"
        trip.venue += ", then second"
    thread.join()
    assert fresh().scalar(sa.select(Trip.venue)) == "first, then second"


@both
def test_a_page_shows_one_moment_whatever_is_written_meanwhile(school: School) -> None:
    session = fresh()
    before = session.scalar(sa.select(Trip.venue))

    def write() -> None:
        with school.app.app_context(), transaction() as other:
            other.scalars(sa.select(Trip)).one().venue = "moved"

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert session.scalar(sa.select(Trip.venue)) == before
    assert fresh().scalar(sa.select(Trip.venue)) == "moved"


def test_schools_in_schemas_of_one_database_share_nothing(tmp_path: Path) -> None:
    address = servers.postgres_database()
    for name in ("oak", "elm"):
        servers.say(address, f"CREATE SCHEMA {name}")
    (tmp_path / "oak").mkdir()
    (tmp_path / "elm").mkdir()
    at = {name: f"{address}?options=-csearch_path%3D{name}" for name in ("oak", "elm")}
    with open_school(tmp_path / "oak", database_url=at["oak"]) as oak:
        assert db.kind.locks.take("x")
        with open_school(tmp_path / "elm", database_url=at["elm"]) as elm:
            assert db.kind.locks.take("x")
            with transaction() as session:
                session.scalars(sa.select(Trip)).one().venue = "elm's"
                thread = threading.Thread(target=_write, args=(oak, "oak's"))
                thread.start()
                thread.join(5)
                assert not thread.is_alive()  # two schools write at the same time
            assert fresh().scalars(sa.select(Trip.venue)).all() == ["elm's"]
            db.kind.locks.drop("x")
            assert elm.slug == oak.slug
        assert fresh().scalars(sa.select(Trip.venue)).all() == ["oak's"]
        db.kind.locks.drop("x")


def test_a_server_that_is_away_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = settings(tmp_path, database_url=f"postgresql://school@127.0.0.1:{servers.free_port()}/school")
    monkeypatch.setenv("TRIPUPDATES_INSTANCE", str(tmp_path))
    for name in ("secret_key", "school_name", "public_base_url", "database_url"):
        monkeypatch.setenv(f"TRIPUPDATES_{name.upper()}", getattr(given, name))
    said = CliRunner().invoke(main, ["outbox"])
    assert said.exit_code == 1
    assert said.output == (
        "Error: The database does not answer. Is its server running, and is DATABASE_URL right?\n"
    )


def _write(school: School, venue: str) -> None:
    with school.app.app_context(), transaction() as session:
        session.scalars(sa.select(Trip)).one().venue = venue


def _soon(question: Callable[[], bool]) -> bool:
    wait = threading.Event()
    return any(question() or wait.wait(0.05) for _ in range(200))
