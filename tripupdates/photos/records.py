"""What is kept of a photo: the renditions' names and sizes, its alt text, and who is in it. Never the upload."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tripupdates.database import Base
from tripupdates.trips.records import Pupil

pictured_pupils = sa.Table(
    "photo_pupil",
    Base.metadata,
    sa.Column("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("pupil_id", sa.ForeignKey("pupil.id"), primary_key=True),
)


class Photo(Base):
    """One photo of an update. `answered_at` is empty until someone has said who is in it (law 2).

    `renditions` is a list of {"name", "width", "height", "bytes"} by ascending width; `removed` is what cleaning took
    away, in plain words.
    """

    __tablename__ = "photo"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    update_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("update.id"), index=True)
    position: Mapped[int]
    alt: Mapped[str] = mapped_column(sa.String(1000), default="")
    renditions: Mapped[list[Any]]
    removed: Mapped[list[Any]]
    answered_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    pupils: Mapped[list[Pupil]] = relationship(
        secondary=pictured_pupils, order_by="Pupil.surname, Pupil.forename"
    )

    @property
    def pictured(self) -> frozenset[uuid.UUID] | None:
        """The pupils in it, or None where nobody has answered."""
        return None if self.answered_at is None else frozenset(pupil.id for pupil in self.pupils)

    @property
    def largest(self) -> dict[str, Any]:
        """The widest rendition."""
        found: dict[str, Any] = self.renditions[-1]
        return found
