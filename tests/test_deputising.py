"""Deputies: one trip, some days, and nothing else; never on one's own word, never on one's own update."""

import uuid
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests.factories import MONDAY, School, all_consent, approved, make_trip, put_on_trip, waiting
from tripupdates import accounts, audit, deputising, journey, office, takedown
from tripupdates.approval.deputies import Deputy, approvers, still_to_come, trips_of
from tripupdates.database import fresh
from tripupdates.vocabulary import Conflict, Forbidden, NotFound, Refused

TUESDAY, THURSDAY = date(2027, 5, 4), date(2027, 5, 6)


def appoint(
    school: School, who: str = "stranger", first: date = TUESDAY, last: date = THURSDAY, by: str = "head"
) -> int:
    """Somebody stands in on this trip. Returns the row's number."""
    deputising.appoint(school.house, school.people[by], school.slug, school.people[who].id, first, last)
    return max(fresh().scalars(sa.select(Deputy.id)))


def approve(school: School, update: uuid.UUID, by: str = "stranger") -> None:
    journey.approve(school.house, school.people[by], update, school.digest(update))


def test_a_deputy_decides_on_the_days_of_the_period_at_school_and_on_no_other(school: School) -> None:
    appoint(school)
    update = waiting(school)
    for hour, may in ((13.9, False), (14.1, True), (85.9, True), (86.1, False)):
        school.clock.now = MONDAY + timedelta(hours=hour)
        may_now = school.trip_id() in trips_of(fresh(), school.stranger.id, school.clock())
        assert may_now is may, hour  # midnight in London is 23:00 UTC in May
    with pytest.raises(Forbidden, match="Only the headteacher or a deputy"):
        approve(school, update)
    school.clock.now = school.clock.now.replace(day=5)
    approve(school, update)
    assert school.state(update) == "approved"


def test_a_deputy_sends_back_rejects_and_takes_down_on_that_trip(school: School) -> None:
    appoint(school, first=date(2027, 5, 3))
    first, second, third = waiting(school), waiting(school), approved(school)
    journey.send_back(school.house, school.stranger, first, school.digest(first), "Say where.")
    journey.reject(school.house, school.stranger, second, school.digest(second), "Not this one.")
    takedown.take_down(school.house, school.stranger, third, "A parent has asked.")
    assert [school.state(each) for each in (first, second, third)] == ["returned", "rejected", "taken_down"]


def test_a_deputy_decides_on_no_other_trip(school: School) -> None:
    appoint(school, first=date(2027, 5, 3))
    school.slug = make_trip(school, "Moor Residential", ("author",))
    update = waiting(school)
    with pytest.raises(Forbidden):
        approve(school, update)
    with pytest.raises(Forbidden):
        takedown.take_down(school.house, school.stranger, update, "No.")
    assert school.client("stranger").get(f"/review/{update}").status_code == 404


def test_who_goes_along_by_now_is_no_deputy_any_more(school: School) -> None:
    appoint(school, first=date(2027, 5, 3))
    update = waiting(school)
    put_on_trip(school, "stranger")
    with pytest.raises(Forbidden):
        approve(school, update)
    assert trips_of(fresh(), school.stranger.id, school.clock()) == frozenset()


def test_it_ends_at_once_and_a_second_time_changes_nothing(school: School) -> None:
    number = appoint(school, first=date(2027, 5, 3))
    update = waiting(school)
    deputising.end(school.house, school.office, number)
    lines = audit.length(fresh())
    deputising.end(school.house, school.head, number)
    assert audit.length(fresh()) == lines
    with pytest.raises(Forbidden):
        approve(school, update)
    row = fresh().get_one(Deputy, number)
    assert (row.ended_by, row.ended_at) == (school.office.id, school.clock())


def test_a_closed_account_is_no_deputy(school: School) -> None:
    appoint(school, first=date(2027, 5, 3))
    assert school.stranger.id in {each.id for each in approvers(fresh(), school.trip_id(), school.clock())}
    client = school.client("stranger")
    assert client.get("/review/").status_code == 200
    accounts.set_active(school.house, school.office, school.stranger.id, False)
    assert client.get("/review/").status_code == 302
    assert school.stranger.id not in {
        each.id for each in approvers(fresh(), school.trip_id(), school.clock())
    }


def test_approvers_are_those_of_the_school_and_present_deputies_and_nobody_on_the_trip(
    school: School,
) -> None:
    appoint(school)
    named = [each.name for each in approvers(fresh(), school.trip_id(), school.clock())]
    assert named == ["Mr Deputy Sample", "Mrs Head Sample"]
    school.clock.pass_(days=1)
    put_on_trip(school, "deputy")
    named = [each.name for each in approvers(fresh(), school.trip_id(), school.clock())]
    assert named == ["Mrs Head Sample", "Ms Stranger Sample"]


@pytest.mark.parametrize("by", ["author", "colleague", "stranger"])
def test_staff_appoint_nobody(school: School, by: str) -> None:
    with pytest.raises(Forbidden, match="Only the headteacher or the office"):
        appoint(school, "stranger", by=by)
    number = appoint(school)
    with pytest.raises(Forbidden):
        deputising.end(school.house, school.people[by], number)


def test_a_head_on_the_trip_does_not_choose_who_decides_on_it(school: School) -> None:
    put_on_trip(school, "head")
    with pytest.raises(Forbidden, match="You are on this trip"):
        appoint(school)
    appoint(school, by="deputy")


@pytest.mark.parametrize(
    ("who", "said"), [("author", "is on this trip"), ("deputy", "is not among the staff")]
)
def test_some_cannot_stand_in(school: School, who: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        appoint(school, who)


def test_nobody_appoints_themselves_or_somebody_without_an_account(school: School) -> None:
    with pytest.raises(Forbidden, match="Nobody appoints themselves"):
        appoint(school, "head")
    accounts.set_active(school.house, school.office, school.stranger.id, False)
    with pytest.raises(NotFound):
        appoint(school)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (THURSDAY, TUESDAY, "must not be before"),
        (TUESDAY, date(2027, 9, 1), "three months"),
        (date(2027, 4, 1), date(2027, 5, 2), "are over"),
    ],
)
def test_odd_days_are_refused(school: School, first: date, last: date, said: str) -> None:
    with pytest.raises(Refused, match=said):
        appoint(school, first=first, last=last)
    assert still_to_come(fresh(), school.trip_id(), school.clock()) == []


def test_twice_for_the_same_days_is_refused_and_other_days_are_fine(school: School) -> None:
    appoint(school)
    with pytest.raises(Conflict, match="already"):
        appoint(school, first=THURSDAY, last=THURSDAY)
    appoint(school, first=THURSDAY + timedelta(days=1), last=THURSDAY + timedelta(days=1))


def test_a_deputy_never_decides_on_an_update_of_their_own(school: School) -> None:
    put_on_trip(school, "stranger")
    update = waiting(school, by="stranger")
    put_on_trip(school)
    appoint(school, first=date(2027, 5, 3))
    with pytest.raises(Forbidden, match="You wrote this update"):
        approve(school, update)


def _doors(update: uuid.UUID, digest: str) -> list[tuple[str, str, dict[str, str] | None]]:
    """Every way to the head's work: method, address, JSON."""
    decided = {"digest": digest, "reason": "Because."}
    return [
        ("GET", "/review/", None),
        ("GET", f"/review/{update}", None),
        ("GET", f"/review/{update}/story", None),
        ("POST", f"/api/updates/{update}/return", decided),
        ("POST", f"/api/updates/{update}/reject", decided),
        ("POST", f"/api/updates/{update}/approve", {"digest": digest}),
    ]


def _statuses(school: School, who: str, update: uuid.UUID) -> set[int]:
    client = school.client(who)
    same = {"Sec-Fetch-Site": "same-origin"}
    return {
        client.open(address, method=method, json=body, headers=same).status_code
        for method, address, body in _doors(update, school.digest(update))
    }


def test_staff_who_are_no_deputies_are_refused_at_every_door(school: School) -> None:
    update = waiting(school)
    assert _statuses(school, "stranger", update) == {403, 404}
    appoint(school)
    assert _statuses(school, "stranger", update) == {403, 404}  # the day before it begins
    assert school.state(update) == "waiting"


def test_a_deputy_of_another_trip_is_refused_at_every_door_but_the_list(school: School) -> None:
    update = waiting(school, text="We climbed the castle tower.")
    school.slug = make_trip(school, "Moor Residential", ("author",))
    appoint(school, first=date(2027, 5, 3))
    client = school.client("stranger")
    listed = client.get("/review/")
    assert listed.status_code == 200
    assert "castle tower" not in listed.text
    assert _statuses(school, "stranger", update) == {200, 403, 404}
    assert school.state(update) == "waiting"


@pytest.mark.parametrize(
    "address", ["/hold/", "/review/trips/{slug}/messages", "/review/trips/{slug}/deputies", "/office/"]
)
def test_a_deputy_has_none_of_the_headteachers_other_rights(school: School, address: str) -> None:
    appoint(school, first=date(2027, 5, 3))
    assert school.client("stranger").get(address.format(slug=school.slug)).status_code == 403


def test_a_deputys_pages_show_what_is_theirs_and_lead_nowhere_else(school: School) -> None:
    appoint(school, first=date(2027, 5, 3))
    all_consent(school)
    update = waiting(school, ("Ada", "Bram"))
    client = school.client("stranger")
    assert 'href="/review/"' in client.get("/staff/").text
    assert 'href="/review/"' not in school.client("author").get("/staff/").text
    listed = client.get("/review/").text
    assert f'href="/review/{update}"' in listed
    assert "Hold everything" not in listed
    page = client.get(f"/review/{update}").text
    assert "Ada Puddlewick" in page
    assert "/pupils/" not in page
    photo = school.update(update).photos[0]
    assert client.get(f"/staff/photos/{photo.id}/{photo.largest['name']}").status_code == 200


@pytest.mark.parametrize("who", ["head", "office"])
def test_the_page_appoints_and_ends_and_keeps_what_was_typed(school: School, who: str) -> None:
    client = school.client(who)
    address = f"/review/trips/{school.slug}/deputies"
    form = {"person": str(school.stranger.id), "first": "2027-05-04", "last": "2027-05-02"}
    token = client.get(address).text.split('name="csrf-token" content="')[1].split('"')[0]
    refused = client.post(address, data=form | {"csrf_token": token})
    assert refused.status_code == 422
    assert "The last day must not be before the first" in refused.text
    assert f'value="{school.stranger.id}" selected' in refused.text
    assert client.post(address, data=form | {"csrf_token": token, "person": "nobody"}).status_code == 422
    assert client.post(address, data=form | {"csrf_token": token, "last": "May"}).status_code == 422
    client.post(address, data=form | {"csrf_token": token, "last": "2027-05-06"})
    page = client.get(address).text
    assert "<strong>Ms Stranger Sample</strong> stands in from Tuesday 4 May, 00:00" in page
    row = still_to_come(fresh(), school.trip_id(), school.clock())[0]
    client.post(f"{address}/{row.id}/end", data={"csrf_token": token})
    assert still_to_come(fresh(), school.trip_id(), school.clock()) == []
    assert client.post(f"{address}/{row.id + 1}/end", data={"csrf_token": token}).status_code == 404


def test_the_audit_names_who_was_appointed_by_whom(school: School) -> None:
    number = appoint(school, by="office")
    trip = office.trip_by_slug(fresh(), school.slug).id
    line = [each for each in audit.about(fresh(), trip) if each.event == "appointed deputy"]
    assert [(each.by, each.subject) for each in line] == [
        (str(school.office.id), f"{trip} {school.stranger.id} {number}")
    ]
