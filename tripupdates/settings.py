"""The school's settings: read once, typed, frozen. A missing or odd value stops the start and says what to type.

They come from `config.toml` in the instance folder and from `TRIPUPDATES_*` variables; the variable wins.
"""

import hmac
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from tripupdates import setting_checks as checks
from tripupdates.buckets import Bucket
from tripupdates.channels.mail_url import MailServer
from tripupdates.setting_checks import LOOPBACK, X_KEYS, OddSettings
from tripupdates.site.sftp_url import SftpAddress
from tripupdates.vocabulary import PUBLIC, Channel

PREFIX = "TRIPUPDATES_"
PACKAGE = Path(__file__).parent
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


# How large photos are on the website and on X, by the longest edge in pixels. Elsewhere they have the full size.
FULL_EDGE = 2048
PUBLIC_EDGES = {"full": FULL_EDGE, "small": 960}
PUBLIC_PHOTOS = {
    "full": "photos on the website and X are as large as on the families' page, at most 2048 pixels",
    "small": "photos there have at most 960 pixels",
}
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
    checks.whole_account(values)
    media, site = checks.places(values, instance)
    return Settings(
        instance=instance,
        secret_key=checks.secret(values["SECRET_KEY"]),
        school_name=values["SCHOOL_NAME"].strip(),
        timezone=checks.zone(values["TIMEZONE"]),
        database_url=checks.database(values.get("DATABASE_URL", ""), instance),
        media=media if isinstance(media, Path) else instance / "media",
        media_bucket=None if isinstance(media, Path) else media,
        site=site if isinstance(site, Path) else instance / "site",
        site_elsewhere=None if isinstance(site, Path) else site,
        site_public_url=checks.site_public(values.get("SITE_PUBLIC_URL", "")),
        public_base_url=checks.address("PUBLIC_BASE_URL", values["PUBLIC_BASE_URL"]),
        ratelimit_storage_uri=checks.throttles(values["RATELIMIT_STORAGE_URI"]),
        x_api_base=checks.address("X_API_BASE", values["X_API_BASE"]),
        public_photos=checks.one_of("PUBLIC_PHOTOS", values, PUBLIC_PHOTOS),
        public_faces=checks.one_of("PUBLIC_FACES", values, PUBLIC_FACES),
        unsigned_approvals=checks.one_of("UNSIGNED_APPROVALS", values, UNSIGNED_APPROVALS),
        x_links=checks.one_of("X_LINKS", values, X_LINKS),
        x_handle=values.get("X_HANDLE", "").removeprefix("@"),
        x_consumer_key=values.get("X_CONSUMER_KEY", ""),
        x_consumer_secret=values.get("X_CONSUMER_SECRET", ""),
        x_access_token=values.get("X_ACCESS_TOKEN", ""),
        x_access_token_secret=values.get("X_ACCESS_TOKEN_SECRET", ""),
        mail=checks.mail(values.get("MAIL_URL", "")),
        vapid_private_key=checks.vapid_key(values.get("VAPID_PRIVATE_KEY", "")),
        backup_key=checks.backup_key(values.get("BACKUP_KEY", "")),
        class_app=checks.class_app(values.get("CLASS_APP", "")),
        purge_url=checks.purge(values.get("PURGE_URL", "")),
        notify_api_key=checks.notify_key(values.get("NOTIFY_API_KEY", "")),
        notify_base_url=checks.address("NOTIFY_BASE_URL", values["NOTIFY_BASE_URL"]),
        notify_prefix=checks.prefix(values.get("NOTIFY_PREFIX", ""), values["SCHOOL_NAME"]),
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
