"""The office's pages of trips and pupils: what they show, what they change, and that nothing typed is lost."""

import re

import pytest
from flask.testing import FlaskClient

from tests.factories import EVERYWHERE, School, approved, consent, make_trip, work
from tests.web.desk import on, send, trip_of, words
from tripupdates import accounts, office
from tripupdates.database import fresh
from tripupdates.vocabulary import Channel


def test_the_first_page_counts_pupils_and_yeses(school: School, clerk: FlaskClient) -> None:
    consent(school, {"Ada": EVERYWHERE, "Bram": (Channel.FAMILIES,)})
    page = words(clerk.get("/office/"))
    assert "Castle Residential A made-up castle, 3 to 7 May 2027" in page
    assert "5 pupils. With a yes: Families’ page 2 · School website 1 · X (Twitter) 1" in page


def test_the_first_page_lists_what_is_not_yet_gone_and_what_nobody_can_recall(
    school: School, clerk: FlaskClient
) -> None:
    consent(school, {"Ada": (Channel.WEBSITE,), "Bram": (Channel.WEBSITE,)})
    approved(school, ("Ada", "Bram"), channels=(Channel.WEBSITE,))
    work(school)
    consent(school, {"Ada": (Channel.WEBSITE,)}, yes=False)
    page = words(clerk.get("/office/"))
    assert "Not yet confirmed gone School website , asked for Monday 3 May, 10:00." in page
    assert "Copies that visitors, search engines and feed readers have kept of the website." in page


def test_a_trip_is_made_with_groups_and_staff(school: School, clerk: FlaskClient) -> None:
    answer = send(
        clerk,
        "/office/trips/new",
        name="Woodland Camp",
        venue="A made-up wood",
        starts="2027-06-03",
        ends="2027-06-05",
        groups="Hares\r\nFoxes\r\n",
        staff=[str(school.author.id), str(school.head.id)],
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/office/trips/woodland-camp-2027")
    trip = office.trip_by_slug(fresh(), "woodland-camp-2027")
    assert [group.name for group in trip.groups] == ["Foxes", "Hares"]
    assert [person.name for person in trip.staff] == ["Mrs Head Sample", "Ms Author Sample"]


def test_a_trip_that_cannot_be_made_leaves_everything_on_the_form(school: School, clerk: FlaskClient) -> None:
    form = {"name": "Woodland Camp", "venue": "A made-up wood", "groups": "Foxes"}
    days = {"starts": "2027-06-05", "ends": "2027-06-03"}
    answer = send(clerk, "/office/trips/new", **form, **days, staff=str(school.author.id))
    assert answer.status_code == 422
    assert "The last day must not be before the first" in answer.text
    for kept in ('value="Woodland Camp"', 'value="2027-06-05"', 'value="2027-06-03"', ">Foxes</textarea>"):
        assert kept in answer.text
    assert f'value="{school.author.id}" checked' in answer.text


def test_a_day_that_is_none_is_told_in_plain_words(clerk: FlaskClient) -> None:
    answer = send(clerk, "/office/trips/new", name="Camp", venue="Wood", starts="soon", ends="")
    assert answer.status_code == 422
    assert "Write this date as year-month-day, for example 2027-05-03." in answer.text
    assert "Choose the last day." in answer.text


def test_a_trip_shows_its_code_the_address_and_each_answer_in_words(
    school: School, clerk: FlaskClient
) -> None:
    consent(school, {"Ada": (Channel.FAMILIES, Channel.X)})
    page = words(clerk.get(f"/office/trips/{school.slug}"))
    assert (
        f"http://localhost/trips/{school.slug}/ and type this code, once on each phone: {trip_of(school).code}"
        in page
    )
    assert "Ada Puddlewick 5P Otters yes no yes" in page
    assert "Bram Thistlebury 5P Otters no no no" in page


def test_staff_are_changed_and_somebody_who_left_cannot_be_chosen(school: School, clerk: FlaskClient) -> None:
    address = f"/office/trips/{school.slug}/staff"
    assert send(clerk, address, staff=str(school.stranger.id)).status_code == 302
    accounts.set_active(school.house, school.office, school.author.id, False)
    answer = send(clerk, address, staff=str(school.author.id))
    assert (answer.status_code, "has no account any more" in answer.text) == (404, True)
    assert send(clerk, address, staff="somebody").status_code == 422
    assert [person.id for person in trip_of(school).staff] == [school.stranger.id]


def test_only_those_who_are_still_at_school_and_may_post_are_offered_for_a_trip(
    school: School, clerk: FlaskClient
) -> None:
    accounts.set_active(school.house, school.office, school.deputy.id, False)
    page = clerk.get("/office/trips/new").text
    offered = re.findall(r'name="staff" value="[^"]+"> ([^<]+)<', page)
    assert offered == ["Mr Colleague Sample", "Mrs Head Sample", "Ms Author Sample", "Ms Stranger Sample"]


@pytest.mark.parametrize("who", ["office", "head"])
def test_the_office_and_the_head_record_an_answer_by_hand(school: School, who: str) -> None:
    client = school.client(who)
    address = f"/office/trips/{school.slug}/pupils/{school.pupil('Ada')}"
    answer = send(
        client,
        address,
        **{"answer-families": "yes", "answer-x": "no", "answer-website": ""},
        note="paper form",
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, address)
    assert on(school, "Ada") == {Channel.FAMILIES}
    text = words(client.get(address))
    recorded = f"paper form Monday 3 May, 10:00, recorded by {school.people[who].name}"
    assert f"X (Twitter): no {recorded} What was taken down Families’ page: yes {recorded}" in text
    assert "School website Nobody has answered, so it is a no." in text


def test_the_latest_answer_is_the_present_one(school: School, clerk: FlaskClient) -> None:
    consent(school, {"Ada": (Channel.X,)})
    school.clock.pass_(days=1)
    consent(school, {"Ada": (Channel.X,)}, yes=False)
    page = words(clerk.get(f"/office/trips/{school.slug}/pupils/{school.pupil('Ada')}"))
    assert "X (Twitter) At present: no , since Tuesday 4 May, 10:00." in page


def test_a_page_that_lay_open_does_not_bring_back_a_yes(school: School, clerk: FlaskClient) -> None:
    consent(school, {"Ada": EVERYWHERE})
    page = clerk.get(f"/office/trips/{school.slug}/pupils/{school.pupil('Ada')}").text
    assert re.findall(r'name="answer-(\w+)" value="(\w*)" checked', page) == [
        (each, "") for each in EVERYWHERE
    ]


@pytest.mark.parametrize("word", ["Yes", "true", "maybe"])
def test_only_a_plain_yes_is_a_yes(school: School, clerk: FlaskClient, word: str) -> None:
    consent(school, {"Ada": (Channel.X,)})
    send(
        clerk,
        f"/office/trips/{school.slug}/pupils/{school.pupil('Ada')}",
        **{"answer-x": word},
        note="paper form",
    )
    assert on(school, "Ada") == set()


def test_an_answer_without_a_note_is_refused_with_the_choice_kept(school: School, clerk: FlaskClient) -> None:
    address = f"/office/trips/{school.slug}/pupils/{school.pupil('Ada')}"
    answer = send(clerk, address, **{"answer-x": "yes"}, note="")
    assert answer.status_code == 422
    assert 'name="answer-x" value="yes" checked' in answer.text
    assert on(school, "Ada") == set()


def test_staff_never_see_how_an_answer_came_about(school: School) -> None:
    consent(school, {"Ada": (Channel.X,)}, yes=False, note="a private reason")
    answer = school.client("author").get(f"/office/trips/{school.slug}/pupils/{school.pupil('Ada')}")
    assert (answer.status_code, "private reason" in answer.text) == (403, False)


def test_a_pupil_is_found_only_on_the_trip_they_are_on(school: School, clerk: FlaskClient) -> None:
    other = make_trip(school, "Lakes Residential", ())
    address = f"/office/trips/{other}/pupils/{school.pupil('Ada')}"
    assert clerk.get(address).status_code == 404
    assert send(clerk, address, **{"answer-x": "yes"}, note="paper form").status_code == 404
    assert on(school, "Ada") == set()
