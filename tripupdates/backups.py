"""A backup: the database as it stood at one moment, and every rendition it names, in one file while work goes on.

The database is copied first. A photo that is deleted meanwhile is left out, and that is right: photos are named by their
bytes, so one that is there is the one that was meant. The settings hold secrets and go along only under encryption.
"""

import hashlib
import hmac
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import pysqlite3
import sqlalchemy as sa

from tripupdates import audit, database, files
from tripupdates.database import db, fresh, transaction
from tripupdates.house import House
from tripupdates.people.signing_in import Caller
from tripupdates.setting_checks import OddSettings
from tripupdates.settings import Settings
from tripupdates.vocabulary import Refused

UNFINISHED = "backup.unfinished-"
MANIFEST = "manifest.json"
DATABASES = {"sqlite": "database.sqlite", "postgresql": "database.pgdump"}
FORMAT = 1

Progress = Callable[[Iterable[str]], Iterable[str]]


def back_up(house: House, caller: Caller, target: Path, watch: Progress = lambda names: names) -> str:
    """Write a backup to `target`, which appears when it is whole and on the disk. Returns the hash of the last audit line.

    `watch` sees the names of the photos go by. Raises Refused where `target` is there already or the encryption fails,
    OSError where the disk does not take it.
    """
    if target.exists():
        raise Refused(f"{target} is there already. Name another file, or move that one away.")
    with transaction() as session:
        audit.note(session, house.now(), caller.id, "backed up")
        last = audit.last_hash(session)
    for left in house.settings.instance.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left, ignore_errors=True)  # of a backup that was killed
    with TemporaryDirectory(dir=house.settings.instance, prefix=UNFINISHED) as folder:
        copy = Path(folder) / DATABASES[db.engine.dialect.name]
        copy_database(house.settings, copy)
        names = sorted(files.owned(fresh()))
        with _written(target) as file, _encrypted(house.settings.backup_key, file) as stream:
            _write(house, stream, copy, last, watch(names))
    return last


def copy_database(given: Settings, target: Path) -> None:
    """The database as it stands now, whoever writes meanwhile."""
    if db.engine.dialect.name == "sqlite":
        with (
            closing(pysqlite3.connect(given.database_url.removeprefix("sqlite:///"))) as source,
            closing(pysqlite3.connect(target)) as copy,
        ):
            source.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode = DELETE")
        return
    schema = fresh().scalar(sa.text("SELECT current_schema()"))
    ask_server(given, "pg_dump", "--format=custom", "--no-owner", f"--schema={schema}", f"--file={target}")


def ask_server(given: Settings, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on our database; the password is not among its arguments, which others can see.

    Raises OddSettings where it is not installed, Refused where it fails.
    """
    url = sa.make_url(given.database_url)
    address = url.set(password=None).render_as_string()
    environ = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    command = [program, f"--dbname={address}", *arguments]
    try:
        done = subprocess.run(command, env=environ, capture_output=True, check=False)  # noqa: S603 - our own words
    except FileNotFoundError as error:
        raise OddSettings(f"{program} is not installed: sudo apt-get install postgresql-client.") from error
    if done.returncode:
        raise Refused(
            f"{program} could not do it. Is the database server running, and no older than {program}?"
        )


def _write(house: House, stream: IO[bytes], copy: Path, last: str, names: Iterable[str]) -> None:
    held: dict[str, str] = {}
    with tarfile.open(fileobj=stream, mode="w|") as tar:
        if house.settings.backup_key:
            config = house.settings.instance / "config.toml"
            if config.exists():
                _add(tar, held, "config.toml", config.read_bytes())
        tar.add(copy, copy.name, filter=_nobodys)
        held[copy.name] = _hash_of(copy)
        for name in names:
            with suppress(FileNotFoundError):  # deleted since: it must not come back
                _add(tar, held, f"photos/{name}", house.photos.read(name))
        manifest = {
            "format": FORMAT,
            "made_at": house.now().isoformat(),
            "revision": database.revision(),
            "audit": last,
            "families": fingerprint(house.settings),
            "files": held,
        }
        _add(tar, {}, MANIFEST, json.dumps(manifest, indent=1).encode())


def fingerprint(given: Settings) -> str:
    """By which a restore sees whether families' numbers are still hashed with the same key. It tells nothing else."""
    return hmac.digest(given.families_key, b"the key of these hashes", "sha256").hex()


def _add(tar: tarfile.TarFile, held: dict[str, str], name: str, data: bytes) -> None:
    member = _nobodys(tarfile.TarInfo(name))
    member.size = len(data)
    tar.addfile(member, BytesIO(data))
    held[name] = hashlib.sha256(data).hexdigest()


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """No user's name and no time goes along."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime, member.mode = 0, 0o600
    return member


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _written(target: Path) -> Iterator[IO[bytes]]:
    """A file that takes its name when all of it is on the disk, and is nobody's but its owner's."""
    unfinished = target.with_name(f".{target.name}.unfinished")
    with suppress(FileNotFoundError):
        unfinished.unlink()
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


@contextmanager
def _encrypted(key: str, file: IO[bytes]) -> Iterator[IO[bytes]]:
    """What is written to it arrives in `file` encrypted, or as it is where there is no key."""
    if not key:
        yield file
        return
    command = encrypting(key)
    try:
        tool: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - the key has a key's form, see settings
            command, stdin=subprocess.PIPE, stdout=file, stderr=subprocess.DEVNULL
        )
    except FileNotFoundError as error:
        raise OddSettings(f"{command[0]} is not installed: sudo apt-get install {command[0]}.") from error
    stdin: Any = tool.stdin
    try:
        yield stdin
        stdin.close()
    except BrokenPipeError:
        pass  # its exit says the same
    finally:
        with suppress(BrokenPipeError):
            stdin.close()
        ended = tool.wait()
    if ended:
        raise Refused(
            f"{command[0]} could not encrypt for BACKUP_KEY, so there is no backup. Is the key right?"
        )


def encrypting(key: str) -> list[str]:
    """The command that encrypts its input for this key: an age recipient, or else a key that gpg knows."""
    if key.startswith("age1"):
        return ["age", "--encrypt", "--recipient", key]
    return ["gpg", "--batch", "--quiet", "--trust-model", "always", "--encrypt", "--recipient", key]
