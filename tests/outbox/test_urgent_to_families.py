"""What is urgent about a trip goes to its families as well: through a hold, until it is over, and to nobody who wants none."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import School, settle, work
from tests.families import NUMBERS, families, orders, reach_by_notify, states
from tests.practice.running import RunningNotify, running_notify
from tests.telling.test_urgent import alone, urgent
from tripupdates import contacting, holding, office
from tripupdates.publishing import EXPIRED
from tripupdates.vocabulary import Channel, DeliveryState, Refused

TEXT, EMAIL = Channel.TEXT, Channel.EMAIL
LATE = "The coach is late. We are home at 18:30."


@pytest.fixture
def notify(tmp_path: Path, school: School) -> Iterator[RunningNotify]:
    with running_notify(tmp_path / "notify") as notify:
        reach_by_notify(school, notify)
        yield notify


def late(school: School, **how: timedelta) -> uuid.UUID:
    """The head, with nobody else at hand, has sent a notice about the trip."""
    update = urgent(school, trip=school.slug, title="Late home", text=LATE, **how)  # type: ignore[arg-type]
    alone(school, update)
    return update


@pytest.mark.both_engines
def test_it_goes_by_both_ways_through_a_hold_and_to_nobody_who_wants_none(
    school: School, notify: RunningNotify
) -> None:
    known = families(school)
    where = (school.house, school.office, school.slug)
    contacting.leave_out(*where, school.pupil("Ada"), known["Ada"], TEXT, True)
    holding.hold(school.house, school.head)
    page = school.client("head").get(f"/staff/updates/{_waiting(school)}").text
    assert "4 texts of 1 part: 4 of 5,000 left free this year; £0.00." in page
    assert "Nobody to send it to" not in page  # nothing is ordered yet, for anybody
    update = late(school)
    work(school, TEXT, EMAIL)
    assert sorted(notify.texts()) == [(number, f"Late home: {LATE}") for number in list(NUMBERS.values())[1:]]
    mails = notify.messages("email")
    assert [mail["subject"] for mail in mails] == ["Late home (Castle Residential)"] * 5
    assert states(school, update, EMAIL) == ["sent"] * 5


def _waiting(school: School) -> uuid.UUID:
    return urgent(school, trip=school.slug, title="Late home", text=LATE)


def test_once_it_is_over_it_goes_to_nobody(school: School, notify: RunningNotify) -> None:
    families(school)
    update = late(school, lasts=timedelta(hours=1))
    school.clock.pass_(minutes=61)
    work(school, TEXT)
    assert (states(school, update), notify.texts()) == (["stopped"] * 5, [])
    page = school.client("head").get(f"/review/{update}").text
    assert "Text message:</strong> 0 of 5 sent, 5 not sent" in page
    assert f"5: {EXPIRED}" in page


def test_about_the_whole_school_it_goes_to_no_family_for_numbers_were_given_for_a_trip(
    school: School, notify: RunningNotify
) -> None:
    families(school)
    update = urgent(school)
    alone(school, update)
    assert (states(school, update), states(school, update, EMAIL)) == ([], [])


def test_what_no_text_message_can_hold_is_refused_before_anybody_approves_it(
    school: School, notify: RunningNotify
) -> None:
    with pytest.raises(Refused) as refused:
        urgent(school, trip=school.slug, title="Late", text="Please wait. " * 80)
    assert (
        "The text is 127 characters too long for a text message. Write a shorter one."
        in refused.value.reasons
    )


def test_pressing_try_again_does_not_make_old_news_new(school: School, notify: RunningNotify) -> None:
    families(school)
    update = late(school, lasts=timedelta(days=5))
    settle(school, update, TEXT, DeliveryState.NEEDS_PERSON, problem="Odd.")
    school.clock.pass_(hours=25)
    office.try_again(school.house, school.office, orders(school, update)[0].id)
    work(school, TEXT)
    assert (states(school, update), notify.texts()) == (["stopped"] * 5, [])
    assert re.match("It is more than a day old", orders(school, update)[0].problem)
