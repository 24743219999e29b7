"""What came down, where and when it was confirmed, and what nobody can call back: for the parent who asked. Reads only.

It names the one pupil it is about, no other, and holds no word of an update (law 9).
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tripupdates.approval.records import Update
from tripupdates.consent.records import Answer
from tripupdates.outbox.queue import caused_by, publishing
from tripupdates.outbox.records import Delivery
from tripupdates.takedown import CANNOT_RECALL, TAKEN_DOWN, cause_of
from tripupdates.trips.records import Pupil
from tripupdates.vocabulary import TO_FAMILIES, Channel, DeliveryState, NotFound, UpdateState


@dataclass(frozen=True)
class Removed:
    """One thing that had to come down from one place. `gone_at` is empty until the place has confirmed it."""

    channel: Channel
    published_at: datetime | None
    asked_at: datetime
    gone_at: datetime | None
    problem: str


@dataclass(frozen=True)
class Receipt:
    """`pupil` and `channel` are empty where the headteacher took a whole update down. `heading` is its trip, or what it was."""

    heading: str
    asked_at: datetime
    pupil: Pupil | None
    channel: Channel | None
    removed: tuple[Removed, ...]
    with_families: frozenset[Channel] = frozenset()  # the ways by which it has reached families, or may have

    @property
    def whole(self) -> bool:
        """Whether every place has confirmed."""
        return all(each.gone_at for each in self.removed)

    @property
    def cannot_recall(self) -> tuple[str, ...]:
        """What was out of our hands by then, a sentence for each place."""
        channels = {each.channel for each in self.removed} | self.with_families
        return tuple(CANNOT_RECALL[channel] for channel in Channel if channel in channels)


def of_answer(session: Session, answer_id: int) -> Receipt:
    """What a parent's no has taken down. Raises NotFound where there is no such no."""
    answer = session.get(Answer, answer_id)
    if answer is None or answer.yes:
        raise NotFound("There is no such answer, or it was a yes.")
    pupil = session.get_one(Pupil, answer.pupil_id)
    orders = caused_by(session, cause_of(answer.id))
    removed = tuple(_removed(session, order) for order in orders)
    return Receipt(pupil.trip.name, answer.at, pupil, answer.channel, removed)


def of_update(session: Session, update_id: uuid.UUID) -> Receipt:
    """What a headteacher's takedown has removed. Raises NotFound where this update was not taken down."""
    update = session.get(Update, update_id)
    if update is None or update.state is not UpdateState.TAKEN_DOWN:
        raise NotFound("There is no such update, or it was not taken down.")
    orders = [order for order in caused_by(session, TAKEN_DOWN) if order.update_id == update_id]
    asked_at = min((order.created_at for order in orders), default=update.changed_at)
    removed = tuple(_removed(session, order) for order in orders)
    return Receipt(update.heading, asked_at, None, None, removed, _with_families(session, update))


def _with_families(session: Session, update: Update) -> frozenset[Channel]:
    found = publishing(session, update.version_id, TO_FAMILIES)
    return frozenset(each.channel for each in found if each.doubtful or each.attempted_at is not None)


def _removed(session: Session, order: Delivery) -> Removed:
    published = publishing(session, order.version_id, [order.channel])
    gone = order.state is DeliveryState.SENT
    return Removed(
        order.channel,
        next((each.settled_at for each in published if each.state is DeliveryState.SENT), None),
        order.created_at,
        order.settled_at if gone else None,
        order.problem,
    )
