"""The public site as it is handed out: by Flask, and by nginx with our example, below an address of a school's own website."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
import requests

from tests.factories import School, all_consent, approved, open_school, work
from tests.servers import free_port
from tests.site.public_school import LOOK, SITE, store
from tests.web import nginx
from tripupdates.channels.contract import Tree
from tripupdates.site.folder import Folder
from tripupdates.site.kinds import KINDS, kind
from tripupdates.site.render import website
from tripupdates.site.sync import sync
from tripupdates.vocabulary import Channel
from tripupdates.web.guard import FRAMED, HEADERS

BELOW = "/school/trips/"
UNPACK = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a school with everything on it, as it was published."""
    made, folder = website(SITE, LOOK), tmp_path_factory.mktemp("www") / "site"
    sync(Tree(made.pages, made.photos, store().__getitem__), Folder(folder))
    return folder


@pytest.fixture(scope="module")
def below(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The school's own nginx, with our site below an address of its own."""
    port = free_port()
    with nginx.running(nginx.mounted(tmp_path_factory.mktemp("nginx"), port, place, BELOW), port) as base:
        yield base + BELOW


def _asked(address: str, encodings: str = "identity") -> tuple[requests.Response, bytes]:
    """An answer, and its bytes as the wire had them."""
    with requests.Session() as web:
        web.trust_env = False
        headers = {"Accept-Encoding": encodings}
        with web.get(address, headers=headers, stream=True, timeout=10, allow_redirects=False) as answer:
            return answer, answer.raw.read(decode_content=False)


def _files(place: Path) -> list[str]:
    """A file of each kind."""
    every = sorted(str(file.relative_to(place)) for file in place.rglob("*") if file.is_file())
    return list({Path(path).suffix: path for path in every if Path(path).suffix in KINDS}.values())


def test_nginx_says_of_every_kind_of_file_what_our_table_says(place: Path, below: str) -> None:
    files = _files(place)
    assert {Path(path).suffix for path in files} == set(KINDS) - {".js"}  # the site has no script
    for path in files:
        answer, data = _asked(below + path)
        what = kind(path)
        said = (answer.headers["Content-Type"].partition(";")[0], answer.headers["Cache-Control"], data)
        assert said == (what.mime, f"public, {what.caching}", (place / path).read_bytes()), path
        assert answer.headers.get("Vary") == ("Accept-Encoding" if what.text else None)


@pytest.mark.parametrize("encodings", ["gzip", "br", "gzip, br"])
def test_nginx_hands_out_what_was_packed_when_it_was_published(
    place: Path, below: str, encodings: str
) -> None:
    best = "br" if "br" in encodings else "gzip"
    for path in [path for path in _files(place) if kind(path).text]:
        answer, data = _asked(below + path, encodings)
        assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == (best, "Accept-Encoding"), path
        assert data == (place / f"{path}.{'br' if best == 'br' else 'gz'}").read_bytes()
        assert answer.headers["Content-Type"].partition(";")[0] == kind(path).mime


def test_nginx_says_what_the_guard_says_and_only_the_embedded_list_may_be_framed(below: str) -> None:
    for path in ("", "policy.html", "embed/latest.inc.html", "nothing", "trips/castle-2027/"):
        answer, _ = _asked(below + path)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path
    answer, _ = _asked(f"{below}embed/latest.html")
    assert {name: answer.headers.get(name) for name in HEADERS} == {"X-Frame-Options": None, **FRAMED}


def test_a_wrong_address_below_a_path_of_the_schools_own_gets_our_page_and_its_links(
    place: Path, below: str
) -> None:
    for path in ("nothing.html", "trips/nowhere/day.html", ".tripupdates", "trips/.writing-index.html"):
        answer, data = _asked(below + path)
        assert (answer.status_code, data) == (404, (place / "404.html").read_bytes()), path
    assert f'href="{BELOW}index.html"'.encode() in data
    assert _asked(below.removesuffix(BELOW) + "/")[1] == b"the present website"


def test_a_folder_without_its_last_stroke_leads_to_itself(below: str) -> None:
    answer, _ = _asked(f"{below}trips/castle-2027")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{BELOW}trips/castle-2027/")


@pytest.fixture
def published(school: School) -> School:
    all_consent(school)
    approved(school, ("Ada", "Bram"))
    work(school, Channel.WEBSITE)
    return school


@pytest.mark.parametrize(
    ("encodings", "best"), [("", None), ("gzip", "gzip"), ("gzip, br", "br"), ("br;q=0, gzip", "gzip")]
)
def test_flask_hands_out_the_best_that_a_browser_takes(
    published: School, encodings: str, best: str | None
) -> None:
    folder, client = published.house.settings.site, published.client()
    for path in [path for path in _files(folder) if kind(path).text]:
        answer = client.get(f"/site/{path}", headers={"Accept-Encoding": encodings})
        assert (answer.headers.get("Content-Encoding"), "Accept-Encoding" in answer.headers["Vary"]) == (
            best,
            True,
        )
        assert UNPACK[best](answer.data) == (folder / path).read_bytes()
        assert (answer.mimetype, answer.headers["Cache-Control"]) == (
            kind(path).mime,
            f"public, {kind(path).caching}",
        )


def test_flask_hands_out_photos_as_they_are(published: School) -> None:
    folder = published.house.settings.site
    photo = next(folder.rglob("*.avif"))
    answer = published.client().get(f"/site/photos/{photo.name}", headers={"Accept-Encoding": "gzip, br"})
    assert (answer.data, answer.mimetype) == (photo.read_bytes(), "image/avif")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "Content-Encoding" not in answer.headers


def test_flask_lets_the_embedded_list_alone_be_framed(published: School) -> None:
    client = published.client()
    answer = client.get("/site/embed/latest.html")
    assert (answer.status_code, "X-Frame-Options" in answer.headers) == (200, False)
    assert {name: answer.headers[name] for name in FRAMED} == FRAMED
    for path in ("", "embed/latest.inc.html", "embed/", f"trips/{published.slug}/"):
        assert client.get(f"/site/{path}").headers["X-Frame-Options"] == "DENY"


def test_before_there_is_an_embedded_list_nothing_may_be_framed(school: School) -> None:
    answer = school.client().get("/site/embed/latest.html")
    assert (answer.status_code, answer.headers["X-Frame-Options"]) == (404, "DENY")


def test_search_engines_find_the_sitemap_where_they_look(published: School, tmp_path: Path) -> None:
    assert "Sitemap: http://localhost/site/sitemap.xml" in published.client().get("/robots.txt").text


def test_a_site_that_is_opened_elsewhere_leaves_the_hosts_robots_alone(tmp_path: Path) -> None:
    with open_school(tmp_path, site_public_url="https://www.puddle-lane.example/trips") as school:
        approved(school)
        work(school, Channel.WEBSITE)
        assert school.client().get("/robots.txt").status_code == 404
