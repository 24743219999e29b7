"""Who is at each face: what stays, what may be dropped, and what a crop leaves of it (law 2)."""

from uuid import UUID

import pytest

from tripupdates.photos.answers import (
    ADULT,
    MOST_FACES,
    NOT_A_FACE,
    SOMEONE_ELSE,
    Face,
    aimed,
    answer,
    answered,
    open_ones,
    pupils,
    redrawn,
    said,
    strangers,
    twice,
)
from tripupdates.photos.boxes import Box
from tripupdates.vocabulary import Refused

ADA, BRAM = str(UUID(int=1)), str(UUID(int=2))
LEFT, MIDDLE, RIGHT = (Box(across, 0.4, 0.1, 0.15) for across in (0.1, 0.45, 0.8))
FOUND = [Face(LEFT, found=True), Face(MIDDLE, found=True), Face(RIGHT, found=True)]


def test_a_found_face_stays_whatever_is_said() -> None:
    assert answered(FOUND, []) == FOUND


def test_an_answer_goes_to_the_face_with_its_box() -> None:
    now = answered(FOUND, [Face(MIDDLE, ADA), Face(LEFT, ADULT)])
    assert now == [Face(LEFT, ADULT, True), Face(MIDDLE, ADA, True), Face(RIGHT, None, True)]


def test_an_answer_can_be_taken_back() -> None:
    now = answered(answered(FOUND, [Face(LEFT, ADA)]), [Face(LEFT, None)])
    assert now == FOUND


def test_a_face_added_by_hand_is_kept_and_can_be_dropped_again() -> None:
    added = Face(Box(0.3, 0.1, 0.05, 0.05), SOMEONE_ELSE)
    assert answered(FOUND, [added]) == [*FOUND, added]
    assert answered([*FOUND, added], []) == FOUND


def test_nobody_can_say_that_a_face_of_theirs_was_found() -> None:
    assert answered([], [Face(LEFT, ADA, found=True)]) == [Face(LEFT, ADA, found=False)]


def test_people_without_a_box_are_as_many_as_are_said() -> None:
    assert answered([], [Face(None), Face(None)]) == [Face(None), Face(None)]
    assert answered([Face(None), Face(None)], [Face(None, ADA)]) == [Face(None, ADA)]


def _tap(across: float, down: float, who: str) -> Face:
    return Face(Box(across - 0.02, down - 0.02, 0.04, 0.04), who)


def test_a_tap_is_for_the_face_it_hits_and_the_nearer_one_where_two_are_hit() -> None:
    close = [Face(Box(0.4, 0.4, 0.1, 0.1), found=True), Face(Box(0.45, 0.4, 0.1, 0.1), found=True)]
    first, second = _tap(0.46, 0.45, ADA), _tap(0.49, 0.45, BRAM)
    assert [face.box for face in aimed(close, [second, first])] == [close[1].box, close[0].box]


def test_a_tap_beside_every_face_stays_where_it_is() -> None:
    beside = _tap(0.3, 0.45, ADA)
    assert aimed(FOUND, [beside]) == [beside]


def test_two_taps_on_one_face_are_one_answer_and_one_mark_by_hand() -> None:
    taps = [_tap(0.15, 0.48, ADA), _tap(0.11, 0.42, BRAM)]
    assert [face.box for face in aimed(FOUND, taps)] == [LEFT, taps[1].box]


def test_somebody_without_a_mark_is_aimed_at_nobody() -> None:
    assert aimed(FOUND, [Face(None, ADA)]) == [Face(None, ADA)]


def test_a_crop_keeps_the_answers_of_who_can_still_be_seen() -> None:
    before = [Face(LEFT, SOMEONE_ELSE, True), Face(MIDDLE, ADA, True), Face(RIGHT, BRAM, True)]
    crop = Box(0.25, 0, 0.75, 1)
    moved = [box.seen_in(crop) for box in (MIDDLE, RIGHT)]
    assert None not in moved
    assert redrawn(before, [box for box in moved if box], crop, []) == [
        Face(moved[0], ADA, True),
        Face(moved[1], BRAM, True),
    ]


def test_a_face_that_is_only_found_after_the_crop_has_no_answer() -> None:
    fresh = Box(0.5, 0.5, 0.02, 0.02)
    assert redrawn([], [fresh], Box(0, 0, 0.5, 0.5), []) == [Face(fresh, None, True)]


def test_a_face_that_the_detector_does_not_find_again_stays_where_it_can_still_be_seen() -> None:
    crop = Box(0.4, 0, 0.6, 1)
    moved = MIDDLE.seen_in(crop)
    assert redrawn([Face(MIDDLE, SOMEONE_ELSE, True)], [], crop, []) == [Face(moved, SOMEONE_ELSE, True)]
    assert redrawn([Face(MIDDLE, SOMEONE_ELSE, True)], None, crop, []) == [Face(moved, SOMEONE_ELSE, True)]


def test_half_a_face_is_still_a_face() -> None:
    crop = Box(0.15, 0, 0.85, 1)
    (half,) = redrawn([Face(LEFT, SOMEONE_ELSE, True)], [], crop, [])
    assert half == Face(Box(0.0, 0.4, 0.0588, 0.15), SOMEONE_ELSE, True)


def test_a_covered_face_is_gone_and_its_neighbours_stay() -> None:
    before = [Face(LEFT, SOMEONE_ELSE, True), Face(MIDDLE, ADA, True)]
    assert redrawn(before, [MIDDLE], None, [LEFT]) == [Face(MIDDLE, ADA, True)]


def test_a_person_without_a_box_is_not_cropped_away() -> None:
    assert redrawn([Face(None, ADA)], [], Box(0, 0, 0.5, 0.5), []) == [Face(None, ADA)]


def test_what_is_open_strange_or_named_twice_is_counted() -> None:
    faces = [
        Face(LEFT),
        Face(MIDDLE, SOMEONE_ELSE),
        Face(RIGHT, ADA),
        Face(None, ADA),
        Face(None, NOT_A_FACE),
    ]
    assert (open_ones(faces), strangers(faces), twice(faces)) == (1, 1, True)
    assert pupils(faces) == {UUID(ADA)}
    assert not twice([Face(LEFT, ADA), Face(RIGHT, BRAM), Face(MIDDLE, ADULT), Face(None, ADULT)])


@pytest.mark.parametrize(
    ("word", "kept"),
    [
        (None, None),
        ("", None),
        ("adult", ADULT),
        ("Someone else", SOMEONE_ELSE),
        ("not a face", NOT_A_FACE),
        (ADA.upper(), ADA),
    ],
)
def test_an_answer_has_one_form(word: object, kept: str | None) -> None:
    assert answer(word) == kept


@pytest.mark.parametrize("word", ["nobody", 7, ["adult"], "00000000-0000-0000-0000-00000000000"])
def test_a_word_that_is_no_answer_is_refused(word: object) -> None:
    with pytest.raises(Refused, match="Say for each face which pupil it is"):
        answer(word)


@pytest.mark.parametrize(
    "body",
    [
        None,
        {"box": None, "is": "adult"},
        ["adult"],
        [{"box": None}],
        [{"is": "adult", "name": "x"}],
        [{"is": None}] * (MOST_FACES + 1),
    ],
)
def test_what_is_no_list_of_faces_is_refused(body: object) -> None:
    with pytest.raises(Refused):
        said(body)


def test_a_face_is_kept_as_it_was() -> None:
    for face in (Face(LEFT, ADA, True), Face(None, None, False), Face(RIGHT, SOMEONE_ELSE, False)):
        assert Face.kept(face.stored) == face


@pytest.mark.parametrize(
    ("face", "left"),
    [
        (Box(0.1, 0.4, 0.1, 0.1), Box(0.2, 0, 0.8, 1)),
        (Box(0.8, 0.4, 0.1, 0.1), Box(0, 0, 0.8, 1)),
        (Box(0.3, 0.0, 0.5, 0.2), Box(0, 0.2, 1, 0.8)),
    ],
    ids=["at the left", "at the right", "across the top"],
)
def test_the_largest_part_beside_a_face_does_not_show_it(face: Box, left: Box) -> None:
    assert face.beside() == left
    assert face.seen_in(face.beside()) is None
