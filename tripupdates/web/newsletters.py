"""A newsletter's PDF and its first page, for those who may see it; and what the form says of it."""

import uuid
from datetime import date

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from tripupdates import newsletters
from tripupdates.approval import papers, view
from tripupdates.approval.records import Update
from tripupdates.database import fresh
from tripupdates.documents.rules import ODD_DATE
from tripupdates.newsletters import Issue
from tripupdates.vocabulary import Kind, NotFound, Refused, Role
from tripupdates.web.guard import allow, caller, house
from tripupdates.web.stored import handed

bp = Blueprint("newsletters", __name__, url_prefix="/staff/newsletters")

NOT_HERE = "There is no such newsletter."


@bp.get("/<uuid:update_id>/<name>")
@allow(*Role)
def file(update_id: uuid.UUID, name: str) -> ResponseReturnValue:
    """The clean PDF, or a rendition of its first page. The PDF is never opened as part of our pages: it runs nothing there."""
    session = fresh()
    found = session.get(Update, update_id)
    if found is None or not view.may_see(house(), session, caller(), found):
        raise NotFound(NOT_HERE)
    if name not in papers.names(session, found):
        raise NotFound(NOT_HERE)
    return handed(name, "newsletter", NOT_HERE)


def shown(update: Update) -> dict[str, object]:
    """What the page of a newsletter knows besides that of any other update; for others, that it is none."""
    if update.kind is not Kind.NEWSLETTER:
        return {"paper": None}
    return {"paper": papers.now(fresh(), update), "on_x": papers.on_x(house(), update), **asked()}


def asked() -> dict[str, object]:
    """What a form for a newsletter asks."""
    settings = house().settings
    return {
        "declaration": newsletters.declaration(house()),
        "today": house().today(),
        "x_links": settings.x_links,
        "site": settings.site_address,
    }


def keep(update_id: uuid.UUID) -> None:
    """What the form says of the PDF and its date. Raises as `newsletters.attach`, and Refused for a date that is none."""
    if "dated" not in request.form:
        return
    chosen = request.files.get("pdf")
    upload = chosen.stream.read() if chosen is not None and chosen.filename else None
    present = papers.now(fresh(), fresh().get_one(Update, update_id))
    if upload is None and (present is None or present.gone):
        return  # a draft may come before its PDF; sending it may not
    issue = Issue(_date(request.form["dated"]), upload, request.form.get("declared") == "yes")
    newsletters.attach(house(), caller(), update_id, issue)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(ODD_DATE) from None
