"""What the office must hear of: an order that waits for a person, a removal not confirmed in time, a silent worker.

Also where messages to families have not left for a quarter of an hour, once for each way: not once for each family.

What only hands can take down is told at once, to those whose hands they are as well; what they have to post, after hours.

Looked for each minute by the web process, for a worker that is gone cannot say so. Each trouble is told once; when it is
over it may come again. While nobody holds the lane that tells people, the web process tells them itself: claims are
conditional, so nobody is told by two.
"""

import logging
import threading
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tripupdates import audit
from tripupdates.approval.records import Update
from tripupdates.consent import requests
from tripupdates.database import Recording, fresh, transaction
from tripupdates.health.ready import lanes
from tripupdates.health.records import Trouble, heartbeats, present_troubles
from tripupdates.house import House
from tripupdates.outbox import hands, holds, late, pauses, queue
from tripupdates.outbox.lane import alone
from tripupdates.outbox.records import Delivery
from tripupdates.people.records import Person
from tripupdates.policy import page
from tripupdates.policy import records as policy
from tripupdates.telling import round as telling
from tripupdates.telling import rules
from tripupdates.telling.records import Notice, tell
from tripupdates.vocabulary import BY_HAND, TO_FAMILIES, Channel, News, Order, Role

LOOK = 60.0  # seconds between looks
SILENT = timedelta(minutes=5)
NOT_GONE = timedelta(minutes=15)
STILL_OUT = timedelta(hours=2)  # for what is taken down by hand
NUDGE = timedelta(hours=3)  # for what is posted by hand, and for saying that it is
MOST_AT_ONCE = 100  # mails and pushes in one look

log = logging.getLogger(__name__)

What = tuple[News, uuid.UUID | None]


def run(app: Flask, house: House, stop: threading.Event) -> None:
    """Look each minute until `stop` is set; one process at a time."""
    since = house.now()
    while not stop.wait(LOOK):
        try:
            with alone(app, "watch", stop) as ours:
                if ours():
                    with app.app_context():
                        look(house, since)
                        tell_ourselves(house, since)
        except Exception as error:
            log.error("the look for troubles stumbled", exc_info=error)


def look(house: House, since: datetime) -> int:
    """Begin and end what is to begin and end by now; `since` is when we began to look. Returns how many began."""
    if not any(_changes(house, fresh(), since)):
        return 0
    with transaction() as session:
        new, over = _changes(house, session, since)
        for kind, about in sorted(new, key=str):
            _begin(house, session, kind, about)
        for trouble in over:
            _end(house, session, trouble)
        return len(new)


def _changes(house: House, session: Session, since: datetime) -> tuple[set[What], list[Trouble]]:
    known = present_troubles(session)
    now = _now(house, session)
    new = now - {(trouble.kind, trouble.about) for trouble in known}
    if house.now() - since <= SILENT:
        new.discard((News.WORKER_SILENT, None))  # computers start one program after the other
    return new, [trouble for trouble in known if (trouble.kind, trouble.about) not in now]


def _now(house: House, session: Session) -> set[What]:
    long_ago = house.now() - NOT_GONE
    found: set[What] = {(News.NEEDS_PERSON, stuck.about) for stuck in queue.need_person(session)}
    found |= {
        (News.NOT_GONE, order.id)
        for order in queue.not_yet_gone(session)
        if order.created_at <= long_ago and order.channel not in BY_HAND
    }
    found |= set(_by_hand(house, session))
    found |= set(_policy(house, session))
    found |= {(News.NEEDS_PERSON, asked.trip.id) for asked in requests.need_person(session)}
    found |= {(News.CHANNEL_SHUT, _number(each.id)) for each in pauses.until_mended(session, house.now())}
    found |= {(News.CHANNEL_SHUT, _of_way(each.channel)) for each in late.late(session, house.now())}
    return found | ({(News.WORKER_SILENT, None)} if silent_lanes(house, session) else set())


def _by_hand(house: House, session: Session) -> Iterator[What]:
    now, held = house.now(), holds.present(session) is not None
    for order in hands.waiting(session, now):
        if order.order is Order.REMOVE:
            yield News.TAKE_OUT, order.id
            if order.created_at <= now - STILL_OUT:
                yield News.STILL_OUT, order.id
        elif not held and (order.attempted_at or order.due) <= now - NUDGE:
            yield News.HAND_OVER, order.id


def _policy(house: House, session: Session) -> Iterator[What]:
    """Each reminder is of its own kind or number, so that each is told once."""
    review = policy.latest(session)
    if review is not None and (due := page.reminder(review.next_due, house.today())):
        news, number = due
        yield news, _number((review.id << 32) + number)


def _number(row: int) -> uuid.UUID:
    """What has a number for its key, in a column of ids."""
    return uuid.UUID(int=row)


def _of_way(way: Channel) -> uuid.UUID:
    """A way to families that is late: beyond the numbers of all pauses, which are told as the same kind of trouble."""
    return _number((1 << 64) + TO_FAMILIES.index(way))


def silent_lanes(house: House, session: Session) -> set[str]:
    """The lanes of which no worker has said for five minutes that it holds them."""
    last, since = heartbeats(session), house.now() - SILENT
    return {lane for lane in lanes(house) if lane not in last or last[lane] < since}


def silent_since(session: Session) -> datetime | None:
    """Since when the office knows that the worker is silent; None where it is not."""
    return next(
        (each.began_at for each in present_troubles(session) if each.kind is News.WORKER_SILENT), None
    )


def _begin(house: House, session: Recording, kind: News, about: uuid.UUID | None) -> None:
    session.add(Trouble(kind=kind, about=about, began_at=house.now()))
    for person in _whom(session, kind, about):
        tell(session, house.now(), person.id, kind, about)
    audit.note(session, house.now(), None, "trouble began", kind, about or "")


def _whom(session: Session, kind: News, about: uuid.UUID | None) -> Sequence[Person]:
    """Who can do something about it: the office; for what is done by hand, those whose hands it takes."""
    roles = {
        News.HAND_OVER: (),
        News.STILL_OUT: (Role.OFFICE, Role.APPROVER),
    }.get(kind, (Role.OFFICE,))
    ids: set[uuid.UUID] = set()
    if kind in {News.HAND_OVER, *rules.DOWN_BY_HAND}:
        order = session.get_one(Delivery, about)
        update = session.get_one(Update, order.update_id)
        took_out = hands.of(session, queue.publishing(session, order.version_id, [order.channel]))
        ids = {update.author_id, *(each.by for each in took_out)}
        if kind in rules.DOWN_BY_HAND and update.trip is not None:
            ids |= {person.id for person in update.trip.staff}
    asked = sa.or_(Person.role.in_(roles), Person.id.in_(ids))
    return session.scalars(sa.select(Person).where(Person.active, asked).order_by(Person.name)).all()


def _end(house: House, session: Recording, trouble: Trouble) -> None:
    """What is over and was not told yet needs no telling any more."""
    trouble.ended_at = house.now()
    same = Notice.about == trouble.about if trouble.about is not None else Notice.about.is_(None)
    session.execute(
        sa.update(Notice)
        .where(Notice.news == trouble.kind, same, Notice.closed_at.is_(None))
        .values(closed_at=house.now())
    )
    audit.note(session, house.now(), None, "trouble over", trouble.kind, trouble.about or "")


def tell_ourselves(house: House, since: datetime) -> None:
    """Hand over what is to be told, where no worker does. What a dead one had in hand is left to the next worker."""
    if house.now() - since <= SILENT or "telling" not in silent_lanes(house, fresh()):
        return
    for _ in range(MOST_AT_ONCE):
        if not telling.step(house):
            return
