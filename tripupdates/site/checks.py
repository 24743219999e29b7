"""What may not stand in a tree of pages: whatever could lead outside it, or make a page or a feed that is not valid. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from tripupdates.site.values import PHOTO_NAME, SLUG, Photo, Site

PDF_NAME = re.compile(r"[0-9a-f]{64}\.pdf")
HANDLE = re.compile(r"[A-Za-z0-9_]{0,15}")


def check(site: Site) -> None:
    """Raise ValueError for anything that could lead outside the tree, or that a page or a feed cannot hold."""
    address = urlsplit(site.base_url)
    if address.scheme not in {"http", "https"} or not address.netloc or not address.path.endswith("/"):
        raise ValueError("the site's address is not absolute, or lacks the / at its end")
    if not HANDLE.fullmatch(site.handle):
        raise ValueError("a handle that X does not know")
    _check_slugs("trips", [trip.slug for trip in site.trips])
    _check_slugs("articles", [article.slug for article in site.news])
    _check_slugs("newsletters", [issue.slug for issue in site.newsletters])
    for trip in site.trips:
        for item in trip.items:
            _check_one("an update", item.id, item.published)
            _check_photos(item.photos)
    for article in site.news:
        _check_one("an article", article.id, article.published)
        _check_photos(article.photos)
    for notice in site.notices:
        _check_one("a notice", notice.id, notice.published)
        if notice.until is not None:
            _check_one("a notice", notice.id, notice.until)
    for issue in site.newsletters:
        _check_one("a newsletter", issue.id, issue.published)
        _check_photos([issue.cover])
        if not PDF_NAME.fullmatch(issue.pdf):
            raise ValueError("a PDF's name is not a hash")


def _check_slugs(what: str, slugs: Sequence[str]) -> None:
    if len(set(slugs)) < len(slugs):
        raise ValueError(f"two {what} with one slug")
    if not all(SLUG.fullmatch(slug) for slug in slugs):
        raise ValueError("a slug that is no plain word")


def _check_one(what: str, id: str, moment: datetime) -> None:
    if str(UUID(id)) != id:
        raise ValueError(f"{what} has an id that is not a UUID in its usual form")
    if moment.utcoffset() is None:
        raise ValueError(f"{what} has a time that does not know its zone")


def _check_photos(photos: Sequence[Photo]) -> None:
    for photo in photos:
        if not photo.sizes:
            raise ValueError("a photo without renditions")
        for sizes in (photo.sizes, photo.avif):
            widths = [size.width for size in sizes]
            if widths != sorted(widths):
                raise ValueError("a photo's renditions are not by ascending width")
            if not all(PHOTO_NAME.fullmatch(size.name) for size in sizes):
                raise ValueError("a photo's name is not a hash")
