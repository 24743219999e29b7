"""Families' numbers and addresses: kept by the office, left alone where somebody wants no messages, deleted with the trip.

Whoever asks for no more is heard at once, by whatever way they say so; that holds for the number or the address, on this
trip and any other, until the office is told otherwise. A restore of an older backup does not forget it.
"""

import uuid

from sqlalchemy.orm import Session

from tripupdates import asking, audit, stopping, withdrawals
from tripupdates.database import transaction
from tripupdates.house import House
from tripupdates.people.signing_in import Caller
from tripupdates.trips import contacts, numbers
from tripupdates.trips.contacts import Contact, OptOut
from tripupdates.trips.records import Pupil, families_until
from tripupdates.vocabulary import TO_FAMILIES, Channel, Forbidden, NotFound, Refused, Role
from tripupdates.withdrawals import Withdrawal

MOST = 8  # contacts of a pupil
LONGEST_NAME, LONGEST_RELATION = 120, 40
OFFICE, LINK, FORM, AGAIN = "office", "link", "form", "restored"

NO_LINK = "This link is not whole, so nothing was changed. Open the one in the mail again, or tell the school office."
NOT_THEIRS = "The school has no such number or address for {}. Is it the one that messages reach? The office helps as well."


def keep(
    house: House,
    caller: Caller,
    slug: str,
    pupil_id: uuid.UUID,
    contact_id: uuid.UUID | None,
    name: str,
    relation: str,
    phone: str,
    email: str,
) -> None:
    """Change a contact, or add one where `contact_id` is None. From then on it is the office's own: no list changes it.

    Raises Forbidden, NotFound, Refused (neither number nor address, or one that is none; then nothing is changed).
    """
    values = _checked(name, relation, phone, email)
    with transaction() as session:
        pupil = _pupil(session, caller, slug, pupil_id)
        if contact_id is None and len(contacts.of_pupil(session, pupil.id)) >= MOST:
            raise Refused(f"A pupil can have at most {MOST} contacts. Remove one first.")
        contact = Contact(pupil_id=pupil.id) if contact_id is None else _contact(session, pupil, contact_id)
        if contact.change(*values):
            contact.place = contacts.TYPED
            session.add(contact)
            session.flush()
            event = "added contact" if contact_id is None else "changed contact"
            audit.note(session, house.now(), caller.id, event, pupil.id, contact.id)


def _checked(name: str, relation: str, phone: str, email: str) -> tuple[str, str, str, str]:
    """The values in the form in which they are kept. Raises Refused with every reason at once."""
    name, relation = " ".join(name.split()), " ".join(relation.split())
    reasons, kept = [], []
    if len(name) > LONGEST_NAME or len(relation) > LONGEST_RELATION:
        reasons.append(
            f"Write at most {LONGEST_NAME} letters for the name, and {LONGEST_RELATION} for the relation."
        )
    for typed, read in ((phone.strip(), numbers.phone), (email.strip(), numbers.email)):
        try:
            kept.append(read(typed) if typed else "")
        except ValueError as error:
            reasons.append(f"“{typed[:60]}” {error}.")
    if not (phone.strip() or email.strip()):
        reasons.append("Give a mobile number or an e-mail address.")
    if reasons:
        raise Refused("This contact was not kept.", tuple(reasons))
    return name, relation, kept[0], kept[1]


def remove(house: House, caller: Caller, slug: str, pupil_id: uuid.UUID, contact_id: uuid.UUID) -> None:
    """Delete a contact; what waits to be sent to it is stopped when its turn comes. Raises Forbidden, NotFound."""
    with transaction() as session:
        pupil = _pupil(session, caller, slug, pupil_id)
        session.delete(_contact(session, pupil, contact_id))
        audit.note(session, house.now(), caller.id, "removed contact", pupil.id, contact_id)


def leave_out(
    house: House,
    caller: Caller,
    slug: str,
    pupil_id: uuid.UUID,
    contact_id: uuid.UUID,
    channel: Channel,
    is_out: bool,
) -> None:
    """The office was told that somebody wants no messages by this way, or wants them again.

    Raises Forbidden, NotFound, Refused (there is no number, or no address).
    """
    with transaction() as session:
        pupil = _pupil(session, caller, slug, pupil_id)
        address = _contact(session, pupil, contact_id).address(channel) if channel in TO_FAMILIES else ""
        if not address:
            raise Refused("There is nothing to leave out: this contact has no such number or address.")
        mark = contacts.mark(house.settings.families_key, channel, address)
        _say(house, session, mark, is_out, OFFICE, caller.id)


def is_link(house: House, token: str) -> bool:
    """Whether this is a link of ours by which a family asks for no more mails."""
    return stopping.mark_of(house.settings, token) is not None


def stop_by_link(house: House, token: str) -> None:
    """Nothing more goes to the address that this link was sent to. The same again changes nothing. Raises NotFound."""
    mark = stopping.mark_of(house.settings, token)
    if mark is None:
        raise NotFound(NO_LINK)
    with transaction() as session:
        _say(house, session, mark, True, LINK)


def stop_by_form(house: House, token: str, typed: str) -> Channel:
    """Nothing more goes to the number or address that was typed by whoever holds a link to the parents' form.

    It must be a contact of that form's child: nobody stops messages to others. Returns the way. Raises NotFound, NoLonger,
    Refused (it is none of theirs).
    """
    pupil = asking.opened(house, token).pupil
    child, pupil_id = pupil.forename, pupil.id
    with transaction() as session:
        for contact in contacts.of_pupil(session, pupil_id):
            for channel in TO_FAMILIES:
                if _is_same(contact.address(channel), typed):
                    mark = contacts.mark(house.settings.families_key, channel, contact.address(channel))
                    _say(house, session, mark, True, FORM)
                    return channel
    raise Refused(NOT_THEIRS.format(child))


def _is_same(address: str, typed: str) -> bool:
    if "@" in typed:
        return bool(address) and address.casefold() == typed.strip().casefold()
    try:
        return bool(address) and numbers.phone(typed) == address
    except ValueError:
        return False


def leave_out_again(house: House, mark: str) -> int:
    """After a restore: who asked for no more before is left out. Returns 1, or 0 where they are already."""
    with transaction() as session:
        return int(_say(house, session, mark, True, AGAIN))


def _say(
    house: House, session: Session, mark: str, is_out: bool, how: str, by: uuid.UUID | None = None
) -> bool:
    """Write it down, where it is not so already. Returns whether it was new."""
    if (mark in contacts.out(session, [mark])) == is_out:
        return False
    row = OptOut(mark=mark, out=is_out, how=how, by=by, at=house.now())
    session.add(row)
    session.flush()
    audit.note(session, house.now(), by, "wants no messages" if is_out else "wants messages again", row.id)
    if is_out:
        withdrawals.keep(house.settings.instance, [Withdrawal(mark=mark)])
    return True


def expire(house: House) -> None:
    """Delete the contacts of trips whose families' pages have closed."""
    with transaction() as session:
        for trip in contacts.trips_with_any(session):
            if house.now() > families_until(trip, house.settings.timezone):
                count = contacts.delete_of(session, trip.id)
                audit.note(session, house.now(), None, "deleted contacts", trip.id, count)


def _pupil(session: Session, caller: Caller, slug: str, pupil_id: uuid.UUID) -> Pupil:
    if caller.role is not Role.OFFICE:
        raise Forbidden("Only the school office keeps families’ numbers and addresses.")
    pupil = session.get(Pupil, pupil_id)
    if pupil is None or pupil.trip.slug != slug:
        raise NotFound("There is no such pupil on this trip.")
    return pupil


def _contact(session: Session, pupil: Pupil, contact_id: uuid.UUID) -> Contact:
    contact = session.get(Contact, contact_id)
    if contact is None or contact.pupil_id != pupil.id:
        raise NotFound("This contact is not there any more.")
    return contact
