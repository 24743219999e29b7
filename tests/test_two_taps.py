"""Approved messages sent by staff with no further look, and every way in which that is refused."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from tests.factories import (
    EVERYWHERE,
    School,
    approved,
    count,
    draft,
    nothing_sent,
    put_on_trip,
    send,
    waiting,
    without_x,
    wordings,
    work,
)
from tripupdates import accounts, audit, erasure, journey, office, proving, standing, takedown
from tripupdates.approval import view
from tripupdates.approval.records import Decision, Update, Version, Wordings
from tripupdates.database import fresh, transaction
from tripupdates.outbox.records import Delivery
from tripupdates.vocabulary import Channel, Conflict, NotFound, Refused, Role

FAMILIES = (Channel.FAMILIES,)


def test_one_message_is_a_whole_update_in_one_commit(school: School) -> None:
    digest = wordings(school)
    school.clock.pass_(hours=5)
    update = send(school, digest, "setting_off", "18:30")
    found = school.update(update)
    assert (found.state.value, found.text, found.author_id) == (
        "approved",
        "Setting off home, expected at 18:30",
        school.author.id,
    )
    (row,) = fresh().scalars(sa.select(Wordings)).all()
    version = fresh().get_one(Version, found.version_id)
    decision = fresh().get_one(Decision, version.id)
    assert {what["text"] for what in version.manifest["channels"].values()} == {found.text}
    assert (version.manifest["photos"], version.submitted_by) == ({}, school.author.id)
    assert (decision.by, decision.at, decision.digest, decision.wordings_id) == (
        school.head.id,
        school.clock(),
        version.digest,
        row.id,
    )
    assert school.deliveries(update) == {"families": "pending", "website": "pending", "x": "pending"}
    line = audit.about(fresh(), update)[-1]
    assert (line.event, line.by) == ("sent approved message", str(school.author.id))
    assert line.subject == f"{update} {version.digest} {row.id}"
    assert proving.first_bad(fresh()) is None


def test_it_really_reaches_the_pages(school: School) -> None:
    update = send(school, wordings(school, (Channel.FAMILIES, Channel.WEBSITE)), "all_well")
    work(school)
    assert school.deliveries(update) == {"families": "sent", "website": "sent"}
    for folder, path in (
        (school.house.settings.families, f"{school.slug}/index.html"),
        (school.house.settings.site, f"trips/{school.slug}/index.html"),
    ):
        assert (folder / path).read_text("utf-8").count("<p>All well, lights out</p>") == 1


def test_a_double_tap_and_a_lost_answer_are_one_post(school: School) -> None:
    digest = wordings(school)
    update = send(school, digest, "delayed", "19:15")
    first = school.digest(update)
    for _ in range(3):
        send(school, digest, "delayed", "19:15", update=update)
    assert school.digest(update) == first
    assert (count(Update), count(Version), count(Decision), count(Delivery)) == (1, 1, 1, 3)


def test_a_repeat_is_answered_whatever_has_become_of_it(school: School) -> None:
    digest = wordings(school)
    update = send(school, digest)
    takedown.take_down(school.house, school.head, update, "It was too early.")
    wordings(school, arrived="We have arrived")
    standing.withdraw_wordings(school.house, school.head, school.slug)
    school.clock.pass_(days=30)
    send(school, digest, update=update)
    assert (school.state(update), count(Version)) == ("taken_down", 1)


@pytest.mark.parametrize(
    "other", [{"key": "all_well", "time": None}, {"time": "18:31"}, {"digest": "0" * 64}]
)
def test_something_else_under_the_same_id_is_a_conflict(school: School, other: dict[str, Any]) -> None:
    digest = wordings(school)
    asked: dict[str, Any] = {"digest": digest, "key": "setting_off", "time": "18:30", "update": uuid.uuid4()}
    send(school, **asked)
    with pytest.raises(Conflict, match="Something else was already sent"):
        send(school, **asked | other)


@pytest.mark.parametrize("make", [draft, waiting, approved])
def test_the_id_of_another_update_is_a_conflict(school: School, make: Callable[..., uuid.UUID]) -> None:
    digest = wordings(school)
    update = make(school, text="Arrived safely")
    before = school.state(update)
    with pytest.raises(Conflict, match="Something else"):
        send(school, digest, update=update)
    assert school.state(update) == before


def test_the_id_of_somebody_elses_message_is_not_known(school: School) -> None:
    digest = wordings(school)
    update = send(school, digest)
    with pytest.raises(NotFound):
        send(school, digest, by="colleague", update=update)


@pytest.mark.parametrize("who", ["stranger", "head", "office"])
def test_only_staff_of_the_tripsend(school: School, who: str) -> None:
    digest = wordings(school)
    with pytest.raises(NotFound, match="not on it"):
        send(school, digest, by=who)
    with pytest.raises(NotFound):
        send(school, digest, slug="nowhere")
    assert nothing_sent()


def test_a_changed_wording_is_refused(school: School) -> None:
    before = wordings(school)
    now = wordings(school, arrived="We have arrived")
    with pytest.raises(Conflict, match=r"The head has changed these messages\. Look at them again\."):
        send(school, before)
    assert nothing_sent()
    assert school.update(send(school, now)).text == "We have arrived"


def test_changed_channels_are_refused_too(school: School) -> None:
    before = wordings(school, FAMILIES)
    wordings(school, EVERYWHERE)
    with pytest.raises(Conflict, match="The head has changed"):
        send(school, before)


def test_the_digest_of_another_trip_is_refused(school: School) -> None:
    mine = school.slug
    digest = wordings(school)
    school.slug = office.make_trip(
        school.house,
        school.office,
        "Moor Residential",
        "A made-up moor",
        school.house.today(),
        school.house.today(),
        staff=[school.author.id],
    )
    assert wordings(school) != digest
    with pytest.raises(Conflict, match="The head has changed"):
        send(school, digest)
    send(school, digest, slug=mine)


def test_nothing_approvednothing_sent(school: School) -> None:
    with pytest.raises(Conflict, match="has not approved any messages"):
        send(school, "")


@pytest.mark.parametrize(
    ("key", "time", "told"),
    [
        ("goodbye", None, "no such message"),
        ("delayed", None, "Say at what time"),
        ("delayed", "25:00", "Say at what time"),
        ("arrived", "18:30", "says no time"),
    ],
)
def test_an_odd_message_is_refused(school: School, key: str, time: str | None, told: str) -> None:
    digest = wordings(school)
    with pytest.raises(Refused, match=told):
        send(school, digest, key, time)
    assert nothing_sent()


def test_whoever_approved_them_must_still_be_at_school(school: School) -> None:
    digest = wordings(school)
    accounts.set_active(school.house, school.office, school.head.id, False)
    with pytest.raises(Conflict, match="may not do so any more"):
        send(school, digest)
    assert nothing_sent()


@pytest.mark.parametrize("sender", ["author", "deputy"])
def test_whoever_approved_them_must_not_be_on_the_trip_by_now_nor_send_them(
    school: School, sender: str
) -> None:
    digest = wordings(school, by="deputy")
    put_on_trip(school, "deputy")
    with pytest.raises(Conflict, match="may not do so any more"):
        send(school, digest, by=sender)
    assert nothing_sent()


def test_whoever_approved_them_must_still_be_an_approver(school: School) -> None:
    digest = wordings(school)
    with transaction() as session:
        session.execute(
            sa.text("UPDATE person SET role = :role WHERE email LIKE 'head@%'"), {"role": Role.STAFF}
        )
    school.tampered = True
    with pytest.raises(Conflict, match="may not do so any more"):
        send(school, digest)


def test_a_deputy_who_is_on_the_trip_sends_what_the_head_approved(school: School) -> None:
    digest = wordings(school)
    put_on_trip(school, "deputy")
    assert school.state(send(school, digest, by="deputy")) == "approved"


@pytest.mark.parametrize(
    ("days", "told"),
    [(-2, "from the day before"), (-1, None), (0, None), (4, None), (5, None), (6, "This trip is over")],
)
def test_messages_are_sent_from_the_day_before_to_the_day_after(
    school: School, days: int, told: str | None
) -> None:
    digest = wordings(school)
    school.clock.pass_(days=days)
    if told is None:
        assert school.state(send(school, digest)) == "approved"
        return
    with pytest.raises(Conflict, match=told):
        send(school, digest)
    assert nothing_sent()


def test_the_day_is_the_schools_not_utcs(school: School) -> None:
    digest = wordings(school)
    school.clock.pass_(
        days=5, hours=14, minutes=30
    )  # half past eleven in the evening in UTC: past midnight at school
    with pytest.raises(Conflict, match="This trip is over"):
        send(school, digest)


def test_a_channel_that_is_gone_is_refused(school: School) -> None:
    digest = wordings(school)
    school.house = without_x(school)
    with pytest.raises(Conflict, match=r"has not set up X \(Twitter\) any more"):
        send(school, digest)
    assert nothing_sent()


def test_a_pupil_who_joined_since_may_bear_those_words(school: School) -> None:
    digest = wordings(school, all_well="Goodnight from Rowan Bank")
    office.import_register(school.house, school.office, school.slug, b"Forename,Surname\nRowan,Bank\n")
    with pytest.raises(Refused, match="cannot go out as it is") as refused:
        send(school, digest, "all_well")
    assert (refused.value.status, nothing_sent()) == (422, True)
    assert school.state(send(school, digest, "arrived")) == "approved"


def test_a_word_that_the_school_has_put_on_its_list_since_stops_it(school: School) -> None:
    digest = wordings(school)
    words = replace(school.house.words, upsetting=("lights out",))
    school.house = replace(school.house, words=words)
    with pytest.raises(Refused, match="cannot go out as it is") as refused:
        send(school, digest, "all_well")
    assert (len(refused.value.reasons), nothing_sent()) == (1, True)


# Afterwards it is an update like any other


def test_it_is_taken_down_like_any_other(school: School) -> None:
    update = send(school, wordings(school, (Channel.FAMILIES, Channel.WEBSITE)))
    work(school)
    takedown.take_down(school.house, school.head, update, "They are at another place.")
    work(school)
    page = school.house.settings.families / school.slug / "index.html"
    assert "Arrived safely" not in page.read_text("utf-8")
    assert takedown.not_yet_gone(fresh()) == []
    assert erasure.still_there(school.house, fresh()) == []


def test_an_edit_voids_it_and_the_head_must_look(school: School) -> None:
    digest = wordings(school)
    update = send(school, digest)
    journey.save_draft(school.house, school.author, update, school.slug, "Arrived, soaked", None, EVERYWHERE)
    assert (school.state(update), set(school.deliveries(update).values())) == ("draft", {"stopped"})
    journey.submit(school.house, school.author, update)
    journey.approve(school.house, school.head, update, school.digest(update))
    assert fresh().get_one(Decision, school.update(update).version_id).wordings_id is None
    send(school, digest, update=update)
    assert school.update(update).text == "Arrived, soaked"


def test_the_page_can_tell_who_approved_the_wording_and_when(school: School) -> None:
    digest, then = wordings(school), school.clock()
    school.clock.pass_(hours=3)
    session, update = fresh(), school.update(send(school, digest))
    shown = view.review(session, update, session.get_one(Version, update.version_id))
    assert shown.wording == ("Mrs Head Sample", then)
    plain = school.update(approved(school))
    assert view.review(session, plain, session.get_one(Version, plain.version_id)).wording is None
