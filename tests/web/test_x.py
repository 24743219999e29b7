"""The page of the account at X, and the page on which somebody says what became of a post."""

import pytest
import sqlalchemy as sa

from tests.factories import School, approved, settle, without_x, work
from tests.practice.running import Running
from tests.web.sending import Form
from tests.with_x import speak_to
from tripupdates import metering
from tripupdates.app import create_app
from tripupdates.channels.contract import Post
from tripupdates.channels.x_terms import Call
from tripupdates.database import fresh
from tripupdates.outbox.records import Delivery
from tripupdates.vocabulary import Channel, DeliveryState

X = Channel.X


@pytest.fixture
def school(beside_x: tuple[School, Running]) -> School:
    return beside_x[0]


@pytest.fixture
def office(school: School) -> Form:
    return Form(school.client("office"), "/office/")


def _words(page: str) -> str:
    return " ".join(page.split())


def test_it_tells_limits_cost_and_when_prices_were_read(school: School, office: Form) -> None:
    metering.count(school.clock(), Call.POST, 2)
    page = _words(office.page("/x/"))
    assert '<th scope="row">Posts</th><td>2</td><td>100</td><td>2</td>' in page
    assert "Posts: 2 at $0.015 = $0.030" in page
    assert "An estimate, in dollars" in page
    assert "as they were read in November 2026" in page
    assert "Nothing was asked of X." in page  # last month
    assert "It has never said that none were left." in page
    assert "Nothing stands still." in page


def test_a_check_is_answered_on_the_page(school: School, x: Running, office: Form) -> None:
    assert "the keys of @PuddleLaneTest, the school’s account." in office.post("/x/check").text
    speak_to(school, x, handle="AnotherSchool")
    page = office.post("/x/check").text
    assert "The keys belong to another account at X than @AnotherSchool" in page
    assert 'action="/review/channels/x/try-again"' in page
    assert "0 posts wait" in page


def test_asking_is_done_by_a_button_alone(x: Running, office: Form) -> None:
    office.page("/x/")
    assert x.count("me") == 0


def test_a_school_without_an_account_reads_so(school: School) -> None:
    app = create_app(school.house.settings, without_x(school))
    school.app.extensions["house"] = app.extensions["house"]
    office = Form(school.client("office"), "/office/")
    assert "The school has no account at X." in office.page("/x/")
    assert "/x/" not in office.page("/office/")


@pytest.mark.parametrize(("who", "home"), [("office", "/office/"), ("head", "/review/")])
def test_the_first_page_leads_there(school: School, who: str, home: str) -> None:
    assert 'href="/x/"' in Form(school.client(who), home).page(home)


def _stuck(school: School, left: bool = True) -> str:
    """Where an order is answered that only a person can bring on."""
    update = approved(school)
    at = school.clock() if left else None
    settle(school, update, X, DeliveryState.NEEDS_PERSON, attempted_at=at, problem="It is stuck.")
    return f"/review/orders/{school.delivery(update, X).id}"


def test_from_the_list_it_is_one_tap_to_the_words_to_look_for(school: School, office: Form) -> None:
    order = _stuck(school)
    assert f'href="{order}">Say whether it is there</a>' in office.page("/office/")
    page = office.page(order)
    assert "We climbed the castle tower." in page
    assert 'href="https://x.com/PuddleLaneTest"' in page
    assert "Let the computer look again" in page


def test_what_was_typed_comes_back_with_the_reason(school: School, office: Form) -> None:
    order = _stuck(school)
    answer = office.post(f"{order}/there", where="somewhere on X")
    assert answer.status_code == 422
    assert "neither the number of a post nor its address" in answer.text
    assert 'value="somewhere on X"' in answer.text


def test_it_is_there_is_taken_and_leads_back(school: School, x: Running, office: Form) -> None:
    order = _stuck(school)
    sent = school.house.places[X].publish(Post("We climbed the castle tower."))
    answer = office.post(f"{order}/there", where=sent.link)
    assert (answer.status_code, answer.location) == (302, "/office/")
    assert office.client.get(order).status_code == 404  # nothing is to be answered any more


@pytest.mark.parametrize(("again", "state"), [("yes", "pending"), ("no", "stopped"), ("", "stopped")])
def test_it_is_not_there_sends_again_only_where_that_button_was_pressed(
    school: School, again: str, state: str
) -> None:
    order = _stuck(school)
    head = Form(school.client("head"), "/review/")
    assert head.post(f"{order}/not-there", again=again).location == "/review/"
    assert [row.state for row in fresh().scalars(sa.select(Delivery).where(Delivery.channel == X))] == [state]


def test_where_nothing_left_nobody_is_asked_whether_it_is_there(school: School, office: Form) -> None:
    order = _stuck(school, left=False)
    page = office.page(order)
    assert ("it did not go out" in page, "It is there" in page) == (True, False)
    assert "Say what now" in office.page("/office/")
    office.post(f"{order}/not-there", again="yes")
    work(school, X)
    assert "Say what now" not in office.page("/office/")
