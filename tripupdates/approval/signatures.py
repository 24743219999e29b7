"""What an approver signs, and whether a stored signature holds: pure, so that it can be asked years later."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from tripupdates.people import assertions
from tripupdates.people.assertions import Assertion, DoesNotHold

UPDATE, MESSAGES = "update", "messages"


class Row(Protocol):
    """A signature as it is kept."""

    statement: str
    credential_id: bytes
    public_key: bytes
    authenticator_data: bytes
    client_data: bytes
    signature: bytes


def about(what: str, subject: UUID, digest: str, person: UUID, origin: str, **terms: str) -> dict[str, str]:
    """What is stated: who approves which digest of what, on which site. `terms` are further conditions, such as times."""
    return {
        "approves": what,
        "subject": str(subject),
        "digest": digest,
        "by": str(person),
        "origin": origin,
        **terms,
    }


def statement(said: Mapping[str, str], nonce: str) -> str:
    """The one way to write it down: sorted, compact JSON. `nonce` makes it good for one time."""
    return json.dumps({**said, "nonce": nonce}, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def challenge(statement: str) -> bytes:
    """What the authenticator signs of it: its SHA-256."""
    return hashlib.sha256(statement.encode()).digest()


def said(statement: str) -> dict[str, Any]:
    """What a statement says, without its nonce."""
    found: dict[str, Any] = json.loads(statement)
    found.pop("nonce", None)
    return found


def rp_id(origin: str) -> str:
    """The name that passkeys of a site are bound to."""
    return urlsplit(origin).hostname or ""


def check(row: Row, rp_id: str, origin: str) -> None:
    """Raise DoesNotHold unless the row's key signed the row's statement on this site, with its owner verified."""
    assertion = Assertion(row.credential_id, row.authenticator_data, row.client_data, row.signature)
    assertions.check(assertion, row.public_key, challenge(row.statement), rp_id, origin)


def holds(row: Row, expected: Mapping[str, str]) -> bool:
    """Whether the row's statement says exactly this, and its signature holds on the site that it names."""
    try:
        if said(row.statement) != dict(expected):
            return False
        check(row, rp_id(expected["origin"]), expected["origin"])
    except (DoesNotHold, ValueError):
        return False
    return True


def seal(row: Row) -> str:
    """One hash over all of a signature, for the audit."""
    parts = (row.credential_id, row.public_key, row.authenticator_data, row.client_data, row.signature)
    whole = json.dumps([row.statement, *(part.hex() for part in parts)])
    return hashlib.sha256(whole.encode()).hexdigest()
