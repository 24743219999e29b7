"""Ordering that people are told, in the transaction of whoever calls. Commits nothing."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates.approval import records as updates
from tripupdates.approval.deputies import approvers
from tripupdates.approval.records import Update, Version
from tripupdates.house import House
from tripupdates.telling import records, rules
from tripupdates.telling.records import Message, Notice, Sending
from tripupdates.vocabulary import Kind, Move, News, SendingState, Stage

NEWS_OF = {Move.APPROVE: News.APPROVED, Move.RETURN: News.SENT_BACK, Move.REJECT: News.REJECTED}


def reachable(house: House, session: Session, person_id: uuid.UUID) -> bool:
    """Whether there is any way at all to tell this person, as far as is known."""
    by_mail = house.mail is not None and records.reach_of(session, person_id).mail_broken_at is None
    return by_mail or (house.push is not None and bool(records.phones_of(session, person_id)))


def plan_of(session: Session, update: Update, now: datetime) -> rules.Plan:
    """Whose turn it is for an update, as the office set it for the trip. Nobody decides on their own."""
    chosen = records.telling_of(session, update.trip_id)
    able = [each.id for each in approvers(session, update.trip_id, now) if each.id != update.author_id]
    if update.kind is Kind.URGENT:
        return rules.plan(able, None, rules.REMIND_OF_URGENT, chosen.deputies_after)
    return rules.plan(able, chosen.first_id, chosen.remind_after, chosen.deputies_after)


def notices_of(session: Session, update: Update, version: Version) -> list[Notice]:
    """Who was ordered to hear that this version waits."""
    return list(
        session.scalars(
            sa.select(Notice)
            .where(
                Notice.about == update.id,
                Notice.news.in_(records.ASKS),
                Notice.made_at >= version.submitted_at,
            )
            .order_by(Notice.id)
        )
    )


def missing(house: House, session: Session, update: Update) -> list[tuple[uuid.UUID, Stage]]:
    """Who is to be told by now that this update waits, and was not ordered yet."""
    version = updates.latest_version(session, update)
    if version is None:
        return []
    plan = plan_of(session, update, house.now())
    ordered = notices_of(session, update, version)
    able = {each for each in plan.first if reachable(house, session, each)}
    told = _told(session, [each for each in ordered if each.stage is Stage.FIRST])
    wanted = rules.wanted(plan, version.submitted_at, house.now(), told, able)
    return sorted(
        wanted - {(each.person_id, each.stage) for each in ordered},
        key=lambda each: (str(each[0]), each[1]),
    )


def _told(session: Session, ordered: list[Notice]) -> dict[uuid.UUID, datetime]:
    """When each of them first heard, by whatever way came first."""
    return {
        each.person_id: at
        for each in ordered
        if each.message is not None and (at := heard_at(each.message)) is not None
    }


def heard_at(message: Message) -> datetime | None:
    """When a message first arrived by any way, None where it has not."""
    return min((each.settled_at for each in arrived(message) if each.settled_at), default=None)


def arrived(message: Message) -> list[Sending]:
    """The ways by which a message was taken."""
    return [each for each in message.sendings if each.state is SendingState.SENT]


def order_waiting(house: House, session: Session, update: Update) -> int:
    """Order that everybody whose turn it is hears that this update waits. Returns how many orders were new."""
    new = missing(house, session, update)
    news = News.URGENT if update.kind is Kind.URGENT else News.WAITING
    for person, stage in new:
        records.tell(session, house.now(), person, news, update.id, stage)
    session.flush()
    return len(new)


def tell_author(session: Session, now: datetime, update: Update, move: Move) -> None:
    """Order that its author hears what was decided."""
    records.tell(session, now, update.author_id, NEWS_OF[move], update.id)
