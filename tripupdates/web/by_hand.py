"""Handing over to the class app, taking down there, and saying so. Works without a script; nothing is given out by a GET
before somebody has pressed the button."""

import uuid
from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tripupdates import answering, by_hand, by_hand_view
from tripupdates.database import fresh
from tripupdates.vocabulary import NotFound, Refused, Role
from tripupdates.web.guard import allow, caller, house
from tripupdates.web.steps import take

bp = Blueprint("by_hand", __name__, url_prefix="/hand")


@bp.get("/")
@allow(*Role)
def waiting() -> ResponseReturnValue:
    """Everything that waits for the hands of this person: to be taken down, to be told of, to be posted."""
    return render_template("by_hand/waiting.html", by_hand=by_hand_view.waiting(house(), fresh(), caller()))


@bp.get("/<uuid:update_id>")
@allow(*Role)
def page(update_id: uuid.UUID) -> ResponseReturnValue:
    """One update: words and pictures once they are taken out, and what there is to say of it."""
    return _page(update_id)


def _page(update_id: uuid.UUID, refused: Refused | None = None) -> ResponseReturnValue:
    found = by_hand_view.desk(house(), fresh(), caller(), update_id)
    page = render_template("by_hand/page.html", desk=found, update=found.update, refused=refused)
    return page, refused.status if refused else 200


def _do(update_id: uuid.UUID, step: Callable[[], None], done: str) -> ResponseReturnValue:
    return take(step, partial(_page, update_id), done, url_for("by_hand.page", update_id=update_id))


@bp.post("/<uuid:update_id>/out")
@allow(*Role)
def take_out(update_id: uuid.UUID) -> ResponseReturnValue:
    """Write down who takes words and pictures out, and give them."""
    return _do(
        update_id,
        lambda: by_hand.take_out(house(), caller(), update_id),
        "Written down that you hand it over. Post it now, then say so below.",
    )


@bp.get("/<uuid:update_id>/photo-<int:number>.jpg")
@allow(*Role)
def photo(update_id: uuid.UUID, number: int) -> ResponseReturnValue:
    """One picture, for whoever took it out."""
    pictures = by_hand.package(house(), caller(), update_id).pictures
    if not 1 <= number <= len(pictures):
        raise NotFound("There is no such picture.")
    return Response(pictures[number - 1].jpeg, mimetype="image/jpeg")  # which no browser keeps: see the guard


@bp.get("/<uuid:update_id>/update.zip")
@allow(*Role)
def package(update_id: uuid.UUID) -> ResponseReturnValue:
    """Words and pictures in one file, for whoever took them out."""
    file = Response(by_hand.zipped(house(), caller(), update_id), mimetype="application/zip")
    file.headers["Content-Disposition"] = "attachment; filename=update.zip"
    return file


@bp.post("/<uuid:update_id>/there")
@allow(*Role)
def there(update_id: uuid.UUID) -> ResponseReturnValue:
    """It is posted."""
    return _say(
        update_id, lambda order: answering.it_is_there(house(), caller(), order), "Noted: it is posted."
    )


@bp.post("/<uuid:update_id>/not-there")
@allow(*Role)
def not_there(update_id: uuid.UUID) -> ResponseReturnValue:
    """It was not posted: it waits again, or is left out."""
    again = request.form.get("again") == "yes"
    return _say(
        update_id,
        lambda order: answering.it_is_not_there(house(), caller(), order, again),
        "Noted. It waits to be handed over." if again else "Noted. It stays out.",
    )


def _say(update_id: uuid.UUID, say: Callable[[uuid.UUID], None], done: str) -> ResponseReturnValue:
    order = by_hand.found(house(), fresh(), caller(), update_id)[1].id
    return _do(update_id, lambda: say(order), done)


@bp.post("/<uuid:update_id>/gone")
@allow(*Role)
def gone(update_id: uuid.UUID) -> ResponseReturnValue:
    """Somebody looked, and it is not there any more."""
    return _do(
        update_id, lambda: by_hand.it_is_gone(house(), caller(), update_id), "Noted: it is gone. Thank you."
    )
