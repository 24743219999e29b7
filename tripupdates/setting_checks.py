"""Each setting as it is written, checked: what it means, or OddSettings with a sentence that says what to write."""

import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from tripupdates import buckets
from tripupdates.buckets import Bucket
from tripupdates.channels import mail_url, vapid
from tripupdates.channels.mail_url import MailServer
from tripupdates.site import sftp_url
from tripupdates.site.sftp_url import SftpAddress

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
X_KEYS = (
    "X_HANDLE",
    "X_CONSUMER_KEY",
    "X_CONSUMER_SECRET",
    "X_ACCESS_TOKEN",
    "X_ACCESS_TOKEN_SECRET",
)
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NOTIFY_KEY = re.compile(f".*{_UUID}-{_UUID}")  # a name of the school's choice, the service, the secret
NO_PREFIX = "none"


class OddSettings(Exception):
    """The settings cannot be used. The text says which one, and what to write instead."""


def secret(value: str) -> str:
    """The key that signs cookies and links."""
    if len(value) < 32:
        raise OddSettings("SECRET_KEY must be at least 32 characters long. `tripupdates init` makes one.")
    return value


def zone(value: str) -> ZoneInfo:
    """The school's time zone."""
    try:
        return ZoneInfo(value)
    except (KeyError, OSError, ValueError) as error:
        raise OddSettings(
            f"TIMEZONE is {value!r}, which is no time zone. Write for example Europe/London."
        ) from error


def database(value: str, instance: Path) -> str:
    """Where records lie: a file in the instance folder unless said."""
    if not value:
        return f"sqlite:///{instance / 'tripupdates.db'}"
    if value.startswith("sqlite:////"):
        return value
    parts = urlsplit(value)
    if parts.scheme != "postgresql" or not parts.path.strip("/"):
        raise OddSettings(
            "DATABASE_URL must be sqlite:////absolute/path.db or postgresql://user:password@host/database."
        )
    return value


def throttles(value: str) -> str:
    """Where tries are counted: in memory, or in Redis where its client is installed."""
    if value != "memory://" and urlsplit(value).scheme not in {"redis", "rediss"}:
        raise OddSettings("RATELIMIT_STORAGE_URI must be memory:// or redis://:password@host:6379/0.")
    if value != "memory://" and find_spec("redis") is None:
        raise OddSettings(
            "RATELIMIT_STORAGE_URI names Redis, and its client is not installed: pip install 'tripupdates[redis]'."
        )
    return value


def _folder(name: str, value: str, others: str) -> Path:
    parts = urlsplit(value)
    if parts.scheme != "file" or parts.netloc or not parts.path.startswith("/"):
        raise OddSettings(f"{name} must be file:///absolute/folder, {others}.")
    return Path(unquote(parts.path))


def places(values: Mapping[str, str], instance: Path) -> tuple[Path | Bucket, Path | Bucket | SftpAddress]:
    """Where photos lie, and where the public site."""
    media_url, site_url = values.get("MEDIA_URL", ""), values.get("SITE_URL", "")
    media: Path | Bucket = instance / "media"
    site: Path | Bucket | SftpAddress = instance / "site"
    if urlsplit(media_url).scheme == "s3":
        media = _bucket("MEDIA_URL", media_url)
    elif media_url:
        media = _folder("MEDIA_URL", media_url, "or s3://bucket/prefix")
    if urlsplit(site_url).scheme == "s3":
        site = _bucket("SITE_URL", site_url)
    elif urlsplit(site_url).scheme == "sftp":
        site = _sftp(values, instance)
    elif site_url:
        site = _folder("SITE_URL", site_url, "s3://bucket/prefix or sftp://user@host/absolute/folder")
    _keep_apart(media, site, instance)
    return media, site


def _bucket(name: str, value: str) -> Bucket:
    try:
        return buckets.read(value)
    except ValueError as error:
        raise OddSettings(f"{name} {error}") from error


def _sftp(values: Mapping[str, str], instance: Path) -> SftpAddress:
    if not values.get("SITE_PUBLIC_URL"):
        raise OddSettings(
            "SITE_URL is on another computer, so SITE_PUBLIC_URL must say where the site is opened, such as "
            "https://www.school.example/trips."
        )
    try:
        return sftp_url.read(values["SITE_URL"], instance)
    except ValueError as error:
        raise OddSettings(f"SITE_URL {error}") from error


def address(name: str, value: str) -> str:
    """An address without a slash at the end; plain http on this machine alone."""
    parts = urlsplit(value)
    local = parts.hostname in LOOPBACK
    if not parts.hostname or parts.query or parts.fragment or parts.scheme not in {"http", "https"}:
        raise OddSettings(f"{name} must be an address such as https://trips.example.org.")
    if parts.scheme == "http" and not local:
        raise OddSettings(f"{name} must begin with https:// (http:// is only for this machine itself).")
    return value.rstrip("/")


def site_public(value: str) -> str:
    """'' where the site is opened below PUBLIC_BASE_URL."""
    return address("SITE_PUBLIC_URL", value) if value else ""


def backup_key(value: str) -> str:
    """An age recipient, or what gpg knows a key by; '' for backups that are not encrypted."""
    if value and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.@_+-]*", value):
        raise OddSettings(
            "BACKUP_KEY must be an age recipient (age1...), or a gpg key's fingerprint or address."
        )
    return value


def purge(value: str) -> str:
    """As it is written, query and all; '' where nothing stands in front of the website."""
    parts = urlsplit(value)
    if value and not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)):
        raise OddSettings("PURGE_URL must begin with https:// (http:// is only for this machine itself).")
    return value


def notify_key(value: str) -> str:
    """'' where the school has no service at GOV.UK Notify: then there are no text messages."""
    if value and not NOTIFY_KEY.fullmatch(value):
        raise OddSettings(
            "NOTIFY_API_KEY is not a key of GOV.UK Notify: copy all of it from its page “API integration”, name included."
        )
    return value


def prefix(value: str, school: str) -> str:
    """A new service at Notify begins texts with its name: where nobody says otherwise, that is taken to be the school's."""
    said = " ".join(value.split())
    return "" if said == NO_PREFIX else said or " ".join(school.split())


def class_app(value: str) -> str:
    """'' where pupils' families use none."""
    name = " ".join(value.split())
    if len(name) > 40:
        raise OddSettings("CLASS_APP is the name of the app that families have, such as SeeSaw.")
    return name


def mail(value: str) -> MailServer | None:
    """None where the school has no mail server: then nobody is told by e-mail, and pages say so."""
    try:
        return mail_url.read(value) if value else None
    except ValueError as error:
        raise OddSettings(f"MAIL_URL cannot be used: {error}") from error


def vapid_key(value: str) -> str:
    """'' where phones are not told."""
    try:
        return vapid.check(value) if value else ""
    except ValueError as error:
        raise OddSettings(
            "VAPID_PRIVATE_KEY is not a key: take that line out, and `tripupdates init` makes one."
        ) from error


def one_of(name: str, values: Mapping[str, str], meanings: Mapping[str, str]) -> str:
    """What a school decided between two ways."""
    if values[name] not in meanings:
        said = "; or ".join(f"{word}: {meaning}" for word, meaning in meanings.items())
        raise OddSettings(f"{name} is {values[name]!r}. Write {said}.")
    return values[name]


def _keep_apart(media: Path | Bucket, site: Path | Bucket | SftpAddress, instance: Path) -> None:
    """What is public must be a place of its own: whatever else is in it would be deleted, or shown to everybody."""
    wrong = OddSettings(
        "SITE_URL must be a place of its own, not one that holds anything else: everything in it is public."
    )
    if isinstance(site, Path):
        for ours in (instance, instance / "families", *([media] if isinstance(media, Path) else [])):
            if site == ours or site in ours.parents or (ours in site.parents and ours != instance):
                raise wrong
    elif isinstance(site, Bucket) and isinstance(media, Bucket) and site.name == media.name:
        one, other = (f"{each.prefix}/".lstrip("/") for each in (site, media))
        if one.startswith(other) or other.startswith(one):
            raise wrong


def whole_account(values: Mapping[str, str]) -> None:
    """X's five keys are all there, or none."""
    given = [name for name in X_KEYS if values.get(name)]
    missing = [name for name in X_KEYS if not values.get(name)]
    if given and missing:
        raise OddSettings(f"X is half set up: {', '.join(missing)} missing. Set all of them, or none.")
