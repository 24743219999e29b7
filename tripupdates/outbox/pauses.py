"""A channel that stands still: until a time that it named itself, or until a person has mended the account.

One row says so for everything that waits there; no order is given up for it. Removals, and looking whether a post is
there, are tried on while an account is closed, for what must come down must not wait for a button.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from tripupdates.channels.contract import ChannelClosed, NotSent, TransportError
from tripupdates.database import Base, one_of
from tripupdates.outbox.records import Delivery
from tripupdates.vocabulary import Channel, DeliveryState, Order


class Pause(Base):
    """Orders of this kind wait on a channel: until `until`, or, where that is empty, until somebody says "Try again".

    `problem` is a sentence for staff.
    """

    __tablename__ = "pause"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[Channel] = mapped_column(one_of(Channel))
    order: Mapped[Order] = mapped_column(one_of(Order))
    problem: Mapped[str] = mapped_column(sa.String(400))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))


class Shut(NamedTuple):
    """What may not be done on a channel just now."""

    publishing: bool = False
    removing: bool = False
    held: bool = False  # everything is on hold: only what is urgent is published


OPEN = Shut()


def shut(session: Session, channel: Channel, now: datetime, held: bool = False) -> Shut:
    """What may not be done on a channel now. `held`: everything is on hold."""
    found = [pause for pause in in_force(session, now) if pause.channel is channel]
    return Shut(
        publishing=any(pause.order is Order.PUBLISH for pause in found),
        removing=any(pause.order is Order.REMOVE for pause in found),
        held=held,
    )


def until_mended(session: Session, now: datetime) -> Sequence[Pause]:
    """The pauses that only a person ends, the oldest first."""
    return [pause for pause in in_force(session, now) if pause.until is None]


def last_said(session: Session, channel: Channel, problem: str) -> datetime | None:
    """When a channel last stood still for this reason, None where it never did."""
    return session.scalar(
        sa.select(Pause.since)
        .where(Pause.channel == channel, Pause.problem == problem)
        .order_by(Pause.since.desc())
        .limit(1)
    )


def in_force(session: Session, now: datetime) -> Sequence[Pause]:
    """Every pause that holds now, the oldest first."""
    return session.scalars(
        sa.select(Pause)
        .where(Pause.lifted_at.is_(None), sa.or_(Pause.until.is_(None), Pause.until > now))
        .order_by(Pause.id)
    ).all()


def pause(
    session: Session, channel: Channel, order: Order, problem: str, now: datetime, until: datetime | None
) -> bool:
    """Let orders of this kind wait, and say why on each. False where a person is asked for already."""
    if until is None and any(found.channel is channel for found in until_mended(session, now)):
        return False
    session.add(Pause(channel=channel, order=order, problem=problem, since=now, until=until))
    session.execute(_waiting(channel, order).values(problem=problem))
    session.flush()
    return True


def because(session: Session, channel: Channel, order: Order, no: TransportError, now: datetime) -> bool:
    """Pause what an outcome is in the way of: everything until it is mended, or orders of this kind until a time it names.

    False where it is in the way of one order only, or a person is asked for already.
    """
    match no:
        case ChannelClosed():
            return pause(session, channel, Order.PUBLISH, no.title, now, None)
        case NotSent(not_before=datetime()):
            return pause(session, channel, order, no.title, now, no.not_before)
    return False


def lift(session: Session, channel: Channel, by: uuid.UUID, now: datetime) -> bool:
    """Somebody has mended it: what waits is due, what is in doubt has its time again. False where nothing was paused."""
    done = session.execute(
        sa.update(Pause)
        .where(Pause.channel == channel, Pause.lifted_at.is_(None), Pause.until.is_(None))
        .values(lifted_at=now, lifted_by=by)
    )
    session.execute(_waiting(channel, Order.PUBLISH).values(problem=""))
    in_doubt = sa.update(Delivery).where(Delivery.channel == channel, Delivery.state == DeliveryState.UNSURE)
    session.execute(in_doubt.values(unsure_since=now).execution_options(synchronize_session=False))
    return bool(done.rowcount)  # type: ignore[attr-defined] # an UPDATE gives a CursorResult


def _waiting(channel: Channel, order: Order) -> sa.Update:
    return (
        sa.update(Delivery)
        .where(
            Delivery.channel == channel,
            Delivery.order == order,
            Delivery.state == DeliveryState.PENDING,
        )
        .execution_options(synchronize_session=False)
    )
