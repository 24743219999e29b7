"""Where nobody could find out whether a message reached families, a person says so once for all that stand alike."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.factories import School, settle, work
from tests.families import NUMBERS, arrived, families, orders, reach_by_notify, states
from tests.practice.running import RunningNotify, running_notify
from tripupdates import answering, prices
from tripupdates.audit import Line
from tripupdates.database import fresh
from tripupdates.outbox import queue
from tripupdates.outbox.hands import Hand
from tripupdates.publishing import OUT_OF_DATE
from tripupdates.vocabulary import Channel, Conflict, DeliveryState

TEXT = Channel.TEXT


@pytest.fixture
def notify(tmp_path: Path, school: School) -> Iterator[RunningNotify]:
    with running_notify(tmp_path / "notify") as notify:
        reach_by_notify(school, notify)
        families(school)
        yield notify


def in_doubt(school: School) -> uuid.UUID:
    """A message to five families, of which each was tried, and nobody could look. Returns the update."""
    update = arrived(school)
    tried = {"attempted_at": school.clock(), "problem": "Nobody could look."}
    settle(school, update, TEXT, DeliveryState.NEEDS_PERSON, **tried)
    return update


def the_question() -> uuid.UUID:
    (stuck,) = queue.need_person(fresh())
    return stuck.order.id


def said() -> list[str]:
    lines = fresh().scalars(sa.select(Line.event).order_by(Line.id))
    return [event for event in lines if event.startswith(("said it", "left it"))]


@pytest.mark.both_engines
def test_it_arrived_is_said_for_all_and_counted_as_sent(school: School, notify: RunningNotify) -> None:
    update = in_doubt(school)
    answering.it_is_there(school.house, school.office, the_question())
    assert states(school, update) == ["sent"] * 5
    assert prices.this_year(school.house, fresh()).used == 5
    assert said() == ["said it is there"] * 5
    assert len(fresh().scalars(sa.select(Hand)).all()) == 5
    work(school, TEXT)
    assert notify.texts() == []


def test_it_did_not_arrive_sends_it_once_more_to_each(school: School, notify: RunningNotify) -> None:
    update = in_doubt(school)
    answering.it_is_not_there(school.house, school.head, the_question(), again=True)
    work(school, TEXT)
    assert sorted(number for number, _ in notify.texts()) == list(NUMBERS.values())
    assert states(school, update) == ["sent"] * 5


def test_left_out_it_reaches_nobody(school: School, notify: RunningNotify) -> None:
    update = in_doubt(school)
    answering.it_is_not_there(school.house, school.head, the_question(), again=False)
    work(school, TEXT)
    assert (states(school, update), notify.texts()) == (["stopped"] * 5, [])
    assert queue.need_person(fresh()) == []


def test_it_cannot_be_sent_again_after_a_day(school: School, notify: RunningNotify) -> None:
    update = in_doubt(school)
    school.clock.pass_(hours=25)
    with pytest.raises(Conflict, match=re.escape(OUT_OF_DATE)):
        answering.it_is_not_there(school.house, school.office, the_question(), again=True)
    assert states(school, update) == ["needs_person"] * 5


def test_who_was_never_tried_is_not_said_to_have_it(school: School, notify: RunningNotify) -> None:
    update = in_doubt(school)
    untried = orders(school, update)[-1].id
    school.past_the_program(f"UPDATE delivery SET attempted_at = NULL WHERE id = '{untried.hex}'")
    tried = orders(school, update)[0].id
    answering.it_is_there(school.house, school.office, tried)
    assert states(school, update) == ["sent"] * 4 + ["needs_person"]
    with pytest.raises(Conflict, match="cannot be there"):
        answering.it_is_there(school.house, school.office, untried)


def test_the_page_asks_for_all_and_names_no_family(school: School, notify: RunningNotify) -> None:
    in_doubt(school)
    office = school.client("office")
    assert "Say whether it arrived" in office.get("/office/").text
    page = office.get(f"/review/orders/{the_question()}").text
    assert "<h1>Text message: did it reach 5 families?</h1>" in page
    assert "What you say here is said for all of them." in page
    assert not any(number in page for number in NUMBERS.values())
