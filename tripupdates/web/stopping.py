"""No more mails: the page behind the link at the foot of each. A look changes nothing; a press does, and a mail program's own.

Nobody is named on it, and no address: whoever opens it learns nothing. Mail programs that have a button of their own send
a POST to the same address (RFC 8058), without having looked at the page.
"""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from tripupdates import contacting
from tripupdates.vocabulary import NotFound
from tripupdates.web.guard import ANYONE, allow, house, keep_to_itself, limiter

bp = Blueprint("stopping", __name__, url_prefix="/messages/stop")
bp.after_request(keep_to_itself)


@bp.get("/<token>")
@allow(ANYONE)
def page(token: str) -> ResponseReturnValue:
    """What a press would do."""
    if not contacting.is_link(house(), token):
        return _nothing()
    return render_template("stopping/page.html", done=False)


@bp.post("/<token>")
@allow(ANYONE)
@limiter.limit("60 per hour")
def stop(token: str) -> ResponseReturnValue:
    """Nothing more goes to the address that this link was sent to. It needs no token of the session: there is none."""
    try:
        contacting.stop_by_link(house(), token)
    except NotFound:
        return _nothing()
    return render_template("stopping/page.html", done=True)


def _nothing() -> ResponseReturnValue:
    return render_template("stopping/nothing.html", title=contacting.NO_LINK), 404
