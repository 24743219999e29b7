"""The office's steps: trips, lists of pupils, consent files. Dry runs write nothing; the same file again changes nothing."""

from datetime import date

import pytest
import sqlalchemy as sa

from tests.factories import EVERYWHERE, PUPILS, REGISTER, School, approved, consent, work
from tripupdates import office
from tripupdates.consent.records import Answer, current
from tripupdates.database import fresh
from tripupdates.trips.records import Pupil
from tripupdates.vocabulary import Channel, Conflict, NotFound, Order, Refused

HEADERS = "Forename,Surname,Year,Class,Group\n"
CONSENT = "Forename,Surname,Class,Families page,School website,X (Twitter)\n"


def _names() -> list[str]:
    rows = fresh().scalars(sa.select(Pupil).order_by(Pupil.surname))
    return sorted(f"{pupil.forename} {pupil.surname}" for pupil in rows)


def _import(school: School, text: str, despite: bool = False) -> office.RegisterPreview:
    return office.import_register(school.house, school.office, school.slug, text.encode(), None, despite)


def _answers(school: School, text: str) -> tuple[int, int]:
    _, new, refused = office.import_consent(
        school.house, school.office, school.slug, (CONSENT + text).encode(), "export of 3 May"
    )
    return new, refused


def _given(school: School, name: str) -> set[Channel]:
    return set(current(fresh(), school.trip_id()).get(school.pupil(name), ()))


def test_the_list_is_as_the_file_says(school: School) -> None:
    assert _names() == sorted(PUPILS)
    groups = {group.name: group for group in office.trip_by_slug(fresh(), school.slug).groups}
    assert sorted(groups) == ["Kestrels", "Otters"]


def test_importing_the_same_file_again_changes_nothing(school: School) -> None:
    ids = fresh().scalars(sa.select(Pupil.id).order_by(Pupil.id)).all()
    done = _import(school, REGISTER)
    assert (done.new, done.changed, done.missing) == ((), (), ())
    assert fresh().scalars(sa.select(Pupil.id).order_by(Pupil.id)).all() == ids


def test_a_dry_run_writes_nothing(school: School) -> None:
    before = _names()
    preview = office.preview_register(
        school.slug, (HEADERS + "Zeb,Newcombe-Test,Year 5,5P,Otters\n").encode()
    )
    assert [row.forename for row in preview.new] == ["Zeb"]
    assert len(preview.missing) == 5
    assert _names() == before


def test_one_bad_row_changes_nothing_until_confirmed(school: School) -> None:
    text = HEADERS + "Zeb,Newcombe-Test,Year 5,5P,Otters\n,Nameless,Year 5,5P,Otters\n"
    with pytest.raises(Refused) as refused:
        _import(school, text)
    assert refused.value.reasons[0].startswith("Line 3: ")
    assert _names() == sorted(PUPILS)
    _import(school, text, despite=True)
    assert _names() == sorted([*PUPILS, "Zeb Newcombe-Test"])


def test_a_pupil_who_changes_group_stays_the_same_pupil(school: School) -> None:
    ada = school.pupil("Ada")
    done = _import(school, HEADERS + "Ada,Puddlewick,Year 5,5P,Hedgehogs\n")
    assert (len(done.new), len(done.changed)) == (0, 1)
    pupil = fresh().get_one(Pupil, ada)
    assert pupil.group is not None
    assert pupil.group.name == "Hedgehogs"


def test_references_that_come_later_find_the_same_pupils(school: School) -> None:
    ada = school.pupil("Ada")
    text = "Forename,Surname,Class,Admission Number\nAda,Puddlewick,5P,001234\n"
    _import(school, text)
    _import(school, text)
    assert _names() == sorted(PUPILS)
    assert fresh().get_one(Pupil, ada).reference == "001234"


def test_a_reference_is_the_same_in_either_case(school: School) -> None:
    for reference in ("A1", "a1"):
        _import(school, f"Forename,Surname,Class,Admission Number\nAda,Puddlewick,5P,{reference}\n")
    assert _names() == sorted(PUPILS)


def test_namesakes_with_references_of_their_own_are_two_pupils(school: School) -> None:
    ada = school.pupil("Ada")
    consent(school, {"Ada": (Channel.X,)})
    rows = "Ada,Puddlewick,5P,001\nAda,Puddlewick,5P,002\n"
    for new in (1, 0):
        assert len(_import(school, "Forename,Surname,Class,Admission Number\n" + rows).new) == new
    assert _names() == sorted([*PUPILS, "Ada Puddlewick"])
    given = current(fresh(), school.trip_id())
    assert {pupil for pupil, channels in given.items() if channels} == {ada}


def test_a_trip_needs_days_in_order_and_a_name_of_its_own(school: School) -> None:
    with pytest.raises(Refused, match="last day"):
        office.make_trip(school.house, school.office, "Moor", "A moor", date(2027, 5, 7), date(2027, 5, 3))
    with pytest.raises(Conflict):
        office.make_trip(
            school.house, school.office, "Castle Residential", "x", date(2027, 5, 3), date(2027, 5, 7)
        )


def test_a_new_code_is_another_code(school: School) -> None:
    before = office.trip_by_slug(fresh(), school.slug).code
    office.change_code(school.house, school.office, school.slug)
    assert office.trip_by_slug(fresh(), school.slug).code != before


def test_a_trip_that_is_not_there_is_not_found(school: School) -> None:
    with pytest.raises(NotFound):
        office.preview_register("nowhere-2027", b"Forename,Surname\nA,B\n")


def test_consent_is_recorded_as_the_file_says(school: School) -> None:
    assert _answers(school, "Ada,Puddlewick,5P,Yes,Y,given\nBram,Thistlebury,5P,no,withheld,\n") == (5, 2)
    assert _given(school, "Ada") == set(EVERYWHERE)
    assert _given(school, "Bram") == set()


def test_the_same_consent_file_again_is_no_new_answer(school: School) -> None:
    for _ in range(2):
        _answers(school, "Ada,Puddlewick,5P,Yes,Yes,No\n")
    assert fresh().scalar(sa.select(sa.func.count(Answer.id))) == 3


def test_an_unknown_word_is_a_no_and_is_reported(school: School) -> None:
    reading, new, refused = office.import_consent(
        school.house,
        school.office,
        school.slug,
        (CONSENT + "Ada,Puddlewick,5P,Yes,perhaps,Yes\n").encode(),
        "export",
    )
    assert (new, refused, len(reading.problems)) == (3, 1, 1)
    assert "perhaps" in reading.problems[0].reason
    assert _given(school, "Ada") == {Channel.FAMILIES, Channel.X}


def test_a_blank_where_there_was_a_yes_withdraws_it(school: School) -> None:
    consent(school, {"Ada": EVERYWHERE, "Bram": EVERYWHERE})
    update = approved(school, ("Ada", "Bram"))
    assert _answers(school, "Ada,Puddlewick,5P,Yes,Yes,\n") == (1, 1)
    assert _given(school, "Ada") == {Channel.FAMILIES, Channel.WEBSITE}
    assert school.deliveries(update)["x"] == "stopped"


def test_pupils_who_are_not_in_the_file_keep_their_answers_and_are_listed(school: School) -> None:
    consent(school, {"Bram": EVERYWHERE})
    reading = office.preview_consent(school.slug, (CONSENT + "Ada,Puddlewick,5P,Yes,Yes,Yes\n").encode())
    assert str(school.pupil("Bram")) in reading.silent
    assert _answers(school, "Ada,Puddlewick,5P,Yes,Yes,Yes\n") == (3, 0)
    assert _given(school, "Bram") == set(EVERYWHERE)


def test_a_no_in_a_file_takes_down_what_is_out(school: School) -> None:
    consent(school, {"Ada": EVERYWHERE, "Bram": EVERYWHERE})
    update = approved(school, ("Ada", "Bram"))
    work(school)
    _answers(school, "Ada,Puddlewick,5P,No,No,No\n")
    assert set(school.deliveries(update, Order.REMOVE)) == {"families", "website"}
