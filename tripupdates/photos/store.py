"""Where cleaned renditions lie: files named after the SHA-256 of their bytes, and nothing else.

A name that is there is whole, for a file appears under its name only when its bytes are on the disk.
Uploads never come here (law 5): callers pass what `clean` made.
"""

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

_NAME = re.compile(r"[0-9a-f]{64}\.(?:jpg|avif)")
_UNFINISHED = ".unfinished"


@dataclass(frozen=True)
class PhotoStore:
    """Renditions below `root`, spread over folders by the first two digits of their names.

    A name is 64 lower-case hexadecimal digits and ".jpg" or ".avif"; every method raises ValueError for any other, so
    that no name can lead out of `root`.
    """

    root: Path

    def path(self, name: str) -> Path:
        """Where `name` lies, or would lie."""
        if not _NAME.fullmatch(name):
            raise ValueError("a rendition is named by 64 hexadecimal digits and .jpg or .avif")
        return self.root / name[:2] / name

    def put(self, name: str, data: bytes) -> None:
        """Keep `data` for good before returning; harmless when it is there already.

        Raises ValueError where `name` is not the hash of `data`, OSError where the disk does not take it.
        """
        path = self.path(name)
        if sha256(data).hexdigest() != path.stem:
            raise ValueError("the name is not the hash of the data")
        try:
            os.utime(path)  # it is there: young again, so that a sweep leaves it alone
        except FileNotFoundError:
            _write(path, data)

    def read(self, name: str) -> bytes:
        """The bytes of `name`. Raises FileNotFoundError where it is not, or no longer, here."""
        return self.path(name).read_bytes()

    def exists(self, name: str) -> bool:
        """Whether `name` is here."""
        return self.path(name).is_file()

    def remove(self, name: str) -> None:
        """Make `name` gone, for good before returning; harmless when it is gone already."""
        path = self.path(name)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            _settle(path.parent)

    def names(self) -> set[str]:
        """Every rendition that is here."""
        return {path.name for path in self._files() if _NAME.fullmatch(path.name)}

    def strays(self, keep: Collection[str], older_than: datetime) -> set[str]:
        """The names of files that `keep` lacks, or that are unfinished, if written before `older_than`.

        `older_than` must know its time zone (else ValueError), and lie far enough back that no upload is
        still waiting for its record to be committed.
        """
        if older_than.tzinfo is None:
            raise ValueError("older_than needs a time zone")
        kept = frozenset(keep)
        return {path.name for path in self._files() if _is_stray(path, kept, older_than.timestamp())}

    def sweep(self, keep: Collection[str], older_than: datetime) -> set[str]:
        """Remove `strays`; tell their names."""
        swept = self.strays(keep, older_than)
        for path in self._files():
            if path.name in swept:
                path.unlink(missing_ok=True)
        return swept

    def _files(self) -> Iterator[Path]:
        """A list made before anything is touched, of the folders that are ours."""
        return iter(sorted(self.root.glob("[0-9a-f][0-9a-f]/*")))


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
