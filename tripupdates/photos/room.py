"""The photo room's door: an upload goes in, a cleaned photo comes out, and whatever it does in there stays in there.

Each photo is decoded in a process of its own (`child`) with limits on memory and time. A crash costs that upload, and
nothing else. What comes back is proven once more on this side: a decoder that was taken over could answer anything.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from tripupdates.confined.keeper import Turns, Work, check_not_refused, line_of, run
from tripupdates.photos import faces
from tripupdates.photos.boxes import Box
from tripupdates.photos.intake import DAMAGED, kind_of
from tripupdates.photos.proof import prove
from tripupdates.photos.removed import WORDS
from tripupdates.photos.renditions import FINEST_EDGE, Cleaned, Rendition
from tripupdates.vocabulary import Refused

AT_ONCE = 2  # photos in hand: two cores
IN_LINE = 4  # photos in hand or waiting; of the server's eight threads the others stay free for pages
PATIENCE = 30  # seconds by the clock for one photo
LONGEST_WAIT = 20  # seconds for a turn
LONGEST_ANSWER = 40_000_000  # bytes; seven renditions of noise are 12 million
MOST_RENDITIONS = 7  # four sizes of JPEG, three of AVIF
BUSY = "Many photos are arriving just now, so this one was not taken. Please add it again in a minute."
TOO_SLOW = "This photo takes us too long to open. Please send a smaller copy, or a screenshot of it."
WORK = Work("tripupdates.photos.child", LONGEST_ANSWER, BUSY, DAMAGED, TOO_SLOW)


@dataclass(frozen=True)
class Prepared:
    """A cleaned photo, and the faces found on it; None where nobody looked or looking failed."""

    cleaned: Cleaned
    faces: tuple[Box, ...] | None


@dataclass(frozen=True)
class Room:
    """Where photos are cleaned. `look`: whether to look for faces; the extra `faces` must be installed for that."""

    look: bool = field(default_factory=faces.can_look)
    turns: Turns = field(default_factory=lambda: Turns(AT_ONCE, IN_LINE, BUSY))

    def prepare(self, upload: bytes, crop: Box | None = None, covers: Sequence[Box] = ()) -> Prepared:
        """Clean an upload as `clean.clean` does, with the same arguments, and look for faces.

        Raises Refused and TooLarge as `clean` does, and Busy where too many photos are in line.
        """
        kind_of(upload)  # what can be told from its first bytes needs no turn
        request = {
            "crop": crop.values if crop else None,
            "covers": [face.values for face in covers],
            "look": self.look,
        }
        with self.turns.taken(LONGEST_WAIT):
            answer = run(WORK, request, upload, PATIENCE)
        return _read(io.BytesIO(answer))


def _read(answer: io.BytesIO) -> Prepared:
    """The answer as a photo, believing none of it. No answer means that the decoder fell over the upload."""
    first = line_of(answer)
    try:
        check_not_refused(first)
        told = frozenset(first["removed"])
        if not told <= set(WORDS):
            raise ValueError("not our words")
        renditions = told_renditions(answer, first["renditions"])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(DAMAGED) from error
    removed = tuple(words for words in WORDS if words in told)
    return Prepared(Cleaned(renditions, removed), _faces(line_of(answer).get("faces")))


def told_renditions(answer: io.BytesIO, sizes: Sequence[Sequence[object]]) -> tuple[Rendition, ...]:
    """The renditions that follow in an answer, each proven; the last is the largest JPEG.

    Raises Refused where one does not pass, TypeError or ValueError where they are not what they are said to be.
    """
    if not 0 < len(sizes) <= MOST_RENDITIONS:
        raise ValueError("no files, or too many")
    renditions = tuple(_rendition(answer, *each) for each in sizes)
    if renditions[-1].format != "JPEG":
        raise ValueError("no JPEG")
    return renditions


def _faces(found: object) -> tuple[Box, ...] | None:
    """The boxes of faces; None where nobody looked, looking failed, or the answer is none."""
    if not isinstance(found, list):
        return None
    try:
        return tuple(Box.read(box) for box in found)
    except Refused:
        return None


def _rendition(answer: io.BytesIO, width: object, height: object, kind: object, length: object) -> Rendition:
    if not (isinstance(width, int) and isinstance(height, int) and isinstance(length, int)):
        raise TypeError("no sizes")
    if not (0 < width <= FINEST_EDGE and 0 < height <= FINEST_EDGE and 0 < length <= LONGEST_ANSWER):
        raise ValueError("no rendition")
    data = answer.read(length)
    if len(data) != length or kind != ("AVIF" if data[4:8] == b"ftyp" else "JPEG"):
        raise ValueError("cut short, or not what it is said to be")
    prove(data)
    return Rendition(width, height, str(kind), data)
