"""The list of words that a school keeps itself."""

import pytest

from tripupdates.policy.phrases import CLAUSES, DEFAULT_WORDS
from tripupdates.policy.rules import SchoolWords, check, read_words
from tripupdates.vocabulary import Refused


def upsets(text: str, words: SchoolWords) -> list[str]:
    return [
        finding.excerpt for finding in check({"text": text}, (), (), "", words) if finding.code == "upsetting"
    ]


def test_a_list_is_read_line_by_line() -> None:
    text = "\ufeff# Our worries\n\nLost\n  food   poisoning # last year\nlost\nallow: lost property\n"
    assert read_words(text) == SchoolWords(("lost", "food poisoning"), ("lost property",))


def test_an_empty_list_upsets_nobody() -> None:
    assert upsets("lost, hurt and scared", read_words("")) == []


@pytest.mark.parametrize("line", ["allow:", "ALLOW: ", "***", "allow: - #nothing"])
def test_a_line_without_a_word_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(Refused, match="Line 2 of the school’s list"):
        read_words(f"lost\n{line}\n")


def test_a_word_is_found_whole_and_in_any_case() -> None:
    assert upsets("LOST, lost-and-gone, Lost! but not lostness or almost", read_words("lost")) == [
        "LOST",
        "lost",
        "Lost",
    ]


def test_a_phrase_is_found_over_a_line_break_or_a_hyphen() -> None:
    words = read_words("food poisoning")
    assert upsets("Food\npoisoning, food-poisoning", words) == ["Food\npoisoning", "food-poisoning"]


def test_an_allowed_phrase_lifts_only_the_word_inside_it() -> None:
    words = read_words("lost\nallow: lost property")
    assert upsets("Lost property: two hats. One of us is lost.", words) == ["lost"]


def test_an_accent_or_a_curly_quote_hides_no_word() -> None:
    assert upsets("a séance and nobody’s fault", read_words("seance\nnobody's fault")) == [
        "séance",
        "nobody’s fault",
    ]


def test_every_default_word_is_found_and_every_allowed_phrase_lifts_one() -> None:
    assert [word for word in DEFAULT_WORDS.upsetting if upsets(word, DEFAULT_WORDS) == []] == []
    assert [phrase for phrase in DEFAULT_WORDS.allowed if upsets(phrase, DEFAULT_WORDS)] == []
    idle = SchoolWords(DEFAULT_WORDS.upsetting, ())
    assert [phrase for phrase in DEFAULT_WORDS.allowed if not upsets(phrase, idle)] == []


def test_the_default_list_can_be_written_to_a_file_and_read_again() -> None:
    lines = [*DEFAULT_WORDS.upsetting, *(f"allow: {phrase}" for phrase in DEFAULT_WORDS.allowed)]
    assert read_words("\n".join(lines)) == DEFAULT_WORDS


def test_every_clause_is_one_sentence() -> None:
    assert [
        code for code, clause in CLAUSES.items() if not clause.endswith(".") or clause.count(".") != 1
    ] == []
