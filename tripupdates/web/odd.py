"""What no database takes is refused before anybody looks at it, in words, and never becomes an error of ours.

PostgreSQL keeps no NUL in a text and no number beyond its columns; half a character (a surrogate without its other half,
as a cut emoji leaves it) has no bytes at all.
"""

import json
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue

from tripupdates.vocabulary import Refused, TooLarge

LARGEST_ID = 2**31 - 1
MOST_JSON = 1024 * 1024  # bytes; the largest that a phone sends is some ten thousand
HALF = "There is a character in it that cannot be kept, perhaps half of an emoji. Delete the last emoji, and send it again."


def refuse() -> ResponseReturnValue | None:
    """Before a page looks: 404 for a number that no row can have, 400 for a NUL in the address or in a form."""
    named: dict[str, Any] = request.view_args or {}
    if any(isinstance(value, int) and value > LARGEST_ID for value in named.values()):
        abort(404)
    if any(isinstance(value, str) and "\0" in value for value in named.values()):
        abort(404)
    if any("\0" in text for _, text in (*request.args.items(multi=True), *request.form.items(multi=True))):
        abort(400)
    return None


def number(word: str) -> int | None:
    """A whole number as a field of a form has it, nine digits at most; None for whatever else was sent."""
    return int(word) if word.isdecimal() and len(word) < 10 else None


def sent_json() -> Any:
    """The request's JSON; None where it is none. Raises Refused where a text in it cannot be kept, TooLarge.

    Read whole, a few megabytes of it would take a hundred times their size.
    """
    unsized = "chunked" in request.headers.get("Transfer-Encoding", "")
    if unsized or (request.content_length or 0) > MOST_JSON:
        raise TooLarge("That is more than a page of ours sends at once. Nothing was done.")
    return read(request.get_data()) if request.is_json else None


def read(text: str | bytes) -> Any:
    """JSON; None where it is none, or nested deeper than anybody means. Raises Refused as `sent_json` does."""
    try:
        found = json.loads(text)
        whole = json.dumps(found, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None
    if "\\u0000" in whole.replace("\\\\", "") or any("\ud800" <= each <= "\udfff" for each in whole):
        raise Refused(HALF)
    return found
