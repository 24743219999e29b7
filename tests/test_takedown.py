"""Law 7: the no, the stops and the removals are one commit, and done only when confirmed. Laws 1, 3 and 9 beside it."""

import uuid

import pytest
import sqlalchemy as sa

from tests import factories
from tests.factories import (
    EVERYWHERE,
    School,
    all_consent,
    approved,
    consent,
    draft,
    photo,
    settle,
    waiting,
    work,
)
from tripupdates import journey, takedown
from tripupdates.approval.records import Decision
from tripupdates.consent.records import Answer, current
from tripupdates.database import fresh
from tripupdates.outbox import queue
from tripupdates.outbox.records import Delivery
from tripupdates.vocabulary import Channel, Conflict, DeliveryState, Forbidden, NotFound, Order, Refused

pytestmark = pytest.mark.both_engines


def _refuse(school: School, name: str, *channels: Channel) -> None:
    consent(school, {name: channels or EVERYWHERE}, yes=False)


def _given(school: School, name: str) -> set[Channel]:
    return set(current(fresh(), school.trip_id()).get(school.pupil(name), ()))


def _page(school: School, slug: str = "") -> str:
    return (school.house.settings.families / (slug or school.slug) / "index.html").read_text("utf-8")


def _site_files(school: School) -> set[str]:
    root = school.house.settings.site
    return {str(file.relative_to(root)) for file in root.rglob("*.jpg")}


def test_answers_are_appended_and_the_latest_counts(school: School) -> None:
    consent(school, {"Ada": (Channel.X,)})
    assert _given(school, "Ada") == {Channel.X}
    _refuse(school, "Ada", Channel.X)
    assert _given(school, "Ada") == set()
    rows = fresh().scalars(
        sa.select(Answer.yes).where(Answer.pupil_id == school.pupil("Ada")).order_by(Answer.id)
    )
    assert rows.all() == [True, False]


def test_the_same_answer_again_is_no_new_row(school: School) -> None:
    for _ in range(2):
        consent(school, {"Ada": (Channel.X,)})
    assert fresh().scalar(sa.select(sa.func.count(Answer.id))) == 1


@pytest.mark.parametrize("who", ["author", "colleague", "stranger"])
def test_only_office_and_approver_record_consent(school: School, who: str) -> None:
    given = [takedown.Given(school.pupil("Ada"), Channel.X, True)]
    with pytest.raises(Forbidden):
        takedown.record_answers(school.house, school.people[who], school.trip_id(), given, "letter")
    assert _given(school, "Ada") == set()


def test_an_answer_needs_a_note_of_how_it_was_given(school: School) -> None:
    given = [takedown.Given(school.pupil("Ada"), Channel.X, True)]
    with pytest.raises(Refused, match="how this answer was given"):
        takedown.record_answers(school.house, school.office, school.trip_id(), given, "  ")


def test_one_unknown_pupil_and_nothing_is_recorded(school: School) -> None:
    given = [
        takedown.Given(school.pupil("Ada"), Channel.X, True),
        takedown.Given(uuid.uuid4(), Channel.X, True),
    ]
    with pytest.raises(NotFound):
        takedown.record_answers(school.house, school.office, school.trip_id(), given, "letter")
    assert _given(school, "Ada") == set()


def test_a_pupil_of_another_trip_is_not_answered_for(school: School) -> None:
    given = [takedown.Given(factories.pupil_of_another_trip(school), Channel.X, True)]
    with pytest.raises(NotFound):
        takedown.record_answers(school.house, school.office, school.trip_id(), given, "letter")
    assert fresh().scalar(sa.select(sa.func.count(Answer.id))) == 0


def test_a_withdrawn_photo_leaves_the_pages_and_the_words_stay(school: School) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"))
    work(school)
    assert _page(school).count("<img") == 1
    assert _site_files(school)
    _refuse(school, "Ada")
    assert school.deliveries(update, Order.REMOVE) == {"families": "pending", "website": "pending"}
    work(school)
    assert "<img" not in _page(school)
    assert "We climbed the castle tower." in _page(school)
    assert _site_files(school) == set()
    assert school.deliveries(update, Order.REMOVE) == {"families": "sent", "website": "sent"}
    assert takedown.not_yet_gone(fresh()) == []


def test_a_refusal_for_one_channel_leaves_the_others(school: School) -> None:
    all_consent(school)
    approved(school, ("Ada", "Bram"))
    work(school)
    _refuse(school, "Ada", Channel.WEBSITE)
    work(school)
    assert (_page(school).count("<img"), _site_files(school)) == (1, set())


def test_a_post_not_yet_sent_is_stopped_when_its_photo_may_not_be_shown(school: School) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"))
    _refuse(school, "Ada", Channel.X)
    assert school.deliveries(update) == {"families": "pending", "website": "pending", "x": "stopped"}


@pytest.mark.parametrize("state", [DeliveryState.SENDING, DeliveryState.UNSURE, DeliveryState.SENT])
def test_a_post_that_may_be_there_is_ordered_removed(school: School, state: DeliveryState) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"))
    settle(school, update, Channel.X, state, attempted_at=school.clock())
    _refuse(school, "Bram", Channel.X)
    assert school.delivery(update, Channel.X, Order.REMOVE).state is DeliveryState.PENDING
    assert len(takedown.not_yet_gone(fresh())) == 1


def test_a_post_that_a_person_was_to_look_for_is_looked_up_before_it_is_removed(school: School) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"))
    settle(school, update, Channel.X, DeliveryState.NEEDS_PERSON, attempted_at=school.clock())
    _refuse(school, "Bram", Channel.X)
    assert school.delivery(update, Channel.X).state is DeliveryState.UNSURE
    assert school.delivery(update, Channel.X, Order.REMOVE).state is DeliveryState.PENDING


def test_what_waits_for_the_head_goes_back_to_its_author_without_a_name(school: School) -> None:
    all_consent(school)
    update = waiting(school, ("Ada", "Bram"))
    _refuse(school, "Ada", Channel.X)
    assert school.state(update) == "returned"
    reason = fresh().scalar(sa.select(Decision.reason))
    assert reason == takedown.PHOTO_GONE
    assert "Ada" not in reason


def test_updates_that_do_not_show_the_pupil_are_left_alone(school: School) -> None:
    all_consent(school)
    other, waits = approved(school, ("Bram", "Cleo")), waiting(school, ("Cleo", "Dev"))
    _refuse(school, "Ada")
    assert (school.state(waits), school.deliveries(other, Order.REMOVE)) == ("waiting", {})


def test_a_photo_that_was_withdrawn_does_not_come_back_by_a_later_yes(school: School) -> None:
    all_consent(school)
    approved(school, ("Ada", "Bram"))
    work(school)
    _refuse(school, "Ada")
    consent(school, {"Ada": EVERYWHERE})
    work(school)
    approved(school, text="Another one.")
    work(school)
    assert "<img" not in _page(school)


def test_the_no_the_stops_and_the_removals_are_one_commit(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"))
    settle(school, update, Channel.FAMILIES, DeliveryState.SENT)

    def power_cut(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(queue, "enqueue", power_cut)
    with pytest.raises(KeyboardInterrupt):
        _refuse(school, "Ada")
    assert _given(school, "Ada") == set(EVERYWHERE)
    assert school.deliveries(update, Order.REMOVE) == {}
    assert school.deliveries(update)["x"] == "pending"


@pytest.mark.parametrize("begun", [DeliveryState.PENDING, DeliveryState.NEEDS_PERSON])
def test_pages_that_were_tried_without_success_are_removed_and_not_only_stopped(
    school: School, begun: DeliveryState
) -> None:
    update = approved(school)
    work(school)  # the pages stand; as far as the row knows, the attempt was cut short
    settle(school, update, Channel.FAMILIES, begun, attempted_at=None, attempts=1)
    takedown.take_down(school.house, school.head, update, "It tells where we sleep.")
    assert school.deliveries(update, Order.REMOVE)["families"] == "pending"
    work(school)
    assert "castle tower" not in _page(school)
    assert takedown.not_yet_gone(fresh()) == []


def test_an_approver_takes_an_update_down_with_a_reason(school: School) -> None:
    update = approved(school)
    work(school)
    takedown.take_down(school.house, school.deputy, update, "It tells where we sleep.")
    assert school.state(update) == "taken_down"
    assert school.deliveries(update)["x"] == "stopped"
    work(school)
    assert "castle tower" not in _page(school)
    assert school.deliveries(update, Order.REMOVE) == {"families": "sent", "website": "sent"}


def test_taking_down_twice_is_taking_down_once(school: School) -> None:
    update = approved(school)
    work(school)
    for _ in range(2):
        takedown.take_down(school.house, school.head, update, "It tells where we sleep.")
    assert len(school.deliveries(update, Order.REMOVE)) == 2


@pytest.mark.parametrize("who", ["author", "colleague", "stranger", "office"])
def test_only_an_approver_takes_down(school: School, who: str) -> None:
    update = approved(school)
    with pytest.raises(Forbidden):
        takedown.take_down(school.house, school.people[who], update, "Because.")
    assert school.state(update) == "approved"


def test_a_takedown_needs_a_reason_and_something_published(school: School) -> None:
    update = draft(school)
    with pytest.raises(Refused, match="why"):
        takedown.take_down(school.house, school.head, update, " ")
    with pytest.raises(Conflict):
        takedown.take_down(school.house, school.head, update, "Because.")


def test_what_is_not_yet_gone_stays_on_the_list_until_the_channel_confirms(school: School) -> None:
    all_consent(school)
    approved(school, ("Ada", "Bram"))
    work(school)
    school.house.settings.site.chmod(0o500)
    try:
        marker = school.house.settings.site / ".tripupdates"
        marker.rename(school.house.settings.instance / "moved-away")
        _refuse(school, "Ada", Channel.WEBSITE)
        work(school)
        listed = takedown.not_yet_gone(fresh())
        assert [(row.channel, row.state) for row in listed] == [(Channel.WEBSITE, DeliveryState.PENDING)]
        assert listed[0].problem
    finally:
        school.house.settings.site.chmod(0o700)
        (school.house.settings.instance / "moved-away").rename(marker)
    school.clock.pass_(minutes=10)
    work(school)
    assert takedown.not_yet_gone(fresh()) == []
    assert _site_files(school) == set()


def test_a_no_while_a_page_is_still_to_be_made_leaves_the_photo_out(school: School) -> None:
    all_consent(school)
    approved(school, ("Ada", "Bram"))
    _refuse(school, "Bram", Channel.FAMILIES)
    work(school)
    assert "<img" not in _page(school)
    assert "castle tower" in _page(school)


def test_an_approved_photo_with_two_withdrawn_pupils_is_removed_once_for_each(school: School) -> None:
    all_consent(school)
    update = draft(school)
    photo(school, update, ("Ada", "Bram", "Cleo"))
    journey.submit(school.house, school.author, update)
    journey.approve(school.house, school.head, update, school.digest(update))
    work(school)
    _refuse(school, "Ada", Channel.FAMILIES)
    _refuse(school, "Bram", Channel.FAMILIES)
    work(school)
    rows = fresh().scalars(sa.select(Delivery).where(Delivery.order == Order.REMOVE)).all()
    assert [row.state for row in rows] == [DeliveryState.SENT, DeliveryState.SENT]
    assert school.clock() == factories.MONDAY
