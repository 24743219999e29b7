"""Years on shelves: the newest together, older ones by themselves."""

from datetime import date, timedelta

from tripupdates.site.shelves import FEW, shelves


def _days(*counts: tuple[int, int]) -> list[date]:
    """So many days in October of each year, the newest first."""
    return [date(year, 10, 28) - timedelta(days=number) for year, count in counts for number in range(count)]


def test_a_school_year_begins_in_september() -> None:
    first, older = shelves([date(2026, 9, 1), date(2026, 8, 31)], lambda day: day)
    assert [(shelf.name, shelf.label) for shelf in first] == [("2026-27", "2026/27"), ("2025-26", "2025/26")]
    assert older == []


def test_the_turn_of_a_century_has_two_digits() -> None:
    (shelf,), _ = shelves([date(2100, 1, 1)], lambda day: day)
    assert shelf.name == "2099-00"


def test_a_first_page_takes_older_years_until_it_has_enough() -> None:
    first, older = shelves(_days((2027, 2), (2026, FEW), (2025, 1), (2024, 3)), lambda day: day)
    assert [shelf.begins for shelf in first] == [2027, 2026]
    assert [(shelf.begins, len(shelf.things)) for shelf in older] == [(2025, 1), (2024, 3)]


def test_something_new_changes_no_year_that_is_over() -> None:
    before = shelves(_days((2027, FEW), (2026, 5)), lambda day: day)[1]
    after = shelves(_days((2027, FEW + 1), (2026, 5)), lambda day: day)[1]
    assert before == after
    assert len(after) == 1


def test_nothing_needs_no_shelf() -> None:
    assert shelves([], lambda day: day) == ([], [])
