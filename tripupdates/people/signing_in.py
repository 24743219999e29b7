"""Passwords and tokens. Pure but for randomness; the rows are in `records`, the steps in `accounts`."""

import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tripupdates.vocabulary import Refused, Role

SHORTEST = 12
LONGEST = 200
# OWASP's second choice for argon2id: 19 MiB, two passes, one lane; 63 ms here, and kind to a small server.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Compared with when there is no such account, so that the answer takes as long as for a wrong password.
_NOBODY = _hasher.hash(secrets.token_hex(16))

TRUSTED_PHONE = timedelta(days=14)
BORROWED_BROWSER = timedelta(hours=12)


@dataclass(frozen=True)
class Caller:
    """Who is asking: a signed-in person, as the steps of the journey need to know them."""

    id: uuid.UUID
    name: str
    role: Role
    token: str = ""
    proved_at: datetime | None = None  # when this sign-in last saw its person

    # What Flask-Login asks of a user: https://flask-login.readthedocs.io/en/latest/#your-user-class
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """The sign-in, not the person: each phone is its own, and each can be ended."""
        return self.token


@dataclass(frozen=True)
class SignedIn(Caller):
    """Somebody who has just signed in. `offer` is the word with which this page may add a passkey, '' to offer none."""

    offer: str = ""


def hash_password(password: str) -> str:
    """What is stored of a password: argon2id."""
    return _hasher.hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Whether this is the password. `stored` None means that there is no such account: it takes as long, and is no."""
    try:
        return _hasher.verify(stored or _NOBODY, password[:LONGEST]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def new_token() -> str:
    """A sign-in's secret: 256 bits."""
    return secrets.token_urlsafe(32)


def check_password(password: str, about: Collection[str] = ()) -> None:
    """Raise Refused where a new password is short, or among those tried first.

    `about` are words somebody would try for this person: name, address, school.
    """
    if len(password) < SHORTEST:
        raise Refused(
            f"A password needs at least {SHORTEST} characters. Three or four unrelated words are good."
        )
    if len(password) > LONGEST:
        raise Refused(f"A password can have at most {LONGEST} characters.")
    from zxcvbn import zxcvbn  # noqa: PLC0415 - 12 MB of words, for a password now and then

    if zxcvbn(password[:100], user_inputs=list(about))["score"] < 3:
        raise Refused(
            "This password is among those that are guessed first. Try three or four unrelated words."
        )
