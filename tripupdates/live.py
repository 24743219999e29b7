"""What stands on a channel, or may: approved versions with the order that brought them there. Reads only."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates.approval.records import Decision, Update, Version
from tripupdates.approval.rules import faces_seen, photos_by_channel, shown_renditions
from tripupdates.consent.rules import Consents, may_appear
from tripupdates.house import House
from tripupdates.outbox import queue
from tripupdates.outbox.records import Delivery
from tripupdates.site import render
from tripupdates.vocabulary import Channel, Order, UpdateState


@dataclass(frozen=True)
class Live:
    """One approved version on one channel."""

    update: Update
    version: Version
    delivery: Delivery
    decision: Decision

    def since(self, zone: ZoneInfo) -> datetime:
        """When it was published, by this clock."""
        return (self.delivery.not_before or self.decision.at).astimezone(zone)

    def until(self, zone: ZoneInfo) -> datetime | None:
        """When it is over, by this clock; None for what is not for a while."""
        said = self.version.manifest.get("until")
        return datetime.fromisoformat(said).astimezone(zone) if said else None

    @property
    def title(self) -> str:
        """What stands above its words, '' where nothing does."""
        return str(self.version.manifest.get("title", ""))

    @property
    def text(self) -> str:
        """The words that were approved for this channel."""
        return words(self.version, self.delivery.channel)

    def photos(self, house: House, given: Consents) -> tuple[render.Photo, ...]:
        """The photos that may appear there now, in their order."""
        channel = self.delivery.channel
        return tuple(
            as_shown(self.version, photo, channel)
            for photo in allowed(house, given, self.version, self.delivery)
        )


def on(session: Session, channel: Channel, *which: sa.ColumnElement[bool]) -> Iterator[Live]:
    """What stands or may stand on a channel, the newest first; of updates as `which` says."""
    rows = session.execute(
        sa.select(Update, Version, Delivery, Decision)
        # The update of a version is its own, which says nothing new but where to look: else each looks through the trip.
        .join(Version, sa.and_(Version.id == Update.version_id, Version.update_id == Update.id))
        .join(Decision, Decision.version_id == Version.id)
        .join(Delivery, Delivery.version_id == Version.id)
        .where(
            *which,
            Update.state == UpdateState.APPROVED,
            Delivery.channel == channel,
            Delivery.order == Order.PUBLISH,
            Delivery.state.in_(queue.MAY_BE_THERE),
        )
        .order_by(sa.func.coalesce(Delivery.not_before, Decision.at).desc(), Update.id)
    )
    return (Live(*row) for row in rows)


def once(session: Session, channel: Channel, update: Update, version: Version) -> Live | None:
    """An approved version as it was ordered for a channel, whether or not it stands there now; None where it never was."""
    order = next(iter(queue.publishing(session, version.id, [channel])), None)
    decision = session.get(Decision, version.id)
    return Live(update, version, order, decision) if order and decision else None


def words(version: Version, channel: Channel) -> str:
    """The text that was approved for a channel."""
    text: str = version.manifest["channels"][channel]["text"]
    return text


def allowed(house: House, given: Consents, version: Version, delivery: Delivery) -> list[uuid.UUID]:
    """The photos that were approved for a channel, whose pupils all have had a yes for it ever since."""
    sealed = photos_by_channel(version.manifest).get(delivery.channel, {})
    to_hide = faces_seen(version.manifest) if house.settings.hides_faces(delivery.channel) else {}
    return [
        photo
        for photo, pictured in sealed.items()
        if str(photo) not in delivery.withheld
        and may_appear(pictured, given, delivery.channel, to_hide.get(photo, 0))
    ]


def as_shown(version: Version, photo: uuid.UUID, channel: Channel) -> render.Photo:
    """A photo as it was approved, in the sizes that the channel may show."""
    alt = version.manifest["photos"][str(photo)]["alt"]
    return picture(alt, shown_renditions(version.manifest, photo, channel))


def picture(alt: str, renditions: Iterable[Mapping[str, Any]]) -> render.Photo:
    """A picture of these renditions, as pages show it."""
    sizes = [render.Size(each["width"], each["height"], each["name"]) for each in renditions]
    return render.Photo(
        alt,
        tuple(size for size in sizes if size.name.endswith(".jpg")),
        tuple(size for size in sizes if size.name.endswith(".avif")),
    )
