"""What a person says where no program can know: it is there, or it is not. One transaction each, written down with who.

For an order on X that nobody could look up, and for whatever was posted by hand. Their word is believed, and what can
be checked is checked: the number of a post on X, and the post itself where X answers.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tripupdates import audit, live, publishing, to_families
from tripupdates.approval import view
from tripupdates.approval.records import Update, Version
from tripupdates.channels.contract import Named, Post, Sent, TransportError
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.outbox import hands, queue
from tripupdates.outbox.records import Delivery
from tripupdates.people.signing_in import Caller
from tripupdates.vocabulary import (
    BY_HAND,
    PAGES,
    Conflict,
    Deed,
    DeliveryState,
    NotFound,
    Order,
    Refused,
    Role,
)

NO_SUCH_ORDER = "There is no such order, or it is not for you."
MOVED_ON = "This has moved on meanwhile. Look again where it stands."
NEVER_LEFT = "Nothing of it has left the school, so it cannot be there."
ANOTHERS = "That is the post of another update. Look for the one with these words."
OTHER_WORDS = (
    "X shows no post with that number and these words. Look again, and copy the address of the right one."
)
LEFT_OUT = "Somebody at school decided that it stays out of here."


@dataclass(frozen=True)
class Said:
    """What a person says of an order: the deed, the event that the audit has for it, and where it leaves the order."""

    deed: Deed
    event: str
    values: dict[str, object]


@dataclass(frozen=True)
class Question:
    """An order of which somebody must say what became of it. `left`: something of it may be there.

    `named`: who says that it is there must say where. `families`: for so many of them the answer is, where it goes to each.
    """

    order: Delivery
    update: Update
    words: str
    left: bool
    named: bool
    families: int


def question(house: House, session: Session, caller: Caller, delivery_id: uuid.UUID) -> Question:
    """What there is to know for answering. Raises NotFound where it needs no answer, or not from this person."""
    order = _order(house, session, caller, delivery_id)
    if not can_be_told(order):
        raise NotFound(NO_SUCH_ORDER)
    update, version = session.get_one(Update, order.update_id), session.get_one(Version, order.version_id)
    words, named = live.words(version, order.channel), _place_of(house, order) is not None
    families = len(queue.stuck_alike(session, order)) if order.recipient is not None else 0
    return Question(order, update, words, order.attempted_at is not None, named, families)


def may_answer(house: House, session: Session, caller: Caller, order: Delivery) -> bool:
    """Whether somebody may say what became of an order: by hand, who may hand over; else the office and the approvers."""
    if order.channel in BY_HAND:
        return may_hand_over(house, session, caller, session.get_one(Update, order.update_id))
    return caller.role in {Role.OFFICE, Role.APPROVER}


def may_hand_over(house: House, session: Session, caller: Caller, update: Update) -> bool:
    """Who sees an update may hand it over: its author, who accompanies the trip, who decides; the office for the school's own."""
    own = update.trip_id is None and caller.role is Role.OFFICE
    return own or view.may_see(house, session, caller, update)


def can_be_told(order: Delivery) -> bool:
    """Whether only a person can say what became of an order: it may have arrived, and no look-up is left to be made."""
    return order.order is Order.PUBLISH and order.channel not in PAGES and order.state is _asked_in(order)


def ids_to_answer(orders: Iterable[Delivery]) -> frozenset[uuid.UUID]:
    """Those of these orders of which a person can say what became of them."""
    return frozenset(order.id for order in orders if can_be_told(order))


def _asked_in(order: Delivery) -> DeliveryState:
    return DeliveryState.SENDING if order.channel in BY_HAND else DeliveryState.NEEDS_PERSON


def it_is_there(house: House, caller: Caller, delivery_id: uuid.UUID, where: str = "") -> None:
    """It arrived. `where` names it on X: its number, or its address. There already is fine.

    Raises NotFound, Refused (not named as it must be, or X shows something else), Conflict (moved on, never left).
    """
    order = _order(house, fresh(), caller, delivery_id)
    if order.state is DeliveryState.SENT:
        return
    sent = _named(house, order, where)
    words = live.words(fresh().get_one(Version, order.version_id), order.channel)
    values = {"remote_id": sent.remote_id, "link": sent.link, "settled_at": house.now(), "problem": ""}
    values |= {"parts": to_families.charged_as(house, order.channel, words)}
    event = "said it is there"
    _settle(house, caller, delivery_id, Said(Deed.THERE, event, {"state": DeliveryState.SENT} | values))


def it_is_not_there(house: House, caller: Caller, delivery_id: uuid.UUID, again: bool) -> None:
    """It is not there: it goes out once more where `again`, with every question asked anew; else it stays out.

    Raises NotFound, Conflict (moved on).
    """
    now = house.now()
    if again:
        _settle(house, caller, delivery_id, Said(Deed.NOT_THERE, "said it is not there", _anew(now)))
        return
    stopped = {"state": DeliveryState.STOPPED, "settled_at": now, "problem": LEFT_OUT}
    _settle(house, caller, delivery_id, Said(Deed.LEFT_OUT, "left it out", stopped))


def _anew(now: datetime) -> dict[str, object]:
    nothing = {"attempted_at": None, "unsure_since": None, "misses": 0, "problem": ""}
    return {"state": DeliveryState.PENDING, "due": now, "created_at": now} | nothing


def _settle(house: House, caller: Caller, delivery_id: uuid.UUID, said: Said) -> None:
    with transaction() as session:
        order = _order(house, session, caller, delivery_id)
        if said.deed is Deed.THERE and order.attempted_at is None:
            raise Conflict(NEVER_LEFT)
        if said.deed is Deed.NOT_THERE and (over := _never(house, session, order)):
            raise Conflict(over)
        if not can_be_told(order):
            raise Conflict(MOVED_ON)
        for each in queue.stuck_alike(session, order):
            if said.deed is Deed.THERE and each.attempted_at is None:
                continue  # nothing has left for this family: it is still to be told of
            if not queue.settle(session, each.id, each.state, **said.values):
                raise Conflict(MOVED_ON)
            hands.note(session, each, said.deed, caller.id, house.now())
            audit.note(session, house.now(), caller.id, said.event, each.update_id, each.channel)


def _never(house: House, session: Session, order: Delivery) -> str | None:
    update, version = session.get_one(Update, order.update_id), session.get_one(Version, order.version_id)
    return publishing.may_still_go(house, session, update, version, order)


def _order(house: House, session: Session, caller: Caller, delivery_id: uuid.UUID) -> Delivery:
    order = session.get(Delivery, delivery_id)
    if order is None or not may_answer(house, session, caller, order):
        raise NotFound(NO_SUCH_ORDER)
    return order


def _place_of(house: House, order: Delivery) -> Named[Post] | None:
    """Where it was sent, where things have names there."""
    place: object = house.places.get(order.channel)
    return place if isinstance(place, Named) else None


def _named(house: House, order: Delivery, where: str) -> Sent:
    """What was posted, by the name that it has there, if any. The place is asked while nothing is locked."""
    place = _place_of(house, order)
    if place is None:
        return Sent("", "")
    try:
        sent = place.named(where)
    except ValueError as error:
        raise Refused(str(error)) from error
    session = fresh()
    if sent.remote_id in queue.remote_ids(session, order.channel, besides=order.update_id):
        raise Conflict(ANOTHERS)
    words = live.words(session.get_one(Version, order.version_id), order.channel)
    try:
        shown = place.confirm(Post(words), sent)
    except TransportError:
        return sent  # nobody can look just now, which is why a person was asked: their word stands
    if not shown:
        raise Refused(OTHER_WORDS)
    return sent
