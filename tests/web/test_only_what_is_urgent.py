"""By text and e-mail go ready messages and urgent notices alone: no form, no phone and no change brings anything else there."""

import uuid
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa

from tests.factories import School, approved, count, send, wordings
from tests.families import NUMBERS, family
from tests.practice.running import NOTIFY_KEY
from tests.web.sending import Form
from tests.web.test_api import _phone
from tripupdates import journey, publishing, reviewing
from tripupdates.approval import doors
from tripupdates.approval.records import Update, Version
from tripupdates.channels.notify import Notify, NotifyAccount
from tripupdates.database import fresh, transaction
from tripupdates.outbox.records import Delivery
from tripupdates.vocabulary import TO_FAMILIES, Channel, DeliveryState, Kind


@pytest.fixture(autouse=True)
def ways(school: School) -> None:
    """A school that could send texts and mails, to a family that has both; nothing is sent here."""
    places: Any = school.house.places  # a dict underneath
    for way in TO_FAMILIES:
        places[way] = Notify(way, NotifyAccount("http://127.0.0.1:9", NOTIFY_KEY))
    family(school, "Ada", NUMBERS["Ada"], "ada@home.example")


def to_families() -> int:
    mine = sa.select(sa.func.count(Delivery.id)).where(Delivery.channel.in_(TO_FAMILIES))
    return fresh().scalar(mine) or 0


def test_a_forged_form_brings_nothing_else_there(school: School) -> None:
    words = {"title": "Concert", "text": "We sang.", "until": "2027-05-04T18:30"}
    forms = [Form(school.client("author")), Form(school.client("deputy"), "/review/")]
    for form, kind, way in product(forms, ["", *(set(Kind) - {Kind.URGENT})], TO_FAMILIES):
        about = words | ({"kind": kind} if kind else {"trip": school.slug})
        answer = form.post(
            f"/staff/updates/{uuid.uuid4()}", **about, channels=["website", way], action="submit"
        )
        assert answer.status_code in {404, 422}
    assert (count(Update), count(Version)) == (0, 0)


def test_a_phone_cannot_either_and_only_approvers_write_what_is_urgent(school: School) -> None:
    body = {"trip": school.slug, "text": "We climbed.", "channels": ["families", "text"]}
    answer = _phone(school, "author")("PUT", f"/updates/{uuid.uuid4()}", json=body)
    assert (answer.status_code, answer.json["title"]) == (
        422,
        "Text message is no place for this: Trip update.",
    )
    words = {
        "kind": "urgent",
        "title": "Late",
        "text": "Late.",
        "until": "2027-05-04T18:30",
        "trip": school.slug,
    }
    for who in ("author", "office"):
        form = Form(school.client(who), "/office/" if who == "office" else "/staff/")
        assert form.post(f"/staff/updates/{uuid.uuid4()}", **words, action="submit").status_code == 403
    assert count(Update) == 0


def test_a_ready_message_that_is_changed_goes_on_as_an_ordinary_update(school: School) -> None:
    update = send(school, wordings(school, (Channel.FAMILIES, *TO_FAMILIES)))
    assert to_families() == 2
    with transaction() as session:  # as a new photo opens it, which says nothing of where it goes
        doors.open_for_change(session, school.house, school.author, session.get_one(Update, update))
    journey.submit(school.house, school.author, update)
    reviewing.suggest(school.house, school.head, update, school.digest(update), "We had chips.")
    reviewing.use_suggestion(school.house, school.author, update)
    journey.submit(school.house, school.author, update)
    journey.approve(school.house, school.head, update, school.digest(update))
    assert (school.update(update).kind, school.update(update).channels) == (Kind.TRIP, ["families"])
    rows = fresh().scalars(sa.select(Delivery.state).where(Delivery.channel.in_(TO_FAMILIES)))
    assert set(rows) == {DeliveryState.STOPPED}


def test_the_last_door_asks_as_well(school: School) -> None:
    update = approved(school, channels=(Channel.FAMILIES,))
    with transaction() as session:
        found = session.get_one(Update, update)
        version = session.get_one(Version, found.version_id)
        order = session.scalars(sa.select(Delivery)).one()
        order.channel = Channel.TEXT
        said = publishing.may_still_go(school.house, session, found, version, order)
    assert said == publishing.OTHER_KIND
