"""Families' numbers and addresses for one trip, and who wants no messages. Contacts are deleted with the trip.

Who wants none outlives the contact, and a list that is imported again: of the number or address only a hash is kept, made
with a key of the school's (HMAC), so that nobody without that key can try numbers on it.
"""

import hmac
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tripupdates.database import Base
from tripupdates.trips.contact_columns import ContactRow
from tripupdates.trips.records import Pupil, Trip
from tripupdates.vocabulary import Channel

TYPED = 0  # the place of a contact that the office typed; those of a list have its priority, from 1

GONE = "The family’s number or address was taken off the list, so it was not sent."
OUT = "Somebody there wants no messages, so it was not sent."


class Contact(Base):
    """Somebody whom a family wants messages to go to, by text, by e-mail or both; '' for what is not known.

    A problem is a sentence for the office: what became of the last message. It proves nothing, so it is not sealed.
    """

    __tablename__ = "contact"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    pupil_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("pupil.id"), index=True)
    place: Mapped[int] = mapped_column(default=TYPED)
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    relation: Mapped[str] = mapped_column(sa.String(40), default="")
    phone: Mapped[str] = mapped_column(sa.String(20), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    phone_problem: Mapped[str] = mapped_column(sa.String(200), default="")
    email_problem: Mapped[str] = mapped_column(sa.String(200), default="")

    pupil: Mapped[Pupil] = relationship()

    def address(self, channel: Channel) -> str:
        """Where a message by this way goes, '' for nowhere."""
        return {Channel.TEXT: self.phone, Channel.EMAIL: self.email}[channel]

    def say(self, channel: Channel, problem: str) -> None:
        """What became of the last message by this way, '' where all is well."""
        if channel is Channel.TEXT:
            self.phone_problem = problem
        else:
            self.email_problem = problem

    def change(self, name: str, relation: str, phone: str, email: str) -> bool:
        """Bring it to these values; what was said of another number or address is forgotten. Returns whether it differed."""
        before = (self.name, self.relation, self.phone, self.email)
        if before == (name, relation, phone, email):
            return False
        if self.phone != phone:
            self.phone_problem = ""
        if self.email != email:
            self.email_problem = ""
        self.name, self.relation, self.phone, self.email = name, relation, phone, email
        return True


class OptOut(Base):
    """Somebody said that nothing more goes to a number or an address, or that it may again; the latest row counts.

    `how`: "office", whose person is `by`; "link", at the foot of a mail; "form", the parents' form.
    """

    __tablename__ = "opt_out"
    sealed: ClassVar = (
        "mark",
        "out",
        "how",
        "by",
        "at",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(sa.String(64), index=True)
    out: Mapped[bool]
    how: Mapped[str] = mapped_column(sa.String(20))
    by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]


def mark(key: bytes, channel: Channel, address: str) -> str:
    """What is kept of a number, or of an address in whatever case."""
    return hmac.digest(key, f"{channel}:{address.casefold()}".encode(), "sha256").hex()


def out(session: Session, marks: Collection[str]) -> frozenset[str]:
    """Those of these marks to which nothing goes."""
    rows = sa.select(OptOut.mark, OptOut.out).where(OptOut.mark.in_(marks)).order_by(OptOut.id)
    latest = {row.mark: row.out for row in session.execute(rows)} if marks else {}
    return frozenset(each for each, is_out in latest.items() if is_out)


def of_pupil(session: Session, pupil_id: uuid.UUID) -> Sequence[Contact]:
    """A pupil's contacts: those of the list by their priority, then those that were typed."""
    return _by_pupil(session, sa.select(Contact).where(Contact.pupil_id == pupil_id))


def of_trip(session: Session, trip_id: uuid.UUID) -> Sequence[Contact]:
    """All contacts of a trip, those of each pupil together."""
    mine = sa.select(Contact).join(Pupil, Pupil.id == Contact.pupil_id).where(Pupil.trip_id == trip_id)
    return _by_pupil(session, mine)


def _by_pupil(session: Session, query: sa.Select[Contact]) -> Sequence[Contact]:
    typed_last = sa.case((Contact.place == TYPED, 1), else_=0)
    return session.scalars(query.order_by(Contact.pupil_id, typed_last, Contact.place, Contact.id)).all()


def by_pupil(session: Session, trip_id: uuid.UUID, channel: Channel) -> dict[uuid.UUID, list[Contact]]:
    """The contacts of each pupil with a number, or an address; of two with the same one the first."""
    found: dict[uuid.UUID, dict[str, Contact]] = defaultdict(dict)
    for each in of_trip(session, trip_id):
        if each.address(channel):
            found[each.pupil_id].setdefault(each.address(channel).casefold(), each)
    return {pupil: list(those.values()) for pupil, those in found.items()}


@dataclass(frozen=True)
class Reach:
    """Whom a message by one way would reach: a contact for each number or address, however many children it is of.

    `left_out` counts numbers or addresses where somebody wants none; `without`, pupils whose family has none at all.
    """

    to: tuple[Contact, ...]
    left_out: int
    without: int


def reach(
    session: Session, key: bytes, trip: Trip, channel: Channel, pupils: Collection[uuid.UUID] | None = None
) -> Reach:
    """Whom a message about a trip would reach now: the families of these pupils, or of all for None."""
    asked = {pupil.id for pupil in trip.pupils if pupils is None or pupil.id in pupils}
    found = [each for each in of_trip(session, trip.id) if each.address(channel) and each.pupil_id in asked]
    by_mark: dict[str, Contact] = {}
    for each in found:
        by_mark.setdefault(mark(key, channel, each.address(channel)), each)
    gone = out(session, by_mark)
    to = tuple(each for name, each in by_mark.items() if name not in gone)
    return Reach(to, len(gone), len(asked - {each.pupil_id for each in found}))


def where(session: Session, key: bytes, contact_id: uuid.UUID | None, channel: Channel) -> tuple[str, str]:
    """Where a message to this contact goes now, and '', or '' and why it goes nowhere any more."""
    contact = session.get(Contact, contact_id) if contact_id is not None else None
    address = contact.address(channel) if contact is not None else ""
    if not address:
        return "", GONE
    return ("", OUT) if out(session, [mark(key, channel, address)]) else (address, "")


@dataclass(frozen=True)
class Difference:
    """What bringing contacts to a list's would do: how many come, change and go."""

    new: int = 0
    changed: int = 0
    gone: int = 0

    def __add__(self, other: "Difference") -> "Difference":
        """Both together."""
        return Difference(self.new + other.new, self.changed + other.changed, self.gone + other.gone)

    def __bool__(self) -> bool:
        """Whether anything is different."""
        return bool(self.new or self.changed or self.gone)


def compare(there: Iterable[Contact], rows: Iterable[ContactRow]) -> Difference:
    """What `bring` would do, where nothing is written."""
    known, listed = (
        {each.place: each for each in there if each.place != TYPED},
        {row.place: row for row in rows},
    )
    changed = sum(_differs(known[place], row) for place, row in listed.items() if place in known)
    return Difference(len(listed.keys() - known.keys()), changed, len(known.keys() - listed.keys()))


def _differs(there: Contact, row: ContactRow) -> bool:
    return (there.name, there.relation, there.phone, there.email) != (
        row.name,
        row.relation,
        row.phone,
        row.email,
    )


def difference(
    session: Session, trip: Trip, listed: Iterable[tuple[uuid.UUID | None, Sequence[ContactRow] | None]]
) -> Difference | None:
    """What a list would do to a trip's contacts: a pupil's id, None for a new one, with the rows that it has for them.

    None where it says nothing of contacts.
    """
    there: dict[uuid.UUID | None, list[Contact]] = defaultdict(list)
    for contact in of_trip(session, trip.id):
        there[contact.pupil_id].append(contact)
    each = [compare(there[pupil], rows) for pupil, rows in listed if rows is not None]
    return sum(each, Difference()) if each else None


def bring(session: Session, pupil: Pupil, rows: Sequence[ContactRow]) -> Difference:
    """Bring a pupil's contacts to what a list says: those of its priorities, and no others. What was typed stays."""
    there = {each.place: each for each in of_pupil(session, pupil.id) if each.place != TYPED}
    done = compare(there.values(), rows)
    for row in rows:
        contact = there.pop(row.place, None) or Contact(pupil_id=pupil.id, place=row.place)
        contact.change(row.name, row.relation, row.phone, row.email)
        session.add(contact)
    for contact in there.values():
        session.delete(contact)
    return done


def delete_of(session: Session, trip_id: uuid.UUID) -> int:
    """Delete all contacts of a trip. Returns how many there were."""
    pupils = sa.select(Pupil.id).where(Pupil.trip_id == trip_id)
    done = session.execute(
        sa.delete(Contact).where(Contact.pupil_id.in_(pupils)).execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined] # a DELETE gives a CursorResult


def trips_with_any(session: Session) -> Sequence[Trip]:
    """The trips of which numbers or addresses are kept."""
    has = sa.exists().where(Pupil.trip_id == Trip.id, Contact.pupil_id == Pupil.id)
    return session.scalars(sa.select(Trip).where(has)).all()
