"""What an approver does besides deciding: take out, suggest, put off. The asserts are on the rows and the pages."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import (
    EVERYWHERE,
    School,
    all_consent,
    approved,
    consent,
    count,
    draft,
    photo,
    put_on_trip,
    waiting,
    work,
)
from tests.web.sending import Form
from tripupdates import holding, journey, reviewing, story, takedown
from tripupdates.approval.records import Decision, Update, Version
from tripupdates.approval.timing import NOW, ONCE_LEFT, When
from tripupdates.database import fresh
from tripupdates.vocabulary import Channel, Conflict, Forbidden, NotFound, Refused

AMBULANCE = "The ambulance museum was shut, so we drew an ambulance."


def with_two_photos(school: School) -> tuple[uuid.UUID, list[uuid.UUID]]:
    """An update with the head: two photos, everywhere."""
    all_consent(school)
    update = draft(school)
    photos = [photo(school, update, ("Ada", "Bram")), photo(school, update, ("Cleo", "Dev"), scene=2)]
    journey.submit(school.house, school.author, update)
    return update, photos


def drop(school: School, update: uuid.UUID, by: str = "head", **what: list[str]) -> None:
    reviewing.drop(school.house, school.people[by], update, school.digest(update), **what)


def approve(school: School, update: uuid.UUID, when: When = NOW, by: str = "head") -> None:
    journey.approve(school.house, school.people[by], update, school.digest(update), when=when)


def page_of(school: School) -> str:
    """The families' page of the trip, as it lies there."""
    return (school.house.settings.families / school.slug / "index.html").read_text("utf-8")


# --- Taking out ---


def test_a_photo_taken_out_makes_another_version_which_is_the_one_approved(school: School) -> None:
    update, (first, second) = with_two_photos(school)
    before = school.digest(update)
    drop(school, update, photos=[str(first)])
    assert school.digest(update) != before
    with pytest.raises(Conflict, match="changed since"):
        journey.approve(school.house, school.head, update, before)
    approve(school, update)
    version = fresh().get_one(Version, school.update(update).version_id)
    assert (version.number, list(version.manifest["photos"])) == (2, [str(second)])
    work(school)
    assert page_of(school).count("<img") == 1


def test_the_pixels_of_a_photo_taken_out_go_with_the_approval_and_not_before(school: School) -> None:
    update, (first, _) = with_two_photos(school)
    drop(school, update, photos=[str(first)])
    gone = school.update(update).photos[0]
    names = {each["name"] for each in gone.renditions}
    assert names <= school.house.photos.names()
    approve(school, update)
    assert school.update(update).photos[0].deleted_at == school.clock()
    assert not names & school.house.photos.names()


def test_what_goes_back_still_has_what_was_taken_out(school: School) -> None:
    update, (first, second) = with_two_photos(school)
    drop(school, update, photos=[str(first)], channels=["x"])
    journey.send_back(school.house, school.head, update, school.digest(update), "Say where.")
    found = school.update(update)
    assert [each.id for each in found.photos if each.deleted_at is None] == [first, second]
    assert found.chosen == EVERYWHERE


def test_a_place_taken_out_gets_no_order(school: School) -> None:
    update = waiting(school)
    drop(school, update, channels=["x"])
    approve(school, update)
    assert school.deliveries(update) == {"families": "pending", "website": "pending"}


@pytest.mark.parametrize(("by", "error"), [("author", Forbidden), ("office", Forbidden)])
def test_only_who_may_decide_takes_something_out(school: School, by: str, error: type[Exception]) -> None:
    update = waiting(school)
    with pytest.raises(error):
        drop(school, update, by=by, channels=["x"])
    put_on_trip(school, "head")
    with pytest.raises(Forbidden, match="You are on this trip"):
        drop(school, update, channels=["x"])
    assert count(Version) == 1


def test_of_an_older_version_nothing_is_taken_out(school: School) -> None:
    update = waiting(school)
    older = school.digest(update)
    drop(school, update, channels=["x"])
    with pytest.raises(Conflict):
        reviewing.drop(school.house, school.deputy, update, older, channels=["website"])
    approve(school, update)
    with pytest.raises(Conflict):
        drop(school, update, channels=["website"])


def test_a_remark_about_a_photo_goes_with_it(school: School) -> None:
    all_consent(school)
    update = draft(school)
    kept, asked = (
        photo(school, update, ("Ada", "Bram")),
        photo(school, update, ("Cleo", "Dev"), alt=AMBULANCE),
    )
    journey.submit(school.house, school.author, update)
    with pytest.raises(Refused, match="reason in words"):
        approve(school, update)
    drop(school, update, photos=[str(asked)])
    approve(school, update)
    assert school.state(update) == "approved"
    assert str(kept) in fresh().get_one(Version, school.update(update).version_id).manifest["photos"]


def test_author_and_head_read_what_was_taken_out_by_whom(school: School) -> None:
    update, (_, second) = with_two_photos(school)
    drop(school, update, photos=[str(second)])
    drop(school, update, channels=["x"])
    said = "Mrs Head Sample took out: photo 2, X (Twitter)."
    assert said in school.client("author").get(f"/staff/updates/{update}").text
    assert said in school.client("head").get(f"/review/{update}").text
    _, told = story.story(school.house, fresh(), school.head, update)
    assert told[-1].text == "Mrs Head Sample took a photo or a place out (version 3)."


def test_the_form_takes_out_what_is_ticked_and_says_when_nothing_is(school: School) -> None:
    update, (first, _) = with_two_photos(school)
    head = Form(school.client("head"), "/review/")
    empty = head.post(f"/review/{update}/take-out", digest=school.digest(update))
    assert (empty.status_code, "Choose a photo or a place" in empty.text) == (422, True)
    done = head.post(f"/review/{update}/take-out", digest=school.digest(update), photo=[str(first)])
    assert (done.status_code, done.location) == (302, f"/review/{update}")
    assert "version 2" in head.page(f"/review/{update}")


# --- Other words ---


def suggest(school: School, update: uuid.UUID, text: str, **more: str) -> None:
    reviewing.suggest(school.house, school.head, update, school.digest(update), text, **more)


def test_suggested_words_come_back_and_are_taken_with_one_button(school: School) -> None:
    update = waiting(school, text="We rowed over the lake.")
    suggest(school, update, "We rowed over the pond.")
    assert (school.state(update), school.update(update).text) == ("returned", "We rowed over the lake.")
    author = Form(school.client("author"))
    page = author.page(f"/staff/updates/{update}")
    assert "Words suggested by the head" in page
    assert "<del>lake.</del>" in page
    taken = author.post(f"/staff/updates/{update}/use-words")
    assert (taken.status_code, school.state(update)) == (302, "draft")
    assert (school.update(update).text, school.update(update).x_text) == ("We rowed over the pond.", None)
    assert "Words suggested by the head" not in author.page(f"/staff/updates/{update}")
    journey.submit(school.house, school.author, update)
    approve(school, update)


def test_taking_them_twice_changes_nothing_and_words_of_ones_own_stand(school: School) -> None:
    update = waiting(school)
    suggest(school, update, "Other words.", x_text="Words for X.", reason="Shorter.")
    reviewing.use_suggestion(school.house, school.author, update)
    revision = school.update(update).revision
    reviewing.use_suggestion(school.house, school.author, update)
    assert school.update(update).revision == revision
    assert school.update(update).x_text == "Words for X."
    decided = fresh().scalars(sa.select(Decision)).one()
    assert (decided.reason, decided.suggested) == (
        "Shorter.",
        {"text": "Other words.", "x_text": "Words for X."},
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("We climbed the castle tower.", "Change the words first"),
        ("  ", "Change the words first"),
        ("Ada Puddlewick climbed the tower.", "cannot be used"),
        ("a" * 300, "cannot be used"),
    ],
)
def test_words_that_cannot_stand_are_refused_and_it_still_waits(school: School, text: str, said: str) -> None:
    update = waiting(school)
    with pytest.raises(Refused, match=said):
        suggest(school, update, text)
    assert school.state(update) == "waiting"
    head = Form(school.client("head"), "/review/")
    digest = school.digest(update)
    answer = head.post(f"/review/{update}/suggest", **{"digest": digest, "suggested-text": text})
    assert answer.status_code == 422
    assert f">{text}</textarea>" in answer.text


def test_only_the_author_takes_them(school: School) -> None:
    update = waiting(school)
    with pytest.raises(NotFound, match="Nobody has suggested"):
        reviewing.use_suggestion(school.house, school.author, update)
    suggest(school, update, "Other words.")
    with pytest.raises(NotFound):
        reviewing.use_suggestion(school.house, school.colleague, update)
    reviewing.use_suggestion(school.house, school.author, update)
    journey.submit(school.house, school.author, update)
    with pytest.raises(NotFound, match="Nobody has suggested"):
        reviewing.use_suggestion(school.house, school.author, update)


# --- Later ---


def test_at_a_time_it_goes_out_then_and_not_before(school: School) -> None:
    update = waiting(school)
    approve(school, update, When(school.clock() + timedelta(hours=3)))
    work(school)
    assert school.deliveries(update) == {"families": "pending", "website": "pending", "x": "pending"}
    page = school.client("author").get(f"/staff/updates/{update}").text
    assert "Goes out on Monday 3 May, 13:00" in page
    school.clock.pass_(hours=2, minutes=59)
    work(school)
    assert school.deliveries(update)["families"] == "pending"
    school.clock.pass_(minutes=1)
    work(school)
    assert school.deliveries(update)["families"] == "sent"
    assert "13:00" in page_of(school)  # the time when families first could read it


def test_a_consent_withdrawn_meanwhile_is_asked_before_it_goes(school: School) -> None:
    all_consent(school)
    update = waiting(school, ("Ada", "Bram"))
    approve(school, update, When(school.clock() + timedelta(hours=3)))
    consent(school, {"Ada": (Channel.FAMILIES,)}, yes=False)
    school.clock.pass_(hours=4)
    work(school)
    assert "<img" not in page_of(school)
    assert "castle tower" in page_of(school)


def test_once_the_group_has_left_it_goes_out_once_for_all_that_waits(school: School) -> None:
    first, second, now = waiting(school), waiting(school, text="The second."), approved(school, text="Now.")
    for each in (first, second):
        approve(school, each, ONCE_LEFT)
    school.clock.pass_(days=1)
    work(school)
    assert [school.deliveries(each)["families"] for each in (first, second, now)] == [
        "pending",
        "pending",
        "sent",
    ]
    assert "Waits until the group has left" in school.client("author").get(f"/staff/updates/{first}").text
    colleague = Form(school.client("colleague"))
    assert "We have left" in colleague.page("/staff/")
    assert colleague.post(f"/staff/trips/{school.slug}/left").status_code == 302
    assert "We have left" not in colleague.page("/staff/")
    assert reviewing.group_has_left(school.house, school.author, school.slug) == 0
    work(school)
    assert [school.deliveries(each)["families"] for each in (first, second)] == ["sent", "sent"]
    _, told = story.story(school.house, fresh(), school.head, first)
    assert "Mr Colleague Sample said that the group has left: it goes out now." in [
        each.text for each in told
    ]


@pytest.mark.parametrize("who", ["stranger", "office"])
def test_others_do_not_say_that_the_group_has_left(school: School, who: str) -> None:
    approve(school, waiting(school), ONCE_LEFT)
    with pytest.raises(NotFound):
        reviewing.group_has_left(school.house, school.people[who], school.slug)


def test_the_head_lets_it_go_now_or_takes_it_down_before(school: School) -> None:
    first, second = waiting(school), waiting(school, text="The second.")
    approve(school, first, ONCE_LEFT)
    approve(school, second, When(school.clock() + timedelta(days=1)))
    head = Form(school.client("head"), "/review/")
    assert "Send it now" in head.page(f"/review/{first}")
    assert head.post(f"/review/{first}/send-now").status_code == 302
    takedown.take_down(school.house, school.head, second, "Not this one.")
    school.clock.pass_(days=2)
    work(school)
    assert (school.deliveries(first)["families"], school.deliveries(second)["families"]) == (
        "sent",
        "stopped",
    )
    assert "Send it now" not in head.page(f"/review/{first}")


def test_a_hold_wins_over_every_time(school: School) -> None:
    first, second = waiting(school), waiting(school, text="The second.")
    approve(school, first, When(school.clock() + timedelta(hours=1)))
    approve(school, second, ONCE_LEFT)
    holding.hold(school.house, school.head)
    with pytest.raises(Conflict, match="on hold"):
        reviewing.group_has_left(school.house, school.author, school.slug)
    with pytest.raises(Conflict, match="on hold"):
        reviewing.send_now(school.house, school.head, first)
    school.clock.pass_(hours=2)
    work(school)
    assert school.deliveries(first)["families"] == "pending"
    holding.lift(school.house, school.head)
    work(school)
    assert (school.deliveries(first)["families"], school.deliveries(second)["families"]) == (
        "sent",
        "pending",
    )


def test_its_author_may_still_change_what_waits_for_its_time(school: School) -> None:
    update = waiting(school)
    approve(school, update, ONCE_LEFT)
    journey.save_draft(school.house, school.author, update, school.slug, "Other.", None, list(EVERYWHERE))
    assert (school.state(update), set(school.deliveries(update).values())) == ("draft", {"stopped"})


def test_a_time_that_makes_no_sense_is_refused_and_what_was_typed_stays(school: School) -> None:
    update = waiting(school)
    head = Form(school.client("head"), "/review/")
    digest = school.digest(update)
    for at, said in (
        ("2027-05-03T09:00", "That time is over"),
        ("2027-06-30T10:00", "two weeks after the trip"),
        ("soon", "Choose the day and the time"),
    ):
        answer = head.post(f"/review/{update}/approve", digest=digest, when="at", at=at)
        assert (answer.status_code, said in answer.text, f'value="{at}"' in answer.text) == (422, True, True)
    assert school.state(update) == "waiting"


@pytest.mark.parametrize(
    ("when", "words"),
    [("left", "Waits until the group has left"), ("2027-05-04T18:30:00+01:00", "Goes out on")],
)
def test_the_phones_interface_takes_a_time_too(school: School, when: str, words: str) -> None:
    update = waiting(school)
    answer = school.client("head").post(
        f"/api/updates/{update}/approve",
        json={"digest": school.digest(update), "when": when},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 200
    assert all(each["words"].startswith(words) for each in answer.get_json()["delivery"])


@pytest.mark.parametrize("reason", ["", "ok", "... ?"])
def test_a_remark_is_let_pass_with_a_reason_in_words_only(school: School, reason: str) -> None:
    update = waiting(school, text=AMBULANCE)
    version = fresh().get_one(Version, school.update(update).version_id)
    reasons = {each["key"]: reason for each in version.findings}
    with pytest.raises(Refused, match="reason in words"):
        journey.approve(school.house, school.head, update, version.digest, reasons)
    assert fresh().get_one(Update, update).state.value == "waiting"
