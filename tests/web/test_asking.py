"""The office's letters, slips and file with links; and who may see whose family has not answered."""

import csv
import io
import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import factories
from tests.factories import EVERYWHERE, PUPILS, School, all_consent, consent, count, make_trip
from tests.web.desk import send, words
from tripupdates import asking, office
from tripupdates.consent.links import Link
from tripupdates.vocabulary import Channel

ADDRESS = re.compile(r"http://localhost/consent/([a-z0-9]{4}(?:-[a-z0-9]{4}){6})")


def make(school: School, clerk: FlaskClient, to: object, kind: str, **more: str) -> TestResponse:
    return send(clerk, f"/office/trips/{school.slug}/asking", to=str(to), **{"as": kind}, **more)


def opens(school: School, page: TestResponse) -> list[str]:
    """Whose form each link of a page opens, by forename."""
    tokens = dict.fromkeys(ADDRESS.findall(page.text))
    return [asking.opened(school.house, token).pupil.forename for token in tokens]


def forenames(school: School) -> list[str]:
    return [pupil.forename for pupil in office.trip_by_slug(factories.fresh(), school.slug).pupils]


def test_each_family_gets_a_link_of_its_own(school: School, clerk: FlaskClient) -> None:
    for kind, squares in (("letters", 5), ("sheet", 5), ("file", 0)):
        page = make(school, clerk, "all", kind)
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
        assert opens(school, page) == forenames(school)
        assert page.text.count("<svg") == squares


def test_the_file_has_a_row_for_each_and_no_cell_that_a_table_works_out(
    school: School, clerk: FlaskClient
) -> None:
    answer = make(school, clerk, "all", "file")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{school.slug}-links.csv"'
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    ada = next(row for row in rows if row["Forename"] == "Ada")
    assert {key: ada[key] for key in ("Surname", "Class", "Group", "Trip", "Opens until")} == {
        "Surname": "Puddlewick",
        "Class": "5P",
        "Group": "Otters",
        "Trip": "Castle Residential",
        "Opens until": "21 May 2027",
    }
    assert ADDRESS.fullmatch(ada["Link"])
    school.slug = make_trip(school, "=SUM(A1)", ())
    office.import_register(school.house, school.office, school.slug, b"Forename,Surname\nFinn,Testname\n")
    assert ",'=SUM(A1),http" in make(school, clerk, "all", "file").text


def test_a_letter_says_what_is_asked_and_until_when(school: School, clerk: FlaskClient) -> None:
    page = words(make(school, clerk, school.pupil("Ada"), "letters"))
    assert "To the family of Ada Puddlewick , 5P Pictures of Ada" in page
    assert "May Ada be in pictures on the school’s website?" in page
    assert "change your answers at any time until 21 May 2027" in page
    assert "reminder" not in page


def test_a_reminder_goes_to_those_with_a_place_still_open(school: School, clerk: FlaskClient) -> None:
    make(school, clerk, "all", "letters")
    consent(school, {"Ada": EVERYWHERE, "Bram": (Channel.X,)})
    page = make(school, clerk, "left", "letters")
    assert sorted(opens(school, page)) == ["Bram", "Cleo", "Dev", "Esme"]
    assert words(page).count("A reminder: pictures of") == 4
    assert (count(Link), len(opens(school, page))) == (9, 4)  # the first letters go on working


def test_when_everybody_has_answered_there_is_nobody_to_remind(school: School, clerk: FlaskClient) -> None:
    all_consent(school)
    assert "A reminder" not in clerk.get(f"/office/trips/{school.slug}/asking").text
    answer = make(school, clerk, "left", "letters")
    assert (answer.status_code, "There is nobody to ask." in words(answer)) == (422, True)


def test_an_odd_wish_is_refused_on_the_page(school: School, clerk: FlaskClient) -> None:
    assert make(school, clerk, "all", "poster").status_code == 422
    assert make(school, clerk, "nobody", "letters").status_code == 422
    assert count(Link) == 0


def test_a_pupil_of_another_trip_is_not_found(school: School, clerk: FlaskClient) -> None:
    other = factories.pupil_of_another_trip(school)
    assert make(school, clerk, other, "letters").status_code == 404
    assert send(clerk, f"/office/trips/{school.slug}/pupils/{other}/links/stop").status_code == 404


def test_the_office_replaces_a_link_that_went_astray(school: School, clerk: FlaskClient) -> None:
    ada = school.pupil("Ada")
    astray = ADDRESS.findall(make(school, clerk, ada, "letters").text)[0]
    new = make(school, clerk, ada, "letters", instead="yes")
    assert opens(school, new) == ["Ada"]
    assert school.client().get(f"/consent/{astray}").status_code == 410
    page = words(clerk.get(f"/office/trips/{school.slug}/pupils/{ada}"))
    assert "1 link works." in page
    for sentence in ("made a link for the family.", "stopped a link."):
        assert f"Ms Office Sample {sentence} Monday 3 May, 10:00" in page
    send(clerk, f"/office/trips/{school.slug}/pupils/{ada}/links/stop")
    page = words(clerk.get(f"/office/trips/{school.slug}/pupils/{ada}"))
    assert ("No link works any more." in page, "Stop all links" in page) == (True, False)


def test_the_pupils_page_says_that_an_answer_came_from_the_family(school: School, clerk: FlaskClient) -> None:
    token = ADDRESS.findall(make(school, clerk, school.pupil("Ada"), "letters").text)[0]
    reference = asking.answer(school.house, token, {Channel.X: False})
    page = clerk.get(f"/office/trips/{school.slug}/pupils/{school.pupil('Ada')}")
    assert f"The parents’ form, reference {reference} Monday 3 May, 10:00, sent by the family" in words(page)
    assert f"The family sent the form, reference {reference}. Monday 3 May, 10:00" in words(page)
    assert "the form, reference" not in words(
        clerk.get(f"/office/trips/{school.slug}/pupils/{school.pupil('Bram')}")
    )
    assert page.text.count("/office/receipts/answers/") == 1


def test_the_office_sees_what_is_still_open(school: School, clerk: FlaskClient) -> None:
    consent(school, {"Ada": EVERYWHERE, "Bram": (Channel.X,)})
    make(school, clerk, school.pupil("Cleo"), "letters")
    page = words(clerk.get(f"/office/trips/{school.slug}/asking"))
    assert "1 of 5 families have answered for every place." in page
    assert "From 3 we have not heard yet; 1 has answered in part." in page
    assert "Bram Thistlebury 5P Families, Website never" in page
    assert "Cleo Merrywhistle 5P everything Monday 3 May" in page
    assert "Ada" not in page


def test_who_may_see_whose_family_has_not_answered(school: School) -> None:
    for who, status in (("author", 200), ("head", 200), ("stranger", 404), ("office", 403)):
        assert school.client(who).get(f"/staff/trips/{school.slug}/answers").status_code == status


def test_staff_read_who_is_silent_and_never_what_anybody_said(school: School) -> None:
    consent(school, {"Ada": EVERYWHERE}, yes=False, note="the father telephoned")
    consent(school, {"Bram": (Channel.X,)}, yes=False)
    page = school.client("author").get(f"/staff/trips/{school.slug}/answers")
    said = words(page)
    assert "Bram Thistlebury 5P · in part" in said
    for hidden in ("Ada", "telephoned", "X (Twitter)", "/consent/"):
        assert hidden not in page.text
    assert [name for name in PUPILS if name in said] == list(PUPILS[1:])
