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
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from tripupdates import asking_queue, audit, ballast, holding, live, publishing, to_families
from tripupdates.approval.records import Update, Version
from tripupdates.channels.contract import Note, Post, TransportError
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.keeping import FULL, why_not
from tripupdates.outbox import arrivals, holds, outcomes, pauses, queue
from tripupdates.outbox.lane import alone
from tripupdates.outbox.outcomes import PAUSE, Tried, Values
from tripupdates.outbox.pauses import Shut
from tripupdates.outbox.records import Delivery
from tripupdates.vocabulary import PAGES, TO_FAMILIES, Channel, DeliveryState, Order

POLL = 0.3  # seconds between looks at an empty lane
WAIT_FOR_WIRE = timedelta(seconds=1)
STUMBLE = 2.0  # seconds until a lane goes on that met trouble of our own: a full disk, no database
LOOK_AGAIN = (timedelta(minutes=5), timedelta(hours=1))  # for a post that appears long after its attempt

TURN_AGAIN = timedelta(seconds=30)  # for pages that could not be brought up to now

LATE = "We saw no such post, and look once more, in case it appears late."

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job(Tried):
    """One order as it was claimed: `state` is what it was moved to."""

    id: uuid.UUID
    order: Order
    channel: Channel
    state: DeliveryState
    update_id: uuid.UUID
    version_id: uuid.UUID
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
    looked = look = house.now()
    if ours():
        with app.app_context():
            take_over(house, channel)
            mend_pages(house, channel)
    while ours():
        with app.app_context():
            if house.now() >= look:
                before, looked = looked, turn_pages(house, channel, looked)
                look = house.now() + TURN_AGAIN if looked == before else looked
            worked = step(house, channel)
        if not worked:
            stop.wait(POLL)


def take_over(house: House, channel: Channel) -> None:
    """First thing in a lane: what the last holder left on the wire is unsure now."""
    with transaction() as session:
        place = house.places[channel]
        queue.take_over(session, channel, house.now(), place.longest + place.settle)
    if channel in TO_FAMILIES:
        asking_queue.take_over(house, channel)


def mend_pages(house: House, channel: Channel, ours_if_broken: bool = False) -> bool:
    """Bring pages to what should stand now, whatever happened to the folder meanwhile. False where that met trouble."""
    if channel in PAGES:
        try:
            tree = publishing.tree(house, fresh(), channel, ours_if_broken=ours_if_broken)
            house.places[channel].publish(tree)
        except TransportError as no:
            log.warning("lane %s: %s", channel, no.title)
            return False
    return True


def turn_pages(house: House, channel: Channel, since: datetime) -> datetime:
    """Some pages change by themselves, as a notice does that is over. Bring them up to now; returns until when they are.

    No order comes back to it, so where that met trouble it is still to be done. It does not wait for a broken template:
    a school that is said to be closed, and is not, is worse than a plain page.
    """
    now = house.now()
    if channel in PAGES and publishing.turned(fresh(), since, now):
        return now if mend_pages(house, channel, ours_if_broken=True) else since
    return now


def step(house: House, channel: Channel) -> bool:
    """Do the next thing in a lane. False where there was nothing to do."""
    if channel is Channel.FAMILIES and holding.tell_families(house):
        return True
    job = claim(house, channel) if _is_due(house, channel) else None
    if job is None:
        # What was approved goes first; then the parents' form; then the look whether it all arrived.
        more = channel in TO_FAMILIES
        return more and (asking_queue.step(house, channel) or arrivals.step(house, channel))
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
        queue.settle(session, row.id, row.state, **({"state": to} | values))
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
            doubtful=row.doubtful,
            urgent=row.urgent,
            **_seen_before(session, row),
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
        return DeliveryState.STOPPED, outcomes.stopped(why_not, now)
    return DeliveryState.SENDING, {}


def _on_the_wire(session: Session, row: Delivery) -> bool:
    """Whether the post that is to be removed may still come to be."""
    found = queue.publishing(session, row.version_id, [row.channel])
    return any(
        delivery.state in (DeliveryState.PENDING, *queue.ON_THE_WIRE)
        or (delivery.state is DeliveryState.NEEDS_PERSON and delivery.attempted_at is not None)
        for delivery in found
    )


def _seen_before(session: Session, row: Delivery) -> dict[str, Any]:
    """What is known of this version's posts, and of others that a look-up must not take for them.

    What went to families is found by its own reference, and never removed: there it is nothing.
    """
    if row.channel in TO_FAMILIES:
        return {}
    found = queue.publishing(session, row.version_id, [row.channel])
    unseen = [delivery.created_at for delivery in found if delivery.attempts and not delivery.remote_id]
    return {
        "remote_ids": tuple(delivery.remote_id for delivery in found if delivery.remote_id),
        # Since when there may be a post that nobody has ever seen, though it was attempted.
        "in_doubt_since": min(unseen, default=None),
        "known": queue.remote_ids(session, row.channel, besides=row.update_id),
    }


def _message(house: House, job: Job) -> Any:
    """What the channel gets, read afresh. A post that is only looked for needs no pictures: they may be gone by now.

    A message to a family is None where it may not go there any more.
    """
    session = fresh()
    update = session.get_one(Update, job.update_id)
    version = session.get_one(Version, job.version_id)
    if job.order is Order.REMOVE and job.channel in PAGES:
        return publishing.without(house, session, job.channel, update, version)
    if job.channel in PAGES:
        return publishing.tree(house, session, job.channel, update, ours_if_broken=job.urgent)
    words = live.words(version, job.channel)
    if job.state is DeliveryState.CHECKING:
        return Note("", words, "", str(job.id)) if job.channel in TO_FAMILIES else Post(words)
    delivery = session.get_one(Delivery, job.id)
    if job.channel in TO_FAMILIES:
        return to_families.note(house, session, update, version, delivery)
    return publishing.post(house, session, update, version, delivery)


def _publish(house: House, job: Job) -> Values:
    now = house.now()
    if (
        not job.urgent and holds.present(fresh()) is not None
    ):  # held since it was claimed; nothing has touched the wire
        return outcomes.nothing_left(now)
    place = house.places[job.channel]
    try:
        message = _message(house, job)
        if message is None:  # the next claim says why, and stops it
            return outcomes.nothing_left(now)
        return _sent(house, job, message, outcomes.sent(place.publish(message), house.now()))
    except FileNotFoundError:
        return _without_pixels(house, job)
    except TransportError as no:
        return outcomes.after(place, job, no, house.now())


def _sent(house: House, job: Job, message: Any, values: Values) -> Values:
    """Where it can be seen; of a message to a family also what it is charged as, and that its receipt is to be asked for.

    Of pages, whether they had to be plain.
    """
    if job.channel in PAGES:
        return values | {"problem": message.plain}
    if job.channel in TO_FAMILIES:
        return values | to_families.handed_over(house, job.channel, message.text)
    return values


def _without_pixels(house: House, job: Job) -> Values:
    """A photo's pixels are gone, so nothing was sent. Taken back meanwhile: the next claim stops it. Else: a person."""
    session = fresh()
    update, version = session.get_one(Update, job.update_id), session.get_one(Version, job.version_id)
    if publishing.may_still_go(house, session, update, version, session.get_one(Delivery, job.id)):
        return outcomes.nothing_left(house.now())
    return outcomes.person("A photo of this update is missing from the photo store.", attempted_at=None)


def _look_up(house: House, job: Job) -> Values:
    place, message = house.places[job.channel], _message(house, job)
    look = partial(place.look_up, message, job.since, job.known)
    values = outcomes.looked(place, job, look, house.now())
    return _sent(house, job, message, values) if values["state"] is DeliveryState.SENT else values


def _remove(house: House, job: Job) -> Values:
    """A removal never gives up: what stands in its way is shown to a person, and it tries on."""
    now = house.now()
    try:
        message = _message(house, job) if job.channel in PAGES else None
        house.places[job.channel].remove(message, job.remote_ids)
        later = None if job.channel in PAGES else _look_for_a_late_one(house, job)
    except TransportError as no:
        due = outcomes.later(no, now, job)
        return {"state": DeliveryState.PENDING, "due": due, "problem": no.title, PAUSE: no}
    if later is not None:
        return {"state": DeliveryState.PENDING, "due": now + later, "misses": job.misses + 1, "problem": LATE}
    plain = message.plain if message is not None else ""
    return {"state": DeliveryState.SENT, "settled_at": house.now(), "problem": plain}


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


_ACTS: dict[tuple[Order, DeliveryState], Callable[[House, Job], Values]] = {
    (Order.PUBLISH, DeliveryState.SENDING): _publish,
    (Order.PUBLISH, DeliveryState.CHECKING): _look_up,
    (Order.REMOVE, DeliveryState.SENDING): _remove,
}


def _settle(house: House, job: Job, values: Values) -> None:
    no = values.pop(PAUSE, None)
    with transaction() as session:
        if no is not None and pauses.because(session, job.channel, job.order, no, house.now()):
            audit.note(session, house.now(), None, "paused channel", job.channel)
        if queue.settle(session, job.id, job.state, **values):
            event = f"{job.order} {values['state']}"
            audit.note(session, house.now(), None, event, job.update_id, job.channel)
            if values["state"] is DeliveryState.REFUSED and job.channel in TO_FAMILIES:
                to_families.say(
                    session, session.get_one(Delivery, job.id).recipient, job.channel, values["problem"]
                )
