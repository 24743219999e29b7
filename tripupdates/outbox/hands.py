"""What people did and said about orders that no program can bring to their end; and the orders that wait for hands.

In the class app only a person can post, and only a person can say that something is there or gone. There an order to
publish is `pending` until somebody takes words and pictures out, and `sending` until they say what came of it.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tripupdates.database import Base, one_of
from tripupdates.outbox.queue import is_due
from tripupdates.outbox.records import Delivery
from tripupdates.people.records import Person
from tripupdates.vocabulary import BY_HAND, Deed, DeliveryState, Order


class Hand(Base):
    """One thing that somebody did or said about an order. Rows are only added; the database refuses anything else."""

    __tablename__ = "hand"
    sealed: ClassVar = ("delivery_id", "deed", "by", "at")

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("delivery.id"), index=True)
    deed: Mapped[Deed] = mapped_column(one_of(Deed))
    by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]

    person: Mapped[Person] = relationship()


def note(session: Session, delivery: Delivery, deed: Deed, by: uuid.UUID, now: datetime) -> None:
    """Write down, in the caller's transaction, what somebody did or said."""
    session.add(Hand(delivery_id=delivery.id, deed=deed, by=by, at=now))
    session.flush()


def of(session: Session, deliveries: Iterable[Delivery]) -> Sequence[Hand]:
    """What people did and said about these orders, the earliest first."""
    ids = [delivery.id for delivery in deliveries]
    return session.scalars(sa.select(Hand).where(Hand.delivery_id.in_(ids)).order_by(Hand.id)).all()


def has_open(session: Session, delivery: Delivery, person_id: uuid.UUID) -> bool:
    """Whether this person took it out, and nobody has said since that it is not there."""
    found = [hand for hand in of(session, [delivery]) if hand.deed is not Deed.OPENED or hand.by == person_id]
    return bool(found) and found[-1].deed is Deed.OPENED


def waiting(session: Session, now: datetime) -> Sequence[Delivery]:
    """The orders that wait for somebody's hands now: to be posted, to be told of, to be taken down. The oldest first."""
    to_tell = sa.and_(Delivery.order == Order.PUBLISH, Delivery.state == DeliveryState.SENDING)
    return session.scalars(
        sa.select(Delivery)
        .where(Delivery.channel.in_(BY_HAND), sa.or_(is_due(now), to_tell))
        .order_by(Delivery.created_at, Delivery.id)
    ).all()
