"""The worker: takes orders one by one, asks consent and approval again, delivers, and writes down what came of it.

Each channel is a lane of its own: one thread, one lock that dies with its holder. Whoever holds the lane knows that a
row left `sending` is a dead worker's, and looks it up before anything is sent again (laws 3 and 6).
"""

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from tripupdates import audit, ballast, holding, live, publishing
from tripupdates.approval.records import Update, Version
from tripupdates.channels.contract import (
    ChannelClosed,
    NeedsPerson,
    NotSent,
    Post,
    RefusedByChannel,
    Sent,
    TransportError,
)
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.keeping import FULL, why_not
from tripupdates.outbox import holds, pauses, queue
from tripupdates.outbox.lane import alone
from tripupdates.outbox.pauses import Shut
from tripupdates.outbox.records import Delivery
from tripupdates.vocabulary import PAGES, Channel, DeliveryState, Order

POLL = 0.3  # seconds between looks at an empty lane
GIVE_UP_SENDING = timedelta(hours=24)
GIVE_UP_LOOKING = timedelta(minutes=30)
WAIT_FOR_WIRE = timedelta(seconds=1)
STUMBLE = 2.0  # seconds until a lane goes on that met trouble of our own: a full disk, no database
LOOK_AGAIN = (timedelta(minutes=5), timedelta(hours=1))  # for a post that appears long after its attempt

LATE = "We saw no such post, and look once more, in case it appears late."

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """One order as it was claimed: `state` is what it was moved to."""

    id: uuid.UUID
    order: Order
    channel: Channel
    state: DeliveryState
    update_id: uuid.UUID
    version_id: uuid.UUID
    attempts: int
    misses: int
    since: datetime
    unsure_since: datetime
    created_at: datetime
    urgent: bool = False
    remote_ids: tuple[str, ...] = ()
    in_doubt_since: datetime | None = None
    known: frozenset[str] = field(default=frozenset(), repr=False)


def keep_lane(app: Flask, house: House, channel: Channel, stop: threading.Event) -> None:
    """Work one channel's lane until `stop` is set; what is in hand then is finished."""
    while not stop.is_set():
        try:
            with alone(app, channel, stop) as ours:
                _work(app, house, channel, ours, stop)
        except Exception as error:
            # Whatever it was, its row is unsure now. Nothing is sent while that cannot be written down.
            log.error("lane %s stumbled", channel, exc_info=error)
            make_room(app, house, error)
            stop.wait(STUMBLE)


def make_room(app: Flask, house: House, error: Exception) -> None:
    """On a full disk, what must go has the ballast's room."""
    if why_not(error) == FULL:
        with app.app_context():
            if queue.not_yet_gone(fresh()):
                ballast.drop(house.settings.instance)


def _work(
    app: Flask, house: House, channel: Channel, ours: Callable[[], bool], stop: threading.Event
) -> None:
    looked = house.now()
    if ours():
        with app.app_context():
            take_over(house, channel)
            mend_pages(house, channel)
    while ours():
        with app.app_context():
            looked = turn_pages(house, channel, looked)
            worked = step(house, channel)
        if not worked:
            stop.wait(POLL)


def take_over(house: House, channel: Channel) -> None:
    """First thing in a lane: what the last holder left on the wire is unsure now."""
    with transaction() as session:
        place = house.places[channel]
        queue.take_over(session, channel, house.now(), place.longest + place.settle)


def mend_pages(house: House, channel: Channel) -> None:
    """Bring pages to what should stand now, whatever happened to the folder meanwhile. Trouble is met again by an order."""
    if channel in PAGES:
        try:
            house.places[channel].publish(publishing.tree(house, fresh(), channel))
        except TransportError as no:
            log.warning("lane %s: %s", channel, no.title)


def turn_pages(house: House, channel: Channel, since: datetime) -> datetime:
    """Some pages change by themselves, as a notice does that is over. Bring them up to now; returns until when they are."""
    now = house.now()
    if channel in PAGES and publishing.turned(fresh(), since, now):
        mend_pages(house, channel)
    return now


def step(house: House, channel: Channel) -> bool:
    """Do the next thing in a lane. False where there was nothing to do."""
    if channel is Channel.FAMILIES and holding.tell_families(house):
        return True
    job = claim(house, channel) if _is_due(house, channel) else None
    if job is None:
        return False
    carry_out(house, job)
    return True


def _is_due(house: House, channel: Channel) -> bool:
    """A look that makes no writer wait: an idle worker disturbs nobody."""
    session, now = fresh(), house.now()
    return queue.next_due(session, channel, now, _shut(session, channel, now)) is not None


def _shut(session: Session, channel: Channel, now: datetime) -> Shut:
    return pauses.shut(session, channel, now, held=holds.present(session) is not None)


def carry_out(house: House, job: Job) -> None:
    """Do what was claimed, and write down what came of it."""
    act = _ACTS.get((job.order, job.state))
    if act is not None:  # else it was only stopped, or put off
        _settle(house, job, act(house, job))


def claim(house: House, channel: Channel) -> Job | None:
    """Take the next order and write down the attempt before anything is sent. None where nothing is due."""
    with transaction() as session:
        now = house.now()
        row = queue.next_due(session, channel, now, _shut(session, channel, now))
        if row is None:
            return None
        to, values = _next_state(house, session, row, now)
        if to is DeliveryState.SENDING:
            values |= {"attempts": row.attempts + 1, "attempted_at": now}
        queue.settle(session, row.id, row.state, state=to, **values)
        if to in {DeliveryState.SENDING, DeliveryState.CHECKING}:
            audit.note(session, now, None, f"{row.order} {to}", row.update_id, row.channel)
        return Job(
            id=row.id,
            order=row.order,
            channel=channel,
            state=to,
            update_id=row.update_id,
            version_id=row.version_id,
            attempts=row.attempts + 1,
            misses=row.misses,
            since=row.attempted_at or now,
            unsure_since=row.unsure_since or now,
            created_at=row.not_before or row.created_at,
            urgent=row.urgent,
            remote_ids=_remote_ids(session, row),
            in_doubt_since=_in_doubt_since(session, row),
            known=queue.remote_ids(session, channel, besides=row.update_id),
        )


def _next_state(
    house: House, session: Session, row: Delivery, now: datetime
) -> tuple[DeliveryState, dict[str, Any]]:
    if row.order is Order.REMOVE:
        if row.channel not in PAGES and _on_the_wire(session, row):
            return row.state, {"due": now + WAIT_FOR_WIRE}
        return DeliveryState.SENDING, {}
    if row.state is DeliveryState.UNSURE:
        return DeliveryState.CHECKING, {}
    update = session.get_one(Update, row.update_id)
    why_not = publishing.may_still_go(house, session, update, session.get_one(Version, row.version_id), row)
    if why_not:
        audit.note(session, now, None, "stopped", row.update_id, row.channel)
        return DeliveryState.STOPPED, {"problem": why_not, "settled_at": now}
    return DeliveryState.SENDING, {}


def _on_the_wire(session: Session, row: Delivery) -> bool:
    """Whether the post that is to be removed may still come to be."""
    found = queue.publishing(session, row.version_id, [row.channel])
    return any(
        delivery.state in (DeliveryState.PENDING, *queue.ON_THE_WIRE)
        or (delivery.state is DeliveryState.NEEDS_PERSON and delivery.attempted_at is not None)
        for delivery in found
    )


def _remote_ids(session: Session, row: Delivery) -> tuple[str, ...]:
    found = queue.publishing(session, row.version_id, [row.channel])
    return tuple(delivery.remote_id for delivery in found if delivery.remote_id)


def _in_doubt_since(session: Session, row: Delivery) -> datetime | None:
    """Since when there may be a post that nobody has ever seen, though it was attempted; None where there is none."""
    found = queue.publishing(session, row.version_id, [row.channel])
    unseen = [delivery.created_at for delivery in found if delivery.attempts and not delivery.remote_id]
    return min(unseen, default=None)


def _message(house: House, job: Job) -> Any:
    """What the channel gets, read afresh. A post that is only looked for needs no pictures: they may be gone by now."""
    session = fresh()
    update = session.get_one(Update, job.update_id)
    version = session.get_one(Version, job.version_id)
    if job.order is Order.REMOVE and job.channel in PAGES:
        return publishing.without(house, session, job.channel, update, version)
    if job.channel in PAGES:
        return publishing.tree(house, session, job.channel, update)
    if job.state is DeliveryState.CHECKING:
        return Post(live.words(version, job.channel))
    return publishing.post(house, session, update, version, session.get_one(Delivery, job.id))


def _publish(house: House, job: Job) -> dict[str, Any]:
    if (
        not job.urgent and holds.present(fresh()) is not None
    ):  # held since it was claimed; nothing has touched the wire
        return {"state": DeliveryState.PENDING, "due": house.now(), "attempted_at": None}
    try:
        return _sent(house.places[job.channel].publish(_message(house, job)), house.now())
    except FileNotFoundError:
        return _without_pixels(house, job)
    except TransportError as no:
        return _outcome(house, job, no)


def _without_pixels(house: House, job: Job) -> dict[str, Any]:
    """A photo's pixels are gone, so nothing was sent. Taken back meanwhile: the next claim stops it. Else: a person."""
    session = fresh()
    update, version = session.get_one(Update, job.update_id), session.get_one(Version, job.version_id)
    if publishing.may_still_go(house, session, update, version, session.get_one(Delivery, job.id)):
        return {"state": DeliveryState.PENDING, "due": house.now(), "attempted_at": None}
    return _person("A photo of this update is missing from the photo store.", attempted_at=None)


def _outcome(house: House, job: Job, no: TransportError) -> dict[str, Any]:
    """What an attempt that did not simply work leaves behind: nothing, a person's task, or doubt."""
    now = house.now()
    match no:
        case ChannelClosed():
            return _put_off(no, now)
        case NotSent(not_before=datetime() as due):
            return _put_off(no, due)
        case NotSent() if now - job.created_at <= GIVE_UP_SENDING:
            due = _later(no, now, job)
            return {"state": DeliveryState.PENDING, "due": due, "problem": no.title, "attempted_at": None}
        case NotSent() | NeedsPerson():
            return _person(no.title, attempted_at=None)
        case RefusedByChannel():
            return {"state": DeliveryState.REFUSED, "problem": no.title, "settled_at": now}
    due = now + house.places[job.channel].settle
    return {"state": DeliveryState.UNSURE, "due": due, "misses": 0, "unsure_since": now, "problem": no.title}


def _put_off(no: TransportError, due: datetime) -> dict[str, Any]:
    """Nothing is there, and the whole channel waits."""
    return {
        "state": DeliveryState.PENDING,
        "due": due,
        "attempted_at": None,
        "problem": no.title,
        "pause": no,
    }


def _look_up(house: House, job: Job) -> dict[str, Any]:
    place, now = house.places[job.channel], house.now()
    try:
        found = place.look_up(_message(house, job), job.since, job.known)
    except ChannelClosed as no:
        due = _later(no, now, job)
        return {
            "state": DeliveryState.UNSURE,
            "due": due,
            "unsure_since": now,
            "problem": no.title,
            "pause": no,
        }
    except TransportError as no:
        if isinstance(no, NeedsPerson) or now - job.unsure_since > GIVE_UP_LOOKING:
            return _person(no.title)
        return {"state": DeliveryState.UNSURE, "due": _later(no, now, job), "problem": no.title}
    if found is not None:
        return _sent(found, now)
    if job.misses + 1 < place.misses_needed:
        return {"state": DeliveryState.UNSURE, "due": now + place.settle, "misses": job.misses + 1}
    # Looked for often enough and never there: only now may it be sent again.
    return {
        "state": DeliveryState.PENDING,
        "due": now if job.attempts <= 2 else queue.back_off(now, job.attempts),
        "misses": 0,
        "unsure_since": None,
        "attempted_at": None,
    }


def _remove(house: House, job: Job) -> dict[str, Any]:
    """A removal never gives up: what stands in its way is shown to a person, and it tries on."""
    now = house.now()
    try:
        message = _message(house, job) if job.channel in PAGES else None
        house.places[job.channel].remove(message, job.remote_ids)
        later = None if job.channel in PAGES else _look_for_a_late_one(house, job)
    except TransportError as no:
        due = _later(no, now, job)
        return {"state": DeliveryState.PENDING, "due": due, "problem": no.title, "pause": no}
    if later is not None:
        return {"state": DeliveryState.PENDING, "due": now + later, "misses": job.misses + 1, "problem": LATE}
    return {"state": DeliveryState.SENT, "settled_at": house.now(), "problem": ""}


def _look_for_a_late_one(house: House, job: Job) -> timedelta | None:
    """A post that nobody has seen can appear yet: it is deleted then. Returns when to look again, None where all is done."""
    if job.in_doubt_since is None:
        return None
    place, version = house.places[job.channel], fresh().get_one(Version, job.version_id)
    found = place.look_up(Post(live.words(version, job.channel)), job.in_doubt_since, job.known)
    if found is not None:
        place.remove(None, [found.remote_id])
        return None
    return LOOK_AGAIN[job.misses] if job.misses < len(LOOK_AGAIN) else None


def _later(no: TransportError, now: datetime, job: Job) -> datetime:
    """When to try again: after the usual pause, and not before the channel said."""
    named = no.not_before if isinstance(no, NotSent) else None
    return max(named or now, queue.back_off(now, job.attempts))


def _sent(sent: Sent, now: datetime) -> dict[str, Any]:
    return {
        "state": DeliveryState.SENT,
        "remote_id": sent.remote_id,
        "link": sent.link,
        "problem": "",
        "settled_at": now,
    }


def _person(title: str, **values: Any) -> dict[str, Any]:
    return {"state": DeliveryState.NEEDS_PERSON, "problem": title, **values}


_ACTS: dict[tuple[Order, DeliveryState], Callable[[House, Job], dict[str, Any]]] = {
    (Order.PUBLISH, DeliveryState.SENDING): _publish,
    (Order.PUBLISH, DeliveryState.CHECKING): _look_up,
    (Order.REMOVE, DeliveryState.SENDING): _remove,
}


def _settle(house: House, job: Job, values: dict[str, Any]) -> None:
    no = values.pop("pause", None)
    with transaction() as session:
        if no is not None:
            _pause(house, session, job, no)
        if queue.settle(session, job.id, job.state, **values):
            event = f"{job.order} {values['state']}"
            audit.note(session, house.now(), None, event, job.update_id, job.channel)


def _pause(house: House, session: Session, job: Job, no: TransportError) -> None:
    """What is in the way of the whole channel is written down once, for everything that waits there."""
    now = house.now()
    match no:
        case ChannelClosed():
            paused = pauses.pause(session, job.channel, Order.PUBLISH, no.title, now, None)
        case NotSent(not_before=datetime()):
            paused = pauses.pause(session, job.channel, job.order, no.title, now, no.not_before)
        case _:
            return
    if paused:
        audit.note(session, now, None, "paused channel", job.channel)
