"""What parents ask first, told by the messages that stand."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tripupdates.site.render import Item
from tripupdates.site.status import meant, status

LONDON = ZoneInfo("Europe/London")
ID = "11111111-1111-4111-8111-111111111111"


def _at(day: int, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2027, 5, day, hour, minute, tzinfo=LONDON)


def _item(day: int, clock: str, key: str = "", time: str = "", text: str = "We climbed.") -> Item:
    return Item(ID, text, _at(day, clock), key=key, time=time)


def _said(*items: Item) -> list[str]:
    """Facts in words, of updates given in the order in which they were sent."""
    return [f"{fact.words} {fact.at:%a %H:%M}" for fact in status(items[::-1])]


ARRIVED = _item(3, "11:42", "arrived", text="Arrived safely")
WELL = _item(3, "21:30", "all_well", text="All well, lights out")
PROMISE = _item(3, "18:40", "next_update", "21:00", "Next update by 21:00")
HOME = _item(7, "13:05", "setting_off", "15:30", "Setting off home, expected at 15:30")
LATE = _item(7, "14:50", "delayed", "16:15", "Delayed, now expected at 16:15")
WRITTEN = _item(7, "15:00")


@pytest.mark.parametrize(
    ("items", "facts"),
    [
        ((), []),
        ((WRITTEN,), ["Last heard Fri 15:00"]),
        ((ARRIVED,), ["Arrived safely Mon 11:42", "Last heard Mon 11:42"]),
        (
            (ARRIVED, PROMISE),
            ["Arrived safely Mon 11:42", "Next update by Mon 21:00", "Last heard Mon 18:40"],
        ),
        (
            (ARRIVED, PROMISE, WELL),
            ["Arrived safely Mon 11:42", "All well, lights out Mon 21:30", "Last heard Mon 21:30"],
        ),
        (
            (ARRIVED, HOME, WRITTEN),
            ["Arrived safely Mon 11:42", "Home expected Fri 15:30", "Last heard Fri 15:00"],
        ),
        (
            (ARRIVED, HOME, LATE),
            ["Arrived safely Mon 11:42", "Home expected Fri 16:15", "Last heard Fri 14:50"],
        ),
    ],
)
def test_the_line_says_what_stands(items: tuple[Item, ...], facts: list[str]) -> None:
    assert _said(*items) == facts


def test_a_delay_on_the_way_there_does_not_speak_of_home() -> None:
    late = _item(3, "10:00", "delayed", "12:15", "Delayed, now expected at 12:15")
    assert _said(late) == ["Expected Mon 12:15", "Last heard Mon 10:00"]


def test_arriving_back_ends_what_was_expected_and_what_was_well() -> None:
    back = _item(7, "16:20", "arrived", text="Arrived safely")
    assert _said(ARRIVED, WELL, HOME, LATE, back) == ["Arrived safely Fri 16:20", "Last heard Fri 16:20"]


@pytest.mark.parametrize(
    ("sent", "clock", "day"),
    [
        ("18:40", "21:00", 3),
        ("22:30", "01:15", 4),
        ("15:31", "15:30", 3),
        ("23:30", "07:00", 4),
        ("00:10", "23:50", 2),
    ],
)
def test_a_time_means_the_next_one_or_one_just_gone(sent: str, clock: str, day: int) -> None:
    assert meant(_at(3, sent), clock) == _at(day, clock)


def test_a_time_is_meant_by_the_clock_across_the_night_it_changes() -> None:
    sent = datetime(2027, 3, 27, 23, 0, tzinfo=LONDON)
    assert meant(sent, "06:30").isoformat() == "2027-03-28T06:30:00+01:00"
