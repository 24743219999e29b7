"""A family's mobile number and e-mail address, as they stand in lists and are typed, in the one form that is kept. Pure."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from tripupdates.channels.mail_url import one_address

COUNTRY = "GB"
LONGEST_EMAIL = 254
TAKES_TEXTS = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
# Ofcom keeps these for films: nobody has one. Made-up schools do, and GOV.UK Notify takes them as well.
IN_FILMS = re.compile(r"\+447700900[0-9]{3}")
_BETWEEN = re.compile(r"[,;/|]")  # a cell may hold several
_WORDS = re.compile(r"\([^)]*[^\W\d_][^)]*\)")  # "(Mum)"

NO_NUMBER = "is not a telephone number"
NO_MOBILE = "is not a mobile number, so it takes no text messages"
NO_ADDRESS = "is not an e-mail address"


def phone(text: str) -> str:
    """The first mobile number in a cell, as +447700900123; a number without a country is British.

    Raises ValueError with the end of a sentence about it.
    """
    wrong = NO_NUMBER
    for piece in _BETWEEN.split(_WORDS.sub(" ", text)):
        number = _number(piece)
        if number is None:
            continue
        written = str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
        if IN_FILMS.fullmatch(written) or phonenumbers.number_type(number) in TAKES_TEXTS:
            return written
        if phonenumbers.is_valid_number(number):
            wrong = NO_MOBILE
    raise ValueError(wrong)


def _number(text: str) -> PhoneNumber | None:
    """None where it is no number at all. Letters are no digits, though some telephones have them on their keys."""
    if any(letter.isalpha() for letter in text):
        return None
    try:
        return phonenumbers.parse(text, COUNTRY)
    except NumberParseException:
        return None


def shown(number: str) -> str:
    """A number as people write it: 07700 900123, or +33 6 12 34 56 78 where it is of another country."""
    read = phonenumbers.parse(number, COUNTRY)
    british = read.country_code == phonenumbers.country_code_for_region(COUNTRY)
    how = PhoneNumberFormat.NATIONAL if british else PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(read, how))


def is_abroad(number: str) -> bool:
    """Whether texts to it cost more, and only go where the school has turned that on at GOV.UK Notify."""
    return not number.startswith("+44")


def email(text: str) -> str:
    """The one address of a cell. Raises ValueError with the end of a sentence about it."""
    try:
        address = one_address(text.strip())
    except ValueError as error:
        raise ValueError(NO_ADDRESS) from error
    if len(address) > LONGEST_EMAIL or "." not in address.rpartition("@")[2]:
        raise ValueError(NO_ADDRESS)
    return address
