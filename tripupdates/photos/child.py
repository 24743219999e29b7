"""The process in which one upload is decoded, and which nobody minds losing. Started by `room`, once for each photo.

It reads one line of JSON and then the upload from standard input, and writes one or two lines of JSON, the first
followed by the renditions' bytes, to standard output.
"""

from typing import Any, BinaryIO

from tripupdates.confined.child import answering, say
from tripupdates.photos import faces
from tripupdates.photos.boxes import Box
from tripupdates.photos.clean import clean
from tripupdates.photos.intake import TOO_MANY_PIXELS
from tripupdates.photos.renditions import Cleaned, Rendition

MOST_SECONDS = 20  # of processor time
MOST_WAITING = 60  # seconds by the clock, should its parent have died
FACES_AT = 1600  # the detector looks at the largest JPEG up to this edge


def main() -> None:
    """Clean, answer, look for faces, answer."""
    answering(_clean_and_look, MOST_SECONDS, MOST_WAITING, TOO_MANY_PIXELS)


def _clean_and_look(answer: BinaryIO, request: dict[str, Any], upload: bytes) -> None:
    crop = Box(*request["crop"]) if request["crop"] else None
    cleaned = clean(upload, crop, [Box(*cover) for cover in request["covers"]])
    del upload
    tell(answer, cleaned.renditions, {"removed": cleaned.removed})
    if request["look"]:
        say(answer, {"faces": [box.values for box in faces.find(_to_look_at(cleaned))]})


def _to_look_at(cleaned: Cleaned) -> bytes:
    fine = [each for each in cleaned.jpegs if max(each.width, each.height) <= FACES_AT]
    return (fine or list(cleaned.jpegs))[-1].data


def tell(answer: BinaryIO, renditions: tuple[Rendition, ...], more: dict[str, Any]) -> None:
    """The renditions' sizes and what else there is to say, then their bytes one after the other."""
    sizes = [[each.width, each.height, each.format, len(each.data)] for each in renditions]
    say(answer, {"renditions": sizes, **more})
    for each in renditions:
        answer.write(each.data)
    answer.flush()


if __name__ == "__main__":
    main()
