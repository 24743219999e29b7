"""The figures: from the database, without an id in them, and only for this machine."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.factories import (
    PUPILS,
    School,
    all_consent,
    approved,
    consent,
    open_school,
    settle,
    waiting,
    work,
)
from tripupdates.app import create_app
from tripupdates.database import db
from tripupdates.health import heart, troubles
from tripupdates.health.ready import lanes
from tripupdates.vocabulary import Channel, DeliveryState

NEAR = {"REMOTE_ADDR": "127.0.0.1"}


def _figures(school: School) -> dict[tuple[str, ...], float]:
    text = school.client().get("/metrics", environ_base=NEAR).text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_depth_age_and_outcomes_of_each_channel(school: School) -> None:
    update = approved(school)
    school.clock.pass_(seconds=90)
    waits = _figures(school)
    assert waits["tripupdates_orders", "x", "publish", "pending"] == 1
    assert waits["tripupdates_oldest_order_seconds", "website", "publish", "pending"] == 90
    assert waits["tripupdates_outcomes_total", "website", "publish", "sent"] == 0
    work(school)
    settle(school, update, Channel.X, DeliveryState.NEEDS_PERSON)
    now = _figures(school)
    assert now["tripupdates_orders", "website", "publish", "pending"] == 0
    assert now["tripupdates_outcomes_total", "website", "publish", "sent"] == 1
    assert (now["tripupdates_needs_person", "x"], now["tripupdates_needs_person", "website"]) == (1, 0)


def test_how_long_takedowns_took(school: School) -> None:
    all_consent(school)
    approved(school, ("Ada", "Bram"))
    work(school)
    consent(school, {"Ada": (Channel.FAMILIES, Channel.WEBSITE)}, yes=False)
    assert _figures(school)["tripupdates_orders", "website", "remove", "pending"] == 1
    school.clock.pass_(seconds=40)
    work(school)
    now = _figures(school)
    buckets = {key[1]: value for key, value in now.items() if key[0] == "tripupdates_takedown_seconds_bucket"}
    assert buckets == {"10": 0, "60": 2, "300": 2, "900": 2, "3600": 2, "86400": 2, "+Inf": 2}
    assert now["tripupdates_takedown_seconds_sum",] == 80


def test_what_waits_for_hands_is_counted_and_is_no_trouble(tmp_path: Path) -> None:
    with open_school(tmp_path, class_app="SeeSaw") as school:
        approved(school, channels=(Channel.APP,))
        school.clock.pass_(hours=4)
        heart.beat(school.house, lanes(school.house))
        troubles.look(school.house, school.clock().replace(year=2026))
        now = _figures(school)
    assert now["tripupdates_orders", "app", "publish", "pending"] == 1
    assert now["tripupdates_oldest_order_seconds", "app", "publish", "pending"] == 4 * 3600
    assert (now["tripupdates_needs_person", "app"], now["tripupdates_troubles",]) == (0, 0)


def test_news_that_waits_and_signs_of_life(school: School) -> None:
    waiting(school)
    heart.beat(school.house, ["telling"])
    school.clock.pass_(seconds=12)
    now = _figures(school)
    assert now["tripupdates_notices_waiting",] == 2  # the head, and the deputy
    assert now["tripupdates_heartbeat_age_seconds", "telling"] == 12
    assert now["tripupdates_troubles",] == 0


def test_nobody_is_in_them(school: School) -> None:
    all_consent(school)
    approved(school, ("Ada", "Bram"))
    work(school)
    text = school.client().get("/metrics", environ_base=NEAR).text
    assert re.findall(r"[0-9a-f]{8}-|Castle|castle|Sample", text) == []
    assert not any(word in text for name in PUPILS for word in name.split())


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("192.0.2.4", {}),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}),
        ("127.0.0.1", {"X-Real-IP": "127.0.0.1"}),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}),
        ("192.0.2.4", {"X-Forwarded-For": "127.0.0.1"}),
    ],
)
@pytest.mark.parametrize("base", ["http://localhost", "https://trips.school.example"])
def test_whoever_comes_from_elsewhere_finds_no_such_page(
    school: School, address: str, headers: dict[str, str], base: str
) -> None:
    given = school.house.settings
    client = create_app(replace(given, public_base_url=base)).test_client()
    answer = client.get("/metrics", base_url=base, headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == 404


def test_a_program_here_needs_not_know_the_schools_name(school: School) -> None:
    app = create_app(replace(school.house.settings, public_base_url="https://trips.school.example"))
    client = app.test_client()
    for path in ("/metrics", "/readyz", "/healthz"):
        assert client.get(path, base_url="http://127.0.0.1:8000").status_code in {200, 503}
    assert client.get("/staff/login", base_url="http://127.0.0.1:8000").status_code == 400
    with app.app_context():
        db.engine.dispose()
