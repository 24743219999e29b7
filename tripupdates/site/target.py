"""What the pages are written to: a folder, a folder of another computer, or a bucket. `sync` decides, these obey."""

from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import sha256
from typing import Protocol

from tripupdates.channels.contract import NeedsPerson

MARKER = ".tripupdates"
OURS = b"Trip Updates keeps this folder: whatever else is put here is deleted.\n"
UNFINISHED = ".writing-"
NOT_OURS = (
    "The place set for the pages holds something that is not ours, so nothing was written. "
    "Ask whoever set this up to choose an empty folder."
)

Content = Callable[[], bytes]


class Target(Protocol):
    """A place for a tree of files that is ours and nobody else's; a marker in it says so.

    Paths are plain names joined by /, and a folder's ends with one. Every method raises OSError where the place cannot
    be had. One process at a time writes to it.
    """

    def claim(self) -> None:
        """Make the place ours, once. Raises NeedsPerson where it holds something else, or must not be used."""
        ...

    def standing(self) -> Mapping[str, str]:
        """Everything there but the marker, leaves first; {} where there is no such place yet.

        Each with what the place itself says of the bytes: their MD5 in hexadecimal; PLACED where only whole files
        take that name; or '', and then only reading tells.
        """
        ...

    def read(self, path: str) -> bytes:
        """The bytes of a plain file. Raises FileNotFoundError for anything else."""
        ...

    def holds(self, path: str, name: str) -> bool:
        """Whether a plain file with this SHA-256 stands there. Raises OSError where that cannot be said."""
        ...

    def stage(self, path: str, content: Content) -> None:
        """Bring the bytes near, where nobody sees them yet. A place that takes files whole need do nothing."""
        ...

    def put(self, path: str, content: Content) -> None:
        """Let what was staged appear at its place, whole, in the stead of what stood there."""
        ...

    def delete(self, paths: Sequence[str]) -> None:
        """Delete files, links, and folders that are empty by then; one that cannot go does not keep the rest.

        Raises the first OSError, when all the others are gone.
        """
        ...

    def settle(self, folders: Collection[str]) -> None:
        """Make sure that the names in these folders outlast a loss of power."""
        ...

    def reach(self) -> None:
        """Whether we may work here. Raises OSError where not."""
        ...


PLACED = "placed"


def delete_each(paths: Sequence[str], delete: Callable[[str], None]) -> None:
    """Delete one after the other. Raises the first OSError, when all that can go has gone."""
    stuck = []
    for path in paths:
        try:
            delete(path)
        except OSError as error:
            stuck.append(error)
    if stuck:
        raise stuck[0]


def claim_by_marker(
    stands: Callable[[], bool], is_empty: Callable[[], bool], mark: Callable[[], None]
) -> None:
    """Make a place ours by its marker. Raises NeedsPerson where it holds something that is not ours."""
    if stands():
        return
    if not is_empty():
        raise NeedsPerson(NOT_OURS)
    mark()


def is_named(data: bytes, name: str) -> bool:
    """Whether these are the bytes of this name: a SHA-256, and what comes after a point."""
    return sha256(data).hexdigest() == name.partition(".")[0]


def holds_when_read(target: Target, path: str, name: str) -> bool:
    """`Target.holds` by fetching it."""
    try:
        return is_named(target.read(path), name)
    except FileNotFoundError:
        return False
