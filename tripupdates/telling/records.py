"""What a person is to be told, each thing a row from the commit in which it happened; and what became of the telling."""

import uuid
from collections.abc import Sequence
from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tripupdates.approval.records import Update, Version
from tripupdates.database import Base, one_of
from tripupdates.people.records import Person
from tripupdates.telling import rules
from tripupdates.vocabulary import News, SendingState, Stage, UpdateState, Way

OLD_NEWS = timedelta(hours=48)
ASKS = (News.WAITING, News.URGENT)  # news that something waits for a decision: over once it does not any more


class Notice(Base):
    """One thing that one person is to be told. `about` is an update's or a trip's id where the news is about one.

    `message_id` is the message that says it, once there is one; `closed_at` is when it needed no telling any more.
    """

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    news: Mapped[News] = mapped_column(one_of(News))
    about: Mapped[uuid.UUID | None] = mapped_column(sa.Uuid())
    made_at: Mapped[datetime]
    stage: Mapped[Stage] = mapped_column(one_of(Stage), default=Stage.FIRST)
    message_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("message.id"), index=True)
    closed_at: Mapped[datetime | None]

    message: Mapped["Message | None"] = relationship(back_populates="notices")
    person: Mapped[Person] = relationship()


class Message(Base):
    """Some news for one person, said at once. `subject` is as `rules.subject_of` has it."""

    __tablename__ = "message"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    subject: Mapped[str] = mapped_column(sa.String(20))
    made_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    notices: Mapped[list[Notice]] = relationship(order_by=Notice.id, back_populates="message")
    sendings: Mapped[list["Sending"]] = relationship(order_by="Sending.way", back_populates="message")


class Sending(Base):
    """A message by one way: a mail, or a push to one phone. `doubtful`: an attempt broke off, so it may come twice."""

    __tablename__ = "sending"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    message_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("message.id"), index=True)
    way: Mapped[Way] = mapped_column(one_of(Way))
    phone_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("phone.id"))
    state: Mapped[SendingState] = mapped_column(one_of(SendingState), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    due: Mapped[datetime]
    attempted_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    doubtful: Mapped[bool] = mapped_column(default=False)
    problem: Mapped[str] = mapped_column(sa.String(200), default="")

    message: Mapped[Message] = relationship(back_populates="sendings")
    phone: Mapped["Phone | None"] = relationship()


class Phone(Base):
    """A browser that takes push messages for a person. Once it takes no more, its address and keys are forgotten."""

    __tablename__ = "phone"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    endpoint: Mapped[str | None] = mapped_column(sa.String(1000), unique=True)
    p256dh: Mapped[str] = mapped_column(sa.String(120))
    auth: Mapped[str] = mapped_column(sa.String(60))
    created_at: Mapped[datetime]
    worked_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(sa.String(200), default="")


class Reach(Base):
    """How a person wishes to be told, and whether their address works. No row: never quiet, nothing known."""

    __tablename__ = "reach"

    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    quiet_from: Mapped[time | None]
    quiet_to: Mapped[time | None]
    all_by_mail: Mapped[bool] = mapped_column(default=False)
    mail_worked_at: Mapped[datetime | None]
    mail_broken_at: Mapped[datetime | None]
    mail_problem: Mapped[str] = mapped_column(sa.String(200), default="")


class TripTelling(Base):
    """Who hears first of a trip's updates, and the minutes after which they are reminded and the others hear."""

    __tablename__ = "trip_telling"

    trip_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("trip.id"), primary_key=True)
    first_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    remind_after: Mapped[int] = mapped_column(default=rules.REMIND_AFTER)
    deputies_after: Mapped[int] = mapped_column(default=rules.DEPUTIES_AFTER)


class MailLook(Base):
    """What the last look at the mail server, or the last mail, showed. One row; no problem is ''."""

    __tablename__ = "mail_look"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    problem: Mapped[str] = mapped_column(sa.String(200))


def tell(
    session: Session,
    now: datetime,
    person_id: uuid.UUID,
    news: News,
    about: uuid.UUID | None = None,
    stage: Stage = Stage.FIRST,
) -> None:
    """Order that a person is told, in the caller's transaction: what is undone there is never told."""
    session.add(Notice(person_id=person_id, news=news, about=about, made_at=now, stage=stage))


def reach_of(session: Session, person_id: uuid.UUID) -> Reach:
    """How this person wishes to be told; a blank row, not yet kept, where they never said."""
    return session.get(Reach, person_id) or Reach(person_id=person_id, all_by_mail=False, mail_problem="")


def telling_of(session: Session, trip_id: uuid.UUID | None) -> TripTelling:
    """What the office set for a trip; the defaults, not yet kept, where it set nothing, and for what has no trip."""
    kept = session.get(TripTelling, trip_id) if trip_id else None
    return kept or TripTelling(
        trip_id=trip_id, remind_after=rules.REMIND_AFTER, deputies_after=rules.DEPUTIES_AFTER
    )


def phones_of(session: Session, person_id: uuid.UUID) -> Sequence[Phone]:
    """The phones that take push messages for this person, the oldest first."""
    return session.scalars(
        sa.select(Phone)
        .where(Phone.person_id == person_id, Phone.ended_at.is_(None))
        .order_by(Phone.created_at)
    ).all()


def lost_phones_of(session: Session, person_id: uuid.UUID) -> Sequence[Phone]:
    """The phones that stopped taking push messages by themselves."""
    return session.scalars(
        sa.select(Phone)
        .where(Phone.person_id == person_id, Phone.ended_at.is_not(None), Phone.problem != "")
        .order_by(Phone.ended_at)
    ).all()


def end_phone(phone: Phone, now: datetime, problem: str = "") -> None:
    """Nothing is sent to it any more, and nothing could be: address and keys are forgotten."""
    phone.endpoint, phone.p256dh, phone.auth = None, "", ""
    phone.ended_at, phone.problem = now, problem


def end_phones(session: Session, person_id: uuid.UUID, now: datetime) -> None:
    """Somebody leaves: none of their phones hears from the school any more."""
    for phone in phones_of(session, person_id):
        end_phone(phone, now)


def mail_problem(session: Session) -> str:
    """What is wrong with the mail server as far as anybody knows, '' where nothing is."""
    look = session.get(MailLook, 1)
    return look.problem if look is not None else ""


def look_at_mail(session: Session, now: datetime, problem: str) -> None:
    """Keep what the mail server showed."""
    session.merge(MailLook(id=1, at=now, problem=problem))


def about_what_waits() -> sa.Select[Notice]:
    """The notices that are still true: their update waits, in the version that they are about."""
    return (
        sa.select(Notice)
        .join(Update, Update.id == Notice.about)
        .join(Version, Version.id == Update.version_id)
        .where(
            Notice.news.in_(ASKS),
            Update.state == UpdateState.WAITING,
            Version.submitted_at <= Notice.made_at,
        )
        .order_by(Notice.id)
    )


def close_what_is_over(session: Session, now: datetime) -> None:
    """What was decided, edited or taken back meanwhile needs no telling any more; nor does old news that found no way."""
    still = about_what_waits().with_only_columns(Notice.id).order_by(None)
    session.execute(
        sa.update(Notice)
        .where(Notice.news.in_(ASKS), Notice.closed_at.is_(None), Notice.id.not_in(still))
        .values(closed_at=now)
    )
    session.execute(
        sa.update(Notice)
        .where(
            Notice.news.not_in(ASKS),
            Notice.closed_at.is_(None),
            Notice.message_id.is_(None),
            Notice.made_at < now - OLD_NEWS,
        )
        .values(closed_at=now)
    )


def settle(session: Session, sending: uuid.UUID, seen: SendingState, **values: object) -> bool:
    """One conditional UPDATE from the state that was seen. False where it is another by now."""
    session.flush()
    result = session.execute(
        sa.update(Sending)
        .where(Sending.id == sending, Sending.state == seen)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    return bool(result.rowcount == 1)  # type: ignore[attr-defined] # an UPDATE gives a CursorResult
