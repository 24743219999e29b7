"""Personal links to the parents' form, and what was sent with them. Of a link only the hash is kept.

One link is for one pupil on one trip, and opens nothing else. A pupil may have several that work: two households, or a
letter and its reminder. What a parent sent is kept as it was sent, append-only; the answers that it changed are in
`records`.
"""

import hashlib
import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tripupdates.consent.records import Answer
from tripupdates.database import Base
from tripupdates.trips.records import Pupil, Trip
from tripupdates.vocabulary import Channel

# Typed from a letter where no camera reads the square: no letter or digit that looks like another.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
TOKEN_GROUPS, REFERENCE_GROUPS = 7, 2  # of four letters each: 138 bits nobody guesses; 39 that nobody must


class Link(Base):
    """A link that was made for the family of one pupil. It ends when the office says so, and with its trip."""

    __tablename__ = "consent_link"
    sealed: ClassVar = (
        "pupil_id",
        "mark",
        "made_by",
        "made_at",
        "ended_by",
        "ended_at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    pupil_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("pupil.id"), index=True)
    mark: Mapped[str] = mapped_column(sa.String(64), unique=True)
    made_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[datetime]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]

    pupil: Mapped[Pupil] = relationship()


class Form(Base):
    """What a parent sent: a yes or a no by channel; a channel that was left open is not in it. Never changed or deleted."""

    __tablename__ = "consent_form"
    sealed: ClassVar = (
        "link_id",
        "reference",
        "said",
        "at",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("consent_link.id"), index=True)
    reference: Mapped[str] = mapped_column(sa.String(20), unique=True)
    said: Mapped[dict[str, Any]]
    at: Mapped[datetime]

    link: Mapped[Link] = relationship()


def new_token() -> str:
    """A token of 138 bits, as it stands in a letter."""
    return _drawn(TOKEN_GROUPS)


def new_reference() -> str:
    """What a parent reads out to the office about what they sent."""
    return _drawn(REFERENCE_GROUPS)


def _drawn(groups: int) -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(groups))


def mark(token: str) -> str:
    """What is kept of a token: SHA-256 of its letters, however they were typed. It is too long to be guessed from that."""
    bare = "".join(letter for letter in token.casefold() if letter.isalnum())
    return hashlib.sha256(bare.encode()).hexdigest()


def by_token(session: Session, token: str) -> Link | None:
    """The link with this token, ended or not."""
    return session.scalar(sa.select(Link).where(Link.mark == mark(token)))


def of_pupil(session: Session, pupil_id: uuid.UUID) -> Sequence[Link]:
    """The links that were made for a pupil, the newest first."""
    return session.scalars(
        sa.select(Link).where(Link.pupil_id == pupil_id).order_by(Link.made_at.desc(), Link.id)
    ).all()


def forms_of(session: Session, link_id: uuid.UUID) -> Sequence[Form]:
    """What was sent with a link, the newest first."""
    return session.scalars(sa.select(Form).where(Form.link_id == link_id).order_by(Form.id.desc())).all()


def latest(session: Session, pupil_id: uuid.UUID, after: Form | None = None) -> dict[Channel, Answer]:
    """The answer that holds for each channel, now or right after a form was sent; a channel without one is not in it."""
    found = sa.select(Answer).where(Answer.pupil_id == pupil_id).order_by(Answer.id)
    if after is not None:  # the answers of a form are written down a moment after it
        found = found.where(sa.or_(Answer.at <= after.at, Answer.form_id == after.id))
    return {answer.channel: answer for answer in session.scalars(found)}


@dataclass(frozen=True)
class Standing:
    """How far a family has come: `left` are the places without an answer; `asked_at` is when a link was last made."""

    pupil: Pupil
    left: tuple[Channel, ...]
    in_part: bool
    asked_at: datetime | None


def standings(session: Session, trip: Trip, channels: Collection[Channel]) -> list[Standing]:
    """Every pupil of the trip, in the order of its list."""
    answers = sa.select(Answer.pupil_id, Answer.channel).join(Pupil, Pupil.id == Answer.pupil_id)
    answered = {
        (pupil, channel)
        for pupil, channel in session.execute(answers.where(Pupil.trip_id == trip.id).distinct())
    }
    made = sa.select(Link.pupil_id, sa.func.max(Link.made_at).label("at")).join(
        Pupil, Pupil.id == Link.pupil_id
    )
    rows = session.execute(made.where(Pupil.trip_id == trip.id).group_by(Link.pupil_id))
    asked: dict[uuid.UUID, datetime] = {row.pupil_id: row.at for row in rows}
    found = []
    for pupil in trip.pupils:
        left = tuple(each for each in Channel if each in channels and (pupil.id, each) not in answered)
        found.append(Standing(pupil, left, 0 < len(left) < len(channels), asked.get(pupil.id)))
    return found
