"""Pixels and documents that nobody may need any more go: at once where a step says so, hourly whatever was left behind.

A step marks them as deleted in its own commit (`files.delete`, `photos.records.delete`) and then calls `let_go`. Should the power
fail in between, the sweep does it within the hour.
"""

from collections.abc import Collection
from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates import audit, files, publishing
from tripupdates.approval import doors
from tripupdates.approval.records import Update, Version
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.site.sync import leftovers
from tripupdates.trips.records import KEEP_UNSENT, Trip
from tripupdates.vocabulary import UpdateState

KEEP_STRAYS = timedelta(hours=1)  # no upload waits that long for its record
OVER = "Two weeks have gone by without an approval, so its unsent pictures and files were deleted. The words are kept."


def let_go(house: House, names: Collection[str]) -> None:
    """Delete these files, save those that something still needs. The lock keeps anyone from recording one meanwhile."""
    if not names:
        return
    with transaction() as session:
        for name in sorted(set(names) - files.owned(session)):
            house.photos.remove(name)


def sweep(house: House) -> None:
    """Delete what nothing owns: of requests that failed, and of steps that were cut short."""
    house.photos.sweep(files.owned(fresh()), house.now() - KEEP_STRAYS)


def expire(house: House) -> None:
    """Delete the files of updates that were never approved, two weeks after their trip or last change. What waits goes back."""
    names: set[str] = set()
    last_day = house.today() - KEEP_UNSENT
    unsent = (UpdateState.DRAFT, UpdateState.RETURNED, UpdateState.WAITING)
    long_ago = datetime.combine(last_day, time(), house.settings.timezone)
    over = sa.or_(Trip.ends < last_day, sa.and_(Update.trip_id.is_(None), Update.changed_at < long_ago))
    with transaction() as session:
        found = session.scalars(
            sa.select(Update).join(Trip, isouter=True).where(over, Update.state.in_(unsent))
        )
        for update in found.all():
            if not files.has_any(update):
                continue
            if update.state is UpdateState.WAITING:
                doors.give_back(session, house, update, session.get_one(Version, update.version_id), OVER)
            names |= files.delete(update, house.now())
            update.photos.clear()
            audit.note(session, house.now(), None, "unsent photos deleted", update.id)
    let_go(house, names)


def still_there(house: House, session: Session) -> list[str]:
    """The proof by listing: files that must be gone and still lie in the photo store or on pages, as "place: path".

    In the store an hour's grace holds for files without a record: they are uploads on their way.
    """
    strays = house.photos.strays(files.owned(session), house.now() - KEEP_STRAYS)
    deleted = files.deleted(session) & house.photos.names()
    left = [f"photo store: {name}" for name in sorted(strays | deleted)]
    for channel, target in house.pages.items():
        tree = publishing.tree(house, session, channel, ours_if_broken=True)
        left += [f"{channel}: {path}" for path in leftovers(tree, target)]
    return left
