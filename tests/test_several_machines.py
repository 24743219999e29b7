"""One school on several machines: one writes, another delivers, and nothing lies on the disk of either."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import elsewhere
from tests.factories import (
    EVERYWHERE,
    School,
    all_consent,
    approved,
    consent,
    on_a_server,
    open_school,
    settings,
    work,
)
from tests.relay import Relay
from tripupdates import erasure, wiring
from tripupdates.buckets import Bucket
from tripupdates.console import check_buckets
from tripupdates.database import fresh
from tripupdates.health import ready
from tripupdates.setting_checks import OddSettings
from tripupdates.vocabulary import Channel


@contextmanager
def _two_machines(tmp_path: Path, bucket: Bucket) -> Iterator[tuple[School, School]]:
    """The machine with the pages that people open, and the machine with the worker."""
    shared: dict[str, Any] = {
        "database_url": on_a_server(),
        "media_bucket": bucket.below("private"),
        "site_elsewhere": bucket.below("public"),
        "x_handle": "",
    }
    web, worker = tmp_path / "web", tmp_path / "worker"
    web.mkdir()
    worker.mkdir()
    with open_school(web, **shared) as one:
        built = wiring.build(settings(worker, **shared))
        two = replace(one, house=replace(built, clock=one.clock, room=one.house.room))
        yield one, two


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Bucket, Relay]]:
    with elsewhere.bucket(monkeypatch) as found:
        yield found


def test_what_one_machine_takes_in_another_publishes_and_takes_down(
    tmp_path: Path, line: tuple[Bucket, Relay]
) -> None:
    bucket, _ = line
    with _two_machines(tmp_path, bucket) as (web, worker):
        all_consent(web)
        approved(web, ("Ada", "Bram"), channels=(Channel.FAMILIES, Channel.WEBSITE))
        work(worker, Channel.FAMILIES, Channel.WEBSITE)
        head, anyone = web.client("head"), web.client()
        page = head.get(f"/trips/{web.slug}/").text
        photo = re.findall(r"photos/[0-9a-f-]+\.jpg", page)[0]
        public = anyone.get(f"/site/trips/{web.slug}/").text
        shown = re.findall(r"photos/[0-9a-f]{16}-\d+\.jpg", public)[0]
        assert head.get(f"/trips/{web.slug}/{photo}").data[:2] == b"\xff\xd8"
        assert anyone.get(f"/site/{shown}").headers["Cache-Control"] == "public, max-age=300"
        assert anyone.get(f"/site/trips/{web.slug}").headers["Location"] == f"/site/trips/{web.slug}/"
        assert (anyone.get("/site/nothing").status_code, anyone.get("/site/.tripupdates").status_code) == (
            404,
            404,
        )
        consent(web, {"Ada": EVERYWHERE}, yes=False)
        work(worker, Channel.FAMILIES, Channel.WEBSITE)
        gone = [head.get(f"/trips/{web.slug}/{photo}"), anyone.get(f"/site/{shown}")]
        assert [answer.status_code for answer in gone] == [404, 404]
        assert erasure.still_there(web.house, fresh()) == []
        assert [path for path in bucket.listed() if path.startswith("public/photos/")] == []
        for machine in (web, worker):
            kept = {path.name for path in machine.house.settings.instance.iterdir()}
            assert kept.isdisjoint({"media", "families", "site"})


def test_while_the_bucket_is_away_people_read_why_and_nothing_is_lost(
    tmp_path: Path, line: tuple[Bucket, Relay]
) -> None:
    bucket, relay = line
    with _two_machines(tmp_path, bucket) as (web, worker):
        all_consent(web)
        update = approved(web, ("Ada", "Bram"), channels=(Channel.FAMILIES,))
        relay.room = 0
        work(worker, Channel.FAMILIES)
        assert web.deliveries(update) == {"families": "pending"}
        answer = web.client("head").get(f"/trips/{web.slug}/")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
        failed = {check.name: check.said for check in ready.checks(web.house) if not check.ok}
        assert {failed[name] for name in ("photos", "families", "website")} == {"no answer"}
        check_buckets(web.house)  # no reason not to start
        relay.room = None
        web.clock.pass_(minutes=10)
        work(worker, Channel.FAMILIES)
        assert web.deliveries(update) == {"families": "sent"}


def test_a_bucket_that_keeps_what_is_deleted_is_told_before_anything_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        elsewhere.bucket(monkeypatch, versions=True) as (bucket, _),
        _two_machines(tmp_path, bucket) as (web, _),
    ):
        failed = {check.name: check.said for check in ready.checks(web.house) if not check.ok}
        assert {failed[name] for name in ("photos", "families", "website")} == {"keeps what is deleted"}
        with pytest.raises(OddSettings, match="MEDIA_URL: The bucket keeps older versions"):
            check_buckets(web.house)
        all_consent(web)
        with pytest.raises(OSError, match="older versions"):
            approved(web, ("Ada", "Bram"), channels=(Channel.FAMILIES,))
        assert bucket.is_empty()
