"""Passkeys, the questions that are answered with them, and devices that were seen before: rows. The steps are elsewhere."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from tripupdates.database import Base, one_of

LASTS = timedelta(minutes=5)
MOST_COUNTED = (
    2**31 - 1
)  # a column holds no more of the 32 bits; from there on a key is not asked to count on
KEPT = timedelta(days=1)  # a question that was answered or forgotten is deleted after this


class Passkey(Base):
    """A key of one person on one phone, or synced between several. An ended one stays: signatures name it."""

    __tablename__ = "passkey"
    sealed: ClassVar = ("person_id", "credential_id", "public_key", "created_at", "ended_at")

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary(2048))
    sign_count: Mapped[int]
    transports: Mapped[list[Any]]
    name: Mapped[str] = mapped_column(sa.String(60))
    backed_up: Mapped[bool]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Purpose(StrEnum):
    """What a question is asked for: an answer to one is none to another."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    CODE = "code"  # the password was right; the code of the app comes next
    PROVE = "prove"
    APPROVE = "approve"


class Challenge(Base):
    """A question that is answered once, within five minutes, by whom it was put to, where it was put.

    `bound_to` is the hash of the sign-in, or of the browser where nobody is signed in yet. `statement` is what an
    approval signs; the challenge is its SHA-256 then, else it is random.
    """

    __tablename__ = "challenge"

    challenge: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(one_of(Purpose))
    person_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    bound_to: Mapped[str] = mapped_column(sa.String(64))
    statement: Mapped[str] = mapped_column(sa.Text)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Device(Base):
    """A browser in which somebody has signed in before; it holds the token of which this is the hash."""

    __tablename__ = "device"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    first_seen_at: Mapped[datetime]


def of_person(session: Session, person_id: uuid.UUID) -> Sequence[Passkey]:
    """Somebody's passkeys that hold, the oldest first."""
    return session.scalars(
        sa.select(Passkey)
        .where(Passkey.person_id == person_id, Passkey.ended_at.is_(None))
        .order_by(Passkey.created_at, Passkey.name)
    ).all()


def by_credential(session: Session, credential_id: bytes) -> Passkey | None:
    """The passkey with this id, also an ended one."""
    return session.scalar(sa.select(Passkey).where(Passkey.credential_id == credential_id))


def end_all(session: Session, person_id: uuid.UUID, now: datetime) -> None:
    """None of somebody's passkeys opens anything any more, and no device of theirs counts as seen."""
    session.execute(
        sa.update(Passkey)
        .where(Passkey.person_id == person_id, Passkey.ended_at.is_(None))
        .values(ended_at=now)
    )
    session.execute(sa.delete(Device).where(Device.person_id == person_id))
    session.execute(sa.delete(Challenge).where(Challenge.person_id == person_id))


def ask(
    session: Session,
    now: datetime,
    purpose: Purpose,
    bound_to: str,
    person_id: uuid.UUID | None = None,
    challenge: bytes | None = None,
    statement: str = "",
) -> bytes:
    """Write a question down, and return it."""
    session.execute(sa.delete(Challenge).where(Challenge.expires_at < now - KEPT))
    challenge = challenge or secrets.token_bytes(32)
    session.add(
        Challenge(
            challenge=challenge.hex(),
            purpose=purpose,
            person_id=person_id,
            bound_to=bound_to,
            statement=statement,
            expires_at=now + LASTS,
        )
    )
    return challenge


def take(
    session: Session,
    now: datetime,
    purpose: Purpose,
    bound_to: str,
    challenge: bytes,
    person_id: uuid.UUID | None = None,
) -> Challenge | None:
    """The question, used up by one conditional UPDATE; None where it was not put, is over, or was answered before."""
    done = session.execute(
        sa.update(Challenge)
        .where(
            Challenge.challenge == challenge.hex(),
            Challenge.purpose == purpose,
            Challenge.bound_to == bound_to,
            Challenge.person_id.is_(None) if person_id is None else Challenge.person_id == person_id,
            Challenge.used_at.is_(None),
            Challenge.expires_at > now,
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined] # an UPDATE gives a CursorResult
        return None
    return session.get_one(Challenge, challenge.hex(), populate_existing=True)


def seen_before(session: Session, person_id: uuid.UUID, token_hash: str, now: datetime) -> bool:
    """Whether this person has signed in with this browser before; from now on they have."""
    if session.get(Device, (token_hash, person_id)) is not None:
        return True
    session.add(Device(token_hash=token_hash, person_id=person_id, first_seen_at=now))
    return False
