"""What the phone speaks: JSON, ids made on the phone, so that repeating any call is harmless. See DESIGN's contract."""

import uuid
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from tripupdates import holding, journey, passkeys, picturing, pocket, posting, standing, takedown
from tripupdates.approval import doors, readiness, records, timing, view
from tripupdates.approval.records import Update
from tripupdates.approval.timing import When
from tripupdates.database import fresh
from tripupdates.office import trip_by_slug
from tripupdates.outbox import holds
from tripupdates.photos import answers
from tripupdates.photos.boxes import Box
from tripupdates.photos.intake import MOST_BYTES
from tripupdates.photos.records import Photo
from tripupdates.trips import records as trips
from tripupdates.vocabulary import PICTURED, Channel, Forbidden, NotFound, Refused, Role, TooLarge
from tripupdates.web import bodies
from tripupdates.web.guard import DEPUTY, POSTING, allow, caller, house, proving

bp = Blueprint("api", __name__, url_prefix="/api")

APPROVE_HEADROOM = 64 * 1024


@bp.get("/trips")
@allow(*POSTING)
def my_trips() -> ResponseReturnValue:
    """The caller's trips, with what a phone needs to ask who is in a photo, and the token for what follows."""
    session = fresh()
    mine = trips.of_person(session, caller().id)
    answer = jsonify([pocket.trip(house(), session, trip) for trip in mine])
    answer.headers["X-CSRF-Token"] = generate_csrf()
    return answer


@bp.get("/phone")
@allow(*POSTING)
def phone() -> ResponseReturnValue:
    """Everything that a phone keeps for the caller."""
    return jsonify(pocket.contents(house(), fresh(), caller()))


@bp.post("/trips/<slug>/check")
@allow(*POSTING)
def check(slug: str) -> ResponseReturnValue:
    """What the policy says about words that are still being written: {text, x_text?, alts?}. Nothing is kept."""
    body = bodies.read({"text"}, {"x_text", "alts"})
    session = fresh()
    trip = doors.trip_of(session, caller(), slug)
    said = doors.words(
        bodies.text(body, "text"), bodies.text(body, "x_text") if body.get("x_text") else None, ()
    )
    alts = bodies.words(body, "alts") if "alts" in body else []
    if len(alts) > picturing.MOST_PHOTOS or any(len(alt) > picturing.LONGEST_ALT for alt in alts):
        raise TooLarge("That is more than one update can hold.")
    findings = readiness.findings_on(house(), session, trip, said["text"], said["x_text"] or "", alts)
    return jsonify(findings=[asdict(finding) for finding in findings])


@bp.put("/updates/<uuid:update_id>")
@allow(*POSTING)
def put_update(update_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a draft: {trip, text, x_text?, channels, groups?}; whole, as one revision, with {revision, over, by, photos} too."""
    body = bodies.read({"trip", "text", "channels"}, {"x_text", "groups", "revision", "over", "by", "photos"})
    if "revision" in body:
        posting.take(house(), caller(), update_id, bodies.revision(body))
        return _status(update_id)
    journey.save_draft(
        house(),
        caller(),
        update_id,
        bodies.text(body, "trip"),
        bodies.text(body, "text"),
        bodies.text(body, "x_text") if body.get("x_text") is not None else None,
        bodies.words(body, "channels"),
        bodies.words(body, "groups") if "groups" in body else (),
    )
    return _status(update_id)


@bp.delete("/updates/<uuid:update_id>")
@allow(*POSTING)
def delete_update(update_id: uuid.UUID) -> ResponseReturnValue:
    """Delete a draft that never went to the head."""
    journey.discard(house(), caller(), update_id)
    return jsonify(id=str(update_id))


@bp.put("/updates/<uuid:update_id>/photos/<uuid:photo_id>")
@allow(*POSTING)
def put_photo(update_id: uuid.UUID, photo_id: uuid.UUID) -> ResponseReturnValue:
    """Add a photo: the body is the picture as the camera made it, with its Content-Digest where the phone names one."""
    if (request.content_length or 0) > MOST_BYTES:
        raise TooLarge("This photo is too large. Send it again at a smaller size.")
    upload = request.get_data(cache=False)
    bodies.check_digest(upload)
    picturing.add_photo(house(), caller(), update_id, photo_id, upload)
    return jsonify(_photo(_find(update_id, photo_id)))


@bp.patch("/updates/<uuid:update_id>/photos/<uuid:photo_id>")
@allow(*POSTING)
def patch_photo(update_id: uuid.UUID, photo_id: uuid.UUID) -> ResponseReturnValue:
    """Say what it shows and who is in it: {alt, pictured: [pupil ids] or [], faces: [{box, is}]}."""
    body = bodies.read(set(), {"alt", "pictured", "faces"})
    picturing.describe_photo(
        house(),
        caller(),
        update_id,
        photo_id,
        alt=bodies.text(body, "alt") if "alt" in body else None,
        pictured=[bodies.number(each) for each in bodies.words(body, "pictured")]
        if "pictured" in body
        else None,
        faces=answers.said(body["faces"]) if "faces" in body else None,
    )
    return jsonify(_photo(_find(update_id, photo_id)))


@bp.post("/updates/<uuid:update_id>/photos/<uuid:photo_id>/redraw")
@allow(*POSTING)
def redraw_photo(update_id: uuid.UUID, photo_id: uuid.UUID) -> ResponseReturnValue:
    """Cover faces, then crop: {of: the photo's `name` as it was seen, crop?: box, covers?: [boxes of faces]}."""
    body = bodies.read({"of"}, {"crop", "covers"})
    covers = body.get("covers") or []
    if not isinstance(covers, list):
        raise Refused("covers must be a list of boxes.")
    picturing.redraw_photo(
        house(),
        caller(),
        update_id,
        photo_id,
        bodies.text(body, "of"),
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
    """Send it to the head: {revision?}, where the phone knows which one it means."""
    revision = bodies.read(set(), {"revision"}).get("revision") if request.data else None
    journey.submit(house(), caller(), update_id, None if revision is None else bodies.number(revision))
    return _status(update_id)


@bp.put("/updates/<uuid:update_id>/message")
@allow(*POSTING)
def put_message(update_id: uuid.UUID) -> ResponseReturnValue:
    """Send a message that the head approved before the trip: {trip, key, digest, time?: "HH:MM", by?: person id}."""
    body = bodies.read({"trip", "key", "digest"}, {"time", "by"})
    if body.get("by") is not None and bodies.number(body["by"]) != caller().id:
        raise Forbidden(posting.SOMEBODY_ELSE)
    trip, key, digest = (bodies.text(body, name) for name in ("trip", "key", "digest"))
    time = bodies.text(body, "time") if body.get("time") is not None else None
    standing.send_wording(house(), caller(), update_id, trip, key, time, digest)
    return _status(update_id)


@bp.get("/updates/<uuid:update_id>")
@allow(*POSTING)
def get_update(update_id: uuid.UUID) -> ResponseReturnValue:
    """Where it stands: state, what blocks it, per-channel delivery."""
    return _status(update_id)


@bp.post("/updates/<uuid:update_id>/approve")
@allow(Role.APPROVER, DEPUTY)
@proving
def approve(update_id: uuid.UUID) -> ResponseReturnValue:
    """Approve the version with this digest: {digest, overrides?: {finding key: reason}, assertion?, password?, when?}.

    `when` is "now", "left" (once the group has left the place) or a moment with its offset from UTC.
    """
    body = bodies.read({"digest"}, {"overrides", "reason", "assertion", "password", "when"})
    overrides = body.get("overrides", {})
    if not isinstance(overrides, dict) or not all(isinstance(reason, str) for reason in overrides.values()):
        raise Refused("The overrides must be a list of reasons by remark.")
    digest, proof = bodies.text(body, "digest"), bodies.proof(body)
    journey.approve(house(), caller(), update_id, digest, overrides, proof, _when(body))
    return _status(update_id)


def _when(body: dict[str, Any]) -> When:
    word = bodies.text(body, "when") if body.get("when") else "now"
    return timing.read(word if word in {"now", "left"} else "at", word, house().settings.timezone)


@bp.post("/updates/<uuid:update_id>/approval")
@allow(Role.APPROVER, DEPUTY)
def approval(update_id: uuid.UUID) -> ResponseReturnValue:
    """What a passkey must answer to sign the approval of this version: {digest, when?}."""
    body = bodies.read({"digest"}, {"when"})
    digest = bodies.text(body, "digest")
    options = passkeys.ask_to_approve(house(), caller(), update_id, digest, _when(body))
    return Response(options, mimetype="application/json")


@bp.post("/updates/<uuid:update_id>/return")
@allow(Role.APPROVER, DEPUTY)
def send_back(update_id: uuid.UUID) -> ResponseReturnValue:
    """Give it back: {digest, reason}."""
    body = bodies.read({"digest", "reason"}, set())
    journey.send_back(house(), caller(), update_id, bodies.text(body, "digest"), bodies.text(body, "reason"))
    return _status(update_id)


@bp.post("/updates/<uuid:update_id>/reject")
@allow(Role.APPROVER, DEPUTY)
def reject(update_id: uuid.UUID) -> ResponseReturnValue:
    """Refuse it for good: {digest, reason}."""
    body = bodies.read({"digest", "reason"}, set())
    journey.reject(house(), caller(), update_id, bodies.text(body, "digest"), bodies.text(body, "reason"))
    return _status(update_id)


@bp.post("/hold")
@allow(Role.APPROVER, Role.OFFICE)
def hold() -> ResponseReturnValue:
    """Hold everything: {line?}."""
    body = bodies.read(set(), {"line"}) if request.data else {}
    holding.hold(house(), caller(), bodies.text(body, "line") if body.get("line") else "")
    return _held()


@bp.delete("/hold")
@allow(Role.APPROVER, Role.OFFICE)
def lift() -> ResponseReturnValue:
    """Go on with what waits."""
    holding.lift(house(), caller())
    return _held()


def _held() -> ResponseReturnValue:
    present = holds.present(fresh())
    return jsonify(held=present.at.isoformat() if present else None, line=present.line if present else None)


@bp.post("/trips/<slug>/consent")
@allow(Role.OFFICE, Role.APPROVER)
def consent(slug: str) -> ResponseReturnValue:
    """Record a parent's answer: {pupil, channel, answer, note?}. Only a plain yes is a yes."""
    body = bodies.read({"pupil", "channel", "answer"}, {"note"})
    trip = trip_by_slug(fresh(), slug)
    channel = bodies.text(body, "channel")
    if channel not in set(PICTURED):
        raise Refused("The channel must be families, website, x or app.")
    given = takedown.Given(
        bodies.number(body["pupil"]),
        Channel(channel),
        body["answer"] is True or body["answer"] == "yes",
    )
    note = bodies.text(body, "note") if body.get("note") else "recorded through the phone's interface"
    new, withdrawn = takedown.record_answers(house(), caller(), trip.id, [given], note)
    return jsonify(recorded=new, withdrawn=withdrawn)


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
    if update is None or not view.may_see(house(), session, caller(), update):
        raise NotFound("There is no such update, or it is not yours.")
    status = view.status(house(), session, update)
    version = records.latest_version(session, update)
    return jsonify(
        id=str(update.id),
        state=update.state,
        trip=update.trip.slug if update.trip else None,
        text=update.text,
        x_text=update.x_text,
        channels=update.channels,
        groups=update.groups,
        revision=str(update.revision) if update.revision else None,
        have=[str(photo.id) for photo in update.photos],
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
