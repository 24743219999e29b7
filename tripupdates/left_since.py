"""What may have left the school since a backup was made, and is not in it: nothing of that is sent once more unasked.

Each takes the restore's own session and commits nothing. A restore errs to silence.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Session

from tripupdates import backups
from tripupdates.consent.requests import ConsentRequest
from tripupdates.house import House
from tripupdates.outbox import outcomes, pauses
from tripupdates.outbox.records import Delivery
from tripupdates.trips.contacts import Contact, OptOut
from tripupdates.vocabulary import BY_HAND, PAGES, TO_FAMILIES, DeliveryState, Order

NOT_KNOWN = "A backup was restored before it was sent, or after; ask again."
OTHER_KEY = (
    "This backup was restored with another SECRET_KEY, so nobody can tell any more who wanted no messages. Restore it once "
    "more with the old key; or ask families anew, note it beside their contacts, and press “Try again”."
)


def in_doubt(session: Session, now: datetime) -> int:
    """What waited for X, or for families, when the backup was made may have left since. Pages are simply written anew.

    Of what can never be looked up, as a mail by the school's own server, a person says what became of it: it is not sent
    once more by itself. Nothing passes the hold, however urgent it was.
    """
    once = sa.update(Delivery).where(Delivery.channel.in_(TO_FAMILIES)).values(doubtful=True)
    session.execute(once.execution_options(synchronize_session=False))
    session.execute(sa.update(ConsentRequest).values(doubtful=True))
    posts = sa.update(Delivery).where(
        Delivery.order == Order.PUBLISH, Delivery.channel.not_in(PAGES | BY_HAND)
    )
    links = sa.update(ConsentRequest).where(ConsentRequest.state != DeliveryState.PENDING)
    return _doubt(session, posts.values(urgent=False), Delivery, Delivery.created_at, now) + _doubt(
        session, links, ConsentRequest, ConsentRequest.asked_at, now
    )


def _doubt(
    session: Session,
    those: sa.Update,
    kind: type[Delivery] | type[ConsentRequest],
    ordered_at: orm.InstrumentedAttribute[datetime],
    now: datetime,
) -> int:
    waits = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.CHECKING)
    done = session.execute(
        those.where(kind.state.in_(waits))
        .values(
            state=DeliveryState.UNSURE,
            due=now,
            misses=0,
            unsure_since=now,
            attempted_at=sa.func.coalesce(kind.attempted_at, ordered_at),
        )
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined] # an UPDATE gives a CursorResult


def families(house: House, session: Session, manifest: Mapping[str, Any]) -> list[str]:
    """What a backup cannot know of families' numbers and addresses, and of links to the parents' form, in sentences."""
    said = []
    now = house.now()
    if stopped := _stop_asking(session, now):
        said.append(
            f"Links to the parents’ form that were to go out and were stopped: {stopped}. One that left since the backup opens "
            "nothing: ask those families again."
        )
    if session.scalar(sa.select(sa.exists(sa.select(Contact.id)))):
        said.append("Families’ numbers and addresses are those of the backup: import the newest list again.")
    nobodys = manifest.get("families") != backups.fingerprint(house.settings)
    if nobodys and session.scalar(sa.select(sa.exists(sa.select(OptOut.id)))):
        for way in TO_FAMILIES:
            pauses.pause(session, way, Order.PUBLISH, OTHER_KEY, now, None)
        said.append(OTHER_KEY)
    return said


def _stop_asking(session: Session, now: datetime) -> int:
    """A link's token is made when it is sent, so one that was sent since is in no backup. Who is asked again, a person says."""
    waiting = sa.update(ConsentRequest).where(ConsentRequest.state == DeliveryState.PENDING)
    done = session.execute(
        waiting.values(**outcomes.stopped(NOT_KNOWN, now)).execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined] # an UPDATE gives a CursorResult


def perhaps_posted(session: Session) -> int:
    """What waited to be posted by hand may have been: somebody must say so before anybody posts it again."""
    done = session.execute(
        sa.update(Delivery)
        .where(
            Delivery.order == Order.PUBLISH,
            Delivery.channel.in_(BY_HAND),
            Delivery.state == DeliveryState.PENDING,
        )
        .values(
            state=DeliveryState.SENDING,
            attempted_at=sa.func.coalesce(Delivery.attempted_at, Delivery.created_at),
        )
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined] # an UPDATE gives a CursorResult
