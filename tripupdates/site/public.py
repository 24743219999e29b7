"""The school's public site: news, trips, newsletters, notices and how it posts; feeds, and what search engines ask. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from urllib.parse import urlsplit

from tripupdates.site.checks import check
from tripupdates.site.feed import Entry, atom, json_feed, printable
from tripupdates.site.filling import Fill, Look, in_the_sandbox, named
from tripupdates.site.latest import Laid, latest, lay_out, sitemap, whole_feed
from tripupdates.site.packing import packed
from tripupdates.site.shelves import shelves
from tripupdates.site.values import ICON, PICTURE, Announcement, Article, Issue, Photo, Rendered, Site

T = TypeVar("T")
Told = TypeVar("Told", Article, Announcement)

NEWS_ON_FRONT, TRIPS_ON_FRONT, NEWSLETTERS_ON_FRONT, EMBEDDED = 3, 6, 3, 5
EMBED = "embed/latest.html"  # the only page that others may show in a frame


def website(site: Site, look: Look) -> Rendered:
    """Everything on the public site; each text is packed too. Raises as `pages` does.

    With templates of the school's own it may take any time and memory: `room.website` sets limits.
    """
    return finished(site, pages(site, look))


def pages(site: Site, look: Look) -> dict[str, bytes]:
    """Every page and text of the public site, as it is.

    Raises ValueError where a value could lead outside the tree or make a page that is not valid (see `checks.check`),
    BrokenTemplate where one of the school's own templates cannot be filled.
    """
    check(site)
    press = _press(site, look)
    laid = [
        lay_out(trip) for trip in sorted(site.trips, key=lambda trip: (trip.starts, trip.slug), reverse=True)
    ]
    entries = latest(site, laid)
    _front(press, laid)
    _trips(press, laid)
    _news(press)
    _newsletters(press)
    _notices(press)
    press.page("policy.html", "policy.html", policy=site.policy)
    press.pages["404.html"] = press.fill("missing.html", root=urlsplit(site.base_url).path, address="")
    _embedded(press, look, entries)
    feed = whole_feed(site, entries)
    made = press.pages | {"feed.xml": atom(feed), "feed.json": json_feed(feed)}
    return made | {"sitemap.xml": sitemap(press.addresses), "robots.txt": _robots(site)}


def finished(site: Site, made: dict[str, bytes]) -> Rendered:
    """With what the pages show beside them, and each text packed too."""
    return Rendered(packed(made), _files(site))


@dataclass(frozen=True)
class _Press:
    """What makes pages: the site, what fills a template with the values of every page, and what it has made."""

    site: Site
    fill: Fill
    pages: dict[str, bytes]
    addresses: dict[str, date | None]

    def page(self, path: str, template: str, day: date | None = None, **values: object) -> None:
        """Make a page that search engines may find; `day` is that of the newest on it."""
        address = self.site.base_url + path.removesuffix("index.html")
        self.pages[path] = self.fill(template, root="../" * path.count("/"), address=address, **values)
        self.addresses[address] = day

    def archive(self, folder: str, things: Sequence[T], day: Callable[[T], date], **values: object) -> None:
        """The page of a kind of things, and one for each school year that is not on it."""
        first, older = shelves(things, day)
        newest = day(things[0]) if things else None
        self.page(
            f"{folder}/index.html", f"{folder}.html", newest, shelves=first, older=older, at=None, **values
        )
        for shelf in older:
            about: dict[str, object] = {"shelves": [shelf], "older": [], "at": shelf, **values}
            self.page(f"{folder}/{shelf.name}.html", f"{folder}.html", day(shelf.things[0]), **about)


def _press(site: Site, look: Look) -> _Press:
    style = named("css", look.css, "css")
    fill = in_the_sandbox(look)
    everywhere = {
        "school": printable(site.school),
        "base": site.base_url,
        "handle": site.handle,
        "style": style,
        "pinned": tuple(notice for notice in site.notices if notice.pinned),
        "rooms": _rooms(site),
    }
    pages = {style: look.css, ICON: look.icon, PICTURE: look.picture}
    return _Press(site, lambda template, **values: fill(template, **everywhere, **values), pages, {})


def _rooms(site: Site) -> list[tuple[str, str]]:
    """The parts of the site that there is something in, for the head of every page: names and folders."""
    rooms = (
        ("News", "news", site.news),
        ("Trips", "trips", site.trips),
        ("Newsletters", "newsletters", site.newsletters),
        ("Notices", "notices", site.notices),
    )
    return [(name, folder) for name, folder, things in rooms if things]


def _front(press: _Press, laid: list[Laid]) -> None:
    site = press.site
    press.page(
        "index.html",
        "index.html",
        news=_by_time(site.news)[:NEWS_ON_FRONT],
        trips=[each.trip for each in laid[:TRIPS_ON_FRONT]],
        more_trips=len(laid) > TRIPS_ON_FRONT,
        newsletters=_by_date(site)[:NEWSLETTERS_ON_FRONT],
        notices=[notice for notice in _by_time(site.notices) if not notice.over and not notice.urgent],
    )


def _trips(press: _Press, laid: list[Laid]) -> None:
    press.archive("trips", [each.trip for each in laid], lambda trip: trip.starts)
    for each in laid:
        trip, folder = each.trip, f"trips/{each.trip.slug}"
        about: dict[str, object] = {"trip": trip, "paths": each.paths}
        newest = trip.items[0].published.date() if trip.items else None
        front: dict[str, object] = {"parts": each.first, "older": each.older, "at": None}
        press.page(f"{folder}/index.html", "trip.html", newest, **about, **front)
        for newer, part, before in zip(
            [None, *each.older], each.older, [*each.older[1:], None], strict=False
        ):
            around: dict[str, object] = {
                "parts": [part],
                "older": [],
                "at": part,
                "newer": newer,
                "before": before,
            }
            press.page(f"{folder}/{each.paths[part]}", "trip.html", part.day, **about, **around)
        feed = each.feed(press.site)
        press.pages[f"{folder}/feed.xml"], press.pages[f"{folder}/feed.json"] = atom(feed), json_feed(feed)


def _news(press: _Press) -> None:
    if press.site.news:
        press.archive("news", _by_time(press.site.news), lambda article: article.published.date())
    for article in press.site.news:
        path = f"news/{article.slug}/index.html"
        press.page(path, "article.html", article.published.date(), article=article)


def _newsletters(press: _Press) -> None:
    if press.site.newsletters:
        press.archive("newsletters", _by_date(press.site), lambda issue: issue.dated)
    for issue in press.site.newsletters:
        press.page(f"newsletters/{issue.slug}/index.html", "issue.html", issue.dated, issue=issue)


def _notices(press: _Press) -> None:
    """Those in force, the urgent ones first, and by year those that are over."""
    if not press.site.notices:
        return
    every = _by_time(press.site.notices)
    in_force = sorted((notice for notice in every if not notice.over), key=lambda notice: not notice.urgent)
    over: list[Announcement] = [notice for notice in every if notice.over]
    press.archive("notices", over, lambda notice: notice.published.date(), in_force=in_force)


def _embedded(press: _Press, look: Look, entries: Sequence[Entry]) -> None:
    """The newest few for the school's present website: a page for a frame, and a piece of HTML to be included.

    What is pinned stands above them, and so not among them.
    """
    pinned = {notice.id for notice in press.site.notices if notice.pinned}
    few = [entry for entry in entries if entry.id not in pinned][:EMBEDDED]
    style = named("css", look.frame_css, "css")
    press.pages[style] = look.frame_css
    for path, template in ((EMBED, "embed.html"), ("embed/latest.inc.html", "embed.inc.html")):
        press.pages[path] = press.fill(template, root="../", address="", frame_style=style, entries=few)


def _robots(site: Site) -> bytes:
    """Counts where the site is at the top of its host; elsewhere the host's own may name the sitemap."""
    folder = urlsplit(site.base_url).path
    return f"User-agent: *\nDisallow: {folder}embed/\n\nSitemap: {site.base_url}sitemap.xml\n".encode()


def _files(site: Site) -> dict[str, str]:
    """Every rendition and PDF that a page shows or leads to."""
    shown: list[Photo] = [photo for trip in site.trips for item in trip.items for photo in item.photos]
    shown += [photo for article in site.news for photo in article.photos]
    shown += [issue.cover for issue in site.newsletters]
    files = {path: name for photo in shown for path, name in photo.files.items()}
    return files | {issue.file: issue.pdf for issue in site.newsletters}


def _by_time(things: Sequence[Told]) -> list[Told]:
    return sorted(things, key=lambda each: (each.published, each.id), reverse=True)


def _by_date(site: Site) -> list[Issue]:
    return sorted(site.newsletters, key=lambda issue: (issue.dated, issue.published, issue.id), reverse=True)
