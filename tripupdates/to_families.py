"""What goes to each family by text or e-mail: the finished note, what it is charged as, and what is said of it later.

Commits nothing. Who is asked, and that it was approved, are questions for others: `publishing.may_still_go`.
"""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from tripupdates import stopping
from tripupdates.approval.records import Update, Version
from tripupdates.channels import fragments
from tripupdates.channels.contract import Note, Receipts
from tripupdates.house import House
from tripupdates.live import words
from tripupdates.outbox.records import Delivery
from tripupdates.telling import letters
from tripupdates.telling.letters import Said
from tripupdates.trips import contacts
from tripupdates.trips.contacts import Contact
from tripupdates.vocabulary import Channel, Receipt

LONGEST_SUBJECT = 78  # characters, so that no mail program cuts the words


def note(house: House, session: Session, update: Update, version: Version, delivery: Delivery) -> Note | None:
    """The message to one contact, read afresh; None where it may not go there any more."""
    key = house.settings.families_key
    to, _ = contacts.where(session, key, delivery.recipient, delivery.channel)
    text = words(version, delivery.channel)
    if not to:
        return None
    if delivery.channel is Channel.TEXT:
        return Note(to, text, "", str(delivery.id))
    trip = update.trip.name if update.trip else house.settings.school_name
    said = Said(trip, tuple(text.split("\n\n")), "", "")
    return mail(house, to, said, str(delivery.id), _subject(trip, version.manifest.get("title") or text))


def mail(house: House, to: str, said: Said, reference: str, subject: str = "") -> Note:
    """A mail to one address, with the way to ask for no more. Its subject is its title, unless another one is given."""
    stop = stopping.address(house.settings, contacts.mark(house.settings.families_key, Channel.EMAIL, to))
    text, html = letters.letter(said, house.settings.public_base_url, house.settings.school_name, stop)
    return Note(to, text, subject or said.title, reference, html, stop)


def _subject(trip: str, words: str) -> str:
    """The words themselves where they are short, so that a look at the inbox is enough."""
    short = f"{words} ({trip})"
    return short if len(short) <= LONGEST_SUBJECT and "\n" not in short else f"{trip}: a message from school"


def handed_over(house: House, channel: Channel, text: str) -> dict[str, Any]:
    """What is written down once a message is there: its parts, and when to ask what became of it."""
    place = house.places[channel]
    asks = isinstance(place, Receipts)
    return {
        "parts": charged_as(house, channel, text),
        "receipt": Receipt.WAITING if asks else None,
        "ask_at": house.now() + place.tells_after if isinstance(place, Receipts) else None,
    }


def charged_as(house: House, channel: Channel, text: str) -> int:
    """How many parts a message is charged as; 0 for whatever costs nothing."""
    return fragments.parts(text, house.settings.notify_prefix) if channel is Channel.TEXT else 0


def say(session: Session, contact_id: uuid.UUID | None, channel: Channel, problem: str) -> None:
    """Tell the office, beside the contact, what became of the last message to it; '' where it arrived."""
    contact = session.get(Contact, contact_id) if contact_id is not None else None
    if contact is not None:
        contact.say(channel, problem[:200])
