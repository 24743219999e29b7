"""Which updates share a page: the newest ones the first, older days pages of their own. Pure.

A parent on one bar of signal gets the newest updates in what a phone receives at once (14 KB before the pictures), however
many there are; and a page of an older day is written once, so that update number 2,000 costs no more than number 10.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tripupdates.site.render import Item

# Bytes that a page takes when packed, as measured: each letter of text, each photo, and an update as such.
LETTER, PHOTO, UPDATE = 0.5, 95, 65
MOST = 11500  # packs to less than 10,000 of 14,000: style, script and head take the rest
PIECE = MOST / 2  # so that the first page is never nearly empty


@dataclass(frozen=True)
class Part:
    """A day's updates, the newest first; or a piece of a long day, the first piece (number 1) being its morning."""

    day: date
    number: int
    items: "tuple[Item, ...]"
    last: bool  # whether the day's newest update is in it

    @property
    def name(self) -> str:
        """Its place in an address: the day, and the piece where there is more than one."""
        return self.day.isoformat() if self.number == 1 else f"{self.day.isoformat()}.{self.number}"

    @property
    def whole(self) -> bool:
        """Whether it is all of its day."""
        return self.number == 1 and self.last


def parts(items: "Sequence[Item]") -> tuple[list[Part], list[Part]]:
    """The parts of the first page, and those with a page each; all newest first."""
    every = [part for day, found in groupby(items, _day) for part in _pieces(day, list(found))]
    first: list[Part] = []
    for part in every:
        if first and sum(map(_weight, first)) + _weight(part) > MOST:
            break
        first.append(part)
    return first, every[len(first) :]


def _pieces(day: date, items: "list[Item]") -> list[Part]:
    """Cut from the oldest on, so that a piece that is full never changes again."""
    pieces: list[list[Item]] = [[]]
    for item in reversed(items):
        if pieces[-1] and sum(map(_of, pieces[-1])) + _of(item) > PIECE:
            pieces.append([])
        pieces[-1].append(item)
    count = len(pieces)
    return [
        Part(day, number, tuple(reversed(piece)), number == count) for number, piece in enumerate(pieces, 1)
    ][::-1]


def _day(item: "Item") -> date:
    return item.published.date()


def _weight(part: Part) -> float:
    return sum(map(_of, part.items))


def _of(item: "Item") -> float:
    alts = sum(len(photo.alt) for photo in item.photos)
    return UPDATE + LETTER * (len(item.text.encode()) + alts) + PHOTO * len(item.photos)
