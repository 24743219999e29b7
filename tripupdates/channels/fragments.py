"""How many parts a text message is charged as, and what they cost. Pure.

GOV.UK Notify counts characters of GSM 03.38: 160 in one part, 153 in each of several; those of the extension table count
twice. It swaps what has a plain twin (dashes, curly quotation marks, odd spaces). Any other character, such as most of
Welsh's accents or an emoji, makes the whole text Unicode: 70 units of UTF-16 in one part, 67 in each of several.
State-funded schools have 5,000 parts free in each financial year, and pay 2.4 p a part after that, without VAT.
Sources: notifications.service.gov.uk/pricing/text-messages, alphagov/notifications-utils (sanitise_text, template).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ALLOWANCE = 5000  # parts a financial year
RATE = Decimal("0.024")  # pounds a part
LONGEST = 918  # characters that Notify takes, without the prefix

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}\\[~]|€")
TWINS = str.maketrans(
    {
        **dict.fromkeys("\u2011\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u201a", "'"),
        **dict.fromkeys("\u201c\u201d\u201e", '"'),
        **dict.fromkeys("\u00a0\u202f\t", " "),
        **dict.fromkeys("\u180e\u200b\u200c\u2060\ufeff\u2028\u2029", ""),
        "\u2026": "...",
    }
)


def parts(text: str, prefix: str = "") -> int:
    """How many parts a text is charged as; `prefix` is what Notify puts before it, with a colon."""
    whole = (f"{prefix}: {text}" if prefix else text).translate(TWINS).strip()
    if set(whole) <= GSM | EXTENSION:
        return _split(len(whole) + sum(letter in EXTENSION for letter in whole), 160, 153)
    return _split(len(whole.encode("utf-16-be")) // 2, 70, 67)


def _split(units: int, alone: int, together: int) -> int:
    return 1 if units <= alone else -(-units // together)


def year_of(day: date) -> date:
    """The first day of the financial year: the free parts of one do not carry over to the next."""
    first = date(day.year, 4, 1)
    return first if day >= first else date(day.year - 1, 4, 1)


@dataclass(frozen=True)
class Price:
    """What sending so many parts would take, where `used` of this year's free ones are gone."""

    count: int
    used: int

    @property
    def left(self) -> int:
        """How many free parts there are before it is sent."""
        return max(0, ALLOWANCE - self.used)

    @property
    def paid(self) -> int:
        """How many of its parts cost money."""
        return max(0, self.count - self.left)

    @property
    def pounds(self) -> Decimal:
        """What it costs, to a penny."""
        return (self.paid * RATE).quantize(Decimal("0.01"))
