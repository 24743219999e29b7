"""The staff's pages where a browser test would be slow: what is refused, what is kept, who sees what."""

import io
import re
import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import School, all_consent, approved, draft, photo, picture, waiting
from tripupdates import journey, office


class Form:
    """A signed-in browser that sends the forms of a page with their token."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/staff/").text)
        assert token is not None
        self._token = token[1]

    def post(self, address: str, **fields: Any) -> TestResponse:
        return self.client.post(address, data=fields | {"csrf_token": self._token})


@pytest.fixture
def form(school: School) -> Form:
    return Form(school.client("author"))


def _fields(school: School, **changes: Any) -> dict[str, Any]:
    return {"trip": school.slug, "text": "We climbed.", "channels": ["families"]} | changes


def test_the_same_form_sent_twice_is_one_update_with_one_photo(school: School, form: Form) -> None:
    update, number = uuid.uuid4(), uuid.uuid4()
    for _ in range(2):
        file = (io.BytesIO(picture()), "IMG_1.jpg")
        answer = form.post(f"/staff/updates/{update}", **_fields(school, photos=file, photo_ids=str(number)))
        assert answer.status_code == 302
    assert [photo.id for photo in school.update(update).photos] == [number]


def test_a_first_save_that_is_refused_gives_the_words_back(school: School, form: Form) -> None:
    words = "We climbed the tower. " * 300
    file = (io.BytesIO(picture()), "IMG_1.jpg")
    answer = form.post(
        f"/staff/updates/{uuid.uuid4()}",
        **_fields(school, text=words, photos=file, photo_ids=str(uuid.uuid4())),
    )
    assert (answer.status_code, words.strip() in answer.text) == (413, True)


def test_a_later_save_that_is_refused_keeps_the_draft_and_shows_the_words(school: School, form: Form) -> None:
    update = draft(school, text="Soup.")
    words = "We climbed the tower. " * 300
    answer = form.post(f"/staff/updates/{update}", **_fields(school, text=words))
    assert (answer.status_code, words in answer.text) == (413, True)
    assert school.update(update).text == "Soup."


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"who": "these"}, "Photo 1: tick the pupils who are in it."),
        ({"who": "nobody", "pupil": "Ada"}, "Photo 1: you ticked pupils and said that no pupil is in it."),
    ],
)
def test_an_answer_that_is_none_is_asked_again(
    school: School, form: Form, fields: dict[str, str], told: str
) -> None:
    update = draft(school)
    number = photo(school, update, pictured=None)
    sent = {f"alt-{number}": "A tower.", f"who-{number}": fields["who"]}
    if "pupil" in fields:
        sent[f"pupil-{number}"] = str(school.pupil(fields["pupil"]))
    answer = form.post(f"/staff/updates/{update}", **_fields(school, **sent))
    assert (answer.status_code, told in answer.text) == (422, True)
    assert school.update(update).photos[0].pictured is None


def test_a_form_without_an_answer_leaves_the_photo_unanswered(school: School, form: Form) -> None:
    update = draft(school)
    number = photo(school, update, pictured=None)
    answer = form.post(
        f"/staff/updates/{update}", **_fields(school, **{f"alt-{number}": "A tower."}), action="submit"
    )
    assert answer.status_code == 422
    assert "say who is in it" in answer.text
    assert (school.update(update).photos[0].pictured, school.state(update)) == (None, "draft")


def test_a_colleague_sees_an_update_and_cannot_change_it(school: School) -> None:
    update = draft(school)
    colleague = Form(school.client("colleague"))
    page = colleague.client.get(f"/staff/updates/{update}").text
    assert "We climbed the castle tower." in page
    assert "Send to the head" not in page
    assert colleague.post(f"/staff/updates/{update}", **_fields(school, text="Changed.")).status_code == 404
    assert school.update(update).text == "We climbed the castle tower."


def test_a_stranger_sees_neither_update_nor_photo(school: School) -> None:
    update = draft(school)
    number = photo(school, update)
    name = school.update(update).photos[0].renditions[0]["name"]
    stranger, author = school.client("stranger"), school.client("author")
    assert stranger.get(f"/staff/updates/{update}").status_code == 404
    assert stranger.get(f"/staff/photos/{number}/{name}").status_code == 404
    assert author.get(f"/staff/photos/{number}/{name}").mimetype == "image/jpeg"
    assert author.get(f"/staff/photos/{number}/{'0' * 64}.jpg").status_code == 404


def test_the_reason_of_the_head_stands_on_the_page(school: School) -> None:
    update = waiting(school)
    journey.send_back(school.house, school.head, update, school.digest(update), "Say what for supper.")
    assert "Say what for supper." in school.client("author").get(f"/staff/updates/{update}").text


def test_an_approver_on_the_trip_is_told_why_they_cannot_decide(school: School) -> None:
    office.set_staff(school.house, school.office, school.slug, [school.author.id, school.deputy.id])
    update = waiting(school)
    deputy = Form(school.client("deputy"))
    page = deputy.client.get(f"/review/{update}").text
    assert "You are on this trip" in page
    assert ">Approve<" not in page
    answer = deputy.post(f"/review/{update}/approve", digest=school.digest(update))
    assert (answer.status_code, school.state(update)) == (403, "waiting")


def test_a_decision_that_is_refused_keeps_the_reason_typed(school: School) -> None:
    update = waiting(school)
    head = Form(school.client("head"))
    answer = head.post(f"/review/{update}/return", digest="another", reason="Wait until tomorrow, please.")
    assert (answer.status_code, "Wait until tomorrow, please." in answer.text) == (409, True)


def test_nothing_is_decided_by_opening_a_page(school: School) -> None:
    update = waiting(school)
    head = school.client("head")
    for deed in ("approve", "return", "reject", "take-down"):
        assert head.get(f"/review/{update}/{deed}").status_code == 405
    assert school.state(update) == "waiting"


def test_the_trips_page_shows_where_each_update_stands(school: School) -> None:
    all_consent(school)
    approved(school)
    page = school.client("colleague").get("/staff/").text
    assert "Approved" in page
    assert "waiting to be sent" in page
