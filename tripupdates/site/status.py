"""What parents ask first: have they arrived, is everyone well, when are they back. From the approved messages. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tripupdates.site.render import Item

LATE_BY = timedelta(hours=3)  # a time that has just gone by is meant, not that of the next day
ON_THE_WAY = ("setting_off", "delayed")


@dataclass(frozen=True)
class Fact:
    """One thing that is known: words, and the moment that goes with them, aware, in the school's zone."""

    words: str
    at: datetime


def status(items: "Sequence[Item]") -> list[Fact]:
    """The facts that these updates (the newest first) tell; the last is when anything was heard. None for no updates.

    Words that the head approved stand as they are; of a time that was filled in, the page says what it is about.
    """
    if not items:
        return []
    since = list(
        takewhile(lambda item: item.key != "arrived", items)
    )  # the newest arrival ends what was expected
    arrived = next((item for item in items if item.key == "arrived"), None)
    well = next((item for item in since if item.key == "all_well"), None)
    facts = [Fact(item.text, item.published) for item in (arrived, well) if item is not None]
    if items[0].key == "next_update":  # whatever has come since has kept the promise
        facts.append(Fact("Next update by", meant(items[0].published, items[0].time)))
    way = [item for item in since if item.key in ON_THE_WAY]
    if way:
        homeward = any(item.key == "setting_off" for item in way)
        expected = meant(way[0].published, way[0].time)
        facts.append(Fact("Home expected" if homeward else "Expected", expected))
    return [*facts, Fact("Last heard", items[0].published)]


def meant(said_at: datetime, clock: str) -> datetime:
    """The moment that was meant by HH:MM: the next time that the clock shows it, or one that has just gone by."""
    zone, hour = said_at.tzinfo, time.fromisoformat(clock)
    earliest = said_at.astimezone(UTC) - LATE_BY
    days: list[date] = [(said_at + timedelta(days=number)).date() for number in (-1, 0, 1, 2)]
    moments = [datetime.combine(day, hour, zone) for day in days]
    return next(moment for moment in moments if moment.astimezone(UTC) >= earliest)
