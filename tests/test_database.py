"""The database's safety: pragmas, writers one after the other, migrations that match the records."""

import threading
from pathlib import Path

import alembic.autogenerate
import alembic.migration
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tests.factories import School, all_consent, approved, send, settings, wordings
from tripupdates import asking, database, records
from tripupdates.app import create_app
from tripupdates.approval.records import Decision
from tripupdates.consent.records import Answer
from tripupdates.database import db, fresh, transaction
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import Channel


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 2), ("busy_timeout", 15000)],
)
def test_every_connection_is_safe(school: School, pragma: str, value: object) -> None:
    assert fresh().execute(sa.text(f"PRAGMA {pragma}")).scalar() == value


@pytest.mark.both_engines
def test_migrations_and_records_are_the_same(school: School) -> None:
    with db.engine.connect() as connection:
        context = alembic.migration.MigrationContext.configure(connection)
        assert alembic.autogenerate.compare_metadata(context, records.METADATA) == []


@pytest.mark.both_engines
def test_migrations_go_down_and_up_again(school: School) -> None:
    fresh().close()
    database.migrate("base")
    with db.engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
    assert not database.is_current()
    database.migrate()
    assert database.is_current()


@pytest.mark.both_engines
def test_decisions_outlive_the_way_down_to_before_there_were_messages(school: School) -> None:
    by_hand, by_message = approved(school), send(school, wordings(school))
    fresh().close()
    database.migrate("0002")
    with db.engine.connect() as connection:
        assert "wordings" not in sa.inspect(connection).get_table_names()
        assert connection.execute(sa.text("SELECT count(*) FROM decision")).scalar() == 2
    database.migrate()
    assert database.is_current()
    decided = fresh().scalars(sa.select(Decision)).all()
    assert {each.version_id for each in decided} == {
        school.update(update).version_id for update in (by_hand, by_message)
    }
    assert [each.wordings_id for each in decided] == [None, None]
    school.tampered = True  # the way down forgot which words it rested on, and the audit knows better


@pytest.mark.both_engines
def test_parents_answers_outlive_the_way_down_to_before_their_form(school: School) -> None:
    (link,) = asking.make_links(school.house, school.office, school.slug, school.pupils("Ada"))
    asking.answer(school.house, link.token, {Channel.X: False})
    fresh().close()
    database.migrate("0013")
    with db.engine.connect() as connection:
        assert "consent_form" not in sa.inspect(connection).get_table_names()
        with pytest.raises(IntegrityError, match="append-only"):
            connection.execute(sa.text("DELETE FROM consent_answer"))
    database.migrate()
    assert database.is_current()
    (kept,) = fresh().scalars(sa.select(Answer)).all()
    assert (kept.yes, kept.by, kept.form_id) == (False, school.office.id, None)
    school.tampered = True  # the way down forgot which form it came with, and the audit knows better


@pytest.mark.both_engines
def test_migrating_twice_changes_nothing(school: School) -> None:
    fresh().close()
    database.migrate()
    assert fresh().scalar(sa.select(sa.func.count(Trip.id))) == 1


def test_an_instance_without_a_database_is_not_current(tmp_path: Path) -> None:
    app = create_app(settings(tmp_path))
    with app.app_context():
        assert not database.is_current()
        db.engine.dispose()


@pytest.mark.both_engines
def test_read_modify_write_of_two_loses_nothing(school: School) -> None:
    def add(times: int) -> None:
        with school.app.app_context():
            for _ in range(times):
                with transaction() as session:
                    trip = session.scalars(sa.select(Trip)).one()
                    trip.venue = str(int(trip.venue) + 1)

    with transaction() as session:
        session.scalars(sa.select(Trip)).one().venue = "0"
    threads = [threading.Thread(target=add, args=(25,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fresh().scalar(sa.select(Trip.venue)) == "100"


def test_a_row_without_its_parent_is_refused(school: School) -> None:
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), transaction() as session:
        session.execute(sa.text("UPDATE pupil SET trip_id = 'nobody'"))


@pytest.mark.both_engines
@pytest.mark.parametrize("deed", ["UPDATE consent_answer SET yes = true", "DELETE FROM consent_answer"])
def test_answers_are_never_changed_or_deleted(school: School, deed: str) -> None:
    all_consent(school)
    with pytest.raises(IntegrityError, match="append-only"), transaction() as session:
        session.execute(sa.text(deed))
    assert fresh().scalar(sa.select(sa.func.count(Answer.id))) == 15


def test_a_kill_before_the_commit_leaves_nothing(school: School) -> None:
    with pytest.raises(KeyboardInterrupt), transaction() as session:
        session.scalars(sa.select(Trip)).one().venue = "half written"
        session.flush()
        raise KeyboardInterrupt
    assert fresh().scalar(sa.select(Trip.venue)) == "A made-up castle"
