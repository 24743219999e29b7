"""How an approved update fares on each place, in words. Reads only."""

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tripupdates.approval import families, records, timing
from tripupdates.approval.records import Decision, Update, Version
from tripupdates.house import House
from tripupdates.outbox import queue
from tripupdates.outbox.records import Delivery, Tally
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import (
    BY_HAND,
    PAGES,
    TO_FAMILIES,
    Channel,
    DeliveryState,
    Move,
    Order,
    UpdateState,
)

_WORDS = {
    DeliveryState.PENDING: ("waiting", "Waiting to be sent"),
    DeliveryState.SENDING: ("waiting", "Being sent"),
    DeliveryState.UNSURE: ("waiting", "Looking whether it arrived"),
    DeliveryState.CHECKING: ("waiting", "Looking whether it arrived"),
    DeliveryState.SENT: ("sent", "Live"),
    DeliveryState.REFUSED: ("refused", "Refused"),
    DeliveryState.STOPPED: ("stopped", "Not sent"),
    DeliveryState.NEEDS_PERSON: ("needs_person", "Needs a person"),
}
_WORDS_BY_HAND = _WORDS | {
    DeliveryState.PENDING: ("by_hand", "Waits for somebody to hand it over"),
    DeliveryState.SENDING: ("by_hand", "Taken out to be posted; nobody has said yet that it is there"),
    DeliveryState.SENT: ("sent", "Posted"),
}


@dataclass(frozen=True)
class Standing:
    """An update on one channel: `state` for the phone, `words` and `problem` for people. `by_hand`: it waits for theirs.

    Without an order of its own where it goes to each family for itself: then they are counted.
    """

    channel: Channel
    state: str
    words: str
    problem: str
    link: str
    delivery_id: uuid.UUID | None
    update_id: uuid.UUID
    later: bool = False  # it waits for its time, or for the group to leave

    @property
    def by_hand(self) -> bool:
        """Whether somebody must post it, say what came of that, or take it down."""
        return self.state in {"by_hand", "removing"} and self.channel in BY_HAND


def standings(house: House, session: Session, update: Update, version: Version) -> tuple[Standing, ...]:
    """How an approved update fares on each channel; what goes to each family for itself is counted."""
    rows = update.deliveries
    removals = {row.channel: row for row in rows if row.order is Order.REMOVE}  # the latest of each channel
    mine = [row for row in rows if row.order is Order.PUBLISH and row.version_id == version.id]
    # In the same order also once one was tried again.
    published = sorted(mine, key=lambda row: list(Channel).index(row.channel))
    return (
        *(_standing(house, update, row, removals.get(row.channel)) for row in published),
        *(
            _to_families(house, update, version, channel)
            for channel in TO_FAMILIES
            if channel in version.manifest["channels"] and _ordered(session, update, version)
        ),
    )


def _ordered(session: Session, update: Update, version: Version) -> bool:
    """Whether its messages to families were ordered, be it for nobody: none is before it is approved."""
    if any(each.version_id == version.id for each in update.tallies):
        return True
    decision = session.get(Decision, version.id)
    return decision is not None and decision.move is Move.APPROVE


def _to_families(house: House, update: Update, version: Version, channel: Channel) -> Standing:
    mine = [each for each in update.tallies if each.version_id == version.id and each.channel is channel]
    found = families.summary(channel, mine)
    later = next(filter(None, (_put_off(house, each) for each in mine)), "")
    words = later or found.words
    return Standing(channel, found.state, words, found.problem, "", None, update.id, bool(later))


def _standing(house: House, update: Update, row: Delivery, removal: Delivery | None) -> Standing:
    state, words = (_WORDS_BY_HAND if row.channel in BY_HAND else _WORDS)[row.state]
    problem, link = row.problem, row.link
    if later := waits_for(house, row):
        state, words = "waiting", later
    if removal is not None and removal.state is not DeliveryState.SENT:
        words = "To be taken down by hand" if row.channel in BY_HAND else "Being removed"
        state, problem = "removing", removal.problem
    elif removal is not None and (update.state is UpdateState.TAKEN_DOWN or row.channel not in PAGES):
        state, words, problem, link = "removed", "Removed, and confirmed gone", removal.problem, ""
    elif removal is not None:
        problem = problem or removal.problem
    return Standing(row.channel, state, words, problem, link, row.id, update.id, bool(later))


def waits_for_departure(session: Session, trip: Trip) -> bool:
    """Whether something about this trip goes out once the group has left."""
    return bool(queue.waiting_for_departure(session, records.version_ids(trip.id)))


def waits_for(house: House, row: Delivery) -> str:
    """What an order that is not due yet waits for, '' where it waits for nothing."""
    return "" if row.order is not Order.PUBLISH or row.attempts else _put_off(house, row)


def _put_off(house: House, row: Delivery | Tally) -> str:
    if row.state is not DeliveryState.PENDING:
        return ""
    if row.until_left:
        return "Waits until the group has left"
    if row.not_before is None or row.not_before <= house.now():
        return ""
    return f"Goes out on {timing.said(row.not_before, house.settings.timezone)}"
