"""A takedown is done when the caches in front of the website have said that they forgot."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import pytest

from tests import servers
from tests.factories import School, all_consent, approved, consent, open_school, work
from tests.test_saying import said
from tripupdates import takedown
from tripupdates.channels.contract import NotSent
from tripupdates.channels.purge import purge
from tripupdates.database import fresh
from tripupdates.outbox import worker
from tripupdates.vocabulary import Channel, Kind


@dataclass
class Hook:
    """A cache that is asked to forget: it answers with `status`, and keeps what it was told."""

    address: str = ""
    status: int = 204
    told: list[list[str]] = field(default_factory=list)


@pytest.fixture
def hook() -> Iterator[Hook]:
    found = Hook()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["Content-Type"] == "application/json"
            found.told.append(body["gone"])
            self.send_response(found.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        found.address = f"http://127.0.0.1:{server.server_port}/purge?token=t"
        yield found
        server.shutdown()


@pytest.fixture
def school(tmp_path: Path, hook: Hook) -> Iterator[School]:
    with open_school(tmp_path, purge_url=hook.address) as school:
        all_consent(school)
        yield school


def _published(school: School, text: str) -> tuple[UUID, list[str]]:
    """An update on the website, and the addresses of its pictures."""
    before = set(school.house.settings.site.rglob("photos/*"))
    update = approved(school, ("Ada", "Bram"), text=text, channels=(Channel.WEBSITE,))
    work(school, Channel.WEBSITE)
    new = set(school.house.settings.site.rglob("photos/*")) - before
    return update, sorted(f"http://localhost/site/photos/{each.name}" for each in new)


def test_the_addresses_of_a_withdrawn_photo_and_of_the_pages_that_showed_it_are_named(
    school: School, hook: Hook
) -> None:
    _, photos = _published(school, "At the tower.")
    assert hook.told == []
    consent(school, {"Ada": (Channel.WEBSITE,)}, yes=False)
    work(school, Channel.WEBSITE)
    root, trip = "http://localhost/site/", f"http://localhost/site/trips/{school.slug}/"
    pages = [root, f"{root}index.html", f"{root}feed.xml", f"{root}feed.json"]
    pages += [f"{root}embed/latest.html", f"{root}embed/latest.inc.html"]
    pages += [f"{root}trips/", f"{root}trips/index.html"]
    pages += [trip, f"{trip}feed.xml", f"{trip}feed.json", f"{trip}index.html"]
    assert [sorted(told) for told in hook.told] == [sorted(photos + pages)]
    assert takedown.not_yet_gone(fresh()) == []


def _told(school: School, hook: Hook, update: UUID) -> list[str]:
    """What the cache is told where this is taken down, below the root of the site."""
    work(school, Channel.WEBSITE)
    takedown.take_down(school.house, school.deputy, update, "Too soon.")
    work(school, Channel.WEBSITE)
    return [each.removeprefix("http://localhost/site/") for each in hook.told[-1]]


def test_a_page_that_stands_no_more_is_named_as_well(school: School, hook: Hook) -> None:
    news = said(school, Kind.NEWS, "Summer concert")
    told = _told(school, hook, news)
    slug = f"news/2027-05-03-summer-concert-{str(news)[:6]}/"
    assert {slug, f"{slug}index.html", "news/", "news/index.html", "index.html"} <= set(told)
    told = _told(school, hook, approved(school, text="At the tower.", channels=(Channel.WEBSITE,)))
    trip = f"trips/{school.slug}/"
    assert {trip, f"{trip}index.html", f"{trip}feed.xml", f"{trip}day.2027-05-03.html"} <= set(told)


def test_what_was_urgent_about_a_trip_stood_on_every_page(school: School, hook: Hook) -> None:
    said(school, Kind.NOTICE, "Car park closed")
    told = _told(school, hook, said(school, Kind.URGENT, "The coach is late", trip=school.slug))
    assert {"policy.html", "404.html", "notices/index.html", f"trips/{school.slug}/"} <= set(told)


@pytest.mark.parametrize("status", [302, 403, 500])
def test_it_is_not_done_before_the_cache_has_confirmed(school: School, hook: Hook, status: int) -> None:
    hook.status = status
    update, _ = _published(school, "At the tower.")
    takedown.take_down(school.house, school.head, update, "Too soon.")
    work(school, Channel.WEBSITE)
    (order,) = takedown.not_yet_gone(fresh())
    assert order.problem.startswith("It is gone from the website, but the caches")
    assert list(school.house.settings.site.rglob("photos/*")) == []
    hook.status = 200
    school.clock.pass_(minutes=6)
    work(school, Channel.WEBSITE)
    assert takedown.not_yet_gone(fresh()) == []
    assert (
        hook.told[0] == hook.told[-1]
    )  # the second time it names the same, though the files are gone already


def test_a_worker_that_dies_after_the_files_went_asks_the_cache_when_it_is_back(
    school: School, hook: Hook
) -> None:
    _, photos = _published(school, "At the tower.")
    consent(school, {"Ada": (Channel.WEBSITE,)}, yes=False)
    worker.claim(school.house, Channel.WEBSITE)
    worker.mend_pages(school.house, Channel.WEBSITE)  # as if it had come so far
    worker.take_over(school.house, Channel.WEBSITE)
    work(school, Channel.WEBSITE)
    assert set(photos) <= set(hook.told[0])


def test_a_hook_that_nobody_answers_is_not_a_yes_and_its_token_is_in_no_error() -> None:
    with pytest.raises(NotSent) as no:
        purge(f"http://127.0.0.1:{servers.free_port()}/?token=t", ["http://localhost/site/photos/x.jpg"])
    assert "token" not in str(no.value)
    assert no.value.__cause__ is None
