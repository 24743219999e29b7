"""A pupil's contacts on the office's page of that pupil: to add, change and remove, and to leave out."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tripupdates import contacting
from tripupdates.trips import contacts, numbers
from tripupdates.trips.contacts import Contact, OptOut
from tripupdates.vocabulary import TO_FAMILIES, Channel, NotFound, Refused, Role
from tripupdates.web import office
from tripupdates.web.guard import allow, caller, house

bp = Blueprint("contacts", __name__, url_prefix="/office/trips/<slug>/pupils/<uuid:pupil_id>/contacts")

WORDS = {Channel.TEXT: "Mobile", Channel.EMAIL: "E-mail"}
HOW = {
    contacting.OFFICE: "as the office noted",
    contacting.LINK: "by the link in a mail",
    contacting.FORM: "by the parents’ form",
    contacting.AGAIN: "as the log of withdrawals says",
}


@dataclass(frozen=True)
class Way:
    """One way to reach a contact. `out`: nothing goes there; `said` is how that was said."""

    channel: Channel
    words: str
    address: str = field(repr=False)
    problem: str
    out: bool
    said: str


@dataclass(frozen=True)
class Shown:
    """A contact as the page shows it; `typed` is what stands in its form."""

    contact: Contact
    ways: tuple[Way, ...]
    typed: Mapping[str, str] = field(repr=False)


def shown(session: Session, pupil_id: uuid.UUID) -> list[Shown]:
    """A pupil's contacts. After a change that was refused, what was typed stands in its form."""
    found = contacts.of_pupil(session, pupil_id)
    typed = request.form if request.endpoint == "contacts.keep" else {}
    said = _said(session, found)
    return [
        Shown(
            each,
            tuple(_way(each, channel, said) for channel in TO_FAMILIES if each.address(channel)),
            typed
            if typed.get("contact") == str(each.id)
            else {"name": each.name, "relation": each.relation, "phone": _phone(each), "email": each.email},
        )
        for each in found
    ]


def _phone(contact: Contact) -> str:
    return numbers.shown(contact.phone) if contact.phone else ""


def _mark(contact: Contact, channel: Channel) -> str:
    return contacts.mark(house().settings.families_key, channel, contact.address(channel))


def _said(session: Session, found: Sequence[Contact]) -> dict[str, OptOut]:
    marks = [_mark(each, channel) for each in found for channel in TO_FAMILIES if each.address(channel)]
    rows = session.scalars(sa.select(OptOut).where(OptOut.mark.in_(marks)).order_by(OptOut.id))
    return {row.mark: row for row in rows}


def _way(contact: Contact, channel: Channel, said: Mapping[str, OptOut]) -> Way:
    row = said.get(_mark(contact, channel))
    text = channel is Channel.TEXT
    return Way(
        channel,
        WORDS[channel],
        _phone(contact) if text else contact.email,
        contact.phone_problem if text else contact.email_problem,
        row is not None and row.out,
        HOW[row.how] if row is not None else "",
    )


def _back(slug: str, pupil_id: uuid.UUID) -> ResponseReturnValue:
    return redirect(url_for("office.pupil", slug=slug, pupil_id=pupil_id, _anchor="contacts"))


@bp.post("")
@allow(Role.OFFICE)
def keep(slug: str, pupil_id: uuid.UUID) -> ResponseReturnValue:
    """Add a contact, or change one."""
    form = request.form
    values = [form.get(name, "") for name in ("name", "relation", "phone", "email")]
    try:
        number = uuid.UUID(form["contact"]) if form.get("contact") else None
        contacting.keep(house(), caller(), slug, pupil_id, number, *values)
    except NotFound:
        raise
    except ValueError as error:
        raise NotFound("This contact is not there any more.") from error
    except Refused as refused:
        return office.pupil_page(slug, pupil_id, refused)
    flash("Kept.")
    return _back(slug, pupil_id)


@bp.post("/<uuid:contact_id>/remove")
@allow(Role.OFFICE)
def remove(slug: str, pupil_id: uuid.UUID, contact_id: uuid.UUID) -> ResponseReturnValue:
    """Delete a contact."""
    contacting.remove(house(), caller(), slug, pupil_id, contact_id)
    flash("Removed. Nothing more goes there.")
    return _back(slug, pupil_id)


@bp.post("/<uuid:contact_id>/leave-out")
@allow(Role.OFFICE)
def leave_out(slug: str, pupil_id: uuid.UUID, contact_id: uuid.UUID) -> ResponseReturnValue:
    """The office was told that somebody wants no messages, or wants them again."""
    way, is_out = request.form.get("way", ""), request.form.get("out") != "no"
    if way not in set(TO_FAMILIES):
        raise Refused("Choose whether it is about text messages or e-mails.")
    contacting.leave_out(house(), caller(), slug, pupil_id, contact_id, Channel(way), is_out)
    flash("Noted: nothing more goes there." if is_out else "Noted: messages go there again.")
    return _back(slug, pupil_id)
