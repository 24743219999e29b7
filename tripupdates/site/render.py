"""The static pages: from a school's trips to {path: bytes}. Pure: the same values give the same bytes.

No clock, no network, no JavaScript, nothing from elsewhere. Links are relative, so the tree works below any address.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tripupdates.site.feed import atom, printable

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
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


@dataclass(frozen=True)
class Item:
    """An update as published. `published` is aware, in the school's zone; `id` is a UUID."""

    id: str
    text: str
    published: datetime
    photos: tuple[Photo, ...] = ()

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


def families(site: Site, templates: Path, css: bytes) -> Rendered:
    """The families' pages: one folder for each trip, whole in itself, kept from search engines and without a feed.

    Takes and raises the same as `website`.
    """
    _check(site)
    style = _style(css)
    fill = _filler(site, templates, style, private=True)
    pages: dict[str, bytes] = {}
    photos: dict[str, str] = {}
    for trip in site.trips:
        pages[f"{trip.slug}/{style}"] = css
        pages[f"{trip.slug}/index.html"] = fill("trip.html", "", trip=trip)
        photos |= {f"{trip.slug}/photos/{name}": name for name in _names(trip)}
    return Rendered(pages, photos)


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
    environment.filters |= {"day": _day, "clock": _clock, "printable": printable}
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
