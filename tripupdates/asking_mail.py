"""A parents' form by e-mail: one new link, to one address, at once. The address is used and not kept.

That the mail is on its way is in the audit before the wire (law 6). A link that surely reached nobody is stopped.
"""

import uuid

from tripupdates import audit
from tripupdates.asking import make_links, places, stop
from tripupdates.channels.contract import OutcomeUnknown, TransportError
from tripupdates.channels.email import Letter
from tripupdates.channels.mail_url import one_address
from tripupdates.consent import links
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.people.signing_in import Caller
from tripupdates.telling import letters
from tripupdates.telling.letters import Said
from tripupdates.trips.records import Pupil, families_until
from tripupdates.vocabulary import Refused

NO_SERVER = "The school has not set up a mail server. Print a letter instead."
NO_ADDRESS = "That is not an e-mail address. Check it, and send it again."
PERHAPS = (
    "The mail may have arrived, or not: the mail server hung up. Ask the family before you send it again."
)


def mail_link(house: House, caller: Caller, slug: str, pupil_id: uuid.UUID, address: str) -> None:
    """Mail a new link for this pupil to one address; earlier links go on working. Returns once the server has it.

    Whoever keeps addresses of families calls this once for each: a link cannot wait in a queue, for it is kept nowhere.

    A family that was asked before and left a place open reads that it is a reminder. Raises Forbidden, NotFound, Refused
    (no server, no address, the server did not take it, or nobody knows).
    """
    if house.mail is None:
        raise Refused(NO_SERVER)
    try:
        to = one_address(address.strip())
    except ValueError as error:
        raise Refused(NO_ADDRESS) from error
    again = _asked_before(house, pupil_id)
    (made,) = make_links(house, caller, slug, [pupil_id])
    text, html, title = _words(house, fresh().get_one(Pupil, pupil_id), made.token, again)
    with transaction() as session:
        audit.note(session, house.now(), caller.id, "mailing consent link", pupil_id, made.link_id)
    try:
        house.mail.send(Letter(to, title, text, html, house.now(), made.link_id.hex))
    except OutcomeUnknown as unknown:
        raise Refused(PERHAPS) from unknown
    except TransportError as no:
        with transaction() as session:
            stop(session, house, caller, [made.link_id])
            audit.note(session, house.now(), caller.id, "consent link not mailed", pupil_id, made.link_id)
        raise Refused(f"It was not sent. {no.title}") from no
    with transaction() as session:
        audit.note(session, house.now(), caller.id, "mailed consent link", pupil_id, made.link_id)


def _asked_before(house: House, pupil_id: uuid.UUID) -> bool:
    """Whether a link was made for this pupil before, and some place is still open."""
    session = fresh()
    answered = links.latest(session, pupil_id)
    return bool(links.of_pupil(session, pupil_id)) and any(each not in answered for each in places(house))


def _words(house: House, pupil: Pupil, token: str, asked_before: bool) -> tuple[str, str, str]:
    """Text, HTML and subject. As the form does, they name the first name and the trip; the subject no child at all."""
    trip, child = pupil.trip, pupil.forename
    last = families_until(trip, house.settings.timezone)
    again = (
        "You may have had a letter about this already. If you left something open on purpose, that is fine: it stays a no.",
    )
    lines = (
        f"This is about {child}, and about pictures from {trip.name}. For each place where pictures can appear, we ask "
        "you: yes or no?",
        *(again if asked_before else ()),
        f"Either answer is fine, and {child} takes part in everything all the same. Without an answer it is a no.",
        f"With the same link you can change your answers at any time until {last.day} {last:%B %Y}. It is for {child} "
        f"and this trip alone: please do not pass it on, for whoever has it can answer for {child}.",
    )
    title = f"{trip.name}: may your child be in pictures?"
    said = Said(f"Reminder: {title}" if asked_before else title, lines, "Answer here", f"/consent/{token}")
    text, html = letters.letter(said, house.settings.public_base_url, house.settings.school_name)
    return text, html, said.title
