"""Reviews of the policy: rows are only added, and the latest counts."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tripupdates.database import Base
from tripupdates.people.records import Person


class PolicyReview(Base):
    """Somebody looked at the policy as it stood on a day. `digest` is of that page, see `page.digest`."""

    __tablename__ = "policy_review"
    sealed: ClassVar = ("reviewed_on", "next_due", "note", "digest", "by", "at")

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewed_on: Mapped[date]
    next_due: Mapped[date]
    note: Mapped[str] = mapped_column(sa.String(1000))
    digest: Mapped[str] = mapped_column(sa.String(64))
    by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]

    person: Mapped[Person] = relationship()


def every(session: Session) -> Sequence[PolicyReview]:
    """All reviews, the newest first."""
    return session.scalars(sa.select(PolicyReview).order_by(PolicyReview.id.desc())).all()


def latest(session: Session) -> PolicyReview | None:
    """The review that counts; None where there never was one."""
    return session.scalar(sa.select(PolicyReview).order_by(PolicyReview.id.desc()).limit(1))
