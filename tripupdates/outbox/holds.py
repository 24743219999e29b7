"""Whether everything is on hold: the last row says. Rows are only added; the worker notes when families see the line."""

import uuid
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tripupdates.database import Base
from tripupdates.people.records import Person


class Hold(Base):
    """The button was pressed, or lifted. `line` is what families read meanwhile, '' for nothing.

    `why` is for people at school, where it was not a person who pressed it.
    `shown_at` is when the families' pages said so; empty until they do.
    """

    __tablename__ = "hold"
    sealed: ClassVar = (
        "held",
        "line",
        "by",
        "at",
        "why",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    held: Mapped[bool]
    line: Mapped[str] = mapped_column(sa.String(280), default="")
    why: Mapped[str] = mapped_column(sa.String(200), default="")
    by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    shown_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


def latest(session: Session) -> Hold | None:
    """What was said last, held or lifted; None where the button was never pressed."""
    return session.scalar(sa.select(Hold).order_by(Hold.id.desc()).limit(1))


def present(session: Session) -> Hold | None:
    """The hold that is in force, if there is one."""
    found = latest(session)
    return found if found is not None and found.held else None
