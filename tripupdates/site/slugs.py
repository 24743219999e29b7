"""Addresses of what the school says: words that a person can read, and that are the same for ever. Pure."""

import re
import unicodedata
from datetime import date
from uuid import UUID

LONGEST = 50  # letters of the title


def slug(id: UUID | str, day: date, title: str) -> str:
    """The day, the title's words, and the beginning of the id, which is always there.

    So two items of one title and day are told apart, and neither's address depends on whether the other is there yet,
    or still: a pure function cannot know what has been taken down.
    """
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")
    if len(words) > LONGEST:
        words = words[: LONGEST + 1].rpartition("-")[0] or words[:LONGEST]
    return "-".join(filter(None, (day.isoformat(), words, str(id)[:6])))
