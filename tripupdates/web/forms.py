"""What the staff's form says about each photo, and how reasons, previews and changes are laid out for people."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from tripupdates.approval import timing
from tripupdates.approval.timing import When
from tripupdates.approval.view import Preview
from tripupdates.people.presence import NOT_TAKEN, Proof
from tripupdates.photos import answers
from tripupdates.photos.answers import Face
from tripupdates.photos.boxes import Box
from tripupdates.photos.records import Photo
from tripupdates.school import Draft
from tripupdates.vocabulary import CHANNEL_NAMES, Channel, Kind, NotFound, Refused
from tripupdates.web import odd

NOBODY, THESE = "nobody", "these"
TAKE_AWAY = "take_away"  # for a face that somebody marked by hand
TAP_WIDTH = 300  # pixels: the picture on which faces are tapped is shown exactly this wide
FACE_SIZES = {"small": 0.04, "medium": 0.08, "large": 0.2}  # of the photo's long edge
SIDES = ("left", "right", "top", "bottom")

# Where on the staff's form a sentence of approval/readiness is mended: the id of that part of the page.
_MENDED_AT = (
    (re.compile(r"^Photo (\d+)\b"), r"photo-\1"),
    (re.compile(r"” in the alt text of photo (\d+): "), r"photo-\1"),
    (re.compile(r"^The text for X |” in the text for X: "), "for-x"),
    (re.compile(r"^Choose at least one place|^The school has not set up "), "places"),
    (re.compile(r"^Write something first|” in the text: "), "text"),
    (re.compile(r"^Give it a title|” in the title: "), "title"),
    (re.compile(r"^Add the newsletter’s PDF|^The school now shows no pupil’s face"), "pdf-field"),
    (re.compile(r"^A newsletter stands on the school’s website"), "places"),
    (re.compile(r"^Say until when|^The time until when|^Choose the day and the time until"), "until"),
)
_KINDS = {
    "groups": "For the groups",
    "text": "Text",
    "photos": "Photos",
    "alt": "Alt texts",
    "pupils": "Who is in the photos",
}

NO_UNTIL = "Choose the day and the time until when this is so, for example 2027-05-04T18:30."

Words = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PhotoForm:
    """What a form says about a photo. `who` is NOBODY, THESE, or '' where nobody has answered (law 2).

    `faces` are as the form shows them; `people` is how many can be seen, as it was typed, where no detector looked.
    `garbled` says that something did not arrive as our page made it.
    """

    alt: str
    who: str
    ticked: frozenset[uuid.UUID]
    faces: tuple[Face, ...] = ()
    people: str = ""
    garbled: bool = False


def of_the_school(form: MultiDict[str, str], zone: ZoneInfo) -> Draft:
    """What the form says of news, notices and the like. Raises NotFound for another kind, Refused for an odd time."""
    kind, until = form.get("kind", ""), form.get("until", "")
    if kind not in set(Kind):
        raise NotFound("There is no such thing to write.")
    try:
        ends = timing.read("at", until, zone).at if until else None
    except Refused as odd_time:
        raise Refused(NO_UNTIL) from odd_time
    return Draft(
        Kind(kind),
        form.get("title", ""),
        form.get("text", ""),
        form.get("x_text"),
        form.getlist("channels"),
        ends,
        form.get("trip", ""),
    )


def kept(photo: Photo) -> PhotoForm:
    """The form as it stands in the records."""
    with_face = answers.pupils(photo.faces)
    ticked = frozenset(pupil.id for pupil in photo.pupils if pupil.id not in with_face)
    who = "" if photo.answered_at is None else THESE if ticked else NOBODY
    people = str(len(photo.faces)) if photo.counted and not photo.looked else ""
    return PhotoForm(photo.alt, who, ticked, tuple(photo.faces), people)


def typed(form: MultiDict[str, str], photo: Photo) -> PhotoForm:
    """The form as it was sent, so that what was refused can be shown again; as kept where it said nothing."""
    if f"alt-{photo.id}" not in form:
        return kept(photo)
    ticked = form.getlist(f"pupil-{photo.id}")
    boxes, who = form.getlist(f"box-{photo.id}"), form.getlist(f"face-{photo.id}")
    faces = [_face(box, word) for box, word in zip(boxes, who, strict=False) if word != TAKE_AWAY]
    return PhotoForm(
        form[f"alt-{photo.id}"],
        form.get(f"who-{photo.id}", ""),
        frozenset(uuids(ticked)),
        tuple(face for face in faces if face is not None),
        form.get(f"people-{photo.id}", ""),
        len(uuids(ticked)) < len(ticked) or None in faces or len(boxes) != len(who),
    )


def _face(box: str, word: str) -> Face | None:
    """One face of the form: its box as four numbers, or '' for somebody without one. None where it is no face."""
    try:
        return Face(Box.read([float(part) for part in box.split()]) if box else None, answers.answer(word))
    except (Refused, ValueError):
        return None


def pictured(said: PhotoForm, number: int) -> list[uuid.UUID] | None:
    """Who is in a photo besides the faces, as `describe_photo` takes it: [] for no pupil, None for no answer (law 2).

    Ticking pupils is an answer, whether or not the choice above them was made. Raises Refused where the answer
    contradicts itself, is half an answer, or did not arrive whole.
    """
    if said.garbled:
        raise Refused(
            f"Photo {number}: not all that you chose arrived. Look through its answers, and save again."
        )
    if said.who == NOBODY and said.ticked:
        raise Refused(f"Photo {number}: you ticked pupils and said that no pupil is in it. Which is right?")
    if said.who == THESE and not said.ticked:
        raise Refused(f"Photo {number}: tick the pupils who are in it.")
    return sorted(said.ticked) if said.ticked else [] if said.who == NOBODY else None


def faces(said: PhotoForm, photo: Photo, number: int) -> list[Face] | None:
    """The faces as `describe_photo` takes them, None where the form says nothing of any.

    Where no detector looked, there is one for each of the people counted. Raises Refused for a number that is none.
    """
    if photo.looked or not said.people.strip():
        return list(said.faces) if said.faces or photo.marked else None
    count = odd.number(said.people.strip())
    if count is None or count > answers.MOST_FACES:
        raise Refused(f"Photo {number}: write as a number how many people can be seen in it, for example 3.")
    return [*said.faces[:count], *(Face(None) for _ in range(count - len(said.faces)))]


def tapped(form: Mapping[str, str], photo: Photo) -> Face | None:
    """The face that was tapped on the small picture, TAP_WIDTH pixels wide, where one was."""
    across, down = (odd.number(form.get(f"tap-{photo.id}.{axis}", "")) for axis in "xy")
    if across is None or down is None:
        return None
    wide, high = photo.largest["width"], photo.largest["height"]
    side = FACE_SIZES.get(form.get(f"size-{photo.id}", ""), FACE_SIZES["medium"]) * max(wide, high)
    x, y = across / TAP_WIDTH, down / (TAP_WIDTH * high / wide)
    left, top = (max(0.0, min(1.0, at) - part / 2) for at, part in ((x, side / wide), (y, side / high)))
    return Face(
        Box(
            round(left, 4),
            round(top, 4),
            round(min(side / wide, 1 - left), 4),
            round(min(side / high, 1 - top), 4),
        )
    )


def deed(action: str) -> tuple[str, str, Box | None]:
    """What a button of a photo asks: the deed, the photo's id, and the face's box where it is about one."""
    name, _, rest = action.partition("-")
    photo_id, _, box = rest.partition(":")
    face = _face(box, "") if box else None
    return name, photo_id, face.box if face else None


def crop(form: Mapping[str, str], photo: Photo, number: int) -> Box:
    """What is left when so many percent are cut off on each side. Raises Refused for what is no number, or too much."""
    cuts = [odd.number(form.get(f"cut-{side}-{photo.id}", "").strip() or "0") for side in SIDES]
    if any(cut is None or cut >= 100 for cut in cuts):
        raise Refused(f"Photo {number}: write how much to cut off in percent, for example 20.")
    left, right, top, bottom = ((cut or 0) / 100 for cut in cuts)
    if left + right >= 1 or top + bottom >= 1:
        raise Refused(f"Photo {number}: that would cut everything off. Cut off less.")
    return Box(round(left, 4), round(top, 4), round(1 - left - right, 4), round(1 - top - bottom, 4))


def uuids(words: Iterable[str]) -> list[uuid.UUID]:
    """The ids among these words, in order."""
    found = []
    for word in words:
        try:
            found.append(uuid.UUID(word))
        except ValueError:
            continue
    return found


def mended_at(reason: str) -> str:
    """The id of the part of the staff's form where this reason is mended, '' where it has no one place."""
    for pattern, place in _MENDED_AT:
        if match := pattern.search(reason):
            return match.expand(place)
    return ""


@dataclass(frozen=True)
class Remark:
    """A finding, told once for every time the same words stand in the same passage. `keys` are of them all."""

    finding: Mapping[str, Any]
    keys: tuple[str, ...]


def same_remarks(findings: Sequence[Mapping[str, Any]]) -> list[Remark]:
    """Findings as stored with a version, those alike told once: one reason lets all of them pass."""
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for each in findings:
        groups.setdefault((each["where"], each["code"], each["excerpt"].casefold()), []).append(each)
    return [Remark(group[0], tuple(each["key"] for each in group)) for group in groups.values()]


def overrides(form: Mapping[str, str]) -> dict[str, str]:
    """The approver's reasons by finding key, from fields named `override-` and the keys that a reason is for."""
    return {
        key: reason
        for name, reason in form.items()
        if name.startswith("override-")
        for key in name.removeprefix("override-").split()
    }


def when(form: Mapping[str, str], zone: ZoneInfo) -> When:
    """When an approved update goes out, from the approver's form. Raises Refused."""
    return timing.read(form.get("when", ""), form.get("at", ""), zone)


def same_previews(
    previews: Sequence[Preview], places: Mapping[Channel, str] = CHANNEL_NAMES
) -> list[tuple[str, Preview]]:
    """One preview for channels that show the same, under all their names. X stays apart: it lays photos out its own way."""
    groups: dict[object, list[Preview]] = {}
    for preview in previews:
        photos = tuple(photo.id for photo in preview.photos)
        key = (preview.channel is Channel.X, preview.title, preview.text, photos, preview.left_out)
        groups.setdefault(key, []).append(preview)
    return [(_listed([places[each.channel] for each in group]), group[0]) for group in groups.values()]


def _listed(names: Sequence[str]) -> str:
    """As people say it: one, two and three."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def same_changes(
    changes: Sequence[tuple[str, Words]], names: Mapping[Channel, str] = CHANNEL_NAMES
) -> list[tuple[str, Words]]:
    """Changes as `view.review` gives them, those that are alike on several channels told once, in people's words."""
    groups: dict[tuple[str, Words], list[str]] = {}
    for name, words in changes:
        kind, _, channel = name.partition(" ")
        groups.setdefault((kind, words), []).append(names[Channel(channel)] if channel else "")
    return [
        (f"{_KINDS[kind]}: {', '.join(places)}" if places[0] else _KINDS[kind], words)
        for (kind, words), places in groups.items()
    ]


def proof(form: Mapping[str, str], field: str = "password") -> Proof:
    """What a form brings to show that the person is there. Raises Refused where the passkey's answer is garbled."""
    return Proof(form.get(field, ""), assertion(form.get("assertion", "")))


def assertion(text: str) -> dict[str, Any] | None:
    """A passkey's answer as the page's script put it into the form; None where there is none. Raises Refused."""
    if not text:
        return None
    found = odd.read(text)
    if not isinstance(found, dict):
        raise Refused(NOT_TAKEN)
    return found
