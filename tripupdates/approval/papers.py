"""What people see of a newsletter's PDF: as the author has it now, or as it was sent to the head. Reads only."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tripupdates.approval import readiness
from tripupdates.approval.records import Update, Version
from tripupdates.documents.records import Document
from tripupdates.house import House
from tripupdates.people.records import Person
from tripupdates.photos.records import jpegs, names_in
from tripupdates.vocabulary import Channel, Kind


@dataclass(frozen=True)
class Paper:
    """A newsletter's PDF: its name in the store, bytes and pages, the date of the issue, its first page as a picture.

    `declared` is the sentence that was ticked, by whom and when; `removed` is what cleaning took away, None where that is
    not known any more; `cropped` are the pages where a picture shows less than is in the file. `gone`: its files were deleted.
    """

    update_id: uuid.UUID
    name: str
    size: int
    pages: int
    dated: date
    jpegs: Sequence[Mapping[str, Any]]
    declared: str
    declared_by: str
    declared_at: datetime
    removed: Sequence[str] | None
    cropped: Sequence[int]
    gone: bool

    @property
    def weight(self) -> str:
        """Its bytes as people say them: 1.2 MB, 340 kB."""
        return (
            f"{self.size / 1e6:.1f} MB" if self.size >= 950_000 else f"{max(1, round(self.size / 1000))} kB"
        )


def now(session: Session, update: Update) -> Paper | None:
    """As its author has it; None where there is none."""
    document = update.document if update.kind is Kind.NEWSLETTER else None
    return None if document is None else _paper(session, update, document.sealed_values, document)


def sent(session: Session, update: Update, version: Version) -> Paper | None:
    """As it was sent with this version; None where it has none."""
    sealed = version.manifest.get("document")
    return None if sealed is None else _paper(session, update, sealed, update.document)


def on_x(house: House, update: Update) -> str:
    """What X will say of a newsletter as it is now."""
    return readiness.text_for(house, update, Channel.X)


def names(session: Session, update: Update) -> set[str]:
    """The names of the files that belong to a newsletter: as it is, and as it was sent last."""
    if update.kind is not Kind.NEWSLETTER:
        return set()
    sealed = update.version.manifest.get("document") if update.version else None
    sent_names = {sealed["name"]} | names_in([sealed["cover"]]) if sealed else set()
    return sent_names | (update.document.files if update.document else set())


def _paper(session: Session, update: Update, sealed: Mapping[str, Any], present: Document | None) -> Paper:
    same = present is not None and present.name == sealed["name"]
    return Paper(
        update.id,
        sealed["name"],
        sealed["size"],
        sealed["pages"],
        date.fromisoformat(sealed["dated"]),
        jpegs(sealed["cover"]),
        sealed["declared"],
        session.get_one(Person, uuid.UUID(sealed["declared_by"])).name,
        datetime.fromisoformat(sealed["declared_at"]),
        present.removed if same and present else None,
        sealed["cropped"],
        present is None or present.gone or not same,
    )
