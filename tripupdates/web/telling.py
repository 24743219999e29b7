"""How I am told: quiet hours, push on this phone, a test."""

import uuid
from datetime import time

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tripupdates.database import fresh
from tripupdates.people.records import Person
from tripupdates.telling import choices, records, view
from tripupdates.vocabulary import Refused, Role
from tripupdates.web import odd
from tripupdates.web.guard import POSTING, allow, caller, house

bp = Blueprint("telling", __name__, url_prefix="/staff/me/telling")


@bp.get("")
@allow(*Role)
def page() -> ResponseReturnValue:
    """How I am told, what works, and what became of the last test."""
    return _page()


def _page(refused: Refused | None = None) -> ResponseReturnValue:
    session, me = fresh(), caller().id
    reach = records.reach_of(session, me)
    typed = request.form if refused else None
    return render_template(
        "telling/page.html",
        email=session.get_one(Person, me).email,
        quiet_from=typed.get("quiet_from", "") if typed else _shown(reach.quiet_from),
        quiet_to=typed.get("quiet_to", "") if typed else _shown(reach.quiet_to),
        all_by_mail="all_by_mail" in typed if typed else reach.all_by_mail,
        phones=view.phones(session, me),
        troubles=view.troubles(house(), session, me),
        school_trouble=view.school_trouble(house(), session),
        test=view.last_test(house(), session, me),
        push=house().push,
        refused=refused,
    ), refused.status if refused else 200


def _shown(clock: time | None) -> str:
    return f"{clock:%H:%M}" if clock is not None else ""


def _typed(name: str) -> time | None:
    text = request.form.get(name, "").strip()
    try:
        return time.fromisoformat(text).replace(tzinfo=None, second=0, microsecond=0) if text else None
    except ValueError as error:
        raise Refused("Write each time as hours and minutes, for example 22:00.") from error


@bp.post("")
@allow(*Role)
def save() -> ResponseReturnValue:
    """Keep my quiet hours."""
    try:
        mail = "all_by_mail" in request.form
        choices.set_hours(house(), caller(), _typed("quiet_from"), _typed("quiet_to"), mail)
    except Refused as refused:
        return _page(refused)
    flash("Saved.")
    return redirect(url_for("telling.page"))


@bp.post("/test")
@allow(*Role)
def test() -> ResponseReturnValue:
    """Send me a test, by every way there is."""
    try:
        choices.send_test(house(), caller())
    except Refused as refused:
        return _page(refused)
    flash("A test is on its way to you. Open this page again in a minute to see what became of it.")
    return redirect(url_for("telling.page", _anchor="test"))


@bp.post("/phones")
@allow(*POSTING)
def add_phone() -> ResponseReturnValue:
    """What the browser says of itself once it takes push messages: JSON, from a page of ours (static/js/telling.js)."""
    match odd.sent_json():
        case {"name": str(name), "endpoint": str(end), "keys": {"p256dh": str(point), "auth": str(secret)}}:
            try:
                phone = choices.add_phone(house(), caller(), name, end, point, secret)
            except Refused as refused:
                return jsonify(title=refused.title), refused.status
            return jsonify(id=str(phone))
    return jsonify(title="This browser did not say what is needed for push. E-mail still reaches you."), 422


@bp.post("/phones/<uuid:phone_id>/remove")
@allow(*Role)
def remove_phone(phone_id: uuid.UUID) -> ResponseReturnValue:
    """No push on this phone any more."""
    choices.remove_phone(house(), caller(), phone_id)
    flash("That phone is told nothing any more.")
    return redirect(url_for("telling.page"))
