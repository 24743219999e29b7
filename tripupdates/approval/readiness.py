"""What still stands between a draft and the head, and the seal on what is sent. Reads records, changes none but a version."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from tripupdates.approval import rules
from tripupdates.approval.records import Update, Version, next_number
from tripupdates.channels import fragments
from tripupdates.channels.weight import X_LIMIT, weigh
from tripupdates.consent import records as consents
from tripupdates.consent.rules import Consents, barrier
from tripupdates.documents import rules as newsletter
from tripupdates.house import House
from tripupdates.people import records as people
from tripupdates.photos import answers
from tripupdates.photos.records import Photo
from tripupdates.policy.rules import Finding, PupilName, check
from tripupdates.site.slugs import slug
from tripupdates.trips import records as trips
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import LASTING, OF_THE_SCHOOL, WITH_PHOTOS, Channel, Kind, Severity

LONGEST_URGENT = 600
LATELY = timedelta(
    days=400
)  # pupils of trips that ended since then are still at school, or were until the summer


@dataclass(frozen=True)
class Readiness:
    """What blocks an update (sentences for its author), what was found in its words, and where each photo may go.

    `barriers` holds for each photo and chosen channel why it cannot appear there, or None where it can.
    """

    blocks: tuple[str, ...]
    findings: tuple[Finding, ...]
    barriers: dict[uuid.UUID, dict[Channel, str | None]]


def x_text(house: House, update: Update, text: str, own: str | None) -> str:
    """What goes to X with these words: its own, else the same; below its title, where it has one.

    Of a newsletter: that there is one.
    """
    if update.kind is not Kind.NEWSLETTER:
        return own or "\n\n".join(filter(None, (update.title, text)))
    dated = update.document.dated if update.document else None
    words = own or newsletter.for_x(update.title, dated)
    return "\n".join(filter(None, (words, link(house, update))))


def link(house: House, update: Update) -> str:
    """Where a newsletter will stand, for the school that pays X for links; '' for any other, or where it stands nowhere."""
    if house.settings.x_links != "on" or update.kind is not Kind.NEWSLETTER or update.document is None:
        return ""
    if not {Channel.WEBSITE, Channel.X} <= set(update.chosen):
        return ""
    page = slug(update.id, update.document.dated, update.title)
    return f"{house.settings.site_address}newsletters/{page}/"


def text_for(house: House, update: Update, channel: Channel) -> str:
    """What an update says on a channel. Where a title has no place of its own, it stands before the words."""
    if channel is Channel.X:
        return x_text(house, update, update.text, update.x_text)
    if channel in {Channel.TEXT, Channel.APP} and update.title:
        return f"{update.title}: {update.text}"
    return update.text


def readiness(house: House, session: Session, update: Update, given: Consents | None = None) -> Readiness:
    """Look at a draft as it stands now. `given` are the consents of its trip, where the caller has just read them."""
    given = consents.current(session, update.trip_id) if given is None else given
    barriers = {
        photo.id: {
            channel: barrier(
                photo.pictured,
                given,
                channel,
                answers.seen(photo.faces) if house.settings.hides_faces(channel) else 0,
            )
            for channel in update.chosen
        }
        for photo in update.photos
    }
    findings = findings_in(house, session, update)
    blocks = (
        *_text_blocks(house, update),
        *_kind_blocks(house, update),
        *_group_blocks(house, session, update),
        *_photo_blocks(update, barriers),
        *(_said(finding) for finding in findings if finding.severity is Severity.STOP),
    )
    return Readiness(tuple(dict.fromkeys(blocks)), findings, barriers)


def _said(finding: Finding) -> str:
    place = {"title": "title", "text": "text", "x_text": "text for X"}.get(finding.where)
    where = place or finding.where.replace("alt", "alt text of photo")
    return f"“{finding.excerpt}” in the {where}: {finding.message}"


def findings_in(house: House, session: Session, update: Update) -> tuple[Finding, ...]:
    """The policy's remarks on an update's texts and alt texts."""
    alts = [photo.alt for photo in update.photos]
    return findings_on(house, session, update.trip, update.text, update.x_text or "", alts, update.title)


def findings_on(
    house: House,
    session: Session,
    trip: Trip | None,
    text: str,
    x_text: str,
    alts: Sequence[str],
    title: str = "",
) -> tuple[Finding, ...]:
    """The policy's remarks on words about this trip, or the school, in the order title, text, text for X, alt texts."""
    passages = ({"title": title} if title else {}) | {"text": text} | ({"x_text": x_text} if x_text else {})
    passages |= {f"alt {number}": alt for number, alt in enumerate(alts, 1)}
    # Of the school itself: nobody is named of all whom it knows.
    pupils = trip.pupils if trip else trips.pupils_since(session, house.today() - LATELY)
    staff = [person.name for person in trip.staff] if trip else people.names(session)
    known = [PupilName(pupil.forename, pupil.surname) for pupil in pupils]
    return check(passages, known, staff, house.settings.x_handle, house.words)


def _text_blocks(house: House, update: Update) -> Iterator[str]:
    if not update.text:
        yield "Write something first: every update has words, photos are extra."
    if not update.chosen:
        yield "Choose at least one place for it to appear."
    offered = house.offered(update.kind, update.trip_id is not None)
    for channel in update.chosen:
        if channel not in offered:
            yield f"The school has not set up {house.names[channel]}. Take it off this update."
    if Channel.X in update.chosen:
        weight = weigh(text_for(house, update, Channel.X))
        if not weight.fits:
            yield f"The text for X is {weight.weighted - X_LIMIT} characters too long. Write a shorter one for X."
    if Channel.TEXT in update.chosen:
        too_long = len(text_for(house, update, Channel.TEXT)) - fragments.LONGEST
        if too_long > 0:
            yield f"The text is {too_long} characters too long for a text message. Write a shorter one."


def _kind_blocks(house: House, update: Update) -> Iterator[str]:
    """What is of the school has a title, and says until when where that matters; pictures only go with news."""
    if update.kind in OF_THE_SCHOOL and not update.title:
        yield "Give it a title."
    if update.kind in LASTING and update.expires_at is None:
        yield "Say until when this is so. It then leaves the top of our pages by itself."
    elif update.expires_at is not None and update.expires_at <= house.now():
        yield "The time until when this is so is over. Choose a later one."
    if update.kind is Kind.URGENT and len(update.text) > LONGEST_URGENT:
        yield f"Say what is urgent in at most {LONGEST_URGENT} characters: it is read on a telephone, in a hurry."
    if update.photos and update.kind not in WITH_PHOTOS:
        yield "Only news has photos. Take them out."
    if update.kind is Kind.NEWSLETTER:
        yield from _newsletter_blocks(house, update)


def _newsletter_blocks(house: House, update: Update) -> Iterator[str]:
    """Somebody answers for whom it shows, in the words that the school asks for now; and it stands on the website."""
    document = update.document
    if document is None or document.gone:
        yield newsletter.NONE_YET
    elif document.declared != newsletter.declaration(house.settings.hides_faces(Channel.WEBSITE)):
        yield newsletter.NOT_ANY_MORE
    if Channel.X in update.chosen and Channel.WEBSITE not in update.chosen:
        yield newsletter.ON_WEBSITE


def _group_blocks(house: House, session: Session, update: Update) -> Iterator[str]:
    """A group's name stands on the families' page: it keeps to the policy as other words do."""
    for name in update.about:
        found = findings_on(house, session, update.trip, name, "", ())
        if any(each.severity is Severity.STOP for each in found):
            yield f"The name of the group “{name}” cannot stand on a page. Choose no group, or ask the office for another name."


def _photo_blocks(update: Update, barriers: dict[uuid.UUID, dict[Channel, str | None]]) -> Iterator[str]:
    for number, photo in enumerate(update.photos, 1):
        if photo.deleted_at is not None:
            yield f"Photo {number} was deleted because it could no longer be shown. Remove it."
            continue
        yield from (f"Photo {number}: {block}" for block in _face_blocks(photo))
        if photo.pictured is None:
            yield f"Photo {number}: say who is in it, or that no pupil is."
        elif update.chosen and all(barriers[photo.id].values()):
            yield f"Photo {number} cannot be shown in any of the places you chose. Crop it, or use another photo."
        if not photo.alt:
            yield f"Photo {number}: say in a sentence what it shows, for people who cannot see it."


def _face_blocks(photo: Photo) -> Iterator[str]:
    """Law 2: each face is accounted for, and nobody appears who could not be asked."""
    faces = photo.faces
    if not (photo.looked or photo.counted):
        yield "say how many people can be seen in it."
    if count := answers.open_ones(faces):
        yield "say who the face is." if count == 1 else f"say who each face is; {count} have no answer yet."
    if answers.strangers(faces):
        yield "somebody else can be seen. Crop them out, cover the face, or use another photo."
    if answers.twice(faces):
        yield "the same pupil is named for two faces. Look again who they are."


def seal(house: House, session: Session, update: Update, ready: Readiness, by: uuid.UUID) -> Version:
    """Write down exactly what would be published, with its digest, as the update's next version (law 4)."""
    number = next_number(session, update.id)
    texts = {channel: text_for(house, update, channel) for channel in update.chosen}
    photos = [
        rules.ManifestPhoto(
            id=photo.id,
            alt=photo.alt,
            pictured=tuple(photo.pictured or ()),
            renditions=tuple(photo.renditions),
            channels=tuple(channel for channel, why in ready.barriers[photo.id].items() if why is None),
            faces=tuple(photo.marked),
            covered=photo.covered,
        )
        for photo in update.photos
    ]
    widest = {channel: house.settings.widest(channel) for channel in update.chosen}
    manifest = rules.manifest(update.id, update.trip_id, number, texts, photos, widest, _more(house, update))
    version = Version(
        update_id=update.id,
        number=number,
        manifest=manifest,
        digest=rules.digest(manifest),
        findings=[_as_json(finding) for finding in ready.findings],
        submitted_by=by,
        submitted_at=house.now(),
    )
    session.add(version)
    session.flush()
    return version


def _more(house: House, update: Update) -> dict[str, Any]:
    """What belongs to an update besides texts and photos."""
    document = update.document if update.kind is Kind.NEWSLETTER else None
    return {
        "document": document.sealed_values if document else None,
        "link": link(house, update),
        "groups": list(update.about),
        "kind": "" if update.kind is Kind.TRIP else update.kind.value,
        "title": update.title,
        "until": update.expires_at.isoformat() if update.expires_at else "",
    }


def _as_json(finding: Finding) -> dict[str, Any]:
    return asdict(finding) | {"severity": finding.severity.value}
