"""A trip's Atom feed (RFC 4287), by the standard library: it takes a dozen lines, and only writes, never parses."""

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tripupdates.site.render import Item, Trip

ATOM = "http://www.w3.org/2005/Atom"
LONGEST_TITLE = 80

# Neither XML (https://www.w3.org/TR/xml/#charsets) nor HTML has a way to write these characters.
_UNWRITABLE = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: str) -> str:
    """The text without what no page can hold; every kind of line end becomes a line feed."""
    return _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def atom(school: str, base_url: str, trip: "Trip") -> bytes:
    """The feed of a trip on a site at `base_url`: text only, the newest first, entries named by their update's UUID.

    Its time is that of its newest update, or the trip's first day: no clock, so the same trip gives the same bytes.
    """
    page = f"{base_url}trips/{trip.slug}/"
    before = datetime.combine(trip.starts, time.min, UTC)
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": "en-GB"})
    _add(feed, "id", page)
    _add(feed, "title", f"{trip.name}, {school}")
    _add(feed, "updated", _time(max((item.published for item in trip.items), default=before)))
    _link(feed, "self", "application/atom+xml", f"{page}feed.xml")
    _link(feed, "alternate", "text/html", page)
    _add(ET.SubElement(feed, "author"), "name", school)
    for item in trip.items:
        _entry(feed, page, item)
    ET.indent(feed)
    data: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return data


def _entry(feed: ET.Element, page: str, item: "Item") -> None:
    entry = ET.SubElement(feed, "entry")
    _add(entry, "id", f"urn:uuid:{item.id}")
    _add(entry, "title", _title(item))
    _add(entry, "published", _time(item.published))
    _add(entry, "updated", _time(item.published))
    _link(entry, "alternate", "text/html", f"{page}#update-{item.id}")
    _add(entry, "content", printable(item.text)).set("type", "text")


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    child = ET.SubElement(parent, name)
    child.text = printable(text)
    return child


def _link(parent: ET.Element, relation: str, kind: str, address: str) -> None:
    ET.SubElement(parent, "link", {"rel": relation, "type": kind, "href": address})


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _title(item: "Item") -> str:
    """The first line, cut between words; the time where there are no words."""
    first = printable(item.text).strip().split("\n")[0]
    if not first:
        return f"{item.published:%H:%M}"
    return first if len(first) <= LONGEST_TITLE else first[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"
