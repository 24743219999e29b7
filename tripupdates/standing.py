"""Two taps for what is sent most: the head approves a trip's messages before it, staff send one with no further look.

What goes out is exactly what was approved, with the time filled in, and it is an update like any other afterwards.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tripupdates import audit, passkeys, prices
from tripupdates.approval import doors, in_force, ordering, records, signatures, signed, wordings
from tripupdates.approval.in_force import Standing
from tripupdates.approval.readiness import readiness, seal
from tripupdates.approval.records import Decision, Update, Version, Wordings
from tripupdates.approval.wordings import Message
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.people.presence import NOTHING, Proof
from tripupdates.people.signing_in import Caller
from tripupdates.prices import Cost
from tripupdates.trips import records as trips
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import (
    Channel,
    Conflict,
    Forbidden,
    Kind,
    Move,
    NotFound,
    Refused,
    Role,
    Severity,
)

CHANGED = "The head has changed these messages. Look at them again."
QUICKER = "Somebody else has changed these messages since you opened the page. Look at them again."
TAKEN = "Something else was already sent under this number. Look at your trip’s page, and start again."


def approve_wordings(
    house: House,
    caller: Caller,
    slug: str,
    messages: Mapping[str, str],
    channels: Collection[str],
    seen: str,
    proof: Proof = NOTHING,
) -> None:
    """Let staff of a trip send exactly these messages, on these channels, without a further look.

    `messages` are texts by key; `seen` is the digest of what was on the page, '' where nothing was approved before.
    Approving again what one approved oneself changes nothing. `proof` is as for `journey.approve`. Raises NotFound,
    Forbidden (not an approver, or on the trip), Conflict (another approver was quicker), Refused with every reason at
    once.
    """
    given, chosen = wordings.read(messages), doors.chosen(channels, Kind.MESSAGE)
    with passkeys.alarmed(house), transaction() as session:
        trip = _trip(session, slug)
        wordings.check_approver(caller.role, trips.accompanies(session, caller.id, trip.id))
        present = records.latest_wordings(session, trip.id)
        digest = wordings.digest(trip.id, chosen, given)
        repeats = present is not None and (present.digest, present.by) == (digest, caller.id)
        if present is not None and repeats and in_force.is_signed_enough(house, session, present):
            return
        if (present.digest if present else "") != seen:
            raise Conflict(QUICKER)
        if reasons := tuple(in_force.barriers(house, trip, given, chosen)):
            raise Refused("These messages cannot be approved yet.", reasons)
        said = signatures.about(signatures.MESSAGES, trip.id, digest, caller.id, house.settings.origin)
        answer = signed.require(session, house, caller, proof, said)
        row = _append(house, session, caller, trip, given, chosen, "approved messages")
        signed.keep(session, house, caller, answer, wordings_id=row.id)


def withdraw_wordings(house: House, caller: Caller, slug: str) -> None:
    """Stop a trip's messages at once: in an emergency nothing cheerful goes out, not even what waits to be delivered.

    Any approver may, on the trip or not. Where none are approved, nothing changes. Raises NotFound, Forbidden.
    """
    if caller.role is not Role.APPROVER:
        raise Forbidden("Only the headteacher or a deputy can stop a trip’s messages.")
    with transaction() as session:
        trip = _trip(session, slug)
        present = records.latest_wordings(session, trip.id)
        if present is not None and present.messages:
            _append(house, session, caller, trip, (), (), "stopped messages")


def _append(
    house: House,
    session: Session,
    caller: Caller,
    trip: Trip,
    messages: Collection[Message],
    channels: Collection[Channel],
    event: str,
) -> Wordings:
    row = Wordings(
        trip_id=trip.id,
        messages=[message.stored for message in messages],
        channels=list(channels),
        digest=wordings.digest(trip.id, channels, messages),
        by=caller.id,
        at=house.now(),
    )
    session.add(row)
    session.flush()
    audit.note(session, house.now(), caller.id, event, trip.id, row.id, row.digest)
    return row


def send_wording(
    house: House,
    caller: Caller,
    update_id: uuid.UUID,
    slug: str,
    key: str,
    time: str | None,
    digest: str,
) -> None:
    """Publish one approved message under the id that the phone made: update, version, decision and orders, one commit.

    `time` is HH:MM where the message needs one; `digest` is that of the messages as the sender saw them. The same again
    changes nothing, whatever has become of it. Raises NotFound (no such trip, or not on it); Conflict where the messages
    are not, or not any more, approved as they were seen, it is not their time, or the id is taken; Refused.
    """
    with transaction() as session:
        trip = doors.trip_of(session, caller, slug)
        if session.get(Update, update_id) is not None:
            _check_same(session, caller, update_id, trip, key, time, digest)
            return
        doors.check_not_held(session)
        now = in_force.standing(house, session, trip)
        row = _relied_on(house, now)
        if row.digest != digest:
            raise Conflict(CHANGED)
        text = wordings.fill(_message(now.messages, key), time)
        words = doors.words(text, None, row.channels, Kind.MESSAGE)
        update = doors.begin(session, house, caller, update_id, now.trip, words, Kind.MESSAGE)
        session.flush()
        version = _seal(house, session, caller, update)
        doors.go(session, house, update, Move.SUBMIT, version_id=version.id)
        doors.go(session, house, update, Move.APPROVE)
        session.add(
            Decision(
                version_id=version.id,
                move=Move.APPROVE,
                digest=version.digest,
                reason="",
                overrides={},
                by=row.by,
                at=house.now(),
                wordings_id=row.id,
            )
        )
        audit.note(
            session, house.now(), caller.id, "sent approved message", update_id, version.digest, row.id
        )
        ordering.publish(session, house, update, version)


def _relied_on(house: House, now: Standing) -> Wordings:
    """The approval that holds at this moment. Raises Conflict."""
    why_not = now.why_not or in_force.too_early_or_late(house, now.trip)
    if why_not or now.present is None:
        raise Conflict(why_not)
    return now.present


def _seal(house: House, session: Session, caller: Caller, update: Update) -> Version:
    """What is sent is asked once more: a pupil of that name may have joined the list. Raises Refused."""
    ready = readiness(house, session, update)
    asks = tuple(each.message for each in ready.findings if each.severity is Severity.ASK)
    if ready.blocks or asks:
        raise Refused(
            "This message cannot go out as it is any more. Write an update instead, for the head to look at.",
            (*ready.blocks, *asks),
        )
    return seal(house, session, update, ready, caller.id)


def _check_same(
    session: Session,
    caller: Caller,
    update_id: uuid.UUID,
    trip: Trip,
    key: str,
    time: str | None,
    digest: str,
) -> None:
    """Raise unless this very message was sent under this id before; what became of it since does not matter."""
    update = doors.own(session, caller, update_id)
    first = records.first_version(session, update)
    decision = None if first is None else session.get(Decision, first.id)
    if first is None or decision is None or decision.wordings_id is None or update.trip_id != trip.id:
        raise Conflict(TAKEN)
    row = session.get_one(Wordings, decision.wordings_id)
    text = wordings.fill(_message(in_force.read(row), key), time)
    sealed = {what["text"] for what in first.manifest["channels"].values()}
    if row.digest != digest or sealed != {text}:
        raise Conflict(TAKEN)


@dataclass(frozen=True)
class Offer:
    """One message as it would go out: its words, where, at which digest, and who approved it.

    `costs` is whom it reaches by each way that goes to families, and what that takes.
    """

    trip: Trip
    text: str
    channels: tuple[Channel, ...]
    digest: str
    approved: Wordings
    costs: Mapping[Channel, Cost]


def offer(house: House, caller: Caller, slug: str, key: str, time: str | None) -> Offer:
    """What sending this would do, for the page that asks once more. Raises as `send_wording` does."""
    session = fresh()
    now = in_force.standing(house, session, doors.trip_of(session, caller, slug))
    row = _relied_on(house, now)
    text = wordings.fill(_message(now.messages, key), time)
    costs = prices.of_messages(house, session, now.trip, now.channels, [text])
    return Offer(now.trip, text, now.channels, row.digest, row, costs)


def _message(messages: Collection[Message], key: str) -> Message:
    for message in messages:
        if message.key == key:
            return message
    raise Refused("There is no such message. Choose it again on your trip’s page.")


def _trip(session: Session, slug: str) -> Trip:
    trip = trips.by_slug(session, slug)
    if trip is None:
        raise NotFound("There is no such trip.")
    return trip
