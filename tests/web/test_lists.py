"""Lists of pupils and of consent: shown before they count, and never taken unseen."""

import re

import pytest
from flask.testing import FlaskClient

from tests.factories import EVERYWHERE, School, approved, consent, work
from tests.web.desk import ANSWERS, FAULTY, LIST, NOTE, hidden, names, on, send, upload, words
from tripupdates.consent.records import history
from tripupdates.database import fresh
from tripupdates.vocabulary import Channel, DeliveryState, Order


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
