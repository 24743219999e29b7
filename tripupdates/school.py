"""What the school itself says: news, notices, newsletters, and what is urgent. Written like an update, without a trip.

A draft goes the way of any other from here on: `journey.submit`, `journey.approve`. What is urgent has steps of its own,
for it goes everywhere at once, and may go out with one person's word where nobody else is at hand.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates import audit, passkeys
from tripupdates.approval import doors, ordering, records, rules, signatures, signed
from tripupdates.approval.deputies import approvers
from tripupdates.approval.in_force import AROUND
from tripupdates.approval.records import Decision, Update, Version
from tripupdates.approval.standings import Standing
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.people.presence import NOTHING, Proof
from tripupdates.people.records import Person
from tripupdates.people.signing_in import Caller
from tripupdates.telling.orders import reachable
from tripupdates.trips import records as trips
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import (
    LASTING,
    OF_THE_SCHOOL,
    Channel,
    Conflict,
    Forbidden,
    Kind,
    Move,
    NotFound,
    Refused,
    Role,
    TooLarge,
)

LONGEST_TITLE = 120
LONGEST = {Kind.NOTICE: timedelta(days=92), Kind.URGENT: timedelta(days=7)}  # how far ahead it may last


@dataclass(frozen=True)
class Draft:
    """What the school says, as it was typed. `trip` is the slug of the one it is about, '' for none: urgent notices only.

    `expires_at` is until when it is so, for notices. `channels` are not asked of what is urgent: it goes everywhere.
    """

    kind: Kind
    title: str
    text: str
    x_text: str | None = None
    channels: Collection[str] = ()
    expires_at: datetime | None = None
    trip: str = ""


def save(house: House, caller: Caller, update_id: uuid.UUID, draft: Draft) -> None:
    """Keep what was written under the id that the page made; the same again changes nothing.

    A change to what waits or is approved voids that (law 4). Raises Forbidden (urgent: approvers only), NotFound, Refused,
    Conflict, TooLarge.
    """
    check_may_write(caller, draft.kind)
    title = " ".join(draft.title.split())
    if len(title) > LONGEST_TITLE:
        raise TooLarge(f"The title can have at most {LONGEST_TITLE} characters.")
    with transaction() as session:
        trip = _trip(session, draft)
        places = house.offered(draft.kind, trip is not None) if draft.kind is Kind.URGENT else draft.channels
        said = doors.words(draft.text, draft.x_text, places, draft.kind)
        said |= {"title": title, "expires_at": _until(house, draft)}
        update = session.get(Update, update_id)
        if update is None:
            doors.begin(session, house, caller, update_id, trip, said, draft.kind)
            return
        doors.own(session, caller, update_id)
        if update.kind is not draft.kind:
            raise Conflict("This was begun as something else. Start a new one.")
        about: dict[str, Any] = said | {"trip_id": trip.id if trip else None}
        if any(getattr(update, name) != value for name, value in about.items()):
            doors.open_for_change(session, house, caller, update)
            for name, value in about.items():
                setattr(update, name, value)


def check_may_write(caller: Caller, kind: Kind) -> None:
    """Raise Forbidden unless this person may write this for the school, NotFound for what is not of the school."""
    if kind not in OF_THE_SCHOOL:
        raise NotFound("There is no such thing to write.")
    if kind is Kind.URGENT and caller.role is not Role.APPROVER:
        raise Forbidden("Only the headteacher or a deputy sends an urgent notice.")


def _trip(session: Session, draft: Draft) -> Trip | None:
    if not draft.trip:
        return None
    found = trips.by_slug(session, draft.trip)
    if found is None or draft.kind is not Kind.URGENT:
        raise NotFound("There is no such trip.")
    return found


def _until(house: House, draft: Draft) -> datetime | None:
    if draft.kind not in LASTING:
        return None
    if draft.expires_at is not None and draft.expires_at > house.now() + LONGEST[draft.kind]:
        raise Refused(f"Choose a day within {LONGEST[draft.kind].days} days: a notice is for a while.")
    return draft.expires_at


@dataclass(frozen=True)
class Alone:
    """Whether an urgent notice may go out with its author's word alone. `others` can be reached; `after` is when it may."""

    others: tuple[Person, ...]
    after: datetime


def alone(house: House, session: Session, update: Update, version: Version) -> Alone:
    """Who else could decide on an urgent notice, and from when on its author need not wait for them."""
    others = _at_hand(house, session, update)
    wait = rules.WAIT_FOR_SECOND if others else timedelta(0)
    return Alone(others, version.submitted_at + wait)


def _at_hand(house: House, session: Session, update: Update) -> tuple[Person, ...]:
    able = approvers(session, update.trip_id, house.now())
    return tuple(each for each in able if each.id != update.author_id and reachable(house, session, each.id))


def send_alone(
    house: House,
    caller: Caller,
    update_id: uuid.UUID,
    digest: str,
    why: str,
    overrides: Mapping[str, str] | None = None,
    proof: Proof = NOTHING,
) -> None:
    """Its author publishes an urgent notice without a second person, and says in words why nobody else decided.

    `digest`, `overrides` and `proof` are as for `journey.approve`. Raises NotFound, Forbidden, Refused; Conflict where
    others were told less than five minutes ago, somebody has decided, or it is no longer the version that was seen.
    """
    why = doors.tidy(why)
    with passkeys.alarmed(house), transaction() as session:
        update, version = _own_urgent(session, caller, update_id)
        if _went_alone(session, caller, version, digest):
            return
        doors.check_seen(update, version, digest)
        doors.check_not_over(update, house.now())
        others = bool(_at_hand(house, session, update))
        rules.check_alone(
            caller.role, caller.id, update.author_id, others, house.now() - version.submitted_at
        )
        if sum(map(str.isalpha, why)) < doors.FEWEST_LETTERS or len(why) > doors.LONGEST_REASON:
            raise Refused(
                f"Say in words why nobody else could decide (at most {doors.LONGEST_REASON} characters)."
            )
        kept = doors.reasons(version, overrides or {})
        said = signatures.about(
            signatures.UPDATE, update.id, digest, caller.id, house.settings.origin, alone="yes"
        )
        answer = signed.require(session, house, caller, proof, said)
        doors.go(session, house, update, Move.APPROVE)
        session.add(
            Decision(
                version_id=version.id,
                move=Move.APPROVE,
                digest=version.digest,
                reason="",
                overrides=kept,
                by=caller.id,
                at=house.now(),
                alone=why,
            )
        )
        session.flush()
        signed.keep(session, house, caller, answer, version_id=version.id)
        audit.note(session, house.now(), caller.id, "sent urgent notice alone", update.id, version.digest)
        ordering.publish(session, house, update, version)


def ask_to_send_alone(house: House, caller: Caller, update_id: uuid.UUID, digest: str) -> str:
    """Options for signing that with a passkey. Raises as `send_alone` does."""
    with transaction() as session:
        update, version = _own_urgent(session, caller, update_id)
        doors.check_seen(update, version, digest)
        origin = house.settings.origin
        said = signatures.about(signatures.UPDATE, update.id, digest, caller.id, origin, alone="yes")
        return passkeys.to_sign(session, house, caller, said)


def _own_urgent(session: Session, caller: Caller, update_id: uuid.UUID) -> tuple[Update, Version]:
    update = doors.own(session, caller, update_id)
    version = records.latest_version(session, update)
    if update.kind is not Kind.URGENT or version is None:
        raise NotFound("There is no such urgent notice of yours.")
    if not session.get_one(Person, caller.id).active:  # a request can wait for its turn while somebody leaves
        raise Forbidden("Your account was closed meanwhile, so nothing was sent.")
    return update, version


def _went_alone(session: Session, caller: Caller, version: Version, digest: str) -> bool:
    """A double tap changes nothing."""
    made = session.get(Decision, version.id)
    return made is not None and bool(made.alone) and (made.by, made.digest) == (caller.id, digest)


def fallback(standings: Sequence[Standing], handle: str) -> str:
    """What to tell families while some of the ways of an urgent notice fail and X does not; '' where nothing does.

    In January 2021 the school's other ways gave way on one morning, and X was what families could read.
    """
    stuck = [
        each for each in standings if each.problem and each.state in {"waiting", "needs_person", "refused"}
    ]
    on_x = [each for each in standings if each.channel is Channel.X and each.state == "sent"]
    if not stuck or not on_x:
        return ""
    return (
        f"Not every way works just now, but it is on X: tell families to look at x.com/{handle}. "
        "We keep trying the other ways."
    )


def running(house: House, session: Session) -> list[Trip]:
    """The trips that something urgent can be about: on their way, just before, or just home; the next one first."""
    today = house.today()
    near = [each for each in trips.every(session) if each.starts - AROUND <= today <= each.ends + AROUND]
    return sorted(near, key=lambda each: each.starts)


def written(house: House, caller: Caller, most: int) -> list[Update]:
    """What the school has said or is about to, the newest first: all of it for approvers and the office, else one's own."""
    session = fresh()
    query = sa.select(Update).where(Update.kind.in_(OF_THE_SCHOOL)).order_by(Update.created_at.desc())
    if caller.role is Role.STAFF:
        query = query.where(Update.author_id == caller.id)
    return list(records.at_a_glance(session, session.scalars(query.limit(most)).all()))
