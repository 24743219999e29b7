"""What the JSON of the phone says, read with care: every odd value is refused in a sentence (RFC 9457)."""

import base64
import hashlib
import re
import uuid
from typing import Any

from flask import abort, request

from tripupdates.approval import doors
from tripupdates.people.presence import Proof
from tripupdates.photos import answers
from tripupdates.posting import Revision
from tripupdates.vocabulary import Refused
from tripupdates.web.odd import sent_json


def read(needed: set[str], possible: set[str]) -> dict[str, Any]:
    """The request's JSON object, with exactly the names that are needed and perhaps possible ones. Raises Refused."""
    body = sent_json()
    if not isinstance(body, dict):
        raise Refused("That did not arrive as JSON. Send it again.")
    if missing := needed - set(body):
        raise Refused(f"Something is missing: {', '.join(sorted(missing))}.")
    if unknown := set(body) - needed - possible:
        raise Refused(f"There is something that we do not know: {', '.join(sorted(unknown))}.")
    return body


def text(body: dict[str, Any], name: str) -> str:
    """A string under this name. Raises Refused."""
    if not isinstance(body.get(name), str):
        raise Refused(f"{name} must be text.")
    return str(body[name])


def words(body: dict[str, Any], name: str) -> list[str]:
    """A list of strings under this name. Raises Refused."""
    found = body.get(name)
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise Refused(f"{name} must be a list of words.")
    return found


def proof(body: dict[str, Any]) -> Proof:
    """What came along to show that the person is there: `assertion`, `password`, `once`. Raises Refused."""
    assertion = body.get("assertion")
    if assertion is not None and not isinstance(assertion, dict):
        raise Refused("assertion must be what the passkey answered.")
    words = {name: text(body, name) for name in ("password", "once") if body.get(name)}
    return Proof(assertion=assertion, **words)


def number(said: object) -> uuid.UUID:
    """An id. Raises Refused."""
    try:
        return uuid.UUID(str(said))
    except ValueError as error:
        raise Refused("That is not an id of ours.") from error


def revision(body: dict[str, Any]) -> Revision:
    """An update as a phone froze it. Raises Refused, TooLarge."""
    photos = body.get("photos")
    if not isinstance(photos, list) or not all(isinstance(each, dict) and "id" in each for each in photos):
        raise Refused("photos must be a list, each with its id.")
    return Revision(
        number=number(body["revision"]),
        over=frozenset(number(each) for each in words(body, "over")),
        by=number(body.get("by")),
        trip=text(body, "trip"),
        words=doors.words(
            text(body, "text"), body.get("x_text") and text(body, "x_text"), words(body, "channels")
        ),
        photos={number(each["id"]): _said(each) for each in photos},
        groups=tuple(words(body, "groups")) if "groups" in body else (),
    )


def _said(photo: dict[str, Any]) -> answers.Said:
    pictured = photo.get("pictured")
    return answers.Said(
        doors.tidy(text({"alt": ""} | photo, "alt")),
        None if pictured is None else tuple(number(each) for each in words(photo, "pictured")),
        tuple(answers.said(photo.get("faces") or [])),
    )


def check_digest(upload: bytes) -> None:
    """RFC 9530: what arrived is what was sent. Other algorithms than SHA-256 are not known here, and passed over."""
    named = re.search(r"\bsha-256=:([A-Za-z0-9+/=]*):", request.headers.get("Content-Digest", ""))
    if named and named.group(1) != base64.b64encode(hashlib.sha256(upload).digest()).decode():
        abort(400)  # it did not arrive whole: the phone sends it again
