"""Finished files behind a real nginx with our example: the app only says who may have them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.factories import School, all_consent, approved, work
from tests.web.nginx import in_front_of
from tripupdates import office
from tripupdates.database import fresh
from tripupdates.web.guard import HEADERS


@dataclass
class Parent:
    """A phone on which the code was typed, with `base` the address of nginx."""

    web: requests.Session
    base: str
    slug: str

    def get(self, path: str, **headers: str) -> requests.Response:
        """What stands there, as the wire had it."""
        address = path if path.startswith("/") else f"/trips/{self.slug}/{path}"
        return self.web.get(self.base + address, headers=headers, timeout=10, allow_redirects=False)


def _phone(base: str, slug: str) -> Parent:
    web = requests.Session()
    web.trust_env = False
    return Parent(web, base, slug)


@pytest.fixture
def parent(school: School, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parent]:
    all_consent(school)
    approved(school, ("Ada", "Bram"))
    work(school)
    with in_front_of(school, tmp_path_factory.mktemp("nginx")) as base:
        parent = _phone(base, school.slug)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', parent.get("code").text)
        assert token is not None
        form = {"csrf_token": token[1], "code": office.trip_by_slug(fresh(), school.slug).code}
        parent.web.post(f"{base}/trips/{school.slug}/code", data=form, timeout=10)
        yield parent
        parent.web.close()


def test_nginx_hands_over_what_the_app_allows_with_all_that_it_said(school: School, parent: Parent) -> None:
    folder = school.house.settings.families / school.slug
    answer = parent.get("", **{"Accept-Encoding": "identity"})
    assert (answer.status_code, answer.content) == (200, (folder / "index.html").read_bytes())
    said: dict[str, Any] = HEADERS | {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "private, max-age=60",
        "X-Robots-Tag": "noindex",
        "Referrer-Policy": "no-referrer",
    }
    assert {name: answer.headers.get(name) for name in said} == said
    assert "X-Accel-Redirect" not in answer.headers
    again = parent.get("", **{"If-None-Match": answer.headers["ETag"], "Accept-Encoding": "identity"})
    assert (again.status_code, again.content) == (304, b"")
    # Packed once, when it was published, and not again for each phone.
    with parent.web.get(f"{parent.base}/trips/{school.slug}/", stream=True, timeout=10) as packed:
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.raw.read(decode_content=False) == (folder / "index.html.gz").read_bytes()
    photo = re.findall(r"photos/[0-9a-f]{16}-480\.jpg", answer.text)[0]
    shown = parent.get(photo)
    assert (shown.content, shown.headers["Content-Type"]) == ((folder / photo).read_bytes(), "image/jpeg")
    assert shown.headers["Cache-Control"] == "private, max-age=300"

    stranger = _phone(parent.base, school.slug)
    for path, status in (("", 302), (photo, 404), (f"/finished/{school.slug}/index.html", 404)):
        refused = stranger.get(path, **{"X-Finished-Files": "nginx"})
        assert (refused.status_code, "castle tower" in refused.text) == (status, False)
    assert parent.get(f"/finished/{school.slug}/index.html").status_code == 404
    stranger.web.close()


def test_without_nginx_the_app_hands_them_over_packed(school: School) -> None:
    approved(school)
    work(school)
    head, folder = school.client("head"), school.house.settings.families / school.slug
    for encodings, name, encoding in (
        ("gzip, br", "index.html.gz", "gzip"),
        ("", "index.html", None),
        ("gzip;q=0", "index.html", None),
    ):
        answer = head.get(f"/trips/{school.slug}/", headers={"Accept-Encoding": encodings})
        assert (answer.data, answer.headers.get("Content-Encoding")) == (
            (folder / name).read_bytes(),
            encoding,
        )
        assert (answer.mimetype, "Accept-Encoding" in answer.headers["Vary"]) == ("text/html", True)


@pytest.mark.parametrize("path", [".tripupdates", "%2e%2e/.tripupdates", "photos/", "nothing.html", "photos"])
def test_nothing_but_finished_files_is_handed_over(school: School, path: str) -> None:
    approved(school)
    work(school)
    for headers in ({}, {"X-Finished-Files": "nginx"}):
        assert school.client("head").get(f"/trips/{school.slug}/{path}", headers=headers).status_code == 404


def test_whoever_speaks_as_nginx_chooses_no_place(school: School) -> None:
    approved(school)
    work(school)
    ask = {"X-Finished-Files": "/secret/?"}
    answer = school.client("head").get(f"/trips/{school.slug}/", headers=ask)
    assert ("X-Accel-Redirect" in answer.headers, answer.status_code) == (False, 200)


def test_a_phone_that_is_known_needs_no_code(school: School) -> None:
    answer = school.client("head").get(f"/trips/{school.slug}/code")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/trips/{school.slug}/#main")


def test_the_example_names_every_header_of_the_guard() -> None:
    example = (Path(__file__).parent.parent.parent / "deploy" / "nginx.conf").read_text("utf-8")
    missing = [
        name
        for name in (*HEADERS, "Strict-Transport-Security")
        if f"add_header {name} $upstream" not in example
    ]
    assert missing == []
