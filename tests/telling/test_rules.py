"""Who is told, and when: plain values."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from tripupdates.telling import letters, rules
from tripupdates.vocabulary import News, Stage, Way

HEAD, DEPUTY, OTHER = (UUID(int=each) for each in (1, 2, 3))
NOON = datetime(2027, 5, 3, 12, 0, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


def _minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def test_where_nobody_is_chosen_all_are_told_at_once() -> None:
    plan = rules.plan([HEAD, DEPUTY], None, 15, 30)
    assert (plan.first, plan.others) == ((HEAD, DEPUTY), ())
    assert rules.wanted(plan, NOON, NOON, {}, {HEAD}) == {(HEAD, Stage.FIRST), (DEPUTY, Stage.FIRST)}


def test_a_chosen_person_who_cannot_decide_any_more_leaves_it_to_all() -> None:
    assert rules.plan([DEPUTY, OTHER], HEAD, 15, 30).first == (DEPUTY, OTHER)


@pytest.mark.parametrize(
    ("minutes", "told", "stages"),
    [
        (14, 0, {(HEAD, Stage.FIRST)}),
        (15, 0, {(HEAD, Stage.FIRST), (HEAD, Stage.REMINDER)}),
        (15, 1, {(HEAD, Stage.FIRST)}),  # a reminder counts from when they heard
        (16, None, {(HEAD, Stage.FIRST)}),  # nobody is reminded of what they have not heard
        (30, None, {(HEAD, Stage.FIRST), (DEPUTY, Stage.DEPUTIES)}),
        (30, 0, {(HEAD, Stage.FIRST), (HEAD, Stage.REMINDER), (DEPUTY, Stage.DEPUTIES)}),
    ],
)
def test_a_reminder_and_then_the_deputies(
    minutes: int, told: int | None, stages: set[tuple[UUID, Stage]]
) -> None:
    plan = rules.plan([HEAD, DEPUTY], HEAD, 15, 30)
    heard = {} if told is None else {HEAD: _minutes(told)}
    assert rules.wanted(plan, NOON, _minutes(minutes), heard, {HEAD}) == stages


def test_the_deputies_are_told_at_once_where_nothing_reaches_the_first() -> None:
    plan = rules.plan([HEAD, DEPUTY], HEAD, 15, 30)
    assert (DEPUTY, Stage.DEPUTIES) in rules.wanted(plan, NOON, NOON, {}, set())


@pytest.mark.parametrize(
    ("start", "end", "now", "until"),
    [
        ("22:00", "07:00", "2027-05-03T21:59+01:00", None),
        ("22:00", "07:00", "2027-05-03T22:00+01:00", "2027-05-04T07:00+01:00"),
        ("22:00", "07:00", "2027-05-04T06:59+01:00", "2027-05-04T07:00+01:00"),
        ("22:00", "07:00", "2027-05-04T07:00+01:00", None),
        ("13:00", "14:00", "2027-05-03T13:30+01:00", "2027-05-03T14:00+01:00"),
        ("13:00", "14:00", "2027-05-03T14:00+01:00", None),
        (
            "22:00",
            "07:00",
            "2027-10-30T23:00+01:00",
            "2027-10-31T07:00+00:00",
        ),  # the clocks go back that night
        ("22:00", "22:00", "2027-05-03T22:00+01:00", None),
    ],
)
def test_quiet_hours_are_those_of_the_clock_at_school(
    start: str, end: str, now: str, until: str | None
) -> None:
    found = rules.quiet_until(
        time.fromisoformat(start), time.fromisoformat(end), datetime.fromisoformat(now), LONDON
    )
    assert found == (until and datetime.fromisoformat(until))


def test_without_quiet_hours_no_hour_is_quiet() -> None:
    assert rules.quiet_until(None, None, NOON, LONDON) is None


def test_a_message_waits_a_moment_for_what_comes_with_it() -> None:
    assert rules.due("waiting", [_minutes(1), NOON], None, None) == NOON + rules.GATHER


def test_who_was_told_and_has_not_looked_is_not_told_again_at_once() -> None:
    assert rules.due("waiting", [_minutes(1)], NOON, None) == NOON + rules.GAP


@pytest.mark.parametrize("subject", ["security", "test"])
def test_security_and_a_test_know_no_quiet_hours(subject: str) -> None:
    assert rules.due(subject, [NOON], NOON, _minutes(500)) == NOON


@pytest.mark.parametrize("subject", ["waiting", "decided"])
def test_the_rest_waits_until_the_quiet_hours_end(subject: str) -> None:
    assert rules.due(subject, [NOON], None, _minutes(500)) == _minutes(500)


@pytest.mark.parametrize(
    ("news", "push", "by_mail", "ways"),
    [
        ({News.WAITING}, False, False, {Way.EMAIL}),
        ({News.WAITING}, True, False, {Way.EMAIL, Way.PUSH}),
        ({News.APPROVED}, True, False, {Way.PUSH}),
        ({News.APPROVED}, False, False, set()),
        ({News.APPROVED}, False, True, {Way.EMAIL}),
        ({News.APPROVED, News.SENT_BACK}, False, False, {Way.EMAIL}),
        ({News.ACCOUNT_CLOSED}, True, False, {Way.EMAIL, Way.PUSH}),
    ],
)
def test_email_always_but_for_a_mere_approval(
    news: set[News], push: bool, by_mail: bool, ways: set[Way]
) -> None:
    assert rules.ways(news, push, by_mail) == ways


def test_tries_are_further_and_further_apart_and_end() -> None:
    pauses = [(rules.next_try(attempts, NOON) - NOON).total_seconds() for attempts in (1, 2, 3, 50)]
    assert pauses == [10, 20, 40, 300]
    assert [rules.gives_up(Way.EMAIL, NOON, NOON + timedelta(hours=each)) for each in (24, 25)] == [
        False,
        True,
    ]


@pytest.mark.parametrize("news", list(News))
def test_there_are_words_for_every_piece_of_news(news: News) -> None:
    told = [letters.Told(news, HEAD, NOON)]
    said = letters.compose(rules.subject_of(news), told, [HEAD], "Monday 3 May, 13:00")
    assert said.title
    assert all(bodies for bodies in letters.letter(said, "https://trips.example", "Puddle Lane"))
