"""Deputies: somebody of the staff decides on one trip's updates for some days, as the headteacher or the office says."""

import uuid
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from tripupdates import audit
from tripupdates.approval.deputies import Deputy, still_to_come
from tripupdates.database import transaction
from tripupdates.house import House
from tripupdates.office import trip_by_slug
from tripupdates.people.records import Person
from tripupdates.people.signing_in import Caller
from tripupdates.trips import records as trips
from tripupdates.vocabulary import Conflict, Forbidden, NotFound, Refused, Role

LONGEST = timedelta(days=92)
FURTHEST = timedelta(days=3 * 366)


def appoint(house: House, caller: Caller, slug: str, person_id: uuid.UUID, first: date, last: date) -> None:
    """From the first to the last day, both included, at school: this person may decide on the trip's updates.

    They get no other right of a headteacher: not for other trips, not for its messages, not to hold everything. Raises
    Forbidden, NotFound, Refused (odd days, somebody who may not), Conflict (appointed for some of these days already).
    """
    if last > house.today() + FURTHEST:
        raise Refused("That is more than three years from now. Is the year right?")
    starts, ends = _midnight(house, first), _midnight(house, last + timedelta(days=1))
    if last < first or ends - starts > LONGEST:
        raise Refused("The last day must not be before the first, nor more than three months after it.")
    if ends <= house.now():
        raise Refused("These days are over. Choose days from today on.")
    with transaction() as session:
        trip = trip_by_slug(session, slug)
        _check_may_appoint(caller, person_id, trips.accompanies(session, caller.id, trip.id))
        person = session.get(Person, person_id)
        if person is None or not person.active:
            raise NotFound("This person has no account any more. Choose somebody else.")
        if person.role is not Role.STAFF:
            raise Refused(f"{person.name} is not among the staff: choose a member of staff.")
        if trips.accompanies(session, person.id, trip.id):
            raise Refused(f"{person.name} is on this trip. Somebody who stays at school must decide.")
        if any(
            each.person_id == person_id and each.starts < ends and starts < each.ends
            for each in still_to_come(session, trip.id, house.now())
        ):
            raise Conflict(f"{person.name} is deputy for some of these days already. End that first.")
        row = Deputy(
            trip_id=trip.id, person_id=person_id, starts=starts, ends=ends, by=caller.id, at=house.now()
        )
        session.add(row)
        session.flush()
        audit.note(session, house.now(), caller.id, "appointed deputy", trip.id, person_id, row.id)


def end(house: House, caller: Caller, deputy_id: int) -> None:
    """It ends with this commit. Ended already is fine. Raises Forbidden, NotFound."""
    if caller.role not in {Role.APPROVER, Role.OFFICE}:
        raise Forbidden("Only the headteacher or the office can end this.")
    with transaction() as session:
        row = session.get(Deputy, deputy_id)
        if row is None:
            raise NotFound("There is no such deputy.")
        ended = session.execute(
            sa.update(Deputy)
            .where(Deputy.id == deputy_id, Deputy.ended_at.is_(None))
            .values(ended_at=house.now(), ended_by=caller.id)
        )
        if ended.rowcount:  # type: ignore[attr-defined] # an UPDATE gives a CursorResult
            audit.note(session, house.now(), caller.id, "ended deputy", row.trip_id, row.person_id, row.id)


def _check_may_appoint(caller: Caller, person_id: uuid.UUID, on_trip: bool) -> None:
    if caller.role not in {Role.APPROVER, Role.OFFICE}:
        raise Forbidden("Only the headteacher or the office can appoint a deputy.")
    if on_trip:
        raise Forbidden("You are on this trip, so somebody at school must choose who decides on it.")
    if person_id == caller.id:
        raise Forbidden("Nobody appoints themselves. Ask somebody else.")


def _midnight(house: House, day: date) -> datetime:
    """When a day begins at school."""
    return datetime.combine(day, time(), house.settings.timezone)
