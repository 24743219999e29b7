"""What X was asked, and when: its prices and limits are for calls, not for updates. Rows prove nothing, so none is sealed."""

from collections import Counter
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from tripupdates.channels.x_terms import Call
from tripupdates.database import Base, one_of


class XCall(Base):
    """We asked X for this, `times` over. What changes something is written down before it leaves, like any attempt."""

    __tablename__ = "x_call"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    call: Mapped[Call] = mapped_column(one_of(Call))
    times: Mapped[int]


def note(session: Session, at: datetime, call: Call, times: int) -> None:
    """Write down, in the caller's transaction, what is asked."""
    session.add(XCall(at=at, call=call, times=times))


def between(session: Session, start: datetime, end: datetime) -> Counter[Call]:
    """How often each was asked, from `start` to right before `end`."""
    rows = session.execute(
        sa.select(XCall.call, sa.func.sum(XCall.times))
        .where(XCall.at >= start, XCall.at < end)
        .group_by(XCall.call)
    )
    return Counter({call: int(times) for call, times in rows})
