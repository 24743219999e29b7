"""The process in which one upload is decoded, and which nobody minds losing. Started by `room`, once for each photo.

It reads one line of JSON and then the upload from standard input, and writes one or two lines of JSON, the first
followed by the renditions' bytes, to standard output. It holds no key, no database and no open file of ours.
"""

import io
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

from tripupdates.photos import faces
from tripupdates.photos.boxes import Box
from tripupdates.photos.clean import clean
from tripupdates.photos.intake import TOO_MANY_PIXELS
from tripupdates.photos.renditions import Cleaned
from tripupdates.vocabulary import Refused, TooLarge

MOST_MEMORY = 1_500_000_000  # bytes of address space: 108 megapixels fit, a bomb does not
MOST_SECONDS = 20  # of processor time; it ends by SIGXCPU, so that its parent can tell why
MOST_WAITING = 60  # seconds by the clock, should its parent have died
FACES_AT = 1600  # the detector looks at the largest JPEG up to this edge


def main() -> None:
    """Read, clean, answer, look for faces, answer, end."""
    answer = _private_output()
    _limit()
    request = json.loads(sys.stdin.buffer.readline())
    upload = sys.stdin.buffer.read()
    try:
        crop = Box(*request["crop"]) if request["crop"] else None
        cleaned = clean(upload, crop, [Box(*cover) for cover in request["covers"]])
    except MemoryError:
        _say(answer, {"refused": TOO_MANY_PIXELS, "large": True})
        return
    except Refused as no:
        _say(answer, {"refused": no.title, "reasons": no.reasons, "large": isinstance(no, TooLarge)})
        return
    del upload
    _tell(answer, cleaned)
    if request["look"]:
        _say(answer, {"faces": [box.values for box in faces.find(_to_look_at(cleaned))]})


def _private_output() -> BinaryIO:
    """Standard output for our answer alone: whatever a library prints goes nowhere."""
    answer = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return answer


def _limit() -> None:
    """Memory, time, no new files, no core dump with somebody's photo in it; first to go where the machine has no more."""
    Path("/proc/self/oom_score_adj").write_text("1000")
    for what, most, hard in (
        (resource.RLIMIT_AS, MOST_MEMORY, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS, MOST_SECONDS + 2),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(what, (most, hard))
    signal.alarm(MOST_WAITING)


def _to_look_at(cleaned: Cleaned) -> bytes:
    fine = [each for each in cleaned.jpegs if max(each.width, each.height) <= FACES_AT]
    return (fine or list(cleaned.jpegs))[-1].data


def _tell(answer: BinaryIO, cleaned: Cleaned) -> None:
    """The renditions: their sizes, then their bytes one after the other."""
    sizes = [[each.width, each.height, each.format, len(each.data)] for each in cleaned.renditions]
    _say(answer, {"renditions": sizes, "removed": cleaned.removed})
    for each in cleaned.renditions:
        answer.write(each.data)
    answer.flush()


def _say(answer: io.BufferedIOBase | BinaryIO, values: dict[str, Any]) -> None:
    answer.write(json.dumps(values).encode() + b"\n")
    answer.flush()


if __name__ == "__main__":
    main()
