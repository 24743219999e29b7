"""One row for each order: publish this version there, remove it from there."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tripupdates.database import Base, one_of
from tripupdates.vocabulary import Channel, DeliveryState, Order, Receipt


class Handed:
    """What is written down besides of a message to one family. Nothing of it proves anything, so it is not sealed.

    `doubtful`: an earlier attempt, of which nobody can ever know, may have arrived as well. `receipt` is what the service
    said became of it, None where it says nothing; `ask_at` is when to ask again, None where that is settled. `parts` is how
    many text messages it was charged as.
    """

    doubtful: Mapped[bool] = mapped_column(default=False)
    receipt: Mapped[Receipt | None] = mapped_column(one_of(Receipt))
    ask_at: Mapped[datetime | None]
    parts: Mapped[int] = mapped_column(default=0)


class Delivery(Handed, Base):
    """An order and what became of it. `dedupe` makes giving the same order twice one order.

    `attempted_at` is when the attempt that may have left something was begun; empty while nothing can be there.
    Until `not_before`, or while `until_left`, it waits to be sent for the first time. `problem` is a sentence for staff.
    `withheld` are ids of photos whose consent went after the approval: they stay out, even if a yes comes later, for
    nobody approved them anew. `recipient` is the id of the family's contact that it goes to, on channels that go to each.
    What is `urgent` goes first, and also while everything else is on hold.
    """

    __tablename__ = "delivery"
    __table_args__ = (sa.Index(None, "channel", "state", "due"), sa.Index(None, "ask_at"))
    sealed: ClassVar = tuple(
        (
            "dedupe order channel update_id version_id state due attempts misses attempted_at "
            "unsure_since not_before until_left remote_id link withheld created_at settled_at recipient"
        ).split()
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    dedupe: Mapped[str] = mapped_column(sa.String(160), unique=True)
    order: Mapped[Order] = mapped_column(one_of(Order))
    channel: Mapped[Channel] = mapped_column(one_of(Channel))
    update_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("update.id"), index=True)
    version_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("version.id"), index=True)
    recipient: Mapped[uuid.UUID | None] = mapped_column(
        sa.Uuid()
    )  # outlives the contact, which goes with the trip
    state: Mapped[DeliveryState] = mapped_column(one_of(DeliveryState))
    due: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    misses: Mapped[int] = mapped_column(default=0)
    attempted_at: Mapped[datetime | None]
    unsure_since: Mapped[datetime | None]
    remote_id: Mapped[str] = mapped_column(sa.String(60), default="")
    link: Mapped[str] = mapped_column(sa.String(300), default="")
    problem: Mapped[str] = mapped_column(sa.String(400), default="")
    withheld: Mapped[list[Any]] = mapped_column(default=list)
    urgent: Mapped[bool] = mapped_column(default=False)
    not_before: Mapped[datetime | None]
    until_left: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


_ALIKE = (
    # The tables that these point to, and so their type, are not known yet when this is read.
    sa.type_coerce(Delivery.update_id, sa.Uuid()).label("update_id"),
    sa.type_coerce(Delivery.version_id, sa.Uuid()).label("version_id"),
    Delivery.channel,
    Delivery.state,
    Delivery.receipt,
    Delivery.problem,
    Delivery.not_before,
    Delivery.until_left,
)


_TALLY = (
    sa.select(*_ALIKE, sa.func.count().label("count"))
    .where(Delivery.recipient.is_not(None), Delivery.order == Order.PUBLISH)
    .group_by(*_ALIKE)
    .subquery("tally")
)


class Tally(Base):
    """How many orders of a version for single families stand alike: pages show these, and never a row for each family."""

    __table__ = _TALLY
    __mapper_args__ = {"primary_key": [_TALLY.c[each.key] for each in _ALIKE]}  # noqa: RUF012 - as SQLAlchemy reads it

    update_id: Mapped[uuid.UUID]
    version_id: Mapped[uuid.UUID]
    channel: Mapped[Channel]
    state: Mapped[DeliveryState]
    receipt: Mapped[Receipt | None]
    problem: Mapped[str]
    not_before: Mapped[datetime | None]
    until_left: Mapped[bool]
    count: Mapped[int]
