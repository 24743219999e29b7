"""On a full disk what must go still goes: the ballast makes room for it, and for nothing else."""

from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from tests.disks import full
from tests.factories import EVERYWHERE, PUPILS, School, all_consent, approved, consent, count, work
from tripupdates import ballast, takedown
from tripupdates.consent.records import Answer
from tripupdates.database import db
from tripupdates.outbox import worker
from tripupdates.vocabulary import Channel, Order

EVERYONE = {
    name.split()[0]: EVERYWHERE for name in PUPILS
}  # more rows than the database's pages have room for


@pytest.fixture
def reserve(school: School) -> Path:
    assert ballast.keep(school.house.settings.instance)
    return school.house.settings.instance / ballast.NAME


def test_it_takes_real_room_and_having_it_twice_changes_nothing(school: School, reserve: Path) -> None:
    before = reserve.stat()
    assert before.st_blocks * 512 >= ballast.SIZE
    assert ballast.keep(school.house.settings.instance)
    assert reserve.stat().st_mtime_ns == before.st_mtime_ns


def test_a_full_disk_does_not_keep_a_parent_from_withdrawing(school: School, reserve: Path) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"))
    work(school)
    with full(reserve.exists):
        consent(school, EVERYONE, yes=False)
        assert not reserve.exists()
        work(school)
    assert school.deliveries(update, Order.REMOVE) == {"families": "sent", "website": "sent"}
    assert count(Answer) == 30
    assert ballast.keep(school.house.settings.instance)


def test_nor_the_head_from_taking_down(school: School, reserve: Path) -> None:
    updates = [approved(school, text=f"We climbed the tower, stair {number}.") for number in range(8)]
    work(school)
    with full(reserve.exists):
        for update in updates:  # the first few find room yet in the pages that the database has
            takedown.take_down(school.house, school.head, update, "It should not be there. " * 40)
    assert not reserve.exists()
    assert {school.state(update) for update in updates} == {"taken_down"}


def test_without_ballast_nothing_is_acknowledged(school: School) -> None:
    all_consent(school)
    with full(), pytest.raises(OperationalError):
        consent(school, EVERYONE, yes=False)
    assert count(Answer) == 15


def test_the_worker_gives_it_up_for_what_must_go_alone(school: School, reserve: Path) -> None:
    no_room = _no_room()
    worker.make_room(school.app, school.house, no_room)
    assert reserve.exists()
    all_consent(school)
    approved(school, ("Ada", "Bram"))
    work(school)
    consent(school, {"Ada": (Channel.WEBSITE,)}, yes=False)
    worker.make_room(school.app, school.house, ValueError())
    assert reserve.exists()
    worker.make_room(school.app, school.house, no_room)
    assert not reserve.exists()


def _no_room() -> Exception:
    with (
        full(),
        pytest.raises(OperationalError) as error,
        db.engine.begin() as connection,
    ):
        for number in range(100):
            connection.exec_driver_sql(f"CREATE TABLE more{number} (a)")
    return error.value


def test_a_disk_without_room_to_spare_gets_none(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ballast, "SIZE", 2**60)
    assert not ballast.keep(school.house.settings.instance)
    assert not (school.house.settings.instance / ballast.NAME).exists()
