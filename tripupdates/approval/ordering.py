"""From a decision to the outbox: the orders that an approved version gives, in the transaction of whoever decides."""

from sqlalchemy.orm import Session

from tripupdates.approval.records import Update, Version
from tripupdates.approval.rules import photos_by_channel
from tripupdates.approval.timing import NOW, When
from tripupdates.house import House
from tripupdates.outbox import queue
from tripupdates.vocabulary import Kind, Order


def publish(session: Session, house: House, update: Update, version: Version, when: When = NOW) -> None:
    """Order a version on each of its channels, now or when it is time. The same again orders nothing twice."""
    for channel in photos_by_channel(version.manifest):
        queue.enqueue(
            session,
            Order.PUBLISH,
            channel,
            update.id,
            version.id,
            house.now(),
            not_before=when.at,
            until_left=when.once_left,
            urgent=update.kind is Kind.URGENT,
        )
