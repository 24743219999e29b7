"""One trip's code opens that trip's pages and nothing else, however its address is written."""

import re

from flask.testing import FlaskClient

from tests.factories import School, all_consent, approved, make_trip, work
from tripupdates import office
from tripupdates.database import fresh


def _parent_of_another_trip(school: School) -> tuple[FlaskClient, str]:
    slug = make_trip(school, "Moor Residential", ("stranger",))
    client = school.client()
    page = client.get(f"/trips/{slug}/code").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    typed = {"csrf_token": token[1], "code": office.trip_by_slug(fresh(), slug).code}
    assert client.post(f"/trips/{slug}/code", data=typed).status_code == 302
    return client, slug


def test_the_code_of_one_trip_does_not_open_the_pages_of_another(school: School) -> None:
    all_consent(school)
    approved(school)
    work(school)
    client, slug = _parent_of_another_trip(school)
    for way in ("..", "%2e%2e", "./..", "x/../.."):
        answer = client.get(f"/trips/{slug}/{way}/{school.slug}/index.html")
        assert (answer.status_code, "castle tower" in answer.text) == (404, False), way
