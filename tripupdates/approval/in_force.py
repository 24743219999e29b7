"""The messages of a trip that hold now: for the head who approves them, and for the staff who send them. Reads only."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from tripupdates.approval import records, signed, wordings
from tripupdates.approval.records import Wordings
from tripupdates.approval.wordings import Message
from tripupdates.channels.weight import X_LIMIT, weigh
from tripupdates.house import House
from tripupdates.policy.rules import PupilName, check
from tripupdates.trips import records as trips
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import CHANNEL_NAMES, Channel, Forbidden, Severity

AROUND = timedelta(days=1)  # before its first day and after its last one, a trip's messages can be sent
SOON = timedelta(days=14)

NONE_YET = "The head has not approved any messages for this trip yet. Write an update instead."
STOPPED = "The head has stopped these messages. Write an update instead."
APPROVER_GONE = (
    "Whoever approved these messages may not do so any more. The head or a deputy must approve them again; "
    "write an update instead."
)
UNSIGNED = (
    "These messages were approved without a passkey, which does not count at this school any more. The head must "
    "approve them again; write an update instead."
)
NO_PLACE = "The school has not set up {} any more. The head must approve these messages again; write an update instead."
TOO_EARLY = "These messages can be sent from the day before the trip on."
OVER = "This trip is over, so its messages cannot be sent any more. Write an update instead."


@dataclass(frozen=True)
class Standing:
    """A trip's messages as they stand. `present` is what was said last; `why_not` is '' where they can be relied on."""

    trip: Trip
    present: Wordings | None
    why_not: str

    @property
    def messages(self) -> tuple[Message, ...]:
        """Those that hold or held last, else those that a school begins with."""
        kept = read(self.present)
        return kept or tuple(Message(key, text) for key, text in wordings.DEFAULTS.items())

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Where they appear. A school begins with the families alone: when and where a group travels is not for all."""
        return self.present.chosen if self.present and self.present.channels else (Channel.FAMILIES,)

    @property
    def digest(self) -> str:
        """The seal on what was said last, '' for nothing."""
        return self.present.digest if self.present else ""


def read(row: Wordings | None) -> tuple[Message, ...]:
    """The messages of an approval; none where they were stopped."""
    return tuple(Message(each["key"], each["text"]) for each in row.messages) if row else ()


def standing(house: House, session: Session, trip: Trip) -> Standing:
    """Which messages of this trip were approved, and whether that holds."""
    present = records.latest_wordings(session, trip.id)
    return Standing(trip, present, _why_not(house, session, present))


def _why_not(house: House, session: Session, present: Wordings | None) -> str:
    if present is None:
        return NONE_YET
    if not present.messages:
        return STOPPED
    if not _may_still_approve(session, present):
        return APPROVER_GONE
    if not is_signed_enough(house, session, present):
        return UNSIGNED
    missing = [channel for channel in present.chosen if channel not in house.places]
    return NO_PLACE.format(CHANNEL_NAMES[missing[0]]) if missing else ""


def is_signed_enough(house: House, session: Session, present: Wordings) -> bool:
    """Whether an approval of messages is signed, where the school has decided that approvals must be."""
    return (
        house.settings.unsigned_approvals == "allowed" or signed.of_wordings(session, present.id) is not None
    )


def _may_still_approve(session: Session, present: Wordings) -> bool:
    """Whoever is on the trip by now approves nothing of it, and so never what they send themselves (law 4)."""
    person = present.approver
    try:
        wordings.check_approver(person.role, trips.accompanies(session, person.id, present.trip_id))
    except Forbidden:
        return False
    return person.active


def too_early_or_late(house: House, trip: Trip) -> str:
    """Why it is not the time for a trip's messages, '' where it is."""
    today = house.today()
    if today < trip.starts - AROUND:
        return TOO_EARLY
    return OVER if today > trip.ends + AROUND else ""


def on_offer(house: House, session: Session, trip: Trip) -> tuple[Message, ...]:
    """The messages that can be sent at this moment."""
    now = standing(house, session, trip)
    return () if now.why_not or too_early_or_late(house, trip) else now.messages


def for_phone(house: House, session: Session, trip: Trip) -> dict[str, Any] | None:
    """What the phone keeps, also before the trip, so that it can send without having looked again; None for nothing."""
    now = standing(house, session, trip)
    if now.why_not:
        return None
    return {
        "digest": now.digest,
        "channels": list(now.channels),
        "messages": [each.stored | {"needs_time": each.needs_time} for each in now.messages],
    }


@dataclass(frozen=True)
class Coming:
    """A trip that comes, or has begun. `urgent`: soon or by now staff want to send messages, and there are none."""

    standing: Standing
    begun: bool
    urgent: bool


def coming(house: House, session: Session) -> list[Coming]:
    """The trips whose messages the head may have to look at, the next one first."""
    today = house.today()
    found = [trip for trip in trips.every(session) if today <= trip.ends + AROUND]
    return [
        Coming(now, now.trip.starts <= today, bool(now.why_not) and today >= now.trip.starts - SOON)
        for now in (standing(house, session, trip) for trip in sorted(found, key=lambda trip: trip.starts))
    ]


def barriers(
    house: House, trip: Trip, messages: Collection[Message], channels: Collection[Channel]
) -> Iterator[str]:
    """Why these messages cannot be approved, in sentences: nobody will look again, so they must be plain."""
    found = wordings.problems(messages)
    yield from found
    if not channels:
        yield "Choose at least one place for them to appear."
    yield from (
        f"The school has not set up {CHANNEL_NAMES[channel]}. Take it off these messages."
        for channel in channels
        if channel not in house.places
    )
    if not found:
        yield from _about_the_words(house, trip, messages, Channel.X in channels)


def _about_the_words(house: House, trip: Trip, messages: Collection[Message], on_x: bool) -> Iterator[str]:
    texts = {
        each.key: wordings.fill(each, wordings.SAMPLE_TIME if each.needs_time else None) for each in messages
    }
    pupils = [PupilName(pupil.forename, pupil.surname) for pupil in trip.pupils]
    staff = [person.name for person in trip.staff]
    for finding in check(texts, pupils, staff, house.settings.x_handle, house.words):
        if finding.severity is not Severity.NOTE:
            yield f"{wordings.OCCASIONS[finding.where]}: “{finding.excerpt}”: {finding.message}"
    for key, text in texts.items() if on_x else ():
        too_long = weigh(text).weighted - X_LIMIT
        if too_long > 0:
            yield f"{wordings.OCCASIONS[key]}: it is {too_long} characters too long for X. Write a shorter one."
