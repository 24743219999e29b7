"""The log of withdrawals: what must stay away even after an older backup is restored. Ids only, a line each, never rewritten.

A line is on the disk before the commit that it is about. A commit that fails after it leaves a line too many, which a
restore reads as a no: it errs to the careful side.
"""

import errno
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tripupdates.vocabulary import Channel, Refused

NAME = "withdrawals.log"
LONGEST_LINES = 4096  # bytes at the end of the log among which a whole line ends


@dataclass(frozen=True)
class Withdrawal:
    """A parent's no for a pupil on a channel, an update that was taken down, or a link to the parents' form that was stopped.

    Or a number or address, by its hash, to which somebody wants no more messages.
    """

    pupil: uuid.UUID | None = None
    channel: Channel | None = None
    update: uuid.UUID | None = None
    link: uuid.UUID | None = None
    mark: str = ""


def keep(instance: Path, withdrawals: list[Withdrawal]) -> None:
    """Write these down for good. Raises OSError where the disk does not take all of it.

    The caller is the only writer of the school (`transaction`). What broke off before goes: nothing was committed for it.
    """
    lines = [_line(each) for each in withdrawals]
    if not lines:
        return
    data = "".join(lines).encode()
    handle = os.open(instance / NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        _drop_half_a_line(handle)
        if os.write(handle, data) < len(data):  # a disk that is nearly full takes a part, and says nothing
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(handle)
    finally:
        os.close(handle)


def _drop_half_a_line(handle: int) -> None:
    size = os.fstat(handle).st_size
    tail = os.pread(handle, LONGEST_LINES, max(0, size - LONGEST_LINES))
    half = len(tail) - (tail.rfind(b"\n") + 1)
    if half:
        os.ftruncate(handle, size - half)


def _line(each: Withdrawal) -> str:
    if each.update is not None:
        return json.dumps({"update": str(each.update)}) + "\n"
    if each.link is not None:
        return json.dumps({"link": str(each.link)}) + "\n"
    if each.mark:
        return json.dumps({"mark": each.mark}) + "\n"
    return json.dumps({"pupil": str(each.pupil), "channel": each.channel}) + "\n"


def read(path: Path) -> Iterator[Withdrawal]:
    """What a log says, in its order. Raises Refused for a line that cannot be read, save a last one that broke off."""
    lines = path.read_text("utf-8").split("\n")
    for number, line in enumerate(lines[:-1], 1):
        try:
            yield _withdrawal(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused(f"Line {number} of {path.name} cannot be read, so nothing was restored.") from error


def _withdrawal(said: dict[str, str]) -> Withdrawal:
    if "update" in said:
        return Withdrawal(update=uuid.UUID(said["update"]))
    if "link" in said:
        return Withdrawal(link=uuid.UUID(said["link"]))
    if "mark" in said:
        return Withdrawal(mark=bytes.fromhex(said["mark"]).hex())
    return Withdrawal(uuid.UUID(said["pupil"]), Channel(said["channel"]))
