"""Whether messages have reached phones and inboxes: the worker asks, less and less often, until it is settled or too late.

Nothing comes in from outside for this: no address of ours has to be open, and there is no other secret to keep.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates import to_families
from tripupdates.channels.contract import Fate, Receipts, TransportError
from tripupdates.consent.requests import ConsentRequest
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.outbox.records import Delivery
from tripupdates.vocabulary import Channel, Receipt

GIVE_UP = timedelta(hours=72)  # after it was handed over: GOV.UK Notify tries no longer
AT_ONCE = 20
AWAY = timedelta(minutes=1)  # until it is asked again where nobody answers

PROBLEMS = {
    Receipt.PERMANENT: {
        Channel.TEXT: "The last text message was not delivered: the number is not in use, or takes none.",
        Channel.EMAIL: "The last e-mail was not delivered: there is no such address, or it takes none.",
    },
    Receipt.TEMPORARY: {
        Channel.TEXT: "The last text message was not delivered: the phone was switched off for three days.",
        Channel.EMAIL: "The last e-mail was not delivered: the inbox was full, or away, for three days.",
    },
    Receipt.DELIVERED: {Channel.TEXT: "", Channel.EMAIL: ""},
}


@dataclass(frozen=True)
class Asked:
    """A message that was handed over, and is asked about."""

    kind: type[Delivery] | type[ConsentRequest]
    id: uuid.UUID
    contact_id: uuid.UUID | None
    remote_id: str
    since: datetime


def step(house: House, channel: Channel) -> bool:
    """Ask about the next few. False where none is due, or this way never tells."""
    place = house.places[channel]
    found = _due(fresh(), channel, house.now()) if isinstance(place, Receipts) else []
    if not isinstance(place, Receipts) or not found:
        return False
    fates: list[tuple[Asked, Fate | None]] = []
    for asked in found:
        try:
            fates.append((asked, place.fate(asked.remote_id)))
        except TransportError:  # whoever does not answer for one is not asked for the others now
            fates += [(each, None) for each in found[len(fates) :]]
            break
    with transaction() as session:
        for asked, fate in fates:
            _note(session, channel, asked, fate, house.now(), place.tells_after)
    return True


def _due(session: Session, channel: Channel, now: datetime) -> list[Asked]:
    found: list[Asked] = []
    for kind, contact in ((Delivery, Delivery.recipient), (ConsentRequest, ConsentRequest.contact_id)):
        rows = session.execute(
            sa.select(kind.id, contact, kind.remote_id, kind.settled_at)
            .where(kind.channel == channel, kind.ask_at <= now)
            .order_by(kind.ask_at)
            .limit(AT_ONCE)
        )
        found += [Asked(kind, *row[:3], row[3] or now) for row in rows]
    return found[:AT_ONCE]


def _note(
    session: Session, channel: Channel, asked: Asked, fate: Fate | None, now: datetime, least: timedelta
) -> None:
    """Write down what is known. While nothing is, it is asked again once as long again has passed."""
    age = now - asked.since
    known = fate.receipt if fate is not None else Receipt.WAITING
    if known is Receipt.WAITING and age < GIVE_UP:
        pause = AWAY if fate is None else max(least, min(age, GIVE_UP - age))
        values: dict[str, Any] = {"ask_at": now + pause}
    else:
        values = {"ask_at": None, "receipt": Receipt.UNKNOWN if known is Receipt.WAITING else known}
        if known in PROBLEMS:
            to_families.say(session, asked.contact_id, channel, PROBLEMS[known][channel])
    if fate is not None and fate.parts is not None:
        values["parts"] = fate.parts
    session.execute(
        sa.update(asked.kind)
        .where(asked.kind.id == asked.id, asked.kind.receipt == Receipt.WAITING)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
