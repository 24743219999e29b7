"""What is kept of a newsletter's PDF: the clean file's name, its first page as a picture, and who answers for whom it shows."""

import uuid
from datetime import date, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tripupdates.database import Base
from tripupdates.people.records import Person
from tripupdates.photos.records import jpegs, names_in


class Document(Base):
    """The PDF of an update, never the upload. `name` is "<SHA-256>.pdf", `size` its bytes, `pages` how many it has.

    `dated` is the date of the issue. `cover` is the first page as renditions, as a photo has them. `removed` is what
    cleaning took away, in plain words; `cropped` the pages on which a picture is cropped, while all of it is in the file.
    `declared` is the sentence that was ticked, by whom and when. From `deleted_at` on
    its files are gone.
    """

    __tablename__ = "document"
    sealed: ClassVar = tuple(
        "name size pages dated cover cropped declared declared_by declared_at deleted_at".split()
    )

    update_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("update.id"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(68))
    size: Mapped[int]
    pages: Mapped[int]
    dated: Mapped[date]
    cover: Mapped[list[Any]]
    removed: Mapped[list[Any]]
    cropped: Mapped[list[Any]]
    declared: Mapped[str] = mapped_column(sa.String(400))
    declared_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    declared_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    declarer: Mapped[Person] = relationship(viewonly=True)

    @property
    def gone(self) -> bool:
        """Whether its files were deleted."""
        return self.deleted_at is not None

    @property
    def files(self) -> set[str]:
        """The names of its files: the PDF and the cover."""
        return {self.name} | names_in([self.cover])

    @property
    def jpegs(self) -> list[dict[str, Any]]:
        """The cover's renditions that every browser shows, by ascending width."""
        return jpegs(self.cover)

    @property
    def sealed_values(self) -> dict[str, Any]:
        """What of it a version seals: exactly this file, cover and date, and the declaration, as plain JSON values."""
        return {
            "name": self.name,
            "size": self.size,
            "pages": self.pages,
            "dated": self.dated.isoformat(),
            "cover": list(self.cover),
            "cropped": list(self.cropped),
            "declared": self.declared,
            "declared_by": str(self.declared_by),
            "declared_at": self.declared_at.isoformat(),
        }


def delete(document: Document | None, now: datetime) -> set[str]:
    """Mark a document as deleted; the names of the files to let go once that is committed (`erasure.let_go`)."""
    if document is None or document.gone:
        return set()
    document.deleted_at = now
    return document.files


def names(session: Session, deleted: bool) -> set[str]:
    """The names of the files of every document that is kept; or, with `deleted`, of those that were deleted."""
    gone = Document.deleted_at.is_not(None) if deleted else Document.deleted_at.is_(None)
    return {name for each in session.scalars(sa.select(Document).where(gone)) for name in each.files}
