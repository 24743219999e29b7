"""Lists that grow for years, a page at a time: the newest first, and a link to the earlier ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

from tripupdates.web import odd

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list. `newer` and `older` are the numbers of the pages beside it, None where there is none."""

    rows: Sequence[T]
    newer: int | None
    older: int | None


def page_of(rows: Sequence[T], size: int) -> Page[T]:
    """The page that `?page=` asks for, counted from 1; the nearest one there is for any other number."""
    last = max(1, -(-len(rows) // size))
    number = min(max(1, odd.number(request.args.get("page", "1")) or 1), last)
    return Page(
        rows[(number - 1) * size : number * size],
        number - 1 if number > 1 else None,
        number + 1 if number < last else None,
    )
