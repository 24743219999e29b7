"""Years of trips, news and newsletters, by school year: the newest on a first page, each older year on its own. Pure.

A year that is over is written once, so a school of twenty years publishes as quickly as a new one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Generic, TypeVar

FEW = 12  # a first page with fewer things takes the year before as well
SEPTEMBER = 9  # when a school year begins

T = TypeVar("T")


@dataclass(frozen=True)
class Shelf(Generic[T]):
    """What is of one school year, the newest first; `begins` is the calendar year of its September."""

    begins: int
    things: tuple[T, ...]

    @property
    def name(self) -> str:
        """As in an address: 2026-27."""
        return f"{self.begins}-{(self.begins + 1) % 100:02}"

    @property
    def label(self) -> str:
        """As people say it: 2026/27."""
        return self.name.replace("-", "/")


def shelves(things: Iterable[T], day: Callable[[T], date]) -> tuple[list[Shelf[T]], list[Shelf[T]]]:
    """The years on the first page, and those with a page each. `things` come the newest first."""
    every = [Shelf(year, tuple(found)) for year, found in groupby(things, lambda each: _year(day(each)))]
    count = first = 0
    while first < len(every) and count < FEW:
        count += len(every[first].things)
        first += 1
    return every[:first], every[first:]


def _year(day: date) -> int:
    return day.year if day.month >= SEPTEMBER else day.year - 1
