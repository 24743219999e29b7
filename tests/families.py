"""Families with numbers and addresses that nobody has, and a school that reaches them by a practice Notify."""

import uuid
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from tests.factories import PUPILS, School, send, wordings
from tests.practice.running import NOTIFY_KEY, RunningNotify
from tripupdates import contacting
from tripupdates.channels.email import Mail
from tripupdates.channels.family_mail import FamilyMail
from tripupdates.channels.mail_url import MailServer
from tripupdates.channels.notify import Notify, NotifyAccount
from tripupdates.database import fresh
from tripupdates.outbox.records import Delivery
from tripupdates.trips.contacts import Contact
from tripupdates.vocabulary import TO_FAMILIES, Channel

SETTLE = timedelta(seconds=60)
NUMBERS = {name.split()[0]: f"+4477009001{at:02}" for at, name in enumerate(PUPILS)}


def reach_by_notify(school: School, peer: RunningNotify) -> None:
    """From now on this school's texts and mails go to a practice Notify, whose clock is the school's."""
    places: Any = school.house.places  # a dict underneath
    for way in TO_FAMILIES:
        account = NotifyAccount(peer.base, NOTIFY_KEY)
        places[way] = Notify(way, account, timeout=1.0, settle=SETTLE, clock=school.clock)
    peer.state.clock = school.clock


def reach_by_mail(school: School, server: MailServer) -> None:
    """From now on this school's mails to families go to a mail server of its own."""
    places: Any = school.house.places
    places[Channel.EMAIL] = FamilyMail(Mail(server, "Puddle Lane"), school.clock)


def family(school: School, pupil: str, phone: str = "", email: str = "", **more: str) -> uuid.UUID:
    """The office types a contact. Returns its id."""
    said = {"name": "", "relation": ""} | more
    contacting.keep(
        school.house, school.office, school.slug, school.pupil(pupil), None, **said, phone=phone, email=email
    )
    rows = fresh().scalars(sa.select(Contact).where(Contact.pupil_id == school.pupil(pupil)))
    return next(row.id for row in rows if (row.phone, row.email) == (phone, email))


def families(school: School) -> dict[str, uuid.UUID]:
    """A number and an address for the family of every pupil. Returns their contacts by forename."""
    return {name: family(school, name, NUMBERS[name], f"{name}@home.example") for name in NUMBERS}


def arrived(school: School, *ways: Channel) -> uuid.UUID:
    """The head has approved the ready messages for these ways, and staff have sent the first one."""
    return send(school, wordings(school, ways or (Channel.TEXT,)))


def orders(school: School, update: uuid.UUID, channel: Channel = Channel.TEXT) -> list[Delivery]:
    """The orders for single families, in the order of the register."""
    rows = fresh().scalars(
        sa.select(Delivery)
        .join(Contact, Contact.id == Delivery.recipient, isouter=True)
        .where(Delivery.update_id == update, Delivery.channel == channel)
        .order_by(Contact.phone)
    )
    return list(rows)


def states(school: School, update: uuid.UUID, channel: Channel = Channel.TEXT) -> list[str]:
    """Where they stand."""
    return [row.state.value for row in orders(school, update, channel)]
