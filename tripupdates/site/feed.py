"""What a feed reader gets: Atom (RFC 4287) and JSON Feed 1.1, text only, the newest first. Pure.

By the standard library: it takes a dozen lines, and only writes, never parses. No pictures, for readers keep what they
were once given, and a withdrawn photo must fade.
"""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

ATOM = "http://www.w3.org/2005/Atom"
JSON_FEED = "https://jsonfeed.org/version/1.1"
LONGEST_TITLE = 80
NEWEST = 50  # entries of a feed: a reader that looks once a week misses none

# Neither XML (https://www.w3.org/TR/xml/#charsets) nor HTML has a way to write these characters.
_UNWRITABLE = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: str) -> str:
    """The text without what no page can hold; every kind of line end becomes a line feed."""
    return _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


@dataclass(frozen=True)
class Entry:
    """One thing that was published: its UUID, where it is told (a trip's name, or News), and its absolute address."""

    id: str
    where: str
    address: str
    title: str
    text: str
    published: datetime


@dataclass(frozen=True)
class Feed:
    """What a feed says of itself. `page` is the absolute address of what it follows, `at` its own without its suffix.

    Its time is that of its newest entry, else `before`: no clock, so the same entries give the same bytes.
    """

    school: str
    title: str
    page: str
    at: str
    before: datetime
    entries: Sequence[Entry]


def atom(feed: Feed) -> bytes:
    """As Atom: entries are named by their UUIDs."""
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": "en-GB"})
    _add(root, "id", feed.page)
    _add(root, "title", feed.title)
    _add(root, "updated", _time(max((entry.published for entry in feed.entries), default=feed.before)))
    _link(root, "self", "application/atom+xml", f"{feed.at}.xml")
    _link(root, "alternate", "text/html", feed.page)
    _add(ET.SubElement(root, "author"), "name", feed.school)
    for entry in feed.entries[:NEWEST]:
        _entry(root, entry)
    return written(root)


def json_feed(feed: Feed) -> bytes:
    """The same as JSON Feed (jsonfeed.org/version/1.1)."""
    items = [
        {
            "id": f"urn:uuid:{entry.id}",
            "url": entry.address,
            "title": printable(entry.title),
            "content_text": printable(entry.text),
            "date_published": _time(entry.published),
        }
        for entry in feed.entries[:NEWEST]
    ]
    whole = {
        "version": JSON_FEED,
        "title": printable(feed.title),
        "home_page_url": feed.page,
        "feed_url": f"{feed.at}.json",
        "language": "en-GB",
        "authors": [{"name": printable(feed.school)}],
        "items": items,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def title_of(text: str, at: datetime) -> str:
    """The first line, cut between words; the time where there are no words."""
    first = printable(text).strip().split("\n")[0]
    if not first:
        return f"{at:%H:%M}"
    return first if len(first) <= LONGEST_TITLE else first[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"


def written(root: ET.Element) -> bytes:
    """An XML document."""
    ET.indent(root)
    data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return data


def _entry(root: ET.Element, entry: Entry) -> None:
    each = ET.SubElement(root, "entry")
    _add(each, "id", f"urn:uuid:{entry.id}")
    _add(each, "title", entry.title)
    _add(each, "published", _time(entry.published))
    _add(each, "updated", _time(entry.published))
    _link(each, "alternate", "text/html", entry.address)
    _add(each, "content", entry.text).set("type", "text")


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    child = ET.SubElement(parent, name)
    child.text = printable(text)
    return child


def _link(parent: ET.Element, relation: str, kind: str, address: str) -> None:
    ET.SubElement(parent, "link", {"rel": relation, "type": kind, "href": address})


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
