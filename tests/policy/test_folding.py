"""One plain spelling, and the way back to what was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripupdates.policy.folding import fold, span


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("Zoë José Łukasz Øyvind", "Zoe Jose Lukasz Oyvind"),
        ("Rose’s ‘hat’ O`Neverly", "Rose's 'hat' O'Neverly"),
        ("“a” – b—c", '"a" - b-c'),
        ("a\u00a0 \tb\r\n\r\nc", "a b\nc"),
        ("Ro\u200bs\u00ade\ufeff", "Rose"),
        ("Ｒｏｓｅ ＠ ？ ﬁn", "Rose @ ? fin"),
        ("🏕️ Rose™", "🏕 Rose™"),
    ],
)
def test_what_is_typed_has_one_plain_spelling(typed: str, plain: str) -> None:
    assert fold(typed).text == plain


def test_a_place_in_the_plain_text_leads_back_with_its_accents() -> None:
    folded = fold("We saw Zoe\u0308\u200b run")
    assert span(folded, 7, 10) == (7, 11)


@given(st.text())
def test_every_plain_character_has_a_place_it_came_from(typed: str) -> None:
    folded = fold(typed)
    assert len(folded.origin) == len(folded.text)
    assert list(folded.origin) == sorted(folded.origin)
    assert all(0 <= place < len(typed) for place in folded.origin)
