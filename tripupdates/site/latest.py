"""Where on the public site everything stands, and the newest of it: for feeds, the sitemap and the embedded list. Pure."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cached_property

from tripupdates.site.feed import NEWEST, Entry, Feed, title_of, written
from tripupdates.site.parts import Part, parts
from tripupdates.site.values import Site, Trip

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # how old a site is that says nothing yet: it has no clock


@dataclass(frozen=True)
class Laid:
    """A trip laid out: what its first page holds, and its older pages by their names, all newest first."""

    trip: Trip
    first: list[Part]
    older: list[Part]

    @cached_property
    def paths(self) -> dict[Part, str]:
        """The older pages."""
        return {part: f"day.{part.name}.html" for part in self.older}

    def entries(self, base: str) -> Iterator[Entry]:
        """Its updates, the newest first, each with where it stands now."""
        folder = f"{base}trips/{self.trip.slug}/"
        for part in (*self.first, *self.older):
            for item in part.items:
                address = f"{folder}{self.paths.get(part, '')}#update-{item.id}"
                yield Entry(
                    item.id,
                    self.trip.name,
                    address,
                    title_of(item.text, item.published),
                    item.text,
                    item.published,
                )

    def feed(self, site: Site) -> Feed:
        """What follows this trip alone; without an update it is as old as the trip."""
        page = f"{site.base_url}trips/{self.trip.slug}/"
        before = datetime.combine(self.trip.starts, time.min, UTC)
        title = f"{self.trip.name}, {site.school}"
        return Feed(site.school, title, page, f"{page}feed", before, tuple(self.entries(site.base_url)))


def lay_out(trip: Trip) -> Laid:
    """Cut a trip into pages."""
    return Laid(trip, *parts(trip.items))


def latest(site: Site, laid: list[Laid]) -> tuple[Entry, ...]:
    """Everything once, the newest first; of notices those in force. An urgent one about a trip is there as a notice."""
    base = site.base_url
    found = [entry for each in laid for entry in each.entries(base)]
    found += [
        Entry(each.id, "News", f"{base}news/{each.slug}/", each.title, each.text, each.published)
        for each in site.news
    ]
    found += [
        Entry(each.id, "Notice", f"{base}notices/#notice-{each.id}", each.title, each.text, each.published)
        for each in site.notices
        if not each.over
    ]
    found += [
        Entry(each.id, "Newsletter", f"{base}newsletters/{each.slug}/", each.title, each.text, each.published)
        for each in site.newsletters
    ]
    once = {entry.id: entry for entry in found}.values()
    return tuple(sorted(once, key=lambda entry: (entry.published, entry.id), reverse=True))


def whole_feed(site: Site, entries: tuple[Entry, ...]) -> Feed:
    """What follows the whole site, so each entry says where it is from."""
    named = tuple(replace(each, title=f"{each.where}: {each.title}") for each in entries[:NEWEST])
    return Feed(site.school, site.school, site.base_url, f"{site.base_url}feed", BEGINNING, named)


def sitemap(addresses: Mapping[str, date | None]) -> bytes:
    """Every page (sitemaps.org), with the day of what is newest on it where that is known."""
    root = ET.Element("urlset", {"xmlns": SITEMAP})
    for address, day in sorted(addresses.items()):
        each = ET.SubElement(root, "url")
        ET.SubElement(each, "loc").text = address
        if day is not None:
            ET.SubElement(each, "lastmod").text = day.isoformat()
    return written(root)
