"""Asking all families who have not answered, at the numbers and addresses that the school has: how many, at what price, and go.

The office orders; the worker makes each link as it sends it (`asking_queue`). Nobody is reminded by a clock: not to answer
is a family's right, so the office looks at who has not, and presses.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from tripupdates import asking, asking_mail, audit, prices
from tripupdates.asking_mail import SAMPLE
from tripupdates.consent import links, requests
from tripupdates.consent.requests import ConsentRequest
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.office import trip_by_slug
from tripupdates.people.signing_in import Caller
from tripupdates.prices import Quote
from tripupdates.trips import contacts
from tripupdates.trips.contacts import Contact
from tripupdates.trips.records import Pupil, Trip, families_until
from tripupdates.vocabulary import TO_FAMILIES, Channel, Conflict, DeliveryState, Forbidden, Refused, Role

LATELY = timedelta(hours=24)  # nobody is asked twice by one way within that

MORE = "There are more families to ask by now than the page said. Look at the number and the price again."
NO_WAY = "The school has not set up this way. Print letters instead."
OVER = "This trip was some weeks ago, so its links no longer open. Record answers by hand."


@dataclass(frozen=True)
class Offer:
    """Asking all who have not answered, by one way: whom it reaches, and what that takes.

    `families` counts pupils. Left aside are those who were asked this way within a day (`lately`), without a number or an
    address (`without`), and numbers or addresses where somebody wants no messages (`left_out`).
    """

    to: tuple[tuple[Pupil, Contact], ...]
    quote: Quote
    lately: int
    without: int
    left_out: int

    @property
    def families(self) -> int:
        """How many families are asked."""
        return len({pupil.id for pupil, _ in self.to})


def offer(house: House, slug: str, channel: Channel) -> Offer:
    """What asking by this way would do now. Raises NotFound, Refused (no such way)."""
    session = fresh()
    return _offer(house, session, trip_by_slug(session, slug), channel)


def _offer(house: House, session: Session, trip: Trip, channel: Channel) -> Offer:
    if channel not in TO_FAMILIES or channel not in house.places:
        raise Refused(NO_WAY)
    key, now = house.settings.families_key, house.now()
    lately = requests.asked_since(session, trip.id, channel, now - LATELY)
    open_ones = [each for each in links.standings(session, trip, asking.places(house)) if each.left]
    waiting = [each.pupil for each in open_ones]
    asked_before = {each.pupil.id for each in open_ones if each.asked_at}
    by_pupil = contacts.by_pupil(session, trip.id, channel)
    found = [(pupil, each) for pupil in waiting for each in by_pupil.get(pupil.id, ())]
    marks = {each.id: contacts.mark(key, channel, each.address(channel)) for _, each in found}
    out = contacts.out(session, set(marks.values()))
    to = [
        (pupil, each)
        for pupil, each in found
        if marks[each.id] not in out and (pupil.id, each.id) not in lately
    ]
    texts = [
        (each.address(channel), asking_mail.text_words(house, pupil, SAMPLE, pupil.id in asked_before))
        for pupil, each in to
    ]
    return Offer(
        tuple(to),
        prices.quote(house, session, channel, texts),
        len({pupil.id for pupil, each in found if (pupil.id, each.id) in lately}),
        sum(pupil.id not in by_pupil for pupil in waiting),
        len(set(marks.values()) & out),
    )


def ask(house: House, caller: Caller, slug: str, channel: Channel, seen: int) -> int:
    """Order a link for each contact of those who have not answered, at most the `seen` ones that the page told of.

    Returns how many. Whoever was asked by this way within a day is not asked again, so a double press changes nothing.
    Raises Forbidden, NotFound, Refused (no such way, nobody to ask, the trip is long over), Conflict (there are more by now).
    """
    if caller.role is not Role.OFFICE:
        raise Forbidden("Only the school office asks families.")
    with transaction() as session:
        trip = trip_by_slug(session, slug)
        if house.now() > families_until(trip, house.settings.timezone):
            raise Refused(OVER)
        to = _offer(house, session, trip, channel).to
        if not to:
            raise Refused("There is nobody left to ask by this way just now.")
        if len(to) > seen:
            raise Conflict(MORE)
        for pupil, contact in to:
            session.add(
                ConsentRequest(
                    pupil_id=pupil.id,
                    contact_id=contact.id,
                    channel=channel,
                    asked_by=caller.id,
                    asked_at=house.now(),
                    state=DeliveryState.PENDING,
                    due=house.now(),
                )
            )
        session.flush()
        audit.note(session, house.now(), caller.id, "asked families", trip.id, channel, len(to))
    return len(to)


def stuck(slug: str) -> dict[Channel, list[ConsentRequest]]:
    """The requests of a trip that only a person can bring on, by way. Raises NotFound."""
    session = fresh()
    rows = requests.of_trip(session, trip_by_slug(session, slug).id, DeliveryState.NEEDS_PERSON)
    found = {way: [row for row in rows if row.channel is way] for way in TO_FAMILIES}
    return {way: those for way, those in found.items() if those}


def try_again(house: House, caller: Caller, slug: str, channel: Channel) -> int:
    """A person has mended what was in the way: requests of a trip that wait for one go on. Returns how many."""
    if caller.role is not Role.OFFICE:
        raise Forbidden("Only the school office asks families.")
    now, count = house.now(), 0
    with transaction() as session:
        trip = trip_by_slug(session, slug)
        for row in requests.of_trip(session, trip.id, DeliveryState.NEEDS_PERSON):
            to = DeliveryState.PENDING if row.attempted_at is None else DeliveryState.UNSURE
            values = {"due": now, "misses": 0, "unsure_since": now, "asked_at": now}
            count += row.channel is channel and requests.settle(
                session, row.id, row.state, state=to, **values
            )
    return count
