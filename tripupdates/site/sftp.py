"""Pages in a folder of another computer: written beside their place over SFTP, and renamed as POSIX renames.

A file that has its name was written whole, for the rename comes last. A connection serves one thread and is made anew
when it was lost; whose key the other computer shows must be known beforehand. A page that was read once is known while
its length and times there stay as they were, so that one more update need not fetch the whole site.
"""

import errno
import logging
import re
import stat
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tripupdates.site.sftp_url import SftpAddress
from tripupdates.site.target import (
    MARKER,
    OURS,
    PLACED,
    UNFINISHED,
    Content,
    claim_by_marker,
    delete_each,
    holds_when_read,
)

if TYPE_CHECKING:
    from paramiko import SFTPAttributes, SFTPClient

Mark = tuple[int | None, int | None, int | None]

TIMEOUT = 20.0  # seconds for any answer
# Photos and PDFs: named by their bytes, or by such names.
_HASHED = re.compile(r"(?:[0-9a-f]{64}|[0-9a-f]{16}-\d+)\.(?:jpg|avif)|[a-z0-9-]*[0-9a-f]{16}\.pdf")


@dataclass(frozen=True)
class Sftp:
    """Satisfies `target.Target`. Links are never followed, save by the other computer above our folder."""

    address: SftpAddress
    _known: dict[str, tuple[Mark, str]] = field(default_factory=dict, compare=False, repr=False)
    _own: threading.local = field(default_factory=threading.local, compare=False, repr=False)

    def claim(self) -> None:
        """As the contract says; the folder is made where there is none."""
        claim_by_marker(self._is_marked, self._is_empty, self._mark)

    def standing(self) -> dict[str, str]:
        """As the contract says: photos are named by their bytes, and what was read before is known by its marks."""
        with self._speaking() as sftp:
            if not _is_folder(sftp, self.address.folder):
                return {}
            found = dict(self._below(sftp, ""))
        return {path: self._said(path, mark) for path, mark in found.items() if path != MARKER}

    def read(self, path: str) -> bytes:
        """As the contract says."""
        with self._speaking() as sftp:
            before = sftp.lstat(self._place(path))  # a change while it is read shows the next time
            if not stat.S_ISREG(before.st_mode or 0):
                raise FileNotFoundError(path)
            with sftp.open(self._place(path), "rb") as file:
                file.prefetch()
                data = bytes(file.read())
        self._known[path] = _mark(before), md5(data, usedforsecurity=False).hexdigest()
        return data

    def holds(self, path: str, name: str) -> bool:
        """As the contract says."""
        return holds_when_read(self, path, name)

    def stage(self, path: str, content: Content) -> None:
        """Upload it beside its place; the other computer says how much arrived."""
        data = content()
        with self._speaking() as sftp:
            self._make_folder(sftp, PurePosixPath(self._place(path)).parent)
            with sftp.open(self._beside(path), "wb") as file:
                file.set_pipelined(True)
                file.write(data)
            if sftp.lstat(self._beside(path)).st_size != len(data):
                raise OSError(errno.EIO, "not all of a file arrived")

    def put(self, path: str, content: Content) -> None:
        """One rename, which takes the place of what stood there."""
        self._known.pop(path, None)
        with self._speaking() as sftp:
            sftp.posix_rename(self._beside(path), self._place(path))

    def delete(self, paths: Sequence[str]) -> None:
        """As the contract says."""
        delete_each(paths, self._delete)

    def settle(self, folders: Collection[str]) -> None:
        """Nothing we could do: SFTP has no word for it. The next look finds what a loss of power there undid."""

    def reach(self) -> None:
        """It may not be made yet; then the nearest folder above it must let us look."""
        folder = PurePosixPath(self.address.folder)
        with self._speaking() as sftp:
            there = next(each for each in (folder, *folder.parents) if _is_folder(sftp, str(each)))
            sftp.listdir(str(there))

    def hang_up(self) -> None:
        """Close this thread's connection."""
        sftp, self._own.sftp = getattr(self._own, "sftp", None), None
        if sftp is not None:
            sftp.client.close()

    def _is_marked(self) -> bool:
        with self._speaking() as sftp:
            try:
                return stat.S_ISREG(sftp.lstat(self._place(MARKER)).st_mode or 0)
            except FileNotFoundError:
                return False

    def _is_empty(self) -> bool:
        with self._speaking() as sftp:
            self._make_folder(sftp, PurePosixPath(self.address.folder))
            # A run that was cut while it wrote the marker has left the beginning of one.
            return not set(sftp.listdir(self.address.folder)) - {UNFINISHED + MARKER}

    def _mark(self) -> None:
        self.stage(MARKER, lambda: OURS)
        self.put(MARKER, lambda: OURS)

    def _delete(self, path: str) -> None:
        with self._speaking() as sftp, suppress(FileNotFoundError):
            if path.endswith("/"):
                sftp.rmdir(self._place(path))
            else:
                sftp.remove(self._place(path))

    def _said(self, path: str, mark: Mark) -> str:
        """What is known of a file's bytes without fetching them."""
        if _HASHED.fullmatch(path.rpartition("/")[2]):
            return PLACED
        known = self._known.get(path)
        return known[1] if known and known[0] == mark else ""

    def _below(self, sftp: "SFTPClient", folder: str) -> Iterator[tuple[str, Mark]]:
        """Everything below with its marks, leaves first."""
        for each in sorted(sftp.listdir_attr(self._place(folder)), key=lambda one: one.filename):
            path = folder + each.filename
            if stat.S_ISDIR(each.st_mode or 0):
                yield from self._below(sftp, f"{path}/")
                yield f"{path}/", _mark(each)
            else:
                yield path, _mark(each)

    def _make_folder(self, sftp: "SFTPClient", folder: PurePosixPath) -> None:
        if not _is_folder(sftp, str(folder)):
            if folder.parent != folder:
                self._make_folder(sftp, folder.parent)
            sftp.mkdir(str(folder), 0o755)

    def _place(self, path: str) -> str:
        return f"{self.address.folder}/{path}".rstrip("/")

    def _beside(self, path: str) -> str:
        place = PurePosixPath(self._place(path))
        return str(place.with_name(UNFINISHED + place.name))

    @contextmanager
    def _speaking(self) -> Iterator["SFTPClient"]:
        """This thread's connection. What goes wrong on it is an OSError, and when it was lost the next is a new one."""
        from paramiko import SSHException  # noqa: PLC0415 - a school without SFTP does not carry it

        try:
            sftp = getattr(self._own, "sftp", None)
            if sftp is None or sftp.get_channel().closed:
                self._own.sftp = sftp = _connect(self.address)
            yield sftp
        except (SSHException, EOFError, TimeoutError, ConnectionError) as error:
            self.hang_up()
            raise OSError(errno.EIO, f"the other computer does not answer: {type(error).__name__}") from None


def _mark(said: "SFTPAttributes") -> Mark:
    """What changes with a file's bytes, as the other computer tells it."""
    return said.st_mode, said.st_size, said.st_mtime


def _is_folder(sftp: "SFTPClient", folder: str) -> bool:
    try:
        return stat.S_ISDIR(sftp.stat(folder).st_mode or 0)
    except FileNotFoundError:
        return False


def _connect(address: SftpAddress) -> "SFTPClient":
    import paramiko  # noqa: PLC0415 - see `_speaking`

    logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # what it would log, it raises as well
    client = paramiko.SSHClient()
    client.load_host_keys(str(address.known))
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(
        address.host,
        address.port,
        address.user,
        password=address.password or None,
        key_filename=str(address.key) if address.key.exists() else None,
        allow_agent=False,
        look_for_keys=False,
        timeout=TIMEOUT,
        banner_timeout=TIMEOUT,
        auth_timeout=TIMEOUT,
    )
    sftp = client.open_sftp()
    sftp.get_channel().settimeout(TIMEOUT)  # type: ignore[union-attr] # it is open
    sftp.client = client  # type: ignore[attr-defined] # it closes when nobody holds it any more
    return sftp
