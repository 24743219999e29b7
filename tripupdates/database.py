"""The database: one session per request or job, names of constraints, migrations. `engines` has the two kinds.

Reading happens on `db.session`. Writing happens inside `transaction()`, which only `journey`, `takedown` and the
worker open: everything in it stands or falls together.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, cast

import alembic.command
import alembic.config
import alembic.migration
import alembic.script
import sqlalchemy as sa
from flask import Flask, current_app, g
from sqlalchemy import event, orm

from tripupdates import engines
from tripupdates.settings import Settings


class Instant(sa.types.TypeDecorator[datetime]):
    """A moment: aware in Python, UTC text in the database, so that it sorts as it passes."""

    impl = sa.String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


def one_of(words: type[StrEnum]) -> sa.Enum:
    """A column that holds one of these words, as it is spelt in the vocabulary."""
    return sa.Enum(
        words,
        native_enum=False,
        length=20,
        validate_strings=True,
        values_callable=lambda kind: [word.value for word in kind],
    )


class Base(orm.DeclarativeBase):
    """Parent of every record. Constraints have names, so that migrations can speak of them.

    `sealed` names what of a row the audit vouches for (see `seals`); none for rows that prove nothing.
    """

    sealed: ClassVar[tuple[str, ...]] = ()

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a class attribute
        datetime: Instant,
        uuid.UUID: sa.Uuid(),
        dict[str, Any]: sa.JSON,
        list[Any]: sa.JSON,
    }


class Recording(orm.Session):
    """A session that remembers the sealed rows it changed, by whatever kind of statement, until they are taken."""

    def touched(self) -> set[tuple[type[Base], Any]]:
        """The kinds and keys of the rows changed since the last call, or since the transaction began."""
        self.flush()
        found: set[tuple[type[Base], Any]] = self.info.pop("touched", set())
        return found

    def touch(self, kind: type[Base], key: Any) -> None:
        """This row has changed."""
        self.info.setdefault("touched", set()).add((kind, key))


@event.listens_for(Recording, "after_flush")
def _flushed(session: Recording, _context: object) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if row.sealed:
            session.touch(type(row), sa.inspect(row).mapper.primary_key_from_instance(row)[0])


@event.listens_for(Recording, "do_orm_execute")
def _before_bulk(state: orm.ORMExecuteState) -> None:
    """An UPDATE or DELETE with a WHERE: which rows it is about is asked right before, in the same transaction."""
    mapper = state.bind_mapper
    if mapper is None or not (state.is_update or state.is_delete) or not mapper.class_.sealed:
        return
    statement = cast(sa.Update, state.statement)
    keys = sa.select(mapper.primary_key[0])
    for key in state.session.scalars(
        keys if statement.whereclause is None else keys.where(statement.whereclause)
    ).all():
        cast(Recording, state.session).touch(mapper.class_, key)


class Database:
    """The engine and the session of the app whose context this is; the session ends with the context."""

    @property
    def kind(self) -> engines.Engine:
        """SQLite's or PostgreSQL's."""
        return cast(engines.Engine, current_app.extensions["engine"])

    @property
    def engine(self) -> sa.Engine:
        """The app's engine, as SQLAlchemy has it."""
        return self.kind.engine

    @property
    def session(self) -> Recording:
        """One session for this request or job."""
        if "session" not in g:
            g.session = Recording(self.engine)
        return cast(Recording, g.session)


db = Database()


def attach(app: Flask, settings: Settings, seal: Callable[[Recording], None]) -> None:
    """Give the app its engine; `seal` is the last thing in every transaction.

    Raises OddSettings where the engine cannot be used.
    """
    app.extensions["engine"] = engines.of(settings)
    app.extensions["seal"] = seal
    app.teardown_appcontext(_end_session)


def _end_session(_error: BaseException | None) -> None:
    session = g.pop("session", None)
    if session is not None:
        session.close()


@contextmanager
def transaction() -> Iterator[Recording]:
    """Everything inside is one commit, or nothing. Writers queue up, so a read in it stays true.

    What it changed is sealed in the audit before it is committed: a step cannot forget it (law 10).
    """
    session = db.session
    session.rollback()  # leave what was read before; it may be old
    session.info.clear()
    try:
        db.kind.begin_writing(session)
        yield session
        current_app.extensions["seal"](session)
        session.commit()
    except BaseException:
        session.rollback()
        raise


def fresh() -> orm.Session:
    """The session for reading, with nothing remembered from before."""
    db.session.rollback()
    return db.session


def _alembic() -> alembic.config.Config:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(revision: str = "head") -> None:
    """Bring the database to `revision`; one migrator at a time; a kill leaves it as it was before.

    Raises OddSettings if a row would be left without its parent.
    """
    with db.engine.connect() as connection, db.kind.migrating(connection):
        config = _alembic()
        config.attributes["connection"] = connection
        current = alembic.migration.MigrationContext.configure(connection).get_current_revision()
        if revision == "base" or _is_older(config, revision, current):
            alembic.command.downgrade(config, revision)
        else:
            alembic.command.upgrade(config, revision)


def _is_older(config: alembic.config.Config, revision: str, current: str | None) -> bool:
    script = alembic.script.ScriptDirectory.from_config(config)
    if current is None or revision == "head":
        return False
    ancestors = {step.revision for step in script.iterate_revisions(current, "base")}
    return revision in ancestors - {current}


def is_current() -> bool:
    """Whether the database is at the newest migration that this code knows."""
    if not db.kind.there():
        return False
    heads = set(alembic.script.ScriptDirectory.from_config(_alembic()).get_heads())
    with db.engine.connect() as connection:
        found = alembic.migration.MigrationContext.configure(connection).get_current_heads()
    return set(found) == heads
