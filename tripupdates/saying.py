"""What the school itself says, as it should stand on pages now: news, notices, and what is urgent. Reads only."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates import issues, live, policy_reviews
from tripupdates.approval.records import Update
from tripupdates.house import House
from tripupdates.live import Live
from tripupdates.site import render
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import LASTING, Channel, Kind


def news(house: House, session: Session) -> tuple[render.Article, ...]:
    """The school's news on the website, the newest first."""
    found = live.on(session, Channel.WEBSITE, Update.kind == Kind.NEWS)
    return tuple(_article(house, each) for each in found)


def _article(house: House, what: Live) -> render.Article:
    since = what.since(house.settings.timezone)
    return render.Article(
        id=str(what.update.id),
        slug=render.slug(what.update.id, since.date(), what.title),
        title=what.title,
        text=what.text,
        published=since,
        photos=what.photos(house, {}),  # nobody was asked, so no pupil is in them
    )


def notices(house: House, session: Session) -> tuple[render.Announcement, ...]:
    """The school's notices on the website, in force or over, the newest first."""
    return _announced(house, session, Channel.WEBSITE)


def pinned(house: House, session: Session, trip: Trip) -> tuple[render.Announcement, ...]:
    """What is urgent now, for the top of a trip's page for families: about this trip, or the whole school."""
    about = sa.or_(Update.trip_id.is_(None), Update.trip_id == trip.id)
    found = _announced(house, session, Channel.FAMILIES, about)
    return tuple(each for each in found if not each.over)


def _announced(
    house: House, session: Session, channel: Channel, *which: sa.ColumnElement[bool]
) -> tuple[render.Announcement, ...]:
    found = live.on(session, channel, Update.kind.in_(LASTING), *which)
    return tuple(_announcement(house, each) for each in found)


def _announcement(house: House, what: Live) -> render.Announcement:
    zone = house.settings.timezone
    until = what.until(zone)
    return render.Announcement(
        id=str(what.update.id),
        title=what.title,
        text=what.text,
        published=what.since(zone),
        until=until,
        urgent=what.version.manifest.get("kind") == Kind.URGENT,
        about=what.update.trip.name if what.update.trip else "",
        over=until is not None and until <= house.now(),
    )


def policy(house: House, session: Session) -> render.Policy:
    """How the school posts, from what is in force, with its reviews."""
    found = policy_reviews.policy(house, session)
    rules = tuple(render.Section(each.heading, each.sentences) for each in found.rules)
    return render.Policy(found.reviewed, found.due, rules)


def place(house: House, session: Session, update: Update, channel: Channel) -> str:
    """Where something of the school stands below the root of a set of pages; '' where it has no page of its own there."""
    if channel is not Channel.WEBSITE:
        return ""
    if update.kind in LASTING:
        return f"notices/#notice-{update.id}"
    found = next(live.on(session, channel, Update.id == update.id), None)
    return page_of(house, found) if found else ""


def page_of(house: House, what: Live) -> str:
    """The page on the website of something of the school, below its root; '' for what is of no kind that has one."""
    match what.update.kind:
        case Kind.NEWS:
            return f"news/{_article(house, what).slug}/"
        case Kind.NEWSLETTER:
            return issues.place(what.update, what.version)
    return "notices/" if what.update.kind in LASTING else ""
