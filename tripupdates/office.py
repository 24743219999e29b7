"""The office's steps: trips, lists of pupils, consent files, orders that need a person. One transaction each.

A file is read twice: once to show what it says (`preview_*`, which writes nothing), once when the office confirms.
"""

import re
import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates import audit, takedown
from tripupdates.approval import doors
from tripupdates.consent import records as consents
from tripupdates.consent import register as consent_register
from tripupdates.consent.register import AnswerRow, ConsentReading, KnownPupil
from tripupdates.consent.rules import Consents
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.outbox import pauses, queue
from tripupdates.outbox.records import Delivery
from tripupdates.people.records import Person
from tripupdates.people.signing_in import Caller
from tripupdates.trips import contacts, records, register
from tripupdates.trips.contacts import Difference
from tripupdates.trips.records import Group, Pupil, Trip
from tripupdates.trips.register import PupilRow, Reading
from tripupdates.vocabulary import PICTURED, Channel, Conflict, DeliveryState, NotFound, Refused, Role

# Read aloud and typed on a phone: no letter or digit that looks like another.
CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz"
CODE_DIGITS = "23456789"
AROUND_NOW = timedelta(days=5 * 366)  # a trip's year that is mistyped would stand in the way of every page


def new_code() -> str:
    """A trip code for the letter home: about 37 bits, and its typing is throttled."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(4))
    return f"{letters}-{''.join(secrets.choice(CODE_DIGITS + CODE_LETTERS) for _ in range(4))}"


def make_trip(
    house: House,
    caller: Caller,
    name: str,
    venue: str,
    starts: date,
    ends: date,
    groups: Collection[str] = (),
    staff: Collection[uuid.UUID] = (),
) -> str:
    """Make a trip and its families' code. Returns its slug. Raises Refused, Conflict, NotFound (no such person)."""
    name, venue = " ".join(name.split()), " ".join(venue.split())
    if not name or not venue or max(len(name), len(venue)) > 120:
        raise Refused("Give the trip's name and its venue, at most 120 characters each.")
    if ends < starts or (ends - starts).days > 60:
        raise Refused("The last day must not be before the first, nor more than 60 days after it.")
    if abs(starts - house.today()) > AROUND_NOW:
        raise Refused("The first day is more than five years from now. Is the year right?")
    slug = re.sub(r"[^a-z0-9]+", "-", f"{name} {starts.year}".casefold()).strip("-")[:60].strip("-")
    with transaction() as session:
        if records.by_slug(session, slug) is not None:
            raise Conflict("There is already a trip with this name in this year. Give it another name.")
        trip = Trip(
            slug=slug,
            name=name,
            venue=venue,
            starts=starts,
            ends=ends,
            code=new_code(),
            created_at=house.now(),
        )
        trip.groups = [Group(name=group) for group in _names(groups)]
        trip.staff = _people(session, staff)
        session.add(trip)
        session.flush()
        audit.note(session, house.now(), caller.id, "made trip", trip.id)
    return slug


def _names(groups: Collection[str]) -> list[str]:
    tidy = {" ".join(group.split())[:60] for group in groups}
    return sorted(tidy - {""})


def _people(session: Session, ids: Collection[uuid.UUID]) -> list[Person]:
    found = list(session.scalars(sa.select(Person).where(Person.id.in_(tuple(ids)), Person.active)))
    if len(found) != len(set(ids)):
        raise NotFound("One of the people chosen has no account any more. Choose again.")
    return found


def set_staff(house: House, caller: Caller, slug: str, staff: Collection[uuid.UUID]) -> None:
    """Who accompanies the trip from now on. Raises NotFound."""
    with transaction() as session:
        trip = trip_by_slug(session, slug)
        trip.staff = _people(session, staff)
        audit.note(session, house.now(), caller.id, "set staff", trip.id, *sorted(map(str, set(staff))))


def change_code(house: House, caller: Caller, slug: str) -> None:
    """A new code for families: every phone is asked again. Raises NotFound, as `with_code` does."""
    with transaction() as session:
        trip = with_code(session, caller, slug)
        trip.code = new_code()
        audit.note(session, house.now(), caller.id, "changed trip code", trip.id)


def with_code(session: Session, caller: Caller, slug: str) -> Trip:
    """A trip for whoever may give out its families' code: the office, or who accompanies it. Raises NotFound."""
    return trip_by_slug(session, slug) if caller.role is Role.OFFICE else doors.trip_of(session, caller, slug)


def trip_by_slug(session: Session, slug: str) -> Trip:
    """The trip, or NotFound."""
    trip = records.by_slug(session, slug)
    if trip is None:
        raise NotFound("There is no such trip.")
    return trip


@dataclass(frozen=True)
class RegisterPreview:
    """What importing a list would do: `reading` is the file as read; the rest counts against the trip as it is."""

    reading: Reading
    new: tuple[PupilRow, ...]
    changed: tuple[PupilRow, ...]
    missing: tuple[str, ...]  # on the trip, not in the file: they stay
    contacts: Difference | None = None  # None where the file says nothing of families' numbers and addresses


def preview_register(slug: str, data: bytes, mapping: Mapping[str, int] | None = None) -> RegisterPreview:
    """Read a list and say what importing it would do; nothing is written. Raises Refused, NeedsMapping, NotFound."""
    session = fresh()
    return _compare(session, trip_by_slug(session, slug), register.read_register(data, mapping))


def _compare(session: Session, trip: Trip, reading: Reading) -> RegisterPreview:
    found = _pair(trip, reading.pupils)
    matched = {pupil.id for _, pupil in found if pupil is not None}
    return RegisterPreview(
        reading,
        tuple(row for row, pupil in found if pupil is None),
        tuple(row for row, pupil in found if pupil is not None and _differs(pupil, row)),
        tuple(f"{pupil.forename} {pupil.surname}" for pupil in trip.pupils if pupil.id not in matched),
        contacts.difference(
            session, trip, [(pupil.id if pupil else None, row.contacts) for row, pupil in found]
        ),
    )


def _identity(row: PupilRow) -> str:
    return register.name_key(row.reference) or register.identity(row.forename, row.surname, row.class_name)


def _pair(trip: Trip, rows: Sequence[PupilRow]) -> list[tuple[PupilRow, Pupil | None]]:
    """Each row with the pupil that it is about, each pupil at most once: by reference first, then by name and class.

    A name counts only where row and pupil do not both have a reference: two references are two pupils.
    """
    referenced = {register.name_key(pupil.reference): pupil for pupil in trip.pupils if pupil.reference}
    found = {row.line: referenced.get(register.name_key(row.reference)) for row in rows if row.reference}
    taken = {pupil.id for pupil in found.values() if pupil is not None}
    for row in rows:
        if found.get(row.line) is None:
            found[row.line] = next((pupil for pupil in trip.pupils if _is_named(pupil, row, taken)), None)
            taken |= {pupil.id for pupil in (found[row.line],) if pupil is not None}
    return [(row, found[row.line]) for row in rows]


def _is_named(pupil: Pupil, row: PupilRow, taken: Collection[uuid.UUID]) -> bool:
    named = register.identity(pupil.forename, pupil.surname, pupil.class_name)
    both = pupil.reference and row.reference
    return (
        pupil.id not in taken
        and not both
        and named == register.identity(row.forename, row.surname, row.class_name)
    )


def _differs(pupil: Pupil, row: PupilRow) -> bool:
    group = pupil.group.name if pupil.group else ""
    there = (pupil.forename, pupil.surname, pupil.year, pupil.class_name, group, pupil.reference)
    reference = row.reference or pupil.reference
    return there != (row.forename, row.surname, row.year, row.class_name, row.group, reference)


def import_register(
    house: House,
    caller: Caller,
    slug: str,
    data: bytes,
    mapping: Mapping[str, int] | None = None,
    despite_problems: bool = False,
) -> RegisterPreview:
    """Bring the trip's list to what the file says; nobody is dropped. The same file again changes nothing.

    With a row that could not be read, nothing is written unless `despite_problems`. Returns what was done. Raises
    Refused, NeedsMapping, NotFound.
    """
    with transaction() as session:
        trip = trip_by_slug(session, slug)
        preview = _compare(session, trip, register.read_register(data, mapping))
        problems = preview.reading.problems
        if problems and not despite_problems:
            raise Refused(
                "Some rows could not be read, so nothing was changed.",
                tuple(f"Line {problem.line}: {problem.reason}" for problem in problems),
            )
        groups = {group.name: group for group in trip.groups}
        for row, there in _pair(trip, preview.reading.pupils):
            pupil = there or Pupil(identity=_identity(row), reference="")
            if there is None:
                trip.pupils.append(pupil)
            if there is None or _differs(there, row):
                if row.group and row.group not in groups:
                    groups[row.group] = Group(name=row.group)
                    trip.groups.append(groups[row.group])
                _write(pupil, row, groups.get(row.group))
            if row.contacts is not None:
                session.flush()  # a new pupil has an id then
                contacts.bring(session, pupil, row.contacts)
        session.flush()
        counts = (len(preview.new), len(preview.changed), *astuple(preview.contacts or Difference()))
        audit.note(session, house.now(), caller.id, "imported register", trip.id, *counts)
    return preview


def _write(pupil: Pupil, row: PupilRow, group: Group | None) -> None:
    pupil.forename, pupil.surname = row.forename, row.surname
    pupil.year, pupil.class_name, pupil.group = row.year, row.class_name, group
    if row.reference:
        pupil.reference, pupil.identity = row.reference, _identity(row)


def preview_consent(slug: str, data: bytes, mapping: Mapping[str, int] | None = None) -> ConsentReading:
    """Read a consent file against the trip's list; nothing is written. Raises Refused, NeedsMapping, NotFound.

    Where an answer that was a yes is blank now, the parent has cleared it: that is read as a no.
    """
    session = fresh()
    trip = trip_by_slug(session, slug)
    reading = consent_register.read_consent(data, _known(trip.pupils), mapping)
    cleared = _cleared(reading, consents.current(session, trip.id))
    return replace(reading, answers=(*reading.answers, *cleared))


def _cleared(reading: ConsentReading, given: Consents) -> list[AnswerRow]:
    answered = {(uuid.UUID(row.pupil_id), row.channel) for row in reading.answers}
    silent = {uuid.UUID(pupil) for pupil in reading.silent}
    return [
        AnswerRow(0, str(pupil), channel, yes=False, word="")
        for pupil, channels in given.items()
        for channel in PICTURED
        if channel in channels
        and channel.value in reading.mapping
        and pupil not in silent
        and (pupil, channel) not in answered
    ]


def _known(pupils: Sequence[Pupil]) -> list[KnownPupil]:
    return [
        KnownPupil(str(pupil.id), pupil.forename, pupil.surname, pupil.class_name, pupil.reference)
        for pupil in pupils
    ]


def import_consent(
    house: House,
    caller: Caller,
    slug: str,
    data: bytes,
    note: str,
    mapping: Mapping[str, int] | None = None,
) -> tuple[ConsentReading, int, int]:
    """Record the answers of a consent file. A no takes back what it must (law 7), and so does a yes that is blank now.

    A word that nobody knows counts as a no, and is in the reading's problems. Returns the reading, how many answers
    were new, and how many of those are a no. Raises Refused, NeedsMapping, NotFound.
    """
    trip_id = trip_by_slug(fresh(), slug).id
    reading = preview_consent(slug, data, mapping)
    given = [takedown.Given(uuid.UUID(row.pupil_id), row.channel, row.yes) for row in reading.answers]
    new, refused = takedown.record_answers(house, caller, trip_id, given, note)
    return reading, new, refused


def try_again(house: House, caller: Caller, delivery_id: uuid.UUID) -> None:
    """A person has mended what was in the way: the order goes on, and those that were shown as one with it.

    Where something may be there, it is looked up first.
    """
    with transaction() as session:
        delivery = session.get(Delivery, delivery_id)
        if delivery is None:
            raise NotFound("There is no such order.")
        now = house.now()
        values = {"due": now, "misses": 0, "unsure_since": now, "created_at": now}
        for each in queue.stuck_alike(session, delivery):
            to = DeliveryState.PENDING if each.attempted_at is None else DeliveryState.UNSURE
            if queue.settle(session, each.id, DeliveryState.NEEDS_PERSON, state=to, **values):
                audit.note(session, now, caller.id, "tried again", each.update_id, each.channel)


def try_channel_again(house: House, caller: Caller, channel: Channel) -> None:
    """A person has mended the account: everything that waits there goes on. Nothing paused is fine."""
    with transaction() as session:
        if pauses.lift(session, channel, caller.id, house.now()):
            audit.note(session, house.now(), caller.id, "tried channel again", channel)
