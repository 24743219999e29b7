"""Newsletters as the public site shows them, each from its sealed version. Reads only."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from tripupdates import live
from tripupdates.approval.records import Update, Version
from tripupdates.documents import rules
from tripupdates.house import House
from tripupdates.site import render
from tripupdates.vocabulary import Channel, Kind

COVER = "The first page of this newsletter"


def issues(house: House, session: Session) -> tuple[render.Issue, ...]:
    """Those that should stand on the website now, the newest first.

    Where the school shows no faces any more, those that were declared before that come off (law 3).
    """
    asked = rules.declaration(house.settings.hides_faces(Channel.WEBSITE))
    found = live.on(session, Channel.WEBSITE, Update.kind == Kind.NEWSLETTER)
    return tuple(
        issue(each.update, each.version, each.since(house.settings.timezone))
        for each in found
        if each.version.manifest["document"]["declared"] == asked
    )


def issue(update: Update, version: Version, published: datetime) -> render.Issue:
    """One as it was approved, its cover no larger than photos are there. `published` is aware, in the school's zone."""
    sealed, place = version.manifest["document"], version.manifest["channels"][Channel.WEBSITE]
    cover = [each for each in sealed["cover"] if max(each["width"], each["height"]) <= place["widest"]]
    dated, title = date.fromisoformat(sealed["dated"]), version.manifest["title"]
    return render.Issue(
        id=str(update.id),
        slug=render.slug(update.id, dated, title),
        title=title,
        dated=dated,
        text=place["text"],
        published=published,
        cover=live.picture(COVER, cover),
        pdf=sealed["name"],
        size=sealed["size"],
        pages=sealed["pages"],
    )


def place(update: Update, version: Version) -> str:
    """The page of one, below the root of the site."""
    return f"newsletters/{issue(update, version, version.submitted_at).slug}/"


def files(update: Update, version: Version) -> set[str]:
    """The paths of its PDF and its cover, below the root of the site; none of what is no newsletter."""
    if "document" not in version.manifest or Channel.WEBSITE not in version.manifest["channels"]:
        return set()
    made = issue(update, version, version.submitted_at)
    return {made.file, *made.cover.files}
