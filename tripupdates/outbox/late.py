"""Messages to families that were tried, and are still on their way after a quarter of an hour: somebody must hear of that.

A service that is away, or takes no more today, waits for nobody's button, so nothing needs a person; but whoever counts on
the words must tell families in another way meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates.consent.requests import OPEN, ConsentRequest
from tripupdates.database import Instant
from tripupdates.outbox import pauses
from tripupdates.outbox.records import Delivery
from tripupdates.vocabulary import TO_FAMILIES, Channel

LATE = timedelta(minutes=15)


@dataclass(frozen=True)
class Late:
    """So many messages wait on one way, the oldest since then, for this reason."""

    channel: Channel
    since: datetime
    count: int
    problem: str


def late(session: Session, now: datetime) -> list[Late]:
    """The ways on which messages are late. One that stands still until somebody mends it is told of as that."""
    closed = {pause.channel for pause in pauses.until_mended(session, now)}
    return [found for way in TO_FAMILIES if way not in closed for found in _on(session, way, now)]


def _on(session: Session, way: Channel, now: datetime) -> Iterator[Late]:
    found = [
        row
        for row in (
            _waits(session, Delivery, sa.func.coalesce(Delivery.not_before, Delivery.created_at), way, now),
            _waits(session, ConsentRequest, ConsentRequest.asked_at, way, now),
        )
        if row.count
    ]
    if found:
        count = sum(each.count for each in found)
        yield Late(way, min(each.since for each in found), count, found[0].problem)


def _waits(
    session: Session,
    kind: type[Delivery] | type[ConsentRequest],
    ordered: sa.SQLColumnExpression[datetime],
    way: Channel,
    now: datetime,
) -> Late:
    which = sa.select(
        sa.func.count(), sa.func.min(ordered, type_=Instant()), sa.func.max(kind.problem)
    ).where(
        kind.channel == way,
        kind.state.in_(OPEN),
        kind.problem != "",
        ordered <= now - LATE,
    )
    count, since, problem = session.execute(which).one()
    return Late(way, since or now, count, problem or "")
