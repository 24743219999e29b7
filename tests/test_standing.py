"""Messages approved before a trip, and stopped: by whom, which, and what comes of it."""

import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tests.factories import (
    EVERYWHERE,
    School,
    approved,
    count,
    nothing_sent,
    put_on_trip,
    send,
    without_x,
    wordings,
    work,
)
from tripupdates import audit, standing
from tripupdates.approval.records import Decision, Wordings
from tripupdates.approval.wordings import DEFAULTS
from tripupdates.database import fresh, transaction
from tripupdates.vocabulary import Channel, Conflict, DeliveryState, Forbidden, NotFound, Refused

FAMILIES = (Channel.FAMILIES,)


def _approve(
    school: School, by: str = "head", channels: Any = EVERYWHERE, seen: str = "", **texts: str
) -> None:
    standing.approve_wordings(school.house, school.people[by], school.slug, DEFAULTS | texts, channels, seen)


def test_what_is_approved_is_one_row_with_its_seal_and_a_line_in_the_audit(school: School) -> None:
    digest = wordings(school, FAMILIES, arrived=" We have  arrived. ")
    (row,) = fresh().scalars(sa.select(Wordings)).all()
    assert row.messages[0] == {"key": "arrived", "text": "We have arrived."}
    assert [each["key"] for each in row.messages] == list(DEFAULTS)
    assert (row.channels, row.digest, row.by, row.at) == (
        ["families"],
        digest,
        school.head.id,
        school.clock(),
    )
    lines = sa.select(audit.Line).where(audit.Line.event != audit.SEALED).order_by(audit.Line.id)
    line, after = fresh().scalars(lines).all()[-2:]
    assert (after.event, after.subject) == ("unsigned approval", str(row.id))
    assert (line.event, line.subject) == ("approved messages", f"{school.trip_id()} {row.id} {digest}")


@pytest.mark.parametrize(
    ("who", "told"), [("author", "Only the headteacher"), ("office", "Only the headteacher")]
)
def test_only_an_approver_approves(school: School, who: str, told: str) -> None:
    with pytest.raises(Forbidden, match=told):
        _approve(school, by=who)
    assert count(Wordings) == 0


def test_an_approver_on_the_trip_approves_nothing_of_it(school: School) -> None:
    put_on_trip(school, "deputy")
    with pytest.raises(Forbidden, match="You are on this trip"):
        _approve(school, by="deputy")


def test_there_is_no_such_trip(school: School) -> None:
    with pytest.raises(NotFound):
        standing.approve_wordings(school.house, school.head, "nowhere", DEFAULTS, FAMILIES, "")


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ({"arrived": "Ada Puddlewick has arrived"}, "On arrival: “Ada Puddlewick”: "),
        ({"arrived": "Arrived, the birthdays went well"}, "On arrival: “birthdays”: "),
        ({"all_well": "In hospital, lights out"}, "At bedtime: “hospital”: "),
        ({"delayed": "Follow @somebody, {time}"}, "When it gets late: “@somebody”: "),
        ({"arrived": ""}, "On arrival: write the message."),
    ],
)
def test_words_must_be_plain_for_nobody_looks_again(
    school: School, texts: dict[str, str], reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        _approve(school, **texts)
    assert refused.value.status == 422
    assert any(each.startswith(reason) for each in refused.value.reasons), refused.value.reasons
    assert count(Wordings) == 0


def test_a_remark_that_is_only_a_note_does_not_stop_them(school: School) -> None:
    wordings(school, arrived="Everybody in her bunk")
    assert count(Wordings) == 1


def test_on_x_a_message_must_fit_with_its_time(school: School) -> None:
    long = "ä漢" * 93 + " {time}"  # 279 characters for X, and the time
    with pytest.raises(Refused) as refused:
        _approve(school, delayed=long)
    assert refused.value.reasons == (
        "When it gets late: it is 5 characters too long for X. Write a shorter one.",
    )
    wordings(school, FAMILIES, delayed=long)


@pytest.mark.parametrize(
    ("channels", "told"),
    [((), "Choose at least one place"), (["telegraph"], "There is no channel called")],
)
def test_they_appear_somewhere_that_there_is(school: School, channels: Any, told: str) -> None:
    with pytest.raises(Refused) as refused:
        _approve(school, channels=channels)
    assert told in " ".join((refused.value.title, *refused.value.reasons))


def test_without_an_account_at_x_there_is_no_x(school: School) -> None:
    without = without_x(school)
    with pytest.raises(Refused) as refused:
        standing.approve_wordings(without, school.head, school.slug, DEFAULTS, EVERYWHERE, "")
    assert refused.value.reasons == ("The school has not set up X (Twitter). Take it off these messages.",)


def test_of_two_approvers_the_second_must_look_again(school: School) -> None:
    first = wordings(school)
    with pytest.raises(Conflict, match="Somebody else has changed"):
        _approve(school, by="deputy", arrived="Arrived.")
    _approve(school, by="deputy", seen=first, arrived="Arrived.")
    with pytest.raises(Conflict, match="Somebody else has changed"):
        _approve(school, seen=first, arrived="Arrived safely!")
    assert count(Wordings) == 2


def test_approving_the_same_again_changes_nothing(school: School) -> None:
    digest = wordings(school)
    _approve(school)
    _approve(school, seen=digest)
    assert count(Wordings) == 1


def test_another_approver_can_take_the_same_words_upon_them(school: School) -> None:
    digest = wordings(school)
    assert wordings(school, by="deputy") == digest
    assert count(Wordings) == 2
    decided = fresh().get_one(Decision, school.update(send(school, digest)).version_id)
    assert decided.by == school.deputy.id


@pytest.mark.parametrize("deed", ["UPDATE wordings SET messages = '[]'", "DELETE FROM wordings"])
def test_an_approval_is_never_changed_or_deleted(school: School, deed: str) -> None:
    wordings(school)
    with pytest.raises(IntegrityError, match="append-only"), transaction() as session:
        session.execute(sa.text(deed))


@pytest.mark.parametrize("on_trip", [False, True])
def test_any_approver_stops_them_at_once(school: School, on_trip: bool) -> None:
    digest = wordings(school)
    if on_trip:
        put_on_trip(school, "deputy")
    standing.withdraw_wordings(school.house, school.deputy, school.slug)
    with pytest.raises(Conflict, match="The head has stopped these messages"):
        send(school, digest)
    assert (nothing_sent(), count(Wordings)) == (True, 2)
    standing.withdraw_wordings(school.house, school.head, school.slug)
    assert count(Wordings) == 2


@pytest.mark.parametrize("who", ["author", "office"])
def test_others_stop_nothing(school: School, who: str) -> None:
    digest = wordings(school)
    with pytest.raises(Forbidden):
        standing.withdraw_wordings(school.house, school.people[who], school.slug)
    send(school, digest)


def test_stopping_what_was_never_approved_changes_nothing(school: School) -> None:
    standing.withdraw_wordings(school.house, school.head, school.slug)
    assert count(Wordings) == 0


def test_what_waits_to_be_delivered_is_stopped_with_them(school: School) -> None:
    digest = wordings(school, (Channel.FAMILIES, Channel.WEBSITE))
    out, held, other = send(school, digest), uuid.uuid4(), approved(school, channels=FAMILIES)
    work(school)
    send(school, digest, "all_well", update=held)
    standing.withdraw_wordings(school.house, school.head, school.slug)
    wordings(
        school, FAMILIES
    )  # approved once more, before the worker came by: what was stopped stays stopped
    work(school)
    assert set(school.deliveries(held).values()) == {DeliveryState.STOPPED.value}
    assert school.delivery(held, Channel.FAMILIES).problem == (
        "The head has stopped the approved messages, so it was not sent."
    )
    assert set(school.deliveries(out).values()) == set(school.deliveries(other).values()) == {"sent"}


def test_other_words_approved_later_do_not_stop_what_was_sent_before(school: School) -> None:
    update = send(school, wordings(school, FAMILIES))
    wordings(school, FAMILIES, arrived="We have arrived")
    work(school)
    assert school.deliveries(update) == {"families": "sent"}


def test_after_a_stop_they_can_be_approved_again(school: School) -> None:
    wordings(school)
    standing.withdraw_wordings(school.house, school.head, school.slug)
    assert school.state(send(school, wordings(school))) == "approved"
