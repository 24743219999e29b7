"""What the phone keeps, what the page offers, and what the head is told about a trip's messages."""

import pytest

from tests.factories import School, wordings
from tripupdates import accounts, standing
from tripupdates.approval import in_force
from tripupdates.database import fresh
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import Channel


def _trip(school: School) -> Trip:
    return fresh().get_one(Trip, school.trip_id())


def test_the_phone_keeps_what_is_approved(school: School) -> None:
    assert in_force.for_phone(school.house, fresh(), _trip(school)) is None
    digest = wordings(school, (Channel.X, Channel.FAMILIES))
    assert in_force.for_phone(school.house, fresh(), _trip(school)) == {
        "digest": digest,
        "channels": ["families", "x"],
        "messages": [
            {"key": "arrived", "text": "Arrived safely", "needs_time": False},
            {"key": "all_well", "text": "All well, lights out", "needs_time": False},
            {"key": "next_update", "text": "Next update by {time}", "needs_time": True},
            {"key": "setting_off", "text": "Setting off home, expected at {time}", "needs_time": True},
            {"key": "delayed", "text": "Delayed, now expected at {time}", "needs_time": True},
        ],
    }
    standing.withdraw_wordings(school.house, school.head, school.slug)
    assert in_force.for_phone(school.house, fresh(), _trip(school)) is None


def test_the_phone_has_them_before_the_trip_and_the_page_offers_them_in_time(school: School) -> None:
    wordings(school)
    school.clock.pass_(days=-10)
    assert in_force.for_phone(school.house, fresh(), _trip(school)) is not None
    assert in_force.on_offer(school.house, fresh(), _trip(school)) == ()
    school.clock.pass_(days=10)
    assert len(in_force.on_offer(school.house, fresh(), _trip(school))) == 5


def test_nothing_is_offered_that_would_be_refused(school: School) -> None:
    wordings(school)
    accounts.set_active(school.house, school.office, school.head.id, False)
    assert in_force.for_phone(school.house, fresh(), _trip(school)) is None
    assert in_force.on_offer(school.house, fresh(), _trip(school)) == ()


@pytest.mark.parametrize(
    ("days", "listed", "urgent"),
    [(-15, True, False), (-14, True, True), (0, True, True), (5, True, True), (6, False, False)],
)
def test_the_head_is_told_of_trips_that_come_without_messages(
    school: School, days: int, listed: bool, urgent: bool
) -> None:
    school.clock.pass_(days=days)
    found = in_force.coming(school.house, fresh())
    assert [each.urgent for each in found] == ([urgent] if listed else [])
    wordings(school)
    assert not any(each.urgent for each in in_force.coming(school.house, fresh()))
