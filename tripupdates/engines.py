"""The two database engines: SQLite in a file, PostgreSQL behind an address. What differs between them is here alone.

Both give the same promise: of all the processes of a school one writes at a time, and sees everything that was
committed before it began; readers see one moment and wait for nobody. So a step that reads and then writes is right
without a thought about the others, and the audit is one chain. A lock dies with whoever holds it, and with nothing else.
"""

import fcntl
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Protocol

import pysqlite3
import sqlalchemy as sa
from sqlalchemy import event, orm
from sqlalchemy.exc import OperationalError

from tripupdates.setting_checks import OddSettings
from tripupdates.settings import Settings

# Below this, two writers can corrupt a WAL database: https://www.sqlite.org/wal.html#walresetbug
SAFE_SQLITE = (3, 51, 3)
PRAGMAS = (
    "busy_timeout = 15000",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
)
# A commit is on the disk before it is answered. Who waits for the writer's turn waits as long as with SQLite. A host
# that vanished keeps its locks for about a minute, until the server has asked it in vain.
POSTGRES_SAYS = (
    "SET synchronous_commit = on",
    "SET lock_timeout = '15s'",
    "SET tcp_keepalives_idle = 30",
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 3",
)
ORPHANS = "The database has rows without their parents; it was left as it was."


class Locks(Protocol):
    """Named locks between all the processes of a school."""

    def take(self, name: str) -> bool:
        """Take it without waiting; False where somebody else has it."""
        ...

    def still(self, name: str) -> bool:
        """Whether what was taken is held yet: a lost connection to a server loses it."""
        ...

    def drop(self, name: str) -> None:
        """Give back what was taken; harmless where it is lost."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class Engine(Protocol):
    """What `database` asks of either."""

    engine: sa.Engine
    locks: Locks

    def there(self) -> bool:
        """Whether there is a database to look into, without making one."""
        ...

    def begin_writing(self, session: orm.Session) -> None:
        """Begin a transaction as the only writer, when it is our turn."""
        ...

    def migrating(self, connection: sa.Connection) -> Any:
        """A context in which one migrator alone changes tables, in one transaction."""
        ...


def of(settings: Settings) -> Engine:
    """The engine that `DATABASE_URL` names. Raises OddSettings where this machine cannot speak to it."""
    kind = PostgreSQL if settings.database_url.startswith("postgresql:") else SQLite
    return kind(settings)


def _create(url: sa.URL, **options: Any) -> sa.Engine:
    return sa.create_engine(
        url,
        hide_parameters=True,  # an error's text must not hold a name (law 10)
        json_serializer=lambda value: json.dumps(value, sort_keys=True, ensure_ascii=False),
        **options,
    )


class SQLite:
    """A file, for a school on one machine. Locks are files beside it, held by the kernel for their holder."""

    def __init__(self, settings: Settings) -> None:
        if pysqlite3.sqlite_version_info < SAFE_SQLITE:
            wanted = ".".join(map(str, SAFE_SQLITE))
            raise OddSettings(f"SQLite {pysqlite3.sqlite_version} is too old; {wanted} or later is needed.")
        self._file = Path(settings.database_url.removeprefix("sqlite:///"))
        self._instance = settings.instance
        self.engine = _create(sa.make_url(settings.database_url), module=pysqlite3)
        self.locks: Locks = FolderLocks(settings.instance / "lanes")
        event.listen(self.engine, "connect", _on_connect)
        event.listen(self.engine, "begin", _on_begin)

    def there(self) -> bool:
        """See `Engine`."""
        return self._file.exists()

    def begin_writing(self, session: orm.Session) -> None:
        """See `Engine`."""
        session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})

    @contextmanager
    def migrating(self, connection: sa.Connection) -> Iterator[None]:
        """See `Engine`. Foreign keys are off meanwhile, for a batch ALTER of a parent table would delete its children."""
        with (self._instance / "migrate.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys = OFF")
            try:
                with connection.execution_options(sqlite_begin="IMMEDIATE").begin():
                    yield
                    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                        raise OddSettings(ORPHANS)
            finally:
                driver.execute("PRAGMA foreign_keys = ON")


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves, see _on_begin
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: sa.Connection) -> None:
    kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {kind}")


class FolderLocks:
    """A file for each lock. The kernel drops it when its holder dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, IO[str]] = {}

    def take(self, name: str) -> bool:
        """See `Locks`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = (self._folder / f"{name}.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._held[name] = file
        return True

    def still(self, name: str) -> bool:
        """See `Locks`: while we live, it is ours."""
        return name in self._held

    def drop(self, name: str) -> None:
        """See `Locks`."""
        if name in self._held:
            self._held.pop(name).close()

    def close(self) -> None:
        """See `Locks`."""
        for name in list(self._held):
            self.drop(name)


# A key for each school in a database, for schools may share one, each in a schema of its own.
_KEY = "hashtextextended(current_schema() || ' ' || :name, 0)"


class PostgreSQL:
    """A server, for web processes and workers on several machines. Version 12 or later."""

    def __init__(self, settings: Settings) -> None:
        if find_spec("psycopg") is None:
            raise OddSettings(
                "DATABASE_URL names PostgreSQL, and its driver is not installed: pip install 'tripupdates[postgres]'."
            )
        self.engine = _create(
            sa.make_url(settings.database_url).set(drivername="postgresql+psycopg"),
            isolation_level="REPEATABLE READ",  # a page shows one moment, as with SQLite
            pool_size=1,  # hundreds of schools share a server: what rests is given back
            max_overflow=15,
            pool_pre_ping=True,  # a server that was started anew costs nobody an error
        )
        self.locks: Locks = ServerLocks(self.engine)
        event.listen(self.engine, "connect", _on_server)

    def there(self) -> bool:
        """See `Engine`."""
        return True

    def begin_writing(self, session: orm.Session) -> None:
        """See `Engine`. Each statement sees what was committed before it, and nobody else commits meanwhile."""
        session.connection(execution_options={"isolation_level": "READ COMMITTED"})
        session.execute(sa.text(f"SELECT pg_advisory_xact_lock({_KEY})"), {"name": "writer"})

    @contextmanager
    def migrating(self, connection: sa.Connection) -> Iterator[None]:
        """See `Engine`. It waits for the writers, and they for it."""
        with connection.execution_options(isolation_level="READ COMMITTED").begin():
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_KEY})"), {"name": "writer"})
            yield


def _on_server(connection: Any, _record: object) -> None:
    connection.autocommit = True
    for says in POSTGRES_SAYS:
        connection.execute(says)
    connection.autocommit = False


class ServerLocks:
    """Advisory locks of one connection that is kept for them: when it ends, the server drops them."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._one = threading.Lock()
        self._connection: sa.Connection | None = None
        self._held: set[str] = set()

    def take(self, name: str) -> bool:
        """See `Locks`. Raises OperationalError where the server cannot be reached."""
        with self._one:
            if name in self._held:
                return False  # the server would let one connection take it twice
            if self._ask(f"SELECT pg_try_advisory_lock({_KEY})", name):
                self._held.add(name)
            return name in self._held

    def still(self, name: str) -> bool:
        """See `Locks`."""
        with self._one:
            if name in self._held:
                with suppress(OperationalError):  # then nothing is held any more
                    self._ask("SELECT CAST(:name AS text) IS NOT NULL", name)
            return name in self._held

    def drop(self, name: str) -> None:
        """See `Locks`."""
        with self._one:
            if name in self._held:
                with suppress(OperationalError):  # then it is dropped
                    self._ask(f"SELECT pg_advisory_unlock({_KEY})", name)
            self._held.discard(name)

    def close(self) -> None:
        """See `Locks`."""
        with self._one:
            self._lose()

    def _ask(self, question: str, name: str) -> bool:
        """Ask on the connection; where that is lost, so are the locks, and the next question opens another."""
        try:
            if self._connection is None:
                self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            return bool(self._connection.scalar(sa.text(question), {"name": name}))
        except OperationalError:
            self._lose()
            raise

    def _lose(self) -> None:
        self._held.clear()
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
        self._connection = None
