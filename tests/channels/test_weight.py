"""X's weighted length, as twitter-text's configuration v3 says."""

import pytest

from tripupdates.channels.weight import weigh


@pytest.mark.parametrize(
    ("text", "weighted"),
    [
        ("", 0),
        ("Hello", 5),
        ("a" * 280, 280),
        ("See https://castle.example.com/a/very/long/address/indeed", 27),
        ("👩‍👩‍👧‍👦", 2),
        ("漢字", 4),
        ("cafe\u0301", 4),
        ("…", 2),
        ("“quotes”", 8),
    ],
)
def test_a_text_weighs_what_x_says(text: str, weighted: int) -> None:
    assert weigh(text).weighted == weighted


@pytest.mark.parametrize(("length", "fits"), [(280, True), (281, False)])
def test_280_fit_and_281_do_not(length: int, fits: bool) -> None:
    assert weigh("a" * length).fits is fits
