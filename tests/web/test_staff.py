"""The staff's pages where a browser test would be slow: what is refused, what is kept, who sees what."""

import io
import re
import uuid
from typing import Any

import pytest

from tests.factories import (
    EVERYWHERE,
    School,
    all_consent,
    approved,
    consent,
    draft,
    photo,
    picture,
    waiting,
    work,
)
from tests.web.sending import Form
from tripupdates import journey, office
from tripupdates.vocabulary import Channel


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
    name = school.update(update).photos[0].jpegs[0]["name"]
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


def _answers(number: uuid.UUID, **said: str) -> dict[str, str]:
    return {f"{name}-{number}": value for name, value in said.items()}


def test_what_was_typed_and_ticked_stays_on_a_page_that_refuses(school: School, form: Form) -> None:
    update = draft(school)
    number, ada = photo(school, update, pictured=None), school.pupil("Ada")
    said = _answers(number, alt="A tower in the rain.", who="nobody", pupil=str(ada))
    page = form.post(f"/staff/updates/{update}", **_fields(school, **said)).text
    assert re.search(rf'name="pupil-{number}" value="{ada}" checked', page)
    assert re.search(rf'name="who-{number}" value="nobody" checked', page)
    assert "A tower in the rain.</textarea>" in page
    assert school.update(update).photos[0].alt == "A tower in the rain."


def test_every_reason_that_blocks_leads_to_the_place_where_it_is_mended(school: School) -> None:
    update = draft(school, text="Well done Ada Puddlewick! " * 20, x_text="")
    photo(school, update, pictured=None, alt="")
    page = school.client("author").get(f"/staff/updates/{update}").text
    reasons = page.split("Before it can go to the head")[1].split("</div>")[0]
    places = re.findall(r'<li><a href="#([^"]+)">', reasons)
    assert places == ["for-x", "photo-1", "photo-1", "text"]
    assert reasons.count("<li>") == len(places)
    assert [place for place in places if f'id="{place}"' not in page] == []
    assert re.search(r'<details open>\s*<summary id="for-x">', page)


def test_an_update_without_words_or_places_says_where_to_begin(school: School) -> None:
    update = draft(school, text="", channels=())
    page = school.client("author").get(f"/staff/updates/{update}").text
    assert re.findall(r'<li><a href="#([^"]+)">', page) == ["text", "places"]
    assert all(f'id="{place}"' in page for place in ("text", "places"))


def test_photos_are_numbered_as_they_stand_after_one_was_removed(school: School, form: Form) -> None:
    update = draft(school)
    gone, stays = photo(school, update), photo(school, update, pictured=None, scene=2)
    form.post(f"/staff/updates/{update}", **_fields(school), action=f"remove-{gone}")
    assert [each.id for each in school.update(update).photos] == [stays]
    said = _answers(stays, alt="Archers.", who="these")
    page = form.post(f"/staff/updates/{update}", **_fields(school, **said)).text
    assert "Photo 1: tick the pupils who are in it." in page


def test_the_first_button_of_the_form_saves_for_that_is_what_the_enter_key_presses(school: School) -> None:
    update = draft(school)
    photo(school, update)
    page = school.client("author").get(f"/staff/updates/{update}").text
    buttons = re.findall(r'name="action" value="([a-z]+)', page.split("<main")[1])
    assert buttons == ["save", "crop", "remove", "save", "submit"]


def test_the_photos_that_came_whole_are_kept_beside_one_that_is_refused(school: School, form: Form) -> None:
    update = uuid.uuid4()
    files = [(io.BytesIO(picture()), "IMG_1.jpg"), (io.BytesIO(b"not a picture"), "letter.pdf")]
    numbers = [str(uuid.uuid4()), str(uuid.uuid4())]
    answer = form.post(f"/staff/updates/{update}", **_fields(school, photos=files, photo_ids=numbers))
    assert (answer.status_code, "letter.pdf: " in answer.text) == (422, True)
    assert "Everything else you entered is saved." in answer.text
    assert [str(each.id) for each in school.update(update).photos] == numbers[:1]


def test_five_photos_are_one_too_many(school: School, form: Form) -> None:
    update = uuid.uuid4()
    files = [(io.BytesIO(picture(scene)), f"IMG_{scene}.jpg") for scene in range(1, 6)]
    numbers = [str(uuid.uuid4()) for _ in range(4)]
    answer = form.post(f"/staff/updates/{update}", **_fields(school, photos=files, photo_ids=numbers))
    assert "An update can have at most 4 photos; the last ones were left out." in answer.text
    assert len(school.update(update).photos) == 4


def test_saving_what_waits_without_a_change_leaves_it_with_the_head(school: School, form: Form) -> None:
    all_consent(school)
    update = waiting(school, ("Ada", "Bram"))
    (one,) = school.update(update).photos
    said: dict[str, Any] = _answers(one.id, alt=one.alt, who="these")
    said[f"pupil-{one.id}"] = [str(pupil) for pupil in school.pupils("Ada", "Bram")]
    fields = {"text": "We climbed the castle tower.\r\n", "channels": ["families", "website", "x"]}
    answer = form.post(f"/staff/updates/{update}", **_fields(school, **fields, **said))
    assert (answer.status_code, school.state(update)) == (302, "waiting")


def test_a_change_to_what_waits_takes_it_back_from_the_head(school: School, form: Form) -> None:
    update = waiting(school)
    assert "the head must look at it again" in form.client.get(f"/staff/updates/{update}").text
    form.post(f"/staff/updates/{update}", **_fields(school, text="We climbed down again."))
    assert school.state(update) == "draft"


def test_words_for_an_update_that_is_already_out_come_back_to_be_copied(school: School, form: Form) -> None:
    update = approved(school)
    work(school)
    answer = form.post(f"/staff/updates/{update}", **_fields(school, text="One more thing happened."))
    assert (answer.status_code, "already being published" in answer.text) == (409, True)
    assert "readonly>One more thing happened.</textarea>" in answer.text
    assert "Send to the head" not in answer.text


def test_each_pupil_shows_where_they_cannot_be_shown(school: School) -> None:
    consent(school, {"Ada": EVERYWHERE, "Bram": (Channel.FAMILIES, Channel.WEBSITE)})
    update = draft(school)
    photo(school, update, pictured=None)
    page = school.client("author").get(f"/staff/updates/{update}").text
    told = dict(re.findall(r"<span>(\w+) \w+<br>(.*?)</label>", page))
    words = {name: re.sub(r"<[^>]+>", "", said).strip() for name, said in told.items()}
    assert (words["Ada"], words["Bram"]) == ("can be shown everywhere", "not on: X (Twitter)")
    assert words["Cleo"] == "cannot be shown"


def test_a_photo_stays_in_the_browser_for_five_minutes_and_in_no_other_cache(school: School) -> None:
    update = draft(school)
    number = photo(school, update)
    name = school.update(update).photos[0].jpegs[0]["name"]
    kept = school.client("author").get(f"/staff/photos/{number}/{name}").cache_control
    assert (kept.max_age, kept.private, kept.public) == (300, True, False)


def test_a_draft_is_deleted_by_a_button_until_the_head_has_seen_it(school: School, form: Form) -> None:
    update, asked = draft(school), waiting(school)
    assert "Delete this draft" not in form.client.get(f"/staff/updates/{asked}").text
    assert "Delete this draft" in form.client.get(f"/staff/updates/{update}").text
    form.post(f"/staff/updates/{update}/delete")
    assert form.client.get(f"/staff/updates/{update}").status_code == 404
    assert form.post(f"/staff/updates/{asked}/delete").status_code == 409
    assert school.state(asked) == "waiting"


def test_an_author_who_left_the_trip_no_longer_sees_the_update(school: School) -> None:
    update = draft(school)
    office.set_staff(school.house, school.office, school.slug, [school.colleague.id])
    assert school.client("author").get(f"/staff/updates/{update}").status_code == 404
