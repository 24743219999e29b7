"""What an attempt, or a look-up, leaves behind: the values that its row moves on with. Writes nothing.

Every row that is handed to a channel moves by these, whatever it is about.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tripupdates.channels.contract import (
    Channel,
    ChannelClosed,
    NeedsPerson,
    NotSent,
    NoWayToLook,
    RefusedByChannel,
    Sent,
    TransportError,
)
from tripupdates.outbox import queue
from tripupdates.vocabulary import DeliveryState

GIVE_UP_SENDING = timedelta(hours=24)
GIVE_UP_LOOKING = timedelta(minutes=30)

# What to write down. PAUSE holds why the whole channel waits: it is for the caller, and no column.
Values = dict[str, Any]
PAUSE = "pause"


@dataclass(frozen=True)
class Tried:
    """How far a row has come: `since` is when the attempt that is looked for began, `created_at` when it was ordered.

    `doubtful`: it was sent again once, for nobody can ever know what became of it.
    """

    attempts: int
    misses: int
    since: datetime
    unsure_since: datetime
    created_at: datetime
    doubtful: bool


def sent(what: Sent, now: datetime) -> Values:
    """It is there."""
    return {
        "state": DeliveryState.SENT,
        "remote_id": what.remote_id,
        "link": what.link,
        "problem": "",
        "settled_at": now,
    }


def person(title: str, **values: Any) -> Values:
    """Only a person can go on."""
    return {"state": DeliveryState.NEEDS_PERSON, "problem": title, **values}


def stopped(why: str, now: datetime) -> Values:
    """We took it back before it was sent."""
    return {"state": DeliveryState.STOPPED, "problem": why, "settled_at": now}


def nothing_left(now: datetime, **values: Any) -> Values:
    """Nothing is on the wire: it is tried again when due."""
    return {"state": DeliveryState.PENDING, "due": now, "attempted_at": None, **values}


def after(place: Channel[Any], tried: Tried, no: TransportError, now: datetime) -> Values:
    """What an attempt that did not simply work leaves behind: nothing, a person's task, or doubt."""
    match no:
        case ChannelClosed():
            return _put_off(no, now)
        case NotSent(not_before=datetime() as due):
            return _put_off(no, due)
        case NotSent() if now - tried.created_at <= GIVE_UP_SENDING:
            return nothing_left(later(no, now, tried), problem=no.title)
        case NotSent() | NeedsPerson():
            return person(no.title, attempted_at=None)
        case RefusedByChannel():
            return {"state": DeliveryState.REFUSED, "problem": no.title, "settled_at": now}
    due = now + place.settle
    return {"state": DeliveryState.UNSURE, "due": due, "misses": 0, "unsure_since": now, "problem": no.title}


def _put_off(no: TransportError, due: datetime) -> Values:
    """Nothing is there, and the whole channel waits."""
    return nothing_left(due, problem=no.title) | {PAUSE: no}


def looked(place: Channel[Any], tried: Tried, look: Callable[[], Sent | None], now: datetime) -> Values:
    """What looking for an attempt of unknown outcome leaves behind."""
    try:
        found = look()
    except TransportError as no:
        return _not_looked(tried, no, now)
    if found is not None:
        return sent(found, now)
    if tried.misses + 1 < place.misses_needed:
        return {"state": DeliveryState.UNSURE, "due": now + place.settle, "misses": tried.misses + 1}
    # Looked for often enough and never there: only now may it be sent again.
    due = now if tried.attempts <= 2 else queue.back_off(now, tried.attempts)
    # What is put off for later, and was only looked for, stays put off.
    return _again(max(due, tried.created_at))


def _not_looked(tried: Tried, no: TransportError, now: datetime) -> Values:
    still = {"state": DeliveryState.UNSURE, "due": later(no, now, tried), "problem": no.title}
    match no:
        case ChannelClosed():
            return still | {"unsure_since": now, PAUSE: no}
        case NoWayToLook():
            return person(no.title) if tried.doubtful else _again(now, doubtful=True)
    given_up = isinstance(no, NeedsPerson) or now - tried.unsure_since > GIVE_UP_LOOKING
    return person(no.title) if given_up else still


def _again(due: datetime, **values: Any) -> Values:
    return nothing_left(due, misses=0, unsure_since=None, **values)


def later(no: TransportError, now: datetime, tried: Tried) -> datetime:
    """When to try again: after the usual pause, and not before the channel said."""
    named = no.not_before if isinstance(no, NotSent) else None
    return max(named or now, queue.back_off(now, tried.attempts))
