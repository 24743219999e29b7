"""What the phone speaks: JSON, ids made on the phone, so that repeating any call is harmless. See DESIGN's contract."""

import uuid
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from tripupdates import journey, picturing, takedown
from tripupdates.approval import records, view
from tripupdates.approval.records import Update
from tripupdates.consent import records as consents
from tripupdates.database import fresh
from tripupdates.office import trip_by_slug
from tripupdates.photos import answers
from tripupdates.photos.boxes import Box
from tripupdates.photos.intake import MOST_BYTES
from tripupdates.photos.records import Photo
from tripupdates.trips import records as trips
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import Channel, NotFound, Refused, Role, TooLarge
from tripupdates.web.guard import POSTING, allow, caller, house

bp = Blueprint("api", __name__, url_prefix="/api")

APPROVE_HEADROOM = 64 * 1024


@bp.get("/trips")
@allow(*POSTING)
def my_trips() -> ResponseReturnValue:
    """The caller's trips, with what a phone needs to ask who is in a photo, and the token for what follows."""
    session = fresh()
    answer = jsonify([_trip(session, trip) for trip in trips.of_person(session, caller().id)])
    answer.headers["X-CSRF-Token"] = generate_csrf()
    return answer


def _trip(session: Session, trip: Trip) -> dict[str, Any]:
    given = consents.current(session, trip.id)
    return {
        "slug": trip.slug,
        "name": trip.name,
        "starts": trip.starts.isoformat(),
        "ends": trip.ends.isoformat(),
        "channels": [channel for channel in Channel if channel in house().places],
        "groups": [{"id": str(group.id), "name": group.name} for group in trip.groups],
        "pupils": [
            {
                "id": str(pupil.id),
                "forename": pupil.forename,
                "surname": pupil.surname,
                "class": pupil.class_name,
                "group": str(pupil.group_id) if pupil.group_id else None,
                "can_show": {channel: channel in given.get(pupil.id, ()) for channel in Channel},
            }
            for pupil in trip.pupils
        ],
    }


@bp.put("/updates/<uuid:update_id>")
@allow(*POSTING)
def put_update(update_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a draft: {trip, text, x_text?, channels}."""
    body = _body({"trip", "text", "channels"}, {"x_text"})
    journey.save_draft(
        house(),
        caller(),
        update_id,
        _text(body, "trip"),
        _text(body, "text"),
        _text(body, "x_text") if body.get("x_text") is not None else None,
        _words(body, "channels"),
    )
    return _status(update_id)


@bp.put("/updates/<uuid:update_id>/photos/<uuid:photo_id>")
@allow(*POSTING)
def put_photo(update_id: uuid.UUID, photo_id: uuid.UUID) -> ResponseReturnValue:
    """Add a photo: the body is the picture as the camera made it."""
    if (request.content_length or 0) > MOST_BYTES:
        raise TooLarge("This photo is too large. Send it again at a smaller size.")
    upload = request.get_data(cache=False)
    picturing.add_photo(house(), caller(), update_id, photo_id, upload)
    return jsonify(_photo(_find(update_id, photo_id)))


@bp.patch("/updates/<uuid:update_id>/photos/<uuid:photo_id>")
@allow(*POSTING)
def patch_photo(update_id: uuid.UUID, photo_id: uuid.UUID) -> ResponseReturnValue:
    """Say what it shows and who is in it: {alt, pictured: [pupil ids] or [], faces: [{box, is}]}."""
    body = _body(set(), {"alt", "pictured", "faces"})
    picturing.describe_photo(
        house(),
        caller(),
        update_id,
        photo_id,
        alt=_text(body, "alt") if "alt" in body else None,
        pictured=[_uuid(each) for each in _words(body, "pictured")] if "pictured" in body else None,
        faces=answers.said(body["faces"]) if "faces" in body else None,
    )
    return jsonify(_photo(_find(update_id, photo_id)))


@bp.post("/updates/<uuid:update_id>/photos/<uuid:photo_id>/redraw")
@allow(*POSTING)
def redraw_photo(update_id: uuid.UUID, photo_id: uuid.UUID) -> ResponseReturnValue:
    """Cover faces, then crop: {of: the photo's `name` as it was seen, crop?: box, covers?: [boxes of faces]}."""
    body = _body({"of"}, {"crop", "covers"})
    covers = body.get("covers") or []
    if not isinstance(covers, list):
        raise Refused("covers must be a list of boxes.")
    picturing.redraw_photo(
        house(),
        caller(),
        update_id,
        photo_id,
        _text(body, "of"),
        Box.read(body["crop"]) if body.get("crop") is not None else None,
        [Box.read(each) for each in covers],
    )
    return jsonify(_photo(_find(update_id, photo_id)))


@bp.delete("/updates/<uuid:update_id>/photos/<uuid:photo_id>")
@allow(*POSTING)
def delete_photo(update_id: uuid.UUID, photo_id: uuid.UUID) -> ResponseReturnValue:
    """Take a photo out of a draft."""
    picturing.remove_photo(house(), caller(), update_id, photo_id)
    return _status(update_id)


@bp.post("/updates/<uuid:update_id>/submit")
@allow(*POSTING)
def submit(update_id: uuid.UUID) -> ResponseReturnValue:
    """Send it to the head."""
    journey.submit(house(), caller(), update_id)
    return _status(update_id)


@bp.get("/updates/<uuid:update_id>")
@allow(*POSTING)
def get_update(update_id: uuid.UUID) -> ResponseReturnValue:
    """Where it stands: state, what blocks it, per-channel delivery."""
    return _status(update_id)


@bp.post("/updates/<uuid:update_id>/approve")
@allow(Role.APPROVER)
def approve(update_id: uuid.UUID) -> ResponseReturnValue:
    """Approve the version with this digest: {digest, overrides?: {finding key: reason}}."""
    body = _body({"digest"}, {"overrides", "reason"})
    overrides = body.get("overrides", {})
    if not isinstance(overrides, dict) or not all(isinstance(reason, str) for reason in overrides.values()):
        raise Refused("The overrides must be a list of reasons by remark.")
    journey.approve(house(), caller(), update_id, _text(body, "digest"), overrides)
    return _status(update_id)


@bp.post("/updates/<uuid:update_id>/return")
@allow(Role.APPROVER)
def send_back(update_id: uuid.UUID) -> ResponseReturnValue:
    """Give it back: {digest, reason}."""
    body = _body({"digest", "reason"}, set())
    journey.send_back(house(), caller(), update_id, _text(body, "digest"), _text(body, "reason"))
    return _status(update_id)


@bp.post("/updates/<uuid:update_id>/reject")
@allow(Role.APPROVER)
def reject(update_id: uuid.UUID) -> ResponseReturnValue:
    """Refuse it for good: {digest, reason}."""
    body = _body({"digest", "reason"}, set())
    journey.reject(house(), caller(), update_id, _text(body, "digest"), _text(body, "reason"))
    return _status(update_id)


@bp.post("/trips/<slug>/consent")
@allow(Role.OFFICE, Role.APPROVER)
def consent(slug: str) -> ResponseReturnValue:
    """Record a parent's answer: {pupil, channel, answer, note?}. Only a plain yes is a yes."""
    body = _body({"pupil", "channel", "answer"}, {"note"})
    trip = trip_by_slug(fresh(), slug)
    if body["channel"] not in set(Channel):
        raise Refused("The channel must be families, website or x.")
    given = takedown.Given(
        _uuid(body["pupil"]), Channel(body["channel"]), body["answer"] is True or body["answer"] == "yes"
    )
    note = _text(body, "note") if body.get("note") else "recorded through the phone's interface"
    new, withdrawn = takedown.record_answers(house(), caller(), trip.id, [given], note)
    return jsonify(recorded=new, withdrawn=withdrawn)


def _body(needed: set[str], possible: set[str]) -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused("That did not arrive as JSON. Send it again.")
    if missing := needed - set(body):
        raise Refused(f"Something is missing: {', '.join(sorted(missing))}.")
    if unknown := set(body) - needed - possible:
        raise Refused(f"There is something that we do not know: {', '.join(sorted(unknown))}.")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    if not isinstance(body[name], str):
        raise Refused(f"{name} must be text.")
    return str(body[name])


def _words(body: dict[str, Any], name: str) -> list[str]:
    found = body[name]
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise Refused(f"{name} must be a list of words.")
    return found


def _uuid(text: object) -> uuid.UUID:
    try:
        return uuid.UUID(str(text))
    except ValueError as error:
        raise Refused("That is not an id of ours.") from error


def _find(update_id: uuid.UUID, photo_id: uuid.UUID) -> Photo:
    photo = fresh().get(Photo, photo_id)
    if photo is None or photo.update_id != update_id:
        raise NotFound("There is no such photo in this update.")
    return photo


def _photo(photo: Photo) -> dict[str, Any]:
    pictured = photo.pictured
    return {
        "id": str(photo.id),
        "name": photo.largest["name"],
        "width": photo.largest["width"],
        "height": photo.largest["height"],
        "removed": photo.removed,
        "alt": photo.alt,
        "pictured": None if pictured is None else sorted(map(str, pictured)),
        "faces": [{"box": face.box.values if face.box else None, "is": face.who} for face in photo.faces],
        "faces_looked_for": photo.looked,
        "covered": photo.covered,
    }


def _status(update_id: uuid.UUID) -> ResponseReturnValue:
    session = fresh()
    update = session.get(Update, update_id)
    if update is None or not view.may_see(session, caller(), update):
        raise NotFound("There is no such update, or it is not yours.")
    status = view.status(house(), session, update)
    version = records.latest_version(session, update)
    return jsonify(
        id=str(update.id),
        state=update.state,
        trip=update.trip.slug,
        text=update.text,
        x_text=update.x_text,
        channels=update.channels,
        digest=version.digest if version and status.sealed else None,
        returned_because=status.returned_because or None,
        blocks=list(status.blocks),
        findings=[
            {
                name: finding[name]
                for name in ("key", "code", "clause", "severity", "where", "excerpt", "message")
            }
            for finding in status.findings
        ],
        photos=[_photo(photo) for photo in update.photos],
        delivery=[
            {
                "channel": each.channel,
                "state": each.state,
                "words": each.words,
                "link": each.link or None,
            }
            for each in status.deliveries
        ],
    )
