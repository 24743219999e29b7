"""One row for each order: publish this version there, remove it from there."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tripupdates.database import Base, one_of
from tripupdates.vocabulary import Channel, DeliveryState, Order


class Delivery(Base):
    """An order and what became of it. `dedupe` makes giving the same order twice one order.

    `attempted_at` is when the attempt that may have left something was begun; empty while nothing can be there.
    Until `not_before`, or while `until_left`, it waits to be sent for the first time. `problem` is a sentence for staff.
    `withheld` are ids of photos whose consent went after the approval: they stay out, even if a yes comes later, for
    nobody approved them anew. `recipient` is the id of the family's contact that it goes to, on channels that go to each.
    What is `urgent` goes first, and also while everything else is on hold.
    """

    __tablename__ = "delivery"
    __table_args__ = (sa.Index(None, "channel", "state", "due"),)
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
    version_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("version.id"))
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
