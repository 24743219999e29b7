"""The school's settings: read once, typed, frozen. A missing or odd value stops the start and says what to type.

They come from `config.toml` in the instance folder and from `TRIPUPDATES_*` variables; the variable wins.
"""

import hmac
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
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
from tripupdates.vocabulary import PUBLIC, Channel

PREFIX = "TRIPUPDATES_"
PACKAGE = Path(__file__).parent
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
X_KEYS = (
    "X_HANDLE",
    "X_CONSUMER_KEY",
    "X_CONSUMER_SECRET",
    "X_ACCESS_TOKEN",
    "X_ACCESS_TOKEN_SECRET",
)
DEFAULTS = {
    "TIMEZONE": "Europe/London",
    "X_API_BASE": "https://api.x.com",
    "NOTIFY_BASE_URL": "https://api.notifications.service.gov.uk",
    "RATELIMIT_STORAGE_URI": "memory://",
    "PUBLIC_PHOTOS": "full",
    "PUBLIC_FACES": "consented",
    "UNSIGNED_APPROVALS": "allowed",
    "X_LINKS": "off",
}
OPTIONAL = (
    "DATABASE_URL",
    "MEDIA_URL",
    "SITE_URL",
    "SITE_PUBLIC_URL",
    "PURGE_URL",
    "BACKUP_KEY",
    "MAIL_URL",
    "VAPID_PRIVATE_KEY",
    "CLASS_APP",
    "NOTIFY_API_KEY",
    "NOTIFY_PREFIX",
    *X_KEYS,
)
REQUIRED = ("SECRET_KEY", "SCHOOL_NAME", "PUBLIC_BASE_URL")
KNOWN = {*DEFAULTS, *OPTIONAL, *REQUIRED}
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NOTIFY_KEY = re.compile(f".*{_UUID}-{_UUID}")  # a name of the school's choice, the service, the secret
NO_PREFIX = "none"


# How large photos are on the website and on X, by the longest edge in pixels. Elsewhere they have the full size.
FULL_EDGE = 2048
PUBLIC_EDGES = {"full": FULL_EDGE, "small": 960}
PUBLIC_FACES = {
    "consented": "group pictures with every pictured pupil's consent may appear on the website and X (the policy as written)",
    "families": "no recognisable face on the website or X, only on the families' page (UK guidance of May 2026, "
    "after schools were blackmailed with images made from their pictures)",
}

UNSIGNED_APPROVALS = {
    "allowed": "who has no passkey at hand approves with the password, which is asked for again after 15 minutes, and "
    "the approval is marked as unsigned",
    "refused": "only a passkey approves, so that a stolen cookie or a password that was seen approves nothing; every "
    "approver needs a passkey",
}

X_LINKS = {
    "off": "a newsletter is announced on X by its title and date, without a link (X charges 0.015 dollars for such a post)",
    "on": "with a link to its page on the website (X charges 0.20 dollars for a post with a link)",
}


class OddSettings(Exception):
    """The settings cannot be used. The text says which one, and what to write instead."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs from school to school. Paths are absolute; addresses have no slash at the end."""

    instance: Path
    secret_key: str = field(repr=False)
    school_name: str
    timezone: ZoneInfo
    database_url: str = field(repr=False)  # may hold a password
    media: Path  # where photos lie, unless there is a `media_bucket`
    site: Path  # where the public site lies, unless it lies `site_elsewhere`
    public_base_url: str
    ratelimit_storage_uri: str = field(repr=False)  # may hold a password
    x_api_base: str
    media_bucket: Bucket | None = None
    site_elsewhere: Bucket | SftpAddress | None = None
    site_public_url: str = ""
    public_photos: str = "full"
    public_faces: str = "consented"
    unsigned_approvals: str = "allowed"
    x_links: str = "off"
    x_handle: str = ""
    x_consumer_key: str = field(default="", repr=False)
    x_consumer_secret: str = field(default="", repr=False)
    x_access_token: str = field(default="", repr=False)
    x_access_token_secret: str = field(default="", repr=False)
    mail: MailServer | None = None
    vapid_private_key: str = field(default="", repr=False)
    backup_key: str = ""
    class_app: str = ""  # what the school calls it, '' for none
    purge_url: str = field(default="", repr=False)  # may hold a token
    notify_api_key: str = field(default="", repr=False)
    notify_base_url: str = DEFAULTS["NOTIFY_BASE_URL"]
    notify_prefix: str = ""  # what Notify puts before each text, with a colon; '' for nothing

    @property
    def secure(self) -> bool:
        """Whether people reach the school over HTTPS, through a proxy in front of us."""
        return self.public_base_url.startswith("https:")

    @property
    def site_address(self) -> str:
        """Where everybody opens the public site, with a / at the end."""
        return f"{self.site_public_url or self.public_base_url + '/site'}/"

    @property
    def origin(self) -> str:
        """The site as browsers name it: what a passkey's answer says it was given to."""
        parts = urlsplit(self.public_base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def rp_id(self) -> str:
        """The host name that passkeys are bound to."""
        return urlsplit(self.public_base_url).hostname or ""

    @property
    def practice(self) -> bool:
        """Whether X is the practice X on this machine: nothing becomes public."""
        return urlsplit(self.x_api_base).hostname in LOOPBACK

    @property
    def practice_notify(self) -> bool:
        """Whether texts and mails to families go to the practice Notify on this machine: nobody gets them."""
        return bool(self.notify_api_key) and urlsplit(self.notify_base_url).hostname in LOOPBACK

    @property
    def families_key(self) -> bytes:
        """What hashes of families' numbers and addresses are made with, and the links by which they ask for no more."""
        return hmac.digest(self.secret_key.encode(), b"families' numbers and addresses", "sha256")

    def widest(self, channel: Channel) -> int:
        """The longest edge of a photo on a channel, in pixels."""
        return PUBLIC_EDGES[self.public_photos] if channel in PUBLIC else FULL_EDGE

    def hides_faces(self, channel: Channel) -> bool:
        """Whether no face may be recognised on this channel, whoever consented."""
        return self.public_faces == "families" and channel in PUBLIC

    @property
    def families(self) -> Path:
        """The folder of the families' finished pages."""
        return self.instance / "families"


def instance_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where this school lives: `TRIPUPDATES_INSTANCE`, else `instance/` beside the package's checkout or here."""
    named = environ.get(PREFIX + "INSTANCE")
    if named:
        return Path(named).expanduser().resolve()
    checkout = PACKAGE.parent
    return (checkout if (checkout / "pyproject.toml").exists() else Path.cwd()) / "instance"


def folder_of_ours(name: str) -> Path:
    """`templates` or `static`: beside the package in a checkout, inside it when installed from a wheel."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. Raises OddSettings with one sentence that says what to mend."""
    instance = instance_folder(environ)
    values = DEFAULTS | _from_file(instance / "config.toml") | _from_variables(environ)
    for name in REQUIRED:
        if not values.get(name):
            raise OddSettings(
                f"{name} is not set. Type `tripupdates init` once, or set it in {instance / 'config.toml'}."
            )
    _check_x(values)
    media, site = _places(values, instance)
    return Settings(
        instance=instance,
        secret_key=_secret(values["SECRET_KEY"]),
        school_name=values["SCHOOL_NAME"].strip(),
        timezone=_zone(values["TIMEZONE"]),
        database_url=_database(values.get("DATABASE_URL", ""), instance),
        media=media if isinstance(media, Path) else instance / "media",
        media_bucket=None if isinstance(media, Path) else media,
        site=site if isinstance(site, Path) else instance / "site",
        site_elsewhere=None if isinstance(site, Path) else site,
        site_public_url=_site_public(values.get("SITE_PUBLIC_URL", "")),
        public_base_url=_address("PUBLIC_BASE_URL", values["PUBLIC_BASE_URL"]),
        ratelimit_storage_uri=_throttles(values["RATELIMIT_STORAGE_URI"]),
        x_api_base=_address("X_API_BASE", values["X_API_BASE"]),
        public_photos=_public_photos(values["PUBLIC_PHOTOS"]),
        public_faces=_one_of("PUBLIC_FACES", values, PUBLIC_FACES),
        unsigned_approvals=_one_of("UNSIGNED_APPROVALS", values, UNSIGNED_APPROVALS),
        x_links=_one_of("X_LINKS", values, X_LINKS),
        x_handle=values.get("X_HANDLE", "").removeprefix("@"),
        x_consumer_key=values.get("X_CONSUMER_KEY", ""),
        x_consumer_secret=values.get("X_CONSUMER_SECRET", ""),
        x_access_token=values.get("X_ACCESS_TOKEN", ""),
        x_access_token_secret=values.get("X_ACCESS_TOKEN_SECRET", ""),
        mail=_mail(values.get("MAIL_URL", "")),
        vapid_private_key=_vapid(values.get("VAPID_PRIVATE_KEY", "")),
        backup_key=_backup_key(values.get("BACKUP_KEY", "")),
        class_app=_class_app(values.get("CLASS_APP", "")),
        purge_url=_purge(values.get("PURGE_URL", "")),
        notify_api_key=_notify_key(values.get("NOTIFY_API_KEY", "")),
        notify_base_url=_address("NOTIFY_BASE_URL", values["NOTIFY_BASE_URL"]),
        notify_prefix=_prefix(values.get("NOTIFY_PREFIX", ""), values["SCHOOL_NAME"]),
    )


def _from_file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OddSettings(f"{path} cannot be read as TOML: {error}") from error
    for name, value in found.items():
        if name not in KNOWN:
            raise OddSettings(f"{path} has a setting that we do not know: {name}. Is it spelt right?")
        if not isinstance(value, str):
            raise OddSettings(f'{name} in {path} must be text in quotes, like {name} = "...".')
    return found


def _from_variables(environ: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name, value in environ.items():
        if name.startswith(PREFIX) and name != PREFIX + "INSTANCE":
            known = name.removeprefix(PREFIX)
            if known not in KNOWN:
                raise OddSettings(f"{name} is set, but we know no such setting. Is it spelt right?")
            found[known] = value
    return found


def _secret(value: str) -> str:
    if len(value) < 32:
        raise OddSettings("SECRET_KEY must be at least 32 characters long. `tripupdates init` makes one.")
    return value


def _zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (KeyError, OSError, ValueError) as error:
        raise OddSettings(
            f"TIMEZONE is {value!r}, which is no time zone. Write for example Europe/London."
        ) from error


def _database(value: str, instance: Path) -> str:
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


def _throttles(value: str) -> str:
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


def _places(values: Mapping[str, str], instance: Path) -> tuple[Path | Bucket, Path | Bucket | SftpAddress]:
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


def _address(name: str, value: str) -> str:
    parts = urlsplit(value)
    local = parts.hostname in LOOPBACK
    if not parts.hostname or parts.query or parts.fragment or parts.scheme not in {"http", "https"}:
        raise OddSettings(f"{name} must be an address such as https://trips.example.org.")
    if parts.scheme == "http" and not local:
        raise OddSettings(f"{name} must begin with https:// (http:// is only for this machine itself).")
    return value.rstrip("/")


def _site_public(value: str) -> str:
    """'' where the site is opened below PUBLIC_BASE_URL."""
    return _address("SITE_PUBLIC_URL", value) if value else ""


def _backup_key(value: str) -> str:
    """An age recipient, or what gpg knows a key by; '' for backups that are not encrypted."""
    if value and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.@_+-]*", value):
        raise OddSettings(
            "BACKUP_KEY must be an age recipient (age1...), or a gpg key's fingerprint or address."
        )
    return value


def _purge(value: str) -> str:
    """As it is written, query and all; '' where nothing stands in front of the website."""
    parts = urlsplit(value)
    if value and not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)):
        raise OddSettings("PURGE_URL must begin with https:// (http:// is only for this machine itself).")
    return value


def _notify_key(value: str) -> str:
    """'' where the school has no service at GOV.UK Notify: then there are no text messages."""
    if value and not NOTIFY_KEY.fullmatch(value):
        raise OddSettings(
            "NOTIFY_API_KEY is not a key of GOV.UK Notify: copy all of it from its page “API integration”, name included."
        )
    return value


def _prefix(value: str, school: str) -> str:
    """A new service at Notify begins texts with its name: where nobody says otherwise, that is taken to be the school's."""
    said = " ".join(value.split())
    return "" if said == NO_PREFIX else said or " ".join(school.split())


def _class_app(value: str) -> str:
    """'' where pupils' families use none."""
    name = " ".join(value.split())
    if len(name) > 40:
        raise OddSettings("CLASS_APP is the name of the app that families have, such as SeeSaw.")
    return name


def _mail(value: str) -> MailServer | None:
    """None where the school has no mail server: then nobody is told by e-mail, and pages say so."""
    try:
        return mail_url.read(value) if value else None
    except ValueError as error:
        raise OddSettings(f"MAIL_URL cannot be used: {error}") from error


def _vapid(value: str) -> str:
    try:
        return vapid.check(value) if value else ""
    except ValueError as error:
        raise OddSettings(
            "VAPID_PRIVATE_KEY is not a key: take that line out, and `tripupdates init` makes one."
        ) from error


def _public_photos(value: str) -> str:
    if value not in PUBLIC_EDGES:
        raise OddSettings(
            f"PUBLIC_PHOTOS is {value!r}. Write full, or small for photos of at most 960 pixels on the website and X."
        )
    return value


def _one_of(name: str, values: Mapping[str, str], meanings: Mapping[str, str]) -> str:
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


def _check_x(values: Mapping[str, str]) -> None:
    given = [name for name in X_KEYS if values.get(name)]
    missing = [name for name in X_KEYS if not values.get(name)]
    if given and missing:
        raise OddSettings(f"X is half set up: {', '.join(missing)} missing. Set all of them, or none.")
