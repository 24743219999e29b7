"""Clocks that are changed in spring and autumn, or put right by an hour or a day, lose nothing and send nothing twice."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.factories import School, approved, settle, waiting, work
from tests.practice.running import Running, running_x
from tripupdates import deputising, journey, takedown
from tripupdates.approval import timing
from tripupdates.approval.timing import When
from tripupdates.channels.x import X
from tripupdates.channels.x_account import XAccount
from tripupdates.health import heart, ready
from tripupdates.people import presence
from tripupdates.telling.rules import quiet_until
from tripupdates.vocabulary import Channel, DeliveryState, Order, Refused

LONDON, CHATHAM = ZoneInfo("Europe/London"), ZoneInfo("Pacific/Chatham")
PAGES = (Channel.FAMILIES, Channel.WEBSITE)


@pytest.mark.parametrize(("zone", "jumped"), [(LONDON, "2027-03-28T01:30"), (CHATHAM, "2027-09-26T03:00")])
def test_an_hour_that_the_clocks_jump_over_is_refused_in_a_sentence(zone: ZoneInfo, jumped: str) -> None:
    with pytest.raises(Refused, match="there is no such time"):
        timing.read("at", jumped, zone)


@pytest.mark.parametrize(
    ("zone", "twice", "first"),
    [
        (LONDON, "2027-10-31T01:30", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        (CHATHAM, "2027-04-04T03:00", datetime(2027, 4, 3, 13, 15, tzinfo=UTC)),
    ],
)
def test_of_an_hour_that_comes_twice_the_first_is_meant(zone: ZoneInfo, twice: str, first: datetime) -> None:
    at = timing.read("at", twice, zone).at
    assert at is not None
    assert at.astimezone(UTC) == first


def test_quiet_hours_last_as_long_as_the_night_does() -> None:
    evening = datetime(2027, 3, 27, 22, 0, tzinfo=UTC)  # the night that is an hour shorter
    assert quiet_until(time(21), time(7), evening, LONDON) == datetime(2027, 3, 28, 6, 0, tzinfo=UTC)
    evening = datetime(2027, 10, 30, 21, 0, tzinfo=UTC)  # the night that is an hour longer
    assert quiet_until(time(21), time(7), evening, LONDON) == datetime(2027, 10, 31, 7, 0, tzinfo=UTC)


def test_quiet_hours_that_end_in_the_hour_that_comes_twice_end_after_now() -> None:
    second = datetime(2027, 10, 31, 1, 15, tzinfo=UTC)  # 01:15, for the second time
    until = quiet_until(time(21), time(1, 30), second, LONDON)
    assert until is not None
    assert until.astimezone(UTC) == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_a_deputys_day_is_the_schools_day_however_long_it_is(school: School) -> None:
    day = date(2027, 3, 28)
    school.clock.now = datetime(2027, 3, 27, 12, tzinfo=UTC)
    deputising.appoint(school.house, school.head, school.slug, school.stranger.id, day, day)
    ends = datetime(2027, 3, 28, 23, 0, tzinfo=UTC)  # midnight in summer time
    update = waiting(school, text="We saw an otter.")
    school.clock.now = ends - timedelta(minutes=1)
    journey.approve(school.house, school.stranger, update, school.digest(update))
    school.clock.now = ends
    other = waiting(school, text="We saw a newt.")
    with pytest.raises(Refused):
        journey.approve(school.house, school.stranger, other, school.digest(other))


def test_what_was_ordered_by_a_clock_a_day_ahead_goes_out_when_it_is_put_right(school: School) -> None:
    school.clock.pass_(days=1)
    update = approved(school)
    school.clock.pass_(days=-1)
    work(school)
    assert school.deliveries(update) == {"families": "sent", "website": "sent", "x": "pending"}
    takedown.take_down(school.house, school.head, update, "It was about tomorrow.")
    school.clock.pass_(hours=-1)
    work(school)
    assert school.deliveries(update, Order.REMOVE)["families"] == "sent"


def test_what_was_approved_for_a_time_waits_for_it_whatever_the_clock_did(school: School) -> None:
    at = school.clock.now + timedelta(hours=2)
    update = waiting(school)
    school.clock.pass_(hours=1)
    journey.approve(school.house, school.head, update, school.digest(update), when=When(at))
    for moment in (at - timedelta(days=1), at - timedelta(seconds=1)):
        school.clock.now = moment
        work(school)
        assert school.deliveries(update)["families"] == "pending"
    school.clock.now = at
    work(school)
    assert school.deliveries(update)["families"] == "sent"


@pytest.fixture
def x(tmp_path: Path, school: School) -> Iterator[Running]:
    with running_x(tmp_path / "x") as running:
        keys = running.keys
        account = XAccount(
            running.base,
            keys.handle,
            keys.consumer_key,
            keys.consumer_secret,
            keys.access_token,
            keys.access_token_secret,
        )
        place = X(account, timeout=2, settle=timedelta(seconds=60))
        school.house.places[Channel.X] = place  # type: ignore[index] # a dict underneath
        school.clock.now = datetime.now(UTC)
        yield running


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(hours=1), timedelta(days=1)])
def test_a_post_in_doubt_is_looked_up_and_never_doubled_by_a_jump_of_the_clock(
    school: School, x: Running, jump: timedelta
) -> None:
    update = approved(school, channels=(Channel.X,))
    x.fault("tweets", "500_after")
    work(school, Channel.X)
    assert school.deliveries(update) == {"x": "unsure"}
    school.clock.now += jump
    for _ in range(8):
        work(school, Channel.X)
        school.clock.pass_(minutes=10)
    assert school.deliveries(update) == {"x": "sent"}
    assert len(x.posts()) == 1


def test_a_clock_put_back_makes_no_worker_look_silent_and_no_proof_younger(school: School) -> None:
    heart.beat(school.house, ready.lanes(school.house))
    caller = school.head
    school.clock.pass_(hours=-1)
    failed = {check.name for check in ready.checks(school.house) if not check.ok}
    assert failed == set()
    assert not presence.is_fresh(caller, school.clock())


def test_what_needs_a_person_waits_for_one_whatever_the_clock_does(school: School) -> None:
    update = approved(school, channels=(Channel.FAMILIES,))
    settle(school, update, Channel.FAMILIES, DeliveryState.NEEDS_PERSON)
    for jump in (-1, 2):
        school.clock.pass_(days=jump)
        work(school)
        assert school.deliveries(update) == {"families": "needs_person"}
