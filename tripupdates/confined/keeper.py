"""The outside of such a process: it is started, heard to its end and ended; nothing that it says is believed."""

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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tripupdates.vocabulary import Busy, Refused, TooLarge

LONGEST_LINE = 65_536  # bytes of one line of an answer
LONGEST_SENTENCE = 300  # characters

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Work:
    """What is done in there: by which module, how many bytes it may answer; and what people are told where it fails."""

    module: str
    longest_answer: int
    busy: str
    damaged: str
    too_slow: str


def run(work: Work, request: dict[str, Any], upload: bytes, patience: float) -> bytes:
    """Everything that the process answered before it ended, however it ended. `patience`: seconds by the clock.

    Raises Busy where it takes longer, TooLarge where it took too much work, Refused where it says too much.
    """
    command = [sys.executable, "-m", work.module]
    # Nothing of our environment goes along but the way to the code: it holds the school's keys.
    environment = {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }
    with os.fdopen(os.memfd_create("upload"), "w+b") as file:  # in memory: an upload never touches a disk
        file.write(json.dumps(request).encode() + b"\n")
        file.write(upload)
        file.seek(0)
        with subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
        ) as process:
            try:
                answer = _heard(work, process, time.monotonic() + patience)
            finally:
                process.kill()
    if process.returncode:
        log.warning("%s ended with %d", work.module, process.returncode)
    if not answer and process.returncode in {-signal.SIGXCPU, -signal.SIGALRM}:
        raise TooLarge(work.too_slow)
    return answer


def _heard(work: Work, process: subprocess.Popen[bytes], until: float) -> bytes:
    """What it says before it ends; it may go on until that time of the clock, and for so many bytes.

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
            if len(answer) > work.longest_answer:
                raise Refused(work.damaged)
            if not piece:
                process.wait(max(0.0, until - time.monotonic()))
                return bytes(answer)
    except subprocess.TimeoutExpired:
        pass  # its own limits count work; by the clock it is the computer that has too much in hand
    raise Busy(work.busy)


@dataclass(frozen=True)
class Turns:
    """How many may be at it at once, and how many more may wait."""

    at_once: int
    in_line: int
    busy: str
    turns: threading.BoundedSemaphore = field(init=False)
    line: threading.BoundedSemaphore = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "turns", threading.BoundedSemaphore(self.at_once))
        object.__setattr__(self, "line", threading.BoundedSemaphore(self.in_line))

    @contextmanager
    def taken(self, longest_wait: float) -> Iterator[None]:
        """A turn, after at most so many seconds. Raises Busy where too many are in line, or it takes longer."""
        if not self.line.acquire(blocking=False):
            raise Busy(self.busy)
        try:
            if not self.turns.acquire(timeout=longest_wait):
                raise Busy(self.busy)
            try:
                yield
            finally:
                self.turns.release()
        finally:
            self.line.release()


# --- Reading an answer, believing none of it ---


def line_of(answer: io.BytesIO) -> dict[str, Any]:
    """The next line of the answer; empty where there is none, or none that is whole."""
    line = answer.readline(LONGEST_LINE)
    try:
        found = json.loads(line) if line.endswith(b"\n") else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def check_not_refused(first: dict[str, Any]) -> None:
    """Raise the refusal that the first line tells of. Raises KeyError, TypeError or ValueError where it is none of ours."""
    if "refused" in first:
        title, *reasons = map(_sentence, (first["refused"], *first.get("reasons", ())))
        raise (TooLarge if first.get("large") is True else Refused)(title, tuple(reasons))


def _sentence(said: object) -> str:
    """Words fit to be shown; ValueError for anything else."""
    if not isinstance(said, str) or not said.isprintable() or not 0 < len(said) <= LONGEST_SENTENCE:
        raise ValueError("no sentence")
    return said
