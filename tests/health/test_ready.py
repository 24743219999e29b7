"""Whether it can do its work: named checks, quiet about everything else."""

import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.factories import EVERYWHERE, School, approved, open_school, settings, settle
from tripupdates import database, holding
from tripupdates.app import create_app
from tripupdates.database import db, fresh
from tripupdates.health import heart
from tripupdates.health.ready import lanes
from tripupdates.health.records import heartbeats
from tripupdates.outbox import lane
from tripupdates.outbox.lane import alone
from tripupdates.vocabulary import Channel, DeliveryState

BEYOND = {"X-Forwarded-For": "203.0.113.9"}
NAMES = {"database", "migrated", "photos", "families", "website", "worker", "oldest_waiting"}


def _beat(school: School) -> None:
    heart.beat(school.house, lanes(school.house))


def _asked(school: School, **how: Any) -> tuple[int, dict[str, Any]]:
    school.clock.pass_(seconds=6)  # an answer is kept for five
    answer = school.client().get("/readyz", **how)
    return answer.status_code, answer.get_json()


def _failed(school: School) -> dict[str, Any]:
    status, said = _asked(school)
    failed = {name: check.get("said") for name, check in said["checks"].items() if not check["ok"]}
    assert (status, said["ready"]) == ((503, False) if failed else (200, True))
    return failed


def test_all_is_well(school: School) -> None:
    _beat(school)
    status, said = _asked(school)
    assert (status, said["ready"], set(said["checks"])) == (200, True, NAMES)
    assert said["checks"]["worker"] == {"ok": True, "said": 6}


def test_a_stranger_hears_what_works_and_nothing_more(school: School) -> None:
    approved(school)
    school.clock.pass_(minutes=6)
    status, said = _asked(school, headers=BEYOND)
    assert status == 503
    assert all(set(check) == {"ok"} for check in said["checks"].values())
    assert [name for name, check in said["checks"].items() if not check["ok"]] == ["oldest_waiting", "worker"]


def test_a_worker_that_never_came_or_fell_silent_is_told(school: School) -> None:
    assert _failed(school) == {"worker": "not seen yet"}
    _beat(school)
    school.clock.pass_(seconds=50)
    assert _failed(school) == {}
    school.clock.pass_(seconds=30)
    assert _failed(school) == {"worker": "silent for 92 s"}


def test_one_lane_that_fell_silent_is_enough(school: School) -> None:
    _beat(school)
    school.clock.pass_(seconds=70)
    heart.beat(school.house, [Channel.FAMILIES, Channel.WEBSITE, "telling"])
    assert _failed(school) == {"worker": "silent for 76 s"}


def test_what_could_have_been_begun_long_ago_is_told(school: School) -> None:
    approved(school)
    school.clock.pass_(seconds=290)
    _beat(school)
    assert _failed(school) == {}
    assert _failed(school) == {"oldest_waiting": "waits for 302 s"}


def test_what_waits_for_its_time_or_is_held_does_not_wait_too_long(school: School) -> None:
    update = approved(school)
    for channel in EVERYWHERE:
        settle(school, update, channel, DeliveryState.PENDING, until_left=channel is Channel.X)
    holding.hold(school.house, school.head)
    school.clock.pass_(minutes=10)
    _beat(school)
    assert _failed(school) == {}
    holding.lift(school.house, school.head)
    assert _failed(school) == {"oldest_waiting": "waits for 612 s"}
    for channel in EVERYWHERE:
        settle(school, update, channel, DeliveryState.PENDING, until_left=True)
    assert _failed(school) == {}


def test_what_waits_for_hands_keeps_no_computer_from_being_ready(tmp_path: Path) -> None:
    with open_school(tmp_path, class_app="SeeSaw") as school:
        approved(school, channels=(Channel.APP,))
        school.clock.pass_(hours=4)
        _beat(school)
        assert "app" not in lanes(school.house)
        assert _failed(school) == {}


@pytest.mark.parametrize(
    ("name", "place"), [("photos", "media"), ("families", "families"), ("website", "site")]
)
def test_a_store_that_cannot_be_reached_is_named(school: School, name: str, place: str) -> None:
    _beat(school)
    (school.house.settings.instance / place).write_text("no folder")
    assert _failed(school) == {name: "closed to us"}


def test_a_database_of_another_version_is_told(school: School) -> None:
    fresh().close()
    database.migrate("0010")
    assert _failed(school)["migrated"] == "another version"
    database.migrate()


def test_a_database_that_does_not_answer_fails_all_that_need_it_and_alive_is_alive(school: School) -> None:
    app = create_app(settings(school.house.settings.instance / "gone"))  # SQLite makes no folder
    answer = app.test_client().get("/readyz")
    failed = {name for name, check in answer.get_json()["checks"].items() if not check["ok"]}
    assert (answer.status_code, failed) == (503, {"database", "migrated", "worker", "oldest_waiting"})
    assert app.test_client().get("/healthz").status_code == 200
    with app.app_context():
        db.engine.dispose()


def test_alive_asks_the_database_nothing(school: School) -> None:
    asked = []
    listener = lambda *_: asked.append(1)  # noqa: E731 - the event wants a function
    sa.event.listen(db.engine, "begin", listener)
    assert school.client().get("/healthz").text == "ok\n"
    assert asked == []


def test_the_heart_beats_for_the_lanes_that_are_held_and_no_others(school: School) -> None:
    stop = threading.Event()
    with alone(school.app, "x", stop):
        assert lane.held() == {"x"}
        heart.beat(school.house, lane.held())
    assert lane.held() == frozenset()
    assert heartbeats(fresh()) == {"x": school.clock()}


def test_a_heart_that_cannot_write_beats_on_when_it_can(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heart, "LOOK", 0.01)
    stop = threading.Event()
    with alone(school.app, "website", stop):
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ALTER TABLE heartbeat RENAME TO elsewhere")
            connection.commit()
        beating = threading.Thread(target=heart.run, args=(school.app, school.house, stop))
        beating.start()
        stop.wait(0.05)
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO heartbeat")
            connection.commit()
        while not heartbeats(fresh()):
            stop.wait(0.01)
        stop.set()
        beating.join()
    assert set(heartbeats(fresh())) == {"website"}
