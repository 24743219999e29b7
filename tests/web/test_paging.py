"""A list of years is read a page at a time, the newest first, by plain links."""

import re

import pytest

from tests.factories import School, make_trip


def _names(page: str) -> list[str]:
    return re.findall(r"Moor Residential \d+|Castle Residential", page.split("<h1>")[1])


def test_every_trip_stands_on_exactly_one_page(school: School) -> None:
    for number in range(25):
        make_trip(school, f"Moor Residential {number}", ("author",))
    office, found, address = school.client("office"), [], "/office/"
    pages = 0
    while address:
        page = office.get(address).text
        found += re.findall(r'/office/trips/([a-z0-9-]+-2027)"', page)
        earlier = re.search(r'href="(/office/\?page=\d+)">Earlier trips', page)
        address, pages = (earlier[1] if earlier else ""), pages + 1
    assert (len(found), len(set(found)), pages) == (26, 26, 3)


def test_my_trips_lead_to_the_earlier_ones_and_back(school: School) -> None:
    for number in range(5):
        make_trip(school, f"Moor Residential {number}", ("author",))
    client = school.client("author")
    first, second = client.get("/staff/").text, client.get("/staff/?page=2").text
    assert "Earlier trips" in first
    assert "Later trips" not in first
    assert "Later trips" in second
    assert "Earlier trips" not in second
    assert len(set(_names(first)) | set(_names(second))) == 6


@pytest.mark.parametrize("odd", ["0", "-1", "99", "two", "", "1e3", "٢", "9" * 400])
def test_a_page_that_is_not_there_is_the_nearest_one(school: School, odd: str) -> None:
    answer = school.client("author").get("/staff/", query_string={"page": odd})
    assert (answer.status_code, "Castle Residential" in answer.text) == (200, True)
