"""Who decides on a trip's updates: the school's approvers, and those appointed for this trip and for a time."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tripupdates.database import Base
from tripupdates.people.records import Person
from tripupdates.trips.records import accompanying
from tripupdates.vocabulary import Role


class Deputy(Base):
    """Somebody decides on one trip's updates from `starts` to right before `ends`, or until it was ended before."""

    __tablename__ = "deputy"
    sealed: ClassVar = ("trip_id", "person_id", "starts", "ends", "by", "at", "ended_by", "ended_at")

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("trip.id"), index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=person_id)


def _in_force(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Deputy.ended_at.is_(None), Deputy.starts <= now, Deputy.ends > now)


def stands_in(session: Session, person_id: uuid.UUID, trip_id: uuid.UUID | None, now: datetime) -> bool:
    """Whether this person decides on this trip's updates now, by having been appointed for it."""
    return trip_id in trips_of(session, person_id, now)


def trips_of(session: Session, person_id: uuid.UUID, now: datetime) -> frozenset[uuid.UUID]:
    """The trips for which this person is deputy now. Who goes along on one by now is none for it."""
    along = sa.select(accompanying.c.trip_id).where(accompanying.c.person_id == person_id)
    return frozenset(
        session.scalars(
            sa.select(Deputy.trip_id).where(
                Deputy.person_id == person_id, _in_force(now), Deputy.trip_id.not_in(along)
            )
        )
    )


def still_to_come(session: Session, trip_id: uuid.UUID, now: datetime) -> Sequence[Deputy]:
    """Those in force and those that begin later, the earliest first."""
    return session.scalars(
        sa.select(Deputy)
        .where(Deputy.trip_id == trip_id, Deputy.ended_at.is_(None), Deputy.ends > now)
        .order_by(Deputy.starts, Deputy.id)
    ).all()


def approvers(session: Session, trip_id: uuid.UUID | None, now: datetime) -> Sequence[Person]:
    """Everybody at school who may decide on this trip's updates now, or the school's own, by name; nobody on the trip."""
    along = sa.select(accompanying.c.person_id).where(accompanying.c.trip_id == trip_id)
    standing_in = sa.select(Deputy.person_id).where(Deputy.trip_id == trip_id, _in_force(now))
    return session.scalars(
        sa.select(Person)
        .where(
            Person.active,
            Person.id.not_in(along),
            sa.or_(Person.role == Role.APPROVER, Person.id.in_(standing_in)),
        )
        .order_by(Person.name)
    ).all()
