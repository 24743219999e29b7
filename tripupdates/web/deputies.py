"""Who decides on a trip's updates while the headteacher cannot: for the headteacher and the office."""

import uuid
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tripupdates import deputising
from tripupdates.approval.deputies import approvers, still_to_come
from tripupdates.database import fresh
from tripupdates.office import trip_by_slug
from tripupdates.people.records import everyone
from tripupdates.vocabulary import Refused, Role
from tripupdates.web.guard import allow, caller, house

bp = Blueprint("deputies", __name__, url_prefix="/review/trips")


@bp.get("/<slug>/deputies")
@allow(Role.APPROVER, Role.OFFICE)
def page(slug: str) -> ResponseReturnValue:
    """Who decides now, who was appointed, and the form to appoint somebody."""
    return _page(slug)


@bp.post("/<slug>/deputies")
@allow(Role.APPROVER, Role.OFFICE)
def appoint(slug: str) -> ResponseReturnValue:
    """Appoint somebody."""
    try:
        person, first, last = _read()
        deputising.appoint(house(), caller(), slug, person, first, last)
    except Refused as refused:
        return _page(slug, refused)
    flash("They can decide on this trip’s updates on those days.")
    return redirect(url_for("deputies.page", slug=slug))


def _read() -> tuple[uuid.UUID, date, date]:
    try:
        person = uuid.UUID(request.form.get("person", ""))
    except ValueError as error:
        raise Refused("Choose a person.") from error
    try:
        return person, date.fromisoformat(request.form["first"]), date.fromisoformat(request.form["last"])
    except (KeyError, ValueError) as error:
        raise Refused("Give the first and the last day, for example 2027-05-03.") from error


@bp.post("/<slug>/deputies/<int:deputy_id>/end")
@allow(Role.APPROVER, Role.OFFICE)
def end(slug: str, deputy_id: int) -> ResponseReturnValue:
    """End it at once."""
    deputising.end(house(), caller(), deputy_id)
    flash("That has ended.")
    return redirect(url_for("deputies.page", slug=slug))


def _page(slug: str, refused: Refused | None = None) -> ResponseReturnValue:
    session = fresh()
    trip = trip_by_slug(session, slug)
    along = {person.id for person in trip.staff}
    page = render_template(
        "review/deputies.html",
        trip=trip,
        deciding=approvers(session, trip.id, house().now()),
        deputies=still_to_come(session, trip.id, house().now()),
        people=[
            person
            for person in everyone(session)
            if person.active and person.role is Role.STAFF and person.id not in along
        ],
        refused=refused,
        form=request.form,
    )
    return page, refused.status if refused else 200
