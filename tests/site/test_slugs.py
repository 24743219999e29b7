"""Addresses of news and newsletters: readable, told apart, and the same for ever."""

from datetime import date
from uuid import UUID

import pytest

from tripupdates.site.slugs import slug
from tripupdates.site.values import SLUG

DAY = date(2027, 5, 3)
ONE, OTHER = UUID("3f9a1c00-0000-4000-8000-000000000001"), UUID("77be2200-0000-4000-8000-000000000002")


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Sports day", "sports-day"),
        ("  The Head’s café: 3 new things! ", "the-heads-cafe-3-new-things"),
        ("Year 6's play", "year-6s-play"),
        ("Ysgol Tŷ-Gwyn", "ysgol-ty-gwyn"),
        ("word " * 30, "-".join(["word"] * 10)),
        ("x" * 90, "x" * 50),
    ],
)
def test_an_address_is_the_day_the_titles_words_and_the_ids_beginning(title: str, words: str) -> None:
    made = slug(ONE, DAY, title)
    assert made == f"2027-05-03-{words}-3f9a1c"
    assert SLUG.fullmatch(made)


@pytest.mark.parametrize("title", ["", "«»", "日本"])
def test_a_title_without_plain_letters_has_an_address_too(title: str) -> None:
    assert slug(ONE, DAY, title) == "2027-05-03-3f9a1c"


def test_two_of_one_title_and_day_are_told_apart() -> None:
    assert slug(ONE, DAY, "Sports day") != slug(OTHER, DAY, "Sports day")
    assert slug(str(ONE), DAY, "Sports day") == slug(ONE, DAY, "Sports day")
