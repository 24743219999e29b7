"""The outbox: giving orders, taking the next one, writing down what came of it.

Nothing here commits. Every change of state is one UPDATE with the expected state in its WHERE, so that of two who
try, one succeeds. A row found `sending` by whoever holds the channel's lane was left by a worker that died: it goes
to `unsure`, never back to `pending` (law 6).
"""

import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Session

from tripupdates.database import Instant
from tripupdates.outbox.pauses import OPEN, Shut
from tripupdates.outbox.records import Delivery
from tripupdates.vocabulary import Channel, DeliveryState, Order

# An unsettled publish: something of it is, or may yet come to be, on the wire.
ON_THE_WIRE = (DeliveryState.SENDING, DeliveryState.UNSURE, DeliveryState.CHECKING)
MAY_BE_THERE = (*ON_THE_WIRE, DeliveryState.SENT)

IN_ORDER = frozenset(
    {Channel.X}
)  # where one stands above the other; one family's message waits for no other's
LONGEST_PAUSE = timedelta(minutes=5)


def enqueue(
    session: Session,
    order: Order,
    channel: Channel,
    update_id: uuid.UUID,
    version_id: uuid.UUID,
    now: datetime,
    cause: str = "",
    not_before: datetime | None = None,
    until_left: bool = False,
    recipient: uuid.UUID | None = None,
    urgent: bool = False,
    problem: str = "",
) -> None:
    """Give an order, once: the same order for the same version, channel, recipient and cause is the same row.

    `not_before` and `until_left` put off when it is carried out; `problem` is what staff should know from the start.
    """
    whom = "" if recipient is None else recipient.hex
    dedupe = ":".join(filter(None, (order, str(version_id), channel, whom, cause)))
    if session.scalar(sa.select(Delivery.id).where(Delivery.dedupe == dedupe)) is None:
        session.add(
            Delivery(
                dedupe=dedupe,
                order=order,
                channel=channel,
                update_id=update_id,
                version_id=version_id,
                recipient=recipient,
                urgent=urgent,
                state=DeliveryState.PENDING,
                due=not_before or now,
                not_before=not_before,
                until_left=until_left,
                problem=problem,
                created_at=now,
            )
        )
        session.flush()


def take_over(session: Session, channel: Channel, now: datetime, settle: timedelta) -> int:
    """Whoever holds the lane calls this first: what the last holder left on the wire becomes unsure. Returns how many.

    `settle` is how long after now a look-up can first be trusted, though the last holder may still be at it.
    """
    soon, settled = sa.literal(now, Instant()), sa.literal(now + settle, Instant())
    result = session.execute(
        sa.update(Delivery)
        .where(
            Delivery.channel == channel,
            Delivery.state.in_((DeliveryState.SENDING, DeliveryState.CHECKING)),
        )
        .values(
            state=DeliveryState.UNSURE,
            due=sa.case((Delivery.order == Order.REMOVE, soon), else_=settled),
            misses=0,
            unsure_since=sa.func.coalesce(Delivery.unsure_since, soon),
        )
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined] # an UPDATE gives a CursorResult


def next_due(session: Session, channel: Channel, now: datetime, shut: Shut = OPEN) -> Delivery | None:
    """The next order for a channel: removals first, what is urgent, then look-ups, then what was asked for first.

    `shut` says what may not be done just now. On X what was asked for later waits for what is still under way or in
    doubt, so that posts stand in order; what is urgent waits for nothing, and what needs a person keeps nobody waiting.
    """
    urgent_first = sa.case((Delivery.urgent, 0), else_=1)
    removal_first = sa.case((Delivery.order == Order.REMOVE, 0), else_=1)
    look_up_first = sa.case((Delivery.state == DeliveryState.UNSURE, 0), else_=1)
    return session.scalar(
        sa.select(Delivery)
        .where(
            Delivery.channel == channel,
            is_due(now, shut),
            ~(_TO_PUBLISH & ~Delivery.urgent & _something_earlier_is_under_way())
            if channel is Channel.X
            else sa.true(),
        )
        .order_by(removal_first, urgent_first, look_up_first, _asked_for(Delivery), Delivery.id)
        .limit(1)
    )


_TO_PUBLISH = sa.and_(Delivery.order == Order.PUBLISH, Delivery.state == DeliveryState.PENDING)


def is_due(now: datetime, shut: Shut = OPEN) -> sa.ColumnElement[bool]:
    """Whether an order can be begun now."""
    # Ordered by a clock that was ahead and has been put right: it would wait for as long as that clock was wrong.
    ahead = sa.and_(
        Delivery.state == DeliveryState.PENDING,
        Delivery.created_at > now,
        sa.or_(Delivery.not_before.is_(None), Delivery.not_before <= now),
    )
    return sa.and_(
        Delivery.state.in_((DeliveryState.PENDING, DeliveryState.UNSURE)),
        sa.or_(Delivery.due <= now, ahead),
        ~(_TO_PUBLISH & Delivery.until_left),
        ~_TO_PUBLISH if shut.publishing else sa.true(),
        ~(_TO_PUBLISH & ~Delivery.urgent) if shut.held else sa.true(),
        Delivery.order != Order.REMOVE if shut.removing else sa.true(),
    )


def oldest_due(session: Session, channel: Channel, now: datetime, shut: Shut = OPEN) -> datetime | None:
    """Since when the order that waits for longest on a channel could have been begun; None where none waits."""
    oldest = sa.func.min(Delivery.due, type_=Instant())
    return session.scalar(sa.select(oldest).where(Delivery.channel == channel, is_due(now, shut)))


def _asked_for(row: type[Delivery]) -> sa.ColumnElement[datetime]:
    """When an order was given, or was to begin."""
    return sa.func.coalesce(row.not_before, row.created_at)


def _something_earlier_is_under_way() -> sa.ColumnElement[bool]:
    earlier = orm.aliased(Delivery)
    begun = sa.and_(earlier.state == DeliveryState.PENDING, earlier.attempts > 0)
    return sa.exists().where(
        earlier.channel == Delivery.channel,
        earlier.order == Order.PUBLISH,
        sa.or_(earlier.state.in_(ON_THE_WIRE), begun),
        _asked_for(earlier) < _asked_for(Delivery),
    )


def waiting_for_departure(session: Session, version_ids: sa.Select[uuid.UUID]) -> Sequence[Delivery]:
    """The orders about these versions that wait until the group has left."""
    return session.scalars(
        sa.select(Delivery).where(_waits(), Delivery.until_left, Delivery.version_id.in_(version_ids))
    ).all()


def waiting_for_their_time(session: Session, version_id: uuid.UUID, now: datetime) -> Sequence[Delivery]:
    """The orders about a version that wait for their time, or until the group has left."""
    later = sa.or_(Delivery.until_left, Delivery.not_before > now)
    return session.scalars(
        sa.select(Delivery).where(_waits(), Delivery.version_id == version_id, later)
    ).all()


def _waits() -> sa.ColumnElement[bool]:
    return sa.and_(
        Delivery.order == Order.PUBLISH, Delivery.state == DeliveryState.PENDING, Delivery.attempts == 0
    )


def send_at(session: Session, delivery: Delivery, now: datetime) -> bool:
    """What waited for its time is due now. False where it has moved on."""
    return settle(session, delivery.id, DeliveryState.PENDING, due=now, not_before=now, until_left=False)


def settle(session: Session, delivery_id: uuid.UUID, expected: DeliveryState, **values: object) -> bool:
    """Move one order on, if it still is where it was seen. False where it is not."""
    return move(session, Delivery, delivery_id, expected, **values)


def move(
    session: Session, kind: type[Any], row_id: uuid.UUID, expected: DeliveryState, **values: object
) -> bool:
    """The one conditional UPDATE by which a row of this kind moves on."""
    result = session.execute(
        sa.update(kind)
        .where(kind.id == row_id, kind.state == expected)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount == 1)  # type: ignore[attr-defined] # an UPDATE gives a CursorResult


def back_off(now: datetime, attempts: int) -> datetime:
    """When to try again: 2 s, doubled each time up to 5 minutes, with a quarter of chance either way."""
    pause = min(LONGEST_PAUSE, timedelta(seconds=2 * 2 ** min(attempts, 10)))
    return now + pause * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing


def of_update(session: Session, update_id: uuid.UUID, order: Order | None = None) -> Sequence[Delivery]:
    """The orders about an update, the oldest first."""
    query = sa.select(Delivery).where(Delivery.update_id == update_id)
    if order is not None:
        query = query.where(Delivery.order == order)
    return session.scalars(query.order_by(Delivery.created_at, Delivery.channel)).all()


def caused_by(session: Session, cause: str) -> Sequence[Delivery]:
    """The removals that one no, or one takedown, asked for, the oldest first."""
    return session.scalars(
        sa.select(Delivery)
        .where(Delivery.order == Order.REMOVE, Delivery.dedupe.endswith(f":{cause}", autoescape=True))
        .order_by(Delivery.created_at, Delivery.channel, Delivery.id)
    ).all()


def publishing(
    session: Session, version_id: uuid.UUID | None, channels: Iterable[Channel]
) -> Sequence[Delivery]:
    """The orders to publish a version on these channels."""
    return session.scalars(
        sa.select(Delivery)
        .where(
            Delivery.version_id == version_id,
            Delivery.order == Order.PUBLISH,
            Delivery.channel.in_(tuple(channels)),
        )
        .order_by(Delivery.created_at, Delivery.channel)
    ).all()


def remote_ids(session: Session, channel: Channel, besides: uuid.UUID) -> frozenset[str]:
    """What we know to be ours on a channel, besides one update's: a look-up must not take those for it."""
    rows = session.scalars(
        sa.select(Delivery.remote_id).where(
            Delivery.channel == channel, Delivery.remote_id != "", Delivery.update_id != besides
        )
    )
    return frozenset(rows)


def not_yet_gone(session: Session) -> Sequence[Delivery]:
    """The removals that no channel has confirmed yet, the oldest first (law 7)."""
    return session.scalars(
        sa.select(Delivery)
        .where(Delivery.order == Order.REMOVE, Delivery.state != DeliveryState.SENT)
        .order_by(Delivery.created_at)
    ).all()


@dataclass(frozen=True)
class Stuck:
    """An order that only a person can bring on; of a message to families, the first of all with one problem together."""

    order: Delivery
    count: int

    @property
    def about(self) -> uuid.UUID:
        """What it is told by, as long as there is any of it."""
        return self.order.id if self.order.recipient is None else self.order.version_id


def need_person(session: Session) -> list[Stuck]:
    """What only a person can bring on, the oldest first."""
    rows = session.scalars(
        sa.select(Delivery).where(Delivery.state == DeliveryState.NEEDS_PERSON).order_by(Delivery.created_at)
    )
    found: dict[object, Stuck] = {}
    for row in rows:
        alike = row.id if row.recipient is None else (row.version_id, row.channel, row.problem)
        earlier = found.get(alike, Stuck(row, 0))
        found[alike] = replace(earlier, count=earlier.count + 1)
    return list(found.values())


def stuck_alike(session: Session, delivery: Delivery) -> Sequence[Delivery]:
    """The orders that one press of "Try again" is about: this one, or all that `need_person` shows together with it."""
    if delivery.recipient is None:
        return [delivery]
    return session.scalars(
        sa.select(Delivery).where(
            Delivery.state == DeliveryState.NEEDS_PERSON,
            Delivery.recipient.is_not(None),
            Delivery.version_id == delivery.version_id,
            Delivery.channel == delivery.channel,
            Delivery.problem == delivery.problem,
        )
    ).all()


def summary(session: Session) -> Sequence[tuple[Channel, Order, DeliveryState, int]]:
    """How many orders stand where."""
    rows = session.execute(
        sa.select(Delivery.channel, Delivery.order, Delivery.state, sa.func.count())
        .group_by(Delivery.channel, Delivery.order, Delivery.state)
        .order_by(Delivery.channel, Delivery.order, Delivery.state)
    )
    return [(channel, order, state, count) for channel, order, state, count in rows]
