"""What a person is to be told, each thing a row from the commit in which it happened."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from tripupdates.database import Base, one_of
from tripupdates.vocabulary import News


class Notice(Base):
    """One thing that one person is to be told. `about` is an update's or a trip's id where the news is about one."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    news: Mapped[News] = mapped_column(one_of(News))
    about: Mapped[uuid.UUID | None] = mapped_column(sa.Uuid())
    made_at: Mapped[datetime]


def tell(
    session: Session, now: datetime, person_id: uuid.UUID, news: News, about: uuid.UUID | None = None
) -> None:
    """Order that a person is told, in the caller's transaction: what is undone there is never told."""
    session.add(Notice(person_id=person_id, news=news, about=about, made_at=now))
