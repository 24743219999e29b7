"""The app that makes sign-in codes (TOTP, RFC 6238): its secret as it is kept, and which code is right."""

import base64
import hmac
import uuid
from datetime import datetime

import pyotp
import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Mapped, Session, mapped_column

from tripupdates.database import Base
from tripupdates.vocabulary import Refused

STEP = 30  # seconds
UNREADABLE = "Your sign-in codes cannot be checked any more. Ask somebody in the office to help you back in."


class Codes(Base):
    """Somebody's app. `secret` is encrypted; `confirmed_at` None until a first code was typed.

    `last_step` is the half minute of the last code that was accepted: each is accepted once.
    """

    __tablename__ = "codes"

    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(sa.String(200))
    last_step: Mapped[int]
    confirmed_at: Mapped[datetime | None]


def _box(secret_key: str) -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"tripupdates sign-in codes").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def start(session: Session, person_id: uuid.UUID, secret_key: str) -> None:
    """A new secret, not yet confirmed, in place of one that never was."""
    secret = _box(secret_key).encrypt(pyotp.random_base32().encode()).decode()
    session.execute(sa.delete(Codes).where(Codes.person_id == person_id, Codes.confirmed_at.is_(None)))
    session.add(Codes(person_id=person_id, secret=secret, last_step=0))


def reveal(row: Codes, secret_key: str) -> str:
    """The secret as an app takes it. Raises Refused where SECRET_KEY is another one by now."""
    try:
        return _box(secret_key).decrypt(row.secret.encode()).decode()
    except InvalidToken as error:
        raise Refused(UNREADABLE) from error


def confirmed(session: Session, person_id: uuid.UUID) -> Codes | None:
    """Somebody's app, where it is in use."""
    row = session.get(Codes, person_id, populate_existing=True)
    return row if row is not None and row.confirmed_at is not None else None


def accept(session: Session, row: Codes, code: str, secret_key: str, now: datetime) -> bool:
    """Whether this code is right, half a minute early or late, and was not used before; it is used up by that."""
    digits = "".join(code.split())
    totp, present = pyotp.TOTP(reveal(row, secret_key)), int(now.timestamp()) // STEP
    for step in (present - 1, present, present + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            done = session.execute(
                sa.update(Codes)
                .where(Codes.person_id == row.person_id, Codes.last_step < step)
                .values(last_step=step)
                .execution_options(synchronize_session=False)
            )
            return bool(done.rowcount == 1)  # type: ignore[attr-defined] # an UPDATE gives a CursorResult
    return False


def forget(session: Session, person_id: uuid.UUID) -> None:
    """Somebody's app makes no codes for us any more."""
    session.execute(sa.delete(Codes).where(Codes.person_id == person_id))
