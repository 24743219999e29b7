"""From a decision to the outbox: the orders that an approved version gives, in the transaction of whoever decides."""

import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from tripupdates.approval.records import Update, Version
from tripupdates.approval.rules import photos_by_channel
from tripupdates.approval.timing import NOW, When
from tripupdates.house import House
from tripupdates.outbox import queue
from tripupdates.trips import contacts
from tripupdates.vocabulary import TO_FAMILIES, Channel, Kind, Order


def publish(session: Session, house: House, update: Update, version: Version, when: When = NOW) -> None:
    """Order a version on each of its channels, now or when it is time. The same again orders nothing twice.

    On the ways that go to each family there is one order for each contact. Whom it goes to is decided now: whoever wants
    no messages is left out. The worker asks again right before it sends (law 3 in spirit).
    """
    for channel in photos_by_channel(version.manifest):
        for recipient in _recipients(house, session, update, channel):
            queue.enqueue(
                session,
                Order.PUBLISH,
                channel,
                update.id,
                version.id,
                house.now(),
                not_before=when.at,
                until_left=when.once_left,
                recipient=recipient,
                urgent=update.kind is Kind.URGENT,
            )


def _recipients(
    house: House, session: Session, update: Update, channel: Channel
) -> Sequence[uuid.UUID | None]:
    """The contacts of the trip that it goes to; [None] for a place that everybody looks at."""
    if channel not in TO_FAMILIES:
        return [None]
    if update.trip is None:
        return []  # numbers and addresses were given for a trip
    return [each.id for each in contacts.reach(session, house.settings.families_key, update.trip, channel).to]
