"""The office's pages: what they show, what they change, and that nothing typed or uploaded is lost or taken unseen."""

import html
import io
import re
import uuid

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import EVERYWHERE, PASSWORD, School, approved, consent, make_trip, work
from tripupdates import accounts, office
from tripupdates.consent.records import current, history
from tripupdates.database import fresh
from tripupdates.people.records import by_email
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import Channel, DeliveryState, Order, Refused, Role

NEW_PASSWORD = "lantern-otter-pebble-sky"
NOTE = "export of the consent system, 3 May"
LIST = (
    "Forename,Surname,Year,Class,Group\n"
    "Ada,Puddlewick,Year 5,5P,Kestrels\n"
    "Bram,Thistlebury,Year 5,5P,Otters\n"
    "Finn,Quillfeather,Year 5,5Q,Herons\n"
)
FAULTY = LIST + ",Nobody,Year 5,5Q,Otters\n"
ANSWERS = (
    "Name,Class,Trip page,Website,X (Twitter)\n"
    "Ada Puddlewick,5P,Yes,No,\n"
    "Bram Thistlebury,5P,Yes,Yes,yes except X\n"
    "Zoe Elsewhere,5P,yes,yes,yes\n"
)


@pytest.fixture
def clerk(school: School) -> FlaskClient:
    """The office's browser."""
    return school.client("office")


def send(client: FlaskClient, address: str, **form: object) -> TestResponse:
    """Post a form as a browser would, with the token of the page it stands on."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/office/people").text)
    token = token or re.search(r'name="csrf_token" value="([^"]+)"', client.get("/staff/password").text)
    assert token is not None
    return client.post(address, data={"csrf_token": token[1], **form})


def upload(
    client: FlaskClient, school: School, kind: str, text: str | bytes, name: str = "list.csv"
) -> TestResponse:
    """Send a file to be read: the answer is the page that shows it."""
    data = text if isinstance(text, bytes) else text.encode()
    return send(client, f"/office/trips/{school.slug}/{kind}", file=(io.BytesIO(data), name))


def hidden(page: TestResponse) -> dict[str, str]:
    """What the confirm form of a page about a file carries on."""
    form = page.text.split("/confirm", 1)[1].split("</form>", 1)[0]
    return dict(re.findall(r'type="hidden" name="(csv|column-\w+)" value="([^"]*)"', form))


def words(page: TestResponse) -> str:
    """What a page says, without its markup, in single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


def names(school: School) -> list[str]:
    return [pupil.forename for pupil in trip_of(school).pupils]


def trip_of(school: School) -> Trip:
    return office.trip_by_slug(fresh(), school.slug)


def on(school: School, name: str) -> set[Channel]:
    """Where a pupil can be shown."""
    return set(current(fresh(), school.trip_id()).get(school.pupil(name), ()))


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


def test_a_list_is_shown_before_anything_is_changed(school: School, clerk: FlaskClient) -> None:
    page = upload(clerk, school, "register", FAULTY)
    text = words(page)
    assert page.status_code == 200
    assert "1 new 1 changed 1 as they are on the trip already 3 on the trip, but not in this file." in text
    assert "2 Ada Puddlewick changed Year 5 5P Kestrels" in text
    assert "3 Bram Thistlebury same Year 5 5P Otters" in text
    assert "4 Finn Quillfeather new Year 5 5Q Herons" in text
    assert "Line 5: There is no forename in this row." in text
    assert "Import the 3 good rows anyway" in text
    assert sorted(names(school)) == ["Ada", "Bram", "Cleo", "Dev", "Esme"]


def test_a_confirmed_list_is_imported_and_nobody_is_dropped(school: School, clerk: FlaskClient) -> None:
    page = upload(clerk, school, "register", LIST)
    answer = send(clerk, f"/office/trips/{school.slug}/register/confirm", **hidden(page))
    assert answer.status_code == 302
    assert "1 pupil added, 1 changed." in clerk.get(answer.headers["Location"]).text
    assert sorted(names(school)) == ["Ada", "Bram", "Cleo", "Dev", "Esme", "Finn"]


def test_a_faulty_list_is_imported_only_when_the_office_says_anyway(
    school: School, clerk: FlaskClient
) -> None:
    carried = hidden(upload(clerk, school, "register", FAULTY))
    address = f"/office/trips/{school.slug}/register/confirm"
    answer = send(clerk, address, **carried)
    assert answer.status_code == 422
    assert "Some rows could not be read, so nothing was changed." in answer.text
    assert "Finn" not in names(school)
    assert send(clerk, address, **carried, despite="yes").status_code == 302
    assert "Finn" in names(school)


def test_unknown_headings_are_asked_about_and_the_choice_holds_until_the_import(
    school: School, clerk: FlaskClient
) -> None:
    asked = upload(clerk, school, "register", "Bit one,Bit two,Klasse\nHatty,Thornapple,5P\n")
    assert (asked.status_code, "Which column is which?" in asked.text) == (422, True)
    csv = re.search(r'name="csv" value="([^"]+)"', asked.text)
    assert csv is not None
    chosen = {"column-forename": "0", "column-surname": "1", "column-class_name": "2", "column-year": ""}
    page = send(clerk, f"/office/trips/{school.slug}/register", csv=csv[1], **chosen)
    assert "2 Hatty Thornapple new 5P" in words(page)
    assert send(clerk, f"/office/trips/{school.slug}/register/confirm", **hidden(page)).status_code == 302
    assert "Hatty" in names(school)


@pytest.mark.parametrize("kind", ["register", "consent"])
def test_a_file_of_the_wrong_kind_is_told_on_the_page_of_the_trip(
    school: School, clerk: FlaskClient, kind: str
) -> None:
    answer = upload(clerk, school, kind, b"PK\x03\x04 xl/workbook.xml" + bytes(40), "list.xlsx")
    assert answer.status_code == 422
    assert "This is an Excel workbook." in answer.text
    assert "For the letter home" in answer.text


@pytest.mark.parametrize("csv", ["", "not base64", "ä"])
def test_a_file_that_did_not_arrive_is_asked_for_again(school: School, clerk: FlaskClient, csv: str) -> None:
    answer = send(clerk, f"/office/trips/{school.slug}/register/confirm", csv=csv)
    assert answer.status_code == 422
    assert "For the letter home" in answer.text


def test_answers_are_shown_before_anything_is_recorded(school: School, clerk: FlaskClient) -> None:
    consent(school, {"Ada": EVERYWHERE, "Bram": (Channel.X,)})
    text = words(upload(clerk, school, "consent", ANSWERS))
    assert "3 answers change from yes to no. Whatever shows those pupils there is taken down at once." in text
    assert "Ada Puddlewick yes “Yes”, line 2 no “No”, line 2; was yes no blank; was yes" in text
    assert "Bram Thistlebury yes “Yes”, line 3 yes “Yes”, line 3 no “yes except X”, line 3; was yes" in text
    assert "Line 4: This pupil is not on the trip's list." in text
    assert "1 is blank. A blank is a no, and takes back an earlier yes." in text
    assert "Record these 6 answers" in text
    assert "On the trip, but not in this file" in text
    assert "Esme Bramblethorpe Dev Larkington Cleo Merrywhistle" in text
    assert on(school, "Ada") == set(EVERYWHERE)


def test_answers_need_a_note_and_the_file_is_not_asked_for_again(school: School, clerk: FlaskClient) -> None:
    carried = hidden(upload(clerk, school, "consent", ANSWERS))
    answer = send(clerk, f"/office/trips/{school.slug}/consent/confirm", **carried, note=" ")
    assert (answer.status_code, hidden(answer)) == (422, carried)
    assert "Say how this answer was given" in answer.text
    assert on(school, "Ada") == set()


def test_confirmed_answers_are_recorded_and_a_no_takes_down_at_once(
    school: School, clerk: FlaskClient
) -> None:
    consent(school, {"Ada": (Channel.WEBSITE,), "Bram": (Channel.WEBSITE,)})
    update = approved(school, ("Ada", "Bram"), channels=(Channel.WEBSITE,))
    work(school)
    carried = hidden(upload(clerk, school, "consent", ANSWERS))
    answer = send(clerk, f"/office/trips/{school.slug}/consent/confirm", **carried, note=NOTE)
    assert answer.status_code == 302
    page = clerk.get(answer.headers["Location"]).text
    assert "Recorded: 2 yes, 2 no. What must come down is coming down now." in page
    assert (on(school, "Ada"), on(school, "Bram")) == (
        {Channel.FAMILIES},
        {Channel.FAMILIES, Channel.WEBSITE},
    )
    assert school.deliveries(update, Order.REMOVE) == {"website": DeliveryState.PENDING.value}
    assert [row.note for row in history(fresh(), school.pupil("Bram"))] == [NOTE, NOTE, "paper form"]


def test_the_same_answers_again_change_nothing(school: School, clerk: FlaskClient) -> None:
    carried = hidden(upload(clerk, school, "consent", ANSWERS))
    address = f"/office/trips/{school.slug}/consent/confirm"
    for _ in range(2):
        answer = send(clerk, address, **carried, note=NOTE)
    assert "Nothing was changed" in clerk.get(answer.headers["Location"]).text
    assert len(history(fresh(), school.pupil("Ada"))) == 2


def test_answers_without_a_channel_are_asked_about(school: School, clerk: FlaskClient) -> None:
    asked = upload(clerk, school, "consent", "Name,Photos?\nAda Puddlewick,yes\n")
    assert asked.status_code == 422
    assert "Answers for: School website" in asked.text


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


def test_an_account_is_added(school: School, clerk: FlaskClient) -> None:
    form = {"name": "Ms New Sample", "email": "New@puddle-lane.example", "role": "approver"}
    assert send(clerk, "/office/people", **form, password=NEW_PASSWORD).status_code == 302
    caller = accounts.sign_in(school.house, "new@puddle-lane.example", NEW_PASSWORD, trusted=False)
    assert (caller.name, caller.role) == ("Ms New Sample", Role.APPROVER)
    page = words(clerk.get("/office/people"))
    assert "Ms New Sample Headteacher or deputy · open new@puddle-lane.example" in page


def test_an_account_that_cannot_be_made_keeps_the_words_but_never_the_password(
    school: School, clerk: FlaskClient
) -> None:
    form = {"name": "Ms New Sample", "email": "new@puddle-lane.example", "role": "office"}
    answer = send(clerk, "/office/people", **form, password="password1234")
    assert answer.status_code == 422
    assert "among those that are guessed first" in answer.text
    assert 'value="Ms New Sample"' in answer.text
    assert 'value="office" selected' in answer.text
    assert "password1234" not in answer.text
    assert by_email(fresh(), form["email"]) is None


def test_a_role_that_is_none_makes_no_account(school: School, clerk: FlaskClient) -> None:
    form = {"name": "Ms New Sample", "email": "new@puddle-lane.example", "role": "parent"}
    assert send(clerk, "/office/people", **form, password=NEW_PASSWORD).status_code == 422
    assert by_email(fresh(), form["email"]) is None


def test_an_account_is_closed_and_opened_again(school: School, clerk: FlaskClient) -> None:
    phone, address = school.client("author"), f"/office/people/{school.author.id}/active"
    assert send(clerk, address, active="no").status_code == 302
    assert phone.get("/staff/").status_code == 302
    assert "Ms Author Sample Accompanying staff · closed" in words(clerk.get("/office/people"))
    assert send(clerk, address, active="yes").status_code == 302
    assert (
        accounts.sign_in(school.house, "author@puddle-lane.example", PASSWORD, trusted=False).id
        == school.author.id
    )


def test_nobody_closes_their_own_account(school: School, clerk: FlaskClient) -> None:
    assert send(clerk, f"/office/people/{school.office.id}/active", active="no").status_code == 403
    assert clerk.get("/office/").status_code == 200


def test_a_new_password_holds_and_the_old_one_does_not(school: School, clerk: FlaskClient) -> None:
    address = f"/office/people/{school.author.id}/password"
    assert send(clerk, address, password=NEW_PASSWORD).status_code == 422
    assert send(clerk, address, password=NEW_PASSWORD, mine=PASSWORD).status_code == 302
    assert accounts.sign_in(school.house, "author@puddle-lane.example", NEW_PASSWORD, trusted=False)
    with pytest.raises(Refused):
        accounts.sign_in(school.house, "author@puddle-lane.example", PASSWORD, trusted=False)


def test_a_weak_new_password_is_told_beside_the_person(school: School, clerk: FlaskClient) -> None:
    answer = send(clerk, f"/office/people/{school.author.id}/password", password="short", mine=PASSWORD)
    assert answer.status_code == 422
    section = answer.text.split(f'aria-labelledby="person-{school.author.id}"')[1].split("</section>")[0]
    assert "<details open>" in section
    assert "A password needs at least 12 characters." in section


def test_nobody_who_is_not_there_gets_a_password(clerk: FlaskClient) -> None:
    answer = send(clerk, f"/office/people/{uuid.UUID(int=7)}/password", password=NEW_PASSWORD)
    assert answer.status_code == 404
