"""Links to the parents' form that are to go to contacts by text or e-mail: who is asked, by which way, and what came of it.

A link's token is kept nowhere, so a row waits without one; the worker makes the link when it sends. The row moves as a
delivery does: claimed before the wire, and looked up where nobody knows what became of it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tripupdates.database import Base, Instant, one_of
from tripupdates.outbox import queue
from tripupdates.outbox.records import Handed
from tripupdates.trips.records import Pupil, Trip
from tripupdates.vocabulary import Channel, DeliveryState

OPEN = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNSURE, DeliveryState.CHECKING)


class ConsentRequest(Handed, Base):
    """One family is to be asked, at one contact, by one way. `link_id` is of the last link that was made for it.

    `contact_id` outlives the contact, which goes with the trip. `problem` is a sentence for the office.
    """

    __tablename__ = "consent_request"
    __table_args__ = (sa.Index(None, "channel", "state", "due"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    pupil_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("pupil.id"), index=True)
    contact_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid())
    channel: Mapped[Channel] = mapped_column(one_of(Channel))
    asked_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    link_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("consent_link.id"))
    state: Mapped[DeliveryState] = mapped_column(one_of(DeliveryState))
    due: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    misses: Mapped[int] = mapped_column(default=0)
    attempted_at: Mapped[datetime | None]
    unsure_since: Mapped[datetime | None]
    remote_id: Mapped[str] = mapped_column(sa.String(60), default="")
    problem: Mapped[str] = mapped_column(sa.String(400), default="")
    settled_at: Mapped[datetime | None]

    pupil: Mapped[Pupil] = relationship()


def of_trip(session: Session, trip_id: uuid.UUID, *states: DeliveryState) -> Sequence[ConsentRequest]:
    """A trip's requests in these states, or in any; the oldest first."""
    query = sa.select(ConsentRequest).join(Pupil, Pupil.id == ConsentRequest.pupil_id)
    query = query.where(Pupil.trip_id == trip_id).order_by(ConsentRequest.asked_at, ConsentRequest.id)
    return session.scalars(query.where(ConsentRequest.state.in_(states)) if states else query).all()


def asked_since(
    session: Session, trip_id: uuid.UUID, channel: Channel, since: datetime
) -> set[tuple[uuid.UUID, uuid.UUID]]:
    """Pupils, each with a contact, who are being asked by a way, or were since then."""
    rows = of_trip(session, trip_id, *OPEN, DeliveryState.SENT)
    return {
        (row.pupil_id, row.contact_id)
        for row in rows
        if row.channel is channel and (row.state in OPEN or row.asked_at >= since)
    }


def latest(session: Session, trip_id: uuid.UUID) -> dict[uuid.UUID, ConsentRequest]:
    """For each pupil of a trip who was asked this way, the last request that is not stopped."""
    return {row.pupil_id: row for row in of_trip(session, trip_id) if row.state is not DeliveryState.STOPPED}


@dataclass(frozen=True)
class Stuck:
    """So many requests of a trip, by one way, that only a person can bring on, for one reason."""

    trip: Trip
    channel: Channel
    problem: str
    count: int


def need_person(session: Session) -> list[Stuck]:
    """What only a person can bring on, in the order of trips."""
    alike = (ConsentRequest.channel, ConsentRequest.problem)
    rows = session.execute(
        sa.select(Trip, *alike, sa.func.count())
        .select_from(ConsentRequest)
        .join(Pupil, Pupil.id == ConsentRequest.pupil_id)
        .join(Trip, Trip.id == Pupil.trip_id)
        .where(ConsentRequest.state == DeliveryState.NEEDS_PERSON)
        .group_by(Trip.id, *alike)
        .order_by(Trip.starts, Trip.id, ConsentRequest.channel)
    )
    return [Stuck(*row) for row in rows]


def summary(session: Session) -> Sequence[tuple[Channel, DeliveryState, int]]:
    """How many requests stand where."""
    key = (ConsentRequest.channel, ConsentRequest.state)
    rows = session.execute(sa.select(*key, sa.func.count()).group_by(*key).order_by(*key))
    return [(channel, state, count) for channel, state, count in rows]


def next_due(session: Session, channel: Channel, now: datetime, shut: bool) -> ConsentRequest | None:
    """The next request of a way: look-ups first, then what was asked for first. `shut`: nothing is sent just now."""
    states = [DeliveryState.UNSURE] if shut else [DeliveryState.UNSURE, DeliveryState.PENDING]
    look_up_first = sa.case((ConsentRequest.state == DeliveryState.UNSURE, 0), else_=1)
    return session.scalar(
        sa.select(ConsentRequest)
        .where(ConsentRequest.channel == channel, ConsentRequest.state.in_(states), ConsentRequest.due <= now)
        .order_by(look_up_first, ConsentRequest.asked_at, ConsentRequest.id)
        .limit(1)
    )


def settle(session: Session, request_id: uuid.UUID, expected: DeliveryState, **values: object) -> bool:
    """Move one request on, if it still is where it was seen. False where it is not."""
    return queue.move(session, ConsentRequest, request_id, expected, **values)


def take_over(session: Session, channel: Channel, now: datetime, settle: timedelta) -> None:
    """What the last holder of the lane left on the wire becomes unsure, as with deliveries."""
    session.execute(
        sa.update(ConsentRequest)
        .where(
            ConsentRequest.channel == channel,
            ConsentRequest.state.in_((DeliveryState.SENDING, DeliveryState.CHECKING)),
        )
        .values(
            state=DeliveryState.UNSURE,
            due=now + settle,
            misses=0,
            unsure_since=sa.func.coalesce(ConsentRequest.unsure_since, sa.literal(now, Instant())),
        )
        .execution_options(synchronize_session=False)
    )
