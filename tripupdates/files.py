"""The files of updates: renditions of photos, and documents with their covers. All lie in one store, named by their bytes."""

from datetime import datetime

from sqlalchemy.orm import Session

from tripupdates.approval.records import Update
from tripupdates.documents import records as documents
from tripupdates.photos import records as photos
from tripupdates.vocabulary import Kind


def owned(session: Session) -> set[str]:
    """The names of all files that some photo or document still needs."""
    return photos.names(session, deleted=False) | documents.names(session, deleted=False)


def deleted(session: Session) -> set[str]:
    """The names of files that belonged to deleted photos and documents, and that no other needs."""
    gone = photos.names(session, deleted=True) | documents.names(session, deleted=True)
    return gone - owned(session)


def has_any(update: Update) -> bool:
    """Whether there is anything of an update that could be deleted."""
    document = update.document if update.kind is Kind.NEWSLETTER else None
    return bool(update.photos) or (document is not None and not document.gone)


def delete(update: Update, now: datetime) -> set[str]:
    """Mark everything of an update as deleted; the names to let go once that is committed (`erasure.let_go`)."""
    return photos.delete(update.photos, now) | documents.delete(update.document, now)
