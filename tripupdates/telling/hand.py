"""One mail or push: what it says now, the wire, and what the wire's answer means. Commits nothing."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tripupdates import audit
from tripupdates.channels import email, push
from tripupdates.channels.contract import (
    NeedsPerson,
    NotSent,
    OutcomeUnknown,
    RefusedByChannel,
    TransportError,
)
from tripupdates.house import House
from tripupdates.telling import letters, records, rules
from tripupdates.telling.records import Message, Notice, Phone, Sending
from tripupdates.vocabulary import News, SendingState, Way

UNDECIDED = (NotSent, NeedsPerson, OutcomeUnknown)


@dataclass(frozen=True)
class Job:
    """One mail or push as it was claimed, ready for the wire."""

    id: uuid.UUID
    way: Way
    person_id: uuid.UUID
    phone_id: uuid.UUID | None
    about: tuple[uuid.UUID, ...]
    attempts: int
    since: datetime
    letter: email.Letter | None = None
    words: push.Words | None = None
    to: push.Subscription | None = field(default=None, repr=False)


def prepare(house: House, session: Session, row: Sending) -> Job | None:
    """What this one says now. None where nothing is left to say, or there is no such way any more."""
    message = row.message
    notices = [each for each in message.notices if each.closed_at is None]
    closing = {each.news for each in notices} == {News.ACCOUNT_CLOSED}
    if not notices or not (message.person.active or closing):
        return None
    said = _said(house, session, message, notices)
    job: dict[str, Any] = {
        "id": row.id,
        "way": row.way,
        "person_id": message.person_id,
        "phone_id": row.phone_id,
        "about": tuple(dict.fromkeys(each.about for each in notices if each.about is not None)),
        "attempts": row.attempts + 1,
        "since": message.made_at,
    }
    if row.way is Way.EMAIL:
        text, html = letters.letter(said, house.settings.public_base_url, house.settings.school_name)
        # One id for all attempts: a mail program shows a second copy as the one that it has.
        return Job(
            **job, letter=email.Letter(message.person.email, said.title, text, html, house.now(), row.id.hex)
        )
    phone = row.phone
    if phone is None or phone.endpoint is None:
        return None
    body = " ".join(said.lines[:1])
    return Job(
        **job,
        words=push.Words(said.title, body, said.path or "/staff/"),
        to=push.Subscription(phone.endpoint, phone.p256dh, phone.auth),
    )


def _said(house: House, session: Session, message: Message, notices: list[Notice]) -> letters.Said:
    told = [letters.Told(each.news, each.about, each.made_at, each.stage) for each in notices]
    waiting: list[uuid.UUID] = []
    if message.subject == "waiting":
        mine = records.about_what_waits().where(
            Notice.person_id == message.person_id, Notice.message_id.is_not(None)
        )
        waiting = list(dict.fromkeys(each.about for each in session.scalars(mine) if each.about is not None))
    local = min(each.made_at for each in notices).astimezone(house.settings.timezone)
    when = f"{local:%A} {local.day} {local:%B, %H:%M}"
    return letters.compose(message.subject, told, waiting, when)


def over(house: House, job: Job) -> None:
    """Hand it to the mail server or the push service. Raises a TransportError."""
    if job.letter is not None:
        if house.mail is None:
            raise NeedsPerson("The school has no mail server.")
        house.mail.send(job.letter)
    elif job.words is not None and job.to is not None:
        if house.push is None:
            raise NeedsPerson("The school has no key for push messages.")
        house.push.send(job.words, job.to, house.now())


def note(house: House, session: Session, job: Job, no: TransportError | None) -> None:
    """Write down what became of it: for this message, and for the way itself."""
    now = house.now()
    values = _outcome(job, no, now)
    if not records.settle(session, job.id, SendingState.SENDING, **values):
        return
    if job.way is Way.EMAIL:
        _note_mail(session, job, no, now)
    else:
        _note_phone(session, job, no, now)
    event = f"told by {job.way}" if no is None else f"telling by {job.way}: {values['state']}"
    audit.note(session, now, None, event, *job.about, job.person_id, job.id)


def _outcome(job: Job, no: TransportError | None, now: datetime) -> dict[str, Any]:
    if no is None:
        return {"state": SendingState.SENT, "settled_at": now, "problem": ""}
    if isinstance(no, UNDECIDED) and not rules.gives_up(job.way, job.since, now):
        named = no.not_before if isinstance(no, NotSent) else None
        due = max(rules.next_try(job.attempts, now), named or now)
        doubt = {"doubtful": True} if isinstance(no, OutcomeUnknown) else {}
        return {"state": SendingState.PENDING, "due": due, "problem": no.title, **doubt}
    return {"state": SendingState.FAILED, "settled_at": now, "problem": no.title}


def _note_mail(session: Session, job: Job, no: TransportError | None, now: datetime) -> None:
    reach = records.reach_of(session, job.person_id)
    if isinstance(no, email.AddressRefused):
        reach.mail_broken_at, reach.mail_problem = now, no.title
    elif no is None:
        reach.mail_worked_at, reach.mail_broken_at, reach.mail_problem = now, None, ""
    session.add(reach)
    ours = isinstance(no, email.ServerDown | email.ServerRefuses)
    records.look_at_mail(session, now, no.title if no is not None and ours else "")


def _note_phone(session: Session, job: Job, no: TransportError | None, now: datetime) -> None:
    phone = session.get(Phone, job.phone_id) if job.phone_id is not None else None
    if phone is None or phone.ended_at is not None:
        return
    if no is None:
        phone.worked_at, phone.problem = now, ""
    elif isinstance(no, push.Gone):
        records.end_phone(phone, now, no.title)
    elif isinstance(no, RefusedByChannel) or rules.gives_up(job.way, job.since, now):
        phone.failed_at, phone.problem = now, no.title
