"""Consent files in the shape of each system's export, read against a trip of made-up pupils."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripupdates.consent.register import (
    ANSWERS,
    CHANNEL_HEADERS,
    LEAD_INS,
    AnswerRow,
    ConsentReading,
    KnownPupil,
    channel_of,
    guess_mapping,
    read_consent,
)
from tripupdates.trips.register import NeedsMapping, Problem
from tripupdates.vocabulary import Channel, Refused

FAMILIES, WEBSITE, X = Channel.FAMILIES, Channel.WEBSITE, Channel.X
ADA = KnownPupil("ada", "Ada", "Puddlewick", "5P", "101")
BRAM = KnownPupil("bram", "Bram", "Thistlebury", "5P", "102")
ZOE = KnownPupil("zoe", "Zoë", "O'Larkington", "5L", "")
TRIP = (ADA, BRAM, ZOE)

NO_PLAIN = "is not a plain yes or no, so it counts as a no for the"


def read(text: str, *pupils: KnownPupil) -> ConsentReading:
    return read_consent(text.encode(), pupils or TRIP)


def yeses(text: str, *pupils: KnownPupil) -> set[tuple[str, Channel]]:
    return {(answer.pupil_id, answer.channel) for answer in read(text, *pupils).answers if answer.yes}


def one(cell: str) -> ConsentReading:
    return read(f"Forename,Surname,Website\nAda,Puddlewick,{cell}\n", ADA)


def problems(text: str, *pupils: KnownPupil) -> list[tuple[int, str]]:
    reading = read(text, *pupils)
    assert reading.answers == ()
    return [(problem.line, problem.reason) for problem in reading.problems]


def test_an_export_with_every_channel_is_read_word_for_word() -> None:
    text = (
        "Forename,Surname,Class,Families page,School website,X (Twitter)\n"
        "Ada,Puddlewick,5P,Yes,No,\n"
        "Bram,Thistlebury,5P,Given,Withheld,ask first\n"
    )
    assert read(text) == ConsentReading(
        headers=("Forename", "Surname", "Class", "Families page", "School website", "X (Twitter)"),
        mapping={"forename": 0, "surname": 1, "class_name": 2, "families": 3, "website": 4, "x": 5},
        answers=(
            AnswerRow(2, "ada", FAMILIES, True, "Yes"),
            AnswerRow(2, "ada", WEBSITE, False, "No"),
            AnswerRow(3, "bram", FAMILIES, True, "Given"),
            AnswerRow(3, "bram", WEBSITE, False, "Withheld"),
            AnswerRow(3, "bram", X, False, "ask first"),
        ),
        problems=(Problem(3, f"“ask first” {NO_PLAIN} X (Twitter)."),),
        silent=("zoe",),
        blanks=1,
    )


def test_a_consent_export_from_arbor_is_read_by_its_student_ids() -> None:
    text = (
        "Student ID,Student,Registration Form,Photo consent: School website,Photo consent: Social media\n"
        '101,"Puddlewick, Adelaide",5P,Given,Withheld\n'
        '102,"Thistlebury, Bram",5P,Given,Given\n'
    )
    assert yeses(text) == {("ada", WEBSITE), ("bram", WEBSITE), ("bram", X)}


def test_a_consent_report_from_sims_is_read_below_its_title() -> None:
    text = "Parental consents, Year 5\n\nSurname;Forename;Reg;Photos on website\nPuddlewick;Ada;5P;Y\n"
    assert read(text, ADA).answers == (AnswerRow(4, "ada", WEBSITE, True, "Y"),)


def test_a_consent_report_from_bromcom_is_read_in_windows_letters() -> None:
    text = "Last Name\tFirst Name\tTutor Group\tTwitter\nO’Larkington\tZoë\t5L\tTrue\n"
    assert read_consent(text.encode("cp1252"), TRIP).answers == (AnswerRow(2, "zoe", X, True, "True"),)


@pytest.mark.parametrize(("word", "meaning"), ANSWERS.items())
@pytest.mark.parametrize("shape", ["{}", "  {}  "])
def test_every_word_of_the_table_means_what_it_says(word: str, meaning: bool | None, shape: str) -> None:
    for written in (word, word.upper(), word.title()):
        reading = one(shape.format(written))
        assert [answer.yes for answer in reading.answers] == ([] if meaning is None else [meaning])
        assert reading.blanks == (1 if meaning is None else 0)
        assert reading.problems == ()
        assert reading.silent == ()


@pytest.mark.parametrize("written", ["Yes.", "\u2714\ufe0f", "\u00a0yes", "YES"])
def test_decoration_changes_no_answer(written: str) -> None:
    assert one(written).answers == (AnswerRow(2, "ada", WEBSITE, True, written.strip()),)


@pytest.mark.parametrize(
    "word",
    [
        *(
            "yes?",
            "Yes except X",
            "ask first",
            "yes/no",
            "yes - group photos only",
            "y n",
            "not yes",
            "x",
            "2",
            "ok",
        ),
        *("yes!", "tick", "=TRUE()", "ye s", "yes y", "01", "None", "?", "5P", "Yés"),
    ],
)
def test_any_other_word_is_a_no_and_is_reported(word: str) -> None:
    reading = one(word)
    assert reading.answers == (AnswerRow(2, "ada", WEBSITE, False, word),)
    assert reading.problems == (Problem(2, f"“{word}” {NO_PLAIN} School website."),)


def test_a_long_remark_is_a_no_and_is_cut() -> None:
    (answer,) = one("yes " * 40).answers
    assert answer == AnswerRow(2, "ada", WEBSITE, False, ("yes " * 15))


@given(st.text() | st.tuples(st.sampled_from(list(ANSWERS)), st.text(max_size=2)).map("".join))
def test_only_a_plain_yes_is_ever_a_yes(word: str) -> None:
    quoted = '"' + word.replace('"', '""').replace("\0", "") + '"'
    plain = word.replace("\ufe0e", "").replace("\ufe0f", "").casefold()
    said = ANSWERS.get(" ".join(plain.replace("\0", "").split()).removesuffix(".").rstrip(), False)
    assert any(answer.yes for answer in one(quoted).answers) == (said is True)


def test_a_blank_is_no_record_and_is_counted() -> None:
    reading = read("Forename,Surname,Website,X\nAda,Puddlewick,,n/a\nBram,Thistlebury,Yes\n")
    assert reading.answers == (AnswerRow(3, "bram", WEBSITE, True, "Yes"),)
    assert reading.blanks == 3
    assert reading.silent == ("zoe",)


def test_a_pupil_who_is_not_on_the_trip_is_a_problem() -> None:
    assert problems("Forename,Surname,Website\nCleo,Merrywhistle,Yes\n") == [
        (2, "This pupil is not on the trip's list.")
    ]


def test_an_accent_tells_two_names_apart() -> None:
    assert problems("Forename,Surname,Website\nZoe,O'Larkington,Yes\n") == [
        (2, "This pupil is not on the trip's list.")
    ]


def test_a_row_without_a_pupil_is_a_problem() -> None:
    assert problems("Forename,Surname,Class,Website\n,,5P,Yes\n") == [(2, "There is no pupil in this row.")]


def test_a_row_with_a_loose_comma_moves_no_answer_into_another_column() -> None:
    ((line, reason),) = problems("Name,Website,X,Families page\nPuddlewick, Ada,Yes,No,Yes\n")
    assert line == 2
    assert reason.startswith("This row has more cells than there are headings")
    assert read("Name,Website,X\nPuddlewick, Ada,Yes,No\n").silent == ("ada", "bram", "zoe")


NAMESAKES = (KnownPupil("one", "Rose", "Low", "5P", ""), KnownPupil("two", "Rose", "Low", "5L", ""))


def test_a_name_that_two_pupils_have_is_a_problem_and_no_answer() -> None:
    reading = read("Name,Website\nRose Low,Yes\n", *NAMESAKES)
    assert reading.answers == ()
    assert reading.problems == (
        Problem(2, "More than one pupil on the trip has this name. Add the class or a reference."),
    )
    assert reading.silent == ("one", "two")


def test_the_class_tells_two_pupils_of_one_name_apart() -> None:
    assert yeses("Name,Class,Website\nRose Low,5l,Yes\n", *NAMESAKES) == {("two", WEBSITE)}


def test_a_namesake_in_another_class_is_not_the_pupil_of_the_trip() -> None:
    ((line, reason),) = problems("Name,Class,Website\nAda Puddlewick,3K,Yes\n")
    assert line == 2
    assert reason.startswith("A pupil with this name is on the trip, in another class.")


def test_a_namesake_with_another_reference_is_not_the_pupil_of_the_trip() -> None:
    ((line, reason),) = problems("Name,Reference,Website\nAda Puddlewick,999,Yes\n")
    assert line == 2
    assert reason.startswith("A pupil with this name is on the trip, with another reference.")


def test_a_reference_finds_a_pupil_whose_surname_or_class_has_changed() -> None:
    assert yeses("Name,Class,Reference,Website\nAda Sandpiper,6P,101,Yes\n") == {("ada", WEBSITE)}


def test_a_reference_alone_is_enough() -> None:
    assert yeses("Reference,Website\n102,Yes\n") == {("bram", WEBSITE)}


def test_a_reference_beside_someone_elses_name_is_a_problem() -> None:
    ((line, reason),) = problems("Name,Reference,Website\nBram Thistlebury,101,Yes\n")
    assert line == 2
    assert reason.startswith("The reference is that of a pupil on the trip, and the name is someone else's.")


def test_a_reference_that_two_pupils_have_is_a_problem_and_no_answer() -> None:
    twins = (KnownPupil("one", "Ada", "Low", "", "7"), KnownPupil("two", "Bram", "Low", "", "7"))
    assert [line for line, _ in problems("Name,Reference,Website\nAda Low,7,Yes\n", *twins)] == [2]


def test_a_pupil_listed_without_a_class_is_found_by_name() -> None:
    assert yeses("Name,Class,Website\nAda Low,5P,Yes\n", KnownPupil("ada", "Ada", "Low", "", "")) == {
        ("ada", WEBSITE)
    }


def test_a_pupil_listed_without_a_reference_is_found_by_name() -> None:
    assert yeses("Name,Reference,Website\nZoë O’Larkington,777,Yes\n") == {("zoe", WEBSITE)}


@pytest.mark.parametrize("cell", ["Mary Ann Low", '"Low, Mary Ann"'])
def test_a_full_name_of_three_words_is_matched_as_it_is(cell: str) -> None:
    assert yeses(f"Name,Website\n{cell},Yes\n", KnownPupil("mary", "Mary Ann", "Low", "", "")) == {
        ("mary", WEBSITE)
    }


@pytest.mark.parametrize(("first", "second", "line"), [("Yes", "No", 3), ("No", "Yes", 2)])
def test_of_differing_answers_for_one_pupil_the_no_wins(first: str, second: str, line: int) -> None:
    reading = read(f"Name,Website\nAda Puddlewick,{first}\nAda Puddlewick,{second}\n", ADA)
    assert reading.answers == (AnswerRow(line, "ada", WEBSITE, False, "No"),)
    assert reading.problems == (
        Problem(3, "Lines 2 and 3 differ for the same pupil, so it counts as a no for the School website."),
    )


def test_a_no_stays_a_no_whatever_comes_after_it() -> None:
    reading = read("Name,X\n" + "".join(f"Ada Puddlewick,{word}\n" for word in ("yes", "no", "yes")), ADA)
    assert [answer.yes for answer in reading.answers] == [False]
    assert [problem.line for problem in reading.problems] == [3, 4]


def test_the_same_answer_twice_is_one_answer() -> None:
    reading = read("Name,Website,X\nAda Puddlewick,Yes,\nAda Puddlewick,Y,No\n", ADA)
    assert reading.answers == (
        AnswerRow(2, "ada", WEBSITE, True, "Yes"),
        AnswerRow(3, "ada", X, False, "No"),
    )
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("words", "channel"), [(words, channel) for channel, found in CHANNEL_HEADERS.items() for words in found]
)
@pytest.mark.parametrize("shape", ["{}", "Consent: {}", "Photos may be used on the school's {}"])
def test_every_channels_heading_is_found(words: str, channel: Channel, shape: str) -> None:
    assert channel_of(shape.format(words.upper())) == channel


@pytest.mark.parametrize(
    ("header", "channel"),
    [
        ("Families’ page", FAMILIES),
        ("Parents' page", FAMILIES),
        ("Trip page", FAMILIES),
        ("School website", WEBSITE),
        ("Photos on website", WEBSITE),
        ("X", X),
        ("X (Twitter)", X),
        ("X/Twitter", X),
        ("X (formerly Twitter)", X),
        ("Social media", X),
    ],
)
def test_what_offices_write_over_a_channel_is_known(header: str, channel: Channel) -> None:
    assert channel_of(header) == channel


@pytest.mark.parametrize(
    "header",
    [
        *(
            "",
            "Photos",
            "Consent",
            "Parents",
            "Parental consent",
            "Trip",
            "Trip consent",
            "SeeSaw login",
            "Website login",
        ),
        *(
            "No photos on website",
            "Videos on website",
            "Not on X",
            "Family",
            "Parent e-mail",
            "Year X",
            "Facebook",
        ),
    ],
)
def test_a_heading_about_something_else_is_no_channel(header: str) -> None:
    assert channel_of(header) is None


def test_no_word_that_turns_a_heading_round_is_passed_over() -> None:
    assert not LEAD_INS & {
        "no",
        "not",
        "never",
        "without",
        "except",
        "withheld",
        "video",
        "videos",
        "only",
        "refused",
    }


def test_a_file_without_a_channel_asks_a_person() -> None:
    with pytest.raises(NeedsMapping, match="which channel") as asked:
        read("Name,Class,Photos\nAda Puddlewick,5P,Yes\n")
    assert asked.value.headers == ("Name", "Class", "Photos")
    assert asked.value.mapping == {"name": 0, "class_name": 1}


def test_two_columns_that_could_be_one_channel_ask_a_person() -> None:
    with pytest.raises(NeedsMapping) as asked:
        read("Name,Website,School website\nAda Puddlewick,Yes,No\n")
    assert asked.value.title == (
        "“Website” and “School website” could each be the answers for the School website. Please choose one."
    )
    assert asked.value.mapping == {"name": 0}


@pytest.mark.parametrize("headers", ["Class,Website", "Forename,Website", "Name,Surname,Website"])
def test_a_file_that_does_not_say_whose_answers_they_are_asks_a_person(headers: str) -> None:
    with pytest.raises(NeedsMapping, match="whose answers"):
        read(f"{headers}\nAda,Yes,Yes\n")


def test_a_mapping_given_by_a_person_is_used_alone() -> None:
    data = b"Who,Photos,Website\nAda Puddlewick,Yes,No\n"
    reading = read_consent(data, TRIP, {"name": 0, "families": 1})
    assert reading.answers == (AnswerRow(2, "ada", FAMILIES, True, "Yes"),)
    assert reading.mapping == {"name": 0, "families": 1}


def test_a_person_may_choose_between_two_columns_of_one_channel() -> None:
    data = b"Name,Website,School website\nAda Puddlewick,Yes,No\n"
    assert read_consent(data, TRIP, {"name": 0, "website": 2}).answers == (
        AnswerRow(2, "ada", WEBSITE, False, "No"),
    )


@pytest.mark.parametrize(
    "mapping", [{"name": 0}, {"website": 1}, {"name": 0, "website": 2}, {"name": 0, "group": 1}]
)
def test_a_mapping_that_does_not_fit_the_file_is_asked_again(mapping: dict[str, int]) -> None:
    with pytest.raises(NeedsMapping):
        read_consent(b"Name,Website\nAda Puddlewick,Yes\n", TRIP, mapping)


def test_columns_that_say_nothing_about_whose_answer_it_is_are_left_out() -> None:
    assert guess_mapping(["Name", "Year", "House", "X"]) == {"name": 0, "x": 3}


def test_a_file_that_is_no_table_is_refused() -> None:
    with pytest.raises(Refused, match="This file is empty"):
        read_consent(b"", TRIP)


def test_reasons_tell_a_line_and_never_a_pupil() -> None:
    lines = ("Name,Class,X", "Ada Puddlewick,3K,Y", "Bram Thistlebury,,Y", "Bram Thistlebury,,N", "Cleo,,N")
    text = "\n".join(lines)
    said = " ".join(problem.reason for problem in read(text).problems)
    assert len(read(text).problems) == 3
    assert not any(name in said for name in ("Ada", "Puddlewick", "Bram", "Thistlebury", "Cleo"))


def test_a_pupil_s_name_does_not_show_in_a_log() -> None:
    assert repr(ADA) == "KnownPupil(id='ada', class_name='5P')"
