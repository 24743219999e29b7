"""What people and the office choose about being told: quiet hours, phones, whose turn it is. One transaction each."""

import base64
import binascii
import uuid
from datetime import time

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import Session

from tripupdates import audit
from tripupdates.approval.deputies import approvers
from tripupdates.database import transaction
from tripupdates.house import House
from tripupdates.people.signing_in import Caller
from tripupdates.telling import records, rules
from tripupdates.telling.records import Notice, Phone
from tripupdates.trips import records as trips
from tripupdates.vocabulary import Busy, News, NotFound, Refused

MOST_PHONES = 10
ONE_TEST_A = 60  # seconds


def set_hours(house: House, caller: Caller, start: time | None, end: time | None, all_by_mail: bool) -> None:
    """One's own quiet hours, both or neither, and whether an approval comes by e-mail as well. Raises Refused."""
    if (start is None) != (end is None):
        raise Refused("Give both times of your quiet hours, or neither.")
    if start is not None and start == end:
        raise Refused("Quiet hours that begin and end at the same time are none. Leave both empty instead.")
    with transaction() as session:
        reach = records.reach_of(session, caller.id)
        reach.quiet_from, reach.quiet_to, reach.all_by_mail = start, end, all_by_mail
        session.add(reach)
        audit.note(session, house.now(), caller.id, "set how to be told", caller.id)


def add_phone(house: House, caller: Caller, name: str, endpoint: str, p256dh: str, auth: str) -> uuid.UUID:
    """Push messages go to this browser from now on; to the caller's alone. The same again changes nothing.

    Raises Refused where the browser named no push service, or its keys are none.
    """
    if house.push is None:
        raise Refused(
            "This school has no key for push messages. The office can have one made; e-mail works without."
        )
    if len(endpoint) > 1000 or not house.push.may_send_to(endpoint) or not _are_keys(p256dh, auth):
        raise Refused("This browser did not name a push service that we can use. E-mail still reaches you.")
    name = " ".join(name.split())[:80] or "A phone"
    with transaction() as session:
        phone = session.scalar(sa.select(Phone).where(Phone.endpoint == endpoint))
        if phone is not None and phone.person_id == caller.id:
            phone.p256dh, phone.auth = p256dh, auth
            return phone.id
        if phone is not None:  # somebody else used this browser before: they hear nothing on it any more
            records.end_phone(phone, house.now())
            session.flush()
        if len(records.phones_of(session, caller.id)) >= MOST_PHONES:
            raise Refused(f"You have {MOST_PHONES} phones here. Remove one that you no longer use.")
        for lost in records.lost_phones_of(session, caller.id):
            if lost.name == name:
                lost.problem = ""  # mended: it is this one again
        phone = Phone(
            id=uuid.uuid4(),
            person_id=caller.id,
            name=name,
            endpoint=endpoint,
            p256dh=p256dh,
            auth=auth,
            created_at=house.now(),
        )
        session.add(phone)
        audit.note(session, house.now(), caller.id, "added phone for push", phone.id)
        return phone.id


def _are_keys(p256dh: str, auth: str) -> bool:
    """A point on the curve, and sixteen bytes (RFC 8291)."""
    try:
        point, secret = (base64.b64decode(each + "==", altchars=b"-_") for each in (p256dh, auth))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (binascii.Error, ValueError):
        return False
    return len(secret) == 16 and len(point) == 65


def remove_phone(house: House, caller: Caller, phone_id: uuid.UUID) -> None:
    """No push messages to one of one's phones any more. Removed already is fine. Raises NotFound."""
    with transaction() as session:
        phone = session.get(Phone, phone_id)
        if phone is None or phone.person_id != caller.id:
            raise NotFound("There is no such phone of yours.")
        if phone.ended_at is None or phone.problem:
            records.end_phone(phone, phone.ended_at or house.now())
            audit.note(session, house.now(), caller.id, "removed phone for push", phone.id)


def send_test(house: House, caller: Caller) -> None:
    """A message by every way there is, to oneself, whatever the hour. Raises Refused, Busy."""
    with transaction() as session:
        if house.mail is None and not (house.push and records.phones_of(session, caller.id)):
            raise Refused(
                "There is no way to reach you: the school has no mail server, and no phone of yours takes push."
            )
        last = session.scalar(
            sa.select(Notice)
            .where(Notice.person_id == caller.id, Notice.news == News.TEST)
            .order_by(Notice.id.desc())
            .limit(1)
        )
        if last is not None and (house.now() - last.made_at).total_seconds() < ONE_TEST_A:
            raise Busy("A test is on its way already. Wait a minute before the next one.")
        records.tell(session, house.now(), caller.id, News.TEST)


def set_for_trip(
    house: House, caller: Caller, slug: str, first: uuid.UUID | None, remind_after: int, deputies_after: int
) -> None:
    """Who hears first of a trip's updates, None for all at once, and the minutes until the reminder and the others.

    Raises NotFound, Refused.
    """
    for minutes in (remind_after, deputies_after):
        if not rules.SHORTEST <= minutes <= rules.LONGEST:
            raise Refused(f"Give the minutes as a number from {rules.SHORTEST} to {rules.LONGEST}.")
    with transaction() as session:
        trip = trips.by_slug(session, slug)
        if trip is None:
            raise NotFound("There is no such trip.")
        _check_first(session, house, trip.id, first)
        row = records.telling_of(session, trip.id)
        row.first_id, row.remind_after, row.deputies_after = first, remind_after, deputies_after
        session.add(row)
        audit.note(session, house.now(), caller.id, "set who is told", trip.id, first or "all")


def _check_first(session: Session, house: House, trip_id: uuid.UUID, first: uuid.UUID | None) -> None:
    able = {person.id for person in approvers(session, trip_id, house.now())}
    if first is not None and first not in able:
        raise Refused("The person chosen cannot decide on this trip’s updates. Choose somebody else.")
