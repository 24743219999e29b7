"""Handing over to the class app: written down before a byte leaves, asked again with every byte, gone when a person says so."""

import uuid
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests import factories
from tests.factories import (
    PUPILS,
    School,
    all_consent,
    approved,
    consent,
    on_a_server,
    open_school,
    put_on_trip,
    waiting,
    work,
)
from tripupdates import (
    answering,
    by_hand,
    by_hand_view,
    holding,
    journey,
    receipts,
    reviewing,
    story,
    takedown,
)
from tripupdates.approval.standings import standings
from tripupdates.approval.timing import ONCE_LEFT, When
from tripupdates.consent.records import Answer, history
from tripupdates.database import fresh, transaction
from tripupdates.outbox import hands
from tripupdates.outbox.hands import Hand
from tripupdates.photos.proof import prove
from tripupdates.vocabulary import Channel, Conflict, DeliveryState, NotFound, Order

APP = Channel.APP


@pytest.fixture
def school(tmp_path: Path, engine: str) -> Iterator[School]:
    server: dict[str, Any] = {"database_url": on_a_server()} if engine == "postgresql" else {}
    with open_school(tmp_path, class_app="SeeSaw", **server) as school:
        all_consent(school)
        consent(school, {name.split()[0]: (APP,) for name in PUPILS})
        yield school


def _out(school: School, who: str = "author", **how: Any) -> uuid.UUID:
    """An update with a picture, approved for the class app alone, and taken out."""
    update = approved(school, ("Ada", "Bram"), channels=(APP,), **how)
    by_hand.take_out(school.house, school.people[who], update)
    return update


def _row(school: School, update: uuid.UUID) -> tuple[str, int, bool]:
    row = school.delivery(update, APP)
    return row.state.value, row.attempts, row.attempted_at is not None


def _deeds() -> list[str]:
    return [row.deed.value for row in fresh().scalars(sa.select(Hand).order_by(Hand.id))]


def _words(school: School, update: uuid.UUID) -> list[str]:
    found = school.update(update)
    assert found.version is not None
    return [each.words for each in standings(school.house, fresh(), found, found.version)]


def _standing(school: School, update: uuid.UUID) -> tuple[str, str, bool]:
    found = school.update(update)
    assert found.version is not None
    (only,) = standings(school.house, fresh(), found, found.version)
    return only.state, only.words, only.by_hand


def _refused(school: School, update: uuid.UUID, why: str, who: str = "author") -> None:
    """Neither taken out nor given, and nothing is written down."""
    before = (_row(school, update), _deeds())
    with pytest.raises(Conflict, match=why):
        by_hand.take_out(school.house, school.people[who], update)
    with pytest.raises(Conflict):
        by_hand.package(school.house, school.people[who], update)
    assert (_row(school, update), _deeds()) == before


def _no(school: School, name: str = "Ada") -> Answer:
    consent(school, {name: (APP,)}, yes=False)
    return history(fresh(), school.pupil(name))[0]


def test_no_worker_goes_there_and_what_is_approved_waits_for_somebody(school: School) -> None:
    update = approved(school, ("Ada", "Bram"), channels=(APP, Channel.FAMILIES))
    work(school)
    assert APP not in school.house.places
    assert school.deliveries(update) == {"families": "sent", "app": "pending"}
    assert _words(school, update) == ["Live", "Waits for somebody to hand it over"]


@pytest.mark.both_engines
def test_nothing_is_given_before_it_is_written_down_who_takes_it(school: School) -> None:
    update = approved(school, ("Ada", "Bram"), channels=(APP,))
    with pytest.raises(Conflict, match="Press “Hand it over” first"):
        by_hand.package(school.house, school.author, update)
    by_hand.take_out(school.house, school.author, update)
    assert _row(school, update) == ("sending", 1, True)
    (hand,) = fresh().scalars(sa.select(Hand)).all()
    assert (hand.deed, hand.by, hand.at) == ("opened", school.author.id, school.clock())
    post = by_hand.package(school.house, school.author, update)
    assert (post.text, [picture.alt for picture in post.pictures]) == (
        "We climbed the castle tower.",
        ["The group at the tower."],
    )


def test_taking_it_out_twice_is_taking_it_out_once(school: School) -> None:
    update = _out(school)
    by_hand.take_out(school.house, school.author, update)
    assert (_row(school, update), _deeds()) == (("sending", 1, True), ["opened"])


def test_who_has_not_taken_it_out_themselves_gets_nothing(school: School) -> None:
    update = _out(school)
    with pytest.raises(Conflict, match="Press “Hand it over” first"):
        by_hand.package(school.house, school.colleague, update)
    by_hand.take_out(school.house, school.colleague, update)
    assert by_hand.package(school.house, school.colleague, update).pictures
    found = by_hand_view.desk(school.house, fresh(), school.author, update)
    assert (found.mine, found.others) == (True, ("Mr Colleague Sample",))


@pytest.mark.parametrize("who", ["colleague", "head", "deputy"])
def test_those_beside_the_author_who_see_it_may_hand_it_over(school: School, who: str) -> None:
    assert _row(school, _out(school, who)) == ("sending", 1, True)


@pytest.mark.parametrize("who", ["stranger", "office"])
def test_others_may_not(school: School, who: str) -> None:
    update = approved(school, ("Ada", "Bram"), channels=(APP,))
    for step in (by_hand.take_out, by_hand.package):
        with pytest.raises(NotFound):
            step(school.house, school.people[who], update)
    assert (_row(school, update), by_hand_view.waiting(school.house, fresh(), school.people[who])) == (
        ("pending", 0, False),
        [],
    )


def test_the_package_holds_proven_jpegs_and_the_words_and_is_the_same_each_time(school: School) -> None:
    update = _out(school)
    data = by_hand.zipped(school.house, school.author, update)
    assert data == by_hand.zipped(school.house, school.author, update)
    with zipfile.ZipFile(BytesIO(data)) as package:
        assert package.namelist() == ["text.txt", "photo-1.jpg"]
        assert package.read("text.txt").decode() == (
            "We climbed the castle tower.\n\nWhat the pictures show, for people who cannot see them:\n"
            "photo-1.jpg: The group at the tower.\n"
        )
        picture = package.read("photo-1.jpg")
    prove(picture)
    renditions = school.update(update).photos[0].renditions
    widest = max(
        (each for each in renditions if each["name"].endswith(".jpg")), key=lambda each: each["width"]
    )
    assert picture == school.house.photos.read(widest["name"])


def test_of_one_pupil_alone_and_without_a_yes_there_no_picture_goes(school: School) -> None:
    _no(school, "Bram")
    update = waiting(school, ("Ada", "Bram"), channels=(APP, Channel.FAMILIES))
    alone = waiting(school, ("Cleo",), channels=(APP, Channel.FAMILIES))
    for each in (update, alone):
        journey.approve(school.house, school.head, each, school.digest(each))
        by_hand.take_out(school.house, school.author, each)
        assert by_hand.package(school.house, school.author, each).pictures == ()


def test_consent_is_asked_again_with_every_byte(school: School) -> None:
    """Past the step that would have stopped it: each door must hold by itself."""
    update, other = _out(school), approved(school, ("Ada", "Bram"), channels=(APP,))
    with transaction() as session:
        row = {"pupil_id": school.pupil("Ada"), "channel": APP, "yes": False, "note": "by hand"}
        session.add(Answer(**row, by=school.office.id, at=school.clock()))
    with pytest.raises(Conflict, match="may no longer be shown"):
        by_hand.package(school.house, school.author, update)
    with pytest.raises(Conflict, match="may no longer be shown"):
        by_hand.take_out(school.house, school.author, other)
    assert _row(school, other) == ("stopped", 0, False)


def test_the_approval_is_asked_again(school: School) -> None:
    update = _out(school)
    school.past_the_program("UPDATE decision SET digest = 'another'")
    with pytest.raises(Conflict, match="approval does not hold"):
        by_hand.package(school.house, school.author, update)


def test_a_hold_keeps_everything_here(school: School) -> None:
    waits, out = approved(school, channels=(APP,)), _out(school)
    holding.hold(school.house, school.office)
    _refused(school, waits, "Everything is on hold")
    with pytest.raises(Conflict, match="Everything is on hold"):
        by_hand.package(school.house, school.author, out)
    holding.lift(school.house, school.office)
    assert by_hand.package(school.house, school.author, out).pictures
    by_hand.take_out(school.house, school.author, waits)


@pytest.mark.both_engines
def test_what_goes_out_later_is_not_handed_over_before(school: School) -> None:
    at = waiting(school, channels=(APP,))
    left = waiting(school, channels=(APP,))
    later = school.clock() + timedelta(hours=3)
    journey.approve(school.house, school.head, at, school.digest(at), when=When(later))
    journey.approve(school.house, school.head, left, school.digest(left), when=ONCE_LEFT)
    assert _standing(school, at) == ("waiting", "Goes out on Monday 3 May, 13:00", False)
    _refused(school, at, "Goes out on Monday 3 May, 13:00")
    _refused(school, left, "Waits until the group has left")
    assert by_hand_view.waiting(school.house, fresh(), school.author) == []
    reviewing.group_has_left(school.house, school.author, school.slug)
    school.clock.pass_(hours=3)
    found = [each.update.id for each in by_hand_view.waiting(school.house, fresh(), school.author)]
    assert sorted(found) == sorted([at, left])
    by_hand.take_out(school.house, school.author, at)


def test_a_photo_that_is_missing_from_the_store_is_told(school: School) -> None:
    update = _out(school)
    for each in school.update(update).photos[0].renditions:
        school.house.photos.remove(each["name"])
    with pytest.raises(Conflict, match="missing from the photo store"):
        by_hand.package(school.house, school.author, update)


def test_somebody_says_that_it_is_posted(school: School) -> None:
    update = _out(school)
    assert _words(school, update) == ["Taken out to be posted; nobody has said yet that it is there"]
    row = school.delivery(update, APP).id
    for _ in range(2):  # a double tap
        answering.it_is_there(school.house, school.colleague, row)
    assert (_row(school, update)[0], _deeds(), _words(school, update)) == (
        "sent",
        ["opened", "there"],
        ["Posted"],
    )
    with pytest.raises(Conflict, match="Press “Hand it over” first"):
        by_hand.package(school.house, school.author, update)
    with pytest.raises(Conflict, match="nothing to hand over"):
        by_hand.take_out(school.house, school.author, update)


def test_what_nobody_took_out_cannot_be_posted(school: School) -> None:
    update = approved(school, channels=(APP,))
    for again in (True, False):
        with pytest.raises(Conflict, match="moved on"):
            answering.it_is_not_there(school.house, school.author, school.delivery(update, APP).id, again)
    with pytest.raises(Conflict, match="Nothing of it has left"):
        answering.it_is_there(school.house, school.author, school.delivery(update, APP).id)
    assert (_row(school, update), _deeds()) == (("pending", 0, False), [])


def test_what_was_not_posted_waits_again_or_stays_out(school: School) -> None:
    update = _out(school)
    row = school.delivery(update, APP).id
    answering.it_is_not_there(school.house, school.author, row, again=True)
    assert _row(school, update) == ("pending", 1, False)
    with pytest.raises(Conflict, match="Press “Hand it over” first"):  # as before the first time
        by_hand.package(school.house, school.author, update)
    by_hand.take_out(school.house, school.author, update)
    answering.it_is_not_there(school.house, school.author, row, again=False)
    assert (_row(school, update)[0], _deeds()) == ("stopped", ["opened", "not_there", "opened", "left_out"])


@pytest.mark.parametrize("who", ["stranger", "office"])
def test_others_do_not_say_what_came_of_it(school: School, who: str) -> None:
    row = school.delivery(_out(school), APP).id
    with pytest.raises(NotFound):
        answering.it_is_there(school.house, school.people[who], row)
    with pytest.raises(NotFound):
        answering.it_is_not_there(school.house, school.people[who], row, again=True)
    assert _deeds() == ["opened"]


def test_what_was_never_taken_out_is_simply_stopped(school: School) -> None:
    update, again = approved(school, ("Ada", "Bram"), channels=(APP,)), _out(school)
    answering.it_is_not_there(school.house, school.author, school.delivery(again, APP).id, again=True)
    _no(school)
    for each in (update, again):
        assert (_row(school, each)[0], school.deliveries(each, Order.REMOVE)) == ("stopped", {})
    assert takedown.not_yet_gone(fresh()) == []


@pytest.mark.parametrize("posted", [True, False])
def test_what_may_be_there_must_come_down_by_hand_and_is_gone_when_somebody_says_so(
    school: School, posted: bool
) -> None:
    update = _out(school)
    if posted:
        answering.it_is_there(school.house, school.author, school.delivery(update, APP).id)
    answer = _no(school)
    school.clock.pass_(minutes=5)
    (removal,) = takedown.not_yet_gone(fresh())
    assert (removal.channel, removal.state, removal.problem) == (
        APP,
        DeliveryState.PENDING,
        takedown.TAKE_OUT,
    )
    assert _words(school, update) == ["To be taken down by hand"]
    assert not receipts.of_answer(fresh(), answer.id).whole
    with pytest.raises(Conflict):
        by_hand.package(school.house, school.author, update)
    for _ in range(2):
        by_hand.it_is_gone(school.house, school.office, update)
    receipt = receipts.of_answer(fresh(), answer.id)
    assert (receipt.whole, receipt.removed[0].gone_at, receipt.cannot_recall) == (
        True,
        school.clock(),
        (takedown.CANNOT_RECALL[APP],),
    )
    assert (takedown.not_yet_gone(fresh()), _deeds()[-1]) == ([], "gone")
    assert _row(school, update)[0] == ("sent" if posted else "stopped")
    assert by_hand_view.waiting(school.house, fresh(), school.author) == []


def test_taken_out_and_called_back_is_not_taken_out_again(school: School) -> None:
    update = _out(school)
    _no(school)
    with pytest.raises(Conflict, match="may no longer be shown"):
        by_hand.take_out(school.house, school.colleague, update)
    with pytest.raises(Conflict, match="may no longer be shown"):
        answering.it_is_not_there(school.house, school.author, school.delivery(update, APP).id, again=True)
    assert (_row(school, update)[0], _deeds()) == ("sending", ["opened"])


@pytest.mark.parametrize("who", ["author", "colleague", "head", "office"])
def test_these_say_that_it_is_gone(school: School, who: str) -> None:
    update = _out(school)
    takedown.take_down(school.house, school.head, update, "Too soon.")
    by_hand.it_is_gone(school.house, school.people[who], update)
    assert school.deliveries(update, Order.REMOVE) == {"app": "sent"}


def test_a_stranger_does_not(school: School) -> None:
    update = _out(school)
    takedown.take_down(school.house, school.head, update, "Too soon.")
    with pytest.raises(NotFound):
        by_hand.it_is_gone(school.house, school.stranger, update)
    assert school.deliveries(update, Order.REMOVE) == {"app": "pending"}


@pytest.mark.both_engines
def test_two_noes_are_answered_by_one_look(school: School) -> None:
    update = _out(school)
    answers = [_no(school, "Ada"), _no(school, "Bram")]
    by_hand.it_is_gone(school.house, school.author, update)
    assert all(receipts.of_answer(fresh(), each.id).whole for each in answers)
    assert _deeds() == ["opened", "gone", "gone"]


def test_the_story_tells_who_did_and_said_what(school: School) -> None:
    update = _out(school)
    row = school.delivery(update, APP).id
    answering.it_is_not_there(school.house, school.colleague, row, again=True)
    by_hand.take_out(school.house, school.colleague, update)
    answering.it_is_there(school.house, school.colleague, row)
    takedown.take_down(school.house, school.head, update, "Too soon.")
    by_hand.it_is_gone(school.house, school.office, update)
    _, told = story.story(school.house, fresh(), school.head, update)
    assert [each.text for each in told if each.text.startswith("SeeSaw")] == [
        "SeeSaw: Ms Author Sample took words and pictures out, to post them by hand.",
        "SeeSaw: Mr Colleague Sample said that it is not there. It waits to go out again.",
        "SeeSaw: Mr Colleague Sample took words and pictures out, to post them by hand.",
        "SeeSaw: Mr Colleague Sample said that it is there.",
        "SeeSaw: it must come down.",
        "SeeSaw: Ms Office Sample said that it is gone.",
    ]


@pytest.mark.both_engines
def test_what_must_come_down_is_listed_first(school: School) -> None:
    waits = approved(school, channels=(APP,))
    school.clock.pass_(minutes=1)
    out, down = _out(school), _out(school)
    takedown.take_down(school.house, school.head, down, "Too soon.")
    listed = by_hand_view.waiting(school.house, fresh(), school.colleague)
    assert [(each.update.id, each.what) for each in listed] == [
        (down, "take_down"),
        (waits, "post"),
        (out, "tell"),
    ]
    office = by_hand_view.waiting(school.house, fresh(), school.office)
    assert [(each.update.id, each.what) for each in office] == [(down, "take_down")]


def test_somebody_new_on_the_trip_may_help(school: School) -> None:
    update = approved(school, channels=(APP,))
    put_on_trip(school, "stranger")
    by_hand.take_out(school.house, school.stranger, update)
    assert _row(school, update)[0] == "sending"


@pytest.mark.both_engines
def test_what_is_written_down_is_never_changed(school: School) -> None:
    _out(school)
    for deed in ("UPDATE hand SET deed = 'gone'", "DELETE FROM hand"):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), transaction() as session:
            session.execute(sa.text(deed))
    assert _deeds() == ["opened"]
    assert [hand.deed for hand in hands.of(fresh(), [])] == []


def test_an_edit_before_it_was_taken_out_voids_it_and_after_that_is_refused(school: School) -> None:
    waits, out = approved(school, channels=(APP,)), _out(school)
    journey.save_draft(school.house, school.author, waits, school.slug, "Other words.", None, [APP])
    assert (school.state(waits), _row(school, waits)[0]) == ("draft", "stopped")
    with pytest.raises(Conflict, match="already being published"):
        journey.save_draft(school.house, school.author, out, school.slug, "Other words.", None, [APP])
    assert factories.count(Hand) == 1
