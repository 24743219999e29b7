"""The inside of such a process: one line of JSON and an upload come in, lines of JSON and files go out.

It holds no key, no database and no open file of ours. A module that is run this way calls `answering` first.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from tripupdates.vocabulary import Refused, TooLarge

MOST_MEMORY = 1_500_000_000  # bytes of address space: 108 megapixels fit, a bomb does not


def answering(
    work: Callable[[BinaryIO, dict[str, Any], bytes], None], seconds: int, waiting: int, too_much: str
) -> None:
    """Read, let `work` answer with `say` and the files' bytes, end. A refusal is told in its own words.

    `seconds` are of processor time; it ends by SIGXCPU, so that its parent can tell why. `waiting` are by the clock,
    should its parent have died. `too_much` is the sentence where the memory does not suffice.
    """
    answer = _private_output()
    limit(seconds, waiting)
    request = json.loads(sys.stdin.buffer.readline())
    upload = sys.stdin.buffer.read()
    try:
        work(answer, request, upload)
    except MemoryError:
        say(answer, {"refused": too_much, "large": True})
    except Refused as no:
        say(answer, {"refused": no.title, "reasons": no.reasons, "large": isinstance(no, TooLarge)})
    answer.flush()


def say(answer: BinaryIO, values: dict[str, Any]) -> None:
    """One line."""
    answer.write(json.dumps(values).encode() + b"\n")
    answer.flush()


def limit(seconds: int, waiting: int) -> None:
    """Memory, time, no new files, no core dump with somebody's photo in it; first to go where the machine has no more."""
    Path("/proc/self/oom_score_adj").write_text("1000")
    for what, most, hard in (
        (resource.RLIMIT_AS, MOST_MEMORY, MOST_MEMORY),
        (resource.RLIMIT_CPU, seconds, seconds + 2),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(what, (most, hard))
    signal.alarm(waiting)


def _private_output() -> BinaryIO:
    """Standard output for our answer alone: whatever a library prints goes nowhere."""
    answer = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return answer
