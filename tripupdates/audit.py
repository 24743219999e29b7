"""What happened, by whom, to what: append-only and chained by hashes (law 10). There is no off switch.

It holds ids, never names, texts, numbers or tokens. The database itself refuses to change or delete a line.
"""

import hashlib
import json
import uuid
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from tripupdates.database import Base

GENESIS = "0" * 64
SYSTEM = "system"
SEALED = "sealed"  # a line that vouches for rows, see `seals`


class Line(Base):
    """One thing that happened. `hash` covers the line and the hash of the line before it."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(40))
    event: Mapped[str] = mapped_column(sa.String(60))
    subject: Mapped[str] = mapped_column(sa.Text)
    before: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))


def _hash(at: datetime, by: str, event: str, subject: str, before: str) -> str:
    line = json.dumps([at.isoformat(timespec="microseconds"), by, event, subject, before])
    return hashlib.sha256(line.encode()).hexdigest()


def note(session: Session, at: datetime, by: uuid.UUID | None, event: str, *subject: object) -> None:
    """Add a line to the caller's transaction. `by` is a person's id, None for the system; `subject` are ids."""
    number, before = _last(session)
    who = SYSTEM if by is None else str(by)
    what = " ".join(map(str, subject))
    line = Line(
        id=number + 1,  # not the engine's to choose: a sequence leaves gaps
        at=at,
        by=who,
        event=event,
        subject=what,
        before=before,
        hash=_hash(at, who, event, what, before),
    )
    session.add(line)
    session.flush()


def _last(session: Session) -> tuple[int, str]:
    found = session.execute(sa.select(Line.id, Line.hash).order_by(Line.id.desc()).limit(1)).first()
    return (0, GENESIS) if found is None else (found.id, found.hash)


def last_hash(session: Session) -> str:
    """The hash of the last line: it stands for everything before it."""
    return _last(session)[1]


class Broken(Exception):
    """The chain does not fit at `line`, an id: it, or the one before it, was changed or taken away."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def walk(session: Session) -> Iterator[Line]:
    """The lines from the first on, each checked against the one before it. Raises Broken at the first that does not fit."""
    before, expected = GENESIS, 1
    with session.scalars(sa.select(Line).order_by(Line.id).execution_options(yield_per=1000)) as lines:
        for line in lines:
            fits = line.before == before and line.id == expected
            if not fits or line.hash != _hash(line.at, line.by, line.event, line.subject, before):
                raise Broken(line.id)
            yield line
            before, expected = line.hash, expected + 1


def about(session: Session, subject: uuid.UUID) -> list[Line]:
    """The lines that name this id, but those that only vouch for rows, in the order in which they were written."""
    named = Line.subject.contains(str(subject))
    return list(session.scalars(sa.select(Line).where(named, Line.event != SEALED).order_by(Line.id)))


def length(session: Session) -> int:
    """How many lines there are."""
    return session.scalar(sa.select(sa.func.count(Line.id))) or 0
