"""What X asks for its calls, and how many it takes: one table, as read in the month that it names. Pure.

Sources: docs.x.com, "Pricing" and "Rate limits". Writing is paid for each request, reading for each post that comes back.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

READ_ON = date(2026, 11, 1)  # the month
WINDOW = timedelta(minutes=15)  # in which X counts


class Call(StrEnum):
    """What we ask of X."""

    POST = "post"
    LINKED = "linked"  # a post with an address in it
    UPLOAD = "upload"  # a picture
    ALT = "alt"  # what a picture shows
    DELETE = "delete"
    LOOK = "look"  # at our own account, or a post of ours: one for each that X shows


# Dollars for one. An upload itself costs nothing.
PRICES = {
    Call.POST: Decimal("0.015"),
    Call.LINKED: Decimal("0.200"),
    Call.ALT: Decimal("0.005"),
    Call.DELETE: Decimal("0.010"),
    Call.LOOK: Decimal("0.001"),
}


@dataclass(frozen=True)
class Limit:
    """X takes at most so many of these together in a WINDOW."""

    calls: tuple[Call, ...]
    most: int


LIMITS = (
    Limit((Call.POST, Call.LINKED), 100),
    Limit((Call.DELETE,), 50),
    Limit((Call.UPLOAD,), 500),
)
