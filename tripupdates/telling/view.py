"""Being told, as people read it: who heard of an update, when and by which way; and what is broken, in plain words."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates.approval import records as updates
from tripupdates.approval.deputies import approvers
from tripupdates.approval.records import Update
from tripupdates.house import House
from tripupdates.outbox import holds
from tripupdates.people.records import Person
from tripupdates.telling import orders, records, rules
from tripupdates.telling.records import Message, Notice, Phone, Sending
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import News, SendingState, Stage, UpdateState, Way

NO_SERVER = (
    "The school has not set up e-mail, so nobody is told by e-mail. The office can have it set up (MAIL_URL)."
)
WAY_NAMES = {Way.EMAIL: "e-mail", Way.PUSH: "phone"}
STAGE_NAMES = {
    Stage.FIRST: "told",
    Stage.REMINDER: "reminder",
    Stage.DEPUTIES: "told, as nobody had decided,",
}


def _clock(house: House, moment: datetime) -> str:
    """The time; with the day where it is not today's."""
    local = moment.astimezone(house.settings.timezone)
    return f"{local:%H:%M}" if local.date() == house.today() else f"{local.day} {local:%B}, {local:%H:%M}"


@dataclass(frozen=True)
class Heard:
    """A person and, in order, what became of telling them, each a piece of a sentence."""

    name: str
    words: tuple[str, ...]


def who_was_told(house: House, session: Session, update: Update) -> tuple[Heard, ...]:
    """Who was told that the present version waits or waited, and who is still to be; in the order of their turn."""
    version = updates.latest_version(session, update)
    if version is None or update.state is UpdateState.DRAFT:
        return ()
    found: dict[uuid.UUID, list[str]] = {}
    names: dict[uuid.UUID, str] = {}
    for notice in orders.notices_of(session, update, version):
        names[notice.person_id] = notice.person.name
        words = _of_notice(house, session, notice)
        found.setdefault(notice.person_id, []).extend(word for word in words if word)
    if update.state is UpdateState.WAITING:
        for person, word in _to_come(house, session, update, found):
            names[person.id] = person.name
            found.setdefault(person.id, []).append(word)
    return tuple(Heard(names[person], tuple(words)) for person, words in found.items() if words)


def _of_notice(house: House, session: Session, notice: Notice) -> list[str]:
    """What became of telling one person once. Where one way did its work, the others are the office's business."""
    message = notice.message
    sent = orders.arrived(message) if message is not None else []
    if message is not None and sent:
        return [_arrived(house, notice.stage, message, sent)]
    if notice.closed_at is not None:
        return []
    tried = [each for each in message.sendings if each.problem] if message is not None else []
    if tried:
        trying = any(each.state in {SendingState.PENDING, SendingState.SENDING} for each in tried)
        return [f"not told yet: {tried[-1].problem}{' We go on trying.' if trying else ''}".removesuffix(".")]
    return [_why_not_yet(house, session, notice.person)]


def _arrived(house: House, stage: Stage, message: Message, sent: Sequence[Sending]) -> str:
    by = " and ".join(WAY_NAMES[way] for way in Way if way in {each.way for each in sent})
    at = orders.heard_at(message)
    twice = " (perhaps twice)" if any(each.doubtful for each in sent) else ""
    return f"{STAGE_NAMES[stage]} by {by} {_clock(house, at) if at else ''}{twice}"


def _why_not_yet(house: House, session: Session, person: Person) -> str:
    if not orders.reachable(house, session, person.id):
        return "cannot be told: no way of reaching them works. Ring them, or ask the office"
    if holds.present(session) is not None:
        return "not told while everything is on hold"
    reach = records.reach_of(session, person.id)
    quiet = rules.quiet_until(reach.quiet_from, reach.quiet_to, house.now(), house.settings.timezone)
    if quiet is not None:
        return f"has quiet hours until {_clock(house, quiet)}, and is told then"
    return "is being told"


def _to_come(
    house: House, session: Session, update: Update, found: dict[uuid.UUID, list[str]]
) -> list[tuple[Person, str]]:
    """The others, whose turn comes later."""
    version = updates.latest_version(session, update)
    if version is None:
        return []
    plan = orders.plan_of(session, update, house.now())
    at = _clock(house, version.submitted_at + plan.deputies_after)
    later, never = f"is told at {at}, if nobody has decided by then", "cannot be told at present"
    return [
        (session.get_one(Person, each), later if orders.reachable(house, session, each) else never)
        for each in plan.others
        if each not in found
    ]


@dataclass(frozen=True)
class Approver:
    """Someone who can decide on a trip's updates, by which ways they are told, and what is broken about it."""

    person: Person
    ways: tuple[str, ...]
    troubles: tuple[str, ...]


def approvers_of(house: House, session: Session, trip: Trip) -> tuple[Approver, ...]:
    """Those who can decide on a trip's updates."""
    return tuple(
        Approver(person, tuple(ways(house, session, person.id)), tuple(troubles(house, session, person.id)))
        for person in approvers(session, trip.id, house.now())
    )


def ways(house: House, session: Session, person_id: uuid.UUID) -> list[str]:
    """By which ways somebody can be told at present."""
    reach, found = records.reach_of(session, person_id), []
    if house.mail is not None and reach.mail_broken_at is None:
        found.append("e-mail")
    if house.push is not None:
        found += [f"push on “{phone.name}”" for phone in records.phones_of(session, person_id)]
    return found


def troubles(house: House, session: Session, person_id: uuid.UUID) -> list[str]:
    """What is broken about telling one person, in sentences."""
    reach, found = records.reach_of(session, person_id), []
    if reach.mail_broken_at is not None:
        found.append(
            f"Mail to this address did not work ({_clock(house, reach.mail_broken_at)}): {reach.mail_problem}"
        )
    for phone in (*records.phones_of(session, person_id), *records.lost_phones_of(session, person_id)):
        if phone.problem:
            found.append(f"Push on “{phone.name}” does not work: {phone.problem}")
    return found


def school_trouble(house: House, session: Session) -> str:
    """What is broken about telling anybody, '' where nothing is."""
    if house.mail is None:
        return NO_SERVER
    problem = records.mail_problem(session)
    return f"E-mail does not work at present: {problem} The office should look at it." if problem else ""


def trip_troubles(house: House, session: Session, trip: Trip) -> tuple[str, ...]:
    """What those who post for a trip should know before it matters: who cannot be told of their updates."""
    able = approvers_of(house, session, trip)
    if not able:
        return ("Nobody at school can decide on this trip’s updates. Ask the office.",)
    found = [f"{each.person.name} cannot be told that something waits." for each in able if not each.ways]
    trouble = school_trouble(house, session)
    return (*found, trouble) if trouble else tuple(found)


@dataclass(frozen=True)
class Tried:
    """What became of the latest test, a line for each way."""

    at: datetime
    lines: tuple[str, ...]


def last_test(house: House, session: Session, person_id: uuid.UUID) -> Tried | None:
    """The latest test that somebody asked for."""
    notice = session.scalar(
        sa.select(Notice)
        .where(Notice.person_id == person_id, Notice.news == News.TEST)
        .order_by(Notice.id.desc())
        .limit(1)
    )
    if notice is None:
        return None
    return Tried(notice.made_at, tuple(_tried(house, notice.message)) or ("On its way.",))


def _tried(house: House, message: Message | None) -> list[str]:
    found = []
    for each in () if message is None else message.sendings:
        way = f"Push on “{each.phone.name}”" if each.phone else "E-mail"
        if each.state is SendingState.SENT:
            arrived = f"sent at {_clock(house, each.settled_at)}" if each.settled_at else "sent"
            found.append(f"{way}: {arrived}.{' Perhaps twice.' if each.doubtful else ''}")
        elif each.state is SendingState.FAILED:
            found.append(f"{way}: did not work. {each.problem}")
        else:
            found.append(f"{way}: on its way. {each.problem}".strip())
    return found


def phones(session: Session, person_id: uuid.UUID) -> Sequence[Phone]:
    """The phones that take push messages, and those that stopped by themselves."""
    return (*records.phones_of(session, person_id), *records.lost_phones_of(session, person_id))
