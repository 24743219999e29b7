"""The paper room's door: a PDF goes in, a clean one and a picture of its first page come out.

As for photos: each is opened in a process of its own (`child`) with limits on memory and time, and what comes back is
proven once more on this side.
"""

import io
from dataclasses import dataclass, field

from tripupdates.confined.keeper import Turns, Work, check_not_refused, line_of, run
from tripupdates.documents import intake
from tripupdates.documents.cleaned import Cleaned
from tripupdates.documents.intake import DAMAGED
from tripupdates.documents.proof import prove
from tripupdates.documents.removed import in_order
from tripupdates.photos.renditions import Rendition
from tripupdates.photos.room import told_renditions
from tripupdates.vocabulary import Refused

AT_ONCE, IN_LINE = (
    1,
    2,
)  # a school makes one newsletter at a time; photos on their way from a trip need the other core
PATIENCE = 100  # seconds by the clock for one document
LONGEST_WAIT = 20  # seconds for a turn
LONGEST_ANSWER = 80_000_000  # bytes: pictures that were packed better than we pack may double a document
BUSY = "Another document is being read just now, so this one was not taken. Please send it again in a minute."
WORK = Work("tripupdates.documents.child", LONGEST_ANSWER, BUSY, DAMAGED, intake.TOO_MUCH)


@dataclass(frozen=True)
class Prepared:
    """A clean document, and its first page as renditions of a photo: AVIF, then JPEG by ascending size.

    `cropped` are the pages on which a picture is cropped, while all of it is in the file.
    """

    document: Cleaned
    cover: tuple[Rendition, ...]
    cropped: tuple[int, ...] = ()


@dataclass(frozen=True)
class PaperRoom:
    """Where documents are cleaned."""

    turns: Turns = field(default_factory=lambda: Turns(AT_ONCE, IN_LINE, BUSY))

    def prepare(self, upload: bytes, title: str) -> Prepared:
        """Clean a PDF as `clean.clean` does, see that it looks as before, and draw its first page.

        Raises Refused and TooLarge as `clean` does, also where it cannot be cleaned without changing what is seen; Busy
        where another is in hand.
        """
        intake.check(upload)  # what can be told from its first bytes needs no turn
        with self.turns.taken(LONGEST_WAIT):
            answer = run(WORK, {"title": title}, upload, PATIENCE)
        return _read(io.BytesIO(answer), title)


def _read(answer: io.BytesIO, title: str) -> Prepared:
    """The answer, believing none of it."""
    first = line_of(answer)
    try:
        check_not_refused(first)
        told, pages, length = set(first["removed"]), first["pages"], first["bytes"]
        removed, cropped = in_order(told), tuple(map(int, first["cropped"]))
        if (
            len(removed) != len(told)
            or not isinstance(length, int)
            or pages not in range(1, intake.MOST_PAGES + 1)
        ):
            raise ValueError("not our words")
        if not set(cropped) <= set(range(1, pages + 1)):
            raise ValueError("no pages of it")
        cover = told_renditions(answer, first["renditions"])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(DAMAGED) from error
    data = answer.read()
    if len(data) != length:
        raise Refused(DAMAGED)
    prove(data, title, pages)
    return Prepared(Cleaned(data, pages, removed), cover, cropped)
