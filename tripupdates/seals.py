"""What the audit vouches for: a digest of each row that proves something, in a line of the chain, at every commit.

A record names what is `sealed`. Whatever a transaction changed is sealed as its last act, so that a row which was
altered, added or deleted past the program no longer fits what the chain says of it. A digest covers no name, address
or code of anybody that is not in the same digest with something that nobody can guess (law 10).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates import audit
from tripupdates.database import Base, Recording

GONE = "gone"
EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True)
class Bad:
    """A row that does not fit: which, and what is wrong with it, as the end of a sentence."""

    table: str
    key: str
    wrong: str

    def __str__(self) -> str:
        return f"{self.table} {self.key} {self.wrong}"


def seal(session: Recording, now: datetime) -> None:
    """Add a line that vouches for every sealed row this transaction has changed, as it stands now."""
    keys = sorted(session.touched(), key=lambda each: (each[0].__tablename__, str(each[1])))
    if not keys:
        return
    session.expire_all()  # bulk statements went past what is in memory
    rows = [(kind, key, session.get(kind, key)) for kind, key in keys]
    subject = [
        f"{kind.__tablename__} {key} {GONE if row is None else digest(row)}" for kind, key, row in rows
    ]
    audit.note(session, now, None, audit.SEALED, *subject)


def seal_unsealed(session: Recording, now: datetime) -> int:
    """Vouch from now on for the kinds of rows of which the chain says nothing yet: after a new version. Returns how many rows."""
    known = {table for table, _ in _vouched(audit.walk(session))}
    rows = [row for kind in kinds() if kind.__tablename__ not in known for row in _rows(session, kind)]
    for row in rows:
        session.touch(type(row), _key(row))
    seal(session, now)
    return len(rows)


def kinds() -> list[type[Base]]:
    """The kinds of records that are sealed, by their table's name."""
    found = [mapper.class_ for mapper in Base.registry.mappers if mapper.class_.sealed]
    return sorted(found, key=lambda kind: kind.__tablename__)


def digest(row: Base) -> str:
    """SHA-256 over what is sealed of a row, as compact JSON, in hex.

    What is empty is left out: a later version that seals one more thing, empty in old rows, still knows them.
    """
    values = {name: _plain(getattr(row, name)) for name in row.sealed}
    said = {name: value for name, value in values.items() if value not in EMPTY}
    text = json.dumps(
        [row.__tablename__, str(_key(row)), said], sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()


def first_bad(session: Session) -> Bad | None:
    """The first row that is not as the chain says; None where all are. Raises audit.Broken where the chain is not whole."""
    vouched = _vouched(audit.walk(session))
    return next((bad for kind in kinds() for bad in _wrong(session, kind, vouched)), None)


def _wrong(session: Session, kind: type[Base], vouched: dict[tuple[str, str], str]) -> Iterator[Bad]:
    table = kind.__tablename__
    for row in _rows(session, kind):
        key = str(_key(row))
        said = vouched.pop((table, key), GONE)
        if said == GONE:
            yield Bad(table, key, "was added past the program")
        elif said != digest(row):
            yield Bad(table, key, "was changed past the program")
    for (other, key), said in vouched.items():
        if other == table and said != GONE:
            yield Bad(table, key, "was deleted past the program")


def _vouched(lines: Iterable[audit.Line]) -> dict[tuple[str, str], str]:
    """The last thing said of each row."""
    found = {}
    for line in lines:
        if line.event == audit.SEALED:
            for table, key, said in _triples(line.subject):
                found[table, key] = said
    return found


def _triples(subject: str) -> Iterator[tuple[str, str, str]]:
    words = iter(subject.split())
    return zip(words, words, words, strict=True)


def _rows(session: Session, kind: type[Base]) -> Iterator[Base]:
    key = sa.inspect(kind).primary_key[0]
    with session.scalars(sa.select(kind).order_by(key).execution_options(yield_per=1000)) as rows:
        yield from rows


def _key(row: Base) -> Any:
    return sa.inspect(row).mapper.primary_key_from_instance(row)[0]


def _plain(value: Any) -> Any:
    """As JSON has it; rows that belong to it by their keys."""
    match value:
        case datetime() | date():
            return value.isoformat()
        case UUID():
            return str(value)
        case bytes():
            return value.hex()
        case Base():
            return str(_key(value))
        case list() | tuple() | set() if any(isinstance(each, Base) for each in value):
            return sorted(str(_key(each)) for each in value)
        case _:
            return value
