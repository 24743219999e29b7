"""Accounts and sign-ins. Pupils and parents have none (law 8)."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from tripupdates.database import Base, one_of
from tripupdates.vocabulary import Role


class Person(Base):
    """Someone who works at the school. An e-mail address is kept as it was folded by `fold`."""

    __tablename__ = "person"
    sealed: ClassVar = (
        "name",
        "email",
        "password_hash",
        "role",
        "active",
        "created_at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(sa.String(120))
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[Role] = mapped_column(one_of(Role))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class SignIn(Base):
    """One phone or browser that is signed in. Kept here, so that it can be ended from here.

    `proved_at` is when its person last showed that they are there; `once_hash` is of a word that stands for that once.
    """

    __tablename__ = "sign_in"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    proved_at: Mapped[datetime | None]
    once_hash: Mapped[str | None] = mapped_column(sa.String(64))
    once_until: Mapped[datetime | None]


def fold(email: str) -> str:
    """The form in which an address is stored and compared."""
    return email.strip().casefold()


def hash_token(token: str) -> str:
    """Only this is stored: a copy of the database signs nobody in."""
    return hashlib.sha256(token.encode()).hexdigest()


def by_email(session: Session, email: str) -> Person | None:
    """The person with this address, active or not."""
    return session.scalar(sa.select(Person).where(Person.email == fold(email)))


def signed_in(session: Session, token: str, now: datetime) -> tuple[Person, SignIn] | None:
    """Whose sign-in this token is, and which, if it still holds and the person is still at the school."""
    found = session.execute(
        sa.select(Person, SignIn)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(
            SignIn.token_hash == hash_token(token),
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
            Person.active,
        )
    ).first()
    return None if found is None else (found[0], found[1])


def end_sign_ins(session: Session, person_id: uuid.UUID, now: datetime) -> None:
    """Sign a person out everywhere."""
    session.execute(
        sa.update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None)).values(ended_at=now)
    )


def names(session: Session) -> Sequence[str]:
    """The names of all who are at the school now."""
    return session.scalars(sa.select(Person.name).where(Person.active).order_by(Person.name)).all()


def everyone(session: Session) -> Sequence[Person]:
    """All people, by name."""
    return session.scalars(sa.select(Person).order_by(Person.name)).all()
