"""What the school itself says: what has been written, a new one of each kind, and sending what is urgent alone.

A draft is changed on the same page as an update of a trip (`web/staff.py`).
"""

import uuid
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tripupdates import picturing, school
from tripupdates.approval import standings
from tripupdates.approval.records import Update
from tripupdates.database import fresh
from tripupdates.vocabulary import (
    KIND_NAMES,
    OF_THE_SCHOOL,
    TO_FAMILIES,
    Kind,
    NotFound,
    Refused,
    Role,
    UpdateState,
)
from tripupdates.web import forms, newsletters, staff
from tripupdates.web.guard import allow, caller, house, proving

bp = Blueprint("school", __name__, url_prefix="/staff/school")

MOST = 40
WRITTEN_HERE = (Kind.NEWS, Kind.NOTICE, Kind.NEWSLETTER)


@bp.get("/")
@allow(*Role)
def home() -> ResponseReturnValue:
    """What the school has said lately, and is about to."""
    now = house().now()
    found = [
        (update, _standings(update), update.expires_at is not None and update.expires_at <= now)
        for update in school.written(house(), caller(), MOST)
    ]
    kinds = [(kind, KIND_NAMES[kind]) for kind in WRITTEN_HERE]
    return render_template("school/list.html", updates=found, kinds=kinds)


def _standings(update: Update) -> tuple[standings.Standing, ...]:
    published = update.state in {UpdateState.APPROVED, UpdateState.TAKEN_DOWN}
    return (
        standings.standings(house(), fresh(), update, update.version) if published and update.version else ()
    )


@bp.get("/new/<kind>")
@allow(*Role)
def new(kind: str) -> ResponseReturnValue:
    """A blank one. Its ids are made as the page opens, so that sending the form twice makes one."""
    if kind not in OF_THE_SCHOOL:
        raise NotFound("There is no such thing to write.")
    school.check_may_write(caller(), Kind(kind))
    return render_template(
        "school/new.html",
        kind=Kind(kind),
        name=KIND_NAMES[Kind(kind)],
        update_id=uuid.uuid4(),
        photo_ids=[uuid.uuid4() for _ in range(picturing.MOST_PHOTOS)],
        places=house().offered(Kind(kind)),
        to_families=TO_FAMILIES,
        until=_evening() if kind == Kind.URGENT else "",
        trips=school.running(house(), fresh()) if kind == Kind.URGENT else (),
        paper=None,
        **newsletters.asked(),
    )


def _evening() -> str:
    """Whoever is in a hurry need not think of a day: eight hours from now, on the hour, as a datetime field has it."""
    local = (house().now() + timedelta(hours=8)).astimezone(house().settings.timezone)
    return f"{local.replace(minute=0):%Y-%m-%dT%H:%M}"


@bp.post("/<uuid:update_id>/alone")
@allow(Role.APPROVER)
@proving
def send_alone(update_id: uuid.UUID) -> ResponseReturnValue:
    """One's own urgent notice goes out without a second person."""
    form = request.form
    try:
        school.send_alone(
            house(),
            caller(),
            update_id,
            form.get("digest", ""),
            form.get("why", ""),
            forms.overrides(form),
            forms.proof(form),
        )
    except NotFound:
        raise
    except Refused as refused:
        return staff.page(update_id, [refused], saved=True)
    flash("It is on its way to every place.")
    return redirect(url_for("staff.update", update_id=update_id))
