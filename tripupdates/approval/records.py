"""Updates, the versions that were sent to the head, and what was decided about each."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, foreign, mapped_column, relationship, selectinload

from tripupdates.database import Base, one_of
from tripupdates.documents.records import Document
from tripupdates.outbox.records import Delivery, Tally
from tripupdates.people.records import Person
from tripupdates.photos.answers import Said
from tripupdates.photos.records import Photo
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import KIND_NAMES, Channel, Kind, Move, UpdateState


class Update(Base):
    """What somebody at school wrote: about a trip, or of the school itself. `x_text` None means: the same text.

    Its id was made on the phone, or as the page opened. `groups` are ids of the trip's groups that it is about, none
    for everybody. `title` stands above what is of the school; `expires_at` is when a notice is over.

    `revision` is another one after every change, whoever made it. `sent` is what a phone said of this very revision,
    where it came whole from one: {"digest", "photos": [[id, answers.Said.stored], ...]}; else it is empty.
    """

    __tablename__ = "update"
    sealed: ClassVar = (
        "trip_id",
        "author_id",
        "state",
        "version_id",
        "taken_down_because",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(one_of(Kind), default=Kind.TRIP, index=True)
    trip_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("trip.id"), index=True)
    author_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    title: Mapped[str] = mapped_column(sa.String(120), default="")
    text: Mapped[str] = mapped_column(sa.String(5000))
    x_text: Mapped[str | None] = mapped_column(sa.String(1000))
    channels: Mapped[list[Any]]
    groups: Mapped[list[Any]] = mapped_column(default=list)
    state: Mapped[UpdateState] = mapped_column(one_of(UpdateState), index=True)
    version_id: Mapped[uuid.UUID | None] = mapped_column(sa.Uuid())
    revision: Mapped[uuid.UUID | None] = mapped_column(sa.Uuid())
    sent: Mapped[dict[str, Any]] = mapped_column(default=dict)
    taken_down_because: Mapped[str] = mapped_column(sa.String(1000), default="")
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    trip: Mapped[Trip | None] = relationship()
    author: Mapped[Person] = relationship()
    photos: Mapped[list[Photo]] = relationship(order_by=Photo.position, cascade="all, delete-orphan")
    document: Mapped[Document | None] = relationship(cascade="all, delete-orphan")
    # For pages that list many: read after `at_a_glance`, never in a step that changes them.
    version: Mapped["Version | None"] = relationship(
        primaryjoin="foreign(Update.version_id) == Version.id", viewonly=True
    )
    deliveries: Mapped[list[Delivery]] = relationship(
        primaryjoin=lambda: sa.and_(Delivery.update_id == Update.id, Delivery.recipient.is_(None)),
        order_by=(Delivery.created_at, Delivery.channel),
        viewonly=True,
    )
    # What goes to each family for itself, counted.
    tallies: Mapped[list[Tally]] = relationship(
        primaryjoin=lambda: foreign(Tally.update_id) == Update.id, viewonly=True
    )

    @property
    def announced(self) -> dict[uuid.UUID, Said]:
        """The photos that the phone is sending with this revision, in their order, with what it says about each."""
        return {uuid.UUID(photo): Said.kept(said) for photo, said in self.sent.get("photos", ())}

    @property
    def chosen(self) -> tuple[Channel, ...]:
        """The channels the author chose, in the order of the vocabulary."""
        return tuple(channel for channel in Channel if channel in self.channels)

    @property
    def about(self) -> tuple[str, ...]:
        """The names of the groups that it is about, none for everybody."""
        groups = self.trip.groups if self.trip else ()
        return tuple(group.name for group in groups if str(group.id) in self.groups)

    @property
    def called(self) -> str:
        """What lists call it: its title, else its words."""
        return self.title or self.text

    @property
    def heading(self) -> str:
        """What pages at school call it: its trip, and what it is where it is no plain update."""
        words = KIND_NAMES[self.kind]
        if self.trip is None:
            return words
        return self.trip.name if self.kind in {Kind.TRIP, Kind.MESSAGE} else f"{words}: {self.trip.name}"


class Version(Base):
    """An update exactly as it was sent to the head. `manifest` is what will be published; `digest` seals it (law 4)."""

    __tablename__ = "version"
    __table_args__ = (sa.UniqueConstraint("update_id", "number"),)
    sealed: ClassVar = (
        "update_id",
        "number",
        "manifest",
        "digest",
        "findings",
        "submitted_by",
        "submitted_at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    update_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("update.id"))
    number: Mapped[int]
    manifest: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(sa.String(64), index=True)
    findings: Mapped[list[Any]]
    submitted_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    submitted_at: Mapped[datetime]

    decision: Mapped["Decision | None"] = relationship(viewonly=True)  # as `Update.version`


class Wordings(Base):
    """Messages that an approver let staff send without another look; appended, never changed: a trip's latest row counts.

    `messages` are {"key", "text"} as `approval/wordings` reads them; none means that they were stopped.
    """

    __tablename__ = "wordings"
    sealed: ClassVar = (
        "trip_id",
        "messages",
        "channels",
        "digest",
        "by",
        "at",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("trip.id"), index=True)
    messages: Mapped[list[Any]]
    channels: Mapped[list[Any]]
    digest: Mapped[str] = mapped_column(sa.String(64))
    by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]

    approver: Mapped[Person] = relationship()

    @property
    def chosen(self) -> tuple[Channel, ...]:
        """The channels where they appear, in the order of the vocabulary."""
        return tuple(channel for channel in Channel if channel in self.channels)


class Decision(Base):
    """What was decided about a version, once. `overrides` maps a finding's key to the approver's reason.

    `suggested` are other words, {"text", "x_text"}, where the approver gave some with sending it back.
    `wordings_id` is set where it rests on words that were approved before the trip. `alone` is why an urgent notice went
    out by its author's own word, with nobody else at hand; '' wherever a second person decided.
    """

    __tablename__ = "decision"
    sealed: ClassVar = (
        "move",
        "digest",
        "reason",
        "overrides",
        "by",
        "at",
        "wordings_id",
        "suggested",
        "alone",
    )

    version_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("version.id"), primary_key=True)
    move: Mapped[Move] = mapped_column(one_of(Move))
    digest: Mapped[str] = mapped_column(sa.String(64))
    reason: Mapped[str] = mapped_column(sa.String(1000))
    overrides: Mapped[dict[str, Any]]
    by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    wordings_id: Mapped[int | None] = mapped_column(sa.ForeignKey("wordings.id"))
    suggested: Mapped[dict[str, Any]] = mapped_column(default=dict)
    alone: Mapped[str] = mapped_column(sa.String(1000), default="")


def move(session: Session, update: Update, to: UpdateState, now: datetime, **values: object) -> bool:
    """One conditional UPDATE from the state that was seen. False where someone was quicker."""
    seen = update.state
    session.flush()
    result = session.execute(
        sa.update(Update)
        .where(Update.id == update.id, Update.state == seen)
        .values(state=to, changed_at=now, **values)
        .execution_options(synchronize_session=False)
    )
    session.expire(update)
    return bool(result.rowcount == 1)  # type: ignore[attr-defined] # an UPDATE gives a CursorResult


def latest_version(session: Session, update: Update) -> Version | None:
    """The version that waits, or was decided last."""
    return None if update.version_id is None else session.get(Version, update.version_id)


def at_a_glance(session: Session, updates: Sequence[Update]) -> Sequence[Update]:
    """The same updates, with photos, versions, decisions and deliveries fetched for all of them at once."""
    everything = (
        selectinload(Update.photos).selectinload(Photo.pupils),
        selectinload(Update.version).selectinload(Version.decision),
        selectinload(Update.deliveries),
        selectinload(Update.tallies),
    )
    ids = [update.id for update in updates]
    session.scalars(sa.select(Update).where(Update.id.in_(ids)).options(*everything)).all()
    return updates


def named(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Update]:
    """The updates with these ids, by their ids."""
    found = session.scalars(sa.select(Update).where(Update.id.in_(set(ids))))
    return {update.id: update for update in found}


def first_version(session: Session, update: Update) -> Version | None:
    """The version that was sealed first, whatever came after it."""
    return session.scalar(
        sa.select(Version).where(Version.update_id == update.id).order_by(Version.number).limit(1)
    )


def next_number(session: Session, update_id: uuid.UUID) -> int:
    """The number of the update's next version."""
    return (
        session.scalar(sa.select(sa.func.max(Version.number)).where(Version.update_id == update_id)) or 0
    ) + 1


def version_ids(trip_id: uuid.UUID) -> sa.Select[uuid.UUID]:
    """The ids of every version of a trip's updates, as a question for another one."""
    return sa.select(Version.id).join(Update, Update.id == Version.update_id).where(Update.trip_id == trip_id)


def photos_in_order(session: Session, version: Version) -> dict[str, Any]:
    """The photos of a version's manifest in the author's order (JSON keys come back sorted)."""
    order = {
        str(photo): position
        for photo, position in session.execute(
            sa.select(Photo.id, Photo.position).where(Photo.update_id == version.update_id)
        )
    }
    photos = version.manifest["photos"]
    return {key: photos[key] for key in sorted(photos, key=lambda key: order.get(key, len(order)))}


def version_before(session: Session, version: Version) -> Version | None:
    """The version sent before this one, if there was one."""
    return session.scalar(
        sa.select(Version)
        .where(Version.update_id == version.update_id, Version.number < version.number)
        .order_by(Version.number.desc())
        .limit(1)
    )


def in_state(session: Session, *states: UpdateState) -> Sequence[Update]:
    """Updates in these states, those waiting longest first."""
    return session.scalars(
        sa.select(Update).where(Update.state.in_(states)).order_by(Update.changed_at)
    ).all()


def newest_decided(session: Session, most: int, trips: Collection[uuid.UUID] | None) -> Sequence[Update]:
    """What was approved or taken down last, the newest first, at most so many; of these trips, or of all for None."""
    published = (UpdateState.APPROVED, UpdateState.TAKEN_DOWN)
    query = (
        sa.select(Update).where(Update.state.in_(published)).order_by(Update.changed_at.desc()).limit(most)
    )
    return session.scalars(query if trips is None else query.where(Update.trip_id.in_(trips))).all()


def of_trip(session: Session, trip_id: uuid.UUID) -> Sequence[Update]:
    """A trip's updates, the newest first."""
    return session.scalars(
        sa.select(Update).where(Update.trip_id == trip_id).order_by(Update.created_at.desc())
    ).all()


def latest_wordings(session: Session, trip_id: uuid.UUID) -> Wordings | None:
    """What was said last about a trip's messages: approved, or stopped."""
    return session.scalar(
        sa.select(Wordings).where(Wordings.trip_id == trip_id).order_by(Wordings.id.desc()).limit(1)
    )


def stopped_since(session: Session, wordings: Wordings) -> bool:
    """Whether a trip's messages were stopped after this approval of them."""
    later = sa.select(Wordings.messages).where(
        Wordings.trip_id == wordings.trip_id, Wordings.id > wordings.id
    )
    return any(not messages for messages in session.scalars(later))
