"""Numbers and addresses as offices have them, in the one form that is kept. All are of ranges that nobody has."""

import pytest

from tripupdates.trips import numbers


@pytest.mark.parametrize(
    "text",
    [
        "07700 900123",
        "7700900123",  # Excel took it for a figure
        "+44 (0)7700 900123",
        "0044 7700 900 123",
        "07700-900-123 (Mum)",
        "020 7946 0000 / 07700 900123",
        "07700 900123; 07700 900456",
    ],
)
def test_a_british_mobile_is_one_number_however_it_is_written(text: str) -> None:
    assert numbers.phone(text) == "+447700900123"


def test_a_number_of_another_country_needs_its_code() -> None:
    assert numbers.phone("+33 6 12 34 56 78") == "+33612345678"
    assert (numbers.is_abroad("+33612345678"), numbers.is_abroad("+447700900123")) == (True, False)
    assert (numbers.shown("+33612345678"), numbers.shown("+447700900123")) == (
        "+33 6 12 34 56 78",
        "07700 900123",
    )


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", numbers.NO_NUMBER),
        ("ask at the office", numbers.NO_NUMBER),
        ("07700", numbers.NO_NUMBER),
        ("0800 MUMMOB1", numbers.NO_NUMBER),
        ("07700 900123 Mum", numbers.NO_NUMBER),
        ("020 7946 0000", numbers.NO_MOBILE),
    ],
)
def test_what_takes_no_text_is_told(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        numbers.phone(text)


def test_one_address_is_kept_as_it_was_typed() -> None:
    assert numbers.email(" Rose.Family@home.example ") == "Rose.Family@home.example"


@pytest.mark.parametrize(
    "text",
    ["", "family", "a@b", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", "a" * 250 + "@b.uk"],
)
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=numbers.NO_ADDRESS):
        numbers.email(text)
