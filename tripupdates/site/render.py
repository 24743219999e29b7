"""The static pages: from a school's trips to {path: bytes}. Pure: the same values give the same bytes.

No clock, no network, nothing from elsewhere, and no script needed. Links are relative, so the tree works below any
address.
"""

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tripupdates.site.feed import atom, printable
from tripupdates.site.parts import Part, parts
from tripupdates.site.status import status

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
PHOTO_NAME = re.compile(r"[0-9a-f]{64}\.(?:jpg|avif)")
ICON = "icon.svg"
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

    @cached_property
    def mark(self) -> str:
        """What all its renditions are called by on the families' pages, where each byte of a page counts."""
        return _hash(" ".join(size.name for size in (*self.sizes, *self.avif)))

    def short(self, size: Size) -> str:
        """The path of a rendition on the families' pages: another picture has another one."""
        return f"photos/{self.mark}-{size.width}{Path(size.name).suffix}"


@dataclass(frozen=True)
class Item:
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

    @property
    def paragraphs(self) -> list[list[str]]:
        """The text as paragraphs of lines: a blank line ends a paragraph. No words, no paragraph."""
        parts = re.split(r"\n[ \t]*\n", printable(self.text).strip())
        return [part.strip().split("\n") for part in parts if part.strip()]


@dataclass(frozen=True)
class Notice:
    """What the head says to families while nothing is published. `since` is aware, in the school's zone."""

    text: str
    since: datetime


@dataclass(frozen=True)
class Trip:
    """A residential with its updates, the newest first. Where it is does not stand on any page."""

    slug: str
    name: str
    starts: date
    ends: date
    items: tuple[Item, ...] = ()
    notice: Notice | None = None

    @property
    def days(self) -> list[tuple[date, list[Item]]]:
        """Its updates by day, the newest first."""
        by_day = groupby(self.items, key=lambda item: item.published.date())
        return [(day, list(items)) for day, items in by_day]


@dataclass(frozen=True)
class Site:
    """Everything on one set of pages. `base_url` is the absolute address of its root, with a / at the end."""

    school: str
    base_url: str
    trips: tuple[Trip, ...]


@dataclass(frozen=True)
class Rendered:
    """What should stand there: pages with their bytes, and photos with their names in the photo store."""

    pages: dict[str, bytes]
    photos: dict[str, str]


def website(site: Site, templates: Path, css: bytes) -> Rendered:
    """The public site: an index, a page and an Atom feed for each trip, how the school posts, and a 404 page.

    `templates` is the folder of the site's templates. Raises ValueError where a value could lead outside the tree
    or make a page that is not valid (see `_check`).
    """
    _check(site)
    style = _style(css)
    fill = _filler(site, templates, style, private=False)
    pages = {
        style: css,
        "index.html": fill("index.html", "", trips=site.trips),
        "policy.html": fill("policy.html", ""),
        # Served for a wrong address at any depth, so its links begin at the root of the host.
        "404.html": fill("missing.html", urlsplit(site.base_url).path),
    }
    photos: dict[str, str] = {}
    for trip in site.trips:
        pages[f"trips/{trip.slug}/index.html"] = fill("trip.html", "../../", trip=trip)
        pages[f"trips/{trip.slug}/feed.xml"] = atom(site.school, site.base_url, trip)
        photos |= {f"photos/{name}": name for name in _names(trip)}
    return Rendered(pages, photos)


def families(site: Site, templates: Path, css: bytes, script: bytes, icon: bytes) -> Rendered:
    """The families' pages: one folder for each trip, whole in itself, kept from search engines and without a feed.

    Each trip has its newest updates first, then a page for each older day, and the same again for each group that
    updates are about. Every page is packed too (`.gz`), for whoever hands it out. `script` opens photos over the page,
    `icon` is an SVG.
    Takes and raises else the same as `website`.
    """
    _check(site)
    style, viewer = _style(css), f"js/{sha256(script).hexdigest()[:16]}.js"
    fill = _filler(site, templates, style, private=True)
    pages: dict[str, bytes] = {}
    photos: dict[str, str] = {}
    for trip in site.trips:
        made = {style: css, viewer: script, ICON: icon}
        groups = _groups(trip)
        for group in (None, *groups):
            made |= _family_pages(fill, trip, group, groups, viewer)
        made |= {f"{path}.gz": gzip.compress(data, 9, mtime=0) for path, data in made.items()}
        pages |= {f"{trip.slug}/{path}": data for path, data in made.items()}
        shown = (photo for item in trip.items for photo in item.photos)
        photos |= {
            f"{trip.slug}/{photo.short(size)}": size.name
            for photo in shown
            for size in (*photo.sizes, *photo.avif)
        }
    return Rendered(pages, photos)


@dataclass(frozen=True)
class Filter:
    """The updates of one group, by its name; `page` is the first of its pages."""

    name: str
    page: str


def _groups(trip: Trip) -> list[Filter]:
    """The groups that some update is about. Names that look alike as an address are told apart by a hash."""
    names = sorted({name for item in trip.items for name in item.groups})
    plain = [re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") for name in names]
    return [
        Filter(name, f"group-{word if word and plain.count(word) == 1 else _hash(name)}.html")
        for name, word in zip(names, plain, strict=True)
    ]


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def _family_pages(
    fill: Callable[..., bytes], trip: Trip, group: Filter | None, groups: list[Filter], viewer: str
) -> dict[str, bytes]:
    """The pages of one group, or of everybody: the newest first, then the older ones, which change no more."""
    items = [item for item in trip.items if group is None or not item.groups or group.name in item.groups]
    first, older = parts(items)
    front = group.page if group else "index.html"
    stem = group.page.removesuffix("html") if group else "day."
    paths: dict[Part, str] = {part: f"{stem}{part.name}.html" for part in older}
    about = {"trip": trip, "group": group, "groups": groups, "viewer": viewer, "paths": paths, "front": front}
    now = status(trip.items)
    pages = {front: fill("families.html", "", **about, parts=first, older=older, status=now, at=None)}
    for newer, part, before in zip([None, *older], older, [*older[1:], None], strict=False):
        around = {"newer": newer, "before": before}
        pages[paths[part]] = fill("families.html", "", **about, parts=[part], older=[], at=part, **around)
    return pages


def _style(css: bytes) -> str:
    """Named after its bytes, so that a browser may keep it for ever."""
    return f"css/{sha256(css).hexdigest()[:16]}.css"


def _filler(site: Site, templates: Path, style: str, private: bool) -> Callable[..., bytes]:
    """What fills a template: its name, the way from the page to the root, and the page's own values."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"day": _day, "clock": _clock, "moment": _moment, "printable": printable}
    environment.globals |= {"school": site.school, "style": style, "private": private}

    def fill(template: str, root: str, **values: Any) -> bytes:
        return environment.get_template(template).render(root=root, **values).encode()

    return fill


def _check(site: Site) -> None:
    """Raise ValueError for anything that could lead outside the tree, or that a page or a feed cannot hold."""
    address = urlsplit(site.base_url)
    if address.scheme not in {"http", "https"} or not address.netloc or not address.path.endswith("/"):
        raise ValueError("the site's address is not absolute, or lacks the / at its end")
    if len({trip.slug for trip in site.trips}) < len(site.trips):
        raise ValueError("two trips with one slug")
    for trip in site.trips:
        if not SLUG.fullmatch(trip.slug):
            raise ValueError("a slug that is no plain word")
        for item in trip.items:
            _check_item(item)


def _check_item(item: Item) -> None:
    if str(UUID(item.id)) != item.id:
        raise ValueError("an update's id is not a UUID in its usual form")
    if item.published.utcoffset() is None:
        raise ValueError("an update's time does not know its zone")
    for photo in item.photos:
        if not photo.sizes:
            raise ValueError("a photo without renditions")
        for sizes in (photo.sizes, photo.avif):
            widths = [size.width for size in sizes]
            if widths != sorted(widths):
                raise ValueError("a photo's renditions are not by ascending width")
            if not all(PHOTO_NAME.fullmatch(size.name) for size in sizes):
                raise ValueError("a photo's name is not a hash")


def _names(trip: Trip) -> Iterator[str]:
    photos = (photo for item in trip.items for photo in item.photos)
    return (size.name for photo in photos for size in (*photo.sizes, *photo.avif))


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def _moment(moment: datetime) -> str:
    """With the day: a finished page cannot know which day it is read on."""
    return f"{moment:%a %H:%M}"
