"""The families' pages: one folder for each trip, whole in itself, kept from search engines and without a feed. Pure."""

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

from tripupdates.site.checks import check
from tripupdates.site.filling import Fill, environment, named
from tripupdates.site.parts import Part, parts
from tripupdates.site.status import status
from tripupdates.site.values import ICON, Rendered, Site, Trip, short_hash


def families(site: Site, templates: Path, css: bytes, script: bytes, icon: bytes) -> Rendered:
    """The pages of every trip.

    Each trip has its newest updates first, then a page for each older day, and the same again for each group that
    updates are about. Every page is packed too (`.gz`), for whoever hands it out. `script` opens photos over the page,
    `icon` is an SVG.
    `templates` is the folder of our templates; a school's own are not for these. Raises ValueError as `checks.check` says.
    """
    check(site)
    style, viewer = named("css", css, "css"), named("js", script, "js")
    made_with = environment(templates)

    def fill(template: str, **values: object) -> bytes:
        page = made_with.get_template(template)
        return page.render(school=site.school, style=style, **values).encode()

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
        photos |= {f"{trip.slug}/{path}": name for photo in shown for path, name in photo.files.items()}
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
        Filter(name, f"group-{word if word and plain.count(word) == 1 else short_hash(name)}.html")
        for name, word in zip(names, plain, strict=True)
    ]


def _family_pages(
    fill: Fill, trip: Trip, group: Filter | None, groups: list[Filter], viewer: str
) -> dict[str, bytes]:
    """The pages of one group, or of everybody: the newest first, then the older ones, which change no more."""
    items = [item for item in trip.items if group is None or not item.groups or group.name in item.groups]
    first, older = parts(items)
    front = group.page if group else "index.html"
    stem = group.page.removesuffix("html") if group else "day."
    paths: dict[Part, str] = {part: f"{stem}{part.name}.html" for part in older}
    about = {"trip": trip, "group": group, "groups": groups, "viewer": viewer, "paths": paths, "front": front}
    now = status(trip.items)
    pages = {front: fill("families.html", **about, parts=first, older=older, status=now, at=None)}
    for newer, part, before in zip([None, *older], older, [*older[1:], None], strict=False):
        around = {"newer": newer, "before": before}
        pages[paths[part]] = fill("families.html", **about, parts=[part], older=[], at=part, **around)
    return pages
