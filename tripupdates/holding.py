"""Hold everything: one button for approver and office, lifted by hand. In an emergency nothing cheerful goes out.

While it is held nothing can be approved, no ready message is sent, and the worker publishes nothing. What must come
down still comes down, and what may have arrived is still looked up. Staff write and send to the head as ever.
"""

from sqlalchemy.orm import Session

from tripupdates import audit, publishing
from tripupdates.approval.in_force import AROUND
from tripupdates.channels.contract import TransportError
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.outbox import holds
from tripupdates.outbox.holds import Hold
from tripupdates.people.signing_in import Caller
from tripupdates.policy.rules import PupilName, check
from tripupdates.trips import records as trips
from tripupdates.vocabulary import Channel, Forbidden, Refused, Role, Severity

LONGEST_LINE = 280


def hold(house: House, caller: Caller, line: str = "") -> None:
    """Publish nothing from this commit on. `line` stands on the families' pages meanwhile; only an approver writes one.

    Held already: the same again changes nothing, and another line takes the place of the one before. Raises Forbidden,
    and Refused where the line is too long or the policy stops it; then nothing is changed.
    """
    _check_role(caller)
    line = " ".join(line.split())
    if line and caller.role is not Role.APPROVER:
        raise Forbidden(
            "Only the headteacher or a deputy writes to families. Hold everything without a line first."
        )
    with transaction() as session:
        present = holds.present(session)
        if present is not None and (line == present.line or caller.role is not Role.APPROVER):
            return
        _check_line(house, session, line)
        _append(house, session, caller, held=True, line=line)


def lift(house: House, caller: Caller) -> None:
    """Go on with what waits; the line leaves the families' pages. Not held: nothing changes. Raises Forbidden."""
    _check_role(caller)
    with transaction() as session:
        if holds.present(session) is not None:
            _append(house, session, caller, held=False, line="")


def tell_families(house: House) -> bool:
    """Bring the line of a hold onto the families' pages, or off them. True where that was just done."""
    session = fresh()
    last = holds.latest(session)
    if last is None or last.shown_at is not None:
        return False
    number = last.id
    try:
        house.places[Channel.FAMILIES].publish(publishing.tree(house, session, Channel.FAMILIES))
    except TransportError:
        return False  # tried again at the next look; until then the page of the hold says that it is not there yet
    with transaction() as session:
        session.get_one(Hold, number).shown_at = house.now()
    return True


def _append(house: House, session: Session, caller: Caller, held: bool, line: str) -> None:
    row = Hold(held=held, line=line, by=caller.id, at=house.now())
    session.add(row)
    session.flush()
    audit.note(session, house.now(), caller.id, "held everything" if held else "lifted hold", row.id)


def _check_role(caller: Caller) -> None:
    if caller.role not in {Role.APPROVER, Role.OFFICE}:
        raise Forbidden("Only the headteacher, a deputy or the office can hold everything.")


def _check_line(house: House, session: Session, line: str) -> None:
    if len(line) > LONGEST_LINE:
        raise Refused(f"The line for families can have at most {LONGEST_LINE} characters.")
    running = [trip for trip in trips.every(session) if trip.ends + AROUND >= house.today()]
    pupils = [PupilName(pupil.forename, pupil.surname) for trip in running for pupil in trip.pupils]
    staff = [person.name for trip in running for person in trip.staff]
    found = check({"line": line}, pupils, staff, house.settings.x_handle, house.words)
    if stops := [f"“{each.excerpt}”: {each.message}" for each in found if each.severity is Severity.STOP]:
        raise Refused(
            "The line cannot stand like this. Nothing is held yet: mend it, or leave it empty.", tuple(stops)
        )
