"""Whether faces may be seen in public: the school's choice, asked at every door like consent."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from tests.factories import School, all_consent, draft, open_school, photo, work
from tests.groups import cover, group, kept, say, submitted
from tripupdates import journey, picturing, pocket, publishing
from tripupdates.approval import view
from tripupdates.approval.records import Version
from tripupdates.consent.rules import NO_FACES
from tripupdates.database import fresh
from tripupdates.photos.answers import ADULT, NOT_A_FACE, SOMEONE_ELSE, Face
from tripupdates.photos.room import Room
from tripupdates.vocabulary import Channel, Conflict


@pytest.fixture
def shy(tmp_path: Path) -> Iterator[School]:
    """A school that shows no faces in public, with consent for everything."""
    with open_school(tmp_path, public_faces="families") as school:
        all_consent(school)
        yield school


def _version(school: School, update: UUID) -> Version:
    return fresh().get_one(Version, school.update(update).version_id)


def _where(school: School, update: UUID) -> dict[str, int]:
    """How many photos of a sealed update each channel shows."""
    return {
        channel: len(what["photos"])
        for channel, what in _version(school, update).manifest["channels"].items()
    }


def _approve(school: School, update: UUID) -> None:
    journey.submit(school.house, school.author, update)
    journey.approve(school.house, school.head, update, school.digest(update))


def _hide_from_now_on(school: School) -> None:
    school.house = replace(school.house, settings=replace(school.house.settings, public_faces="families"))


def test_a_photo_with_faces_goes_to_the_families_and_its_words_everywhere(shy: School) -> None:
    update = draft(shy)
    say(shy, update, group(shy, update), "Ada", "Bram", ADULT)
    barriers = view.status(shy.house, fresh(), shy.update(update)).barriers[kept(shy, update).id]
    assert barriers == {Channel.FAMILIES: None, Channel.WEBSITE: NO_FACES, Channel.X: NO_FACES}
    _approve(shy, update)
    work(shy)
    assert _where(shy, update) == {"families": 1, "website": 0, "x": 0}
    assert list(shy.house.settings.site.rglob("photos/*.jpg")) == []
    assert shy.deliveries(update)["website"] == "sent"


def test_pupils_who_are_turned_away_may_be_seen_in_public(shy: School) -> None:
    update = draft(shy)
    photo(shy, update, ("Ada", "Bram"))
    _approve(shy, update)
    assert _where(shy, update) == {"families": 1, "website": 1, "x": 1}


def test_what_is_no_face_and_what_is_covered_can_be_seen_in_public(shy: School) -> None:
    update = draft(shy)
    number = group(shy, update, people=2)
    say(shy, update, number, NOT_A_FACE, SOMEONE_ELSE)
    cover(shy, update, number, 1)
    assert submitted(shy, update) == ()
    assert _where(shy, update) == {"families": 1, "website": 1, "x": 1}


def test_an_adult_of_ours_has_a_face_too(shy: School) -> None:
    update = draft(shy)
    say(shy, update, group(shy, update, people=1), ADULT)
    _approve(shy, update)
    assert _where(shy, update) == {"families": 1, "website": 0, "x": 0}


def test_people_who_were_counted_by_hand_have_faces(shy: School) -> None:
    shy.house = replace(shy.house, room=Room(look=False))
    update = draft(shy)
    number = group(shy, update)
    people = [Face(None, str(shy.pupil("Ada"))), Face(None, str(shy.pupil("Bram")))]
    picturing.describe_photo(shy.house, shy.author, update, number, "A group.", [], people)
    _approve(shy, update)
    assert _where(shy, update) == {"families": 1, "website": 0, "x": 0}


def test_a_school_that_shows_faces_tells_the_head_how_many(school: School) -> None:
    all_consent(school)
    update = draft(school)
    say(school, update, group(school, update, people=4), "Ada", "Bram", ADULT, NOT_A_FACE)
    journey.submit(school.house, school.author, update)
    found = view.review(fresh(), school.update(update), _version(school, update))
    assert found.public_faces == {Channel.WEBSITE: 3, Channel.X: 3}
    page = school.client("head").get(f"/review/{update}").text
    assert (
        page.count("<strong>3</strong> faces would be public here.") == 2
    )  # on the school website, and on X


def test_an_update_without_faces_says_nothing_of_them(school: School) -> None:
    update = draft(school)
    photo(school, update)
    journey.submit(school.house, school.author, update)
    assert "Faces that everybody would see" not in school.client("head").get(f"/review/{update}").text


def test_what_waits_when_the_school_begins_to_hide_faces_cannot_be_approved_as_it_is(school: School) -> None:
    all_consent(school)
    update = draft(school)
    say(school, update, group(school, update), "Ada", "Bram", ADULT)
    journey.submit(school.house, school.author, update)
    _hide_from_now_on(school)
    with pytest.raises(Conflict, match="may no longer be shown"):
        journey.approve(school.house, school.head, update, school.digest(update))
    assert school.state(update) == "waiting"


def test_what_is_approved_when_the_school_begins_to_hide_faces_loses_them_in_public(school: School) -> None:
    all_consent(school)
    update = draft(school)
    say(school, update, group(school, update), "Ada", "Bram", ADULT)
    _approve(school, update)
    _hide_from_now_on(school)
    work(school)
    given = school.house.settings
    assert list(given.site.rglob("photos/*.jpg")) == []
    assert len(list(given.families.rglob("photos/*.jpg"))) > 0
    x = school.delivery(update, Channel.X)
    why_not = publishing.may_still_go(
        school.house, fresh(), school.update(update), _version(school, update), x
    )
    assert why_not == "A photo in it may no longer be shown, so it was not sent."


def test_the_phone_knows_that_no_faces_go_in_public(shy: School) -> None:
    rules = pocket.contents(shy.house, fresh(), shy.author)["rules"]
    assert (rules["no_faces"], rules["sentences"]["no_faces"]) == (["website", "x"], NO_FACES)
