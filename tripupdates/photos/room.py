"""The photo room's door: an upload goes in, a cleaned photo comes out, and whatever it does in there stays in there.

Each photo is decoded in a process of its own (`child`) with limits on memory and time. A crash costs that upload, and
nothing else. What comes back is proven once more on this side: a decoder that was taken over could answer anything.
"""

import io
import json
import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tripupdates.photos import faces
from tripupdates.photos.boxes import Box
from tripupdates.photos.intake import DAMAGED, kind_of
from tripupdates.photos.proof import prove
from tripupdates.photos.removed import WORDS
from tripupdates.photos.renditions import FINEST_EDGE, Cleaned, Rendition
from tripupdates.vocabulary import Busy, Refused, TooLarge

AT_ONCE = 2  # photos in hand: two cores
IN_LINE = 4  # photos in hand or waiting; of the server's eight threads the others stay free for pages
PATIENCE = 30  # seconds by the clock for one photo
LONGEST_WAIT = 20  # seconds for a turn
LONGEST_LINE = 65_536  # bytes of one line of an answer
LONGEST_ANSWER = 40_000_000  # bytes; seven renditions of noise are 12 million
MOST_RENDITIONS = 7  # four sizes of JPEG, three of AVIF
LONGEST_SENTENCE = 300  # characters
BUSY = "Many photos are arriving just now, so this one was not taken. Please add it again in a minute."
TOO_SLOW = "This photo takes us too long to open. Please send a smaller copy, or a screenshot of it."

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prepared:
    """A cleaned photo, and the faces found on it; None where nobody looked or looking failed."""

    cleaned: Cleaned
    faces: tuple[Box, ...] | None


@dataclass(frozen=True)
class Room:
    """Where photos are cleaned. `look`: whether to look for faces; the extra `faces` must be installed for that."""

    look: bool = field(default_factory=faces.can_look)
    _turns: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))
    _line: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(IN_LINE))

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
        with self._turn():
            answer = _run(json.dumps(request).encode() + b"\n" + upload)
        return _read(io.BytesIO(answer))

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._line.acquire(blocking=False):
            raise Busy(BUSY)
        try:
            if not self._turns.acquire(timeout=LONGEST_WAIT):
                raise Busy(BUSY)
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._line.release()


def _run(request: bytes) -> bytes:
    """Everything that the process answered before it ended, however it ended."""
    command = [sys.executable, "-m", "tripupdates.photos.child"]
    # Nothing of our environment goes along but the way to the code: it holds the school's keys.
    environment = {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }
    with os.fdopen(os.memfd_create("upload"), "w+b") as upload:  # in memory: an upload never touches a disk
        upload.write(request)
        upload.seek(0)
        with subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=upload,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
        ) as process:
            try:
                answer = _heard(process, time.monotonic() + PATIENCE)
            finally:
                process.kill()
    if process.returncode:
        log.warning("a photo's process ended with %d", process.returncode)
    if not answer and process.returncode in {-signal.SIGXCPU, -signal.SIGALRM}:
        raise TooLarge(TOO_SLOW)
    return answer


def _heard(process: subprocess.Popen[bytes], until: float) -> bytes:
    """What it says before it ends; it may go on until that time of the clock, and for LONGEST_ANSWER bytes.

    Raises Busy where it takes longer, and Refused where it says more: it has long stopped to be ours then.
    """
    output, answer = process.stdout, bytearray()
    assert output is not None  # noqa: S101 - Popen was asked for a pipe
    waiting = select.poll()
    waiting.register(output)
    try:
        while waiting.poll(max(0.0, until - time.monotonic()) * 1000):
            piece = os.read(output.fileno(), 65_536)
            answer += piece
            if len(answer) > LONGEST_ANSWER:
                raise Refused(DAMAGED)
            if not piece:
                process.wait(max(0.0, until - time.monotonic()))
                return bytes(answer)
    except subprocess.TimeoutExpired:
        pass  # its own limits count work; by the clock it is the computer that has too much in hand
    raise Busy(BUSY)


def _read(answer: io.BytesIO) -> Prepared:
    """The answer as a photo, believing none of it. No answer means that the decoder fell over the upload."""
    first = _line_of(answer)
    try:
        if "refused" in first:
            title, *reasons = map(_sentence, (first["refused"], *first.get("reasons", ())))
            raise (TooLarge if first.get("large") is True else Refused)(title, tuple(reasons))
        sizes, told = first["renditions"], frozenset(first["removed"])
        if not told <= set(WORDS) or not 0 < len(sizes) <= MOST_RENDITIONS:
            raise ValueError("not our words, or too many files")
        renditions = tuple(_rendition(answer, *each) for each in sizes)
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(DAMAGED) from error
    if renditions[-1].format != "JPEG":
        raise Refused(DAMAGED)
    removed = tuple(words for words in WORDS if words in told)
    return Prepared(Cleaned(renditions, removed), _faces(_line_of(answer).get("faces")))


def _sentence(said: object) -> str:
    """Words fit to be shown; ValueError for anything else."""
    if not isinstance(said, str) or not said.isprintable() or not 0 < len(said) <= LONGEST_SENTENCE:
        raise ValueError("no sentence")
    return said


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


def _line_of(answer: io.BytesIO) -> dict[str, Any]:
    """The next line of the answer; empty where there is none, or none that is whole."""
    line = answer.readline(LONGEST_LINE)
    try:
        found = json.loads(line) if line.endswith(b"\n") else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
