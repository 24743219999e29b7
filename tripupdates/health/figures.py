"""Figures for Prometheus, read from the database when they are asked for: every web process says the same.

Few series, and no label but words of the vocabulary (law 10).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from tripupdates.database import Instant
from tripupdates.health.records import Trouble, heartbeats
from tripupdates.house import House
from tripupdates.outbox.records import Delivery
from tripupdates.telling.records import Notice, Sending
from tripupdates.telling.rules import DOWN_BY_HAND, TROUBLES
from tripupdates.vocabulary import DeliveryState, Order, SendingState

SETTLED = (DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.STOPPED)
WAITING = tuple(state for state in DeliveryState if state not in SETTLED)
TAKEDOWN = (10, 60, 300, 900, 3600, 86400)  # seconds


def exposition(house: House, session: Session) -> bytes:
    """All figures as Prometheus reads them."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(house, session))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, house: House, session: Session) -> None:
        self._house, self._session = house, session

    def describe(self) -> list[Metric]:
        """Nothing is asked before it is wanted."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Called once by `generate_latest`."""
        house, session, now = self._house, self._session, self._house.now()
        yield from _orders(house, session, now)
        yield _takedowns(session)
        yield _telling(session)
        beats = GaugeMetricFamily(
            "tripupdates_heartbeat_age_seconds", "Since a worker last held this lane", labels=["lane"]
        )
        for lane, at in sorted(heartbeats(session).items()):
            beats.add_metric([lane], (now - at).total_seconds())
        yield beats
        open_troubles = sa.select(sa.func.count(Trouble.id)).where(
            Trouble.ended_at.is_(None), Trouble.kind.in_(TROUBLES | DOWN_BY_HAND)
        )
        yield GaugeMetricFamily(
            "tripupdates_troubles",
            "Troubles the office was told of that are not over",
            session.scalar(open_troubles) or 0,
        )


def _orders(house: House, session: Session, now: datetime) -> Iterator[Metric]:
    """Depth and age of what is not settled, and how much came to which end."""
    labels = ["channel", "order", "state"]
    depth = GaugeMetricFamily("tripupdates_orders", "Orders that are not settled", labels=labels)
    oldest = GaugeMetricFamily(
        "tripupdates_oldest_order_seconds",
        "Since the oldest of them could first be carried out",
        labels=labels,
    )
    outcomes = CounterMetricFamily(
        "tripupdates_outcomes", "Orders that came to this end", labels=["channel", "order", "outcome"]
    )
    person = GaugeMetricFamily(
        "tripupdates_needs_person", "Orders that only a person can bring on", labels=["channel"]
    )
    since = sa.func.coalesce(Delivery.not_before, Delivery.created_at)
    key = (Delivery.channel, Delivery.order, Delivery.state)
    rows = session.execute(
        sa.select(*key, sa.func.count(), sa.func.min(since, type_=Instant())).group_by(*key)
    )
    counts = {(channel, order, state): (count, first) for channel, order, state, count, first in rows}
    for channel, order in product(house.channels, Order):
        for state in WAITING:
            count, first = counts.get((channel, order, state), (0, now))
            depth.add_metric([channel, order, state], count)
            oldest.add_metric([channel, order, state], max(timedelta(0), now - first).total_seconds())
        for state in SETTLED:
            outcomes.add_metric([channel, order, state], counts.get((channel, order, state), (0, now))[0])
    for channel in house.channels:
        stuck = (counts.get((channel, order, DeliveryState.NEEDS_PERSON), (0, now))[0] for order in Order)
        person.add_metric([channel], sum(stuck))
    yield from (depth, oldest, outcomes, person)


def _takedowns(session: Session) -> Metric:
    """From the order to remove to the channel's word that it is gone."""
    rows = session.execute(
        sa.select(Delivery.created_at, Delivery.settled_at).where(
            Delivery.order == Order.REMOVE, Delivery.state == DeliveryState.SENT
        )
    )
    took = [(settled - ordered).total_seconds() for ordered, settled in rows if settled is not None]
    buckets = [(str(edge), float(sum(each <= edge for each in took))) for edge in TAKEDOWN]
    return HistogramMetricFamily(
        "tripupdates_takedown_seconds",
        "From the order to remove until it is confirmed gone",
        buckets=[*buckets, ("+Inf", float(len(took)))],
        sum_value=sum(took),
    )


def _telling(session: Session) -> Metric:
    """News that nobody has been told yet."""
    unsaid = sa.select(sa.func.count(Notice.id)).where(
        Notice.message_id.is_(None), Notice.closed_at.is_(None)
    )
    unsent = sa.select(sa.func.count(Sending.id)).where(
        Sending.state.in_((SendingState.PENDING, SendingState.SENDING))
    )
    waiting = (session.scalar(unsaid) or 0) + (session.scalar(unsent) or 0)
    return GaugeMetricFamily("tripupdates_notices_waiting", "News, mails and pushes not handed over", waiting)
