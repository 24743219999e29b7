"""Parents' answers: append-only rows, the latest counts, and no row is a no (law 1)."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from tripupdates.consent.rules import Consents
from tripupdates.database import Base, one_of
from tripupdates.trips.records import Pupil
from tripupdates.vocabulary import Channel


class Answer(Base):
    """One answer for one pupil and channel. The database refuses to change or delete it.

    It came from somebody at school who recorded it (`by`), or with a form that a parent sent (`form_id`).
    """

    __tablename__ = "consent_answer"
    sealed: ClassVar = (
        "pupil_id",
        "channel",
        "yes",
        "note",
        "by",
        "at",
        "form_id",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("pupil.id"), index=True)
    channel: Mapped[Channel] = mapped_column(one_of(Channel))
    yes: Mapped[bool]
    note: Mapped[str] = mapped_column(sa.String(400))
    by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    form_id: Mapped[int | None] = mapped_column(sa.ForeignKey("consent_form.id"))


def current(session: Session, trip_id: uuid.UUID | None) -> Consents:
    """For each pupil of the trip, the channels for which the latest answer is a yes. Without a trip, nobody was asked."""
    latest = sa.select(sa.func.max(Answer.id)).group_by(Answer.pupil_id, Answer.channel)
    rows = session.execute(
        sa.select(Answer.pupil_id, Answer.channel)
        .join(Pupil, Pupil.id == Answer.pupil_id)
        .where(Pupil.trip_id == trip_id, Answer.id.in_(latest), Answer.yes)
    )
    given: dict[uuid.UUID, set[Channel]] = defaultdict(set)
    for pupil, channel in rows:
        given[pupil].add(channel)
    return given


def history(session: Session, pupil_id: uuid.UUID) -> Sequence[Answer]:
    """Every answer about a pupil, the newest first: for the office and the approver only (law 9)."""
    return session.scalars(
        sa.select(Answer).where(Answer.pupil_id == pupil_id).order_by(Answer.id.desc())
    ).all()
