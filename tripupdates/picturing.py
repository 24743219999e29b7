"""The steps of the journey that photos go through: added, answered for, cropped, covered, taken out.

One function a step, one transaction each; the costly part, in `photos.room`, comes before the transaction.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from tripupdates import audit, erasure
from tripupdates.approval import doors
from tripupdates.approval.records import Update
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.people.signing_in import Caller
from tripupdates.photos import answers
from tripupdates.photos.answers import Face, Said
from tripupdates.photos.boxes import Box
from tripupdates.photos.records import Photo, as_kept, delete
from tripupdates.photos.renditions import Cleaned
from tripupdates.trips.records import Pupil
from tripupdates.vocabulary import Conflict, Refused, TooLarge

MOST_PHOTOS = 4
LONGEST_ALT = 1000
MOVED_ON = "This photo was changed meanwhile. Look at it again before you crop or cover anything."
NOT_COVERED = (
    "A pupil is not covered up: whoever may not be shown does not appear at all. Crop the photo so that the pupil "
    "is not in it, or use another photo."
)


def add_photo(house: House, caller: Caller, update_id: uuid.UUID, photo_id: uuid.UUID, upload: bytes) -> None:
    """Clean a photo, look for faces, and keep what came out; the upload is gone when this returns (law 5).

    The same photo under the same id changes nothing; another photo under it is a Conflict. Raises NotFound, Refused
    (with what to send instead), Conflict, TooLarge, Busy.
    """
    doors.own(fresh(), caller, update_id)  # before the costly part
    prepared = house.room.prepare(upload)
    _store(house, prepared.cleaned)
    renditions = as_kept(prepared.cleaned.renditions)
    with transaction() as session:
        update = doors.own(session, caller, update_id)
        there = session.get(Photo, photo_id)
        if there is not None:
            if there.update_id == update_id and there.renditions == renditions:
                return
            raise Conflict("Another photo was already sent under this number. Add it again as a new photo.")
        if len(update.photos) >= MOST_PHOTOS:
            raise Refused(f"An update can have at most {MOST_PHOTOS} photos. Remove one first.")
        announced = list(update.announced)
        if photo_id not in announced:
            doors.open_for_change(session, house, caller, update)
            position = max((photo.position for photo in update.photos), default=0) + 1
        else:
            position = announced.index(photo_id) + 1
        photo = Photo(
            id=photo_id,
            update_id=update_id,
            position=position,
            alt="",
            renditions=renditions,
            removed=list(prepared.cleaned.removed),
            marked=[Face(box, found=True).stored for box in prepared.faces or ()],
            looked=prepared.faces is not None,
            counted=False,
            covered=0,
            redrawn={},
            created_at=house.now(),
        )
        session.add(photo)
        if photo_id in announced:
            describe_as_sent(session, house, caller, update, photo)
        audit.note(session, house.now(), caller.id, "added photo", update_id, photo_id)
    _store(house, prepared.cleaned)  # should the same picture have been deleted from another update meanwhile


def describe_photo(
    house: House,
    caller: Caller,
    update_id: uuid.UUID,
    photo_id: uuid.UUID,
    alt: str | None = None,
    pictured: Collection[uuid.UUID] | None = None,
    faces: Sequence[Face] | None = None,
) -> None:
    """Alt text, who is at each face, and who else is in it; None leaves what is there (law 2).

    `faces` are all faces as the author sees them: found ones cannot be dropped, others can, and new ones may be added.
    Where no detector looked, giving them says how many people can be seen. `pictured` are the pupils in the photo, the
    empty list says that there are none besides those at a face. Raises NotFound, Refused, TooLarge, Conflict.
    """
    with transaction() as session:
        update = doors.own(session, caller, update_id)
        photo = doors.photo_of(update, photo_id)
        if alt is not None and doors.tidy(alt) != photo.alt:
            if len(doors.tidy(alt)) > LONGEST_ALT:
                raise TooLarge(f"Alt text can have at most {LONGEST_ALT} characters.")
            doors.open_for_change(session, house, caller, update)
            photo.alt = doors.tidy(alt)
        if pictured is not None or faces is not None:
            _answer(house, session, caller, update, photo, pictured, faces)


def check_said(session: Session, update: Update, said: Said) -> None:
    """Raise TooLarge or Refused where what a phone says about a photo could not be applied when the photo arrives."""
    if len(said.alt) > LONGEST_ALT:
        raise TooLarge(f"Alt text can have at most {LONGEST_ALT} characters.")
    _on_trip(session, update, answers.pupils(said.faces) | frozenset(said.pictured or ()))


def describe_as_sent(session: Session, house: House, caller: Caller, update: Update, photo: Photo) -> None:
    """Apply what the phone said about a photo when it sent the words: its taps are aimed at the faces that were found.

    Where no detector looked, taps do not say how many people can be seen: they only tag their pupils.
    """
    said = update.announced[photo.id]
    photo.alt = said.alt
    tagged = frozenset(said.pictured or ())
    if photo.looked:
        found = [replace(face, who=None) for face in photo.faces if face.found]
        faces = answers.answered(found, answers.aimed(found, said.faces))
        photo.marked = [face.stored for face in faces]
    photo.pupils = _on_trip(session, update, tagged | answers.pupils(said.faces))
    answered = said.pictured is not None
    photo.answered_by, photo.answered_at = (caller.id, house.now()) if answered else (None, None)


def _answer(
    house: House,
    session: Session,
    caller: Caller,
    update: Update,
    photo: Photo,
    pictured: Collection[uuid.UUID] | None,
    faces: Sequence[Face] | None,
) -> None:
    before = photo.faces
    now = before if faces is None else answers.answered(before, faces)
    without_face = {pupil.id for pupil in photo.pupils} - answers.pupils(before)
    everyone = answers.pupils(now) | frozenset(without_face if pictured is None else pictured)
    counted = photo.counted or faces is not None
    known = pictured is not None or photo.answered_at is not None
    there = frozenset(pupil.id for pupil in photo.pupils)
    if (now, everyone, counted, known) == (before, there, photo.counted, photo.answered_at is not None):
        return
    doors.open_for_change(session, house, caller, update)
    photo.pupils = _on_trip(session, update, everyone)
    photo.marked, photo.counted = [face.stored for face in now], counted
    if pictured is not None:
        photo.answered_by, photo.answered_at = caller.id, house.now()
    audit.note(session, house.now(), caller.id, "said who is in photo", update.id, photo.id)


def _on_trip(session: Session, update: Update, wanted: Collection[uuid.UUID]) -> list[Pupil]:
    pupils = [session.get(Pupil, pupil) for pupil in wanted]
    on_trip = [pupil for pupil in pupils if pupil is not None and pupil.trip_id == update.trip_id]
    if len(on_trip) != len(pupils):
        raise Refused("One of the pupils is not on this trip's list. Pick them from the list again.")
    return on_trip


def redraw_photo(
    house: House,
    caller: Caller,
    update_id: uuid.UUID,
    photo_id: uuid.UUID,
    seen: str,
    crop: Box | None = None,
    covers: Collection[Box] = (),
) -> None:
    """Draw a shape over faces, then keep only `crop`: fresh pixels under new names; the old ones are deleted.

    `seen` is the name of the largest rendition that was on the page; `covers` are boxes of faces, which must be
    answered and no pupil's (policy: a pupil without consent "will not appear in any post"). What can still be seen
    keeps its answers. The same again changes nothing. Raises NotFound, Refused, Conflict, Busy.
    """
    asked = {
        "of": seen,
        "crop": crop.values if crop else None,
        "covers": sorted(box.values for box in covers),
    }
    photo = doors.photo_of(doors.own(fresh(), caller, update_id), photo_id)
    if _is_done(photo, asked):
        return
    _check_redraw(photo, seen, crop, covers)
    prepared = house.room.prepare(house.photos.read(seen), crop, sorted(covers, key=lambda box: box.values))
    _store(house, prepared.cleaned)
    with transaction() as session:
        update = doors.own(session, caller, update_id)
        photo = doors.photo_of(update, photo_id)
        if _is_done(photo, asked):
            return
        _check_redraw(photo, seen, crop, covers)
        doors.open_for_change(session, house, caller, update)
        names = {each["name"] for each in photo.renditions}
        _put_in_place(session, photo, prepared.cleaned, prepared.faces, crop, covers)
        photo.redrawn = asked
        audit.note(session, house.now(), caller.id, "changed photo’s pixels", update_id, photo_id)
    _store(house, prepared.cleaned)
    erasure.let_go(house, names)


def _is_done(photo: Photo, asked: dict[str, Any]) -> bool:
    return photo.redrawn == asked


def _check_redraw(photo: Photo, seen: str, crop: Box | None, covers: Collection[Box]) -> None:
    if photo.largest["name"] != seen or photo.deleted_at is not None:
        raise Conflict(MOVED_ON)
    if crop is None and not covers:
        raise Refused("Choose what to crop or whom to cover first.")
    for cover in covers:
        face = next((face for face in photo.faces if face.box == cover), None)
        if face is None:
            raise Conflict(MOVED_ON)
        if face.who is None:
            raise Refused("Say first who it is. Then you can cover the face.")
        if face.pupil is not None:
            raise Refused(NOT_COVERED)


def _put_in_place(
    session: Session,
    photo: Photo,
    cleaned: Cleaned,
    found: tuple[Box, ...] | None,
    crop: Box | None,
    covers: Collection[Box],
) -> None:
    """The new pixels with what was answered about them. A pupil whose face was cropped away is not in it any more."""
    before = photo.faces
    now = answers.redrawn(before, found, crop, covers)
    gone = answers.pupils(before) - answers.pupils(now)
    photo.renditions = as_kept(cleaned.renditions)
    photo.marked, photo.looked = [face.stored for face in now], found is not None
    photo.pupils = [pupil for pupil in photo.pupils if pupil.id not in gone]
    photo.covered += len(covers)


def remove_photo(house: House, caller: Caller, update_id: uuid.UUID, photo_id: uuid.UUID) -> None:
    """Take a photo out of one's own draft and delete its pixels. Gone already is fine. Raises NotFound, Conflict."""
    with transaction() as session:
        update = doors.own(session, caller, update_id)
        if photo_id not in {photo.id for photo in update.photos}:
            return
        doors.open_for_change(session, house, caller, update)
        photo = doors.photo_of(update, photo_id)
        names = delete([photo], house.now())
        update.photos.remove(photo)
        audit.note(session, house.now(), caller.id, "removed photo", update_id, photo_id)
    erasure.let_go(house, names)


def _store(house: House, cleaned: Cleaned) -> None:
    for each in cleaned.renditions:
        house.photos.put(each.name, each.data)
