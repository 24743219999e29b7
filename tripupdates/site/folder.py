"""Pages in a folder of this computer: written beside their place, forced to the disk, and then renamed."""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tripupdates.channels.contract import NeedsPerson
from tripupdates.site import seen
from tripupdates.site.target import (
    MARKER,
    NOT_OURS,
    OURS,
    UNFINISHED,
    Content,
    claim_by_marker,
    delete_each,
    is_named,
)


@dataclass(frozen=True)
class Folder:
    """Satisfies `target.Target`. Links are never followed."""

    root: Path

    def claim(self) -> None:
        """As the contract says; the folder is made where there is none."""
        claim_by_marker((self.root / MARKER).is_file, self._is_empty, self._mark)

    def standing(self) -> dict[str, str]:
        """As the contract says; a folder never knows bytes without reading them."""
        return dict.fromkeys(_standing(self.root, ""), "") if self.root.is_dir() else {}

    def read(self, path: str) -> bytes:
        """As the contract says."""
        place = self.root / path
        if place.is_symlink() or not place.is_file():
            raise FileNotFoundError(path)
        return place.read_bytes()

    def holds(self, path: str, name: str) -> bool:
        """As the contract says. A photo is read once; after that it counts while nobody has touched it."""
        try:
            return seen.holds(self.root / path, name, lambda: is_named(self.read(path), name))
        except FileNotFoundError:
            return False

    def stage(self, path: str, content: Content) -> None:
        """Write it beside its place, and wait until it is on the disk."""
        _write(_beside(self.root / path), content())

    def put(self, path: str, content: Content) -> None:
        """One rename."""
        place = self.root / path
        _beside(place).replace(place)
        _settle(place.parent)

    def delete(self, paths: Sequence[str]) -> None:
        """As the contract says."""
        delete_each(paths, self._delete)

    def settle(self, folders: Collection[str]) -> None:
        """For a run that was killed before may have left names that never reached the disk."""
        for folder in ("", *folders):
            _settle(self.root / folder)

    def reach(self) -> None:
        """It may not be made yet; then the nearest folder above it must let us."""
        there = next(each for each in (self.root, *self.root.parents) if each.exists())
        if not (there.is_dir() and os.access(there, os.R_OK | os.W_OK | os.X_OK)):
            raise PermissionError("closed to us")

    def _is_empty(self) -> bool:
        if self.root.exists() and not self.root.is_dir():
            raise NeedsPerson(NOT_OURS)
        _make_folder(self.root)
        # A run that was killed while it wrote the marker has left the beginning of one.
        return not set(self.root.iterdir()) - {_beside(self.root / MARKER)}

    def _mark(self) -> None:
        self.stage(MARKER, lambda: OURS)
        self.put(MARKER, lambda: OURS)

    def _delete(self, path: str) -> None:
        place = self.root / path
        if path.endswith("/"):
            place.rmdir()
        else:
            place.unlink(missing_ok=True)
        _settle(place.parent)


def _standing(root: Path, folder: str) -> Iterator[str]:
    """Everything below `root`, leaves first."""
    for place in sorted((root / folder).iterdir()):
        path = folder + place.name
        if place.is_dir() and not place.is_symlink():
            yield from _standing(root, f"{path}/")
            yield f"{path}/"
        elif path != MARKER:
            yield path


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir()
        _settle(folder.parent)


def _write(place: Path, data: bytes) -> None:
    _make_folder(place.parent)
    with place.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _beside(place: Path) -> Path:
    return place.with_name(UNFINISHED + place.name)


def _settle(folder: Path) -> None:
    """Force a folder's list of names to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
