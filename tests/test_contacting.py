"""Families' numbers and addresses: imported, typed, left out, gone with the trip. Who wants no messages is never forgotten."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.factories import School, count, make_trip, open_school
from tests.families import NUMBERS, families, family
from tripupdates import asking, contacting, office, stopping
from tripupdates.audit import Line
from tripupdates.database import fresh
from tripupdates.trips import contacts
from tripupdates.trips.contacts import Contact, Difference, OptOut
from tripupdates.vocabulary import Channel, Forbidden, NotFound, Refused
from tripupdates.withdrawals import NAME, read

TEXT, EMAIL = Channel.TEXT, Channel.EMAIL
HEADERS = "Forename,Surname,Class,Contact 1 Name,Contact 1 Mobile,Contact 1 Email,Contact 2 Mobile\n"
ADA = "Ada,Puddlewick,5P,Rose Puddlewick,07700 900123,rose@home.example,07700 900124\n"


def bring(school: School, text: str) -> Difference | None:
    return office.import_register(
        school.house, school.office, school.slug, (HEADERS + text).encode(), None, True
    ).contacts


def kept(school: School, name: str = "Ada") -> list[tuple[int, str, str, str]]:
    rows = contacts.of_pupil(fresh(), school.pupil(name))
    return [(row.place, row.name, row.phone, row.email) for row in rows]


def reached(school: School, way: Channel = TEXT) -> contacts.Reach:
    trip = office.trip_by_slug(fresh(), school.slug)
    return contacts.reach(fresh(), school.house.settings.families_key, trip, way)


def leave_out(school: School, contact: UUID, way: Channel, is_out: bool = True, name: str = "Ada") -> None:
    contacting.leave_out(
        school.house,
        school.office,
        school.slug,
        school.pupil(name),
        contact,
        way,
        is_out,
    )


@pytest.mark.both_engines
def test_contacts_come_with_the_list_and_the_same_list_again_changes_nothing(school: School) -> None:
    assert office.preview_register(school.slug, (HEADERS + ADA).encode()).contacts == Difference(new=2)
    assert count(Contact) == 0
    assert bring(school, ADA) == Difference(new=2)
    ids = {row.id for row in contacts.of_pupil(fresh(), school.pupil("Ada"))}
    assert bring(school, ADA) == Difference()
    assert {row.id for row in contacts.of_pupil(fresh(), school.pupil("Ada"))} == ids
    assert kept(school) == [
        (1, "Rose Puddlewick", "+447700900123", "rose@home.example"),
        (2, "", "+447700900124", ""),
    ]


def test_a_newer_list_takes_the_place_of_an_older_one_and_what_was_typed_stays(school: School) -> None:
    bring(school, ADA)
    family(school, "Ada", "+447700900199")
    changed = "Ada,Puddlewick,5P,Rose Puddlewick,07700 900125,rose@home.example,\n"
    preview = office.preview_register(school.slug, (HEADERS + changed).encode())
    assert preview.contacts == bring(school, changed) == Difference(changed=1, gone=1)
    assert [phone for _, _, phone, _ in kept(school)] == ["+447700900125", "+447700900199"]


def test_a_list_without_contacts_leaves_them_alone(school: School) -> None:
    bring(school, ADA)
    done = office.import_register(
        school.house, school.office, school.slug, b"Forename,Surname,Class\nAda,Puddlewick,5P\n"
    )
    assert (done.contacts, len(kept(school))) == (None, 2)


def test_a_bad_number_is_told_and_the_rest_of_its_line_is_taken(school: School) -> None:
    line = "Ada,Puddlewick,5P,Rose Puddlewick,020 7946 0000,rose@home.example,\n"
    with pytest.raises(Refused, match="nothing was changed") as refused:
        office.import_register(school.house, school.office, school.slug, (HEADERS + line).encode())
    assert "is not a mobile number" in refused.value.reasons[0]
    assert bring(school, line) == Difference(new=1)
    assert kept(school) == [(1, "Rose Puddlewick", "", "rose@home.example")]


def test_what_the_office_changed_is_its_own_from_then_on(school: School) -> None:
    bring(school, ADA)
    first = contacts.of_pupil(fresh(), school.pupil("Ada"))[0].id
    where = (school.house, school.office, school.slug, school.pupil("Ada"))
    contacting.keep(*where, first, "Rose", "Mother", "07700 900150", "")
    assert bring(school, ADA) == Difference(new=1)
    assert ("Rose", "+447700900150") in [(name, phone) for _, name, phone, _ in kept(school)]


@pytest.mark.parametrize(
    ("phone", "email", "reason"),
    [
        ("", " ", "Give a mobile number or an e-mail address."),
        ("020 7946 0000", "", "“020 7946 0000” is not a mobile number, so it takes no text messages."),
        ("07700", "rose", "“07700” is not a telephone number."),
    ],
)
def test_what_takes_no_message_is_not_kept(school: School, phone: str, email: str, reason: str) -> None:
    where = (school.house, school.office, school.slug, school.pupil("Ada"))
    with pytest.raises(Refused, match="was not kept") as refused:
        contacting.keep(*where, None, "", "", phone, email)
    assert (refused.value.reasons[0], count(Contact)) == (reason, 0)


def test_a_pupil_has_a_few_contacts_and_no_more(school: School) -> None:
    for number in range(contacting.MOST):
        family(school, "Ada", f"+4477009001{number:02}")
    with pytest.raises(Refused, match="at most 8 contacts"):
        family(school, "Ada", "+447700900199")


def test_only_the_office_keeps_contacts_and_only_of_their_own_trip(school: School) -> None:
    contact = family(school, "Ada", NUMBERS["Ada"])
    for who in ("author", "head"):
        with pytest.raises(Forbidden):
            contacting.remove(school.house, school.people[who], school.slug, school.pupil("Ada"), contact)
    other = make_trip(school, "Moor Residential", ())
    with pytest.raises(NotFound):
        contacting.remove(school.house, school.office, other, school.pupil("Ada"), contact)
    with pytest.raises(NotFound):
        contacting.remove(school.house, school.office, school.slug, school.pupil("Bram"), contact)
    assert count(Contact) == 1


@pytest.mark.both_engines
def test_who_wants_none_gets_none_though_the_contact_goes_and_comes_again(school: School) -> None:
    bring(school, ADA)
    first = contacts.of_pupil(fresh(), school.pupil("Ada"))[0].id
    leave_out(school, first, TEXT)
    leave_out(school, first, TEXT)
    assert count(OptOut) == 1  # to say it twice changes nothing
    assert ([each.phone for each in reached(school).to], reached(school).left_out) == (["+447700900124"], 1)
    assert [each.email for each in reached(school, EMAIL).to] == ["rose@home.example"]
    contacting.remove(school.house, school.office, school.slug, school.pupil("Ada"), first)
    bring(school, ADA)
    assert reached(school).left_out == 1
    again = contacts.of_pupil(fresh(), school.pupil("Ada"))[0].id
    leave_out(school, again, TEXT, is_out=False)
    assert len(reached(school).to) == 2


def test_of_whoever_wants_none_only_a_hash_with_the_schools_key_is_kept(
    school: School, tmp_path: Path
) -> None:
    contact = family(school, "Ada", NUMBERS["Ada"], "Rose@Home.example")
    leave_out(school, contact, TEXT)
    leave_out(school, contact, EMAIL)
    marks = list(fresh().scalars(sa.select(OptOut.mark).order_by(OptOut.id)))
    key = school.house.settings.families_key
    assert marks == [contacts.mark(key, TEXT, NUMBERS["Ada"]), contacts.mark(key, EMAIL, "rose@home.example")]
    assert contacts.mark(b"another key", TEXT, NUMBERS["Ada"]) not in marks
    log = (school.house.settings.instance / NAME).read_text()
    lines = " ".join(line.subject for line in fresh().scalars(sa.select(Line)))
    for told in (log, lines):
        assert NUMBERS["Ada"][3:] not in told
        assert "home.example" not in told.casefold()
    assert [each.mark for each in read(school.house.settings.instance / NAME)] == marks


def test_nobody_changes_or_deletes_what_families_asked_for(school: School) -> None:
    leave_out(school, family(school, "Ada", NUMBERS["Ada"]), TEXT)
    for deed in ("UPDATE opt_out SET out = false", "DELETE FROM opt_out"):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"):
            fresh().execute(sa.text(deed))


def test_a_restore_leaves_out_again_who_asked_since(school: School) -> None:
    key = school.house.settings.families_key
    mark = contacts.mark(key, TEXT, NUMBERS["Ada"])
    assert contacting.leave_out_again(school.house, mark) == 1
    assert contacting.leave_out_again(school.house, mark) == 0
    family(school, "Ada", NUMBERS["Ada"])
    assert reached(school).left_out == 1


def test_the_link_in_a_mail_stops_mails_to_that_address_and_nothing_else(school: School) -> None:
    family(school, "Ada", NUMBERS["Ada"], "rose@home.example")
    mark = contacts.mark(school.house.settings.families_key, EMAIL, "rose@home.example")
    token = stopping.address(school.house.settings, mark).rpartition("/")[2]
    assert contacting.is_link(school.house, token)
    assert reached(school, EMAIL).left_out == 0  # a look changes nothing
    contacting.stop_by_link(school.house, token)
    assert (reached(school, EMAIL).left_out, reached(school).left_out) == (1, 0)
    (row,) = fresh().scalars(sa.select(OptOut))
    assert (row.how, row.by) == ("link", None)


@pytest.mark.parametrize("token", ["", "abc", "é", "A" * 64, "A" * 400])
def test_a_link_that_somebody_made_up_stops_nothing(school: School, token: str) -> None:
    with pytest.raises(NotFound):
        contacting.stop_by_link(school.house, token)
    assert count(OptOut) == 0


def test_a_link_of_another_school_stops_nothing_here(school: School, tmp_path: Path) -> None:
    token = stopping.address(school.house.settings, "0" * 64).rpartition("/")[2]
    home = tmp_path / "other"
    home.mkdir()
    with open_school(home, secret_key="another secret of at least 32 letters") as other:
        assert not contacting.is_link(other.house, token)


@pytest.mark.parametrize(
    ("typed", "way"),
    [("07700 900123", TEXT), ("+44 7700 900123", TEXT), (" ROSE@home.example", EMAIL)],
)
def test_whoever_holds_the_parents_form_stops_messages_to_what_they_type(
    school: School, typed: str, way: Channel
) -> None:
    family(school, "Ada", "+447700900123", "rose@home.example")
    (link,) = asking.make_links(school.house, school.office, school.slug, school.pupils("Ada"))
    assert contacting.stop_by_form(school.house, link.token, typed) is way
    assert reached(school, way).left_out == 1
    assert fresh().scalars(sa.select(OptOut.how)).all() == ["form"]


@pytest.mark.parametrize("typed", ["", "07700 900101", "bram@home.example", "x"])
def test_nobody_stops_messages_to_other_families(school: School, typed: str) -> None:
    families(school)
    (link,) = asking.make_links(school.house, school.office, school.slug, school.pupils("Ada"))
    with pytest.raises(Refused, match="no such number or address for Ada"):
        contacting.stop_by_form(school.house, link.token, typed)
    assert count(OptOut) == 0


@pytest.fixture
def over(school: School) -> Iterator[School]:
    """The last moment at which families' pages of the trip stand."""
    families(school)
    school.clock.now = school.clock.now.replace(month=5, day=21, hour=22, minute=59)
    yield school


@pytest.mark.both_engines
def test_contacts_are_deleted_with_the_trip_and_counted(over: School) -> None:
    contacting.expire(over.house)
    assert count(Contact) == 5
    over.clock.now += timedelta(minutes=1)
    contacting.expire(over.house)
    contacting.expire(over.house)
    assert count(Contact) == 0
    lines = fresh().scalars(sa.select(Line.subject).where(Line.event == "deleted contacts")).all()
    assert lines == [f"{over.trip_id()} 5"]
