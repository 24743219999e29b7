"""From a tree to a folder, writing only the difference, so that a reader never meets half a file.

The folder is ours and nobody else's: a marker file says so, and without it a folder that holds something is left
alone. Everything new is first written beside its place and forced to the disk; only when all of it is there do the
renames follow. So a full disk changes nothing that anyone sees, and a page never shows a photo that has not come
yet. What must go in a takedown goes before anything else.

One process at a time writes to a folder; the outbox sees to that with a lock for each channel.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

from tripupdates.channels.contract import NeedsPerson, OutcomeUnknown, Tree
from tripupdates.site import seen

MARKER = ".tripupdates"
OURS = b"Trip Updates keeps this folder: whatever else is put here is deleted.\n"
UNFINISHED = ".writing-"
NOT_OURS = (
    "The place set for the pages holds something that is not ours, so nothing was written. "
    "Ask whoever set this up to choose an empty folder."
)
PHOTO_LOST = (
    "A photo that the pages need is missing from the photo store, or damaged. "
    "Ask whoever looks after the computer to bring it back from a backup, then try again."
)
HALF_WAY = "The pages were only partly written. We look at them again at once."

# What stands in a tree: plain names without a leading dot, so no path leads outside or meets our own two kinds.
_PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*")
_LAST = "index.html"
_RANKS = {".css": 0, ".html": 1, ".xml": 2}


@dataclass(frozen=True)
class Difference:
    """Paths that were written and paths that were deleted (a folder ends with /), each in the order of the work."""

    written: tuple[str, ...]
    deleted: tuple[str, ...]


def sync(tree: Tree, target: Path, removing: bool = False) -> Difference:
    """Make the folder hold exactly the tree. `removing`: what must go goes first, for a takedown cannot wait.

    A run that is cut at any point is finished by the next. Raises NeedsPerson where the folder is somebody else's or
    a photo is lost, ValueError for a path that could lead outside, and OSError where the folder cannot be written:
    then no page has changed, or, with `removing`, whatever could go has gone. Once the first new page stands there,
    OutcomeUnknown takes the place of OSError.
    """
    files, folders = _expected(tree)
    _make_ours(target)
    wanted = files | folders
    strays = [path for path in _standing(target) if path not in wanted]
    photos, pages = list(tree.photos), sorted(tree.pages, key=_order)
    if removing:
        try:
            _delete(target, strays)
        finally:  # a file that cannot be deleted must not keep a page from being rewritten
            written = _put(target, _stage(tree, target, pages))
        written += _put(target, _stage(tree, target, photos))
        _settle_all(target, folders)
        return Difference(tuple(written), tuple(strays))
    first = [path for path in strays if _in_the_way(path, files, folders)]
    last = [path for path in strays if path not in first]
    _delete(target, first)
    staged = _stage(tree, target, [*photos, *pages])
    try:
        written = _put(target, staged)
        _delete(target, last)
        _settle_all(target, folders)
    except OSError as error:
        raise OutcomeUnknown(HALF_WAY) from error
    return Difference(tuple(written), (*first, *last))


def differences(tree: Tree, target: Path) -> tuple[str, ...]:
    """Look at all of it again: what is missing, different or too many. Empty: exactly the tree stands.

    Every byte is read, save of photos that were read before and that nobody has touched since.

    Raises OSError where it cannot be read.
    """
    files, folders = _expected(tree)
    standing = set(_standing(target)) if target.is_dir() else set()
    wrong = standing - files - folders
    wrong |= {path for path in files if not _stands(tree, target, path)}
    return tuple(sorted(wrong))


def leftovers(tree: Tree, target: Path) -> tuple[str, ...]:
    """The files that stand there and are not of the tree. Raises OSError where the folder cannot be read."""
    standing = _standing(target) if target.is_dir() else ()
    expected, _ = _expected(tree)
    return tuple(path for path in standing if not path.endswith("/") and path not in expected)


def _expected(tree: Tree) -> tuple[frozenset[str], frozenset[str]]:
    """The files of the tree, and the folders that hold them, each with a / at its end."""
    files = frozenset(tree.pages) | frozenset(tree.photos)
    folders: set[str] = set()
    for path in files:
        if not _PATH.fullmatch(path):
            raise ValueError("a path that does not stay in the tree")
        folders |= {f"{folder}/" for folder in PurePosixPath(path).parents}
    return files, frozenset(folders - {"./"})


def _make_ours(target: Path) -> None:
    if (target / MARKER).is_file():
        return
    if target.exists() and not target.is_dir():
        raise NeedsPerson(NOT_OURS)
    _make_folder(target)
    # A run that was killed while it wrote the marker has left the beginning of one.
    if set(target.iterdir()) - {_beside(target / MARKER)}:
        raise NeedsPerson(NOT_OURS)
    _write(
        _beside(target / MARKER), b"Trip Updates keeps this folder: whatever else is put here is deleted.\n"
    )
    _put(target, [MARKER])


def _standing(target: Path, folder: str = "") -> Iterator[str]:
    """Everything below `target`, leaves first; a folder ends with /. Links are not followed."""
    for place in sorted((target / folder).iterdir()):
        path = folder + place.name
        if place.is_dir() and not place.is_symlink():
            yield from _standing(target, f"{path}/")
            yield f"{path}/"
        elif path != MARKER:
            yield path


def _in_the_way(path: str, files: frozenset[str], folders: frozenset[str]) -> bool:
    """Whether a stray keeps the tree from being written: left half-written, or a file where a folder must be."""
    place = PurePosixPath(path)
    left_over = f"/{UNFINISHED}" in f"/{path}"
    return left_over or f"{place}/" in folders or not files.isdisjoint(map(str, (place, *place.parents)))


def _order(path: str) -> tuple[int, str]:
    """Style sheets, pages, feeds, and the index last, so that it never leads to what is not there yet."""
    return (3 if path == _LAST else _RANKS.get(PurePosixPath(path).suffix, 1), path)


def _stage(tree: Tree, target: Path, paths: Sequence[str]) -> list[str]:
    """Write what differs, each file beside its place; where that fails, nothing of it is left. Returns the paths."""
    before = set(_standing(target))
    missing = [path for path in paths if not _stands(tree, target, path)]
    try:
        for path in missing:
            _write(_beside(target / path), _content(tree, path))
    except (OSError, NeedsPerson):
        _delete(target, [path for path in _standing(target) if path not in before])
        raise
    return missing


def _put(target: Path, staged: list[str]) -> list[str]:
    """Move what was staged to its place, one rename after the other."""
    for path in staged:
        place = target / path
        _beside(place).replace(place)
        _settle(place.parent)
    return staged


def _stands(tree: Tree, target: Path, path: str) -> bool:
    """Whether the right bytes stand there, as a plain file. A photo is named after its bytes."""
    place = target / path
    if place.is_symlink() or not place.is_file():
        return False
    if path in tree.photos:
        name = tree.photos[path]
        return seen.holds(place, name, lambda: _is_photo(place.read_bytes(), name))
    return place.read_bytes() == tree.pages[path]


def _content(tree: Tree, path: str) -> bytes:
    if path in tree.pages:
        return tree.pages[path]
    try:
        data = tree.read(tree.photos[path])
    except FileNotFoundError as error:
        raise NeedsPerson(PHOTO_LOST) from error
    if not _is_photo(data, tree.photos[path]):
        raise NeedsPerson(PHOTO_LOST)
    return data


def _is_photo(data: bytes, name: str) -> bool:
    """Whether these are the bytes of this name: a hash and what comes after the point."""
    return sha256(data).hexdigest() == name.partition(".")[0]


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir()
        _settle(folder.parent)


def _write(place: Path, data: bytes) -> None:
    """Write a file, and wait until it is on the disk."""
    _make_folder(place.parent)
    with place.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _beside(place: Path) -> Path:
    return place.with_name(UNFINISHED + place.name)


def _delete(target: Path, paths: Sequence[str]) -> None:
    """Delete files, links, and folders that are empty by then. One that cannot go does not keep the rest.

    Raises the first OSError, when all the others are gone.
    """
    stuck = []
    for path in paths:
        place = target / path
        try:
            if path.endswith("/"):
                place.rmdir()
            else:
                place.unlink(missing_ok=True)
            _settle(place.parent)
        except OSError as error:
            stuck.append(error)
    if stuck:
        raise stuck[0]


def _settle(folder: Path) -> None:
    """Force a folder's list of names to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _settle_all(target: Path, folders: Iterable[str]) -> None:
    """At the end of a run, for one that was killed before may have left names that never reached the disk."""
    for folder in ("", *folders):
        _settle(target / folder)
