"""The school's account at X, for the office and the approvers: whose keys these are, what stands still, limits, and cost.

X tells no balance; what it costs is reckoned from what it was asked (`outbox/calls`), at the prices of `channels/x_terms`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from tripupdates import audit
from tripupdates.channels.contract import ChannelClosed, TransportError
from tripupdates.channels.x import X
from tripupdates.channels.x_answers import NO_CREDITS
from tripupdates.channels.x_terms import LIMITS, PRICES, READ_ON, WINDOW, Call
from tripupdates.database import transaction
from tripupdates.house import House
from tripupdates.outbox import calls, pauses, queue
from tripupdates.outbox.pauses import Pause
from tripupdates.people.signing_in import Caller
from tripupdates.vocabulary import Channel, DeliveryState, Forbidden, NotFound, Order, Role

NO_ACCOUNT = "The school has no account at X."
RIGHT = "X says that these are the keys of @{handle}, the school’s account."
THEN_TRY = " If what was in the way is mended, press “Try again”."
WORDS = {
    Call.POST: "Posts",
    Call.LINKED: "Posts with a link",
    Call.ALT: "Alt texts of pictures",
    Call.DELETE: "Deleting posts",
    Call.LOOK: "Looking at our own posts",
    Call.UPLOAD: "Pictures",
}


@dataclass(frozen=True)
class Count:
    """How much of something was asked lately, the most that X takes in its window, and how much since midnight."""

    words: str
    lately: int
    most: int
    today: int


@dataclass(frozen=True)
class Line:
    """So many of something, at this price in dollars each."""

    words: str
    times: int
    price: Decimal

    @property
    def sum(self) -> Decimal:
        """In dollars."""
        return self.times * self.price


@dataclass(frozen=True)
class Bill:
    """What a month will have cost, in dollars: an estimate."""

    month: date
    lines: tuple[Line, ...]

    @property
    def sum(self) -> Decimal:
        """Of all lines."""
        return sum((line.sum for line in self.lines), Decimal(0))


@dataclass(frozen=True)
class Desk:
    """The account as it stands. `paused` is what a person must end, `waits` what ends by itself.

    `out_of_credits_at` is when X last said so, None where it never did; `waiting` are orders that are to be posted.
    """

    handle: str
    paused: tuple[Pause, ...]
    waits: tuple[Pause, ...]
    out_of_credits_at: datetime | None
    waiting: int
    counts: tuple[Count, ...]
    bills: tuple[Bill, Bill]
    read_on: date = READ_ON


@dataclass(frozen=True)
class Checked:
    """What X said of the account, in a sentence; `right` where nothing is wrong with it."""

    right: bool
    said: str


def desk(house: House, session: Session) -> Desk | None:
    """The account now, this month's and last month's cost; None for a school without X."""
    if Channel.X not in house.channels:
        return None
    now = house.now()
    still = [pause for pause in pauses.in_force(session, now) if pause.channel is Channel.X]
    summary = queue.summary(session)
    return Desk(
        handle=house.settings.x_handle,
        paused=tuple(pause for pause in still if pause.until is None),
        waits=tuple(pause for pause in still if pause.until is not None),
        out_of_credits_at=pauses.last_said(session, Channel.X, NO_CREDITS),
        waiting=sum(
            count for *which, count in summary if which == [Channel.X, Order.PUBLISH, DeliveryState.PENDING]
        ),
        counts=tuple(_counts(house, session, now)),
        bills=_bills(house, session),
    )


def _counts(house: House, session: Session, now: datetime) -> Sequence[Count]:
    soon = now + timedelta(microseconds=1)  # what is counted at this very moment counts
    midnight = _begin(house, house.today())
    lately, today = calls.between(session, now - WINDOW, soon), calls.between(session, midnight, soon)
    return [
        Count(
            WORDS[limit.calls[0]],
            sum(lately[call] for call in limit.calls),
            limit.most,
            sum(today[call] for call in limit.calls),
        )
        for limit in LIMITS
    ]


def _bills(house: House, session: Session) -> tuple[Bill, Bill]:
    this = house.today().replace(day=1)
    last, following = (this - timedelta(days=1)).replace(day=1), (this + timedelta(days=31)).replace(day=1)
    return _bill(house, session, this, following), _bill(house, session, last, this)


def _bill(house: House, session: Session, first: date, after: date) -> Bill:
    asked = calls.between(session, _begin(house, first), _begin(house, after))
    return Bill(first, tuple(Line(WORDS[call], asked[call], price) for call, price in PRICES.items()))


def _begin(house: House, day: date) -> datetime:
    """When a day begins at school."""
    return datetime.combine(day, time(), house.settings.timezone)


def check(house: House, caller: Caller) -> Checked:
    """Ask X now whose keys these are; keys that are not the school's, or refused, let the channel wait from now on.

    Raises Forbidden, NotFound (no account at X).
    """
    if caller.role not in {Role.OFFICE, Role.APPROVER}:
        raise Forbidden("Only the office and the headteacher look at the school’s account.")
    place: object = house.places.get(Channel.X)
    if not isinstance(place, X):
        raise NotFound(NO_ACCOUNT)
    wrong: TransportError | None = None
    try:
        place.check_account()
    except TransportError as no:
        wrong = no
    with transaction() as session:
        now = house.now()
        if isinstance(wrong, ChannelClosed) and pauses.pause(
            session, Channel.X, Order.PUBLISH, wrong.title, now, None
        ):
            audit.note(session, now, None, "paused channel", Channel.X)
        audit.note(session, now, caller.id, "checked account", Channel.X)
        shut = any(pause.channel is Channel.X for pause in pauses.until_mended(session, now))
    if wrong is not None:
        return Checked(False, wrong.title)
    return Checked(True, RIGHT.format(handle=house.settings.x_handle) + (THEN_TRY if shut else ""))
