"""What is published, what seals it, and who may approve it. Pure."""

import difflib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from tripupdates.vocabulary import Channel, Conflict, Forbidden, Role

WAIT_FOR_SECOND = timedelta(minutes=5)


@dataclass(frozen=True)
class ManifestPhoto:
    """A photo as it will be published: names of its renditions are hashes of their bytes.

    `faces` are {"box", "is", "found"} as staff answered; `covered` is how many were drawn over.
    """

    id: UUID
    alt: str
    pictured: tuple[UUID, ...]
    renditions: tuple[Mapping[str, Any], ...]
    channels: tuple[Channel, ...]
    faces: tuple[Mapping[str, Any], ...] = ()
    covered: int = 0


def manifest(
    update: UUID,
    trip: UUID | None,
    number: int,
    texts: Mapping[Channel, str],
    photos: Sequence[ManifestPhoto],
    widest: Mapping[Channel, int],
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything that will be published, per channel, as plain JSON values. `widest`: the longest edge of photos there.

    `more` is what else belongs to it, such as names of groups or a title; what is empty is left out.
    """
    return {
        "update": str(update),
        **({"trip": str(trip)} if trip else {}),
        "number": number,
        "photos": {
            str(photo.id): {
                "alt": photo.alt,
                "pictured": sorted(map(str, photo.pictured)),
                "renditions": [dict(rendition) for rendition in photo.renditions],
                "faces": [dict(face) for face in photo.faces],
                "covered": photo.covered,
            }
            for photo in photos
        },
        "channels": {
            channel.value: {
                "text": text,
                "photos": [str(photo.id) for photo in photos if channel in photo.channels],
                "widest": widest[channel],
            }
            for channel, text in texts.items()
        },
        **{name: value for name, value in (more or {}).items() if value},
    }


def digest(manifest: Mapping[str, Any]) -> str:
    """The seal: SHA-256 over the manifest as sorted, compact JSON in UTF-8, in hex (law 4)."""
    text = json.dumps(manifest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def photos_by_channel(manifest: Mapping[str, Any]) -> dict[Channel, dict[UUID, frozenset[UUID]]]:
    """For each channel of a manifest, its photos in order, each with the pupils who are in it."""
    pictured = {photo: frozenset(map(UUID, what["pictured"])) for photo, what in manifest["photos"].items()}
    return {
        Channel(channel): {UUID(photo): pictured[photo] for photo in what["photos"]}
        for channel, what in manifest["channels"].items()
    }


def faces_seen(manifest: Mapping[str, Any]) -> dict[UUID, int]:
    """For each photo of a manifest, how many faces can be seen in it; versions sealed before faces were looked for: 0."""
    return {
        UUID(photo): sum(face["is"] != "not_a_face" for face in what.get("faces", ()))
        for photo, what in manifest["photos"].items()
    }


def shown_renditions(manifest: Mapping[str, Any], photo: UUID, channel: Channel) -> list[Mapping[str, Any]]:
    """The renditions of a photo that a channel may show, in their order; at least the smallest JPEG.

    Versions sealed before there was a `widest` show all.
    """
    renditions: list[Mapping[str, Any]] = manifest["photos"][str(photo)]["renditions"]
    widest = manifest["channels"][channel].get("widest")
    small = [each for each in renditions if widest is None or max(each["width"], each["height"]) <= widest]
    jpegs = [each for each in renditions if each["name"].endswith(".jpg")]
    return small if any(each in jpegs for each in small) else jpegs[:1]


def check_approver(role: Role, person: UUID, author: UUID, accompanies: bool, deputy: bool) -> None:
    """Raise Forbidden unless this person may decide on this update.

    Only an approver, or who is `deputy` for this trip now; never the author (law 4); never someone who is on the trip
    ("a headteacher who is not on the trip").
    """
    if role is not Role.APPROVER and not deputy:
        raise Forbidden("Only the headteacher or a deputy can decide on an update.")
    if person == author:
        raise Forbidden("You wrote this update, so somebody else must decide on it.")
    if accompanies:
        raise Forbidden("You are on this trip, so somebody at school must decide on its updates.")


def check_alone(role: Role, person: UUID, author: UUID, others: bool, waited: timedelta) -> None:
    """Raise Forbidden or Conflict unless this person may send their own urgent notice with nobody's second look.

    Nobody approves their own update (law 4). What families must know at once is the one exception: where no second person
    is at hand, because there is none who can be reached (`others` is False), or none has answered while it `waited`.
    """
    if role is not Role.APPROVER or person != author:
        raise Forbidden("Only the headteacher or deputy who wrote an urgent notice can send it alone.")
    if others and waited < WAIT_FOR_SECOND:
        minutes = WAIT_FOR_SECOND // timedelta(minutes=1)
        raise Conflict(f"Others have been told. Give them {minutes} minutes before you send it alone.")


def changes(before: str, after: str) -> list[tuple[str, str]]:
    """What changed between two texts, word by word: pairs of ("same" | "gone" | "new", words)."""
    old, new = before.split(), after.split()
    found: list[tuple[str, str]] = []
    for kind, i, j, k, m in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", " ".join(old[i:j])))
            continue
        if j > i:
            found.append(("gone", " ".join(old[i:j])))
        if m > k:
            found.append(("new", " ".join(new[k:m])))
    return found
