"""The page for the letter home: where families look, and the code, also as a square for the phone's camera. To print."""

import segno
from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from tripupdates import office
from tripupdates.database import fresh
from tripupdates.vocabulary import Role
from tripupdates.web.families import remembered_until
from tripupdates.web.guard import POSTING, allow, caller, house

bp = Blueprint("letter", __name__, url_prefix="/staff/trips/<slug>/letter")


@bp.get("")
@allow(*POSTING, Role.OFFICE)
def page(slug: str) -> ResponseReturnValue:
    """For the office, and for whoever accompanies the trip."""
    trip = office.with_code(fresh(), caller(), slug)
    base = house().settings.public_base_url
    # Behind the # it reaches neither a server nor a log: static/js/code.js puts it into the form.
    square = segno.make(f"{base}{url_for('families.code', slug=slug)}#{trip.code}", error="m")
    return render_template(
        "office/letter.html",
        trip=trip,
        address=base + url_for("families.trip_page", slug=slug),
        until=remembered_until(trip),
        picture=Markup(square.svg_inline(scale=6, dark="#000", light="#fff", border=4)),  # noqa: S704 - segno's own, of our address
    )


@bp.post("/code")
@allow(*POSTING, Role.OFFICE)
def change_code(slug: str) -> ResponseReturnValue:
    """A new code: every family's phone is asked for it."""
    office.change_code(house(), caller(), slug)
    flash("The trip has a new code. The old one no longer opens the families’ page.")
    return redirect(url_for("letter.page", slug=slug))
