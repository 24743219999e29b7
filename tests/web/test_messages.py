"""Two taps on plain pages and through the phone's JSON: what is shown, what is sent, what is refused."""

import html
import re
import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from tests.factories import EVERYWHERE, School, count, nothing_sent, put_on_trip, send, wordings, work
from tests.web.sending import Form
from tests.web.test_api import Phone, _phone
from tripupdates import office, standing
from tripupdates.approval.records import Update, Wordings
from tripupdates.approval.wordings import DEFAULTS
from tripupdates.database import fresh
from tripupdates.vocabulary import Channel


@pytest.fixture
def head(school: School) -> Form:
    return Form(school.client("head"), "/review/")


@pytest.fixture
def staff(school: School) -> Form:
    return Form(school.client("author"))


@pytest.fixture
def phone(school: School) -> Phone:
    return _phone(school, "author")


def _page(school: School) -> str:
    return f"/review/trips/{school.slug}/messages"


def _fields(**changes: Any) -> dict[str, Any]:
    return {**DEFAULTS, "channels": ["families"], "seen": ""} | changes


# The head's page


def test_the_page_offers_its_sentences_for_the_families_alone(school: School, head: Form) -> None:
    page = head.page(_page(school))
    texts = dict(re.findall(r'<textarea id="\w+" name="(\w+)"[^>]*>([^<]*)</textarea>', page))
    assert texts == DEFAULTS
    assert re.findall(r'name="channels" value="(\w+)" checked', page) == ["families"]
    assert ("Not approved yet." in page, "Stop these messages" in page) == (True, False)


def test_what_is_approved_is_what_was_on_the_form(school: School, head: Form) -> None:
    answer = head.post(_page(school), **_fields(arrived="We have arrived", channels=["x", "families"]))
    assert answer.status_code == 302
    (row,) = fresh().scalars(sa.select(Wordings)).all()
    assert (row.messages[0]["text"], row.channels) == ("We have arrived", ["families", "x"])
    page = head.page(_page(school))
    assert "<strong>Approved</strong> by Mrs Head Sample on Monday 3 May, 10:00." in page
    assert (row.digest in page, "We have arrived</textarea>" in page) == (True, True)


def test_what_is_refused_comes_back_as_it_was_typed(school: School, head: Form) -> None:
    typed = _fields(arrived="Ada Puddlewick is here", all_well="", channels=["website"])
    answer = head.post(_page(school), **typed)
    page = html.unescape(answer.text)
    assert (answer.status_code, count(Wordings)) == (422, 0)
    assert "At bedtime: write the message." in page
    assert "Ada Puddlewick is here</textarea>" in page
    assert re.findall(r'name="channels" value="(\w+)" checked', page) == ["website"]


def test_a_second_approver_sees_what_holds_now(school: School, head: Form) -> None:
    wordings(school, by="deputy", arrived="We have arrived")
    answer = head.post(_page(school), **_fields(arrived="Here we are"))
    assert (answer.status_code, count(Wordings)) == (409, 1)
    assert "Somebody else has changed these messages" in answer.text
    assert ("We have arrived</textarea>" in answer.text, "Here we are" in answer.text) == (True, False)


def test_a_form_that_lacks_a_message_approves_nothing(school: School, head: Form) -> None:
    fields = _fields()
    del fields["delayed"]
    assert head.post(_page(school), **fields).status_code == 422
    assert count(Wordings) == 0


def test_the_head_stops_them_and_approves_them_again(school: School, head: Form) -> None:
    wordings(school)
    assert head.post(f"{_page(school)}/stop").status_code == 302
    page = head.page(_page(school))
    assert "<strong>Stopped</strong> by Mrs Head Sample" in page
    assert ("Stop these messages" in page, f"{DEFAULTS['arrived']}</textarea>" in page) == (False, True)
    seen = re.findall(r'name="seen" value="(\w+)"', page)[0]
    assert head.post(_page(school), **_fields(seen=seen)).status_code == 302
    assert "<strong>Approved</strong>" in head.page(_page(school))


def test_an_approver_on_the_trip_can_look_and_stop_but_not_approve(school: School) -> None:
    wordings(school)
    put_on_trip(school, "deputy")
    deputy = Form(school.client("deputy"), "/review/")
    page = deputy.page(_page(school))
    assert "You are on this trip, so somebody at school must approve its messages." in page
    assert ("Approve these messages" in page, "Stop these messages" in page) == (False, True)
    assert deputy.post(_page(school), **_fields(arrived="Here")).status_code == 403
    assert deputy.post(f"{_page(school)}/stop").status_code == 302


def test_an_approval_that_does_not_hold_any_more_is_told(school: School, head: Form) -> None:
    wordings(school, by="deputy")
    put_on_trip(school, "deputy")
    assert "<strong>Not in use.</strong> They were approved by Mr Deputy Sample" in head.page(_page(school))


def test_the_waiting_page_asks_for_messages_in_good_time(school: School, head: Form) -> None:
    school.clock.pass_(days=-20)
    link = f'href="{_page(school)}"'
    head = Form(school.client("head"), "/review/")
    page = head.page("/review/")
    assert (link in page, "none approved yet." in page) == (True, True)
    school.clock.pass_(days=10)
    assert "none approved, and the trip begins soon." in head.page("/review/")
    school.clock.pass_(days=10)
    head = Form(school.client("head"), "/review/")
    assert "none approved, and the trip has begun." in head.page("/review/")
    wordings(school)
    assert "approved by Mrs Head Sample on Monday 3 May, 10:00." in head.page("/review/")
    standing.withdraw_wordings(school.house, school.head, school.slug)
    assert "stopped by Mrs Head Sample" in head.page("/review/")
    school.clock.pass_(days=6)
    assert link not in head.page("/review/")


# The staff's plain forms


def _forms(page: str) -> dict[str, str]:
    """The address of each message's form on my trips, by key."""
    found = re.findall(
        r'action="(/staff/updates/[^"]+/message)">\s*<input[^>]*>\s*<input[^>]*value="(\w+)"', page
    )
    return {key: address for address, key in found}


def _asked(page: str) -> dict[str, str]:
    """What the page that asks once more would send."""
    return dict(re.findall(r'<input type="hidden" name="(trip|key|time|digest)" value="([^"]*)"', page))


def test_two_taps_send_what_the_second_page_shows(school: School, staff: Form) -> None:
    wordings(school, (Channel.FAMILIES, Channel.WEBSITE))
    address = _forms(staff.page("/staff/"))["setting_off"]
    page = staff.page(f"{address}?trip={school.slug}&key=setting_off&time=18:30")
    assert "Setting off home, expected at 18:30</p>" in page
    assert "<strong>Families’ page</strong>, <strong>School website</strong>." in page
    assert "Approved wording, by Mrs Head Sample on Monday 3 May, 10:00." in page
    assert nothing_sent()
    for _ in range(2):
        assert staff.post(address, **_asked(page)).status_code == 302
    (update,) = fresh().scalars(sa.select(Update)).all()
    assert (update.text, update.state.value) == ("Setting off home, expected at 18:30", "approved")
    work(school)
    assert school.deliveries(update.id) == {"families": "sent", "website": "sent"}
    assert "Setting off home, expected at 18:30" in staff.page("/staff/")


def test_going_back_to_the_question_shows_what_was_sent(school: School, staff: Form) -> None:
    update = send(school, wordings(school))
    answer = staff.client.get(f"/staff/updates/{update}/message?trip={school.slug}&key=arrived")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/staff/updates/{update}")


def test_each_form_has_an_id_of_its_own(school: School, staff: Form) -> None:
    wordings(school)
    first, second = (_forms(staff.page("/staff/")) for _ in range(2))
    assert list(first) == list(DEFAULTS)
    assert len({*first.values(), *second.values()}) == 2 * len(DEFAULTS)


def test_without_approved_messages_there_are_no_forms(school: School, staff: Form) -> None:
    assert _forms(staff.page("/staff/")) == {}
    wordings(school)
    standing.withdraw_wordings(school.house, school.head, school.slug)
    assert _forms(staff.page("/staff/")) == {}


def test_words_that_changed_between_the_taps_are_refused_and_shown_anew(school: School, staff: Form) -> None:
    wordings(school)
    address = f"/staff/updates/{uuid.uuid4()}/message"
    asked = _asked(staff.page(f"{address}?trip={school.slug}&key=arrived"))
    now = wordings(school, arrived="We have arrived")
    answer = staff.post(address, **asked)
    assert (answer.status_code, nothing_sent()) == (409, True)
    assert "The head has changed these messages. Look at them again." in answer.text
    assert "We have arrived</p>" in answer.text
    assert _asked(answer.text)["digest"] == now
    assert staff.post(address, **_asked(answer.text)).status_code == 302


def test_a_message_that_cannot_be_sent_says_why_and_has_no_button(school: School, staff: Form) -> None:
    wordings(school)
    address = f"/staff/updates/{uuid.uuid4()}/message?trip={school.slug}&key=delayed"
    answer = staff.client.get(address)
    assert (answer.status_code, "Say at what time" in answer.text) == (422, True)
    assert "Yes, send it" not in answer.text


@pytest.mark.parametrize("who", ["stranger", "head"])
def test_others_are_not_asked(school: School, who: str) -> None:
    digest = wordings(school)
    other = Form(school.client(who))
    address = f"/staff/updates/{uuid.uuid4()}/message"
    assert other.client.get(f"{address}?trip={school.slug}&key=arrived").status_code == 404
    sent = other.post(address, trip=school.slug, key="arrived", digest=digest)
    assert (sent.status_code, nothing_sent()) == (404, True)


@pytest.mark.parametrize(("who", "area"), [("author", "staff/updates"), ("head", "review")])
def test_the_page_of_the_update_says_who_approved_the_wording(school: School, who: str, area: str) -> None:
    digest = wordings(school)
    school.clock.pass_(hours=30)
    update = send(school, digest)
    page = school.client(who).get(f"/{area}/{update}").text
    assert "Approved wording, by Mrs Head Sample on Monday 3 May, 10:00." in page


def test_the_head_takes_one_down_on_its_page(school: School, head: Form) -> None:
    update = send(school, wordings(school, (Channel.FAMILIES,)))
    assert "Take it down everywhere" in head.page(f"/review/{update}")
    assert head.post(f"/review/{update}/take-down", reason="Not there yet.").status_code == 302
    assert school.state(update) == "taken_down"


# What the phone speaks


def test_the_phone_gets_the_messages_with_its_trips(school: School, phone: Phone) -> None:
    assert phone("GET", "/trips").json[0]["messages"] is None
    digest = wordings(school, EVERYWHERE)
    kept = phone("GET", "/trips").json[0]["messages"]
    assert (kept["digest"], kept["channels"]) == (digest, ["families", "website", "x"])
    assert [each["needs_time"] for each in kept["messages"]] == [False, False, True, True, True]


def test_the_phone_sends_one_and_repeating_it_is_harmless(school: School, phone: Phone) -> None:
    body = {
        "trip": school.slug,
        "key": "delayed",
        "time": "19:05",
        "digest": wordings(school, (Channel.FAMILIES,)),
        "by": str(school.author.id),
    }
    update = uuid.uuid4()
    first, second = (phone("PUT", f"/updates/{update}/message", json=body) for _ in range(2))
    assert (first.status_code, first.json) == (200, second.json)
    assert first.json == phone("GET", f"/updates/{update}").json
    assert (first.json["id"], first.json["state"], first.json["text"]) == (
        str(update),
        "approved",
        "Delayed, now expected at 19:05",
    )
    assert first.json["delivery"] == [
        {"channel": "families", "state": "waiting", "words": "Waiting to be sent", "link": None}
    ]
    assert count(Update) == 1


@pytest.mark.parametrize("time", [{}, {"time": None}, {"time": ""}])
def test_a_message_without_a_time_may_leave_it_out(
    school: School, phone: Phone, time: dict[str, str | None]
) -> None:
    body = {"trip": school.slug, "key": "arrived", "digest": wordings(school)} | time
    assert phone("PUT", f"/updates/{uuid.uuid4()}/message", json=body).status_code == 200


def test_what_another_wrote_on_this_phone_is_theirs_to_send(school: School, phone: Phone) -> None:
    body = {
        "trip": school.slug,
        "key": "arrived",
        "digest": wordings(school),
        "by": str(school.colleague.id),
    }
    answer = phone("PUT", f"/updates/{uuid.uuid4()}/message", json=body)
    assert (answer.status_code, nothing_sent()) == (403, True)
    assert answer.json["title"] == (
        "This was written by someone else who uses this phone. They can sign in and send it."
    )


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"digest": "0" * 64}, 409),
        ({"key": "goodbye"}, 422),
        ({"key": 7}, 422),
        ({"time": "late"}, 422),
        ({"time": 1830}, 422),
        ({"by": "me"}, 422),
        ({"photos": []}, 422),
        ({"trip": "nowhere"}, 404),
    ],
)
def test_what_cannot_be_sent_is_told_kindly(
    school: School, phone: Phone, change: dict[str, Any], status: int
) -> None:
    good = {"trip": school.slug, "key": "delayed", "time": "19:05", "digest": wordings(school)}
    answer = phone("PUT", f"/updates/{uuid.uuid4()}/message", json=good | change)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert (answer.json["title"].endswith("."), nothing_sent()) == (True, True)


def test_somebody_who_is_no_longer_on_the_trip_sends_nothing(school: School, phone: Phone) -> None:
    body = {"trip": school.slug, "key": "arrived", "digest": wordings(school)}
    office.set_staff(school.house, school.office, school.slug, [school.colleague.id])
    assert phone("PUT", f"/updates/{uuid.uuid4()}/message", json=body).status_code == 404
