"""Settings are read once, typed and frozen; an odd one stops the start with a sentence that helps."""

import re
import uuid
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from tripupdates.buckets import Bucket
from tripupdates.setting_checks import OddSettings
from tripupdates.settings import KNOWN, PACKAGE, Settings, instance_folder, load
from tripupdates.site.sftp_url import SftpAddress
from tripupdates.vocabulary import PICTURED

GOOD = {
    "TRIPUPDATES_SECRET_KEY": "k" * 48,
    "TRIPUPDATES_SCHOOL_NAME": "Puddle Lane",
    "TRIPUPDATES_PUBLIC_BASE_URL": "https://trips.puddle-lane.example/",
}
X = {
    "TRIPUPDATES_X_HANDLE": "@PuddleLane",
    "TRIPUPDATES_X_CONSUMER_KEY": "very-secret-1",
    "TRIPUPDATES_X_CONSUMER_SECRET": "very-secret-2",
    "TRIPUPDATES_X_ACCESS_TOKEN": "very-secret-3",
    "TRIPUPDATES_X_ACCESS_TOKEN_SECRET": "very-secret-4",
}


def _load(folder: Path, **changes: str) -> Settings:
    return load(GOOD | {"TRIPUPDATES_INSTANCE": str(folder)} | changes)


def test_what_is_needed_is_enough(tmp_path: Path) -> None:
    found = _load(tmp_path)
    assert found.public_base_url == "https://trips.puddle-lane.example"
    assert (found.media, found.site) == (tmp_path / "media", tmp_path / "site")
    assert found.database_url == f"sqlite:///{tmp_path}/tripupdates.db"
    assert (found.secure, found.practice, found.x_handle) == (True, False, "")


def test_a_variable_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('SCHOOL_NAME = "From the file"\nTIMEZONE = "Europe/Paris"\n')
    found = _load(tmp_path)
    assert (found.school_name, found.timezone.key) == ("Puddle Lane", "Europe/Paris")


def test_settings_cannot_be_changed_later(tmp_path: Path) -> None:
    with pytest.raises(FrozenInstanceError):
        _load(tmp_path).school_name = "Another"  # type: ignore[misc] # the point of the test


@pytest.mark.parametrize("name", ["SECRET_KEY", "SCHOOL_NAME", "PUBLIC_BASE_URL"])
def test_a_missing_setting_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(OddSettings, match=name):
        _load(tmp_path, **{f"TRIPUPDATES_{name}": ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("TIMEZONE", "Mars/Olympus"),
        ("TIMEZONE", "../../etc/passwd"),
        ("X_LINKS", "sometimes"),
        ("DATABASE_URL", "postgresql://somewhere"),
        ("DATABASE_URL", "mysql://somewhere/else"),
        ("BACKUP_KEY", "--output=/etc/passwd"),
        ("PURGE_URL", "http://cache.puddle-lane.example/purge"),
        ("RATELIMIT_STORAGE_URI", "memcached://somewhere"),
        ("MEDIA_URL", "s3://Bucket_of_ours"),
        ("MEDIA_URL", "s3://bucket/../other"),
        ("MEDIA_URL", "s3://key:secret@bucket"),
        ("MEDIA_URL", "sftp://school@files.puddle-lane.example/photos"),
        ("MEDIA_URL", "ftp://files.puddle-lane.example/photos"),
        ("SITE_URL", "sftp://school@files.puddle-lane.example"),
        ("SITE_PUBLIC_URL", "www.puddle-lane.example"),
        ("SITE_URL", "file://relative/folder"),
        ("PUBLIC_BASE_URL", "http://trips.puddle-lane.example"),
        ("PUBLIC_BASE_URL", "trips.puddle-lane.example"),
        ("X_API_BASE", "http://api.x.example"),
        ("PUBLIC_PHOTOS", "tiny"),
        ("PUBLIC_FACES", "some"),
        ("SCHOOL_NAEM", "Puddle Lane"),
        ("MAIL_URL", "mail.puddle-lane.example"),
        ("MAIL_URL", "http://mail.puddle-lane.example?from=trips@puddle-lane.example"),
        ("MAIL_URL", "smtp://mail.puddle-lane.example"),
        ("MAIL_URL", "smtp://mail.puddle-lane.example:many?from=trips@puddle-lane.example"),
        ("MAIL_URL", "smtp://mail.puddle-lane.example?from=trips@a.example,all@b.example"),
        ("MAIL_URL", "smtp://mail.puddle-lane.example?from=trips@a.example%0D%0ABcc:%20x@b.example"),
        ("MAIL_URL", "smtp://mail.puddle-lane.example?from=trips@a.example&tls=no"),
        ("MAIL_URL", "smtp://mail.puddle-lane.example/folder?from=trips@a.example"),
        ("MAIL_URL", "smtp://user@mail.puddle-lane.example?from=trips@a.example"),
        ("NOTIFY_API_KEY", "puddle_lane-7c1f7a0e"),
        ("NOTIFY_BASE_URL", "http://api.notify.example"),
        ("VAPID_PRIVATE_KEY", "short"),
        ("VAPID_PRIVATE_KEY", "A" * 43),
        ("VAPID_PRIVATE_KEY", "=" * 43),
    ],
)
def test_an_odd_setting_stops_the_start_and_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(OddSettings, match=name):
        _load(tmp_path, **{f"TRIPUPDATES_{name}": value})


@pytest.mark.parametrize("text", ["SCHOOL_NAEM = 'x'", "SCHOOL_NAME = 3", "SCHOOL_NAME = ", "\x00"])
def test_an_odd_file_stops_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(OddSettings, match=r"config\.toml"):
        _load(tmp_path)


@pytest.mark.parametrize("folder", ["", "families", "families/castle", "media", ".."])
def test_the_public_site_is_a_folder_of_its_own(tmp_path: Path, folder: str) -> None:
    site = (tmp_path / "instance" / folder).resolve()
    with pytest.raises(OddSettings, match="SITE_URL"):
        _load(tmp_path / "instance", TRIPUPDATES_SITE_URL=f"file://{site}")


@pytest.mark.parametrize(
    ("media", "site"),
    [("oak", "oak"), ("oak/trips", "oak/trips"), ("oak/trips", "oak"), ("oak/trips", "oak/trips/site")],
)
def test_the_public_site_is_a_part_of_a_bucket_of_its_own(tmp_path: Path, media: str, site: str) -> None:
    with pytest.raises(OddSettings, match="SITE_URL"):
        _load(tmp_path, TRIPUPDATES_MEDIA_URL=f"s3://{media}", TRIPUPDATES_SITE_URL=f"s3://{site}")


def test_photos_and_site_may_be_parts_of_one_bucket(tmp_path: Path) -> None:
    found = _load(tmp_path, TRIPUPDATES_MEDIA_URL="s3://oak/private", TRIPUPDATES_SITE_URL="s3://oak/public/")
    assert (found.media_bucket, found.site_elsewhere) == (Bucket("oak", "private"), Bucket("oak", "public"))
    assert found.site_address == "https://trips.puddle-lane.example/site/"


def _on_another_computer(tmp_path: Path, **given: str) -> Settings:
    url = "sftp://school@files.puddle-lane.example:2222/var/www/trips"
    return _load(tmp_path, TRIPUPDATES_SITE_URL=url, **given)


def test_a_site_on_another_computer_needs_its_address_its_host_key_and_ours(tmp_path: Path) -> None:
    address = {"TRIPUPDATES_SITE_PUBLIC_URL": "https://www.puddle-lane.example/trips/"}
    with pytest.raises(OddSettings, match="SITE_PUBLIC_URL must say"):
        _on_another_computer(tmp_path)
    with pytest.raises(OddSettings, match=r"ssh-keyscan -p 2222 files\.puddle-lane\.example"):
        _on_another_computer(tmp_path, **address)
    (tmp_path / "known_hosts").touch()
    with pytest.raises(OddSettings, match="ssh-keygen"):
        _on_another_computer(tmp_path, **address)
    (tmp_path / "sftp_key").touch()
    found = _on_another_computer(tmp_path, **address)
    assert found.site_address == "https://www.puddle-lane.example/trips/"
    assert isinstance(found.site_elsewhere, SftpAddress)
    assert (found.site_elsewhere.user, found.site_elsewhere.folder) == ("school", "/var/www/trips")


def test_x_is_set_up_whole_or_not_at_all(tmp_path: Path) -> None:
    assert _load(tmp_path, **X).x_handle == "PuddleLane"
    with pytest.raises(OddSettings, match="X_ACCESS_TOKEN_SECRET"):
        _load(tmp_path, **(X | {"TRIPUPDATES_X_ACCESS_TOKEN_SECRET": ""}))


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("smtp://trips%40a.example:p%3Aw@mail.example", ("mail.example", 587, "starttls", "trips@a.example")),
        ("smtps://u:p@mail.example?from=trips@a.example", ("mail.example", 465, "tls", "trips@a.example")),
        ("smtp://localhost:8002?from=trips@a.example", ("localhost", 8002, "plain", "trips@a.example")),
        ("smtp://mail.example:25?from=trips@a.example", ("mail.example", 25, "starttls", "trips@a.example")),
    ],
)
def test_where_the_mail_server_is(tmp_path: Path, url: str, read: tuple[str, int, str, str]) -> None:
    mail = _load(tmp_path, TRIPUPDATES_MAIL_URL=url).mail
    assert mail is not None
    assert (mail.host, mail.port, mail.secure, mail.sender) == read


def test_user_and_password_of_the_mail_server_are_decoded_and_not_shown(tmp_path: Path) -> None:
    found = _load(tmp_path, TRIPUPDATES_MAIL_URL="smtp://trips%40a.example:p%3Aw@mail.example")
    assert found.mail is not None
    assert (found.mail.user, found.mail.password) == ("trips@a.example", "p:w")
    assert "p:w" not in repr(found)


def test_no_secret_shows_when_settings_are_printed(tmp_path: Path) -> None:
    shown = repr(_load(tmp_path, **X))
    assert "very-secret" not in shown
    assert "kkkk" not in shown


def test_a_service_at_notify_is_known_by_its_key_and_its_name(tmp_path: Path) -> None:
    plain = _load(tmp_path)
    assert (plain.notify_api_key, plain.notify_prefix, plain.practice_notify) == (
        "",
        plain.school_name,
        False,
    )
    assert plain.notify_base_url == "https://api.notifications.service.gov.uk"
    key = f"puddle_lane-{uuid.uuid4()}-{uuid.uuid4()}"
    here = _load(
        tmp_path,
        TRIPUPDATES_NOTIFY_API_KEY=key,
        TRIPUPDATES_NOTIFY_BASE_URL="http://localhost:8003",
        TRIPUPDATES_NOTIFY_PREFIX="Puddle  Lane",
    )
    assert (here.notify_prefix, here.practice_notify) == ("Puddle Lane", True)
    assert _load(tmp_path, TRIPUPDATES_NOTIFY_PREFIX="none").notify_prefix == ""
    assert key not in repr(here)


def test_the_key_of_families_hashes_is_made_of_the_schools_secret_and_is_not_it(tmp_path: Path) -> None:
    one, other = (
        _load(tmp_path),
        _load(tmp_path, TRIPUPDATES_SECRET_KEY="another secret of at least 32 letters"),
    )
    assert (len(one.families_key), one.families_key == other.families_key) == (32, False)
    assert one.secret_key.encode() not in one.families_key


def test_the_instance_can_be_put_elsewhere(tmp_path: Path) -> None:
    assert instance_folder({"TRIPUPDATES_INSTANCE": str(tmp_path / "else")}) == tmp_path / "else"


def test_photos_are_small_where_everybody_looks_and_nowhere_else(tmp_path: Path) -> None:
    found = _load(tmp_path, TRIPUPDATES_PUBLIC_PHOTOS="small")
    assert {channel.value: found.widest(channel) for channel in PICTURED} == {
        "families": 2048,
        "website": 960,
        "x": 960,
        "app": 2048,
    }


def test_the_readme_tells_of_every_setting() -> None:
    readme = (PACKAGE.parent / "README.md").read_text("utf-8")
    told = set(re.findall(r"`([A-Z][A-Z_]+)`", readme.split("## Settings")[1].split("## Commands")[0]))
    assert told - KNOWN == {name for name in told if name.startswith(("AWS_", "TRIPUPDATES_"))}
    assert told >= KNOWN
