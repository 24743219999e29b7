"""Law 2 with faces: each one on a photo is accounted for before it can go on."""

import uuid
from dataclasses import replace
from typing import Any

import pytest

from tests.factories import (
    School,
    all_consent,
    draft,
)
from tests.groups import SIZE, cover, group, kept, say, submitted
from tripupdates import journey, picturing
from tripupdates.approval.records import Version
from tripupdates.database import fresh
from tripupdates.photos.answers import ADULT, NOT_A_FACE, SOMEONE_ELSE, Face
from tripupdates.photos.room import Room
from tripupdates.practice.drawn_people import heads
from tripupdates.vocabulary import Conflict

# --- Law 2: each face is accounted for ---


def test_every_face_on_a_photo_is_found_and_has_no_answer_yet(school: School) -> None:
    update = draft(school)
    group(school, update, 4)
    faces = kept(school, update).faces
    assert (len(faces), kept(school, update).looked) == (4, True)
    assert [(face.who, face.found) for face in faces] == [(None, True)] * 4
    for face, head in zip(faces, sorted(heads(4, SIZE)), strict=True):
        assert face.box is not None
        assert face.box.holds(head[0] + head[2] / 2, head[1] + head[3] / 2)


def test_a_face_without_an_answer_blocks(school: School) -> None:
    all_consent(school)
    update = draft(school)
    number = group(school, update)
    say(school, update, number, "Ada", "Bram", None)
    assert submitted(school, update) == ("Photo 1: say who the face is.",)
    say(school, update, number, "Ada", None, None)
    assert submitted(school, update) == ("Photo 1: say who each face is; 2 have no answer yet.",)
    say(school, update, number, "Ada", "Bram", ADULT)
    assert submitted(school, update) == ()


def test_faces_are_pupils_of_the_photo_and_others_can_be_tagged_without_a_face(school: School) -> None:
    all_consent(school)
    update = draft(school)
    say(school, update, group(school, update), "Ada", ADULT, NOT_A_FACE, pictured=("Cleo",))
    assert kept(school, update).pictured == frozenset({school.pupil("Ada"), school.pupil("Cleo")})
    journey.submit(school.house, school.author, update)
    sealed = next(iter(_manifest(school, update)["photos"].values()))
    assert sealed["pictured"] == sorted(map(str, school.pupils("Ada", "Cleo")))
    assert [face["is"] for face in sealed["faces"]] == [str(school.pupil("Ada")), ADULT, NOT_A_FACE]


def _manifest(school: School, update: uuid.UUID) -> dict[str, Any]:
    found: dict[str, Any] = fresh().get_one(Version, school.update(update).version_id).manifest
    return found


def test_faces_alone_do_not_answer_who_else_is_in_it(school: School) -> None:
    all_consent(school)
    update = draft(school)
    number = group(school, update, 2)
    faces = [Face(face.box, ADULT) for face in kept(school, update).faces]
    picturing.describe_photo(school.house, school.author, update, number, "Two adults.", faces=faces)
    assert kept(school, update).pictured is None
    assert submitted(school, update) == ("Photo 1: say who is in it, or that no pupil is.",)


def test_a_changed_answer_takes_the_pupil_out_of_the_photo(school: School) -> None:
    update = draft(school)
    number = group(school, update)
    say(school, update, number, "Ada", "Bram", "Cleo")
    say(school, update, number, "Ada", "Bram", ADULT)
    assert kept(school, update).pictured == frozenset(school.pupils("Ada", "Bram"))


def test_the_same_pupil_cannot_be_two_faces(school: School) -> None:
    all_consent(school)
    update = draft(school)
    say(school, update, group(school, update), "Ada", "Ada", ADULT)
    assert submitted(school, update) == (
        "Photo 1: the same pupil is named for two faces. Look again who they are.",
    )


def test_somebody_elses_child_blocks_until_cropped_away_or_covered(school: School) -> None:
    all_consent(school)
    update = draft(school)
    number = group(school, update)
    say(school, update, number, SOMEONE_ELSE, "Ada", "Bram")
    assert submitted(school, update) == (
        "Photo 1: somebody else can be seen. Crop them out, cover the face, or use another photo.",
    )
    cover(school, update, number, 0)
    assert submitted(school, update) == ()


def test_one_pupil_alone_goes_to_the_families_only_even_among_adults(school: School) -> None:
    all_consent(school)
    update = draft(school)
    say(school, update, group(school, update), "Ada", ADULT, ADULT)
    journey.submit(school.house, school.author, update)
    channels = _manifest(school, update)["channels"]
    assert {name: len(what["photos"]) for name, what in channels.items()} == {
        "families": 1,
        "website": 0,
        "x": 0,
    }


def test_answers_belong_to_what_the_head_approves(school: School) -> None:
    all_consent(school)
    update = draft(school)
    number = group(school, update)
    say(school, update, number, "Ada", "Bram", ADULT)
    journey.submit(school.house, school.author, update)
    digest = school.digest(update)
    say(school, update, number, "Ada", "Bram", NOT_A_FACE)
    assert school.state(update) == "draft"
    with pytest.raises(Conflict):
        journey.approve(school.house, school.head, update, digest)


# --- Without a detector ---


def _blind(school: School) -> School:
    school.house = replace(school.house, room=Room(look=False))
    return school


def test_without_a_detector_staff_say_how_many_people_can_be_seen(school: School) -> None:
    all_consent(_blind(school))
    update = draft(school)
    number = group(school, update)
    picturing.describe_photo(
        school.house, school.author, update, number, "A group.", school.pupils("Ada", "Bram")
    )
    assert (kept(school, update).looked, kept(school, update).marked) == (False, [])
    assert submitted(school, update) == ("Photo 1: say how many people can be seen in it.",)
    people = [Face(None, str(school.pupil("Ada"))), Face(None, str(school.pupil("Bram"))), Face(None)]
    picturing.describe_photo(school.house, school.author, update, number, faces=people)
    assert submitted(school, update) == ("Photo 1: say who the face is.",)
    people[2] = Face(None, ADULT)
    picturing.describe_photo(school.house, school.author, update, number, faces=people)
    assert submitted(school, update) == ()


def test_without_a_detector_nobody_in_sight_is_said_in_so_many_words(school: School) -> None:
    update = draft(_blind(school))
    number = group(school, update, people=0)
    picturing.describe_photo(school.house, school.author, update, number, "A castle.", [], faces=[])
    assert submitted(school, update) == ()
