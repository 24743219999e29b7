"""A consent withdrawn, an update taken down: the no, the stops and the removals in one commit (law 7).

It is finished only when every channel has confirmed; `not_yet_gone` lists the rest. What cannot be recalled by anyone
is said in `CANNOT_RECALL`.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates import audit, erasure, files, withdrawals
from tripupdates.approval import deputies, doors, records
from tripupdates.approval.records import Update, Version
from tripupdates.approval.rules import photos_by_channel
from tripupdates.ballast import makes_room
from tripupdates.consent.records import Answer
from tripupdates.database import transaction
from tripupdates.house import House
from tripupdates.outbox import queue
from tripupdates.outbox.records import Delivery
from tripupdates.people.signing_in import Caller
from tripupdates.photos.records import Photo, delete
from tripupdates.trips.records import Pupil
from tripupdates.vocabulary import (
    BY_HAND,
    MOVES,
    PAGES,
    TO_FAMILIES,
    Channel,
    Conflict,
    DeliveryState,
    Forbidden,
    Move,
    NotFound,
    Order,
    Refused,
    Role,
    UpdateState,
)
from tripupdates.withdrawals import Withdrawal

CANNOT_RECALL = {
    Channel.FAMILIES: "What families have saved or printed from the trip page.",
    Channel.WEBSITE: "Copies that visitors, search engines and feed readers have kept of the website.",
    Channel.X: "Screenshots, and copies that others have made of the post on X.",
    Channel.APP: "What families have saved from the class app.",
    Channel.TEXT: "Text messages that families have received.",
    Channel.EMAIL: "E-mails that families have received.",
}
PHOTO_GONE = "A photo in it may no longer be shown. Take it out or choose another, and send it again."
TAKEN_DOWN = "taken-down"  # the cause of removals that an approver asked for
BEFORE = "It had been taken down before a backup was restored."
STOPPED = "It was taken back before it was sent."
TAKE_OUT = "Only a person can delete it there: somebody must do so now, and then say here that it is gone."
MAYBE_LEFT = "It was taken back. An attempt before that may have arrived."


@dataclass(frozen=True)
class Given:
    """One answer of a parent: this pupil, this channel, yes or no."""

    pupil: uuid.UUID
    channel: Channel
    yes: bool


@dataclass(frozen=True)
class Source:
    """Where answers come from: in words; and who at school recorded them, or the form that a parent sent."""

    note: str
    by: uuid.UUID | None = None
    form_id: int | None = None


@dataclass(frozen=True)
class Taken:
    """What `take_answers` appended, and the names of files to let go once it is committed."""

    new: tuple[Answer, ...]
    names: frozenset[str]

    @property
    def noes(self) -> int:
        """How many of them are a no."""
        return sum(not answer.yes for answer in self.new)


@makes_room
def record_answers(
    house: House, caller: Caller, trip_id: uuid.UUID, answers: Sequence[Given], note: str
) -> tuple[int, int]:
    """Append answers that differ from the latest ones; a no takes everything back that it must: one commit.

    `note` says how the answers were given. Returns how many were new, and how many of those are a no. Raises Forbidden,
    Refused (no note), NotFound (a pupil who is not on this trip; then nothing is recorded).
    """
    if caller.role not in {Role.OFFICE, Role.APPROVER}:
        raise Forbidden("Only the office and the headteacher can record consent.")
    note = " ".join(note.split())
    if not note or len(note) > 400:
        raise Refused(
            "Say how this answer was given, for example “paper form of 3 May” (at most 400 characters)."
        )
    with transaction() as session:
        taken = take_answers(session, house, trip_id, answers, Source(note, by=caller.id))
    erasure.let_go(house, taken.names)
    return len(taken.new), taken.noes


def take_answers(
    session: Session, house: House, trip_id: uuid.UUID, answers: Sequence[Given], source: Source
) -> Taken:
    """`record_answers` inside the caller's transaction, so that nothing of it comes apart (law 7).

    The caller lets go of the files afterwards. Raises NotFound (a pupil who is not on this trip).
    """
    new: list[Answer] = []
    names: set[str] = set()
    for given in answers:
        pupil = session.get(Pupil, given.pupil)
        if pupil is None or pupil.trip_id != trip_id:
            raise NotFound("There is no such pupil on this trip.")
        answer = _append(session, house.now(), source, given)
        if answer is not None:
            new.append(answer)
            if not answer.yes:
                names |= _withdraw(session, house, pupil, answer)
    noes = [Withdrawal(answer.pupil_id, answer.channel) for answer in new if not answer.yes]
    withdrawals.keep(house.settings.instance, noes)
    return Taken(tuple(new), frozenset(names))


def cause_of(answer_id: int) -> str:
    """The cause of removals that a parent's no asked for."""
    return f"answer-{answer_id}"


def _append(session: Session, now: datetime, source: Source, given: Given) -> Answer | None:
    latest = session.scalar(
        sa.select(Answer)
        .where(Answer.pupil_id == given.pupil, Answer.channel == given.channel)
        .order_by(Answer.id.desc())
        .limit(1)
    )
    if latest is not None and latest.yes == given.yes:
        return None
    answer = Answer(
        pupil_id=given.pupil,
        channel=given.channel,
        yes=given.yes,
        note=source.note,
        by=source.by,
        at=now,
        form_id=source.form_id,
    )
    session.add(answer)
    session.flush()
    event = "consent given" if given.yes else "consent refused"
    audit.note(session, now, source.by, event, given.pupil, given.channel, answer.id)
    return answer


def _withdraw(session: Session, house: House, pupil: Pupil, answer: Answer) -> set[str]:
    """Everything waiting or out that shows this pupil on this channel is returned, stopped or removed.

    Photos that may stand nowhere any more are deleted: the names of their files, to let go after the commit.
    """
    names: set[str] = set()
    at_stake = session.scalars(
        sa.select(Update).where(
            Update.trip_id == pupil.trip_id,
            Update.state.in_((UpdateState.WAITING, UpdateState.APPROVED)),
        )
    ).all()
    for update in at_stake:
        version = session.get_one(Version, update.version_id)  # what waits or is approved was sealed
        shown = photos_by_channel(version.manifest).get(answer.channel, {})
        photos = {str(photo) for photo, pictured in shown.items() if pupil.id in pictured}
        if not photos:
            continue
        if update.state is UpdateState.WAITING:
            doors.give_back(session, house, update, version, PHOTO_GONE)
            audit.note(session, house.now(), None, "returned, consent gone", update.id, version.digest)
        else:
            for delivery in queue.publishing(session, version.id, [answer.channel]):
                delivery.withheld = sorted({*delivery.withheld, *photos})
                whole = delivery.channel not in PAGES  # a post cannot lose one photo; a page can
                _take_back(session, house.now(), delivery, whole, cause_of(answer.id))
            names |= delete(_nowhere(session, update, version), house.now())
    return names


def _nowhere(session: Session, update: Update, version: Version) -> list[Photo]:
    """The photos of an approved update that are withheld from every channel they were approved for."""
    withheld = {
        delivery.channel: set(delivery.withheld)
        for delivery in queue.publishing(session, version.id, list(Channel))
    }
    stands = {
        photo
        for channel, photos in photos_by_channel(version.manifest).items()
        for photo in photos
        if str(photo) not in withheld.get(channel, set())
    }
    return [photo for photo in update.photos if photo.id not in stands]


def _take_back(session: Session, now: datetime, delivery: Delivery, whole: bool, cause: str) -> None:
    """Stop what has not left; order the removal of what may be there. `whole`: the item itself, not one photo in it.

    What has gone to families is in their hands: nothing of it can be removed, and `CANNOT_RECALL` says so.
    """
    if delivery.channel in TO_FAMILIES:
        _stop_unsent(session, now, delivery)
        return
    # An attempt at pages that did not end well can have left some of them: only X knows for sure that nothing is there.
    tried = delivery.channel in PAGES and delivery.attempts > 0
    untouched = delivery.attempted_at is None and not tried
    if delivery.state in {DeliveryState.REFUSED, DeliveryState.STOPPED}:
        return
    if untouched and delivery.state in {DeliveryState.PENDING, DeliveryState.NEEDS_PERSON}:
        if whole:
            stopped = {"state": DeliveryState.STOPPED, "settled_at": now, "problem": STOPPED}
            queue.settle(session, delivery.id, delivery.state, **stopped)
            audit.note(session, now, None, "stopped", delivery.update_id, delivery.channel)
        return
    if (
        delivery.state is DeliveryState.NEEDS_PERSON
    ):  # it may be there: it must be looked up before it can be removed
        again = {"state": DeliveryState.UNSURE, "due": now, "misses": 0, "unsure_since": now}
        queue.settle(session, delivery.id, DeliveryState.NEEDS_PERSON, **again)
    removal = (session, Order.REMOVE, delivery.channel, delivery.update_id, delivery.version_id, now, cause)
    queue.enqueue(*removal, problem=TAKE_OUT if delivery.channel in BY_HAND else "")
    audit.note(session, now, None, "removal ordered", delivery.update_id, delivery.channel)


def _stop_unsent(session: Session, now: datetime, delivery: Delivery) -> None:
    """One family's message. What is on the wire is looked up, and finds that it is taken down before it could go again."""
    if delivery.state not in {DeliveryState.PENDING, DeliveryState.NEEDS_PERSON}:
        return
    left = delivery.doubtful or delivery.attempted_at is not None
    stopped = {"state": DeliveryState.STOPPED, "settled_at": now, "problem": MAYBE_LEFT if left else STOPPED}
    if queue.settle(session, delivery.id, delivery.state, **stopped):
        audit.note(session, now, None, "stopped", delivery.update_id, delivery.channel)


@makes_room
def take_down(house: House, caller: Caller, update_id: uuid.UUID, reason: str) -> None:
    """An approver, or a deputy of the trip, takes an approved update off every channel, with a reason; its photos are deleted.

    Taken down already is fine. Raises Forbidden, NotFound, Refused (no reason), Conflict (not approved).
    """
    reason = reason.strip()
    if not reason or len(reason) > 1000:
        raise Refused("Say in a sentence why it must come down (at most 1000 characters).")
    with transaction() as session:
        update = session.get(Update, update_id)
        trip = None if update is None else update.trip_id
        if caller.role is not Role.APPROVER and trip not in deputies.trips_of(
            session, caller.id, house.now()
        ):
            raise Forbidden("Only the headteacher or a deputy can take an update down.")
        if update is None:
            raise NotFound("There is no such update.")
        if update.state is UpdateState.TAKEN_DOWN:
            return
        names = _down(session, house, update, caller.id, reason)
    erasure.let_go(house, names)


def take_down_again(house: House, update_id: uuid.UUID) -> None:
    """After a restore: what an approver took down before stays down. Raises Conflict where it is not published."""
    with transaction() as session:
        names = _down(session, house, session.get_one(Update, update_id), None, BEFORE)
    erasure.let_go(house, names)


def _down(session: Session, house: House, update: Update, by: uuid.UUID | None, reason: str) -> set[str]:
    to, now = MOVES.get((update.state, Move.TAKE_DOWN)), house.now()
    if to is None or not records.move(session, update, to, now, taken_down_because=reason):
        raise Conflict("This update is not published, so there is nothing to take down.")
    for delivery in queue.publishing(session, update.version_id, Channel):
        _take_back(session, now, delivery, True, TAKEN_DOWN)
    names = files.delete(update, now)
    audit.note(session, now, by, "taken down", update.id)
    withdrawals.keep(house.settings.instance, [Withdrawal(update=update.id)])
    return names


def not_yet_gone(session: Session) -> Sequence[Delivery]:
    """The removals that no channel has confirmed yet, the oldest first."""
    return queue.not_yet_gone(session)
