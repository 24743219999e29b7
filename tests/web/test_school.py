"""The pages of what the school itself says: who may write, what is refused and kept, and sending what is urgent alone."""

import io
import re
import uuid
from typing import Any

import pytest

from tests.factories import School, picture
from tests.web.sending import Form
from tripupdates import journey
from tripupdates.vocabulary import Kind
from tripupdates.web.staff import NOBODY_ELSE, SENT

UNTIL = "2027-05-03T18:30"  # 17:30 in UTC: the clocks are an hour ahead in May


def fields(kind: str = "news", **changes: Any) -> dict[str, Any]:
    said = {"kind": kind, "title": "Winter concert", "text": "All choirs sang in the hall."}
    return said | {"channels": ["website", "x"], "action": "save"} | changes


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("stranger", {"news", "notice"}),
        ("office", {"news", "notice"}),
        ("head", {"news", "notice", "urgent"}),
    ],
)
def test_each_is_offered_what_they_may_write(school: School, who: str, offered: set[str]) -> None:
    page = school.client(who).get("/staff/school/").text
    assert set(re.findall(r'href="/staff/school/new/(\w+)"', page)) >= offered
    assert ("/staff/school/new/urgent" in page) == ("urgent" in offered)


def test_the_office_writes_news_changes_it_and_sends_it_to_the_head(school: School) -> None:
    form, update = Form(school.client("office"), "/staff/school/"), uuid.uuid4()
    answer = form.post(f"/staff/updates/{update}", **fields())
    assert (answer.status_code, school.update(update).kind) == (302, Kind.NEWS)
    page = form.page(f"/staff/updates/{update}")
    assert 'value="Winter concert"' in page
    form.post(f"/staff/updates/{update}", **fields(title="Summer concert", action="submit"))
    assert (school.update(update).title, school.state(update)) == ("Summer concert", "waiting")
    head = Form(school.client("head"))
    assert "School news" in head.page("/review/")
    assert "Summer concert" in head.page(f"/review/{update}")


def test_news_may_have_a_photo_in_which_no_pupil_is(school: School) -> None:
    form, update, photo = Form(school.client("stranger")), uuid.uuid4(), uuid.uuid4()
    file = (io.BytesIO(picture()), "IMG_1.jpg")
    form.post(f"/staff/updates/{update}", **fields(photos=file, photo_ids=str(photo)))
    more = {f"alt-{photo}": "The hall with its lights.", f"who-{photo}": "nobody"}
    form.post(f"/staff/updates/{update}", **fields(action="submit", **more))
    assert school.state(update) == "waiting"
    assert "pupil-" not in form.page(f"/staff/updates/{update}")


def test_a_notice_ends_at_a_time_by_the_schools_clock(school: School) -> None:
    form, update = Form(school.client("stranger")), uuid.uuid4()
    form.post(f"/staff/updates/{update}", **fields("notice", until=UNTIL))
    ends = school.update(update).expires_at
    assert ends is not None
    assert ends.isoformat() == "2027-05-03T17:30:00+00:00"
    assert f'value="{UNTIL}"' in form.page(f"/staff/updates/{update}")


def test_an_odd_time_is_refused_and_what_was_typed_stays(school: School) -> None:
    form, update = Form(school.client("stranger")), uuid.uuid4()
    form.post(f"/staff/updates/{update}", **fields("notice", until=UNTIL))
    answer = form.post(f"/staff/updates/{update}", **fields("notice", title="Another", until="tomorrow"))
    assert answer.status_code == 422
    assert "Choose the day and the time until when this is so" in answer.text
    assert 'value="Another"' in answer.text
    assert school.update(update).title == "Winter concert"


@pytest.mark.parametrize("kind", ["trip", "message", "telegram", ""])
def test_there_is_no_page_for_another_kind(school: School, kind: str) -> None:
    client = school.client("head")
    assert client.get(f"/staff/school/new/{kind or '%20'}").status_code == 404
    answer = Form(client).post(f"/staff/updates/{uuid.uuid4()}", **fields(kind))
    assert (answer.status_code, "There is no such thing to write." in answer.text) == (404, True)


def test_staff_open_no_page_for_an_urgent_notice_and_send_none(school: School) -> None:
    client = school.client("author")
    assert client.get("/staff/school/new/urgent").status_code == 403
    answer = Form(client).post(f"/staff/updates/{uuid.uuid4()}", **fields("urgent", until=UNTIL))
    assert answer.status_code == 403


def test_a_draft_of_somebody_else_is_not_there(school: School) -> None:
    update = uuid.uuid4()
    Form(school.client("stranger")).post(f"/staff/updates/{update}", **fields())
    assert school.client("author").get(f"/staff/updates/{update}").status_code == 404
    assert school.client("office").get(f"/staff/updates/{update}").status_code == 404


def test_an_urgent_notice_about_a_trip_tells_a_second_person_or_goes_alone(school: School) -> None:
    form, update = Form(school.client("head")), uuid.uuid4()
    assert f'value="{school.slug}"' in form.page("/staff/school/new/urgent")
    said = fields("urgent", title="The coach is late", until=UNTIL, trip=school.slug, action="submit")
    assert form.post(f"/staff/updates/{update}", **said).status_code == 302
    assert school.update(update).trip_id == school.trip_id()
    page = form.page(f"/staff/updates/{update}")
    assert "There is nobody else whom we can reach." in page
    assert (NOBODY_ELSE in page, SENT in page, "A second person has this" in page) == (True, False, False)
    digest = school.digest(update)
    answer = form.post(f"/staff/school/{update}/alone", digest=digest, why=" ")
    assert (answer.status_code, "why nobody else could decide" in answer.text) == (422, True)
    assert school.state(update) == "waiting"
    form.post(f"/staff/school/{update}/alone", digest=digest, why="The deputy is on the coach.")
    assert set(school.deliveries(update)) == {"families", "website", "x"}
    decided = form.page(f"/review/{update}")
    assert "Sent without a second person:</strong> The deputy is on the coach." in decided
    assert "somebody else must decide" not in decided
    lately = form.page("/review/").split("Published lately")[1]
    assert f'<a href="/review/{update}">The coach is late</a>' in lately


def test_a_second_person_finds_it_among_what_waits(school: School) -> None:
    form, update = Form(school.client("head")), uuid.uuid4()
    form.post(f"/staff/updates/{update}", **fields("urgent", until=UNTIL, action="submit"))
    assert "Urgent notice" in school.client("deputy").get("/review/").text
    page = school.client("deputy").get(f"/review/{update}").text
    assert "Until Monday 3 May, 18:30" in page
    assert "School closed" not in page
    journey.approve(school.house, school.deputy, update, school.digest(update))
    assert school.state(update) == "approved"
