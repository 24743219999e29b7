"""What text messages cost, from what was sent: for whoever is about to send some, and for the office. Reads only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates.approval.readiness import text_for
from tripupdates.approval.records import Update
from tripupdates.channels import fragments
from tripupdates.channels.fragments import Price
from tripupdates.consent.requests import ConsentRequest
from tripupdates.house import House
from tripupdates.outbox.records import Delivery
from tripupdates.trips import contacts, numbers
from tripupdates.trips.contacts import Reach
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import TO_FAMILIES, Channel, UpdateState


@dataclass(frozen=True)
class Year:
    """A financial year's text messages so far, in parts: what is charged, and what is free."""

    since: date
    used: int

    @property
    def left(self) -> int:
        """How many of the free parts are left."""
        return Price(0, self.used).left

    @property
    def pounds(self) -> Decimal:
        """What was spent beyond them."""
        return Price(self.used, 0).pounds


def this_year(house: House, session: Session) -> Year:
    """Counted from what was handed over: GOV.UK Notify's own count where it has told, ours until then."""
    first = fragments.year_of(house.today())
    since = datetime.combine(first, time(), house.settings.timezone)
    counts = [
        session.scalar(sa.select(sa.func.sum(kind.parts)).where(kind.parts > 0, kind.settled_at >= since))
        for kind in (Delivery, ConsentRequest)
    ]
    return Year(first, sum(count or 0 for count in counts))


@dataclass(frozen=True)
class Quote:
    """What sending something would take: how many messages, and for texts their parts and their price."""

    channel: Channel
    messages: int
    each: tuple[int, int]  # the least and the most parts of one of them
    price: Price
    abroad: int = 0

    @property
    def words(self) -> str:
        """In a sentence or two, such as "112 texts of 1 part: 112 of 4,300 left free this year; £0.00."."""
        if self.channel is Channel.EMAIL:
            return f"{self.messages} {'mail' if self.messages == 1 else 'mails'}: free."
        least, most = self.each
        size = f"{least}" if least == most else f"{least} to {most}"
        said = (
            f"{self.messages} {'text' if self.messages == 1 else 'texts'} of {size} {'part' if most == 1 else 'parts'}: "
            f"{self.price.count:,} of {self.price.left:,} left free this year; £{self.price.pounds:,}."
        )
        if not self.abroad:
            return said
        return (
            f"{said} {self.abroad} of them {'goes' if self.abroad == 1 else 'go'} abroad, which costs more."
        )


def quote(house: House, session: Session, channel: Channel, to: Sequence[tuple[str, str]]) -> Quote:
    """What it takes to send these: pairs of a number or an address, and the words that go there."""
    prefix = house.settings.notify_prefix
    parts = [fragments.parts(text, prefix) for _, text in to] if channel is Channel.TEXT else []
    abroad = sum(numbers.is_abroad(number) for number, _ in to) if parts else 0
    each = (min(parts), max(parts)) if parts else (1, 1)
    return Quote(channel, len(to), each, Price(sum(parts), this_year(house, session).used), abroad)


@dataclass(frozen=True)
class Cost:
    """A message that would go to all families of a trip by one way: whom it reaches, and what that takes."""

    reach: Reach
    quote: Quote

    @property
    def words(self) -> str:
        """In sentences, for whoever is about to send it."""
        said = [self.quote.words if self.reach.to else self._to_nobody]
        if count := self.reach.without if self.reach.to else 0:
            have, get = ("family has", "gets") if count == 1 else ("families have", "get")
            said.append(f"{count} {have} none here, and {get} nothing by this way.")
        if count := self.reach.left_out:
            want, get = ("wants", "gets") if count == 1 else ("want", "get")
            said.append(f"{count} {want} no messages, and {get} none.")
        return " ".join(said)

    @property
    def _to_nobody(self) -> str:
        if self.reach.left_out:
            return "Nobody gets it by this way."
        what = "a number" if self.quote.channel is Channel.TEXT else "an address"
        return f"No family of this trip has {what} here yet: the office imports them with the list."


def to_all(house: House, session: Session, trip: Trip, channel: Channel, texts: Sequence[str]) -> Cost:
    """What one message about a trip takes; of several that could be sent, the dearest. Show its `words` before it is sent."""
    reach = contacts.reach(session, house.settings.families_key, trip, channel)
    prefix = house.settings.notify_prefix
    dearest = max(texts, key=lambda text: fragments.parts(text, prefix), default="")
    to = [(each.address(channel), dearest) for each in reach.to]
    return Cost(reach, quote(house, session, channel, to))


def of_update(house: House, session: Session, update: Update) -> dict[Channel, Cost]:
    """What each way that goes to families takes: for the version that waits, or what a draft says. Nothing about no trip."""
    sealed = update.version if update.state is UpdateState.WAITING else None
    ways = sealed.manifest["channels"] if sealed is not None else {}
    texts = {
        way: ways[way]["text"] if sealed is not None else text_for(house, update, way)
        for way in TO_FAMILIES
        if way in house.places and way in (ways if sealed is not None else update.chosen)
    }
    trip = update.trip
    return {way: to_all(house, session, trip, way, [text]) for way, text in texts.items()} if trip else {}


def of_messages(
    house: House, session: Session, trip: Trip, ways: Collection[Channel], texts: Sequence[str]
) -> dict[Channel, Cost]:
    """What one of a trip's ready messages takes by each of these ways that goes to families: the dearest of them."""
    return {
        way: to_all(house, session, trip, way, texts)
        for way in TO_FAMILIES
        if way in ways and way in house.places
    }
