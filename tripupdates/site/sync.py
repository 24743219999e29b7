"""From a tree to a place, writing only the difference, so that a reader never meets half a file.

The place is ours and nobody else's: a marker says so, and without it a place that holds something is left alone.
Everything new is first brought near; only when all of it is there does it appear, file by file: photos and PDFs, styles,
pages, what leads to them, and the index last. What is not wanted any more goes after that, pages before what they show.
So a full disk changes nothing that anyone sees, and wherever a run is cut, no page, packed or plain, shows or leads to
what is not there. In a takedown what must go goes before anything else, and its photos first of all.

One process at a time writes to a place; the outbox sees to that with a lock for each channel.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import md5
from pathlib import PurePosixPath

from tripupdates.channels.contract import NeedsPerson, OutcomeUnknown, Tree
from tripupdates.site.kinds import unpacked
from tripupdates.site.target import UNFINISHED, Target, is_named

PHOTO_LOST = (
    "A photo that the pages need is missing from the photo store, or damaged. "
    "Ask whoever looks after the computer to bring it back from a backup, then try again."
)
HALF_WAY = "The pages were only partly written. We look at them again at once."

# What stands in a tree: plain names without a leading dot, so no path leads outside or meets our own two kinds.
_PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*")
_LAST = "index.html"
_SHOWN = {".jpg", ".avif", ".pdf"}
_RANKS = dict.fromkeys((".css", ".js", ".svg", ".png"), 0) | dict.fromkeys((".xml", ".json", ".txt"), 2)

Told = Callable[[int, int], None]


def _nobody(done: int, total: int) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class Difference:
    """Paths that were written and paths that were deleted (a folder ends with /), each in the order of the work."""

    written: tuple[str, ...]
    deleted: tuple[str, ...]


def sync(tree: Tree, target: Target, removing: bool = False, told: Told = _nobody) -> Difference:
    """Make the place hold exactly the tree. `removing`: what must go goes first, for a takedown cannot wait.

    `told` hears again and again how many steps of how many are done: a file that is new is brought near, and then appears.

    A run that is cut at any point is finished by the next. Raises NeedsPerson where the place is somebody else's or
    a photo is lost, ValueError for a path that could lead outside, and OSError where the place cannot be written:
    then no page has changed, or, with `removing`, whatever could go has gone. Once the first new page may stand there,
    OutcomeUnknown takes the place of OSError.
    """
    files, folders = _expected(tree)
    target.claim()
    there, wanted = target.standing(), files | folders
    strays = sorted((path for path in there if path not in wanted), key=_shown_first)
    photos, pages = sorted(tree.photos), sorted(tree.pages, key=_order)
    work = _Work(tree, target, there, _Count(told, 0, len(strays)))
    if removing:
        try:
            work.delete(strays)
        finally:  # a file that cannot be deleted must not keep a page from being rewritten
            written = work.put(work.stage(pages))
        written += work.put(work.stage(photos))
        target.settle(folders)
        return Difference(tuple(written), tuple(strays))
    first = [path for path in strays if _in_the_way(path, files, folders)]
    last = sorted((path for path in strays if path not in first), key=_shown_last)
    work.delete(first)
    staged = work.stage([*photos, *pages])
    try:
        written = work.put(staged)
        work.delete(last)
        target.settle(folders)
    except OSError as error:
        raise OutcomeUnknown(HALF_WAY) from error
    return Difference(tuple(written), (*first, *last))


@dataclass
class _Count:
    """How much of the work is done, for whoever wants to hear it."""

    told: Told
    done: int
    total: int

    def more(self, files: int) -> None:
        """There is more to do than was known."""
        self.total += files
        self.told(self.done, self.total)

    def tick(self) -> None:
        """Something is done."""
        self.done += 1
        self.told(self.done, self.total)


@dataclass(frozen=True)
class _Work:
    """One run: the tree, the place, and what stood there when it began."""

    tree: Tree
    target: Target
    there: Mapping[str, str]
    count: _Count

    def stage(self, paths: Sequence[str]) -> list[str]:
        """Bring near what differs; where that fails, nothing of it is left. Returns the paths."""
        missing = [path for path in paths if not _stands(self.tree, self.target, self.there, path)]
        before = set(self.target.standing())
        self.count.more(2 * len(missing))
        try:
            for path in missing:
                self.target.stage(path, partial(_content, self.tree, path))
                self.count.tick()
        except (OSError, NeedsPerson):
            self.target.delete([path for path in self.target.standing() if path not in before])
            raise
        return missing

    def put(self, staged: list[str]) -> list[str]:
        """Let what was staged appear, one file after the other."""
        for path in staged:
            self.target.put(path, partial(_content, self.tree, path))
            self.count.tick()
        return staged

    def delete(self, paths: Sequence[str]) -> None:
        """Delete what is too many, and count it."""
        self.target.delete(paths)
        for _ in paths:
            self.count.tick()


def differences(tree: Tree, target: Target) -> tuple[str, ...]:
    """Look at all of it again: what is missing, different or too many. Empty: exactly the tree stands.

    Raises OSError where it cannot be read.
    """
    files, folders = _expected(tree)
    there = target.standing()
    wrong = set(there) - files - folders
    wrong |= {path for path in files if not _stands(tree, target, there, path)}
    return tuple(sorted(wrong))


def leftovers(tree: Tree, target: Target) -> tuple[str, ...]:
    """The files that stand there and are not of the tree. Raises OSError where the place cannot be read."""
    expected, _ = _expected(tree)
    return tuple(path for path in target.standing() if not path.endswith("/") and path not in expected)


def _expected(tree: Tree) -> tuple[frozenset[str], frozenset[str]]:
    """The files of the tree, and the folders that hold them, each with a / at its end."""
    files = frozenset(tree.pages) | frozenset(tree.photos)
    folders: set[str] = set()
    for path in files:
        if not _PATH.fullmatch(path):
            raise ValueError("a path that does not stay in the tree")
        folders |= {f"{folder}/" for folder in PurePosixPath(path).parents}
    return files, frozenset(folders - {"./"})


def _in_the_way(path: str, files: frozenset[str], folders: frozenset[str]) -> bool:
    """Whether a stray keeps the tree from being written: left half-written, or a file where a folder must be."""
    place = PurePosixPath(path)
    left_over = f"/{UNFINISHED}" in f"/{path}"
    return left_over or f"{place}/" in folders or not files.isdisjoint(map(str, (place, *place.parents)))


def _order(path: str) -> tuple[int, int, bool, str]:
    """Style sheets and icons, pages from the deepest up, feeds, and the index last, each beside its packed forms."""
    plain = PurePosixPath(unpacked(path))
    if str(plain) == _LAST:
        return 3, 0, True, path
    return _RANKS.get(plain.suffix, 1), -len(plain.parts), plain.name == _LAST, path


def _shown_first(path: str) -> int:
    """Photos and PDFs, then other files, then folders; each kind in the order it has, which is leaves first."""
    return 2 if path.endswith("/") else PurePosixPath(path).suffix not in _SHOWN


def _shown_last(path: str) -> int:
    """Pages, then styles and icons, then photos and PDFs, then folders."""
    kind = PurePosixPath(unpacked(path)).suffix
    return 3 if path.endswith("/") else 2 if kind in _SHOWN else _RANKS.get(kind) == 0


def _stands(tree: Tree, target: Target, there: Mapping[str, str], path: str) -> bool:
    """Whether the right bytes stand there, as a plain file. A photo is named after its bytes, and only whole ones appear."""
    mark = there.get(path)
    if mark is None:
        return False
    if mark:
        return path in tree.photos or mark == md5(tree.pages[path], usedforsecurity=False).hexdigest()
    if path in tree.photos:
        return target.holds(path, tree.photos[path])
    try:
        return target.read(path) == tree.pages[path]
    except FileNotFoundError:
        return False


def _content(tree: Tree, path: str) -> bytes:
    if path in tree.pages:
        return tree.pages[path]
    try:
        data = tree.read(tree.photos[path])
    except FileNotFoundError as error:
        raise NeedsPerson(PHOTO_LOST) from error
    if not is_named(data, tree.photos[path]):
        raise NeedsPerson(PHOTO_LOST)
    return data
