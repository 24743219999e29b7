"""The process in which one PDF is cleaned, compared with what it was, and its first page drawn. Started by `room`.

What comes in: a line of JSON with the title, and the upload. What goes out: a line of JSON, the cover's renditions, the
document.
"""

from typing import Any, BinaryIO

from tripupdates.confined.child import answering
from tripupdates.documents import look
from tripupdates.documents.clean import clean
from tripupdates.documents.cropped import pages_with_cropped_pictures
from tripupdates.documents.intake import TOO_MUCH
from tripupdates.photos.child import tell
from tripupdates.photos.renditions import render

MOST_SECONDS = 60  # of processor time: 20 MB of photos take a third of it
MOST_WAITING = 150  # seconds by the clock, should its parent have died


def main() -> None:
    """Clean, compare, draw, answer."""
    answering(_clean_and_draw, MOST_SECONDS, MOST_WAITING, TOO_MUCH)


def _clean_and_draw(answer: BinaryIO, request: dict[str, Any], upload: bytes) -> None:
    cleaned = clean(upload, request["title"])
    look.check_same(upload, cleaned.data)
    del upload
    cover = render(look.cover(cleaned.data))
    cropped = pages_with_cropped_pictures(cleaned.data)
    more = {
        "removed": cleaned.removed,
        "pages": cleaned.pages,
        "cropped": cropped,
        "bytes": len(cleaned.data),
    }
    tell(answer, cover, more)
    answer.write(cleaned.data)


if __name__ == "__main__":
    main()
