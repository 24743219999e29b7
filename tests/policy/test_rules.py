"""What every finding promises, whatever the text."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.school import HANDLE, PUPILS, STAFF
from tripupdates.policy.phrases import CLAUSES
from tripupdates.policy.rules import Finding, PupilName, SchoolWords, check
from tripupdates.vocabulary import Severity

WORDS = [
    "Rose",
    "rose’s",
    "CLEO",
    "@x",
    "0",
    "07700",
    " ",
    "\n",
    "?",
    "Baker",
    "fire",
    "Mrs",
    "\u200b",
    "\u0308",
    "room 1",
]
TEXTS = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=12).map("".join))


def of(**passages: str) -> tuple[Finding, ...]:
    return check({where.replace("_", " "): text for where, text in passages.items()}, PUPILS, STAFF, HANDLE)


def test_a_finding_says_everything_its_author_needs() -> None:
    assert of(text="Well done, Rose!") == (
        Finding(
            key="names:text:a1f5114c",
            code="names",
            clause="No pupil is named in a post.",
            severity=Severity.STOP,
            where="text",
            start=11,
            end=15,
            excerpt="Rose",
            message="This names a pupil of this trip. "
            "Take it out: say “we”, “one of us” or the name of the group.",
        ),
    )


def test_findings_come_by_passage_and_then_by_place() -> None:
    found = check(
        {"text": "A fire. Is it out? Cleo", "alt 2": "Finn", "alt 1": "Bram"}, PUPILS, STAFF, HANDLE
    )
    assert [(finding.where, finding.excerpt) for finding in found] == [
        ("text", "fire"),
        ("text", "Is it out?"),
        ("text", "Cleo"),
        ("alt 2", "Finn"),
        ("alt 1", "Bram"),
    ]


def test_a_key_stays_when_other_words_change() -> None:
    (before,) = of(text="There was a fire.")
    (after,) = of(text="Last night, after supper, there was a fire.")
    assert before.key == after.key


def test_the_same_words_in_another_passage_are_another_finding() -> None:
    assert len({finding.key for finding in check({"text": "fire", "x_text": "fire"}, (), (), "")}) == 2


def test_the_same_words_twice_are_two_findings() -> None:
    first, second = of(text="A fire. Another fire.")
    assert (first.excerpt, second.excerpt) == ("fire", "fire")
    assert first.key != second.key


def test_the_graver_of_two_findings_of_one_clause_stays() -> None:
    (found,) = of(text="Join at https://zoom.us/j/1")
    assert found.severity is Severity.STOP


def test_the_graver_finding_stays_even_where_it_is_shorter() -> None:
    (found,) = of(text="Vote for Group 2?")
    assert (found.severity, found.excerpt) == (Severity.STOP, "Vote for")


def test_findings_of_two_clauses_may_overlap() -> None:
    found = of(text="Miss Hill fell asleep.")
    assert [(finding.code, finding.severity) for finding in found] == [
        ("staff", Severity.ASK),
        ("names", Severity.STOP),
    ]


def test_a_pronoun_is_noted_once_in_a_passage() -> None:
    assert [finding.severity for finding in of(text="He ran and she ran and he ran.")] == [Severity.NOTE]


def test_the_handle_counts_with_or_without_its_sign() -> None:
    messages = {
        check({"text": "@PuddleLaneDemo"}, (), (), handle)[0].message for handle in (HANDLE, "@" + HANDLE)
    }
    assert len(messages) == 1
    assert "the school’s own account" in messages.pop()


def test_a_school_without_an_account_stops_mentions_too() -> None:
    assert [finding.code for finding in check({"text": "@PuddleLaneDemo"}, (), (), "")] == ["mentions"]


def test_the_schools_own_words_take_the_place_of_ours() -> None:
    words = SchoolWords(upsetting=("custard",), allowed=("custard cream",))
    found = check({"text": "Lost: custard creams, a custard cream and custard."}, (), (), "", words)
    assert [(finding.excerpt, finding.start) for finding in found] == [("custard", 6), ("custard", 42)]


@pytest.mark.parametrize(
    "name", [PupilName("", ""), PupilName(" ", "-"), PupilName("'", "’"), PupilName("J", "")]
)
def test_a_blank_name_on_the_list_finds_nothing(name: PupilName) -> None:
    assert check({"text": "A ’ J - j walk. (J)"}, [name], ["", "Ms"], "") == ()


def test_without_a_list_a_name_is_not_known() -> None:
    assert check({"text": "Well done Rose and Cleo."}, (), (), HANDLE) == ()


@pytest.mark.parametrize(
    "text",
    [
        letter * 5000
        for letter in (
            "a",
            "@",
            "0",
            "7",
            "1 ",
            "07 ",
            "?",
            "(",
            ".",
            "-",
            "a.",
            "a@",
            "Rose ",
            "Rose and ",
            "A",
            "'",
            "’s",
        )
    ]
    + [
        "a" * 5000 + "@",
        "a." * 2500 + "co",
        "http://" * 700,
        "room " * 1000 + "1",
        "let us know what " * 300,
        "é" * 5000,
    ],
)
def test_a_hostile_text_is_read_to_its_end(text: str) -> None:
    assert all(finding.code in CLAUSES for finding in of(text=text))


@settings(deadline=None, max_examples=200)
@given(TEXTS, TEXTS)
def test_whatever_is_written_each_excerpt_is_what_stands_there(text: str, alt: str) -> None:
    passages = {"text": text, "alt 1": alt}
    found = check(passages, PUPILS, STAFF, HANDLE)
    for finding in found:
        assert finding.excerpt == passages[finding.where][finding.start : finding.end] != ""
        assert finding.clause == CLAUSES[finding.code]
        assert re.fullmatch(rf"{finding.code}:(text|alt-1):[0-9a-f]{{8}}", finding.key)
    assert len({finding.key for finding in found}) == len(found)


@settings(deadline=None, max_examples=200)
@given(TEXTS)
def test_findings_of_one_clause_never_overlap(text: str) -> None:
    found = of(text=text)
    for code in {finding.code for finding in found}:
        same = [finding for finding in found if finding.code == code]
        assert all(one.end <= two.start for one, two in pairwise(same))


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.builds(PupilName, st.text(max_size=8), st.text(max_size=8)), max_size=4),
    st.lists(st.text(max_size=8)),
)
def test_whatever_the_lists_hold_a_text_is_checked(pupils: list[PupilName], staff: list[str]) -> None:
    assert isinstance(check({"text": "A walk, and Rose."}, pupils, staff, HANDLE), tuple)


@given(
    st.text(alphabet="bcdfgjkqvwxz", min_size=5, max_size=9),
    st.sampled_from(["{}", "{} ran.", "we saw {}!", "({})", "#{}"]),
)
def test_an_uncommon_name_is_found_wherever_it_stands(name: str, frame: str) -> None:
    found = check({"text": frame.format(name)}, [PupilName(name.capitalize(), "")], (), "")
    assert [(finding.code, finding.severity, finding.excerpt) for finding in found] == [
        ("names", Severity.STOP, name)
    ]
