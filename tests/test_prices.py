"""What text messages cost is counted from what was sent, in each financial year anew."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.factories import School, settle, work
from tests.families import NUMBERS, arrived, families, family, reach_by_notify
from tests.practice.running import running_notify
from tripupdates import contacting, office, prices
from tripupdates.database import fresh
from tripupdates.vocabulary import Channel, DeliveryState

TEXT, EMAIL = Channel.TEXT, Channel.EMAIL


def _words(school: School, text: str, way: Channel = TEXT) -> str:
    trip = office.trip_by_slug(fresh(), school.slug)
    return prices.to_all(school.house, fresh(), trip, way, [text]).quote.words


@pytest.mark.both_engines
def test_the_price_is_told_before_anything_is_sent(school: School, tmp_path: Path) -> None:
    known = families(school)
    with running_notify(tmp_path / "notify") as notify:
        reach_by_notify(school, notify)
        update = arrived(school)
    assert _words(school, "Arrived") == "5 texts of 1 part: 5 of 5,000 left free this year; £0.00."
    settle(school, update, TEXT, DeliveryState.SENT, parts=140, settled_at=school.clock())
    assert _words(school, "Arrived") == "5 texts of 1 part: 5 of 4,300 left free this year; £0.00."
    assert _words(school, "a" * 161) == "5 texts of 2 parts: 10 of 4,300 left free this year; £0.00."
    settle(school, update, TEXT, DeliveryState.SENT, parts=1000)
    assert _words(school, "a" * 161) == "5 texts of 2 parts: 10 of 0 left free this year; £0.24."
    assert _words(school, "Arrived", EMAIL) == "5 mails: free."
    contacting.leave_out(
        school.house, school.office, school.slug, school.pupil("Ada"), known["Ada"], TEXT, True
    )
    cost = prices.to_all(school.house, fresh(), office.trip_by_slug(fresh(), school.slug), TEXT, ["Arrived"])
    assert (cost.quote.messages, cost.reach.left_out, cost.reach.without) == (4, 1, 0)


def test_numbers_abroad_are_told_of(school: School) -> None:
    family(school, "Ada", NUMBERS["Ada"])
    family(school, "Bram", "+33612345678")
    assert _words(school, "Arrived").endswith("1 of them goes abroad, which costs more.")


def test_the_schools_name_before_each_text_counts(school: School) -> None:
    family(school, "Ada", NUMBERS["Ada"])
    object.__setattr__(school.house.settings, "notify_prefix", "Puddle Lane Junior School")
    assert [_words(school, "a" * letters)[:16] for letters in (133, 134)] == [
        "1 text of 1 part",
        "1 text of 2 part",
    ]


def test_what_is_told_before_is_what_notify_charges_after(school: School, tmp_path: Path) -> None:
    family(school, "Ada", NUMBERS["Ada"])
    name = "Puddle Lane Junior School, in Long Puddleham near Deep Puddleham on the Puddle " * 2
    object.__setattr__(school.house.settings, "notify_prefix", name.strip())
    with running_notify(tmp_path / "notify", prefix=name.strip()) as notify:
        reach_by_notify(school, notify)
        assert _words(school, "Arrived safely").startswith("1 text of 2 parts")
        arrived(school)
        work(school, TEXT)
        school.clock.pass_(minutes=5)
        work(school, TEXT)  # its receipt
        assert notify.texts() == [(NUMBERS["Ada"], f"{name}: Arrived safely".replace(" :", ":"))]
    assert prices.this_year(school.house, fresh()).used == 2


def test_a_year_begins_on_the_first_of_april_at_school(school: School, tmp_path: Path) -> None:
    family(school, "Ada", NUMBERS["Ada"])
    with running_notify(tmp_path / "notify") as notify:
        reach_by_notify(school, notify)
        update = arrived(school)
    midnight = datetime(2027, 3, 31, 23, 0, tzinfo=UTC)  # in London, in summer
    used = []
    for moment in (midnight - timedelta(seconds=1), midnight):
        settle(school, update, TEXT, DeliveryState.SENT, parts=5100, settled_at=moment)
        year = prices.this_year(school.house, fresh())
        used.append((year.used, year.left, year.pounds))
    assert used == [(0, 5000, Decimal("0.00")), (5100, 0, Decimal("2.40"))]
