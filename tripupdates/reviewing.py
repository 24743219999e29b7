"""What an approver may do besides deciding: take something out, suggest words, send at once what waits for its time.

And what answers it: the author takes the words, the group says that it has left. One transaction each.
"""

import uuid
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates import audit
from tripupdates.approval import doors, readiness, records, rules, trimming
from tripupdates.approval.deputies import stands_in
from tripupdates.approval.records import Decision, Update, Version
from tripupdates.channels.weight import X_LIMIT, weigh
from tripupdates.database import transaction
from tripupdates.house import House
from tripupdates.outbox import queue
from tripupdates.people.signing_in import Caller
from tripupdates.trips import records as trips
from tripupdates.vocabulary import (
    Channel,
    Conflict,
    Move,
    NotFound,
    Refused,
    Role,
    Severity,
    UpdateState,
)

LONGEST_REASON = 1000
USE_THESE = "The headteacher suggests other words."


def drop(
    house: House,
    caller: Caller,
    update_id: uuid.UUID,
    digest: str,
    photos: Collection[str] = (),
    channels: Collection[str] = (),
) -> None:
    """Take photos (ids) or channels out of the version with this digest: a new version waits, with a digest of its own.

    The author's draft keeps them, should it go back. Raises as `journey.approve` does, and as `trimming.trimmed`.
    """
    with transaction() as session:
        update, version = doors.for_decision(session, house, caller, update_id)
        doors.check_seen(update, version, digest)
        made = _sealed(session, house, caller, update, version, photos, channels)
        moved = session.execute(
            sa.update(Update)
            .where(
                Update.id == update.id, Update.state == UpdateState.WAITING, Update.version_id == version.id
            )
            .values(version_id=made.id)
        )
        if moved.rowcount != 1:  # type: ignore[attr-defined] # an UPDATE gives a CursorResult
            raise Conflict("This update has moved on meanwhile. Open it again to see where it stands.")
        audit.note(session, house.now(), caller.id, "took something out", update.id, made.digest)


def _sealed(
    session: Session,
    house: House,
    caller: Caller,
    update: Update,
    version: Version,
    photos: Collection[str],
    channels: Collection[str],
) -> Version:
    number = records.next_number(session, update.id)
    manifest = trimming.trimmed(version.manifest, number, photos, channels)
    before = list(records.photos_in_order(session, version))
    made = Version(
        update_id=update.id,
        number=number,
        manifest=manifest,
        digest=rules.digest(manifest),
        findings=trimming.findings_left(version.findings, before, manifest, bool(update.x_text)),
        submitted_by=caller.id,
        submitted_at=house.now(),
    )
    session.add(made)
    session.flush()
    return made


def suggest(
    house: House,
    caller: Caller,
    update_id: uuid.UUID,
    digest: str,
    text: str,
    x_text: str = "",
    reason: str = "",
) -> None:
    """Give it back with other words, which its author can take with one button. `x_text` '' means: the same on X.

    Raises as `journey.send_back` does; Refused where nothing is different, or the policy stops these words.
    """
    text, x_text, reason = doors.tidy(text), doors.tidy(x_text), doors.tidy(reason)
    if len(reason) > LONGEST_REASON:
        raise Refused(f"Say why in at most {LONGEST_REASON} characters.")
    with transaction() as session:
        update, version = doors.for_decision(session, house, caller, update_id)
        if doors.repeats(session, caller, version, Move.RETURN, digest):
            return
        doors.check_seen(update, version, digest)
        said = doors.words(text, x_text, update.channels, update.kind)
        if not said["text"] or (said["text"], said["x_text"]) == (update.text, update.x_text):
            raise Refused("Change the words first, or send it back with a reason.")
        _check_words(house, session, update, said)
        suggested = {"text": said["text"], "x_text": said["x_text"] or ""}
        doors.decide(session, house, caller, update, version, Move.RETURN, reason or USE_THESE, {}, suggested)


def _check_words(house: House, session: Session, update: Update, said: dict[str, Any]) -> None:
    alts = [photo.alt for photo in update.photos]
    found = readiness.findings_on(house, session, update.trip, said["text"], said["x_text"] or "", alts)
    stops = [f"“{each.excerpt}”: {each.message}" for each in found if each.severity is Severity.STOP]
    weight = weigh(readiness.x_text(house, update, said["text"], said["x_text"]))
    if Channel.X in update.chosen and not weight.fits:
        stops.append(f"The words for X are {weight.weighted - X_LIMIT} characters too long.")
    if stops:
        raise Refused("These words cannot be used. Nothing was sent back yet.", tuple(stops))


def use_suggestion(house: House, caller: Caller, update_id: uuid.UUID) -> None:
    """The author takes the suggested words into the draft; it is then sent to the head as ever. Again: nothing changes.

    Raises NotFound where it is not theirs, or nothing was suggested; Conflict where it has moved on.
    """
    with transaction() as session:
        update = doors.own(session, caller, update_id)
        version = records.latest_version(session, update)
        made = None if version is None else session.get(Decision, version.id)
        if made is None or not made.suggested:
            raise NotFound("Nobody has suggested other words for this update.")
        if update.state not in {UpdateState.RETURNED, UpdateState.DRAFT}:
            raise Conflict("This update has moved on meanwhile. Open it again to see where it stands.")
        text, x_text = made.suggested["text"], made.suggested["x_text"] or None
        if (update.text, update.x_text) == (text, x_text):
            return
        doors.open_for_change(session, house, caller, update)
        update.text, update.x_text = text, x_text
        audit.note(session, house.now(), caller.id, "took suggested words", update.id)


def group_has_left(house: House, caller: Caller, slug: str) -> int:
    """What waits for that goes out now. For accompanying staff and who decides on the trip. Returns how many updates.

    Raises NotFound for others, and Conflict while everything is on hold.
    """
    with transaction() as session:
        trip = trips.by_slug(session, slug)
        if trip is None or not _concerned(session, house, caller, trip.id):
            raise NotFound("There is no such trip, or you are not on it.")
        doors.check_not_held(session)
        waiting = queue.waiting_for_departure(session, records.version_ids(trip.id))
        for row in waiting:
            queue.send_at(session, row, house.now())
        for update_id in sorted({row.update_id for row in waiting}):
            audit.note(session, house.now(), caller.id, "group has left", update_id, trip.id)
        return len({row.update_id for row in waiting})


def send_now(house: House, caller: Caller, update_id: uuid.UUID) -> None:
    """What waits for its time, or for the group to leave, goes out now. Gone out already is fine.

    Raises NotFound, Forbidden (who may not decide on it), Conflict where it is not approved, or everything is on hold.
    """
    with transaction() as session:
        update, version = doors.for_decision(session, house, caller, update_id)
        if update.state is not UpdateState.APPROVED:
            raise Conflict("This update is not approved, so nothing of it can go out.")
        doors.check_not_held(session)
        waiting = queue.waiting_for_their_time(session, version.id, house.now())
        for row in waiting:
            queue.send_at(session, row, house.now())
        if waiting:
            audit.note(session, house.now(), caller.id, "sent before its time", update.id)


def _concerned(session: Session, house: House, caller: Caller, trip_id: uuid.UUID) -> bool:
    return (
        trips.accompanies(session, caller.id, trip_id)
        or caller.role is Role.APPROVER
        or stands_in(session, caller.id, trip_id, house.now())
    )
