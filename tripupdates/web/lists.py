"""Lists of pupils and of consent, as files. What a file says is shown before it counts."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tripupdates import office
from tripupdates.consent.records import current
from tripupdates.consent.register import ConsentReading
from tripupdates.database import fresh
from tripupdates.trips.records import Pupil, Trip
from tripupdates.trips.register import NeedsMapping
from tripupdates.vocabulary import Channel, Refused, Role
from tripupdates.web.guard import allow, caller, house
from tripupdates.web.office import recorded, trip_page
from tripupdates.web.office_forms import SentFile, columns, sent_file

bp = Blueprint("lists", __name__, url_prefix="/office/trips")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _with_file(
    slug: str, kind: str, page: Callable[[str, SentFile], ResponseReturnValue]
) -> ResponseReturnValue:
    """Answer with `page` for the file that was sent; ask for its columns where its headings do not tell."""
    sent = SentFile(b"", None)
    try:
        sent = sent_file()
        return page(slug, sent)
    except NeedsMapping as asked:
        about = _about_file(slug, kind, sent)
        return render_template("office/columns.html", **about, asked=asked), asked.status
    except Refused as refused:
        return trip_page(slug, refused)


def _about_file(slug: str, kind: str, sent: SentFile) -> dict[str, Any]:
    """What every page about a file shows."""
    trip = office.trip_by_slug(fresh(), slug)
    return {"trip": trip, "kind": kind, "fields": columns(kind), "sent": sent}


@bp.post("/<slug>/register")
@allow(Role.OFFICE)
def register(slug: str) -> ResponseReturnValue:
    """Show what a list of pupils says and what importing it would do. Nothing is kept."""
    return _with_file(slug, "register", _register_page)


def _register_page(slug: str, sent: SentFile) -> ResponseReturnValue:
    preview = office.preview_register(slug, sent.data, sent.columns)
    return render_template("office/register.html", **_about_file(slug, "register", sent), preview=preview)


@bp.post("/<slug>/register/confirm")
@allow(Role.OFFICE)
def register_confirm(slug: str) -> ResponseReturnValue:
    """Bring the trip's list to what the file says."""
    return _with_file(slug, "register", _import_register)


def _import_register(slug: str, sent: SentFile) -> ResponseReturnValue:
    despite = request.form.get("despite") == "yes"
    done = office.import_register(house(), caller(), slug, sent.data, sent.columns, despite)
    new, changed, others = len(done.new), len(done.changed), done.contacts
    said = f"{_count(new, 'pupil')} added, {changed} changed." if new or changed else ""
    if others:
        said += f" Contacts: {others.new} added, {others.changed} changed, {others.gone} removed."
    flash(said.strip() or "Nothing was changed: the trip’s list says the same as the file.")
    return redirect(url_for("office.trip", slug=slug))


@bp.post("/<slug>/consent")
@allow(Role.OFFICE)
def consent(slug: str) -> ResponseReturnValue:
    """Show what a consent file says and what it would take down. Nothing is kept."""
    return _with_file(slug, "consent", _consent_page)


def _consent_page(slug: str, sent: SentFile, refused: Refused | None = None) -> ResponseReturnValue:
    reading = office.preview_consent(slug, sent.data, sent.columns)
    about = _about_file(slug, "consent", sent)
    given = current(fresh(), about["trip"].id)
    refusals = [row for row in reading.answers if not row.yes]
    page = render_template(
        "office/consent.html",
        **about,
        reading=reading,
        rows=_by_pupil(about["trip"], reading),
        given=given,
        ending=sum(row.channel in given.get(uuid.UUID(row.pupil_id), ()) for row in refusals),
        refused=refused,
    )
    return page, refused.status if refused else 200


def _by_pupil(trip: Trip, reading: ConsentReading) -> list[tuple[Pupil, dict[Channel, Any]]]:
    """The pupils who are in the file, each with the answer found for a channel, or None where it is blank."""
    answers = {(row.pupil_id, row.channel): row for row in reading.answers}
    return [
        (pupil, {channel: answers.get((str(pupil.id), channel)) for channel in house().pictured})
        for pupil in trip.pupils
        if str(pupil.id) not in reading.silent
    ]


@bp.post("/<slug>/consent/confirm")
@allow(Role.OFFICE)
def consent_confirm(slug: str) -> ResponseReturnValue:
    """Record the answers of a consent file."""
    return _with_file(slug, "consent", _import_consent)


def _import_consent(slug: str, sent: SentFile) -> ResponseReturnValue:
    note = request.form.get("note", "")
    try:
        _, new, refusals = office.import_consent(house(), caller(), slug, sent.data, note, sent.columns)
    except Refused as refused:
        return _consent_page(slug, sent, refused)
    flash(recorded(new, refusals))
    return redirect(url_for("office.trip", slug=slug))
