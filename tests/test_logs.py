"""What is written down while it runs: a line of JSON for each event, with ids, and nothing that a person wrote (law 10)."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories import School
from tripupdates.logs import REQUESTS, Lines, Plain
from tripupdates.vocabulary import Role
from tripupdates.web.guard import allow

SECRET = "Ada Puddlewick fell ill"


class Kept(logging.StreamHandler[io.StringIO]):
    """A handler of the product's own kind, whose lines a test can read."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__(io.StringIO())
        self.setFormatter(formatter)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


def _keeping(formatter: logging.Formatter) -> Iterator[Kept]:
    kept, loggers = Kept(formatter), [logging.getLogger(), logging.getLogger(REQUESTS)]
    levels = [each.level for each in loggers]
    loggers[0].addHandler(kept)
    for each in loggers:
        each.setLevel(logging.INFO)  # another test may have been a command that a person reads
    yield kept
    loggers[0].removeHandler(kept)
    for each, level in zip(loggers, levels, strict=True):
        each.setLevel(level)


@pytest.fixture
def kept() -> Iterator[Kept]:
    yield from _keeping(Lines())


@pytest.fixture
def plain() -> Iterator[Kept]:
    yield from _keeping(Plain("%(message)s"))


def _of_requests(kept: Kept) -> list[dict[str, Any]]:
    return [line for line in kept.lines if line["logger"] == "tripupdates.requests"]


def test_each_request_is_a_line_with_who_and_what_and_how_long(school: School, kept: Kept) -> None:
    answer = school.client("author").get(f"/staff/?next={SECRET}", headers={"User-Agent": SECRET})
    (line,) = _of_requests(kept)
    assert answer.status_code == 200
    assert line.pop("time").endswith("+00:00")
    assert 0 <= line.pop("ms") < 60_000
    assert line == {
        "level": "info",
        "logger": "tripupdates.requests",
        "message": "request",
        "request": answer.headers["X-Request-Id"],
        "method": "GET",
        "route": "staff.home",
        "status": 200,
        "person": str(school.author.id),
    }


def test_nobody_is_nobody_and_no_address_is_written_down(school: School, kept: Kept) -> None:
    school.client().get(f"/trips/{school.slug}/?code={SECRET}", headers={"Referer": SECRET})
    school.client().get(f"/{SECRET}")
    assert [(line["route"], line["status"], line["person"]) for line in _of_requests(kept)] == [
        ("families.trip_page", 302, None),
        ("", 404, None),
    ]
    assert "Puddle" not in kept.text
    assert school.slug not in kept.text


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("0123456789abcdef0123456789abcdef", True),
        ("4f1b2c3d-0000-4000-8000-123456789abc", True),
        ("short", False),
        ("Ada-Puddlewick-Ada-Puddlewick", False),
        ("0" * 65, False),
        ("", False),
    ],
)
def test_a_request_keeps_the_id_that_a_proxy_gave_it_where_that_is_one(
    school: School, given: str, taken: bool
) -> None:
    answered = school.client().get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert (answered == given) is taken
    assert len(answered) >= 32


def test_an_answer_to_another_hosts_name_has_an_id_as_well(school: School) -> None:
    answer = school.client().get("/staff/", base_url="http://evil.example")
    assert (answer.status_code, len(answer.headers["X-Request-Id"])) == (400, 32)


def test_an_error_is_told_by_its_kind_and_where_and_not_by_its_words(school: School, kept: Kept) -> None:
    def breaks() -> str:
        raise ValueError(SECRET)

    school.app.view_functions["staff.home"] = allow(Role.STAFF)(breaks)
    answer = school.client("author").get("/staff/")
    (line,) = [line for line in kept.lines if "error" in line]
    assert answer.status_code == 500
    assert (line["error"], line["message"]) == ("ValueError", "GET staff.home went wrong")
    assert line["where"][-1].split("/")[-1].startswith("test_logs.py:")
    assert line["request"] == answer.headers["X-Request-Id"]
    assert SECRET not in kept.text


@pytest.mark.parametrize(
    ("name", "words", "given", "said"),
    [
        ("tripupdates.outbox.worker", "lane %s stumbled", ("x",), "lane x stumbled"),
        ("gunicorn.error", "Error handling request %s", (f"/staff/?{SECRET}",), "Error handling request %s"),
        ("gunicorn.error", "Worker exiting", (), "Worker exiting"),
        ("gunicorn.error", f"Invalid request from ip=192.0.2.7: GET /?{SECRET}", (), None),
        ("gunicorn.error", "%s was sent %s!", (7, "SIGKILL"), "7 was sent SIGKILL!"),
        ("gunicorn.error", "%s was sent %s!", (7, "SIGNE Ada"), "%s was sent %s!"),
        ("somebodys.library", "limit %s exceeded", (SECRET,), "limit %s exceeded"),
        ("somebodys.library", f"sent {SECRET}", (), None),
    ],
)
def test_of_others_only_the_words_they_were_written_with(
    kept: Kept, name: str, words: str, given: tuple[object, ...], said: str | None
) -> None:
    logging.getLogger(name).warning(words, *given)
    (line,) = kept.lines
    assert line.get("message") == said
    assert ("at" in line) is (said is None)
    assert SECRET not in kept.text
    assert "192.0.2.7" not in kept.text


def test_a_line_that_a_person_reads_keeps_an_errors_words_to_itself_as_well(plain: Kept) -> None:
    try:
        raise OSError(SECRET)
    except OSError:
        logging.getLogger("tripupdates").error("lane x stumbled", exc_info=sys.exc_info())
    first, kind, *where = plain.text.splitlines()
    assert (first, kind) == ("lane x stumbled", "OSError")
    assert "test_logs.py:" in where[-1]
    assert SECRET not in plain.text
