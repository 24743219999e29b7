"""What is kept of a photo: the renditions' names and sizes, its alt text, its faces and who is in it. Never the upload."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tripupdates.database import Base
from tripupdates.photos.answers import Face
from tripupdates.photos.renditions import Rendition
from tripupdates.trips.records import Pupil

pictured_pupils = sa.Table(
    "photo_pupil",
    Base.metadata,
    sa.Column("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("pupil_id", sa.ForeignKey("pupil.id"), primary_key=True),
)


class Photo(Base):
    """One photo of an update. `answered_at` is empty until someone has said who is in it (law 2).

    `renditions` is a list of {"name", "width", "height", "format", "bytes"}, AVIF and then JPEG by ascending width;
    `removed` is what cleaning took away, in plain words. `marked` are its faces as `answers.Face.stored`; `looked`
    says that the detector looked, `counted` that a person said how many can be seen. `covered` counts the faces drawn
    over; `redrawn` is the last change of its pixels as it was asked for. From `deleted_at` on its pixels are gone.
    """

    __tablename__ = "photo"
    sealed: ClassVar = tuple(
        (
            "update_id alt renditions marked looked counted covered answered_by answered_at deleted_at pupils"
        ).split()
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    update_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("update.id"), index=True)
    position: Mapped[int]
    alt: Mapped[str] = mapped_column(sa.String(1000), default="")
    renditions: Mapped[list[Any]]
    removed: Mapped[list[Any]]
    marked: Mapped[list[Any]] = mapped_column(default=list)
    looked: Mapped[bool] = mapped_column(default=False)
    counted: Mapped[bool] = mapped_column(default=False)
    covered: Mapped[int] = mapped_column(default=0)
    redrawn: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answered_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    pupils: Mapped[list[Pupil]] = relationship(
        secondary=pictured_pupils, order_by="Pupil.surname, Pupil.forename"
    )

    @property
    def pictured(self) -> frozenset[uuid.UUID] | None:
        """The pupils in it, or None where nobody has answered."""
        return None if self.answered_at is None else frozenset(pupil.id for pupil in self.pupils)

    @property
    def gone(self) -> bool:
        """Whether its pixels were deleted."""
        return self.deleted_at is not None

    @property
    def faces(self) -> list[Face]:
        """Its faces, those found first."""
        return [Face.kept(each) for each in self.marked]

    @property
    def jpegs(self) -> list[dict[str, Any]]:
        """The renditions that every browser shows, by ascending width."""
        return jpegs(self.renditions)

    @property
    def largest(self) -> dict[str, Any]:
        """The widest rendition: a JPEG."""
        found: dict[str, Any] = self.renditions[-1]
        return found


def jpegs(renditions: Iterable[Any]) -> list[dict[str, Any]]:
    """The JPEGs among renditions as stored, in their order."""
    return [each for each in renditions if each["name"].endswith(".jpg")]


def delete(photos: Iterable[Photo], now: datetime) -> set[str]:
    """Mark photos as deleted; the names of the files to let go once that is committed (`erasure.let_go`)."""
    standing = [photo for photo in photos if photo.deleted_at is None]
    for photo in standing:
        photo.deleted_at = now
    return names_in(photo.renditions for photo in standing)


def as_kept(renditions: Iterable[Rendition]) -> list[dict[str, Any]]:
    """Renditions as they are stored, in their order."""
    return [
        {
            "name": each.name,
            "width": each.width,
            "height": each.height,
            "format": each.format,
            "bytes": len(each.data),
        }
        for each in renditions
    ]


def names_in(stored: Iterable[Iterable[Any]]) -> set[str]:
    """The names of the files of several photos, each with its renditions as stored."""
    return {each["name"] for renditions in stored for each in renditions}


def names(session: Session, deleted: bool) -> set[str]:
    """The names of the files of every photo that is kept; or, with `deleted`, of those that were deleted."""
    gone = Photo.deleted_at.is_not(None) if deleted else Photo.deleted_at.is_(None)
    return names_in(session.scalars(sa.select(Photo.renditions).where(gone)))
