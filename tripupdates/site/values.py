"""What stands on the static pages, as plain values: trips with their updates, and what else the school says. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from tripupdates.site.feed import printable

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
ICON, PICTURE = "icon.svg", "icon-512.png"
PHOTO_NAME = re.compile(r"[0-9a-f]{64}\.(?:jpg|avif)")
PHONE_WIDTH = 800  # pixels that fill a phone: what a browser that knows no srcset gets


@dataclass(frozen=True)
class Size:
    """One rendition: pixels, and its name in the photo store (the hash of its bytes, and .jpg or .avif)."""

    width: int
    height: int
    name: str


@dataclass(frozen=True)
class Photo:
    """A photo with its alt text and its renditions by ascending width: JPEG for all, AVIF for newer browsers."""

    alt: str
    sizes: tuple[Size, ...]
    avif: tuple[Size, ...] = ()

    @property
    def widest(self) -> Size:
        """The widest rendition."""
        return self.sizes[-1]

    @property
    def middle(self) -> Size:
        """The narrowest rendition that fills a phone, else the widest."""
        return next((size for size in self.sizes if size.width >= PHONE_WIDTH), self.widest)

    @property
    def files(self) -> dict[str, str]:
        """Where its renditions stand, below the folder of a set of pages, and their names in the photo store."""
        return {self.short(size): size.name for size in (*self.sizes, *self.avif)}

    @cached_property
    def mark(self) -> str:
        """What all its renditions are called by on pages, where each byte of a page counts."""
        return short_hash(" ".join(size.name for size in (*self.sizes, *self.avif)))

    def short(self, size: Size) -> str:
        """The path of a rendition: another picture has another one."""
        return f"photos/{self.mark}-{size.width}{Path(size.name).suffix}"


class Worded:
    """Whatever has a text."""

    text: str

    @property
    def paragraphs(self) -> list[list[str]]:
        """The text as paragraphs of lines: a blank line ends a paragraph. No words, no paragraph."""
        parts = re.split(r"\n[ \t]*\n", printable(self.text).strip())
        return [part.strip().split("\n") for part in parts if part.strip()]


@dataclass(frozen=True)
class Item(Worded):
    """An update as published. `published` is aware, in the school's zone; `id` is a UUID.

    `groups` are the names of those it is about, none for everybody. `key` and `time` say which of the messages it is
    that were approved before the trip, and the time that was filled in; '' where it is none.
    """

    id: str
    text: str
    published: datetime
    photos: tuple[Photo, ...] = ()
    groups: tuple[str, ...] = ()
    key: str = ""
    time: str = ""


@dataclass(frozen=True)
class Notice:
    """What the head says to families while nothing is published. `since` is aware, in the school's zone."""

    text: str
    since: datetime


@dataclass(frozen=True)
class Announcement(Worded):
    """A notice of the school, until a time or for good; both times aware, in the school's zone.

    What is `urgent` stands on top of every page while it is in force. `about` is a trip's name, '' for the whole
    school. Whether it is `over`, or was lifted, is for the caller to say: pages have no clock.
    """

    id: str
    title: str
    text: str
    published: datetime
    until: datetime | None = None
    urgent: bool = False
    about: str = ""
    over: bool = False

    @property
    def pinned(self) -> bool:
        """Whether it stands on top of every page."""
        return self.urgent and not self.over


@dataclass(frozen=True)
class Trip:
    """A residential with its updates, the newest first. Where it is does not stand on any page.

    `urgent` is what families must know now, and `notice` is for them while nothing is published.
    """

    slug: str
    name: str
    starts: date
    ends: date
    items: tuple[Item, ...] = ()
    notice: Notice | None = None
    urgent: tuple[Announcement, ...] = ()


@dataclass(frozen=True)
class Article(Worded):
    """News of the school. `published` is aware, in the school's zone; `id` is a UUID, `slug` made by `slugs.slug`."""

    id: str
    slug: str
    title: str
    text: str
    published: datetime
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True)
class Issue(Worded):
    """A newsletter, with its first page as a picture. It is `dated` by itself.

    `pdf` is its name in the store, "<SHA-256>.pdf", and `size` its bytes.
    """

    id: str
    slug: str
    title: str
    dated: date
    text: str
    published: datetime
    cover: Photo
    pdf: str
    size: int
    pages: int

    @property
    def file(self) -> str:
        """Where the PDF stands: named so that people know it among their downloads, and by its bytes."""
        return f"files/{self.slug}-{self.pdf[:16]}.pdf"


@dataclass(frozen=True)
class Section:
    """Some rules under one heading."""

    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """How the school posts, when it was reviewed and when it will be again."""

    reviewed: date | None = None
    due: date | None = None
    rules: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Site:
    """Everything on one set of pages. `base_url` is the absolute address of its root, with a / at the end.

    All after the trips is on the public site alone. `handle` is the school's on X, '' for none.
    """

    school: str
    base_url: str
    trips: tuple[Trip, ...]
    news: tuple[Article, ...] = ()
    notices: tuple[Announcement, ...] = ()
    newsletters: tuple[Issue, ...] = ()
    policy: Policy = Policy()
    handle: str = ""


@dataclass(frozen=True)
class Rendered:
    """What should stand there: pages with their bytes, and photos and PDFs with their names in the photo store."""

    pages: dict[str, bytes]
    photos: dict[str, str]


def short_hash(text: str) -> str:
    """Sixteen hexadecimal digits that are this text's own."""
    return sha256(text.encode()).hexdigest()[:16]
