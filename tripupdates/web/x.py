"""The school's account at X: whether it is the right one, what stands still, limits and cost."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from tripupdates import x_desk
from tripupdates.database import fresh
from tripupdates.vocabulary import Role
from tripupdates.web.guard import allow, caller, house

bp = Blueprint("x", __name__, url_prefix="/x")


@bp.get("/")
@allow(Role.OFFICE, Role.APPROVER)
def page() -> ResponseReturnValue:
    """The account as it stands here; X itself is not asked."""
    return _page()


def _page(checked: x_desk.Checked | None = None) -> str:
    return render_template("review/x.html", desk=x_desk.desk(house(), fresh()), checked=checked)


@bp.post("/check")
@allow(Role.OFFICE, Role.APPROVER)
def check() -> ResponseReturnValue:
    """Ask X now; the answer stands on the page."""
    return _page(x_desk.check(house(), caller()))
