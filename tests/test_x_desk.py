"""The account at X: asked whose it is, wrong keys refused by name, calls counted before they are made, cost by the month."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from tests.factories import School, all_consent, approved, work
from tests.practice.running import Running
from tests.with_x import speak_to
from tripupdates import metering, office, takedown, x_desk
from tripupdates.channels.contract import Post
from tripupdates.channels.x_terms import Call
from tripupdates.database import fresh, transaction
from tripupdates.outbox import calls, pauses
from tripupdates.outbox.calls import XCall
from tripupdates.vocabulary import Channel, Forbidden, NotFound

X = Channel.X
OTHERS_KEYS = "The keys belong to another account at X than @AnotherSchool, the school’s, so nothing is sent."


@pytest.fixture
def school(beside_x: tuple[School, Running]) -> School:
    return beside_x[0]


def _desk(school: School) -> x_desk.Desk:
    found = x_desk.desk(school.house, fresh())
    assert found is not None
    return found


def _asked(school: School) -> dict[str, int]:
    found = calls.between(fresh(), datetime(2020, 1, 1, tzinfo=UTC), school.clock() + timedelta(days=1))
    return {call.value: times for call, times in found.items()}


def _paused(school: School) -> list[str]:
    return [pause.problem for pause in pauses.until_mended(fresh(), school.clock())]


def test_the_right_account_is_said_to_be_right(school: School) -> None:
    checked = x_desk.check(school.house, school.office)
    assert (checked.right, checked.said) == (
        True,
        "X says that these are the keys of @PuddleLaneTest, the school’s account.",
    )
    assert (_paused(school), _asked(school)) == ([], {"look": 1})


def test_keys_of_another_account_let_the_channel_wait_and_say_whose_are_wanted(
    school: School, x: Running
) -> None:
    speak_to(school, x, handle="AnotherSchool")
    update = approved(school)
    work(school, X)
    assert (x.posts(), school.deliveries(update)["x"], _paused(school)) == ([], "pending", [OTHERS_KEYS])
    assert (x_desk.check(school.house, school.head).said, _paused(school)) == (OTHERS_KEYS, [OTHERS_KEYS])


def test_a_check_that_finds_wrong_keys_lets_the_channel_wait_before_anything_is_tried(
    school: School, x: Running
) -> None:
    speak_to(school, x, handle="AnotherSchool")
    assert x_desk.check(school.house, school.office).right is False
    update = approved(school)
    work(school, X)
    assert (school.delivery(update, X).attempts, _paused(school)) == (0, [OTHERS_KEYS])
    speak_to(school, x)
    assert x_desk.check(school.house, school.office).said.endswith("mended, press “Try again”.")
    office.try_channel_again(school.house, school.office, X)
    work(school, X)
    assert len(x.posts()) == 1


@pytest.mark.parametrize(
    ("kind", "said", "paused"),
    [
        ("401", "does not accept the school’s keys", True),
        ("402", "has no credits left", True),
        ("429", "asks us to wait", False),
        ("500_before", "gave no clear answer", False),
    ],
)
def test_what_x_answers_is_said_in_a_sentence(
    school: School, x: Running, kind: str, said: str, paused: bool
) -> None:
    x.fault("me", kind)
    checked = x_desk.check(school.house, school.office)
    assert (checked.right, said in checked.said, bool(_paused(school))) == (False, True, paused)


@pytest.mark.parametrize("who", ["author", "stranger"])
def test_staff_do_not_check_it(school: School, x: Running, who: str) -> None:
    with pytest.raises(Forbidden):
        x_desk.check(school.house, school.people[who])
    assert x.count("me") == 0


def test_a_school_without_x_has_no_desk(school: School) -> None:
    del school.house.places[X]  # type: ignore[attr-defined] # a dict underneath
    assert x_desk.desk(school.house, fresh()) is None
    with pytest.raises(NotFound):
        x_desk.check(school.house, school.office)


@pytest.mark.both_engines
def test_what_x_is_asked_is_counted_pictures_and_takedowns_too(school: School, x: Running) -> None:
    all_consent(school)
    first = approved(school, ("Ada", "Bram"))
    work(school, X)
    takedown.take_down(school.house, school.head, first, "Too soon.")
    work(school, X)
    assert _asked(school) == {"look": 1, "upload": 1, "alt": 1, "post": 1, "delete": 1}
    assert {route: x.count(route) for route in ("me", "media", "metadata", "tweets", "delete")} == {
        "me": 1,
        "media": 1,
        "metadata": 1,
        "tweets": 1,
        "delete": 1,
    }


def test_an_address_that_x_alone_would_see_has_its_price(school: School) -> None:
    school.house.places[X].publish(Post("We climbed the tower at castle.example.com today."))
    assert _asked(school) == {"look": 1, "linked": 1}


def test_a_look_counts_as_many_posts_as_come_back(school: School, x: Running) -> None:
    place = school.house.places[X]
    for number in range(3):
        place.publish(Post(f"Number {number}."))
    place.look_up(Post("Another."), datetime.now(UTC) - timedelta(minutes=5), ())
    assert _asked(school) == {"look": 1 + 3, "post": 3}


def test_a_call_is_written_down_before_it_is_made(school: School, x: Running) -> None:
    x.fault("tweets", "500_before")
    approved(school)
    work(school, X)
    assert _asked(school)["post"] == 1


def test_what_cannot_be_counted_is_not_asked(
    school: School, x: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(school)

    def full(*_args: object) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(calls, "note", full)
    with pytest.raises(sa.exc.OperationalError):
        work(school, X)
    assert (x.count("tweets"), x.count("media")) == (0, 0)


def _counted(school: School) -> list[tuple[str, int, int, int]]:
    return [(each.words, each.lately, each.most, each.today) for each in _desk(school).counts]


def test_limits_are_of_a_quarter_of_an_hour_and_a_day_begins_at_midnight_at_school(school: School) -> None:
    school.clock.now = datetime(2027, 7, 1, 10, 0, tzinfo=UTC)
    for at, call, times in (
        (school.clock() - timedelta(minutes=14), Call.POST, 2),
        (school.clock(), Call.LINKED, 1),
        (school.clock() - timedelta(minutes=16), Call.DELETE, 3),
        (datetime(2027, 6, 30, 23, 30, tzinfo=UTC), Call.UPLOAD, 4),  # half past midnight in summer
        (datetime(2027, 6, 30, 22, 30, tzinfo=UTC), Call.UPLOAD, 5),
    ):
        metering.count(at, call, times)
    assert _counted(school) == [
        ("Posts", 3, 100, 3),
        ("Deleting posts", 0, 50, 3),
        ("Pictures", 0, 500, 4),
    ]


def test_a_months_cost_is_reckoned_line_by_line(school: School) -> None:
    school.clock.now = datetime(2028, 1, 15, 12, 0, tzinfo=UTC)
    for at, call, times in (
        (datetime(2028, 1, 1, 0, 0, tzinfo=UTC), Call.POST, 10),
        (datetime(2028, 1, 14, 0, 0, tzinfo=UTC), Call.LINKED, 2),
        (datetime(2028, 1, 14, 0, 0, tzinfo=UTC), Call.UPLOAD, 7),  # costs nothing
        (datetime(2027, 12, 31, 23, 59, tzinfo=UTC), Call.ALT, 3),
        (datetime(2027, 12, 1, 0, 0, tzinfo=UTC), Call.LOOK, 5),
        (datetime(2027, 11, 30, 23, 59, tzinfo=UTC), Call.POST, 99),
    ):
        metering.count(at, call, times)
    this, last = _desk(school).bills
    assert (this.month, this.sum, last.month, last.sum) == (
        date(2028, 1, 1),
        Decimal("0.550"),
        date(2027, 12, 1),
        Decimal("0.020"),
    )
    assert [(line.words, line.times, line.sum) for line in this.lines] == [
        ("Posts", 10, Decimal("0.150")),
        ("Posts with a link", 2, Decimal("0.400")),
        ("Alt texts of pictures", 0, Decimal(0)),
        ("Deleting posts", 0, Decimal(0)),
        ("Looking at our own posts", 0, Decimal(0)),
    ]


def test_nothing_is_counted_as_nothing(school: School) -> None:
    metering.count(school.clock(), Call.LOOK, 0)
    assert fresh().scalars(sa.select(XCall)).all() == []


@pytest.mark.both_engines
def test_it_shows_what_stands_still_since_when_and_when_credits_ran_out(school: School, x: Running) -> None:
    assert (_desk(school).paused, _desk(school).out_of_credits_at) == ((), None)
    x.fault("tweets", "402")
    approved(school)
    work(school, X)
    ran_out = school.clock()
    school.clock.pass_(hours=2)
    found = _desk(school)
    assert ([pause.since for pause in found.paused], found.waiting) == ([ran_out], 1)
    office.try_channel_again(school.house, school.office, X)
    assert (_desk(school).paused, _desk(school).out_of_credits_at) == ((), ran_out)


def test_the_time_that_x_named_is_shown(school: School, x: Running) -> None:
    x.fault("tweets", "429", seconds=600)
    approved(school)
    work(school, X)
    (pause,) = _desk(school).waits
    assert pause.until is not None
    assert timedelta(minutes=9) < pause.until - school.clock() <= timedelta(minutes=10)
    with transaction() as session:
        session.execute(sa.update(pauses.Pause).values(until=school.clock()))
    assert _desk(school).waits == ()
