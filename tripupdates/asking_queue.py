"""Links to the parents' form on their way to families' own contacts, by text or e-mail: the worker sends them one by one.

A link's token is kept nowhere, so it is made here, right before the wire, and the attempt is in the database by then
(law 6). One whose fate is unknown is looked up by its reference; where that is impossible it is sent once more, with a
link of its own, and both work. A link that surely reached nobody is deleted: nobody has its token.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from tripupdates import asking, asking_mail, audit, to_families
from tripupdates.asking_mail import SAMPLE
from tripupdates.channels.contract import Note, TransportError
from tripupdates.consent import links, requests
from tripupdates.consent.links import Link
from tripupdates.consent.requests import ConsentRequest
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.outbox import holds, outcomes, pauses
from tripupdates.outbox.outcomes import PAUSE, Tried, Values
from tripupdates.trips import contacts
from tripupdates.trips.records import families_until
from tripupdates.vocabulary import Channel, DeliveryState, Order

ANSWERED = "The family has answered meanwhile, so it was not sent."
NO_LONGER = "The trip is over, so it was not sent."


@dataclass(frozen=True)
class Job(Tried):
    """One request as it was claimed: the note that is to go out, or is looked for. It alone holds the token."""

    id: uuid.UUID
    channel: Channel
    state: DeliveryState
    pupil_id: uuid.UUID
    link_id: uuid.UUID | None
    by: uuid.UUID
    note: Note = field(repr=False)


def take_over(house: House, channel: Channel) -> None:
    """First thing in a lane: what the last holder left on the wire is unsure now."""
    place = house.places[channel]
    with transaction() as session:
        requests.take_over(session, channel, house.now(), place.longest + place.settle)


def step(house: House, channel: Channel) -> bool:
    """Send, or look up, the next one. False where there was nothing to do."""
    if requests.next_due(fresh(), channel, house.now(), _shut(house, fresh(), channel)) is None:
        return False
    job = claim(house, channel)
    if job is not None:
        carry_out(house, job)
    return True


def _shut(house: House, session: Session, channel: Channel) -> bool:
    """Whether nothing goes out by this way just now."""
    return holds.present(session) is not None or pauses.shut(session, channel, house.now()).publishing


def claim(house: House, channel: Channel) -> Job | None:
    """Take the next request, make its link, and write the attempt down. None where there is nothing to send any more."""
    with transaction() as session:
        now = house.now()
        row = requests.next_due(session, channel, now, _shut(house, session, channel))
        if row is None:
            return None
        if row.state is DeliveryState.UNSURE:
            requests.settle(session, row.id, row.state, state=DeliveryState.CHECKING)
            text = asking_mail.text_words(house, row.pupil, SAMPLE, again=False)
            return _job(row, DeliveryState.CHECKING, Note("", text, "", str(row.id)), now)
        to, why_not = _may_still_go(house, session, row)
        if why_not:
            requests.settle(session, row.id, row.state, **outcomes.stopped(why_not, now))
            return None
        again = asking_mail.asked_before(house, session, row.pupil_id)
        made = asking.make(session, house, row.asked_by, row.pupil_id)
        values = {"attempts": row.attempts + 1, "attempted_at": now, "link_id": made.link_id}
        requests.settle(session, row.id, row.state, state=DeliveryState.SENDING, **values)
        audit.note(session, now, row.asked_by, "sending consent link", row.pupil_id, made.link_id, channel)
        note = _note(house, row, to, made.token, again)
        session.refresh(row)
        return _job(row, DeliveryState.SENDING, note, now)


def _job(row: ConsentRequest, state: DeliveryState, note: Note, now: datetime) -> Job:
    return Job(
        attempts=row.attempts,
        misses=row.misses,
        since=row.attempted_at or now,
        unsure_since=row.unsure_since or now,
        created_at=row.asked_at,
        doubtful=row.doubtful,
        id=row.id,
        channel=row.channel,
        state=state,
        pupil_id=row.pupil_id,
        link_id=row.link_id,
        by=row.asked_by,
        note=note,
    )


def _may_still_go(house: House, session: Session, row: ConsentRequest) -> tuple[str, str]:
    """Right before the wire: where it goes, and '', or '' and why it goes nowhere any more."""
    if house.now() > families_until(row.pupil.trip, house.settings.timezone):
        return "", NO_LONGER
    answered = links.latest(session, row.pupil_id)
    if all(each in answered for each in asking.places(house)):
        return "", ANSWERED
    return contacts.where(session, house.settings.families_key, row.contact_id, row.channel)


def _note(house: House, row: ConsentRequest, to: str, token: str, again: bool) -> Note:
    if row.channel is Channel.TEXT:
        return Note(to, asking_mail.text_words(house, row.pupil, token, again), "", str(row.id))
    return to_families.mail(house, to, asking_mail.words(house, row.pupil, token, again), str(row.id))


def carry_out(house: House, job: Job) -> None:
    """Hand it over, or look for it, and write down what came of it."""
    place, now = house.places[job.channel], house.now
    if job.state is DeliveryState.CHECKING:
        look = partial(place.look_up, job.note, job.since, ())
        _settle(house, job, outcomes.looked(place, job, look, now()))
        return
    try:
        values = outcomes.sent(place.publish(job.note), now())
    except TransportError as no:
        values = outcomes.after(place, job, no, now())
    _settle(house, job, values)


_NOTHING_LEFT = (DeliveryState.PENDING, DeliveryState.REFUSED, DeliveryState.NEEDS_PERSON)


def _settle(house: House, job: Job, values: Values) -> None:
    no, state = values.pop(PAUSE, None), values["state"]
    values.pop("link", None)
    if state is DeliveryState.SENT:
        values |= to_families.handed_over(house, job.channel, job.note.text)
    reached_nobody = job.state is DeliveryState.SENDING and state in _NOTHING_LEFT
    with transaction() as session:
        now = house.now()
        if no is not None and pauses.because(session, job.channel, Order.PUBLISH, no, now):
            audit.note(session, now, None, "paused channel", job.channel)
        if not requests.settle(
            session, job.id, job.state, **values, **({"link_id": None} if reached_nobody else {})
        ):
            return
        if reached_nobody:
            session.delete(session.get_one(Link, job.link_id))
            audit.note(session, now, None, "consent link not sent", job.pupil_id, job.link_id, job.channel)
        if state is DeliveryState.REFUSED:
            to_families.say(
                session, session.get_one(ConsentRequest, job.id).contact_id, job.channel, values["problem"]
            )
        if state is DeliveryState.SENT:
            audit.note(session, now, None, "sent consent link", job.pupil_id, job.link_id, job.channel)
