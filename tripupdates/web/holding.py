"""Hold everything, and lift it: for head, deputies and office. One page says how things stand; nothing happens by a GET."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tripupdates import holding
from tripupdates.database import fresh
from tripupdates.outbox import holds
from tripupdates.vocabulary import Refused, Role
from tripupdates.web.guard import allow, caller, house

bp = Blueprint("holding", __name__, url_prefix="/hold")

MAY_HOLD = (Role.APPROVER, Role.OFFICE)


@bp.get("/")
@allow(*MAY_HOLD)
def page() -> ResponseReturnValue:
    """Whether everything is on hold, and the buttons."""
    return _page()


@bp.post("/")
@allow(*MAY_HOLD)
def hold() -> ResponseReturnValue:
    """Hold everything; with a line for families, where an approver wrote one."""
    try:
        holding.hold(house(), caller(), request.form.get("line", ""))
    except Refused as refused:
        return _page(refused)
    flash("Everything is on hold. Until you lift it, nothing is published but what is urgent.")
    return redirect(url_for("holding.page"))


@bp.post("/lift")
@allow(*MAY_HOLD)
def lift() -> ResponseReturnValue:
    """Go on."""
    holding.lift(house(), caller())
    flash("The hold is lifted. What waited goes on.")
    return redirect(url_for("holding.page"))


def _page(refused: Refused | None = None) -> ResponseReturnValue:
    last = holds.latest(fresh())
    page = render_template(
        "holding/page.html",
        last=last,
        refused=refused,
        longest=holding.LONGEST_LINE,
        line=request.form.get("line", last.line if last and last.held else ""),
    )
    return page, refused.status if refused else 200
