"""The round of telling: order what is due by now, gather it into one message a person, hand it over, write down what came.

One thread, one lock that dies with its holder, as the lanes of the outbox have. The attempt is written down before the
wire; one that broke off is made again, for a head who is told twice is better off than one who never hears. Such a
message is marked as doubtful, and pages say so.
"""

import logging
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tripupdates.approval.records import Update, in_state
from tripupdates.channels.contract import TransportError
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.outbox import holds
from tripupdates.outbox.lane import alone
from tripupdates.people.records import Person
from tripupdates.telling import hand, orders, records, rules
from tripupdates.telling.hand import Job
from tripupdates.telling.records import Message, Notice, Sending
from tripupdates.vocabulary import News, SendingState, Stage, UpdateState, Way

POLL = 0.5  # seconds between looks
LOOK = timedelta(hours=1)  # between looks at a mail server that no mail has shown to work

log = logging.getLogger(__name__)


def run(app: Flask, house: House, stop: threading.Event) -> None:
    """Tell people until `stop` is set."""
    while not stop.is_set():
        try:
            with alone(app, "telling", stop) as ours:
                _work(app, house, ours, stop)
        except Exception as error:
            # Whatever it was, what it had in hand is made again.
            log.error("telling stumbled", exc_info=error)
            stop.wait(POLL)


def _work(app: Flask, house: House, ours: Callable[[], bool], stop: threading.Event) -> None:
    if ours():
        with app.app_context():
            take_over(house)
    while ours():
        with app.app_context():
            look_at_mail_server(house)
            worked = step(house)
        if not worked:
            stop.wait(POLL)


def take_over(house: House) -> None:
    """First thing: what the last holder had on the wire may have arrived, or not. It goes again, and is marked."""
    with transaction() as session:
        session.execute(
            sa.update(Sending)
            .where(Sending.state == SendingState.SENDING)
            .values(state=SendingState.PENDING, due=house.now(), doubtful=True)
        )


def look_at_mail_server(house: House) -> None:
    """Now and then, whether the mail server can be spoken to: that it cannot is to show before it matters."""
    look = fresh().get(records.MailLook, 1)
    if house.mail is None or (look is not None and house.now() - look.at < LOOK):
        return
    try:
        house.mail.check()
        problem = ""
    except TransportError as no:
        problem = no.title
    with transaction() as session:
        records.look_at_mail(session, house.now(), problem)


def step(house: House) -> bool:
    """Order, gather, and hand over the next message. False where there was nothing to do."""
    ordered = order_more(house)
    gathered = gather(house)
    job = claim(house)
    if job is not None:
        carry_out(house, job)
    return bool(ordered or gathered or job)


def order_more(house: House) -> int:
    """Reminders, and those who come after: whatever the time has made due. Returns how many were ordered."""
    session = fresh()
    late = [
        update.id
        for update in in_state(session, UpdateState.WAITING)
        if orders.missing(house, session, update)
    ]
    if not late:
        return 0
    with transaction() as session:
        found = (session.get_one(Update, each) for each in late)
        return sum(
            orders.order_waiting(house, session, update)
            for update in found
            if update.state is UpdateState.WAITING
        )


def gather(house: House) -> int:
    """Put what is due into one message a person and subject. Returns how many messages were made."""
    if not _ready(house, fresh()):
        return 0
    made = 0
    with transaction() as session:
        records.close_what_is_over(session, house.now())
        session.expire_all()
        for (person_id, subject), notices in _ready(house, session).items():
            made += _make(house, session, session.get_one(Person, person_id), subject, notices)
    return made


def _ready(house: House, session: Session) -> dict[tuple[uuid.UUID, str], list[Notice]]:
    """News that no message says yet, by person and subject, where its moment has come and there is a way for it."""
    found: dict[tuple[uuid.UUID, str], list[Notice]] = defaultdict(list)
    open_ones = sa.select(Notice).where(Notice.message_id.is_(None), Notice.closed_at.is_(None))
    for notice in session.scalars(open_ones.order_by(Notice.id)):
        found[notice.person_id, rules.subject_of(notice.news)].append(notice)
    held = holds.present(session) is not None
    return {
        key: notices
        for key, notices in found.items()
        if not (held and key[1] == "waiting")  # nothing can be decided now
        and due(house, session, key[0], key[1], notices) <= house.now()
        and (ways(house, session, key[0], notices) or key[1] == "decided")
    }


def due(
    house: House, session: Session, person_id: uuid.UUID, subject: str, notices: list[Notice]
) -> datetime:
    """When this may leave for this person."""
    reach = records.reach_of(session, person_id)
    quiet = rules.quiet_until(reach.quiet_from, reach.quiet_to, house.now(), house.settings.timezone)
    made = [  # what comes later in the order has waited for long enough
        each.made_at if each.stage is Stage.FIRST else each.made_at - rules.GATHER for each in notices
    ]
    return rules.due(subject, made, _told_and_waiting(session, person_id), quiet)


def _told_and_waiting(session: Session, person_id: uuid.UUID) -> datetime | None:
    """When this person was last told of something that still waits."""
    return session.scalar(
        sa.select(sa.func.max(Sending.settled_at, type_=Sending.settled_at.type))
        .join(Message, Message.id == Sending.message_id)
        .where(
            Message.person_id == person_id,
            Sending.state == SendingState.SENT,
            Message.id.in_(records.about_what_waits().with_only_columns(Notice.message_id).order_by(None)),
        )
    )


def ways(
    house: House, session: Session, person_id: uuid.UUID, notices: list[Notice]
) -> list[tuple[Way, uuid.UUID | None]]:
    """The ways by which this person can be told this, each phone for itself."""
    phones = records.phones_of(session, person_id) if house.push is not None else ()
    by_mail = records.reach_of(session, person_id).all_by_mail
    wanted = rules.ways([each.news for each in notices], bool(phones), by_mail)
    mail: list[tuple[Way, uuid.UUID | None]] = [(Way.EMAIL, None)]
    return (mail if Way.EMAIL in wanted and house.mail is not None else []) + [
        (Way.PUSH, phone.id) for phone in phones if Way.PUSH in wanted
    ]


def _make(house: House, session: Session, person: Person, subject: str, notices: list[Notice]) -> bool:
    """One message, which also says what an earlier one has not got across yet. False where it is not to be told."""
    now = house.now()
    if not person.active:
        for notice in notices:
            if notice.news is not News.ACCOUNT_CLOSED:
                notice.closed_at = now
        notices = [notice for notice in notices if notice.closed_at is None]
    by = ways(house, session, person.id, notices) if notices else []
    if not person.active:
        by = [way for way in by if way[0] is Way.EMAIL]
    if not by:  # a mere approval, with no phone that shows it: the author's page does
        for notice in notices:
            notice.closed_at = now
        return False
    message = Message(id=uuid.uuid4(), person_id=person.id, subject=subject, made_at=now)
    session.add(message)
    session.flush()
    if subject in {"waiting", "decided"}:
        notices = notices + _taken_over(session, message, now)
    for notice in notices:
        notice.message_id = message.id
    for way, phone in by:
        session.add(
            Sending(message_id=message.id, way=way, phone_id=phone, state=SendingState.PENDING, due=now)
        )
    session.flush()
    return True


def _taken_over(session: Session, message: Message, now: datetime) -> list[Notice]:
    """Earlier messages that still wait to be sent are said by this one. Returns what nobody has heard from them."""
    earlier = session.scalars(
        sa.select(Message)
        .join(Sending)
        .where(
            Message.person_id == message.person_id,
            Message.subject == message.subject,
            Sending.state == SendingState.PENDING,
        )
        .distinct()
    ).all()
    left: list[Notice] = []
    for each in earlier:
        for sending in each.sendings:
            if sending.state is SendingState.PENDING:
                sending.state, sending.settled_at = SendingState.STOPPED, now
        if not orders.arrived(each):
            left += [notice for notice in each.notices if notice.closed_at is None]
    return left


def claim(house: House) -> Job | None:
    """Take the next mail or push and write down the attempt, before the wire. None where nothing is due."""
    if _next(fresh(), house.now()) is None:
        return None
    with transaction() as session:
        now = house.now()
        records.close_what_is_over(session, now)
        session.expire_all()
        row = _next(session, now)
        if row is None:
            return None
        later = _later(house, session, row.message)
        if later is not None:
            row.due = later
            return None
        job = hand.prepare(house, session, row)
        if job is None:
            row.state, row.settled_at = SendingState.STOPPED, now
            return None
        values = {"state": SendingState.SENDING, "attempts": row.attempts + 1, "attempted_at": now}
        records.settle(session, row.id, SendingState.PENDING, **values)
        return job


def _next(session: Session, now: datetime) -> Sending | None:
    return session.scalar(
        sa.select(Sending)
        .where(Sending.state == SendingState.PENDING, Sending.due <= now)
        .order_by(Sending.due)
        .limit(1)
    )


def _later(house: House, session: Session, message: Message) -> datetime | None:
    """A second try is as quiet as the first: until when it must wait, None where it may go."""
    if message.subject in rules.AT_ONCE:
        return None
    if message.subject == "waiting" and holds.present(session) is not None:
        return house.now() + timedelta(minutes=1)
    reach = records.reach_of(session, message.person_id)
    return rules.quiet_until(reach.quiet_from, reach.quiet_to, house.now(), house.settings.timezone)


def carry_out(house: House, job: Job) -> None:
    """Hand it over, and write down what came of it."""
    try:
        hand.over(house, job)
        no = None
    except TransportError as error:
        no = error
    with transaction() as session:
        hand.note(house, session, job, no)
