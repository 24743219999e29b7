"""What the staff's form says about each photo, and how reasons, previews and changes are laid out for people."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from tripupdates.approval.view import Preview
from tripupdates.photos.records import Photo
from tripupdates.vocabulary import CHANNEL_NAMES, Channel, Refused

NOBODY, THESE = "nobody", "these"

# Where on the staff's form a sentence of approval/readiness is mended: the id of that part of the page.
_MENDED_AT = (
    (re.compile(r"^Photo (\d+)\b"), r"photo-\1"),
    (re.compile(r"” in the alt text of photo (\d+): "), r"photo-\1"),
    (re.compile(r"^The text for X |” in the text for X: "), "for-x"),
    (re.compile(r"^Choose at least one place|^The school has not set up X"), "places"),
    (re.compile(r"^Write something first|” in the text: "), "text"),
)
_KINDS = {"text": "Text", "photos": "Photos", "alt": "Alt texts", "pupils": "Who is in the photos"}

Words = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PhotoForm:
    """What a form says about a photo. `who` is NOBODY, THESE, or '' where nobody has answered (law 2)."""

    alt: str
    who: str
    ticked: frozenset[uuid.UUID]


def kept(photo: Photo) -> PhotoForm:
    """The form as it stands in the records."""
    pictured = photo.pictured
    who = "" if pictured is None else THESE if pictured else NOBODY
    return PhotoForm(photo.alt, who, frozenset(pictured or ()))


def typed(form: MultiDict[str, str], photo: Photo) -> PhotoForm:
    """The form as it was sent, so that what was refused can be shown again; as kept where it said nothing."""
    if f"alt-{photo.id}" not in form:
        return kept(photo)
    return PhotoForm(
        form[f"alt-{photo.id}"],
        form.get(f"who-{photo.id}", ""),
        frozenset(uuids(form.getlist(f"pupil-{photo.id}"))),
    )


def pictured(said: PhotoForm, number: int) -> list[uuid.UUID] | None:
    """Who is in a photo, as `journey.describe_photo` takes it: [] for no pupil, None for no answer (law 2).

    Ticking pupils is an answer, whether or not the choice above them was made. Raises Refused where the answer
    contradicts itself or is half an answer.
    """
    if said.who == NOBODY and said.ticked:
        raise Refused(f"Photo {number}: you ticked pupils and said that no pupil is in it. Which is right?")
    if said.who == THESE and not said.ticked:
        raise Refused(f"Photo {number}: tick the pupils who are in it.")
    return sorted(said.ticked) if said.ticked else [] if said.who == NOBODY else None


def uuids(words: Iterable[str]) -> list[uuid.UUID]:
    """The ids among these words, in order. What is none was not made by our page, and is passed over."""
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


def same_previews(previews: Sequence[Preview]) -> list[tuple[str, Preview]]:
    """One preview for channels that show the same, under all their names. X stays apart: it lays photos out its own way."""
    groups: dict[object, list[Preview]] = {}
    for preview in previews:
        photos = tuple(photo.id for photo in preview.photos)
        key = (preview.channel is Channel.X, preview.text, photos, preview.left_out)
        groups.setdefault(key, []).append(preview)
    return [
        (" and ".join(CHANNEL_NAMES[each.channel] for each in group), group[0]) for group in groups.values()
    ]


def same_changes(changes: Sequence[tuple[str, Words]]) -> list[tuple[str, Words]]:
    """Changes as `view.review` gives them, those that are alike on several channels told once, in people's words."""
    groups: dict[tuple[str, Words], list[str]] = {}
    for name, words in changes:
        kind, _, channel = name.partition(" ")
        groups.setdefault((kind, words), []).append(CHANNEL_NAMES[Channel(channel)] if channel else "")
    return [
        (f"{_KINDS[kind]}: {', '.join(places)}" if places[0] else _KINDS[kind], words)
        for (kind, words), places in groups.items()
    ]
