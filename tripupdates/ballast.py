"""A file that only takes room, kept for the day on which the disk is full: then it goes, so that what must go still can.

On a full disk even a removal cannot be ordered, for it is rows (facts: a DELETE fails, unlinking works). Withdrawing
consent, taking down and the worker's removals give up the ballast; nothing else may.
"""

import logging
import os
import shutil
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from tripupdates.house import House
from tripupdates.keeping import FULL, why_not

SIZE = 16 * 1024 * 1024  # some thousand removals
NAME = "ballast"

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)


def keep(instance: Path) -> bool:
    """Have the ballast, where the disk has room for it eight times over. False where there is none now."""
    place = instance / NAME
    if place.exists():
        return True
    if shutil.disk_usage(instance).free < 8 * SIZE:
        return False
    unfinished = place.with_suffix(".unfinished")
    try:
        with unfinished.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, SIZE)  # real blocks, which a hole would not have
        unfinished.replace(place)
    except OSError:  # somebody else was quicker with what was free
        unfinished.unlink(missing_ok=True)
        raise
    return True


def drop(instance: Path) -> bool:
    """Make room. False where there was no ballast any more."""
    try:
        (instance / NAME).unlink()
    except FileNotFoundError:
        return False
    log.warning("the disk is full: the ballast went, so that what must go has room")
    return True


def makes_room(step: Callable[Concatenate[House, P], R]) -> Callable[Concatenate[House, P], R]:
    """A step that takes things back: on a full disk it is tried once more without the ballast. All of it is one commit."""

    @wraps(step)
    def tried(house: House, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return step(house, *args, **kwargs)
        except Exception as error:
            if why_not(error) != FULL or not drop(house.settings.instance):
                raise
        return step(house, *args, **kwargs)

    return tried
