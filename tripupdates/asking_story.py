"""How a family was asked and what came of it, in plain words, from the audit's lines: for the office. Reads only."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates.audit import Line
from tripupdates.consent.links import Form, Link
from tripupdates.people.records import Person
from tripupdates.story import Told
from tripupdates.vocabulary import Channel

# {who} of the school did it; {reference} is of the form that the line is about, {way} is how it went. No address is in any
# of them (law 10).
SENTENCES = {
    "made consent links": "{who} made a link for the family.",
    "stopped consent links": "{who} stopped a link.",
    "mailing consent link": "{who} had a link sent by e-mail.",
    "mailed consent link": "The mail server took that mail.",
    "consent link not mailed": "The mail server did not take that mail, so its link was stopped.",
    "sending consent link": "{who} had a link sent to the family, {way}.",
    "sent consent link": "It is on its way, {way}.",
    "consent link not sent": "It could not be sent {way}, so its link was deleted.",
    "parent sent form": "The family sent the form, reference {reference}.",
}
WAYS: dict[str, str] = {Channel.TEXT: "by text message", Channel.EMAIL: "by e-mail"}


def told(session: Session, pupil_id: uuid.UUID, links: Sequence[Link]) -> list[Told]:
    """What happened about this pupil's links, the newest first."""
    ids = [str(pupil_id), *(str(link.id) for link in links)]
    about = sa.or_(*(Line.subject.contains(each) for each in ids))
    lines = session.scalars(sa.select(Line).where(Line.event.in_(SENTENCES), about).order_by(Line.id.desc()))
    names = {str(person): name for person, name in session.execute(sa.select(Person.id, Person.name))}
    forms = sa.select(Form).where(Form.link_id.in_([link.id for link in links]))
    references = {str(form.id): form.reference for form in session.scalars(forms)}
    return [
        Told(
            line.at,
            SENTENCES[line.event].format(
                who=names.get(line.by, "Somebody"),
                reference=references.get(line.subject.split()[-1], ""),
                way=WAYS.get(line.subject.split()[-1], ""),
            ),
        )
        for line in lines
    ]
