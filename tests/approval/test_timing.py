"""When an approved update goes out: the form's words, the school's clock, and what makes no sense."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tripupdates.approval.timing import NOW, ONCE_LEFT, When, check, read, said
from tripupdates.vocabulary import Refused

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2027, 5, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(("kind", "when"), [("", NOW), ("now", NOW), ("left", ONCE_LEFT)])
def test_now_and_once_left_need_no_time(kind: str, when: When) -> None:
    assert read(kind, "", LONDON) == when


def test_a_time_is_by_the_schools_clock_and_one_with_an_offset_is_what_it_says() -> None:
    assert read("at", "2027-05-04T18:30", LONDON).at == datetime(2027, 5, 4, 17, 30, tzinfo=UTC)
    assert read("at", "2027-05-04T18:30:00+02:00", LONDON).at == datetime(2027, 5, 4, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize("moment", ["", "tomorrow", "2027-13-01T10:00", "2027-03-28T01:30"])
def test_what_is_no_time_is_refused(moment: str) -> None:
    with pytest.raises(Refused):
        read("at", moment, LONDON)


def test_another_kind_is_refused() -> None:
    with pytest.raises(Refused, match="Choose when"):
        read("later", "", LONDON)


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "is over"), (-1, "is over"), (1, None), (60, None), (61, "two weeks")]
)
def test_the_past_and_the_far_future_are_refused(minutes: int, words: str | None) -> None:
    when = When(NOON + timedelta(minutes=minutes))
    if words is None:
        check(when, NOON, NOON + timedelta(hours=1))
        return
    with pytest.raises(Refused, match=words):
        check(when, NOON, NOON + timedelta(hours=1))


def test_what_is_signed_names_the_moment_in_utc() -> None:
    assert NOW.terms == {}
    assert ONCE_LEFT.terms == {"when": "once the group has left"}
    assert read("at", "2027-05-04T18:30", LONDON).terms == {"when": "2027-05-04T17:30:00+00:00"}


def test_a_moment_is_said_by_the_schools_clock() -> None:
    assert said(NOON, LONDON) == "Monday 3 May, 13:00"
