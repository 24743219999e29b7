"""What an approver does with an update besides deciding, and how author and group answer. Nothing happens by a GET."""

import uuid

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from tripupdates import reviewing
from tripupdates.vocabulary import NotFound, Refused, Role
from tripupdates.web import review
from tripupdates.web.guard import DEPUTY, POSTING, allow, caller, house

bp = Blueprint("reviewing", __name__)


@bp.post("/review/<uuid:update_id>/take-out")
@allow(Role.APPROVER, DEPUTY)
def take_out(update_id: uuid.UUID) -> ResponseReturnValue:
    """Leave photos or places out; the page then shows what is left, to be approved."""
    digest = request.form.get("digest", "")
    photos, channels = request.form.getlist("photo"), request.form.getlist("channel")
    return review.decide(
        update_id,
        lambda: reviewing.drop(house(), caller(), update_id, digest, photos, channels),
        "Taken out. This is what is left: approve it, or send it back.",
        url_for("review.update", update_id=update_id),
    )


@bp.post("/review/<uuid:update_id>/suggest")
@allow(Role.APPROVER, DEPUTY)
def suggest(update_id: uuid.UUID) -> ResponseReturnValue:
    """Give it back with other words."""
    form = request.form
    digest, text, x_text = form.get("digest", ""), form.get("suggested-text", ""), form.get("suggested-x", "")
    return review.decide(
        update_id,
        lambda: reviewing.suggest(house(), caller(), update_id, digest, text, x_text, form.get("reason", "")),
        "Sent back to its author, with your words.",
    )


@bp.post("/review/<uuid:update_id>/send-now")
@allow(Role.APPROVER, DEPUTY)
def send_now(update_id: uuid.UUID) -> ResponseReturnValue:
    """Let go what waits for its time."""
    return review.decide(
        update_id, lambda: reviewing.send_now(house(), caller(), update_id), "It is on its way."
    )


@bp.post("/staff/trips/<slug>/left")
@allow(*POSTING)
def left(slug: str) -> ResponseReturnValue:
    """The group has left the place: what waited for that goes out."""
    try:
        count = reviewing.group_has_left(house(), caller(), slug)
    except NotFound:
        raise
    except Refused as refused:
        flash(refused.title)
    else:
        flash("Thank you. What waited for this is on its way." if count else "Nothing was waiting for this.")
    return redirect(url_for("staff.home"))


@bp.post("/staff/updates/<uuid:update_id>/use-words")
@allow(*POSTING)
def use_words(update_id: uuid.UUID) -> ResponseReturnValue:
    """Take the words that the head suggested."""
    reviewing.use_suggestion(house(), caller(), update_id)
    flash("These are the words now. Send it to the head again when you are ready.")
    return redirect(url_for("staff.update", update_id=update_id))
