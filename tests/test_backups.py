"""The drill: a backup made while work goes on, brought back into an empty place. Nothing lost, nothing twice."""

import io
import os
import re
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tests import servers, test_newsletters
from tests.factories import (
    EVERYWHERE,
    PASSWORD,
    School,
    all_consent,
    approved,
    consent,
    on_a_server,
    open_school,
    send,
    settings,
    waiting,
    wordings,
    work,
)
from tests.families import NUMBERS, family, reach_by_mail, states
from tests.outbox.test_urgent_to_families import late
from tests.practice.running import Running, running_x
from tests.practice.telling import running_mail
from tripupdates import (
    accounts,
    answering,
    asking,
    asking_all,
    backups,
    by_hand,
    contacting,
    holding,
    left_since,
    proving,
    restoring,
    takedown,
    wiring,
    withdrawals,
)
from tripupdates.app import create_app
from tripupdates.channels.x import X
from tripupdates.channels.x_account import XAccount
from tripupdates.cli import main
from tripupdates.console import RESTORING
from tripupdates.database import db, fresh, transaction
from tripupdates.documents import rules
from tripupdates.outbox import holds, pauses, worker
from tripupdates.people.records import SignIn
from tripupdates.trips import contacts
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import Channel, Refused


@pytest.fixture
def x(tmp_path: Path) -> Iterator[Running]:
    with running_x(tmp_path / "x") as x:
        yield x


@pytest.fixture
def school(tmp_path: Path, x: Running, engine: str) -> Iterator[School]:
    server: dict[str, Any] = {"database_url": on_a_server()} if engine == "postgresql" else {}
    (tmp_path / "old").mkdir()
    with open_school(tmp_path / "old", **server, **_keys(x)) as school:
        _speak_to(school, x)
        all_consent(school)
        yield school


def _keys(x: Running) -> dict[str, Any]:
    return {
        "class_app": "SeeSaw",
        "x_api_base": x.base,
        "x_handle": x.keys.handle,
        "x_consumer_key": x.keys.consumer_key,
        "x_consumer_secret": x.keys.consumer_secret,
        "x_access_token": x.keys.access_token,
        "x_access_token_secret": x.keys.access_token_secret,
    }


def _speak_to(school: School, x: Running) -> None:
    keys = x.keys
    secrets = keys.consumer_key, keys.consumer_secret, keys.access_token, keys.access_token_secret
    school.house.places[Channel.X] = X(XAccount(x.base, keys.handle, *secrets), timeout=2)  # type: ignore[index] # a dict underneath


@contextmanager
def _empty_place(school: School, folder: Path, x: Running, **changes: Any) -> Iterator[School]:
    """Another computer, with the same settings, save for these changes, and nothing else."""
    folder.mkdir()
    old = school.house.settings
    server = (
        {"database_url": servers.postgres_database()} if old.database_url.startswith("postgresql:") else {}
    )
    given = settings(folder, **server, **_keys(x), backup_key=old.backup_key, **changes)
    house = replace(wiring.build(given), clock=school.clock, room=school.house.room)
    app = create_app(given, house)
    with app.app_context():
        other = School(app, house, school.clock, school.people, slug=school.slug)
        _speak_to(other, x)
        yield other
        fresh().close()
        db.engine.dispose()


def _restore(place: School, file: Path, log: Path | None = None, identity: Path | None = None) -> list[str]:
    instance = place.house.settings.instance
    with restoring.unpacked(instance, file, identity) as found:
        return restoring.restore(place.house, found, log, lambda: place.office)


def _taken(school: School, file: Path) -> Path:
    backups.back_up(school.house, school.office, file)
    return file


def test_a_newsletter_comes_back_with_its_files_and_what_was_declared(
    school: School, x: Running, tmp_path: Path
) -> None:
    update = test_newsletters.approved(school)
    kept = test_newsletters.document(update)
    wanted = {name: school.house.photos.read(name) for name in kept.files}
    _taken(school, tmp_path / "backup.tar")
    fresh().close()
    with _empty_place(school, tmp_path / "new", x) as place:
        _restore(place, tmp_path / "backup.tar")
        assert {name: place.house.photos.read(name) for name in place.house.photos.names()} == wanted
        assert test_newsletters.document(update).declared == rules.CONSENTED
        assert proving.first_bad(fresh()) is None


@pytest.mark.both_engines
def test_what_waited_to_be_posted_by_hand_may_have_been_so_somebody_says_whether_it_was(
    school: School, x: Running, tmp_path: Path
) -> None:
    update = approved(school, channels=(Channel.APP,))
    file = _taken(school, tmp_path / "backup.tar")
    fresh().close()
    with _empty_place(school, tmp_path / "new", x) as place:
        assert "Perhaps posted by hand since, and to be told by somebody: 1." in _restore(place, file)
        holding.lift(place.house, place.office)
        row = place.delivery(update, Channel.APP)
        assert (row.state.value, row.attempts, row.attempted_at) == ("sending", 0, row.created_at)
        answering.it_is_not_there(place.house, place.author, row.id, again=True)
        by_hand.take_out(place.house, place.author, update)
        answering.it_is_there(place.house, place.author, row.id)
        assert place.deliveries(update) == {"app": "sent"}
        assert proving.first_bad(fresh()) is None


@pytest.mark.both_engines
def test_a_school_comes_back_and_each_post_is_there_once(school: School, x: Running, tmp_path: Path) -> None:
    school.clock.now = datetime.now(UTC)  # as the practice X has it
    out = approved(school, ("Ada", "Bram"), text="Out.")
    work(school, *EVERYWHERE)
    waiting_for_x = approved(school, ("Bram", "Cleo"), text="On its way.")
    later = waiting(school, text="For the head.")
    accounts.sign_in(school.house, "head@puddle-lane.example", PASSWORD, trusted=True)
    last = backups.back_up(school.house, school.office, tmp_path / "backup.tar")
    # What happens after the backup, and is lost with the computer, save what stands on X and in the log:
    work(school, *EVERYWHERE)
    consent(school, {"Ada": (Channel.FAMILIES, Channel.WEBSITE)}, yes=False)
    work(school, *EVERYWHERE)
    fresh().close()
    log = school.house.settings.instance / withdrawals.NAME
    with _empty_place(school, tmp_path / "new", x) as place:
        said = _restore(place, tmp_path / "backup.tar", log)
        assert re.match(r"A backup of \d+ \w+ 20\d\d, \d\d:\d\d was restored", said[0])
        assert said[1:] == [
            "Everybody signs in anew.",
            "Posts and messages to look up before they may be sent: 1.",
            "Withdrawn again from the log: 2 answers, 0 updates.",
        ]
        assert proving.first_bad(fresh()) is None
        assert proving.holds(fresh(), last)
        assert fresh().scalars(sa.select(SignIn.ended_at).where(SignIn.ended_at.is_(None))).all() == []
        assert (place.state(later), place.deliveries(waiting_for_x)["x"]) == ("waiting", "unsure")
        hold = holds.present(fresh())
        assert hold is not None
        assert hold.why == said[0]
        for channel in EVERYWHERE:
            worker.take_over(place.house, channel)
        before = [post["text"] for post in x.posts()]
        place.clock.pass_(minutes=10)
        work(place, *EVERYWHERE)
        assert [post["text"] for post in x.posts()] == before == ["On its way.", "Out."]
        holding.lift(place.house, place.head)
        for _ in range(4):
            place.clock.pass_(minutes=10)
            work(place, *EVERYWHERE)
        assert [post["text"] for post in x.posts()] == ["On its way.", "Out."]
        assert place.deliveries(waiting_for_x) == {"families": "sent", "website": "sent", "x": "sent"}
        assert takedown.not_yet_gone(fresh()) == []
        pages = (place.house.settings.families / place.slug / "index.html").read_text()
        assert "Out." in pages
        assert "On its way." in pages
        assert pages.count("<img") == 1  # Ada's photo stays away
        assert place.state(out) == "approved"


def test_what_was_taken_down_or_stopped_after_the_backup_stays_so(
    school: School, x: Running, tmp_path: Path
) -> None:
    update = approved(school, ("Ada", "Bram"))
    kept, stopped = (
        asking.make_links(school.house, school.office, school.slug, school.pupils(name))[0].token
        for name in ("Ada", "Bram")
    )
    work(school, *EVERYWHERE)
    ada = family(school, "Ada", NUMBERS["Ada"])
    file = _taken(school, tmp_path / "backup.tar")
    contacting.leave_out(
        school.house, school.office, school.slug, school.pupil("Ada"), ada, Channel.TEXT, True
    )
    takedown.take_down(school.house, school.head, update, "Too soon.")
    asking.stop_links(school.house, school.office, school.slug, school.pupil("Bram"))
    work(school, *EVERYWHERE)
    fresh().close()
    log = school.house.settings.instance / withdrawals.NAME
    with _empty_place(school, tmp_path / "new", x) as place:
        assert _restore(place, file, log)[2:] == [
            "Families’ numbers and addresses are those of the backup: import the newest list again.",
            "Withdrawn again from the log: 0 answers, 1 updates.",
            "Links to the parents’ form stopped again: 1.",
            "Numbers and addresses left out again: 1.",
        ]
        assert asking.opened(place.house, kept).pupil.forename == "Ada"
        trip = fresh().scalars(sa.select(Trip)).one()
        reach = contacts.reach(fresh(), place.house.settings.families_key, trip, Channel.TEXT)
        assert (reach.to, reach.left_out) == ((), 1)
        with pytest.raises(asking.NoLonger):
            asking.opened(place.house, stopped)
        assert place.state(update) == "taken_down"
        place.clock.pass_(minutes=10)
        work(place, *EVERYWHERE)
        assert takedown.not_yet_gone(fresh()) == []
        assert place.house.photos.names() == set()
        assert proving.first_bad(fresh()) is None


def test_no_family_gets_anything_twice_after_a_restore_and_nobody_who_wanted_none(
    school: School, x: Running, tmp_path: Path
) -> None:
    with running_mail(tmp_path / "mails") as (box, server):
        reach_by_mail(school, server)
        for name in ("Ada", "Bram"):
            family(school, name, NUMBERS[name], f"{name}@home.example")
        stays = family(school, "Cleo", NUMBERS["Cleo"], "cleo@home.example")
        contacting.leave_out(
            school.house, school.office, school.slug, school.pupil("Cleo"), stays, Channel.EMAIL, True
        )
        asking_all.ask(school.house, school.office, school.slug, Channel.EMAIL, 9)
        update = late(school)
        file = _taken(school, tmp_path / "backup.tar")
        work(school, Channel.EMAIL)
        assert len(box.mails()) == 4  # the notice and the form, to two families: in no backup
        fresh().close()
        for folder, key in (("new", {}), ("other", {"secret_key": "another key of 32 letters, or more"})):
            with _empty_place(school, tmp_path / folder, x, **key) as place:
                reach_by_mail(place, server)
                said = _restore(place, file)
                assert said[2:5] == [
                    "Posts and messages to look up before they may be sent: 3.",
                    "Links to the parents’ form that were to go out and were stopped: 2. One that left since the backup "
                    "opens nothing: ask those families again.",
                    "Families’ numbers and addresses are those of the backup: import the newest list again.",
                ]
                assert said[5:] == ([left_since.OTHER_KEY] if key else [])
                for _ in range(3):
                    place.clock.pass_(minutes=10)
                    work(place, Channel.X)
                assert x.posts() == []  # what is urgent waits for the hold as well
                holding.lift(place.house, place.office)
                for _ in range(3):
                    work(place, Channel.EMAIL)
                    place.clock.pass_(minutes=5)
                assert states(place, update, Channel.EMAIL) == ["needs_person"] * 2
                offered = asking_all.offer(place.house, place.slug, Channel.EMAIL)
                assert (offered.families, offered.left_out) == ((3, 0) if key else (2, 1))
                send(place, wordings(place, (Channel.EMAIL,)))
                work(place, Channel.EMAIL)
                paused = [each.channel for each in pauses.until_mended(fresh(), place.clock())]
                assert paused == ([Channel.TEXT, Channel.EMAIL] if key else [])
                assert len(box.mails()) == 6  # what was sent anew goes out, where it is known who wants it
                assert proving.first_bad(fresh()) is None


def test_it_is_whole_whoever_writes_meanwhile(school: School, x: Running, tmp_path: Path) -> None:
    approved(school, ("Ada", "Bram"))
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with school.app.app_context(), transaction() as session:
                session.scalars(sa.select(Trip)).one().venue = f"Venue {number}"

    thread = threading.Thread(target=write)
    thread.start()
    try:
        files = [_taken(school, tmp_path / f"{number}.tar") for number in range(3)]
    finally:
        stop.set()
        thread.join()
    fresh().close()
    for number, file in enumerate(files):
        with _empty_place(school, tmp_path / f"new{number}", x) as place:
            _restore(place, file)
            assert proving.first_bad(fresh()) is None
            assert len(place.house.photos.names()) == len(school.house.photos.names())


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _one_byte(data: bytes) -> bytes:
    place = data.index(b"SQLite format 3") + 5000
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def _with_a_stranger(data: bytes) -> bytes:
    return _added(data, "../../etc/passwd")


def _with_a_photo_more(data: bytes) -> bytes:
    return _added(data, f"photos/{'0' * 64}.jpg")


def _added(data: bytes, name: str) -> bytes:
    file = io.BytesIO(data)
    with tarfile.open(fileobj=file, mode="a") as tar:
        tar.addfile(tarfile.TarInfo(name))
    return file.getvalue()


@pytest.mark.parametrize(
    "spoil",
    [_cut, _one_byte, _with_a_stranger, _with_a_photo_more, lambda _: b"", lambda _: b"not a backup" * 99],
    ids=["cut", "one byte", "a path outside", "a photo more", "empty", "something else"],
)
def test_a_file_that_is_not_whole_is_refused_and_leaves_nothing(
    school: School, x: Running, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    approved(school, ("Ada", "Bram"))
    file = _taken(school, tmp_path / "backup.tar")
    file.write_bytes(spoil(file.read_bytes()))
    fresh().close()
    with _empty_place(school, tmp_path / "new", x) as place:
        with pytest.raises(Refused, match="othing was restored"):
            _restore(place, file)
        assert list(place.house.settings.instance.rglob("*")) == []


def test_a_backup_that_somebody_altered_is_refused(school: School, x: Running, tmp_path: Path) -> None:
    approved(school)
    school.past_the_program("UPDATE decision SET reason = 'another'")
    file = _taken(school, tmp_path / "backup.tar")
    fresh().close()
    with _empty_place(school, tmp_path / "new", x) as place:
        with pytest.raises(Refused, match=r"not as its audit says\. The row decision"):
            _restore(place, file)
        assert not db.kind.there()
        assert not (place.house.settings.instance / RESTORING).exists()


@pytest.mark.both_engines
def test_a_place_that_is_not_empty_is_left_as_it_is(school: School, x: Running, tmp_path: Path) -> None:
    file = _taken(school, tmp_path / "backup.tar")
    with pytest.raises(Refused, match="There is a school here already"):
        _restore(school, file)
    with pytest.raises(Refused, match="is there already"):
        _taken(school, file)
    assert proving.first_bad(fresh()) is None


def test_without_a_key_the_settings_stay_out_of_it(school: School, tmp_path: Path) -> None:
    (school.house.settings.instance / "config.toml").write_text('SECRET_KEY = "a-very-secret-key"\n')
    data = _taken(school, tmp_path / "backup.tar").read_bytes()
    assert b"a-very-secret-key" not in data
    assert b"Castle Residential" in data
    assert (tmp_path / "backup.tar").stat().st_mode & 0o777 == 0o600


def _age(folder: Path) -> tuple[str, Path]:
    identity = folder / "age.key"
    made = subprocess.run(["age-keygen", "-o", identity], capture_output=True, text=True, check=True)
    return made.stderr.split()[-1], identity


def _gpg(folder: Path) -> tuple[str, None]:
    who = "backup@puddle-lane.example"
    command = [
        "gpg",
        "--batch",
        "--quiet",
        "--passphrase",
        "",
        "--quick-generate-key",
        who,
        "rsa2048",
        "encrypt",
    ]
    subprocess.run(command, check=True, capture_output=True)
    return who, None


@pytest.fixture
def own_gpg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder of keys for this test; its agent ends with it."""
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    yield
    subprocess.run(["gpgconf", "--kill", "all"], check=True)


@pytest.mark.usefixtures("own_gpg")
@pytest.mark.parametrize("tool", [_age, _gpg], ids=["age", "gpg"])
def test_an_encrypted_one_tells_nobody_anything_and_brings_the_settings_along(
    tmp_path: Path,
    x: Running,
    tool: Callable[[Path], tuple[str, Path | None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key, identity = tool(tmp_path)
    (tmp_path / "old").mkdir()
    with open_school(tmp_path / "old", backup_key=key, **_keys(x)) as school:
        (tmp_path / "old" / "config.toml").write_text('SECRET_KEY = "a-very-secret-key"\n')
        file = _taken(school, tmp_path / "backup")
        data = file.read_bytes()
        for word in (b"Puddle", b"Castle", b"a-very-secret-key", b"SQLite", b"manifest"):
            assert word not in data
        fresh().close()
        with _empty_place(school, tmp_path / "new", x) as place:
            with restoring.unpacked(place.house.settings.instance, file, identity) as found:
                assert (found.folder / "config.toml").read_text() == 'SECRET_KEY = "a-very-secret-key"\n'
            _restore(place, file, identity=identity)
            assert proving.first_bad(fresh()) is None


def test_a_key_that_does_not_work_makes_no_backup(tmp_path: Path) -> None:
    with open_school(tmp_path, backup_key="age1nobody") as school:
        with pytest.raises(Refused, match="could not encrypt"):
            _taken(school, tmp_path / "backup")
        assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == []


def _killed(act: Callable[[], object], at: str) -> None:
    """A fork does it, and is killed when it enters the function."""
    fresh().close()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        db.engine.dispose(close=False)

        def look(frame: Any, event: str, _: object) -> None:
            if event == "call" and frame.f_code.co_name == at:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.setprofile(look)
            act()
        finally:
            os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("at", ["_write", "_nobodys", "_add"])
def test_a_backup_that_is_killed_leaves_no_half_file_under_its_name(
    school: School, tmp_path: Path, at: str
) -> None:
    approved(school, ("Ada", "Bram"))
    _killed(lambda: _taken(school, tmp_path / "backup.tar"), at)
    assert not (tmp_path / "backup.tar").exists()
    _taken(school, tmp_path / "backup.tar")
    assert list(school.house.settings.instance.glob(f"{backups.UNFINISHED}*")) == []


@pytest.mark.parametrize("at", ["_bring_database", "_settle_down", "_withdraw_again"])
def test_a_restore_that_is_killed_lets_nothing_start(
    school: School, x: Running, tmp_path: Path, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(school, ("Ada", "Bram"))
    file = _taken(school, tmp_path / "backup.tar")
    fresh().close()
    with _empty_place(school, tmp_path / "new", x) as place:
        _killed(lambda: _restore(place, file), at)
        monkeypatch.setenv("TRIPUPDATES_INSTANCE", str(tmp_path / "new"))
        for name in ("secret_key", "school_name", "public_base_url"):
            monkeypatch.setenv(f"TRIPUPDATES_{name.upper()}", getattr(place.house.settings, name))
        said = CliRunner().invoke(main, ["worker"])
        assert (said.exit_code, said.output) == (
            1,
            "Error: A restore was cut off here, so nothing may start. Begin it again in an empty place.\n",
        )


def test_by_the_console_a_school_comes_back_with_its_settings_or_asks_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    monkeypatch.setenv("TRIPUPDATES_INSTANCE", str(old))
    who = ("person", "add", "office@our.school", "--name", "The Office", "--role", "office")
    plain, secret = tmp_path / "plain.tar", tmp_path / "secret"
    key, identity = _age(tmp_path)
    for command in (("init", "--school", "Our School", "--url", "http://localhost:8000"), who):
        _says(0, *command)
    assert "It is not encrypted" in _says(0, "backup", str(plain))
    monkeypatch.setenv("TRIPUPDATES_BACKUP_KEY", key)
    assert "It is not encrypted" not in _says(0, "backup", str(secret))
    monkeypatch.delenv("TRIPUPDATES_BACKUP_KEY")
    monkeypatch.setenv("TRIPUPDATES_INSTANCE", str(new))
    assert "Put the school’s config.toml back" in _says(1, "restore", str(plain))
    assert "say where its key is" in _says(1, "restore", str(secret))
    assert list(new.iterdir()) == []
    assert "Everybody signs in anew." in _says(0, "restore", str(secret), "--identity", str(identity))
    assert (new / "config.toml").read_bytes() == (old / "config.toml").read_bytes()
    assert "The audit is whole" in _says(0, "audit", "verify")
    assert "There is a school here already" in _says(1, "restore", str(plain))


def _says(code: int, *command: str) -> str:
    done = CliRunner().invoke(main, list(command))
    assert done.exit_code == code, done.output
    return done.output
