"""Whether this school's computer can do its work now: named checks, each with what went wrong in a word or two.

Nothing in it is about a person, an update or a place on a disk, so that machines elsewhere may ask.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from tripupdates.buckets import KeepsVersions
from tripupdates.database import fresh, is_current
from tripupdates.health.records import heartbeats
from tripupdates.house import House
from tripupdates.outbox import holds, pauses, queue
from tripupdates.vocabulary import Channel

QUIET = timedelta(seconds=60)  # a worker that said nothing for six beats is not there
OVERDUE = timedelta(minutes=5)  # what may be done now and is not begun for so long: a lane does not keep up

NO_ANSWER = "no answer"

Asked = dict[str, Callable[[], int | None]]

log = logging.getLogger(__name__)


class NotReady(Exception):
    """A check that failed; the text says why, in words of ours."""


@dataclass(frozen=True)
class Check:
    """One check: its name, whether all is well, and what there is to say: a reason, or seconds."""

    name: str
    ok: bool
    said: str | int | None = None


def checks(house: House) -> list[Check]:
    """Every check. Raises nothing: what cannot be asked has failed."""
    stores: Asked = {
        "photos": house.photos.reach,
        "families": house.pages[Channel.FAMILIES].reach,
        "website": house.pages[Channel.WEBSITE].reach,
    }
    records: Asked = {
        "migrated": _migrated,
        "worker": lambda: _worked(house),
        "oldest_waiting": lambda: _kept_up(house),
    }
    database = _check("database", _answers)
    found = [database, *(_check(name, ask) for name, ask in stores.items())]
    if not database.ok:  # whoever does not answer is not asked three times more
        return found + [Check(name, False, NO_ANSWER) for name in records]
    return found + [_check(name, ask) for name, ask in records.items()]


def _check(name: str, ask: Callable[[], int | None]) -> Check:
    try:
        return Check(name, True, ask())
    except NotReady as no:
        return Check(name, False, str(no))
    except KeepsVersions:
        return Check(name, False, "keeps what is deleted")
    except PermissionError:
        return Check(name, False, "closed to us")
    except (SQLAlchemyError, OSError) as error:
        log.warning("not ready: %s", name, exc_info=error)
        return Check(name, False, NO_ANSWER)


def _answers() -> None:
    fresh().execute(sa.select(1))


def _migrated() -> None:
    if not is_current():
        raise NotReady("another version")


def lanes(house: House) -> list[str]:
    """Everything that a worker does in a lane of its own."""
    return [*house.places, "telling"]


def _worked(house: House) -> int:
    """Seconds since the lane that was silent for longest was last known to be worked."""
    last = heartbeats(fresh())
    if any(lane not in last for lane in lanes(house)):
        raise NotReady("not seen yet")
    age = house.now() - min(last[lane] for lane in lanes(house))
    if age > QUIET:
        raise NotReady(f"silent for {int(age.total_seconds())} s")
    return int(age.total_seconds())


def _kept_up(house: House) -> int:
    """Seconds for which the order that waits for longest could have been begun. What waits for its time does not count."""
    session, now = fresh(), house.now()
    held = holds.present(session) is not None
    shut = {channel: pauses.shut(session, channel, now, held) for channel in house.places}
    since = [queue.oldest_due(session, channel, now, shut[channel]) for channel in house.places]
    age = now - min((each for each in since if each is not None), default=now)
    if age > OVERDUE:
        raise NotReady(f"waits for {int(age.total_seconds())} s")
    return int(age.total_seconds())
