"""What should stand on each channel now: approved versions, with consent asked once more (law 3). Reads only."""

import logging
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates import issues, live, policy_reviews, saying
from tripupdates.approval import in_force, wordings
from tripupdates.approval.in_force import AROUND
from tripupdates.approval.records import Decision, Update, Version, Wordings, stopped_since
from tripupdates.approval.rules import photos_by_channel, shown_renditions
from tripupdates.channels.contract import NeedsPerson, NotSent, Picture, Post, Tree
from tripupdates.consent import records as consents
from tripupdates.consent.rules import Consents
from tripupdates.house import House
from tripupdates.live import Live
from tripupdates.outbox import holds
from tripupdates.outbox.records import Delivery
from tripupdates.settings import folder_of_ours
from tripupdates.site import looks, render, room
from tripupdates.site.kinds import packing
from tripupdates.trips import contacts
from tripupdates.trips import records as trips
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import (
    LASTING,
    OF_THE_SCHOOL,
    OFFERED,
    PAGES,
    TO_FAMILIES,
    Busy,
    Channel,
    UpdateState,
)

LONGEST_WHY = 120  # letters of what a template's author reads; an order has room for 400 in all
EVERYTHING = {"index.html", "trips/index.html", "feed.xml", "feed.json"}  # pages that tell of every trip
STALE = timedelta(hours=24)  # for what says how a trip stands
OUT_OF_DATE = "It is more than a day old by now, so it was not sent."
STAYS = "The website stays as it was. Ask whoever made the template to mend it, then try again."
PLAIN = (
    "This could not wait, so the whole website looks plain, as ours do, until the next thing is published."
)
OTHER_KIND = "Only ready messages and urgent notices go to families this way, so it was not sent."
EXPIRED = "It is over by now, so it was not sent."

log = logging.getLogger(__name__)


def may_still_go(
    house: House, session: Session, update: Update, version: Version, delivery: Delivery
) -> str | None:
    """Right before a send: why this version may not go to this channel any more, or None where it may.

    On pages a photo without consent is left out and the text stays; a post on X cannot be changed later, so there
    one such photo stops the whole post.
    """
    decision = session.get(Decision, version.id)
    approved = update.state is UpdateState.APPROVED and update.version_id == version.id
    if not approved or decision is None or decision.digest != version.digest:
        return "Its approval does not hold any more, so it was not sent."
    if decision.wordings_id and stopped_since(session, session.get_one(Wordings, decision.wordings_id)):
        return "The head has stopped the approved messages, so it was not sent."
    sealed = list(photos_by_channel(version.manifest).get(delivery.channel, {}))
    if delivery.channel not in PAGES and allowed_photos(house, session, update, version, delivery) != sealed:
        return "A photo in it may no longer be shown, so it was not sent."
    if delivery.channel not in PAGES and update.expires_at is not None and house.now() >= update.expires_at:
        return EXPIRED  # pages say themselves that it is over
    if delivery.channel in TO_FAMILIES:
        return _may_still_reach(house, session, update, decision, delivery)
    return None


def _may_still_reach(
    house: House, session: Session, update: Update, decision: Decision, delivery: Delivery
) -> str | None:
    """Right before a text or a mail: nobody gets news of any other kind, yesterday's, or anything that they do not want."""
    if delivery.channel not in OFFERED[update.kind]:
        return OTHER_KIND
    if house.now() - (delivery.not_before or decision.at) > STALE:
        return OUT_OF_DATE
    key = house.settings.families_key
    return contacts.where(session, key, delivery.recipient, delivery.channel)[1] or None


def allowed_photos(
    house: House, session: Session, update: Update, version: Version, delivery: Delivery
) -> list[uuid.UUID]:
    """The photos that were approved for a channel, whose pupils all have had a yes for it ever since."""
    return live.allowed(house, consents.current(session, update.trip_id), version, delivery)


def post(house: House, session: Session, update: Update, version: Version, delivery: Delivery) -> Post:
    """The finished message for X. Raises FileNotFoundError where a photo's pixels are gone."""
    pictures = []
    for photo in allowed_photos(house, session, update, version, delivery):
        largest = shown_renditions(version.manifest, photo, delivery.channel)[-1]["name"]
        pictures.append(Picture(house.photos.read(largest), version.manifest["photos"][str(photo)]["alt"]))
    return Post(live.words(version, delivery.channel), tuple(pictures))


def tree(
    house: House,
    session: Session,
    channel: Channel,
    update: Update | None = None,
    ours_if_broken: bool = False,
) -> Tree:
    """Every page that should stand on the families' pages or the website now; its entry is where `update` is.

    Raises NeedsPerson where one of the school's own templates is broken; with `ours_if_broken` ours take their place.
    """
    base = house.settings.public_base_url + "/trips/"
    if channel is Channel.WEBSITE:
        base = house.settings.site_address
    notice = _notice(house, session) if channel is Channel.FAMILIES else None
    found = [_trip(house, session, trip, channel, notice) for trip in trips.every(session)]
    site = render.Site(
        school=house.settings.school_name,
        base_url=base,
        # Not even a trip's name and days become public before somebody has approved something about it.
        trips=tuple(trip for trip in found if trip.items or channel is Channel.FAMILIES),
        news=saying.news(house, session) if channel is Channel.WEBSITE else (),
        notices=saying.notices(house, session) if channel is Channel.WEBSITE else (),
        policy=saying.policy(house, session) if channel is Channel.WEBSITE else render.Policy(),
        newsletters=issues.issues(house, session) if channel is Channel.WEBSITE else (),
        handle=house.settings.x_handle,
    )
    made, plain = _made(house, site, channel, ours_if_broken)
    entry = _entry(house, session, channel, update) if update else ""
    return Tree(made.pages, made.photos, house.photos.read, entry, plain=plain)


def _entry(house: House, session: Session, channel: Channel, update: Update) -> str:
    """Where an update stands, below the root of a channel's pages."""
    if update.trip is None:
        return saying.place(house, session, update, channel)
    folder = "trips/" if channel is Channel.WEBSITE else ""
    return f"{folder}{update.trip.slug}/#update-{update.id}"


def turned(session: Session, since: datetime, now: datetime) -> bool:
    """Whether pages say something else now than they did, though no order came: a notice is over, the policy reviewed."""
    reviewed = policy_reviews.reviewed_at(session)
    if reviewed is not None and since < reviewed <= now:
        return True
    over = sa.select(Update.id).where(
        Update.kind.in_(LASTING), Update.state == UpdateState.APPROVED, Update.expires_at > since
    )
    return session.execute(over.where(Update.expires_at <= now).limit(1)).first() is not None


def _made(
    house: House, site: render.Site, channel: Channel, ours_if_broken: bool
) -> tuple[render.Rendered, str]:
    """The pages, and why they are plain where they should not be."""
    if channel is Channel.WEBSITE:
        return _website(house, site, ours_if_broken)
    templates, static = folder_of_ours("templates") / "site", folder_of_ours("static")
    css = b"".join((static / "css" / name).read_bytes() for name in ("site.css", "families.css"))
    script, icon = ((static / name).read_bytes() for name in ("js/viewer.js", "icon.svg"))
    return render.families(site, templates, css, script, icon), ""


def _website(house: House, site: render.Site, ours_if_broken: bool) -> tuple[render.Rendered, str]:
    try:
        return room.website(site, looks.of(house.settings.instance)), ""
    except render.BrokenTemplate as broken:
        if not ours_if_broken:
            raise NeedsPerson(f"{_broken(broken)} {STAYS}") from broken
        plain = f"{_broken(broken)} {PLAIN}"
        log.warning(
            "website: %s, line %d, is broken, so our own templates were used", broken.name, broken.line
        )
    except Busy as busy:
        if not ours_if_broken:
            raise NotSent(busy.title) from busy
        plain = f"{busy.title} {PLAIN}"
        log.warning("website: no time for the school's own templates, so ours were used")
    return room.website(site, looks.ours()), plain


def _broken(broken: render.BrokenTemplate) -> str:
    where = f"{broken.name}, line {broken.line}," if broken.line else broken.name
    why = broken.why if len(broken.why) <= LONGEST_WHY else broken.why[:LONGEST_WHY] + "…"
    return f"The school’s own template {where} cannot be used: {why}."


def without(house: House, session: Session, channel: Channel, update: Update, version: Version) -> Tree:
    """The same, where this update or photos of it are to be removed: it also names what caches must forget.

    A broken template of the school's own keeps nothing from going: the pages are then made with ours.
    """
    made = tree(house, session, channel, update, ours_if_broken=True)
    if channel is not Channel.WEBSITE:
        return made  # nobody else may keep the families' pages
    sealed = photos_by_channel(version.manifest).get(channel, {})
    shown = [live.as_shown(version, photo, channel) for photo in sealed]
    files = {path for photo in shown for path in photo.files} | issues.files(update, version)
    photos = files - set(made.photos)
    pages = {path for path in made.pages if not packing(path) and _tells_of(update, path)}
    if update.state is not UpdateState.APPROVED:
        pages |= _emptied(house, session, update, version, made)
    pages |= {path.removesuffix("index.html") for path in pages if path.endswith("index.html")}
    return replace(made, gone=(*sorted(photos), *sorted(pages)))


def _tells_of(update: Update, path: str) -> bool:
    """Whether a page may hold words or pictures of this update; of what is of the school itself, any page may."""
    if update.trip is None or update.kind in OF_THE_SCHOOL:
        return True
    return f"/{update.trip.slug}/" in f"/{path}" or path.startswith("embed/") or path in EVERYTHING


def _emptied(house: House, session: Session, update: Update, version: Version, made: Tree) -> set[str]:
    """The pages that may stand no more without this update: its own, that of its kind or trip, and that of its day."""
    was = live.once(session, Channel.WEBSITE, update, version)
    if was is None:
        return set()
    own, pages = saying.page_of(house, was), set()
    if own:
        pages |= {f"{own}index.html", f"{own.partition('/')[0]}/index.html"}
    if update.trip:
        folder = f"trips/{update.trip.slug}/"
        day = f"{folder}day.{was.since(house.settings.timezone).date()}"
        left = sum(path.startswith(day) and path.endswith(".html") for path in made.pages)
        pages |= {f"{folder}{name}" for name in ("index.html", "feed.xml", "feed.json")}
        pages |= {f"{day}.html", f"{day}.{left + 1}.html"}
    return pages


def _notice(house: House, session: Session) -> render.Notice | None:
    """The line that families read while everything is on hold."""
    hold = holds.present(session)
    if hold is None or not hold.line:
        return None
    return render.Notice(hold.line, hold.at.astimezone(house.settings.timezone))


def _trip(
    house: House, session: Session, trip: Trip, channel: Channel, notice: render.Notice | None
) -> render.Trip:
    given = consents.current(session, trip.id)
    items = tuple(
        _item(house, session, given, each) for each in live.on(session, channel, Update.trip_id == trip.id)
    )
    runs = trip.starts - AROUND <= house.today() <= trip.ends + AROUND
    urgent = saying.pinned(house, session, trip) if runs and channel is Channel.FAMILIES else ()
    return render.Trip(trip.slug, trip.name, trip.starts, trip.ends, items, notice if runs else None, urgent)


def _item(house: House, session: Session, given: Consents, what: Live) -> render.Item:
    key, time = _message(session, what.decision, what.text)
    return render.Item(
        id=str(what.update.id),
        text="\n\n".join(filter(None, (what.title, what.text))),
        published=what.since(house.settings.timezone),
        photos=what.photos(house, given),
        groups=tuple(what.version.manifest.get("groups", ())),
        key=key,
        time=time,
    )


def _message(session: Session, decision: Decision, text: str) -> tuple[str, str]:
    """Which approved message an update is, and the time in it; ('', '') for one that was written."""
    if decision.wordings_id is None:
        return "", ""
    return wordings.recognise(in_force.read(session.get(Wordings, decision.wordings_id)), text)
