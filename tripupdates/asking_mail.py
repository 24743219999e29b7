"""A parents' form by e-mail: one new link, to one address, at once. The address is used and not kept.

That the mail is on its way is in the audit before the wire (law 6). A link that surely reached nobody is stopped.
"""

import uuid

from sqlalchemy.orm import Session

from tripupdates import audit
from tripupdates.asking import address, make_links, places, stop
from tripupdates.channels.contract import OutcomeUnknown, TransportError
from tripupdates.channels.email import Letter
from tripupdates.channels.mail_url import one_address
from tripupdates.consent import links
from tripupdates.database import fresh, transaction
from tripupdates.house import House
from tripupdates.people.signing_in import Caller
from tripupdates.telling import letters
from tripupdates.telling.letters import Said
from tripupdates.trips import contacts
from tripupdates.trips.records import Pupil, families_until
from tripupdates.vocabulary import Channel, Refused

SAMPLE = "-".join(["abcd"] * links.TOKEN_GROUPS)  # as long as any token: for what a text would be charged as
NO_SERVER = "The school has not set up a mail server. Print a letter instead."
NO_ADDRESS = "That is not an e-mail address. Check it, and send it again."
WANTS_NONE = (
    "Somebody at this address wants no mails. Print a letter instead; or, where they want mails again, note that beside their "
    "contact first."
)
PERHAPS = (
    "The mail may have arrived, or not: the mail server hung up. Ask the family before you send it again."
)


def mail_link(house: House, caller: Caller, slug: str, pupil_id: uuid.UUID, typed: str) -> None:
    """Mail a new link for this pupil to one address; earlier links go on working. Returns once the server has it.

    A family that was asked before and left a place open reads that it is a reminder. Raises Forbidden, NotFound, Refused
    (no server, no address, somebody there wants no mails, the server did not take it, or nobody knows).
    """
    if house.mail is None:
        raise Refused(NO_SERVER)
    try:
        to = one_address(typed.strip())
    except ValueError as error:
        raise Refused(NO_ADDRESS) from error
    mark = contacts.mark(house.settings.families_key, Channel.EMAIL, to)
    if contacts.out(fresh(), [mark]):
        raise Refused(WANTS_NONE)
    again = asked_before(house, fresh(), pupil_id)
    (made,) = make_links(house, caller, slug, [pupil_id])
    said = words(house, fresh().get_one(Pupil, pupil_id), made.token, again)
    text, html = letters.letter(said, house.settings.public_base_url, house.settings.school_name)
    with transaction() as session:
        audit.note(session, house.now(), caller.id, "mailing consent link", pupil_id, made.link_id)
    try:
        house.mail.send(Letter(to, said.title, text, html, house.now(), made.link_id.hex))
    except OutcomeUnknown as unknown:
        raise Refused(PERHAPS) from unknown
    except TransportError as no:
        with transaction() as session:
            stop(session, house, caller, [made.link_id])
            audit.note(session, house.now(), caller.id, "consent link not mailed", pupil_id, made.link_id)
        raise Refused(f"It was not sent. {no.title}") from no
    with transaction() as session:
        audit.note(session, house.now(), caller.id, "mailed consent link", pupil_id, made.link_id)


def asked_before(house: House, session: Session, pupil_id: uuid.UUID) -> bool:
    """Whether a link was made for this pupil before, and some place is still open."""
    answered = links.latest(session, pupil_id)
    return bool(links.of_pupil(session, pupil_id)) and any(each not in answered for each in places(house))


def words(house: House, pupil: Pupil, token: str, again: bool) -> Said:
    """What a mail says. As the form does, it names the first name and the trip; the subject names no child at all."""
    trip, child = pupil.trip, pupil.forename
    last = families_until(trip, house.settings.timezone)
    reminder = (
        "You may have had a letter about this already. If you left something open on purpose, that is fine: it stays a no.",
    )
    lines = (
        f"This is about {child}, and about pictures from {trip.name}. For each place where pictures can appear, we ask "
        "you: yes or no?",
        *(reminder if again else ()),
        f"Either answer is fine, and {child} takes part in everything all the same. Without an answer it is a no.",
        f"With the same link you can change your answers at any time until {last.day} {last:%B %Y}. It is for {child} "
        f"and this trip alone: please do not pass it on, for whoever has it can answer for {child}.",
    )
    title = f"{trip.name}: may your child be in pictures?"
    return Said(f"Reminder: {title}" if again else title, lines, "Answer here", f"/consent/{token}")


def text_words(house: House, pupil: Pupil, token: str, again: bool) -> str:
    """The same in a text message: as short as it can be said."""
    asked = f"may {pupil.forename} be in pictures? Please answer yes or no for each place here: {address(house, token)}"
    return f"{pupil.trip.name}: {'a reminder, ' if again else ''}{asked} Without an answer it is a no."
