"""When it goes wrong: a kind page, or problem+json for the phone (RFC 9457). Never a stack trace, never a lost word."""

import logging
from contextlib import suppress

from flask import Flask, Response, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError

from tripupdates.database import db
from tripupdates.keeping import why_not
from tripupdates.vocabulary import Refused
from tripupdates.web.guard import house, is_api, kept_words

RETRY_AFTER = 60  # seconds

log = logging.getLogger(__name__)

SENTENCES = {
    400: "That did not arrive whole. Go back, and send it again.",
    403: "This page is for others at the school.",
    404: "There is no such page.",
    405: "That cannot be done here. Go back, and use the buttons on the page.",
    413: "That is more than we can take at once. Send smaller photos, or fewer at a time.",
    415: "That is not a kind of file we can take.",
    429: "That was too many tries. Wait a few minutes, then try again.",
    500: "Something went wrong on our side. What you sent before is safe. Try again in a minute.",
}
EXPIRED = (
    "This page was open for too long. Nothing was changed; copy your words below, and open the page again."
)


def attach(app: Flask) -> None:
    """Answer every refusal and failure of the app in plain words."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def refused(error: Refused) -> ResponseReturnValue:
    """The answer to a refusal, for a person or a phone."""
    return _answer(error.status, error.title, error.reasons)


def _http(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, SecurityError):  # asked for by another host's name: there is no page of ours to show
        return Response("This address is not ours.\n", 400, mimetype="text/plain")
    if error.response is not None or error.code is None or error.code < 400:
        return error
    return _answer(error.code, SENTENCES.get(error.code, SENTENCES[400]))


def _expired(error: CSRFError) -> ResponseReturnValue:
    return _answer(400, EXPIRED, kept=kept_words())


def _unexpected(error: Exception) -> ResponseReturnValue:
    # Where a statement failed, PostgreSQL answers nothing more in that transaction, and the page below asks who is there.
    with suppress(SQLAlchemyError):
        db.session.rollback()
    why = why_not(error)
    if why is not None:
        log.error("%s %s could not be kept", request.method, request.endpoint, exc_info=error)
        return _not_kept(why)
    log.error("%s %s went wrong", request.method, request.endpoint, exc_info=error)
    return _answer(500, SENTENCES[500])


def _not_kept(why: str) -> Response:
    """503: the phone keeps what it has and tries again; a person reads why, and finds the words that were typed."""
    if is_api():
        answer = problem(503, why)
    else:
        sorry = current_app.jinja_env.get_template("sorry.html")
        page = sorry.render(
            school=house().settings.school_name,
            title=why,
            kept=_typed(),
            changing=request.method not in {"GET", "HEAD"},
        )
        answer = Response(page, 503)
    answer.headers["Retry-After"] = str(RETRY_AFTER)
    return answer


def _typed() -> dict[str, str]:
    try:
        return kept_words()
    except OSError:  # a form with photos that found no room on its way in
        return {}


def _answer(
    status: int, title: str, reasons: tuple[str, ...] = (), kept: dict[str, str] | None = None
) -> ResponseReturnValue:
    if is_api():
        return problem(status, title, reasons)
    return render_template("error.html", title=title, reasons=reasons, kept=kept or {}), status


def problem(status: int, title: str, reasons: tuple[str, ...] = ()) -> Response:
    """RFC 9457, with the sentences that say what to mend in `reasons`."""
    answer = jsonify(type="about:blank", title=title, status=status, reasons=list(reasons))
    answer.status_code, answer.mimetype = status, "application/problem+json"
    return answer
