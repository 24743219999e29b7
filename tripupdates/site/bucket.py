"""Pages in an S3-compatible bucket. An object appears whole, so nothing is staged; a bucket has no folders."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tripupdates.buckets import Bucket, KeepsVersions
from tripupdates.channels.contract import NeedsPerson
from tripupdates.site.kinds import kind, packing
from tripupdates.site.target import (
    MARKER,
    OURS,
    Content,
    claim_by_marker,
    holds_when_read,
)

KEEPS = (
    "The bucket set for the pages would keep older versions of what is taken down, so nothing was written. "
    "Ask whoever set this up to take a bucket without versioning, and to let us ask whether it has any."
)


@dataclass(frozen=True)
class BucketTarget:
    """Satisfies `target.Target`."""

    bucket: Bucket

    def claim(self) -> None:
        """As the contract says. A bucket that keeps versions needs a person: what is withdrawn would stay in it."""
        try:
            self.bucket.check()
        except KeepsVersions as error:
            raise NeedsPerson(KEEPS) from error
        claim_by_marker(self._is_marked, self.bucket.is_empty, lambda: self.bucket.write(MARKER, OURS))

    def standing(self) -> dict[str, str]:
        """As the contract says; buckets tell the MD5, save some that encrypt with a key of the owner's."""
        return {path: each.md5 for path, each in self.bucket.listed().items() if path != MARKER}

    def read(self, path: str) -> bytes:
        """As the contract says."""
        return self.bucket.read(path)

    def holds(self, path: str, name: str) -> bool:
        """As the contract says."""
        return holds_when_read(self, path, name)

    def stage(self, path: str, content: Content) -> None:
        """Nothing to do: `put` is whole or not at all."""

    def put(self, path: str, content: Content) -> None:
        """One upload, with what a browser must know."""
        what = kind(path)
        self.bucket.write(path, content(), what.caching, what.mime, packing(path))

    def delete(self, paths: Sequence[str]) -> None:
        """As the contract says."""
        self.bucket.delete(paths)

    def settle(self, folders: Collection[str]) -> None:
        """Nothing to do: what a bucket has taken, it keeps."""

    def reach(self) -> None:
        """As the contract says."""
        self.bucket.reach()

    def _is_marked(self) -> bool:
        try:
            return bool(self.bucket.read(MARKER))
        except FileNotFoundError:
            return False
