"""The one place that picks the clock, the photo store and the channels. Only `create_app` and `cli` import it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tripupdates import metering
from tripupdates.buckets import Bucket
from tripupdates.channels.contract import Channel as Place
from tripupdates.channels.email import Mail
from tripupdates.channels.families import Families
from tripupdates.channels.family_mail import FamilyMail
from tripupdates.channels.notify import Notify, NotifyAccount
from tripupdates.channels.push import Push
from tripupdates.channels.website import Website
from tripupdates.channels.x import X
from tripupdates.channels.x_account import XAccount
from tripupdates.house import House
from tripupdates.photos.room import Room
from tripupdates.photos.store import BucketStore, FolderStore, PhotoStore
from tripupdates.policy.phrases import DEFAULT_WORDS
from tripupdates.policy.rules import SchoolWords, read_words
from tripupdates.settings import Settings
from tripupdates.site.bucket import BucketTarget
from tripupdates.site.folder import Folder
from tripupdates.site.sftp import Sftp
from tripupdates.site.target import Target
from tripupdates.vocabulary import TO_FAMILIES, Channel

# The practice X keeps nobody waiting: it answers on this machine, and what it took is on its timeline at once.
PRACTICE_TIMEOUT = 3.0
PRACTICE_SETTLE = timedelta(seconds=1)


def build(settings: Settings) -> House:
    """A house for these settings. Without an X account there is no X; a practice X is spoken to like the real one."""
    pages = _pages(settings)
    places: dict[Channel, Place[Any]] = {
        Channel.FAMILIES: Families(pages[Channel.FAMILIES], settings.public_base_url + "/trips/"),
        Channel.WEBSITE: Website(
            pages[Channel.WEBSITE], settings.site_address, purge_hook=settings.purge_url
        ),
    }
    if settings.x_handle:
        web = settings.x_api_base if settings.practice else "https://x.com"
        account = XAccount(
            api_base=settings.x_api_base,
            handle=settings.x_handle,
            consumer_key=settings.x_consumer_key,
            consumer_secret=settings.x_consumer_secret,
            access_token=settings.x_access_token,
            access_token_secret=settings.x_access_token_secret,
            web=web,
        )
        pace: dict[str, Any] = (
            {"timeout": PRACTICE_TIMEOUT, "settle": PRACTICE_SETTLE} if settings.practice else {}
        )
        places[Channel.X] = X(account, meter=lambda call, times: metering.count(_now(), call, times), **pace)
    mail = Mail(settings.mail, settings.school_name) if settings.mail else None
    return House(
        settings=settings,
        clock=_now,
        photos=_photos(settings),
        room=Room(),
        places=places | _to_families(settings, mail),
        pages=pages,
        words=_words(settings),
        mail=mail,
        push=_push(settings),
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _to_families(settings: Settings, mail: Mail | None) -> dict[Channel, Place[Any]]:
    """The ways that go to each family: both by GOV.UK Notify; without it, e-mail by the school's own mail server."""
    if settings.notify_api_key:
        account = NotifyAccount(settings.notify_base_url, settings.notify_api_key)
        pace: dict[str, Any] = (
            {"timeout": PRACTICE_TIMEOUT, "settle": PRACTICE_SETTLE, "tells_after": PRACTICE_SETTLE}
            if settings.practice_notify
            else {}
        )
        return {way: Notify(way, account, **pace) for way in TO_FAMILIES}
    return {Channel.EMAIL: FamilyMail(mail, _now)} if mail else {}


def _photos(settings: Settings) -> PhotoStore:
    """The photo store: a bucket where one is set, so that several machines share it."""
    bucket = settings.media_bucket
    return BucketStore(bucket.below("photos")) if bucket else FolderStore(settings.media)


def _pages(settings: Settings) -> dict[Channel, Target]:
    """Where pages go. Families' pages are as private as the photos, and lie where those do."""
    shared, public = settings.media_bucket, settings.site_elsewhere
    return {
        Channel.FAMILIES: BucketTarget(shared.below("families")) if shared else Folder(settings.families),
        Channel.WEBSITE: BucketTarget(public)
        if isinstance(public, Bucket)
        else Sftp(public)
        if public
        else Folder(settings.site),
    }


def _push(settings: Settings) -> Push | None:
    """Where the school itself is on this machine only, a push service may be as well."""
    if not settings.vapid_private_key:
        return None
    subject = settings.public_base_url if settings.secure else "mailto:trip-updates@localhost"
    return Push(settings.vapid_private_key, subject, loopback=not settings.secure)


def _words(settings: Settings) -> SchoolWords:
    """The school's own list of words, where it keeps one: `words.txt` in the instance folder."""
    own = settings.instance / "words.txt"
    return read_words(own.read_text("utf-8")) if own.exists() else DEFAULT_WORDS
