"""Handing over to the class app, where only people can post: words and cleaned pictures are taken out, and taken down, by hand.

Law 6: who takes them out is written down before a byte leaves. Law 3: approval, consent and hold are asked then, and once
more with each byte. Law 7: what must come down there is gone when a person says so, and not before. A package is whole or
not at all, like a post on X: what was posted by hand cannot lose one photo.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from tripupdates import audit, publishing
from tripupdates.answering import may_hand_over
from tripupdates.approval import standings
from tripupdates.approval.records import Update, Version
from tripupdates.channels.contract import Post
from tripupdates.channels.package import zipped as as_file
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.outbox import hands, holds, queue
from tripupdates.outbox.records import Delivery
from tripupdates.people.signing_in import Caller
from tripupdates.vocabulary import BY_HAND, Conflict, Deed, DeliveryState, NotFound, Order, Role

NO_SUCH_UPDATE = "There is no such update, or it is not for you to hand over."
OPEN_FIRST = "Press “Hand it over” first: who takes words and pictures out is written down before they leave."
HELD = "Everything is on hold. Nothing can be handed over until the hold is lifted."
NOTHING = "There is nothing to hand over now."
PIXELS_GONE = "A photo of this update is missing from the photo store, so it cannot be handed over."
TAKEN_BACK = "It was taken back."


def found(house: House, session: Session, caller: Caller, update_id: uuid.UUID) -> tuple[Update, Delivery]:
    """An update and its order for the class app, for whoever may hand it over. Raises NotFound."""
    update = session.get(Update, update_id)
    order = None if update is None else order_of(session, update)
    if update is None or order is None or not may_hand_over(house, session, caller, update):
        raise NotFound(NO_SUCH_UPDATE)
    return update, order


def order_of(session: Session, update: Update) -> Delivery | None:
    """The order to publish its present version by hand, if there is one."""
    return next(iter(queue.publishing(session, update.version_id, BY_HAND)), None)


def not_now(house: House, session: Session, order: Delivery) -> str:
    """Why its words and pictures may not leave at this moment, though they may at another; '' where nothing is in the way."""
    if order.state not in {DeliveryState.PENDING, DeliveryState.SENDING}:
        return NOTHING
    if holds.present(session) is not None:
        return HELD
    return f"{later}." if (later := standings.waits_for(house, order)) else ""


def never(house: House, session: Session, update: Update, order: Delivery) -> str:
    """Why they may not leave any more: approval and consent do not come back. '' where they may."""
    version = session.get_one(Version, order.version_id)
    return publishing.may_still_go(house, session, update, version, order) or ""


def take_out(house: House, caller: Caller, update_id: uuid.UUID) -> None:
    """Write down that somebody takes words and pictures out; from then on `package` gives them to this person.

    Taken out by them already is fine. Raises NotFound; Conflict where they may not leave, and stops the order where they
    never may any more.
    """
    with transaction() as session:
        update, order = found(house, session, caller, update_id)
        if has_out(session, caller, order):
            return
        now, no = house.now(), not_now(house, session, order)
        over = "" if no else never(house, session, update, order)
        if over and order.state is DeliveryState.PENDING:
            stopped = {"state": DeliveryState.STOPPED, "settled_at": now, "problem": over}
            queue.settle(session, order.id, order.state, **stopped)
            audit.note(session, now, None, "stopped", update_id, order.channel)
        if not (no or over):
            taken = {"attempts": order.attempts + 1, "attempted_at": now, "problem": ""}
            queue.settle(session, order.id, order.state, state=DeliveryState.SENDING, **taken)
            hands.note(session, order, Deed.OPENED, caller.id, now)
            audit.note(session, now, caller.id, "handed over", update_id, order.channel)
    if no or over:
        raise Conflict(no or over)


def has_out(session: Session, caller: Caller, order: Delivery) -> bool:
    """Whether this person has taken it out, and nobody has said since what came of it."""
    return order.state is DeliveryState.SENDING and hands.has_open(session, order, caller.id)


def package(house: House, caller: Caller, update_id: uuid.UUID) -> Post:
    """Words and pictures, for whoever took them out. Everything is asked once more. Raises NotFound, Conflict."""
    session = fresh()
    update, order = found(house, session, caller, update_id)
    if not has_out(session, caller, order):
        raise Conflict(OPEN_FIRST)
    if no := not_now(house, session, order) or never(house, session, update, order):
        raise Conflict(no)
    try:
        version = session.get_one(Version, order.version_id)
        return publishing.post(house, session, update, version, order)
    except FileNotFoundError:
        raise Conflict(PIXELS_GONE) from None


def zipped(house: House, caller: Caller, update_id: uuid.UUID) -> bytes:
    """The same as one file. Raises as `package`."""
    return as_file(package(house, caller, update_id))


def may_say_gone(house: House, session: Session, caller: Caller, update: Update) -> bool:
    """Whoever may hand it over, and the office."""
    return caller.role is Role.OFFICE or may_hand_over(house, session, caller, update)


def to_take_down(session: Session, update_id: uuid.UUID) -> Sequence[Delivery]:
    """The removals of an update that wait for somebody to say that it is gone."""
    rows = queue.of_update(session, update_id, Order.REMOVE)
    return [row for row in rows if row.channel in BY_HAND and row.state is DeliveryState.PENDING]


def it_is_gone(house: House, caller: Caller, update_id: uuid.UUID) -> None:
    """Somebody looked: it is not there any more, or never was. Said already is fine. Raises NotFound."""
    with transaction() as session:
        update = session.get(Update, update_id)
        if update is None or not may_say_gone(house, session, caller, update):
            raise NotFound(NO_SUCH_UPDATE)
        now, done = house.now(), {"settled_at": house.now(), "problem": ""}
        for removal in to_take_down(session, update_id):
            queue.settle(session, removal.id, DeliveryState.PENDING, state=DeliveryState.SENT, **done)
            hands.note(session, removal, Deed.GONE, caller.id, now)
            audit.note(session, now, caller.id, "said it is gone", update_id, removal.channel)
            for order in queue.publishing(session, removal.version_id, [removal.channel]):
                # Taken out, and nobody ever said that it was posted: nobody need say so any more.
                taken_back = {"state": DeliveryState.STOPPED, "settled_at": now, "problem": TAKEN_BACK}
                queue.settle(session, order.id, DeliveryState.SENDING, **taken_back)
