"""Asking parents, and hearing them: personal links are made and stopped by the office; a form sent with one is an answer.

Whoever holds a link can answer for one pupil on one trip, and do nothing else. A no that comes this way takes back what
it must in the same commit (law 7). The token of a link is told once, to whoever makes it, and only its hash is kept:
every way by which a link reaches a family begins with `make`: a letter, a slip or a file here; `asking_mail` for a mail to an
address that is typed; `asking_queue` for texts and mails to the families' contacts.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates import audit, erasure, receipts, takedown, withdrawals
from tripupdates.ballast import makes_room
from tripupdates.consent import asked, links
from tripupdates.consent.links import Form, Link, Standing
from tripupdates.consent.records import Answer
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.office import trip_by_slug
from tripupdates.people.signing_in import Caller
from tripupdates.receipts import Removed
from tripupdates.takedown import Given, Source
from tripupdates.trips import records as trips
from tripupdates.trips.records import Pupil, Trip
from tripupdates.vocabulary import Channel, Forbidden, NotFound, Refused, Role
from tripupdates.withdrawals import Withdrawal

UNKNOWN = "It does not open anything. Was all of it copied or typed?"
UNKNOWN_HOW = ("It is in the letter or message from school. The school office helps if it does not work.",)
REPLACED = "This link does not work any more: the school has stopped it, and may have sent you another one."
REPLACED_HOW = (
    "Please use the newest letter or message from school.",
    "If you have no other, ask the school office. What you have answered stays as it is.",
)
OVER = "The time to answer with this link is over, for the trip was some weeks ago. What you have answered stays as it is."
OVER_HOW = (
    "You can still change your mind at any time: tell the school office, and it is done for you.",
    "They also answer any question about pictures from this trip.",
)


class NoLonger(Refused):
    """A link that did work, and does not any more."""

    status = 410


@dataclass(frozen=True)
class Made:
    """A new link for a family. The token is nowhere else: who loses it needs another link."""

    pupil_id: uuid.UUID
    link_id: uuid.UUID
    token: str = field(repr=False)


def places(house: House) -> tuple[Channel, ...]:
    """Where parents are asked for: each place with pictures to which this school publishes."""
    return tuple(channel for channel in house.pictured if channel in asked.WORDS)


def address(house: House, token: str) -> str:
    """What a family opens."""
    return f"{house.settings.public_base_url}/consent/{token}"


def make_links(
    house: House,
    caller: Caller,
    slug: str,
    pupils: Collection[uuid.UUID] | None = None,
    instead: bool = False,
) -> list[Made]:
    """A new link for each of these pupils, all of the trip where None. Earlier ones go on working, unless it is `instead`.

    Raises Forbidden, NotFound (no such trip, a pupil who is not on it), Refused (nobody to ask, the trip is long over).
    """
    _check_office(caller)
    with transaction() as session:
        trip = trip_by_slug(session, slug)
        if house.now() > trips.families_until(trip, house.settings.timezone):
            raise Refused(
                "This trip was some weeks ago, so its links no longer open. Record answers by hand."
            )
        found = [pupil for pupil in trip.pupils if pupils is None or pupil.id in pupils]
        if pupils is not None and len(found) < len(set(pupils)):
            raise NotFound("There is no such pupil on this trip.")
        if not found:
            raise Refused("There is nobody to ask.")
        if instead:
            earlier = [link.id for pupil in found for link in links.of_pupil(session, pupil.id)]
            stop(session, house, caller, earlier)
        made = [make(session, house, caller.id, pupil.id) for pupil in found]
        ids = [each.link_id for each in made]
        audit.note(session, house.now(), caller.id, "made consent links", trip.id, *ids)
    return made


def make(session: Session, house: House, by: uuid.UUID, pupil_id: uuid.UUID) -> Made:
    """In the caller's transaction: one link, and its token, which whoever asked for it must use at once."""
    made = Made(pupil_id, uuid.uuid4(), links.new_token())
    session.add(
        Link(
            id=made.link_id,
            pupil_id=pupil_id,
            mark=links.mark(made.token),
            made_by=by,
            made_at=house.now(),
        )
    )
    session.flush()
    return made


def stop_links(house: House, caller: Caller, slug: str, pupil_id: uuid.UUID) -> int:
    """Whatever link was made for this pupil opens nothing from now on. Returns how many worked. Raises Forbidden, NotFound."""
    _check_office(caller)
    with transaction() as session:
        pupil = session.get(Pupil, pupil_id)
        if pupil is None or pupil.trip.slug != slug:
            raise NotFound("There is no such pupil on this trip.")
        return stop(session, house, caller, [each.id for each in links.of_pupil(session, pupil_id)])


def stop_again(house: House, caller: Caller, link_id: uuid.UUID) -> int:
    """After a restore: what the office stopped before stays stopped. Returns 1, or 0 where there was nothing to stop."""
    with transaction() as session:
        return stop(session, house, caller, [link_id])


def stop(session: Session, house: House, caller: Caller, ids: Sequence[uuid.UUID]) -> int:
    """In the caller's transaction: these open nothing from now on, after a restore neither. Returns how many worked."""
    working = session.scalars(sa.select(Link.id).where(Link.id.in_(ids), Link.ended_at.is_(None))).all()
    if working:
        session.execute(
            sa.update(Link)
            .where(Link.id.in_(working), Link.ended_at.is_(None))
            .values(ended_at=house.now(), ended_by=caller.id)
        )
        audit.note(session, house.now(), caller.id, "stopped consent links", *working)
        withdrawals.keep(house.settings.instance, [Withdrawal(link=each) for each in working])
    return len(working)


def _check_office(caller: Caller) -> None:
    if caller.role is not Role.OFFICE:
        raise Forbidden("Only the school office can make or stop links for families.")


def standings(house: House, caller: Caller, slug: str) -> tuple[Trip, list[Standing]]:
    """Whose family has answered, and whose not: for the office, an approver, and who accompanies the trip (law 9).

    Raises NotFound for everybody else.
    """
    session = fresh()
    trip = trip_by_slug(session, slug)
    if caller.role is Role.STAFF and not trips.accompanies(session, caller.id, trip.id):
        raise NotFound("There is no such trip.")
    return trip, links.standings(session, trip, places(house))


@dataclass(frozen=True)
class Asked:
    """What opens with a link: one pupil, what holds for them now, what was sent with this link, and until when it opens."""

    pupil: Pupil
    trip: Trip
    until: datetime
    holds: Mapping[Channel, Answer]
    forms: Sequence[Form]


def opened(house: House, token: str) -> Asked:
    """What this link opens. Raises NotFound for what is no link, NoLonger where it was stopped or the trip is long over."""
    session = fresh()
    link = _open(session, house, token)
    until = trips.families_until(link.pupil.trip, house.settings.timezone)
    holds = links.latest(session, link.pupil_id)
    return Asked(link.pupil, link.pupil.trip, until, holds, links.forms_of(session, link.id))


def _open(session: Session, house: House, token: str) -> Link:
    link = links.by_token(session, token)
    if link is None:
        raise NotFound(UNKNOWN, UNKNOWN_HOW)
    if link.ended_at is not None:
        raise NoLonger(REPLACED, REPLACED_HOW)
    if house.now() > trips.families_until(link.pupil.trip, house.settings.timezone):
        raise NoLonger(OVER, OVER_HOW)
    return link


@makes_room
def answer(house: House, token: str, said: Mapping[Channel, bool]) -> str:
    """A parent answers: the form as it was sent, the answers it changes, and all that a no takes back, in one commit.

    A channel that is left out stays as it was; without any answer that is a no (law 1). The same again, while it all
    still holds, is the same form. Returns its reference. Raises NotFound, NoLonger, Refused (nothing was answered).
    """
    channels = [channel for channel in places(house) if channel in said]
    with transaction() as session:
        link = _open(session, house, token)
        if not channels:
            raise Refused("You have not chosen an answer yet. Choose yes or no for at least one place.")
        plain = {channel.value: said[channel] for channel in channels}
        same = _sent_already(session, link, plain)
        if same is not None:
            return same.reference
        form = Form(link_id=link.id, reference=links.new_reference(), said=plain, at=house.now())
        session.add(form)
        session.flush()
        audit.note(session, house.now(), None, "parent sent form", link.pupil_id, link.id, form.id)
        given = [Given(link.pupil_id, channel, said[channel]) for channel in channels]
        source = Source(f"The parents’ form, reference {form.reference}", form_id=form.id)
        taken = takedown.take_answers(session, house, link.pupil.trip_id, given, source)
        reference = form.reference
    erasure.let_go(house, taken.names)
    return reference


def _sent_already(session: Session, link: Link, plain: Mapping[str, bool]) -> Form | None:
    """A second tap on the button, or a page sent again: the form that said the same, if nothing has changed since."""
    last = next(iter(links.forms_of(session, link.id)), None)
    holds = links.latest(session, link.pupil_id)
    unchanged = all(word in holds and holds[Channel(word)].yes == yes for word, yes in plain.items())
    return last if last is not None and last.said == plain and unchanged else None


@dataclass(frozen=True)
class Receipt:
    """What a parent sent, and what came of it. `held` is what held for each place right after it.

    `refused` are the places with a no; `removed` is what had to come down for it. `changed`: another answer came since.
    """

    form: Form
    held: Mapping[Channel, Answer]
    refused: tuple[Channel, ...]
    removed: tuple[Removed, ...]
    cannot_recall: tuple[str, ...]
    changed: bool

    @property
    def whole(self) -> bool:
        """Whether every place has confirmed what had to come down."""
        return all(each.gone_at for each in self.removed)


def receipt(house: House, token: str, reference: str) -> tuple[Asked, Receipt]:
    """The receipt of a form that was sent with this very link. Raises NotFound, NoLonger."""
    about = opened(house, token)
    form = next((each for each in about.forms if each.reference == reference), None)
    if form is None:
        raise NotFound(UNKNOWN, UNKNOWN_HOW)
    session = fresh()
    held = links.latest(session, about.pupil.id, form)
    refused = tuple(Channel(word) for word, yes in form.said.items() if not yes)
    down = [
        receipts.of_answer(session, held[channel].id)
        for channel in refused
        if channel in held and not held[channel].yes
    ]
    now = {channel: each.id for channel, each in about.holds.items()}
    return about, Receipt(
        form,
        held,
        refused,
        tuple(each for one in down for each in one.removed),
        tuple(dict.fromkeys(sentence for one in down for sentence in one.cannot_recall)),
        now != {channel: each.id for channel, each in held.items()},
    )
