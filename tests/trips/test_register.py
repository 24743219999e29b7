"""Lists of pupils in the shape of each system's export. Every pupil here is made up."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripupdates.trips.contact_columns import ContactRow
from tripupdates.trips.register import (
    FIELDS,
    HEADERS,
    NeedsMapping,
    Problem,
    PupilRow,
    find_columns,
    guess_mapping,
    identity,
    read_register,
    split_name,
)
from tripupdates.vocabulary import Refused

ARBOR = """Student ID,Legal first name,Legal last name,Preferred first name,Preferred last name,\
Year group,Registration form,House
101,Adelaide,Puddlewick,Ada,Puddlewick,Year 5,5P,Otters
102,Bram,Thistlebury,,,Year 5,5P,Kestrels
"""
SIMS = """"Residential list, Year 5"
"Puddle Lane Primary School"

Forename,Surname,Chosen Forename,Reg,Year,Adno,UPN
Cleopatra,Merrywhistle,Cleo,5L,5,000417,Z00000000001A
Dev,O'Larkington,Dev,5L,5,000418,Z00000000002B
"""
BROMCOM = """Last Name;First Name;Admission Number;UPN;Gender;Year Group;Tutor Group
Bramblethorpe;Esm\u00e9;77;Z00000000003C;Female;6;6P
Quillsworth;Finn;78;Z00000000004D;Male;6;6P
"""


def row(line: int, forename: str, surname: str, **others: str) -> PupilRow:
    values = {"year": "", "class_name": "", "group": "", "reference": ""} | others
    return PupilRow(line, forename, surname, **values, contacts=None)


def pupils(text: str) -> tuple[PupilRow, ...]:
    reading = read_register(text.encode())
    assert reading.problems == ()
    return reading.pupils


def problems(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.reason) for problem in read_register(text.encode()).problems]


def test_an_export_from_arbor_is_read_by_preferred_names() -> None:
    assert pupils(ARBOR) == (
        PupilRow(2, "Ada", "Puddlewick", "Year 5", "5P", "Otters", "101"),
        PupilRow(3, "Bram", "Thistlebury", "Year 5", "5P", "Kestrels", "102"),
    )


def test_a_report_from_sims_is_read_below_its_title() -> None:
    assert pupils(SIMS) == (
        PupilRow(5, "Cleo", "Merrywhistle", "5", "5L", "", "000417"),
        PupilRow(6, "Dev", "O'Larkington", "5", "5L", "", "000418"),
    )


def test_an_export_from_bromcom_is_read_in_windows_letters() -> None:
    reading = read_register(BROMCOM.encode("cp1252"))
    assert reading.pupils == (
        PupilRow(2, "Esmé", "Bramblethorpe", "6", "6P", "", "77"),
        PupilRow(3, "Finn", "Quillsworth", "6", "6P", "", "78"),
    )
    assert reading.headers[0] == "Last Name"
    assert reading.mapping == {
        "forename": 1,
        "surname": 0,
        "year": 5,
        "class_name": 6,
        "reference": 2,
    }


@pytest.mark.parametrize("name", HEADERS)
def test_every_heading_of_the_table_is_found_however_it_is_written(name: str) -> None:
    for header in HEADERS[name]:
        shouted = f" {header.upper().replace(' ', '_')}: "
        assert find_columns(["Gender", shouted]) == {name: (1,)}, header


def test_no_heading_stands_for_two_fields() -> None:
    keys = [key for name in HEADERS for header in HEADERS[name] for key in find_columns([header])]
    assert len(keys) == sum(len(headers) for headers in HEADERS.values())


@pytest.mark.parametrize(
    "headers", [("Legal Surname", "Surname", "Preferred Surname"), ("Surname", "Last Name")]
)
def test_the_heading_nearest_to_what_a_pupil_is_called_wins(headers: tuple[str, ...]) -> None:
    best = {"Preferred Surname": 2, "Last Name": 0}[headers[-1]]
    assert guess_mapping(headers) == {"surname": best}


def test_a_full_name_is_left_out_where_separate_names_are_found() -> None:
    assert guess_mapping(["Student", "Forename", "Surname"]) == {"forename": 1, "surname": 2}


def test_a_group_is_a_group_before_it_is_a_house() -> None:
    assert guess_mapping(["House", "Group"]) == {"group": 1}


def test_a_pupil_without_a_group_is_not_put_into_their_house() -> None:
    assert pupils("Forename,Surname,House,Group\nAda,Puddlewick,Red,\n") == (row(2, "Ada", "Puddlewick"),)


@pytest.mark.parametrize(
    ("header", "cell", "expected"),
    [
        ("Name", '"Baker-Low, Rose Anne"', ("Rose Anne", "Baker-Low")),
        ("Student", "Rose Baker", ("Rose", "Baker")),
        ("Pupil name", '" Baker ,  Rose "', ("Rose", "Baker")),
        ('"Surname, Forename"', "Baker Rose", ("Rose", "Baker")),
    ],
)
def test_a_full_name_in_one_cell_is_split(header: str, cell: str, expected: tuple[str, str]) -> None:
    found = pupils(f"{header},Class\n{cell},5P\n")
    assert found == (row(2, *expected, class_name="5P"),)


@pytest.mark.parametrize("text", ["Rose Anne Baker", "Rose", "Baker, Rose, Anne", "Baker,", ", Rose", ""])
def test_a_name_that_could_be_split_in_two_ways_is_not_split(text: str) -> None:
    assert split_name(text, "Name") is None


def test_a_name_that_cannot_be_split_is_a_problem_of_its_line() -> None:
    assert problems("Name,Class\nRose Anne Baker,5P\nAda Puddlewick,5P\n") == [
        (2, "It is not clear where the surname begins. Write the name as “Surname, Forename”.")
    ]


def test_separate_names_win_over_a_full_name() -> None:
    assert pupils("Student,Forename,Surname\nPuddlewick Adelaide May,Ada,Puddlewick\n") == (
        row(2, "Ada", "Puddlewick"),
    )


@pytest.mark.parametrize(
    ("headers", "recognised"),
    [
        ("Surname,Class", {"surname": 0, "class_name": 1}),
        ("Name,Surname", {"name": 0, "surname": 1}),
        ("First bit,Last bit", {}),
    ],
)
def test_headings_that_do_not_tell_the_names_ask_a_person(headers: str, recognised: dict[str, int]) -> None:
    with pytest.raises(NeedsMapping) as asked:
        read_register(f"{headers}\nAda,Puddlewick\n".encode())
    assert asked.value.headers == tuple(headers.split(","))
    assert asked.value.mapping == recognised
    assert "Please choose them" in asked.value.title


def test_a_mapping_given_by_a_person_is_used_alone() -> None:
    reading = read_register(
        b"First bit,Last bit,Class,Forename\nAda,Puddlewick,5P,Adelaide\n", {"forename": 0, "surname": 1}
    )
    assert reading.pupils == (row(2, "Ada", "Puddlewick"),)
    assert reading.mapping == {"forename": 0, "surname": 1}


def test_a_chosen_column_does_not_fall_back_on_another() -> None:
    reading = read_register(b"Known As,Forename,Surname\n,Ada,Puddlewick\n", {"forename": 0, "surname": 2})
    assert reading.problems == (Problem(2, "There is no forename in this row."),)


@pytest.mark.parametrize(
    "mapping", [{"forename": 0, "surname": 9}, {"forename": -1, "surname": 1}, {"forename": 0, "x": 1}, {}]
)
def test_a_mapping_that_does_not_fit_the_file_is_asked_again(mapping: dict[str, int]) -> None:
    with pytest.raises(NeedsMapping):
        read_register(b"Forename,Surname\nAda,Puddlewick\n", mapping)


def test_a_file_that_is_no_list_is_refused() -> None:
    with pytest.raises(Refused, match="This is a PDF"):
        read_register(b"%PDF-1.7")


def test_a_missing_name_is_a_problem_and_the_other_rows_stand() -> None:
    reading = read_register(b"Forename,Surname\n,Puddlewick\nBram,-\nCleo,Merrywhistle\n")
    assert reading.pupils == (row(4, "Cleo", "Merrywhistle"),)
    assert reading.problems == (
        Problem(2, "There is no forename in this row."),
        Problem(3, "There is no surname in this row."),
    )


NOT_A_NAME = "The forename has a digit or an @ in it. Is it from another column?"
LOST = "The forename has lost a letter. Save the file again as “CSV UTF-8”, or correct it."


@pytest.mark.parametrize(
    ("forename", "reason"),
    [
        ("5P", NOT_A_NAME),
        ("ada@puddle-lane.example", NOT_A_NAME),
        ("Zo?", LOST),
        ("Zo\ufffd", LOST),
        ("(.)", "The forename has no letter in it."),
        ("A" * 81, "The forename is longer than 80 characters. Correct it."),
        ("Ada\u200b", "The forename has an invisible character in it. Type it again."),
        ("=1+1", "The forename begins with “=”, which a spreadsheet takes for a formula. Correct it."),
        ("+Ada", "The forename begins with “+”, which a spreadsheet takes for a formula. Correct it."),
        ("-Ada", "The forename begins with “-”, which a spreadsheet takes for a formula. Correct it."),
        ("@Ada", "The forename begins with “@”, which a spreadsheet takes for a formula. Correct it."),
    ],
)
def test_what_cannot_be_a_name_is_a_problem(forename: str, reason: str) -> None:
    assert problems(f"Forename,Surname\n{forename},Puddlewick\n") == [(2, reason)]


@pytest.mark.parametrize(
    "name", ["A" * 80, "Anne-Marie", "O’Larkington", "Zoë", "van der Wobble", "St. Puddle", "李"]
)
def test_what_can_be_a_name_is_taken(name: str) -> None:
    assert pupils(f"Forename,Surname\nAda,{name}\n") == (row(2, "Ada", name),)


@pytest.mark.parametrize(("name", "most"), [(name, most) for name, (_, most) in FIELDS.items()])
def test_what_the_database_has_no_room_for_is_a_problem(name: str, most: int) -> None:
    cells = {"forename": "Ada", "surname": "Puddlewick"}
    headers = {**cells, name: ""}
    mapping = {key: at for at, key in enumerate(headers)}
    found = []
    for length in (most, most + 1):
        text = ",".join(headers) + "\n" + ",".join({**cells, name: "a" * length}.values())
        found.append(len(read_register(text.encode(), mapping).problems))
    assert found == [0, 1]


def test_a_formula_is_a_problem_only_in_a_column_that_is_taken_in() -> None:
    text = "Forename,Surname,Class,Mobile\nAda,Puddlewick,=A1,+44 1\nBram,Thistlebury,5P,+44 2\n"
    assert problems(text) == [
        (2, "The class begins with “=”, which a spreadsheet takes for a formula. Correct it.")
    ]


def test_a_row_with_a_loose_comma_is_a_problem() -> None:
    ((line, reason),) = problems("Name,Class,Year\nPuddlewick, Ada,5P,5\nBram Thistlebury,5P,5\n")
    assert line == 2
    assert reason.startswith("This row has more cells than there are headings")


def test_the_same_pupil_twice_is_a_problem_that_names_both_lines() -> None:
    text = "Forename,Surname,Class\nAda,Puddlewick,5P\nBram,Thistlebury,5P\nADA,  puddlewick,5p\n"
    assert problems(text) == [(4, "The same pupil is on lines 2 and 4. Delete one.")]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Ada,Puddlewick,5P,101", "Ada,Puddlewick,5P,102", False),
        ("Ada,Puddlewick,5P,101", "Bram,Thistlebury,5L,101", True),
        ("Ada,Puddlewick,5P,101", "Ada,Puddlewick,5P,", True),
        ("Ada,Puddlewick,5P,", "Ada,Puddlewick,5P,101", True),
        ("Ada,Puddlewick,5P,", "Ada,Puddlewick,5L,", False),
        ("Zoe,Puddlewick,5P,", "Zoë,Puddlewick,5P,", False),
    ],
)
def test_what_tells_two_pupils_apart(first: str, second: str, same: bool) -> None:
    found = problems(f"Forename,Surname,Class,Reference\n{first}\n{second}\n")
    assert found == ([(3, "The same pupil is on lines 2 and 3. Delete one.")] if same else [])


def test_a_row_without_a_reference_may_be_any_of_its_namesakes_so_the_first_is_named() -> None:
    text = "Name,Reference\nAda Puddlewick,101\nAda Puddlewick,102\nAda Puddlewick,\n"
    assert problems(text) == [(4, "The same pupil is on lines 2 and 4. Delete one.")]


def test_an_identity_is_the_same_however_a_pupil_is_typed() -> None:
    assert identity("Zoë", "O’Larkington", "5P") == identity(" ZOE\u0308 ", "o'larkington", "5p")
    assert identity("Ada", "Groß", "") == identity("Ada", "GROSS", "")
    assert identity("Zoë", "Low", "5P") != identity("Zoe", "Low", "5P")


def test_no_two_pupils_share_an_identity_by_where_a_name_ends() -> None:
    assert (
        len({identity("Ada May", "Low", ""), identity("Ada", "May Low", ""), identity("Ada", "May", "Low")})
        == 3
    )


def test_a_list_written_twice_differently_has_the_same_identities() -> None:
    def identities(data: bytes) -> list[str]:
        return [identity(at.forename, at.surname, at.class_name) for at in read_register(data).pupils]

    decomposed = unicodedata.normalize("NFD", BROMCOM).replace("6P", " 6p ")
    assert identities(decomposed.encode("utf-16")) == identities(BROMCOM.encode("cp1252"))


def test_a_list_of_2000_pupils_is_read_whole() -> None:
    letters = "abcdefghijklmno"
    names = [f"{a}{b}{c}" for a in letters for b in letters for c in letters][:2_000]
    text = "Forename,Surname\n" + "\n".join(f"Ada,{name}" for name in names)
    assert len(pupils(text)) == 2_000


def test_a_pupil_s_name_does_not_show_in_a_log() -> None:
    shown = repr(read_register(ARBOR.encode()))
    assert not any(word in shown for word in ("Ada", "Puddlewick", "101"))


@given(st.lists(st.text(min_size=0, max_size=8), min_size=1, max_size=9))
def test_any_cells_are_pupils_or_problems_and_no_row_is_lost(names: list[str]) -> None:
    quoted = ['"' + name.replace('"', '""').replace("\0", "") + '"' for name in names]
    text = "Forename,Surname\n" + "\n".join(f"{name},Puddlewick" for name in quoted)
    reading = read_register(text.encode())
    told = {pupil.line for pupil in reading.pupils} | {problem.line for problem in reading.problems}
    assert len(told) == len(names)


# Contacts

CONTACTS = {
    "Arbor": """First name,Last name,Primary Guardian name,Primary Guardian relationship,Primary Guardian mobile,\
Primary Guardian email address,Guardian 2 mobile
Ada,Puddlewick,Rose Puddlewick,Mother,07700 900123,rose@home.example,07700 900124
""",
    "SIMS": """Forename,Surname,Priority 1 Contact - Full Name,Priority 1 Contact - Relationship,\
Priority 1 Contact - Mobile Telephone,Priority 1 Contact - Main E-mail,Priority 2 Contact - Mobile Telephone
Ada,Puddlewick,Rose Puddlewick,Mother,7700900123,rose@home.example,+447700900124
""",
    "Bromcom": """Last Name;First Name;Contact 1 Name;Contact 1 Relationship;Contact 1 Tel;Contact 1 Email;Contact 2 Tel
Puddlewick;Ada;Rose Puddlewick;Mother;(07700) 900123;rose@home.example;0044 7700 900124
""",
    "typed": """Child's First Name,Child's Surname,Parent 1 Name,Relation Parent 1,\
Mobile Parent 1,Email (Parent 1),Parent 2 Phone
Ada,Puddlewick,Rose Puddlewick,Mother,07700 900123,rose@home.example,07700 900124
""",
}


@pytest.mark.parametrize("system", CONTACTS)
def test_contacts_are_read_as_each_system_heads_them(system: str) -> None:
    (pupil,) = pupils(CONTACTS[system])
    assert pupil.contacts == (
        ContactRow(1, "Rose Puddlewick", "Mother", "+447700900123", "rose@home.example"),
        ContactRow(2, "", "", "+447700900124", ""),
    )


def test_what_may_be_the_childs_own_is_no_contact() -> None:
    (pupil,) = pupils("Forename,Surname,Email,Mobile\nAda,Puddlewick,ada@school.example,07700 900123\n")
    assert pupil.contacts is None


def test_a_column_that_nobody_knows_is_named_and_one_that_was_chosen_is_not() -> None:
    data = b"Forename,Surname,Mobile,Gran's telephone,Dinner money\nAda,Puddlewick,,07700 900123,2.40\n"
    assert read_register(data).unread == ("Mobile", "Gran's telephone", "Dinner money")
    chosen = {"forename": 0, "surname": 1, "contact1_phone": 3}
    assert read_register(data, chosen).unread == ("Mobile", "Dinner money")


def test_a_bad_number_is_a_problem_of_its_line_and_the_rest_stands() -> None:
    text = "Forename,Surname,Contact 1 Mobile,Contact 1 Email,Contact 2 Mobile\n"
    reading = read_register(
        f"{text}Ada,Puddlewick,020 7946 0000,rose@home.example,0770\nBram,Thistlebury,,,-\n".encode()
    )
    assert [(each.forename, each.contacts) for each in reading.pupils] == [
        ("Ada", (ContactRow(1, "", "", "", "rose@home.example"),)),
        ("Bram", ()),
    ]
    left_out = "It is left out; the rest of the row is read."
    assert [(problem.line, problem.reason) for problem in reading.problems] == [
        (
            2,
            f"The mobile number of contact 1 is not a mobile number, so it takes no text messages. {left_out}",
        ),
        (2, f"The mobile number of contact 2 is not a telephone number. {left_out}"),
    ]


def test_a_contact_that_a_spreadsheet_would_run_or_that_no_column_holds_is_left_out() -> None:
    text = "Forename,Surname,Contact 1 Name,Contact 1 Relation,Contact 1 Mobile,Contact 1 Email\n"
    reading = read_register(f'{text}Ada,Puddlewick,"=HYPERLINK(1)",{"x" * 41},07700 900123,rose\n'.encode())
    assert [each.contacts for each in reading.pupils] == [(ContactRow(1, "", "", "+447700900123", ""),)]
    assert len(reading.problems) == 3
