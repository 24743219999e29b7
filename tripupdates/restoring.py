"""Bringing a backup back into an empty place: proven before it counts, and on hold until somebody has looked.

What was published after the backup was made is not in it. So nothing goes out before a person lifts the hold; what was
waiting for X is looked up there first (law 6); and what was withdrawn meanwhile is withdrawn again from its own log.
"""

import json
import re
import shutil
import subprocess
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates import (
    asking,
    audit,
    backups,
    contacting,
    database,
    left_since,
    proving,
    takedown,
    withdrawals,
)
from tripupdates.approval.records import Update
from tripupdates.consent import records as consents
from tripupdates.console import RESTORING
from tripupdates.database import db, fresh, transaction
from tripupdates.house import House
from tripupdates.outbox.holds import Hold
from tripupdates.people.records import SignIn
from tripupdates.people.signing_in import Caller
from tripupdates.setting_checks import OddSettings
from tripupdates.trips.records import Pupil
from tripupdates.vocabulary import Refused, UpdateState
from tripupdates.withdrawals import Withdrawal

UNFINISHED = "restore.unfinished-"
NOT_OURS = "This file is no whole backup of Trip Updates, so nothing was restored. Is it cut off, or still encrypted?"
AGAIN = "Withdrawn before; the log of withdrawals says so."
ANSWERS, UPDATES = "answers", "updates"
LINKS, LEFT_OUT = "Links to the parents’ form stopped again", "Numbers and addresses left out again"
_NAME = re.compile(
    r"config\.toml|manifest\.json|database\.(sqlite|pgdump)|photos/[0-9a-f]{64}\.(jpg|avif|pdf)"
)

Progress = Callable[[Iterable[str]], Iterable[str]]


@dataclass(frozen=True)
class Unpacked:
    """A whole backup in a folder; each file is as its manifest says."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def database(self) -> str:
        """The name of the file that holds the database."""
        (name,) = set(self.manifest["files"]) & set(backups.DATABASES.values())
        return str(name)

    @property
    def photos(self) -> list[str]:
        """The names of the renditions."""
        return sorted(name.removeprefix("photos/") for name in self.manifest["files"] if "/" in name)

    @property
    def made_at(self) -> datetime:
        """When the backup was made."""
        return datetime.fromisoformat(self.manifest["made_at"])


@contextmanager
def unpacked(instance: Path, source: Path, identity: Path | None) -> Iterator[Unpacked]:
    """Unpack a backup beside the instance's own files, and check each. Raises Refused, and leaves nothing, where one is odd."""
    instance.mkdir(parents=True, exist_ok=True)
    for left in instance.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left)  # of a restore that was killed
    with TemporaryDirectory(dir=instance, prefix=UNFINISHED) as name:
        folder = Path(name)
        try:
            with _opened(source, identity) as stream:
                hashes = _unpack(stream, folder)
            manifest = json.loads((folder / backups.MANIFEST).read_bytes())
            whole = manifest["format"] == backups.FORMAT and manifest["files"] == hashes
        except (tarfile.TarError, OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise Refused(NOT_OURS) from error
        if not whole or sum(each in backups.DATABASES.values() for each in hashes) != 1:
            raise Refused(NOT_OURS)
        yield Unpacked(folder, manifest)


@contextmanager
def _opened(source: Path, identity: Path | None) -> Iterator[IO[bytes]]:
    """The file's bytes, decrypted where its beginning says that it is encrypted."""
    with source.open("rb", buffering=0) as file:  # the tool begins where we stand
        start = file.read(40)
        file.seek(0)
        if _is_tar(source):
            yield file
            return
        if b"age-encryption.org" in start:
            if identity is None:
                raise Refused(
                    "This backup is encrypted with age: say where its key is, with --identity FILE."
                )
            tool = ["age", "--decrypt", "--identity", str(identity)]
        else:
            tool = ["gpg", "--batch", "--quiet", "--decrypt"]
        try:
            process = subprocess.Popen(  # noqa: S603 - our own words
                tool, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except FileNotFoundError as error:
            raise OddSettings(f"{tool[0]} is not installed: sudo apt-get install {tool[0]}.") from error
        stdout: Any = process.stdout
        try:
            yield stdout
            stdout.read()
        finally:
            stdout.close()
            ended = process.wait()
        if ended:
            raise Refused(
                f"{tool[0]} could not decrypt this backup, so nothing was restored. Is it the right key?"
            )


def _is_tar(source: Path) -> bool:
    with suppress(tarfile.TarError, OSError), tarfile.open(source, "r:"):
        return True
    return False


def _unpack(stream: IO[bytes], folder: Path) -> dict[str, str]:
    """Write each file; returns its hash by its name. Raises ValueError for a name that is not one of ours."""
    (folder / "photos").mkdir()
    hashes = {}
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            data = tar.extractfile(member) if member.isreg() and _NAME.fullmatch(member.name) else None
            if data is None or member.name in hashes:
                raise ValueError("not one of ours")
            digest = sha256()
            with (folder / member.name).open("xb") as file:
                while block := data.read(1 << 20):
                    file.write(block)
                    digest.update(block)
            hashes[member.name] = digest.hexdigest()
    hashes.pop(backups.MANIFEST, None)
    return hashes


def restore(
    house: House,
    found: Unpacked,
    log: Path | None,
    by: Callable[[], Caller],
    watch: Progress = lambda names: names,
) -> list[str]:
    """Bring it back, into an empty place. Returns what was done, as sentences. Raises Refused where it must not be.

    Until it has returned, no service starts on this instance; `by` says on whose behalf, once people are there.
    """
    again = list(withdrawals.read(log)) if log else []
    _check(found)
    marker = house.settings.instance / RESTORING
    marker.touch()
    try:
        for name in watch(found.photos):
            house.photos.put(name, (found.folder / "photos" / name).read_bytes())
        _bring_database(house, found)
        database.migrate()
        wrong = proving.first_bad(fresh())
        if wrong is not None:
            raise Refused(f"This backup is not as its audit says. {wrong} Nothing was restored.")
    except BaseException:
        _undo(house)
        marker.unlink()
        raise
    proving.begin(house)
    said = _settle_down(house, by(), found)
    said += _withdraw_again(house, by(), again)
    marker.unlink()
    return said


def _check(found: Unpacked) -> None:
    kind = db.engine.dialect.name
    if found.database != backups.DATABASES[kind]:
        raise Refused(f"This backup is not of {kind}, which DATABASE_URL names. Nothing was restored.")
    if found.manifest["revision"] not in database.revisions():
        raise Refused("This backup was made by a newer version. Bring the program up to date first.")
    if db.kind.there():
        with db.engine.connect() as connection:
            if sa.inspect(connection).get_table_names():
                raise Refused(
                    "There is a school here already. A backup is restored into an empty place only."
                )


def _bring_database(house: House, found: Unpacked) -> None:
    source = found.folder / found.database
    if db.engine.dialect.name == "sqlite":
        shutil.move(source, house.settings.database_url.removeprefix("sqlite:///"))
        return
    how = ("--no-owner", "--single-transaction", "--exit-on-error", "--clean", "--if-exists")
    backups.ask_server(house.settings, "pg_restore", *how, str(source))


def _undo(house: House) -> None:
    """Nothing is left of what did not hold: an empty place is empty again, but for renditions that nobody names."""
    fresh().close()
    db.engine.dispose()
    if db.engine.dialect.name == "sqlite":
        file = house.settings.database_url.removeprefix("sqlite:///")
        for end in ("", "-wal", "-shm"):
            Path(file + end).unlink(missing_ok=True)
    else:
        with db.engine.begin() as connection:
            schema = connection.scalar(sa.text("SELECT quote_ident(current_schema())"))
            connection.execute(sa.text(f"DROP SCHEMA {schema} CASCADE"))
            connection.execute(sa.text(f"CREATE SCHEMA {schema}"))


def _settle_down(house: House, caller: Caller, found: Unpacked) -> list[str]:
    """Nobody is signed in, nothing goes out, and whatever may be on X by now is in doubt."""
    now = house.now()
    made = found.made_at.astimezone(house.settings.timezone)
    why = f"A backup of {made.day} {made:%B %Y, %H:%M} was restored: see what was published since, then lift the hold."
    with transaction() as session:
        session.execute(sa.update(SignIn).where(SignIn.ended_at.is_(None)).values(ended_at=now))
        doubtful, posted = left_since.in_doubt(session, now), left_since.perhaps_posted(session)
        families = left_since.families(house, session, found.manifest)
        row = Hold(held=True, line="", why=why, by=caller.id, at=now)
        session.add(row)
        session.flush()
        audit.note(session, now, caller.id, "held everything", row.id)
        audit.note(session, now, caller.id, "restored", found.manifest["audit"])
    looked_up = [f"Posts and messages to look up before they may be sent: {doubtful}."] if doubtful else []
    asked = [f"Perhaps posted by hand since, and to be told by somebody: {posted}."] if posted else []
    return [why, "Everybody signs in anew.", *looked_up, *asked, *families]


def _withdraw_again(house: House, caller: Caller, again: Iterable[Withdrawal]) -> list[str]:
    """What was withdrawn after the backup was made is withdrawn again."""
    done = Counter(said for each in again if (said := _once_more(house, caller, each)))
    withdrawn = (
        [f"{done[what]} {what}" for what in (ANSWERS, UPDATES)] if done[ANSWERS] or done[UPDATES] else []
    )
    return [
        *([f"Withdrawn again from the log: {', '.join(withdrawn)}."] if withdrawn else []),
        *(f"{what}: {done[what]}." for what in (LINKS, LEFT_OUT) if done[what]),
    ]


def _once_more(house: House, caller: Caller, each: Withdrawal) -> str:
    """Do one again. Returns which kind that was, '' where it holds already or is of a trip that the backup does not know."""
    session = fresh()
    if each.update is not None:
        update = session.get(Update, each.update)
        if update is None or update.state is not UpdateState.APPROVED:
            return ""
        takedown.take_down_again(house, each.update)
        return UPDATES
    if each.link is not None:
        return LINKS if asking.stop_again(house, caller, each.link) else ""
    if each.mark:
        return LEFT_OUT if contacting.leave_out_again(house, each.mark) else ""
    return ANSWERS if _answered_again(house, session, caller, each) else ""


def _answered_again(house: House, session: Session, caller: Caller, each: Withdrawal) -> bool:
    pupil = None if each.pupil is None else session.get(Pupil, each.pupil)
    if pupil is None or each.channel is None:
        return False
    if each.channel not in consents.current(session, pupil.trip_id).get(pupil.id, ()):
        return False
    no = takedown.Given(pupil.id, each.channel, False)
    takedown.record_answers(house, caller, pupil.trip_id, [no], AGAIN)
    return True
