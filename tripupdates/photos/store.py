"""Where cleaned renditions and documents lie: files named after the SHA-256 of their bytes, and nothing else.

In a folder, or in an S3-compatible bucket where a school has several machines. A name that is there is whole, for a
file appears under its name only when its bytes are kept. Uploads never come here (law 5): callers pass what `clean` made.
"""

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol

from tripupdates.buckets import Bucket

_NAME = re.compile(r"[0-9a-f]{64}\.(?:jpg|avif|pdf)")
_UNFINISHED = ".unfinished"


class PhotoStore(Protocol):
    """What the steps know of it.

    A name is 64 lower-case hexadecimal digits and ".jpg", ".avif" or ".pdf"; every method raises ValueError for any other, so
    that no name can lead elsewhere, and OSError where the store cannot be had.
    """

    def put(self, name: str, data: bytes) -> None:
        """Keep `data` for good before returning; harmless when it is there already, which is then young again.

        Raises ValueError where `name` is not the hash of `data`, OSError where there is no room for it.
        """
        ...

    def read(self, name: str) -> bytes:
        """The bytes of `name`. Raises FileNotFoundError where it is not, or no longer, here."""
        ...

    def exists(self, name: str) -> bool:
        """Whether `name` is here."""
        ...

    def remove(self, name: str) -> None:
        """Make `name` gone, for good before returning; harmless when it is gone already."""
        ...

    def names(self) -> set[str]:
        """Every rendition that is here."""
        ...

    def strays(self, keep: Collection[str], older_than: datetime) -> set[str]:
        """The names of files that `keep` lacks, or that are unfinished, if written before `older_than`.

        `older_than` must know its time zone (else ValueError), and lie far enough back that no upload is
        still waiting for its record to be committed.
        """
        ...

    def sweep(self, keep: Collection[str], older_than: datetime) -> set[str]:
        """Remove `strays`; tell their names."""
        ...

    def reach(self) -> None:
        """Whether we may work here. Raises OSError where not."""
        ...


@dataclass(frozen=True)
class FolderStore:
    """Renditions below `root`, spread over folders by the first two digits of their names. Satisfies `PhotoStore`."""

    root: Path

    def path(self, name: str) -> Path:
        """Where `name` lies, or would lie."""
        return self.root / _path(name)

    def put(self, name: str, data: bytes) -> None:
        """As the contract says."""
        path = self.path(name)
        _check(name, data)
        try:
            os.utime(path)  # it is there: young again, so that a sweep leaves it alone
        except FileNotFoundError:
            _write(path, data)

    def read(self, name: str) -> bytes:
        """As the contract says."""
        return self.path(name).read_bytes()

    def exists(self, name: str) -> bool:
        """As the contract says."""
        return self.path(name).is_file()

    def remove(self, name: str) -> None:
        """As the contract says."""
        path = self.path(name)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            _settle(path.parent)

    def names(self) -> set[str]:
        """As the contract says."""
        return {path.name for path in self._files() if _NAME.fullmatch(path.name)}

    def strays(self, keep: Collection[str], older_than: datetime) -> set[str]:
        """As the contract says."""
        _check_zone(older_than)
        kept = frozenset(keep)
        return {path.name for path in self._files() if _is_stray(path, kept, older_than.timestamp())}

    def sweep(self, keep: Collection[str], older_than: datetime) -> set[str]:
        """As the contract says."""
        swept = self.strays(keep, older_than)
        for path in self._files():
            if path.name in swept:
                path.unlink(missing_ok=True)
        return swept

    def reach(self) -> None:
        """It may not be made yet; then the nearest folder above it must let us."""
        there = next(each for each in (self.root, *self.root.parents) if each.exists())
        if not (there.is_dir() and os.access(there, os.R_OK | os.W_OK | os.X_OK)):
            raise PermissionError("closed to us")

    def _files(self) -> Iterator[Path]:
        """A list made before anything is touched, of the folders that are ours."""
        return iter(sorted(self.root.glob("[0-9a-f][0-9a-f]/*")))


@dataclass(frozen=True)
class BucketStore:
    """Renditions in a bucket, named as in a folder. Satisfies `PhotoStore`. An object is whole, so none is unfinished."""

    bucket: Bucket

    def put(self, name: str, data: bytes) -> None:
        """As the contract says; written anew each time, which makes it young."""
        _check(name, data)
        self.bucket.write(_path(name), data)

    def read(self, name: str) -> bytes:
        """As the contract says."""
        return self.bucket.read(_path(name))

    def exists(self, name: str) -> bool:
        """As the contract says."""
        return self.bucket.has(_path(name))

    def remove(self, name: str) -> None:
        """As the contract says."""
        self.bucket.delete([_path(name)])

    def names(self) -> set[str]:
        """As the contract says."""
        return set(self._here())

    def strays(self, keep: Collection[str], older_than: datetime) -> set[str]:
        """As the contract says."""
        _check_zone(older_than)
        kept = frozenset(keep)
        return {name for name, written in self._here().items() if name not in kept and written < older_than}

    def sweep(self, keep: Collection[str], older_than: datetime) -> set[str]:
        """As the contract says."""
        swept = self.strays(keep, older_than)
        self.bucket.delete([_path(name) for name in sorted(swept)])
        return swept

    def reach(self) -> None:
        """As the contract says."""
        self.bucket.reach()

    def _here(self) -> dict[str, datetime]:
        """The names, and when each was written; whatever is not named as ours is left alone."""
        found = ((path.rpartition("/")[2], each.written) for path, each in self.bucket.listed().items())
        return {name: written for name, written in found if _NAME.fullmatch(name)}


def _path(name: str) -> str:
    """Where a rendition lies below the store's root."""
    if not _NAME.fullmatch(name):
        raise ValueError("a rendition is named by 64 hexadecimal digits and .jpg, .avif or .pdf")
    return f"{name[:2]}/{name}"


def _check(name: str, data: bytes) -> None:
    if sha256(data).hexdigest() != name.partition(".")[0]:
        raise ValueError("the name is not the hash of the data")


def _check_zone(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError("older_than needs a time zone")


def _is_stray(path: Path, kept: frozenset[str], before: float) -> bool:
    ours = _NAME.fullmatch(path.name) or path.name.endswith(_UNFINISHED)
    try:
        return bool(ours) and path.name not in kept and path.stat().st_mtime < before
    except FileNotFoundError:
        return False  # it went meanwhile


def _write(path: Path, data: bytes) -> None:
    """Write beside `path`, force it to the disk, then rename: a crash leaves the whole file or none."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        _settle(path.parent.parent)
    with NamedTemporaryFile(dir=path.parent, suffix=_UNFINISHED, delete=False) as file:
        unfinished = Path(file.name)
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Force a folder's list of names to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
