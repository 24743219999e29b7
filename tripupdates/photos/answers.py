"""Who is at each face of a photo, as staff answered. Pure; law 2: nobody answered is a no.

A face is a box that the detector found, a box that somebody added by hand, or, where no detector looked, just one of
the people who can be seen. Each needs an answer. A found face stays until it is answered; only its answer changes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import dist
from typing import Any, Self
from uuid import UUID

from tripupdates.photos.boxes import Box
from tripupdates.vocabulary import Refused

ADULT, SOMEONE_ELSE, NOT_A_FACE = "adult", "someone_else", "not_a_face"
OTHERS = {
    ADULT: "An adult of ours",
    SOMEONE_ELSE: "Somebody else",
    NOT_A_FACE: "Not a face",
}
MOST_FACES = 200  # a whole school in one picture
SAME = 0.5  # boxes on two crops of a picture that share this much are the same face


@dataclass(frozen=True)
class Face:
    """One face: where it is (None: nobody marked it), who it is (None: not answered), and whether it was found.

    `who` is a pupil's id, or one of OTHERS' keys.
    """

    box: Box | None
    who: str | None = None
    found: bool = False

    @classmethod
    def kept(cls, stored: Mapping[str, Any]) -> Self:
        """From the records."""
        box = stored["box"]
        return cls(None if box is None else Box(*box), stored["is"], stored["found"])

    @property
    def stored(self) -> dict[str, Any]:
        """For the records."""
        return {"box": self.box.values if self.box else None, "is": self.who, "found": self.found}

    @property
    def pupil(self) -> UUID | None:
        """The pupil it is tied to, if it is one."""
        return UUID(self.who) if self.who is not None and self.who not in OTHERS else None


@dataclass(frozen=True)
class Said:
    """What a phone says about one photo, before the photo is there.

    `pictured` are the pupils in it besides those at a face, None where nobody has answered (law 2).
    """

    alt: str
    pictured: tuple[UUID, ...] | None
    faces: tuple[Face, ...]

    @classmethod
    def kept(cls, stored: Mapping[str, Any]) -> Self:
        """From the records."""
        pictured = stored["pictured"]
        return cls(
            stored["alt"],
            None if pictured is None else tuple(UUID(each) for each in pictured),
            tuple(Face.kept(face) for face in stored["faces"]),
        )

    @property
    def stored(self) -> dict[str, Any]:
        """For the records."""
        return {
            "alt": self.alt,
            "pictured": None if self.pictured is None else sorted(map(str, self.pictured)),
            "faces": [face.stored for face in self.faces],
        }


def said(body: object) -> list[Face]:
    """Faces as the phone says them: a list of {"box": four numbers or null, "is": an answer or null}.

    Raises Refused for anything else.
    """
    if not isinstance(body, list) or len(body) > MOST_FACES:
        raise Refused("The faces must be a list, each with its box and who it is.")
    return [_said(each) for each in body]


def _said(each: object) -> Face:
    if not isinstance(each, dict) or not {"is"} <= set(each) <= {"box", "is"}:
        raise Refused("Each face needs its box and who it is, and nothing else.")
    box = each.get("box")
    return Face(None if box is None else Box.read(box), answer(each["is"]))


def answer(word: object) -> str | None:
    """An answer in its one form: a pupil's id, a key of OTHERS, or None for no answer. Raises Refused."""
    if word is None or word == "":
        return None
    plain = str(word).strip().lower().replace(" ", "_")
    if plain in OTHERS:
        return plain
    try:
        return str(UUID(str(word)))
    except ValueError:
        raise Refused(
            "Say for each face which pupil it is, or that it is an adult of ours, somebody else, or not a face."
        ) from None


def answered(before: Sequence[Face], now: Sequence[Face]) -> list[Face]:
    """The faces after somebody said `now`: found ones stay whatever is said, others are as said."""
    left = list(now)
    kept = []
    for face in (each for each in before if each.found):
        same = next((each for each in left if each.box == face.box), None)
        if same is not None:
            left.remove(same)
        kept.append(face if same is None else replace(face, who=same.who))
    return [*kept, *(replace(face, found=False) for face in left)]


def aimed(found: Sequence[Face], tapped: Sequence[Face]) -> list[Face]:
    """Faces that somebody tapped before the detector looked, each at the found face whose box the tap hit.

    The nearest pair first, and each found face once. A tap that hit none stays a face marked by hand, and a found face
    that nobody hit stays open: nothing is guessed (law 2).
    """
    pairs = sorted(
        (dist(face.box.centre, tap.box.centre), at, to)
        for at, tap in enumerate(tapped)
        for to, face in enumerate(found)
        if tap.box is not None and face.box is not None and face.box.holds(*tap.box.centre)
    )
    hit: dict[int, int] = {}
    for _, at, to in pairs:
        if at not in hit and to not in hit.values():
            hit[at] = to
    return [replace(tap, box=found[hit[at]].box) if at in hit else tap for at, tap in enumerate(tapped)]


def redrawn(
    before: Iterable[Face], found: Iterable[Box] | None, crop: Box | None, covered: Collection[Box]
) -> list[Face]:
    """The faces on a photo after it was cropped and faces on it were covered, and the detector looked again.

    What can still be seen keeps its answer; what is found anew has none.
    """
    stay = [moved for face in before if face.box not in covered and (moved := _moved(face, crop)) is not None]
    fresh: list[Face] = []
    for box in found or ():
        same = next((face for face in stay if face.box is not None and face.box.overlap(box) >= SAME), None)
        if same is not None:
            stay.remove(same)
        fresh.append(Face(box, same.who if same else None, found=True))
    return [*fresh, *stay]


def _moved(face: Face, crop: Box | None) -> Face | None:
    """The face on the cropped picture; None where it was cut away. One without a box may still be there."""
    if face.box is None or crop is None:
        return face
    box = face.box.seen_in(crop)
    return None if box is None else replace(face, box=box)


def open_ones(faces: Iterable[Face]) -> int:
    """How many still need an answer."""
    return sum(face.who is None for face in faces)


def strangers(faces: Iterable[Face]) -> int:
    """How many are somebody else, who cannot be asked: to be cropped away or covered."""
    return sum(face.who == SOMEONE_ELSE for face in faces)


def seen(faces: Iterable[Face]) -> int:
    """How many are faces that can be seen: all but those that are none. One that was covered is not among them."""
    return sum(face.who != NOT_A_FACE for face in faces)


def pupils(faces: Iterable[Face]) -> frozenset[UUID]:
    """The pupils whose faces these are."""
    return frozenset(face.pupil for face in faces if face.pupil is not None)


def twice(faces: Iterable[Face]) -> bool:
    """Whether two faces are said to be the same pupil: one of them is somebody else."""
    named = [face.pupil for face in faces if face.pupil is not None]
    return len(named) != len(set(named))
