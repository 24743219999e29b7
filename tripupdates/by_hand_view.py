"""What waits for somebody's hands, as people see it: what to post, what to tell, what to take down. Reads only."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tripupdates import by_hand, live
from tripupdates.answering import may_hand_over
from tripupdates.approval import records
from tripupdates.approval.records import Update, Version
from tripupdates.approval.rules import photos_by_channel, shown_renditions
from tripupdates.house import House
from tripupdates.outbox import hands, queue
from tripupdates.outbox.records import Delivery
from tripupdates.people.signing_in import Caller
from tripupdates.vocabulary import BY_HAND, Channel, Deed, DeliveryState, NotFound, Order

TAKE_DOWN, TELL, POST = "take_down", "tell", "post"


@dataclass(frozen=True)
class Waiting:
    """An update that waits for somebody's hands since then: `what` is TAKE_DOWN, TELL (what came of it) or POST."""

    update: Update
    channel: Channel
    what: str
    since: datetime


@dataclass(frozen=True)
class Shown:
    """A picture of a package, numbered from 1: its alt text, and how many pixels wide and high it is."""

    number: int
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class Said:
    """What somebody did or said, and when."""

    name: str
    deed: Deed
    at: datetime


@dataclass(frozen=True)
class Desk:
    """One update on its way by hand, for one person.

    `not_now` and `never` say why it may not be taken out; `mine`: this person has taken it out; `others` are the names of
    those who have as well. `removals`: somebody must say that it is gone.
    """

    update: Update
    order: Delivery
    text: str
    pictures: tuple[Shown, ...]
    said: tuple[Said, ...]
    not_now: str
    never: str
    mine: bool
    others: tuple[str, ...]
    removals: tuple[Delivery, ...]
    may_hand_over: bool

    @property
    def open(self) -> bool:
        """Whether words and pictures can be had on this page."""
        return self.mine and not (self.not_now or self.never or self.removals)

    @property
    def to_tell(self) -> bool:
        """Whether somebody must say whether it was posted."""
        return self.order.state is DeliveryState.SENDING and not self.removals


def waiting(house: House, session: Session, caller: Caller) -> list[Waiting]:
    """What waits for the hands of this person, or of anybody beside them: what must come down first, then the oldest."""
    rows = hands.waiting(session, house.now())
    updates = records.named(session, (row.update_id for row in rows))
    found: dict[uuid.UUID, Waiting] = {}
    for row in sorted(rows, key=lambda row: (row.order is not Order.REMOVE, row.created_at)):
        update = updates[row.update_id]
        allowed = by_hand.may_say_gone if row.order is Order.REMOVE else may_hand_over
        if update.id not in found and allowed(house, session, caller, update):
            found[update.id] = Waiting(update, row.channel, _what(row), row.attempted_at or row.due)
    return list(found.values())


def _what(row: Delivery) -> str:
    if row.order is Order.REMOVE:
        return TAKE_DOWN
    return POST if row.state is DeliveryState.PENDING else TELL


def desk(house: House, session: Session, caller: Caller, update_id: uuid.UUID) -> Desk:
    """The page of one update. Raises NotFound for who may neither hand it over nor say that it is gone."""
    update = session.get(Update, update_id)
    orders = [] if update is None else [row for row in _orders(session, update) if row.order is Order.PUBLISH]
    if update is None or not orders or not by_hand.may_say_gone(house, session, caller, update):
        raise NotFound(by_hand.NO_SUCH_UPDATE)
    order = by_hand.order_of(session, update) or orders[-1]
    version = session.get_one(Version, order.version_id)
    said = hands.of(session, _orders(session, update))
    return Desk(
        update=update,
        order=order,
        text=live.words(version, order.channel),
        pictures=_pictures(version, order.channel),
        said=tuple(Said(each.person.name, each.deed, each.at) for each in said),
        not_now=by_hand.not_now(house, session, order),
        never=by_hand.never(house, session, update, order),
        mine=by_hand.has_out(session, caller, order),
        others=tuple(_others(said, caller)) if order.state is DeliveryState.SENDING else (),
        removals=tuple(by_hand.to_take_down(session, update.id)),
        may_hand_over=may_hand_over(house, session, caller, update),
    )


def _orders(session: Session, update: Update) -> list[Delivery]:
    return [row for row in queue.of_update(session, update.id) if row.channel in BY_HAND]


def _pictures(version: Version, channel: Channel) -> tuple[Shown, ...]:
    found = []
    for number, photo in enumerate(photos_by_channel(version.manifest).get(channel, {}), 1):
        largest = shown_renditions(version.manifest, photo, channel)[-1]
        alt = version.manifest["photos"][str(photo)]["alt"]
        found.append(Shown(number, alt, largest["width"], largest["height"]))
    return tuple(found)


def _others(said: Sequence[hands.Hand], caller: Caller) -> list[str]:
    """Who else took it out since anybody last said what came of it."""
    names: list[str] = []
    for each in said:
        if each.deed is not Deed.OPENED:
            names.clear()
        elif each.by != caller.id and each.person.name not in names:
            names.append(each.person.name)
    return names
