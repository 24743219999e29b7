"""An update as a phone freezes it, and short ways to send it."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.factories import EVERYWHERE, School
from tests.groups import SIZE
from tripupdates import picturing, posting
from tripupdates.approval import doors
from tripupdates.photos.answers import Face, Said
from tripupdates.photos.boxes import Box
from tripupdates.posting import Revision
from tripupdates.practice import camera
from tripupdates.practice.drawn_people import heads


def written(school: School, text: str = "We climbed the castle tower.", **how: Any) -> Revision:
    """The first revision of an update, by the author."""
    values: dict[str, Any] = {
        "number": uuid.uuid4(),
        "over": frozenset(),
        "by": school.author.id,
        "trip": school.slug,
        "words": doors.words(text, None, EVERYWHERE),
        "photos": {},
    }
    return Revision(**(values | how))


def changed(before: Revision, **how: Any) -> Revision:
    """The revision that the same phone makes of it next."""
    return replace(before, number=uuid.uuid4(), over=before.over | {before.number}, **how)


def reworded(before: Revision, text: str) -> Revision:
    """The next revision, with other words."""
    return changed(before, words=doors.words(text, None, EVERYWHERE))


def said(school: School, *pictured: str, alt: str = "The group.", faces: Sequence[Face] = ()) -> Said:
    """What is said about a photo; pupils by forename."""
    return Said(alt, tuple(school.pupils(*pictured)), tuple(faces))


def take(school: School, update: uuid.UUID, revision: Revision) -> None:
    posting.take(school.house, school.author, update, revision)


def arrives(school: School, update: uuid.UUID, photo: uuid.UUID, scene: int = 1, people: int = 0) -> None:
    """A photo comes through."""
    picturing.add_photo(school.house, school.author, update, photo, camera.take(scene, SIZE, people=people))


def tap(which: int, people: int, who: str | None) -> Face:
    """A finger on the forehead of one of the made-up people, as the phone marks it: a square about the place."""
    left, top, width, height = heads(people, SIZE)[which]
    across, down = left + width * 0.6, top + height * 0.4
    return Face(
        Box(round(across - 0.03, 4), round(down - 0.04, 4), 0.06, 0.08), None if who is None else str(who)
    )
