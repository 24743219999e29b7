"""Residentials: dates, groups, accompanying staff and the list of pupils."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tripupdates.database import Base
from tripupdates.people.records import Person

accompanying = sa.Table(
    "trip_staff",
    Base.metadata,
    sa.Column("trip_id", sa.ForeignKey("trip.id"), primary_key=True),
    sa.Column("person_id", sa.ForeignKey("person.id"), primary_key=True),
)


class Trip(Base):
    """A residential visit. `code` is what families type once; changing it asks every phone again."""

    __tablename__ = "trip"
    sealed: ClassVar = (
        "starts",
        "ends",
        "staff",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    slug: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    venue: Mapped[str] = mapped_column(sa.String(120))
    starts: Mapped[date]
    ends: Mapped[date]
    code: Mapped[str] = mapped_column(sa.String(20))
    created_at: Mapped[datetime]

    staff: Mapped[list[Person]] = relationship(secondary=accompanying, order_by=Person.name)
    groups: Mapped[list["Group"]] = relationship(order_by="Group.name", back_populates="trip")
    pupils: Mapped[list["Pupil"]] = relationship(
        order_by="Pupil.surname, Pupil.forename", back_populates="trip"
    )


class Group(Base):
    """Pupils who do things together on the visit."""

    __tablename__ = "group"
    __table_args__ = (sa.UniqueConstraint("trip_id", "name"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    trip_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("trip.id"))
    name: Mapped[str] = mapped_column(sa.String(60))

    trip: Mapped[Trip] = relationship(back_populates="groups")


class Pupil(Base):
    """A pupil on one trip's list. `identity` finds the same pupil again when the list is imported again."""

    __tablename__ = "pupil"
    __table_args__ = (sa.UniqueConstraint("trip_id", "identity"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    trip_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("trip.id"))
    group_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("group.id"))
    identity: Mapped[str] = mapped_column(sa.String(260))
    forename: Mapped[str] = mapped_column(sa.String(80))
    surname: Mapped[str] = mapped_column(sa.String(80))
    year: Mapped[str] = mapped_column(sa.String(20))
    class_name: Mapped[str] = mapped_column(sa.String(40))
    reference: Mapped[str] = mapped_column(sa.String(60))

    trip: Mapped[Trip] = relationship(back_populates="pupils")
    group: Mapped[Group | None] = relationship()


def pupils_since(session: Session, day: date) -> Sequence[Pupil]:
    """The pupils of all trips that ended on or after this day."""
    return session.scalars(
        sa.select(Pupil).join(Trip).where(Trip.ends >= day).order_by(Pupil.surname, Pupil.forename)
    ).all()


def by_slug(session: Session, slug: str) -> Trip | None:
    """The trip with this address, if there is one."""
    return session.scalar(sa.select(Trip).where(Trip.slug == slug))


def of_person(session: Session, person_id: uuid.UUID) -> Sequence[Trip]:
    """The trips that this person accompanies, the newest first."""
    mine = sa.select(accompanying.c.trip_id).where(accompanying.c.person_id == person_id)
    return session.scalars(sa.select(Trip).where(Trip.id.in_(mine)).order_by(Trip.starts.desc())).all()


def every(session: Session) -> Sequence[Trip]:
    """All trips, the newest first."""
    return session.scalars(sa.select(Trip).order_by(Trip.starts.desc(), Trip.name)).all()


def accompanies(session: Session, person_id: uuid.UUID, trip_id: uuid.UUID | None) -> bool:
    """Whether this person is accompanying staff of this trip; of no trip, nobody is."""
    table = accompanying.c
    found = sa.select(table.trip_id).where(table.trip_id == trip_id, table.person_id == person_id)
    return session.execute(found).first() is not None


KEEP_UNSENT = timedelta(days=14)  # after the last day, or the last change: photos that were never approved
AFTER_TRIP = timedelta(days=14)  # how long families' pages and links stand after the last day


def families_until(trip: Trip, zone: ZoneInfo) -> datetime:
    """The moment after which families' pages and links of a trip no longer open."""
    return datetime.combine(trip.ends, time.max, zone) + AFTER_TRIP
