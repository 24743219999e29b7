"""Where nobody could look it up on X, a person says whether it is there: checked as far as can be, and never sent blindly."""

import uuid

import pytest
import sqlalchemy as sa

from tests.factories import School, approved, settle, work
from tests.practice.running import Running
from tripupdates import answering, story, takedown
from tripupdates.channels.contract import Post
from tripupdates.database import fresh
from tripupdates.outbox.hands import Hand
from tripupdates.vocabulary import Channel, Conflict, DeliveryState, NotFound, Order, Refused

X = Channel.X
TEXT = "We climbed the castle tower."


@pytest.fixture
def school(beside_x: tuple[School, Running]) -> School:
    return beside_x[0]


def _in_doubt(school: School, x: Running, there: bool = True) -> tuple[uuid.UUID, uuid.UUID]:
    """An update, and its order, of which nobody knows whether it is on X: no look-up worked for half an hour."""
    update = approved(school)
    x.fault("tweets", "500_after" if there else "500_before")
    work(school, X)
    _nobody_can_look(school, x)
    row = school.delivery(update, X)
    assert (row.state, row.attempted_at is None) == (DeliveryState.NEEDS_PERSON, False)
    return update, row.id


def _nobody_can_look(school: School, x: Running) -> None:
    """For more than half an hour."""
    x.fault("timeline", "500_before", times=50)
    for _ in range(12):
        school.clock.pass_(minutes=6)
        work(school, X, limit=3)
    x.clear()


def _state(school: School, update: uuid.UUID) -> tuple[str, str]:
    row = school.delivery(update, X)
    return row.state.value, row.remote_id


def _deeds() -> list[tuple[str, uuid.UUID]]:
    rows = fresh().scalars(sa.select(Hand).order_by(Hand.id))
    return [(row.deed.value, row.by) for row in rows]


@pytest.mark.both_engines
def test_it_is_there_by_its_number_and_a_takedown_reaches_it(school: School, x: Running) -> None:
    update, order = _in_doubt(school, x)
    number = x.posts()[0]["id"]
    answering.it_is_there(school.house, school.office, order, number)
    assert _state(school, update) == ("sent", number)
    assert school.delivery(update, X).link.endswith(f"/status/{number}")
    assert _deeds() == [("there", school.office.id)]
    takedown.take_down(school.house, school.head, update, "Too soon.")
    work(school, X)
    assert (x.posts(), school.deliveries(update, Order.REMOVE)["x"]) == ([], "sent")


@pytest.mark.parametrize(
    "address",
    [
        "https://x.com/PuddleLaneTest/status/{}",
        "http://www.twitter.com/puddlelanetest/status/{}?s=20",
        "mobile.x.com/PuddleLaneTest/status/{}/photo/1",
        "  {}\n",
    ],
)
def test_an_address_of_ours_will_do(school: School, x: Running, address: str) -> None:
    update, order = _in_doubt(school, x)
    number = x.posts()[0]["id"]
    answering.it_is_there(school.house, school.head, order, address.format(number))
    assert _state(school, update) == ("sent", number)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "neither the number of a post nor its address"),
        ("yes", "neither the number of a post nor its address"),
        ("0", "neither the number of a post nor its address"),
        ("https://x.com/PuddleLaneTest", "neither the number of a post nor its address"),
        ("https://evil.example/PuddleLaneTest/status/7", "neither the number of a post nor its address"),
        ("https://x.com.evil.example/PuddleLaneTest/status/7", "neither the number of a post nor its"),
        ("javascript:alert(7)", "neither the number of a post nor its address"),
        ("https://x.com/AnotherSchool/status/7", "by another account than @PuddleLaneTest"),
        ("7", "X shows no post with that number and these words"),
        ("٧", "neither the number of a post nor its address"),
    ],
)
def test_what_names_no_post_of_ours_is_refused(school: School, x: Running, said: str, why: str) -> None:
    update, order = _in_doubt(school, x)
    with pytest.raises(Refused, match=why):
        answering.it_is_there(school.house, school.office, order, said)
    assert (_state(school, update), _deeds()) == (("needs_person", ""), [])


def test_a_post_with_other_words_is_not_taken_for_it(school: School, x: Running) -> None:
    update, order = _in_doubt(school, x, there=False)
    other = school.house.places[X].publish(Post("Something else."))
    with pytest.raises(Refused, match="that number and these words"):
        answering.it_is_there(school.house, school.office, order, other.remote_id)
    assert _state(school, update)[0] == "needs_person"


def test_the_post_of_another_update_is_not_taken_for_it(school: School, x: Running) -> None:
    earlier = approved(school, text="Another one.")
    work(school, X)
    update, order = _in_doubt(school, x, there=False)
    with pytest.raises(Conflict, match="another update"):
        answering.it_is_there(school.house, school.office, order, school.delivery(earlier, X).remote_id)
    assert _state(school, update)[0] == "needs_person"


def test_while_x_cannot_be_asked_a_persons_word_stands(school: School, x: Running) -> None:
    update, order = _in_doubt(school, x)
    number = x.posts()[0]["id"]
    x.fault("get", "500_before")
    answering.it_is_there(school.house, school.office, order, number)
    assert _state(school, update) == ("sent", number)


def test_it_is_not_there_and_goes_out_once_more(school: School, x: Running) -> None:
    update, order = _in_doubt(school, x, there=False)
    answering.it_is_not_there(school.house, school.head, order, again=True)
    row = school.delivery(update, X)
    assert (row.state, row.attempted_at, row.unsure_since) == (DeliveryState.PENDING, None, None)
    work(school, X)
    assert ([post["text"] for post in x.posts()], _state(school, update)[0]) == ([TEXT], "sent")
    assert _deeds() == [("not_there", school.head.id)]


def test_it_is_not_there_and_stays_out(school: School, x: Running) -> None:
    update, order = _in_doubt(school, x, there=False)
    answering.it_is_not_there(school.house, school.office, order, again=False)
    work(school, X)
    assert (x.posts(), _state(school, update)) == ([], ("stopped", ""))
    assert school.delivery(update, X).problem == answering.LEFT_OUT


def test_what_was_taken_down_meanwhile_does_not_go_out_again(school: School, x: Running) -> None:
    """The takedown looks for it itself, and cannot; the person who looks says what it is that must go."""
    update, order = _in_doubt(school, x)
    takedown.take_down(school.house, school.head, update, "Too soon.")
    _nobody_can_look(school, x)
    assert _state(school, update)[0] == "needs_person"
    with pytest.raises(Conflict, match="approval does not hold"):
        answering.it_is_not_there(school.house, school.office, order, again=True)
    answering.it_is_there(school.house, school.office, order, x.posts()[0]["id"])
    school.clock.pass_(seconds=2)
    work(school, X)
    assert (x.posts(), school.deliveries(update, Order.REMOVE)["x"]) == ([], "sent")


def test_where_nothing_left_it_cannot_be_there(school: School) -> None:
    update = approved(school)
    settle(school, update, X, DeliveryState.NEEDS_PERSON, attempted_at=None)
    order = school.delivery(update, X).id
    with pytest.raises(Refused, match="X shows no post"):
        answering.it_is_there(school.house, school.office, order, "7")
    assert not answering.question(school.house, fresh(), school.office, order).left
    answering.it_is_not_there(school.house, school.office, order, again=False)
    assert _state(school, update)[0] == "stopped"


@pytest.mark.parametrize("who", ["author", "colleague", "stranger"])
def test_only_office_and_approvers_answer(school: School, x: Running, who: str) -> None:
    update, order = _in_doubt(school, x)
    for step in (
        lambda: answering.it_is_there(school.house, school.people[who], order, "7"),
        lambda: answering.it_is_not_there(school.house, school.people[who], order, True),
        lambda: answering.question(school.house, fresh(), school.people[who], order),
    ):
        with pytest.raises(NotFound):
            step()
    assert _state(school, update)[0] == "needs_person"


@pytest.mark.parametrize("state", [DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNSURE])
def test_what_the_computer_still_sees_to_is_nobodys_to_answer(school: School, state: DeliveryState) -> None:
    update = approved(school)
    settle(school, update, X, state, attempted_at=school.clock())
    order = school.delivery(update, X).id
    with pytest.raises(Conflict, match="moved on"):
        answering.it_is_not_there(school.house, school.office, order, again=True)
    assert _state(school, update)[0] == state


def test_pages_are_never_asked_of_a_person(school: School) -> None:
    update = approved(school)
    settle(school, update, Channel.WEBSITE, DeliveryState.NEEDS_PERSON, attempted_at=school.clock())
    order = school.delivery(update, Channel.WEBSITE)
    assert answering.ids_to_answer([order]) == frozenset()
    with pytest.raises(Conflict, match="moved on"):
        answering.it_is_there(school.house, school.office, order.id)


def test_the_story_names_who_answered(school: School, x: Running) -> None:
    update, order = _in_doubt(school, x)
    answering.it_is_there(school.house, school.office, order, x.posts()[0]["id"])
    _, told = story.story(school.house, fresh(), school.head, update)
    assert told[-1].text == "X (Twitter): Ms Office Sample said that it is there."
