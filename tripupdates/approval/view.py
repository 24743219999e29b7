"""What people see of an update: where it stands, and for the approver exactly what will be published. Reads only."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates.approval import changed, deputies, records, rules
from tripupdates.approval.doors import may_post
from tripupdates.approval.readiness import readiness
from tripupdates.approval.records import Decision, Update, Version, Wordings
from tripupdates.approval.standings import Standing, standings
from tripupdates.consent import records as consents
from tripupdates.consent.rules import NO_CONSENT, Consents, barrier
from tripupdates.house import House
from tripupdates.people.signing_in import Caller
from tripupdates.photos.answers import OTHERS, Face
from tripupdates.photos.records import Photo, jpegs
from tripupdates.trips import records as trips
from tripupdates.trips.records import Pupil
from tripupdates.vocabulary import PAGES, PICTURED, PUBLIC, Channel, Move, Role, UpdateState

TITLED = PAGES | {Channel.EMAIL}


@dataclass(frozen=True)
class Status:
    """Where an update stands. `sealed`: a version waits or was decided. Findings are as stored with a version.

    `suggested` are the words that came back with it, {"text", "x_text"}; `taken_out` says what an approver left out.
    """

    sealed: bool
    returned_because: str
    blocks: tuple[str, ...]
    findings: tuple[Mapping[str, Any], ...]
    barriers: Mapping[uuid.UUID, Mapping[Channel, str | None]]
    deliveries: tuple[Standing, ...]
    suggested: Mapping[str, str] = field(default_factory=dict)
    suggested_changes: tuple[tuple[str, str], ...] = ()
    taken_out: str = ""

    @property
    def later(self) -> bool:
        """Whether some of it waits for its time, or for the group to leave."""
        return any(each.later for each in self.deliveries)


def may_see(house: House, session: Session, caller: Caller, update: Update) -> bool:
    """Approvers see every update; others their own, and those of the trips that they accompany, or are deputies for."""
    return (
        caller.role is Role.APPROVER
        or (update.author_id == caller.id and may_post(session, caller, update))
        or trips.accompanies(session, caller.id, update.trip_id)
        or deputies.stands_in(session, caller.id, update.trip_id, house.now())
    )


def may_decide(house: House, session: Session, caller: Caller, update: Update) -> bool:
    """Approvers look at every update that waits; deputies at those of their trip."""
    return caller.role is Role.APPROVER or deputies.stands_in(session, caller.id, update.trip_id, house.now())


def status(house: House, session: Session, update: Update, given: Consents | None = None) -> Status:
    """Where an update stands now. `given` are the consents of its trip, where the caller has just read them."""
    version = update.version
    decision = None if version is None else version.decision
    returned = decision is not None and decision.move in {Move.RETURN, Move.REJECT}
    because = decision.reason if decision is not None and returned else ""
    if update.state in {UpdateState.DRAFT, UpdateState.RETURNED} or version is None:
        ready = readiness(house, session, update, given)
        findings = tuple(asdict(each) | {"severity": each.severity.value} for each in ready.findings)
        suggested = decision.suggested if decision is not None else {}
        different = rules.changes(update.text, suggested["text"]) if suggested else ()
        return Status(False, because, ready.blocks, findings, ready.barriers, (), suggested, tuple(different))
    return Status(
        True,
        because,
        (),
        tuple(version.findings),
        {},
        standings(house, session, update, version),
        taken_out=changed.taken_out(session, update, version, house.names),
    )


@dataclass(frozen=True)
class PreviewPhoto:
    """A photo on a preview: its renditions as in the manifest, alt text, and whether its pixels were deleted since."""

    id: uuid.UUID
    number: int
    alt: str
    renditions: Sequence[Mapping[str, Any]]
    gone: bool

    @property
    def largest(self) -> Mapping[str, Any]:
        """The widest rendition: a JPEG."""
        return self.renditions[-1]

    @property
    def jpegs(self) -> Sequence[Mapping[str, Any]]:
        """The renditions that every browser shows, by ascending width."""
        return jpegs(self.renditions)


@dataclass(frozen=True)
class Preview:
    """Exactly what a channel will show; `left_out` are numbers of photos that may not appear there."""

    channel: Channel
    text: str
    photos: tuple[PreviewPhoto, ...]
    left_out: tuple[int, ...]
    groups: tuple[str, ...] = ()  # whom it is about, where the place says so
    title: str = ""  # where the place has one; elsewhere it stands in the text


@dataclass(frozen=True)
class Pictured:
    """Who is in a photo, with the consent of each for each channel, for the approver.

    `faces` are as staff answered, each with its words; `covered` is how many were drawn over.
    """

    photo: PreviewPhoto
    faces: tuple[tuple[Face, str], ...]
    covered: int
    pupils: tuple[tuple[uuid.UUID, str, Mapping[Channel, bool]], ...]


@dataclass(frozen=True)
class Review:
    """Everything the approver needs to decide on one version.

    `wording`: who approved the words before the trip, and when, where the decision rests on that.
    """

    version: Version
    previews: tuple[Preview, ...]
    pictured: tuple[Pictured, ...]
    changes: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    decision: Decision | None
    consent_gone: bool
    public_faces: Mapping[Channel, int]  # how many faces the public would see, where it would see any
    wording: tuple[str, datetime] | None
    until: datetime | None  # when a notice is over


def review(session: Session, update: Update, version: Version) -> Review:
    """The review page of the version that waits or was decided."""
    manifest = version.manifest
    pixels = {
        str(photo.id): photo.renditions
        for photo in session.scalars(sa.select(Photo).where(Photo.update_id == update.id))
        if not photo.gone
    }
    photos = {
        photo: PreviewPhoto(
            uuid.UUID(photo), number, what["alt"], what["renditions"], pixels.get(photo) != what["renditions"]
        )
        for number, (photo, what) in enumerate(records.photos_in_order(session, version).items(), 1)
    }
    previews = tuple(
        Preview(
            channel,
            manifest["channels"][channel]["text"],
            tuple(photos[str(photo)] for photo in shown),
            tuple(photo.number for key, photo in photos.items() if uuid.UUID(key) not in shown),
            tuple(manifest.get("groups", ())) if channel is Channel.FAMILIES else (),
            manifest.get("title", "") if channel in TITLED else "",
        )
        for channel, shown in _channels(version).items()
    )
    given = consents.current(session, update.trip_id)
    gone = any(
        barrier(pictured, given, channel) == NO_CONSENT
        for channel, shown in rules.photos_by_channel(manifest).items()
        for pictured in shown.values()
    )
    decision = session.get(Decision, version.id)
    return Review(
        version,
        previews,
        tuple(_pictured(session, photo, manifest["photos"][key], given) for key, photo in photos.items()),
        changed.since_last(session, version),
        decision,
        gone,
        _public_faces(manifest),
        _wording(session, decision),
        datetime.fromisoformat(manifest["until"]) if "until" in manifest else None,
    )


def _public_faces(manifest: Mapping[str, Any]) -> dict[Channel, int]:
    seen = rules.faces_seen(manifest)
    shown = rules.photos_by_channel(manifest)
    counts = {
        channel: sum(seen[photo] for photo in shown[channel])
        for channel in Channel
        if channel in PUBLIC and channel in shown
    }
    return {channel: count for channel, count in counts.items() if count}


def _wording(session: Session, decision: Decision | None) -> tuple[str, datetime] | None:
    if decision is None or decision.wordings_id is None:
        return None
    wordings = session.get_one(Wordings, decision.wordings_id)
    return wordings.approver.name, wordings.at


def _channels(version: Version) -> dict[Channel, dict[uuid.UUID, frozenset[uuid.UUID]]]:
    found = rules.photos_by_channel(version.manifest)
    return {channel: found[channel] for channel in Channel if channel in found}


def _pictured(session: Session, photo: PreviewPhoto, what: Mapping[str, Any], given: Consents) -> Pictured:
    ids = [uuid.UUID(pupil) for pupil in what["pictured"]]
    pupils = session.scalars(
        sa.select(Pupil).where(Pupil.id.in_(ids)).order_by(Pupil.surname, Pupil.forename)
    ).all()
    names = {str(pupil.id): f"{pupil.forename} {pupil.surname}" for pupil in pupils} | OTHERS
    faces = [Face.kept(face) for face in what.get("faces", ())]  # versions of before have none
    return Pictured(
        photo,
        tuple((face, names.get(face.who or "", "")) for face in faces),
        what.get("covered", 0),
        tuple(
            (
                pupil.id,
                f"{pupil.forename} {pupil.surname}",
                {channel: channel in given.get(pupil.id, ()) for channel in PICTURED},
            )
            for pupil in pupils
        ),
    )
