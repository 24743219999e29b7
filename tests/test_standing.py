"""Two taps: messages approved before a trip, sent by staff with no further look, and every way in which that ends."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tests.factories import EVERYWHERE, School, approved, draft, waiting, wordings, work
from tripupdates import accounts, audit, erasure, journey, office, standing, takedown
from tripupdates.approval import view
from tripupdates.approval.records import Decision, Update, Version, Wordings
from tripupdates.approval.wordings import DEFAULTS
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.outbox.records import Delivery
from tripupdates.vocabulary import Channel, Conflict, DeliveryState, Forbidden, NotFound, Refused, Role

FAMILIES = (Channel.FAMILIES,)


def _send(
    school: School,
    digest: str,
    key: str = "arrived",
    time: str | None = None,
    by: str = "author",
    update: uuid.UUID | None = None,
    slug: str | None = None,
) -> uuid.UUID:
    update = update or uuid.uuid4()
    standing.send_wording(school.house, school.people[by], update, slug or school.slug, key, time, digest)
    return update


def _approve(
    school: School, by: str = "head", channels: Any = EVERYWHERE, seen: str = "", **texts: str
) -> None:
    standing.approve_wordings(school.house, school.people[by], school.slug, DEFAULTS | texts, channels, seen)


def _count(kind: type[Any]) -> int:
    return fresh().scalar(sa.select(sa.func.count()).select_from(kind)) or 0


def _nothing_sent() -> bool:
    return (_count(Update), _count(Version), _count(Decision), _count(Delivery)) == (0, 0, 0, 0)


def _put_on_trip(school: School, *who: str) -> None:
    ids = [school.people[each].id for each in ("author", "colleague", *who)]
    office.set_staff(school.house, school.office, school.slug, ids)


def _without_x(school: School) -> House:
    places: Any = {name: place for name, place in school.house.places.items() if name is not Channel.X}
    return replace(school.house, places=places)


# Approving


def test_what_is_approved_is_one_row_with_its_seal_and_a_line_in_the_audit(school: School) -> None:
    digest = wordings(school, FAMILIES, arrived=" We have  arrived. ")
    (row,) = fresh().scalars(sa.select(Wordings)).all()
    assert row.messages[0] == {"key": "arrived", "text": "We have arrived."}
    assert [each["key"] for each in row.messages] == list(DEFAULTS)
    assert (row.channels, row.digest, row.by, row.at) == (
        ["families"],
        digest,
        school.head.id,
        school.clock(),
    )
    line = fresh().scalars(sa.select(audit.Line).order_by(audit.Line.id.desc())).first()
    assert line is not None
    assert (line.event, line.subject) == ("approved messages", f"{school.trip_id()} {row.id} {digest}")


@pytest.mark.parametrize(
    ("who", "told"), [("author", "Only the headteacher"), ("office", "Only the headteacher")]
)
def test_only_an_approver_approves(school: School, who: str, told: str) -> None:
    with pytest.raises(Forbidden, match=told):
        _approve(school, by=who)
    assert _count(Wordings) == 0


def test_an_approver_on_the_trip_approves_nothing_of_it(school: School) -> None:
    _put_on_trip(school, "deputy")
    with pytest.raises(Forbidden, match="You are on this trip"):
        _approve(school, by="deputy")


def test_there_is_no_such_trip(school: School) -> None:
    with pytest.raises(NotFound):
        standing.approve_wordings(school.house, school.head, "nowhere", DEFAULTS, FAMILIES, "")


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ({"arrived": "Ada Puddlewick has arrived"}, "On arrival: “Ada Puddlewick”: "),
        ({"arrived": "Arrived, the birthdays went well"}, "On arrival: “birthdays”: "),
        ({"all_well": "In hospital, lights out"}, "At bedtime: “hospital”: "),
        ({"delayed": "Follow @somebody, {time}"}, "When it gets late: “@somebody”: "),
        ({"arrived": ""}, "On arrival: write the message."),
    ],
)
def test_words_must_be_plain_for_nobody_looks_again(
    school: School, texts: dict[str, str], reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        _approve(school, **texts)
    assert refused.value.status == 422
    assert any(each.startswith(reason) for each in refused.value.reasons), refused.value.reasons
    assert _count(Wordings) == 0


def test_a_remark_that_is_only_a_note_does_not_stop_them(school: School) -> None:
    wordings(school, arrived="Everybody in her bunk")
    assert _count(Wordings) == 1


def test_on_x_a_message_must_fit_with_its_time(school: School) -> None:
    long = "ä漢" * 93 + " {time}"  # 279 characters for X, and the time
    with pytest.raises(Refused) as refused:
        _approve(school, delayed=long)
    assert refused.value.reasons == (
        "When it gets late: it is 5 characters too long for X. Write a shorter one.",
    )
    wordings(school, FAMILIES, delayed=long)


@pytest.mark.parametrize(
    ("channels", "told"),
    [((), "Choose at least one place"), (["telegraph"], "There is no channel called")],
)
def test_they_appear_somewhere_that_there_is(school: School, channels: Any, told: str) -> None:
    with pytest.raises(Refused) as refused:
        _approve(school, channels=channels)
    assert told in " ".join((refused.value.title, *refused.value.reasons))


def test_without_an_account_at_x_there_is_no_x(school: School) -> None:
    without = _without_x(school)
    with pytest.raises(Refused) as refused:
        standing.approve_wordings(without, school.head, school.slug, DEFAULTS, EVERYWHERE, "")
    assert refused.value.reasons == ("The school has not set up X (Twitter). Take it off these messages.",)


def test_of_two_approvers_the_second_must_look_again(school: School) -> None:
    first = wordings(school)
    with pytest.raises(Conflict, match="Somebody else has changed"):
        _approve(school, by="deputy", arrived="Arrived.")
    _approve(school, by="deputy", seen=first, arrived="Arrived.")
    with pytest.raises(Conflict, match="Somebody else has changed"):
        _approve(school, seen=first, arrived="Arrived safely!")
    assert _count(Wordings) == 2


def test_approving_the_same_again_changes_nothing(school: School) -> None:
    digest = wordings(school)
    _approve(school)
    _approve(school, seen=digest)
    assert _count(Wordings) == 1


def test_another_approver_can_take_the_same_words_upon_them(school: School) -> None:
    digest = wordings(school)
    assert wordings(school, by="deputy") == digest
    assert _count(Wordings) == 2
    decided = fresh().get_one(Decision, school.update(_send(school, digest)).version_id)
    assert decided.by == school.deputy.id


@pytest.mark.parametrize("deed", ["UPDATE wordings SET messages = '[]'", "DELETE FROM wordings"])
def test_an_approval_is_never_changed_or_deleted(school: School, deed: str) -> None:
    wordings(school)
    with pytest.raises(IntegrityError, match="append-only"), transaction() as session:
        session.execute(sa.text(deed))


# Sending


def test_one_message_is_a_whole_update_in_one_commit(school: School) -> None:
    digest = wordings(school)
    school.clock.pass_(hours=5)
    update = _send(school, digest, "setting_off", "18:30")
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
    line = fresh().scalars(sa.select(audit.Line).order_by(audit.Line.id.desc())).first()
    assert line is not None
    assert (line.event, line.by) == ("sent approved message", str(school.author.id))
    assert line.subject == f"{update} {version.digest} {row.id}"
    assert audit.verify(fresh()) is None


def test_it_really_reaches_the_pages(school: School) -> None:
    update = _send(school, wordings(school, (Channel.FAMILIES, Channel.WEBSITE)), "all_well")
    work(school)
    assert school.deliveries(update) == {"families": "sent", "website": "sent"}
    for folder, path in (
        (school.house.settings.families, f"{school.slug}/index.html"),
        (school.house.settings.site, f"trips/{school.slug}/index.html"),
    ):
        assert (folder / path).read_text("utf-8").count("All well, lights out") == 1


def test_a_double_tap_and_a_lost_answer_are_one_post(school: School) -> None:
    digest = wordings(school)
    update = _send(school, digest, "delayed", "19:15")
    first = school.digest(update)
    for _ in range(3):
        _send(school, digest, "delayed", "19:15", update=update)
    assert school.digest(update) == first
    assert (_count(Update), _count(Version), _count(Decision), _count(Delivery)) == (1, 1, 1, 3)


def test_a_repeat_is_answered_whatever_has_become_of_it(school: School) -> None:
    digest = wordings(school)
    update = _send(school, digest)
    takedown.take_down(school.house, school.head, update, "It was too early.")
    wordings(school, arrived="We have arrived")
    standing.withdraw_wordings(school.house, school.head, school.slug)
    school.clock.pass_(days=30)
    _send(school, digest, update=update)
    assert (school.state(update), _count(Version)) == ("taken_down", 1)


@pytest.mark.parametrize(
    "other", [{"key": "all_well", "time": None}, {"time": "18:31"}, {"digest": "0" * 64}]
)
def test_something_else_under_the_same_id_is_a_conflict(school: School, other: dict[str, Any]) -> None:
    digest = wordings(school)
    asked: dict[str, Any] = {"digest": digest, "key": "setting_off", "time": "18:30", "update": uuid.uuid4()}
    _send(school, **asked)
    with pytest.raises(Conflict, match="Something else was already sent"):
        _send(school, **asked | other)


@pytest.mark.parametrize("make", [draft, waiting, approved])
def test_the_id_of_another_update_is_a_conflict(school: School, make: Callable[..., uuid.UUID]) -> None:
    digest = wordings(school)
    update = make(school, text="Arrived safely")
    before = school.state(update)
    with pytest.raises(Conflict, match="Something else"):
        _send(school, digest, update=update)
    assert school.state(update) == before


def test_the_id_of_somebody_elses_message_is_not_known(school: School) -> None:
    digest = wordings(school)
    update = _send(school, digest)
    with pytest.raises(NotFound):
        _send(school, digest, by="colleague", update=update)


@pytest.mark.parametrize("who", ["stranger", "head", "office"])
def test_only_staff_of_the_trip_send(school: School, who: str) -> None:
    digest = wordings(school)
    with pytest.raises(NotFound, match="not on it"):
        _send(school, digest, by=who)
    with pytest.raises(NotFound):
        _send(school, digest, slug="nowhere")
    assert _nothing_sent()


def test_a_changed_wording_is_refused(school: School) -> None:
    before = wordings(school)
    now = wordings(school, arrived="We have arrived")
    with pytest.raises(Conflict, match=r"The head has changed these messages\. Look at them again\."):
        _send(school, before)
    assert _nothing_sent()
    assert school.update(_send(school, now)).text == "We have arrived"


def test_changed_channels_are_refused_too(school: School) -> None:
    before = wordings(school, FAMILIES)
    wordings(school, EVERYWHERE)
    with pytest.raises(Conflict, match="The head has changed"):
        _send(school, before)


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
        _send(school, digest)
    _send(school, digest, slug=mine)


def test_nothing_approved_nothing_sent(school: School) -> None:
    with pytest.raises(Conflict, match="has not approved any messages"):
        _send(school, "")


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
        _send(school, digest, key, time)
    assert _nothing_sent()


def test_whoever_approved_them_must_still_be_at_school(school: School) -> None:
    digest = wordings(school)
    accounts.set_active(school.house, school.office, school.head.id, False)
    with pytest.raises(Conflict, match="may not do so any more"):
        _send(school, digest)
    assert _nothing_sent()


@pytest.mark.parametrize("sender", ["author", "deputy"])
def test_whoever_approved_them_must_not_be_on_the_trip_by_now_nor_send_them(
    school: School, sender: str
) -> None:
    digest = wordings(school, by="deputy")
    _put_on_trip(school, "deputy")
    with pytest.raises(Conflict, match="may not do so any more"):
        _send(school, digest, by=sender)
    assert _nothing_sent()


def test_whoever_approved_them_must_still_be_an_approver(school: School) -> None:
    digest = wordings(school)
    with transaction() as session:
        session.execute(
            sa.text("UPDATE person SET role = :role WHERE email LIKE 'head@%'"), {"role": Role.STAFF}
        )
    with pytest.raises(Conflict, match="may not do so any more"):
        _send(school, digest)


def test_a_deputy_who_is_on_the_trip_sends_what_the_head_approved(school: School) -> None:
    digest = wordings(school)
    _put_on_trip(school, "deputy")
    assert school.state(_send(school, digest, by="deputy")) == "approved"


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
        assert school.state(_send(school, digest)) == "approved"
        return
    with pytest.raises(Conflict, match=told):
        _send(school, digest)
    assert _nothing_sent()


def test_the_day_is_the_schools_not_utcs(school: School) -> None:
    digest = wordings(school)
    school.clock.pass_(
        days=5, hours=14, minutes=30
    )  # half past eleven in the evening in UTC: past midnight at school
    with pytest.raises(Conflict, match="This trip is over"):
        _send(school, digest)


def test_a_channel_that_is_gone_is_refused(school: School) -> None:
    digest = wordings(school)
    school.house = _without_x(school)
    with pytest.raises(Conflict, match=r"has not set up X \(Twitter\) any more"):
        _send(school, digest)
    assert _nothing_sent()


def test_a_pupil_who_joined_since_may_bear_those_words(school: School) -> None:
    digest = wordings(school, all_well="Goodnight from Rowan Bank")
    office.import_register(school.house, school.office, school.slug, b"Forename,Surname\nRowan,Bank\n")
    with pytest.raises(Refused, match="cannot go out as it is") as refused:
        _send(school, digest, "all_well")
    assert (refused.value.status, _nothing_sent()) == (422, True)
    assert school.state(_send(school, digest, "arrived")) == "approved"


def test_a_word_that_the_school_has_put_on_its_list_since_stops_it(school: School) -> None:
    digest = wordings(school)
    words = replace(school.house.words, upsetting=("lights out",))
    school.house = replace(school.house, words=words)
    with pytest.raises(Refused, match="cannot go out as it is") as refused:
        _send(school, digest, "all_well")
    assert (len(refused.value.reasons), _nothing_sent()) == (1, True)


# Stopping


@pytest.mark.parametrize("on_trip", [False, True])
def test_any_approver_stops_them_at_once(school: School, on_trip: bool) -> None:
    digest = wordings(school)
    if on_trip:
        _put_on_trip(school, "deputy")
    standing.withdraw_wordings(school.house, school.deputy, school.slug)
    with pytest.raises(Conflict, match="The head has stopped these messages"):
        _send(school, digest)
    assert (_nothing_sent(), _count(Wordings)) == (True, 2)
    standing.withdraw_wordings(school.house, school.head, school.slug)
    assert _count(Wordings) == 2


@pytest.mark.parametrize("who", ["author", "office"])
def test_others_stop_nothing(school: School, who: str) -> None:
    digest = wordings(school)
    with pytest.raises(Forbidden):
        standing.withdraw_wordings(school.house, school.people[who], school.slug)
    _send(school, digest)


def test_stopping_what_was_never_approved_changes_nothing(school: School) -> None:
    standing.withdraw_wordings(school.house, school.head, school.slug)
    assert _count(Wordings) == 0


def test_what_waits_to_be_delivered_is_stopped_with_them(school: School) -> None:
    digest = wordings(school, (Channel.FAMILIES, Channel.WEBSITE))
    out, held, other = _send(school, digest), uuid.uuid4(), approved(school, channels=FAMILIES)
    work(school)
    _send(school, digest, "all_well", update=held)
    standing.withdraw_wordings(school.house, school.head, school.slug)
    wordings(
        school, FAMILIES
    )  # approved once more, before the worker came by: what was stopped stays stopped
    work(school)
    assert set(school.deliveries(held).values()) == {DeliveryState.STOPPED.value}
    assert school.delivery(held, Channel.FAMILIES).problem == (
        "The head has stopped the approved messages, so it was not sent."
    )
    assert set(school.deliveries(out).values()) == set(school.deliveries(other).values()) == {"sent"}


def test_other_words_approved_later_do_not_stop_what_was_sent_before(school: School) -> None:
    update = _send(school, wordings(school, FAMILIES))
    wordings(school, FAMILIES, arrived="We have arrived")
    work(school)
    assert school.deliveries(update) == {"families": "sent"}


def test_after_a_stop_they_can_be_approved_again(school: School) -> None:
    wordings(school)
    standing.withdraw_wordings(school.house, school.head, school.slug)
    assert school.state(_send(school, wordings(school))) == "approved"


# Afterwards it is an update like any other


def test_it_is_taken_down_like_any_other(school: School) -> None:
    update = _send(school, wordings(school, (Channel.FAMILIES, Channel.WEBSITE)))
    work(school)
    takedown.take_down(school.house, school.head, update, "They are at another place.")
    work(school)
    page = school.house.settings.families / school.slug / "index.html"
    assert "Arrived safely" not in page.read_text("utf-8")
    assert takedown.not_yet_gone(fresh()) == []
    assert erasure.still_there(school.house, fresh()) == []


def test_an_edit_voids_it_and_the_head_must_look(school: School) -> None:
    digest = wordings(school)
    update = _send(school, digest)
    journey.save_draft(school.house, school.author, update, school.slug, "Arrived, soaked", None, EVERYWHERE)
    assert (school.state(update), set(school.deliveries(update).values())) == ("draft", {"stopped"})
    journey.submit(school.house, school.author, update)
    journey.approve(school.house, school.head, update, school.digest(update))
    assert fresh().get_one(Decision, school.update(update).version_id).wordings_id is None
    _send(school, digest, update=update)
    assert school.update(update).text == "Arrived, soaked"


def test_the_page_can_tell_who_approved_the_wording_and_when(school: School) -> None:
    digest, then = wordings(school), school.clock()
    school.clock.pass_(hours=3)
    session, update = fresh(), school.update(_send(school, digest))
    shown = view.review(session, update, session.get_one(Version, update.version_id))
    assert shown.wording == ("Mrs Head Sample", then)
    plain = school.update(approved(school))
    assert view.review(session, plain, session.get_one(Version, plain.version_id)).wording is None
