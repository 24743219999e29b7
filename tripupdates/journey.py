"""START HERE: the path of an update, one function a step, in order, one transaction each.

| step                         | who        | here                  | rules                                |
|------------------------------|------------|-----------------------|--------------------------------------|
| write and correct, or delete | staff      | `save_draft`, `discard` |                                    |
| send it whole from a phone   | staff      | posting               |                                      |
| add a photo, cleaned         | staff      | picturing             | photos/clean, photos/proof           |
| say who is in it, alt text   | staff      | picturing             | photos/answers, consent/rules        |
| crop it, cover a stranger    | staff      | picturing             | photos/answers, photos/cover         |
| send to the head             | staff      | `submit`              | policy/rules, consent/rules          |
| approve exactly that         | approver   | `approve`             | approval/rules, consent/rules        |
| what the school itself says, urgent too | staff, approver, office | school | approval/rules, policy/rules |
| sign that with a passkey     | approver   | passkeys              | approval/signatures                  |
| or take something out, put it off, suggest words | approver | `approve`, reviewing | approval/trimming, approval/timing |
| or send back, or reject      | approver   | `send_back`, `reject` | approval/rules                       |
| or who stands in for them    | head, office | deputising          | approval/deputies                    |
| approve messages beforehand  | approver   | standing              | approval/wordings, policy/rules      |
| send one of them: two taps   | staff      | standing              | approval/in_force, policy/rules      |
| tell whose turn it is        | the worker | telling/round         | telling/rules                        |
| deliver once                 | the worker | outbox/worker         | publishing, channels/contract        |
| hold everything, lift it      | approver, office | holding         |                                      |
| withdraw consent, take down  | office     | takedown              | consent/rules                        |
| delete what nobody may need  | all steps  | erasure               |                                      |

Every step asks again what the step before asked: consent is asked at every door (law 3).
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta

from tripupdates import audit, erasure, files, passkeys
from tripupdates.approval import doors, ordering, signatures, signed, timing
from tripupdates.approval.readiness import readiness, seal
from tripupdates.approval.records import Update, Version
from tripupdates.approval.timing import NOW, When
from tripupdates.database import transaction
from tripupdates.house import House
from tripupdates.people.presence import NOTHING, Proof
from tripupdates.people.signing_in import Caller
from tripupdates.photos.records import Photo, delete
from tripupdates.telling import orders
from tripupdates.vocabulary import (
    Conflict,
    Kind,
    Move,
    Refused,
    UpdateState,
)

LONGEST_REASON = 1000
LATEST = timedelta(days=15)


def save_draft(
    house: House,
    caller: Caller,
    update_id: uuid.UUID,
    trip: str,
    text: str,
    x_text: str | None,
    channels: Collection[str],
    groups: Collection[str] = (),
) -> None:
    """Keep what was written under the id that the phone made. Saying the same again changes nothing.

    `x_text` None or blank means the same text on X; `groups` are ids of those that it is about. A change to an update
    that waits or is approved voids that (law 4); once any of it may have been sent, it is refused. Raises NotFound,
    Refused, Conflict, TooLarge.
    """
    said = doors.words(text, x_text, channels)
    with transaction() as session:
        found = doors.trip_of(session, caller, trip)
        said |= {"groups": doors.groups_of(found, groups)}
        update = session.get(Update, update_id)
        if update is None:
            doors.begin(session, house, caller, update_id, found, said)
            return
        doors.own(session, caller, update_id)
        if update.trip_id != found.id:
            raise Conflict("This update was begun for another trip. Start a new one for this trip.")
        doors.check_of_a_trip(update)
        if any(getattr(update, name) != value for name, value in said.items()):
            doors.open_for_change(session, house, caller, update)
            for name, value in said.items():
                setattr(update, name, value)


def discard(house: House, caller: Caller, update_id: uuid.UUID) -> None:
    """Delete one's own draft that never went to the head, with its photos. Gone already is fine. Raises NotFound, Conflict."""
    with transaction() as session:
        if session.get(Update, update_id) is None:
            return
        update = doors.own(session, caller, update_id)
        if update.version_id is not None:
            raise Conflict(
                "The head has seen this update, so it is not deleted. Open it to see where it stands."
            )
        names = files.delete(update, house.now())
        session.delete(update)
        audit.note(session, house.now(), caller.id, "deleted draft", update_id)
    erasure.let_go(house, names)


def submit(house: House, caller: Caller, update_id: uuid.UUID, revision: uuid.UUID | None = None) -> None:
    """Send it to the head, as one sealed version. Waiting already is fine.

    `revision` is the one that is meant, where the caller knows it: Conflict where it is no longer that one. Raises
    Refused with every reason at once: words that stop it, photos without an answer or with nowhere to go.
    """
    with transaction() as session:
        update = doors.own(session, caller, update_id)
        if revision is not None and update.revision != revision:
            raise Conflict(doors.CHANGED_ELSEWHERE)
        if missing := set(update.announced) - {photo.id for photo in update.photos}:
            raise Refused(
                f"{len(missing)} of its photos have not arrived yet. They are on the phone that wrote it."
            )
        if update.state in {UpdateState.WAITING, UpdateState.APPROVED}:
            return
        ready = readiness(house, session, update)
        if ready.blocks:
            raise Refused("This update cannot be sent to the head yet.", ready.blocks)
        version = seal(house, session, update, ready, caller.id)
        doors.go(session, house, update, Move.SUBMIT, version_id=version.id)
        audit.note(session, house.now(), caller.id, "sent to head", update_id, version.digest)
        orders.order_waiting(house, session, update)


def approve(
    house: House,
    caller: Caller,
    update_id: uuid.UUID,
    digest: str,
    overrides: Mapping[str, str] | None = None,
    proof: Proof = NOTHING,
    when: When = NOW,
) -> None:
    """Approve exactly the version whose digest was on the page, and order its delivery: one commit.

    `overrides` maps the key of each finding that asks to a reason in words. `proof` shows that the approver is there:
    a passkey's answer signs the approval. `when` says when it goes out; consent is asked again then.

    Raises Forbidden, NotFound, Refused (also where the approver is not there, or must sign and did not); Conflict where
    someone was quicker, the version is no longer the one that was seen, or a consent has gone.
    """
    with passkeys.alarmed(house), transaction() as session:
        update, version = doors.for_decision(session, house, caller, update_id)
        if doors.repeats(session, caller, version, Move.APPROVE, digest):
            return
        doors.check_seen(update, version, digest)
        doors.check_consent_still(session, house, update, version)
        if update.kind is Kind.URGENT:
            when = NOW
        else:
            doors.check_not_held(session)
        if when.once_left and update.trip_id is None:
            raise Refused("Nobody is on a trip there, so nobody can say that they have left. Choose a time.")
        timing.check(when, house.now(), _latest(house, update))
        doors.check_not_over(update, when.at or house.now())
        kept = doors.reasons(version, overrides or {})
        origin = house.settings.origin
        said = signatures.about(signatures.UPDATE, update.id, digest, caller.id, origin, **when.terms)
        given = signed.require(session, house, caller, proof, said)
        doors.decide(session, house, caller, update, version, Move.APPROVE, "", kept)
        session.flush()
        signed.keep(session, house, caller, given, version_id=version.id)
        ordering.publish(session, house, update, version, when)
        names = delete(_taken_out(update, version), house.now())
    erasure.let_go(house, names)


def _latest(house: House, update: Update) -> datetime:
    """Nothing is put off for longer than two weeks after the trip, or from today where it is of the school."""
    ends = update.trip.ends if update.trip else house.today()
    return datetime.combine(ends + LATEST, time(), house.settings.timezone)


def _taken_out(update: Update, version: Version) -> list[Photo]:
    """The photos that the approver took out: approved without them, nobody needs their pixels any more."""
    return [photo for photo in update.photos if str(photo.id) not in version.manifest["photos"]]


def send_back(house: House, caller: Caller, update_id: uuid.UUID, digest: str, reason: str) -> None:
    """Give it back to its author with a reason. Raises as `approve` does."""
    _decline(house, caller, update_id, digest, reason, Move.RETURN)


def reject(house: House, caller: Caller, update_id: uuid.UUID, digest: str, reason: str) -> None:
    """Refuse it for good, with a reason; its photos are deleted. Raises as `approve` does."""
    _decline(house, caller, update_id, digest, reason, Move.REJECT)


def _decline(
    house: House, caller: Caller, update_id: uuid.UUID, digest: str, reason: str, move: Move
) -> None:
    reason = doors.tidy(reason)
    if not reason or len(reason) > LONGEST_REASON:
        raise Refused(f"Say why, in a sentence for the author (at most {LONGEST_REASON} characters).")
    names: set[str] = set()
    with transaction() as session:
        update, version = doors.for_decision(session, house, caller, update_id)
        if not doors.repeats(session, caller, version, move, digest):
            doors.check_seen(update, version, digest)
            doors.decide(session, house, caller, update, version, move, reason, {})
            if move is Move.REJECT:
                names = files.delete(update, house.now())
    erasure.let_go(house, names)
