"""Hold everything: nothing cheerful goes out in an emergency, and what must come down still does."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.factories import (
    EVERYWHERE,
    MONDAY,
    School,
    all_consent,
    approved,
    consent,
    draft,
    send,
    settle,
    waiting,
    wordings,
    work,
)
from tripupdates import audit, holding, journey, takedown
from tripupdates.database import fresh
from tripupdates.outbox import holds, worker
from tripupdates.vocabulary import Channel, Conflict, DeliveryState, Forbidden, Order, Refused

LINE = "We are dealing with an incident. We call every family ourselves."


def _page(school: School) -> str:
    page: Path = school.house.settings.families / school.slug / "index.html"
    return page.read_text("utf-8") if page.exists() else ""


def _hold(school: School, line: str = "", who: str = "head") -> None:
    holding.hold(school.house, school.people[who], line)


def _lift(school: School, who: str = "head") -> None:
    holding.lift(school.house, school.people[who])


# --- Who ---


@pytest.mark.parametrize("who", ["head", "deputy", "office"])
def test_approvers_and_the_office_hold_and_lift(school: School, who: str) -> None:
    _hold(school, who=who)
    assert holds.present(fresh()) is not None
    _lift(school, who=who)
    assert holds.present(fresh()) is None


@pytest.mark.parametrize("who", ["author", "stranger"])
def test_staff_neither_hold_nor_lift(school: School, who: str) -> None:
    with pytest.raises(Forbidden):
        _hold(school, who=who)
    _hold(school)
    with pytest.raises(Forbidden):
        _lift(school, who=who)
    assert holds.present(fresh()) is not None


def test_pressing_twice_is_once_and_each_press_is_in_the_audit(school: School) -> None:
    for _ in range(2):
        _hold(school, LINE)
    for _ in range(2):
        _lift(school)
    lines = fresh().query(audit.Line).filter(audit.Line.event.in_(("held everything", "lifted hold"))).all()
    assert [line.event for line in lines] == ["held everything", "lifted hold"]


# --- Nothing goes out ---


def test_nothing_that_waits_to_be_published_goes_anywhere_until_it_is_lifted(school: School) -> None:
    update = approved(school)
    _hold(school)
    work(school)
    assert set(school.deliveries(update).values()) == {"pending"}
    assert _page(school).count("<article") == 0
    _lift(school)
    work(school)
    assert school.deliveries(update)["families"] == "sent"
    assert _page(school).count("<article") == 1


def test_x_gets_nothing_while_it_is_held(school: School) -> None:
    update = approved(school)
    _hold(school)
    assert worker.claim(school.house, Channel.X) is None
    assert school.deliveries(update)["x"] == "pending"
    _lift(school)
    assert worker.claim(school.house, Channel.X) is not None


def test_what_was_claimed_just_before_the_button_does_not_touch_the_wire(
    school: School,
) -> None:
    update = approved(school)
    job = worker.claim(school.house, Channel.FAMILIES)
    assert job is not None
    _hold(school)
    worker.carry_out(school.house, job)
    row = school.delivery(update, Channel.FAMILIES)
    assert (row.state, row.attempted_at, _page(school)) == (DeliveryState.PENDING, None, "")


def test_nothing_is_approved_while_it_is_held(school: School) -> None:
    update = waiting(school)
    _hold(school)
    with pytest.raises(Conflict, match="on hold"):
        journey.approve(school.house, school.head, update, school.digest(update))
    assert (school.state(update), school.deliveries(update)) == ("waiting", {})


def test_a_ready_message_does_not_go_out_while_it_is_held(school: School) -> None:
    digest = wordings(school, (Channel.FAMILIES,))
    _hold(school)
    with pytest.raises(Conflict, match="on hold"):
        send(school, digest)
    _lift(school)
    send(school, digest)


def test_staff_still_write_and_send_to_the_head(school: School) -> None:
    _hold(school)
    update = draft(school)
    journey.submit(school.house, school.author, update)
    assert school.state(update) == "waiting"


# --- What must come down still does ---


def test_a_withdrawn_photo_still_comes_down(school: School) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"))
    work(school)
    assert "<img" in _page(school)
    _hold(school)
    consent(school, {"Ada": EVERYWHERE}, yes=False)
    work(school)
    assert school.deliveries(update, Order.REMOVE)["families"] == "sent"
    assert "<img" not in _page(school)


def test_an_update_is_still_taken_down(school: School) -> None:
    update = approved(school)
    work(school)
    _hold(school)
    takedown.take_down(school.house, school.head, update, "It tells where we sleep.")
    work(school)
    assert (school.state(update), _page(school).count("<article")) == ("taken_down", 0)


def test_what_may_have_arrived_is_still_looked_up(school: School) -> None:
    update = approved(school)
    settle(
        school, update, Channel.X, DeliveryState.UNSURE, attempted_at=MONDAY, unsure_since=MONDAY, due=MONDAY
    )
    _hold(school)
    job = worker.claim(school.house, Channel.X)
    assert job is not None and job.state is DeliveryState.CHECKING


# --- The line for families ---


@pytest.fixture
def told(school: School) -> Iterator[School]:
    """Held with a line, and the families' page says so."""
    approved(school)
    work(school)
    _hold(school, LINE)
    work(school)
    yield school


def test_families_read_the_heads_line_with_the_time_above_everything(told: School) -> None:
    page = _page(told)
    assert page.index(LINE) < page.index("<article")
    assert "Monday 3 May, 10:00" in page
    assert holds.latest(fresh()).shown_at == told.clock()  # type: ignore[union-attr]
    assert LINE not in (told.house.settings.site / "trips" / told.slug / "index.html").read_text("utf-8")


def test_the_line_goes_when_the_hold_is_lifted(told: School) -> None:
    _lift(told)
    work(told)
    assert LINE not in _page(told)


def test_the_head_writes_another_line(told: School) -> None:
    _hold(told, "Everybody is safe & well.")
    work(told)
    assert "Everybody is safe &amp; well." in _page(told)
    assert LINE not in _page(told)


def test_the_office_that_presses_again_leaves_the_heads_line(told: School) -> None:
    _hold(told, who="office")
    work(told)
    assert LINE in _page(told)


def test_only_an_approver_writes_to_families(school: School) -> None:
    with pytest.raises(Forbidden, match="writes to families"):
        _hold(school, LINE, who="office")
    assert holds.latest(fresh()) is None


@pytest.mark.parametrize("line", ["Ada Puddlewick is in hospital.", "a" * 281])
def test_a_line_that_names_a_pupil_or_never_ends_is_refused_and_nothing_is_held(
    school: School, line: str
) -> None:
    with pytest.raises(Refused):
        _hold(school, line)
    assert holds.latest(fresh()) is None


def test_trips_that_are_over_say_nothing(school: School) -> None:
    approved(school)
    work(school)
    school.clock.pass_(days=7)
    _hold(school, LINE)
    work(school)
    assert LINE not in _page(school)


def test_a_full_disk_is_told_and_tried_again(school: School) -> None:
    families = school.house.settings.families
    families.mkdir(parents=True, exist_ok=True)
    (families / school.slug).write_text("in the way")
    _hold(school, LINE)
    work(school)
    assert "It does not stand there yet" in school.client("head").get("/hold/").text
    (families / school.slug).unlink()
    work(school)
    assert LINE in _page(school)
    assert "It does not stand there yet" not in school.client("head").get("/hold/").text


# --- Pages ---


def test_everybody_at_school_sees_the_hold_on_every_page(school: School) -> None:
    _hold(school)
    for who, address in (("author", "/staff/"), ("head", "/review/"), ("office", "/office/")):
        page = school.client(who).get(address).text
        assert "Everything is on hold since Monday 3 May, 10:00." in page
        assert ("Lift it" in page) is (who != "author")
    assert "on hold" not in school.client().get("/staff/login").text


def test_the_button_and_lifting_it_work_without_a_script(school: School) -> None:
    head = school.client("head")
    token = head.get("/hold/").text.split('name="csrf_token" value="')[1].split('"')[0]
    assert head.post("/hold/", data={"csrf_token": token, "line": LINE}).status_code == 302
    assert holds.present(fresh()) is not None
    wrong = head.post("/hold/", data={"csrf_token": token, "line": "Ada Puddlewick is ill."})
    assert (wrong.status_code, "Ada Puddlewick is ill." in wrong.text) == (422, True)
    assert head.post("/hold/lift", data={"csrf_token": token}).status_code == 302
    assert holds.present(fresh()) is None


def test_scripts_hold_and_lift_too(school: School) -> None:
    ours = {"Sec-Fetch-Site": "same-origin"}
    office = school.client("office")
    held: Any = office.post("/api/hold", json={}, headers=ours).json
    assert (held["line"], held["held"]) == ("", school.clock().isoformat())
    assert office.delete("/api/hold", headers=ours).json == {"held": None, "line": None}
    assert school.client("author").post("/api/hold", json={}, headers=ours).status_code == 403


def test_a_hold_is_never_changed_or_deleted(school: School) -> None:
    _hold(school)
    row = holds.latest(fresh())
    assert row is not None
    for deed in ("UPDATE hold SET held = false", "UPDATE hold SET line = 'x'", "DELETE FROM hold"):
        with pytest.raises(Exception, match="append-only"):
            fresh().connection().exec_driver_sql(deed)
    assert uuid.UUID(str(row.by)) == school.head.id
