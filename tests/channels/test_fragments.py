"""What a text message is charged as: GOV.UK Notify's own rules, at their edges."""

from datetime import date
from decimal import Decimal

import pytest

from tripupdates.channels.fragments import ALLOWANCE, Price, parts, year_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 918, 6),
        ("é" * 160, 1),  # of the alphabet
        ("€" * 80, 1),  # each counts twice
        ("€" * 81, 2),
        ("ŵ" * 70, 1),  # Welsh, and not of the alphabet
        ("ŵ" * 71, 2),
        ("ŵ" * 134, 2),
        ("ŵ" * 135, 3),
        ("a" * 69 + "ŵ", 1),
        ("a" * 70 + "ŵ", 2),
        ("a" * 68 + "🚌", 1),  # one sign, two units
        ("a" * 69 + "🚌", 2),
        ("It’s “late” – sorry…" + "a" * 138, 1),  # what has a plain twin is swapped; an ellipsis is three
        ("It’s “late” – sorry…" + "a" * 139, 2),
        ("\u200b" * 500 + " All well \u00a0", 1),
    ],
)
def test_the_parts_of_a_text(text: str, expected: int) -> None:
    assert parts(text) == expected


def test_what_notify_puts_before_a_text_counts() -> None:
    assert (parts("a" * 147, "Puddle Lane"), parts("a" * 148, "Puddle Lane")) == (1, 2)
    assert parts("a", "Ysgol Tŷ" + "a" * 62) == 2


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2027, 3, 31), date(2026, 4, 1)),
        (date(2027, 4, 1), date(2027, 4, 1)),
        (date(2027, 12, 31), date(2027, 4, 1)),
    ],
)
def test_a_financial_year_begins_on_the_first_of_april(day: date, first: date) -> None:
    assert year_of(day) == first


@pytest.mark.parametrize(
    ("count", "used", "left", "pounds"),
    [
        (112, 700, 4300, "0.00"),
        (112, ALLOWANCE - 112, 112, "0.00"),
        (112, ALLOWANCE - 12, 12, "2.40"),
        (2, ALLOWANCE + 9, 0, "0.05"),
        (0, ALLOWANCE, 0, "0.00"),
    ],
)
def test_only_what_is_beyond_the_free_parts_costs_money(
    count: int, used: int, left: int, pounds: str
) -> None:
    price = Price(count, used)
    assert (price.left, price.pounds) == (left, Decimal(pounds))
