"""The page of what is posted by hand: a button before any byte, the bytes for whoever pressed it, and what to say then."""

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest

from tests.factories import PUPILS, School, all_consent, approved, consent, open_school
from tests.test_school import write
from tests.web.sending import Form
from tripupdates import by_hand, journey, takedown
from tripupdates.consent.records import history
from tripupdates.database import fresh
from tripupdates.photos.proof import prove
from tripupdates.vocabulary import Channel, Order

APP = Channel.APP


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    with open_school(tmp_path, class_app="SeeSaw") as school:
        all_consent(school)
        consent(school, {name.split()[0]: (APP,) for name in PUPILS})
        yield school


@pytest.fixture
def author(school: School) -> Form:
    return Form(school.client("author"))


def _update(school: School) -> UUID:
    return approved(school, ("Ada", "Bram"), channels=(APP,))


def _state(school: School, update: UUID) -> str:
    return school.delivery(update, APP).state.value


def test_from_my_trips_it_is_one_tap_to_the_page_and_one_more_to_the_pictures(
    school: School, author: Form
) -> None:
    update = _update(school)
    assert f'href="/hand/{update}">Hand it over</a>' in author.page("/staff/")
    page = author.page(f"/hand/{update}")
    assert "We climbed the castle tower." in page
    assert (page.count("<img"), "With one picture." in page) == (0, True)
    answer = author.post(f"/hand/{update}/out")
    assert (answer.status_code, answer.location) == (302, f"/hand/{update}")
    page = author.page(f"/hand/{update}")
    assert f'src="/hand/{update}/photo-1.jpg"' in page
    assert "Ms Author Sample took it out to post it." in page
    photo = author.client.get(f"/hand/{update}/photo-1.jpg")
    prove(photo.data)
    assert (photo.mimetype, photo.headers["Cache-Control"]) == ("image/jpeg", "no-store")
    file = author.client.get(f"/hand/{update}/update.zip")
    assert file.headers["Content-Disposition"] == "attachment; filename=update.zip"
    assert file.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(BytesIO(file.data)) as package:
        assert package.read("photo-1.jpg") == photo.data


def test_a_get_gives_nothing_before_the_button_was_pressed(school: School, author: Form) -> None:
    update = _update(school)
    for file in ("photo-1.jpg", "update.zip"):
        answer = author.client.get(f"/hand/{update}/{file}")
        assert answer.status_code == 409
        assert "Press “Hand it over” first" in answer.text
    assert _state(school, update) == "pending"


@pytest.mark.parametrize("number", [0, 2, 99])
def test_there_are_no_other_pictures(school: School, author: Form, number: int) -> None:
    update = _update(school)
    author.post(f"/hand/{update}/out")
    assert author.client.get(f"/hand/{update}/photo-{number}.jpg").status_code == 404


def test_what_came_of_it_is_said_with_a_button(school: School, author: Form) -> None:
    update = _update(school)
    author.post(f"/hand/{update}/out")
    author.post(f"/hand/{update}/not-there", again="yes")
    assert _state(school, update) == "pending"
    author.post(f"/hand/{update}/out")
    assert "Is it posted?" in author.page("/hand/")
    author.post(f"/hand/{update}/there")
    assert _state(school, update) == "sent"
    assert "It is posted in SeeSaw." in author.page(f"/hand/{update}")
    assert "Nothing is to be posted or taken down by hand." in author.page("/hand/")
    other = _update(school)
    author.post(f"/hand/{other}/out")
    author.post(f"/hand/{other}/not-there")  # a button without its word counts as the one that sends nothing
    assert _state(school, other) == "stopped"


def test_a_colleague_sees_who_has_it_and_is_asked_to_ask(school: School, author: Form) -> None:
    update = _update(school)
    author.post(f"/hand/{update}/out")
    page = Form(school.client("colleague")).page(f"/hand/{update}")
    assert "Ms Author Sample took it out to post it. Ask before anybody posts it a second time." in page
    assert "Hand it over all the same" in page
    assert "<img" not in page


def test_what_is_refused_is_told_on_the_page(school: School, author: Form) -> None:
    update = _update(school)
    answer = author.post(f"/hand/{update}/there")
    assert answer.status_code == 409
    assert "Nothing of it has left the school, so it cannot be there." in answer.text
    assert "<h1>SeeSaw</h1>" in answer.text


def test_taking_down_is_on_everybodys_first_page_and_says_neither_who_nor_why(school: School) -> None:
    update = _update(school)
    by_hand.take_out(school.house, school.author, update)
    consent(school, {"Ada": (APP,)}, yes=False)
    for who, home in (("colleague", "/staff/"), ("head", "/review/"), ("office", "/office/")):
        form = Form(school.client(who), home)
        assert f'href="/hand/{update}">Take it down</a>' in form.page(home)
        page = form.page(f"/hand/{update}")
        assert "This must come down from SeeSaw now." in page
        assert "We climbed the castle tower." in page
        assert ("Ada" in page, "consent" in page.casefold(), "<img" in page) == (False, False, False)
    office = Form(school.client("office"), "/office/")
    listed = office.page("/office/").split("Not yet confirmed gone")[1]
    assert takedown.TAKE_OUT in listed
    office.post(f"/hand/{update}/gone")
    assert school.deliveries(update, Order.REMOVE) == {"app": "sent"}
    assert "Not yet confirmed gone" not in office.page("/office/")
    assert "Ms Office Sample said that it is gone." in office.page(f"/hand/{update}")


def test_the_receipt_says_that_a_person_took_it_down(school: School) -> None:
    update = _update(school)
    by_hand.take_out(school.house, school.author, update)
    consent(school, {"Ada": (APP,)}, yes=False)
    number = history(fresh(), school.pupil("Ada"))[0].id
    office = Form(school.client("office"), "/office/")
    receipt = office.page(f"/office/receipts/answers/{number}")
    assert takedown.TAKE_OUT in receipt
    by_hand.it_is_gone(school.house, school.office, update)
    receipt = office.page(f"/office/receipts/answers/{number}")
    assert "A person at school looked, and said on Monday 3 May 2027, 10:00 that it is gone." in receipt


@pytest.mark.parametrize("who", ["stranger", "office"])
def test_who_may_neither_hand_over_nor_take_down_finds_no_such_page(school: School, who: str) -> None:
    update = _update(school)
    form = Form(school.client(who), "/hand/")
    status = 404 if who == "stranger" else 200  # the office looks, for it may have to take it down
    assert form.client.get(f"/hand/{update}").status_code == status
    for deed in ("out", "there", "not-there"):
        assert form.post(f"/hand/{update}/{deed}").status_code == 404
    assert form.client.get(f"/hand/{update}/update.zip").status_code == 404
    assert _state(school, update) == "pending"


def test_an_update_that_does_not_go_there_has_no_such_page(school: School, author: Form) -> None:
    update = approved(school)
    assert author.client.get(f"/hand/{update}").status_code == 404
    assert author.post(f"/hand/{update}/gone").status_code == 302  # nothing to take down is gone already


def test_it_is_offered_unticked_for_it_makes_work_for_somebody(school: School, author: Form) -> None:
    page = author.page("/staff/updates/new?plain=1")
    boxes = {
        each.split('"')[0]: " checked" in each.split(">")[0]
        for each in page.split('name="channels" value="')[1:]
    }
    assert boxes == {"families": True, "website": True, "x": True, "app": False}
    assert "once approved, you post it there by hand" in page


def test_news_of_the_school_is_offered_unticked_and_handed_over_by_its_author_or_the_office(
    school: School,
) -> None:
    stranger, office = Form(school.client("stranger")), Form(school.client("office"), "/office/")
    page = stranger.page("/staff/school/new/news")
    assert 'value="app"> <span>SeeSaw<span class="muted"> (once approved' in page
    update = write(school, channels=(APP,))
    journey.submit(school.house, school.stranger, update)
    journey.approve(school.house, school.head, update, school.digest(update))
    assert f'href="/hand/{update}">Hand it over</a>' in office.page("/office/")
    office.post(f"/hand/{update}/out")
    assert "Summer concert: All choirs sang" in office.page(f"/hand/{update}")
    office.post(f"/hand/{update}/there")
    assert _state(school, update) == "sent"
    assert Form(school.client("colleague")).client.get(f"/hand/{update}").status_code == 404


def test_the_schools_own_name_for_it_stands_everywhere(school: School, author: Form) -> None:
    update = _update(school)
    assert "SeeSaw" in author.page(f"/staff/updates/{update}")
    by_hand.take_out(school.house, school.author, update)
    head = Form(school.client("head"), "/review/")
    for address in (f"/review/{update}", f"/review/{update}/story", "/review/"):
        page = head.page(address)
        assert "SeeSaw" in page
        assert "Class app" not in page
