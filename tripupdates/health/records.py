"""Signs of life, and troubles: rows that prove nothing, so none is sealed."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from tripupdates.database import Base, one_of
from tripupdates.vocabulary import News


class Heartbeat(Base):
    """When the worker that holds a lane last said so."""

    __tablename__ = "heartbeat"

    lane: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    at: Mapped[datetime]


class Trouble(Base):
    """Something that the office, or who can help, was told of. Over once `ended_at` is set.

    `about` is the id of an order, or of a version whose orders for families it is about.
    """

    __tablename__ = "trouble"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[News] = mapped_column(one_of(News))
    about: Mapped[uuid.UUID | None] = mapped_column(sa.Uuid())
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)


def heartbeats(session: Session) -> dict[str, datetime]:
    """When each lane was last known to be worked."""
    return {row.lane: row.at for row in session.scalars(sa.select(Heartbeat))}


def present_troubles(session: Session) -> Sequence[Trouble]:
    """The troubles that are not over, the oldest first."""
    return session.scalars(sa.select(Trouble).where(Trouble.ended_at.is_(None)).order_by(Trouble.id)).all()
