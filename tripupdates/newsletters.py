"""The step that a newsletter has besides those of any other update: its PDF comes in, and somebody answers for it.

The costly part, in `documents.room`, comes before the transaction, as for photos.
"""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from tripupdates import audit, erasure
from tripupdates.approval import doors
from tripupdates.approval.records import Update
from tripupdates.database import fresh, transaction
from tripupdates.documents import rules
from tripupdates.documents.records import Document
from tripupdates.documents.room import Prepared
from tripupdates.house import House
from tripupdates.people.signing_in import Caller
from tripupdates.photos.records import as_kept
from tripupdates.vocabulary import Channel, Kind, NotFound, Refused


@dataclass(frozen=True)
class Issue:
    """What comes with a newsletter: the date of the issue, and its PDF; None where only the date is another.

    `declared` says that the sentence about the pupils in it (`declaration`) was ticked.
    """

    dated: date
    upload: bytes | None = None
    declared: bool = False


def declaration(house: House) -> str:
    """The sentence that whoever sends a newsletter here must be able to tick."""
    return rules.declaration(house.settings.hides_faces(Channel.WEBSITE))


def attach(house: House, caller: Caller, update_id: uuid.UUID, issue: Issue) -> None:
    """Clean the PDF of one's own newsletter and keep what came out, with its first page as a picture; the upload is gone.

    It takes the place of the one before, whose files are deleted. The same again changes nothing; a change to what waits
    or is approved voids that (law 4). Raises NotFound, Refused (not declared, an odd date, or what the PDF is and what to
    do), Conflict, TooLarge, Busy.
    """
    rules.check_dated(issue.dated, house.today())
    update = _newsletter(doors.own(fresh(), caller, update_id))
    before = update.document if update.document and not update.document.gone else None
    if issue.upload is not None and not issue.declared:
        raise Refused(rules.NOT_DECLARED)
    if issue.upload is None and before is None:
        raise Refused(rules.NO_FILE)
    if issue.upload is None and before is not None and before.dated == issue.dated:
        return
    # Its title says the date, so a file with another date is made anew: from the upload, or from what is there, which is clean.
    source = house.photos.read(before.name) if issue.upload is None and before else issue.upload
    prepared = house.paper.prepare(source or b"", rules.title_of(house.settings.school_name, issue.dated))
    _store(house, prepared)
    names: set[str] = set()
    with transaction() as session:
        update = _newsletter(doors.own(session, caller, update_id))
        values = _values(house, caller, prepared, issue, update.document)
        if update.document is not None and _is_same(update.document, values):
            return
        doors.open_for_change(session, house, caller, update)
        if update.document is None:
            update.document = Document(update_id=update.id, **values)
        else:
            names = update.document.files
            for name, value in values.items():
                setattr(update.document, name, value)
        event = "dated newsletter" if issue.upload is None else "attached newsletter"
        audit.note(session, house.now(), caller.id, event, update_id)
    _store(house, prepared)  # should the same file have been deleted from another newsletter meanwhile
    erasure.let_go(house, names)


def _newsletter(update: Update) -> Update:
    if update.kind is not Kind.NEWSLETTER:
        raise NotFound("Only a newsletter has a PDF.")
    return update


def _values(
    house: House, caller: Caller, prepared: Prepared, issue: Issue, before: Document | None
) -> dict[str, Any]:
    """The row as it is to be. Another date alone declares nothing anew, and takes nothing more away."""
    values: dict[str, Any] = {
        "name": prepared.document.name,
        "size": len(prepared.document.data),
        "pages": prepared.document.pages,
        "dated": issue.dated,
        "cover": as_kept(prepared.cover),
        "cropped": list(prepared.cropped),
        "deleted_at": None,
    }
    if issue.upload is None and before is not None:
        return values
    said = {"declared": declaration(house), "declared_by": caller.id, "declared_at": house.now()}
    return values | said | {"removed": list(prepared.document.removed)}


def _is_same(document: Document, values: dict[str, Any]) -> bool:
    """Whether nothing would be another; when it was declared says nothing by itself."""
    return all(getattr(document, name) == value for name, value in values.items() if name != "declared_at")


def _store(house: House, prepared: Prepared) -> None:
    house.photos.put(prepared.document.name, prepared.document.data)
    for each in prepared.cover:
        house.photos.put(each.name, each.data)
