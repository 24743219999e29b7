"""The step of the journey that a phone takes in one go: a whole update, frozen, one revision after another.

A phone with one bar of signal writes everything down first and sends it later, perhaps many times: the words at once,
then each photo that is not there yet (`picturing.add_photo`), then `journey.submit`. What was said about a photo comes
with the words, and is applied when the photo arrives.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from tripupdates import audit, erasure, picturing
from tripupdates.approval import doors
from tripupdates.approval.records import Update
from tripupdates.database import transaction
from tripupdates.house import House
from tripupdates.people.signing_in import Caller
from tripupdates.photos.answers import Said
from tripupdates.photos.records import delete
from tripupdates.vocabulary import Conflict, Forbidden, Refused

SOMEBODY_ELSE = "This was written by someone else who uses this phone. They can sign in and send it."


@dataclass(frozen=True)
class Revision:
    """An update as a phone wrote it: all of it, never another under the same `number`.

    `over` are the revisions that it replaces: those that this phone made or has seen. `by` is who wrote it. `photos`
    are in their order, with what is said about each.
    """

    number: uuid.UUID
    over: frozenset[uuid.UUID]
    by: uuid.UUID
    trip: str
    words: Mapping[str, Any]  # as `doors.words` gives them
    photos: Mapping[uuid.UUID, Said]
    groups: tuple[str, ...] = ()  # ids of those that it is about

    @property
    def digest(self) -> str:
        """The same for the same content, in hex."""
        photos = [[str(photo), said.stored] for photo, said in self.photos.items()]
        about = [sorted(self.groups)] if self.groups else []  # none: as a phone says it that knows no groups
        text = json.dumps([self.trip, self.words, photos, *about], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def take(house: House, caller: Caller, update_id: uuid.UUID, revision: Revision) -> None:
    """Keep a revision as the update's draft. The same again changes nothing.

    Raises Conflict, and overwrites nothing, where the update stands at a revision that this phone has not seen, or this
    one said something else before; Forbidden where somebody else wrote it; NotFound, Refused.
    """
    if revision.by != caller.id:
        raise Forbidden(SOMEBODY_ELSE)
    if len(revision.photos) > picturing.MOST_PHOTOS:
        raise Refused(f"An update can have at most {picturing.MOST_PHOTOS} photos. Remove one first.")
    names: set[str] = set()
    with transaction() as session:
        trip = doors.trip_of(session, caller, revision.trip)
        words = {**revision.words, "groups": doors.groups_of(trip, revision.groups)}
        update = session.get(Update, update_id)
        if update is None:
            update = doors.begin(session, house, caller, update_id, trip, words)
            update.revision = revision.number
        else:
            doors.own(session, caller, update_id)
            if _is_there(update, revision):
                return
            if update.trip_id != trip.id or update.revision not in revision.over:
                raise Conflict(doors.CHANGED_ELSEWHERE)
            doors.check_of_a_trip(update)
            doors.open_for_change(session, house, caller, update, revision.number)
            for name, value in words.items():
                setattr(update, name, value)
        for said in revision.photos.values():
            picturing.check_said(session, update, said)
        update.sent = {
            "digest": revision.digest,
            "photos": [[str(photo), said.stored] for photo, said in revision.photos.items()],
        }
        names = _bring_photos(session, house, caller, update, revision)
        audit.note(session, house.now(), caller.id, "sent from phone", update_id, revision.number)
    erasure.let_go(house, names)


def _is_there(update: Update, revision: Revision) -> bool:
    if update.revision != revision.number:
        return False
    if update.sent.get("digest") != revision.digest:
        raise Conflict(doors.CHANGED_ELSEWHERE)
    return True


def _bring_photos(
    session: Session, house: House, caller: Caller, update: Update, revision: Revision
) -> set[str]:
    """Those that are there already: in the phone's order, with what it says now; what it took out goes."""
    dropped = [photo for photo in update.photos if photo.id not in revision.photos]
    names = delete(dropped, house.now())
    for photo in dropped:
        update.photos.remove(photo)
        audit.note(session, house.now(), caller.id, "removed photo", update.id, photo.id)
    order = list(revision.photos)
    for photo in update.photos:
        photo.position = order.index(photo.id) + 1
        picturing.describe_as_sent(session, house, caller, update, photo)
    return names
