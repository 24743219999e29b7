"""A photo of made-up people, and short ways to answer who they are."""

import uuid

from tests.factories import (
    School,
)
from tripupdates import journey, picturing
from tripupdates.photos.answers import ADULT, NOT_A_FACE, SOMEONE_ELSE, Face
from tripupdates.photos.records import Photo
from tripupdates.practice import camera
from tripupdates.vocabulary import Refused

SIZE = (1200, 900)


def group(school: School, update: uuid.UUID, people: int = 3) -> uuid.UUID:
    """A photo of made-up people, added and not answered."""
    number = uuid.uuid4()
    picturing.add_photo(school.house, school.author, update, number, camera.take(1, SIZE, people=people))
    return number


def kept(school: School, update: uuid.UUID, number: int = 1) -> Photo:
    return school.update(update).photos[number - 1]


def say(
    school: School, update: uuid.UUID, photo_id: uuid.UUID, *who: str | None, pictured: tuple[str, ...] = ()
) -> None:
    """Who is at each face, from left to right; pupils by forename."""
    faces = [
        Face(
            face.box,
            word if word in (ADULT, SOMEONE_ELSE, NOT_A_FACE, None) else str(school.pupil(str(word))),
        )
        for face, word in zip(kept(school, update).faces, who, strict=True)
    ]
    others = school.pupils(*pictured)
    picturing.describe_photo(school.house, school.author, update, photo_id, "A group.", others, faces)


def submitted(school: School, update: uuid.UUID) -> tuple[str, ...]:
    """What stands in the way of sending it to the head."""
    try:
        journey.submit(school.house, school.author, update)
    except Refused as refused:
        return refused.reasons
    return ()


def shown(school: School, update: uuid.UUID) -> set[str]:
    return {each["name"] for each in kept(school, update).renditions}


def cover(school: School, update: uuid.UUID, number: uuid.UUID, *which: int) -> None:
    photo = kept(school, update)
    boxes = [face.box for face in photo.faces]
    covers = [box for index in which if (box := boxes[index]) is not None]
    picturing.redraw_photo(school.house, school.author, update, number, photo.largest["name"], covers=covers)
