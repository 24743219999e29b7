"""One line for each request, and an id by which the lines of one request are found; the answer bears it too."""

import logging
import re
import time
import uuid

from flask import Flask, Response, g, request

from tripupdates.logs import REQUESTS

HEADER = "X-Request-Id"
# Hexadecimal digits, as nginx's and a UUID have: nobody can write a name into our log with it.
_WELL_FORMED = re.compile(r"[0-9a-fA-F-]{16,64}")

log = logging.getLogger(REQUESTS)


def attach(app: Flask) -> None:
    """Before anything else looks at a request; and after everything else has answered it."""
    app.before_request_funcs.setdefault(None, []).insert(0, _begin)
    app.after_request_funcs.setdefault(None, []).insert(0, _end)  # Flask goes through these backwards


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
    g.began = time.monotonic()


def _end(answer: Response) -> Response:
    if "request_id" not in g:  # asked for by another host's name: nobody of ours was asked
        _begin()
    answer.headers[HEADER] = g.request_id
    # The person only where somebody asked who it is: to ask for this line alone would cost every page a look.
    person = getattr(g.get("_login_user"), "id", None)
    about = {
        "method": request.method,
        "route": request.endpoint or "",  # never the address: it can hold a code or a token
        "status": answer.status_code,
        "ms": round((time.monotonic() - g.began) * 1000),
        "person": str(person) if person is not None else None,
    }
    log.info("request", extra={"about": about})
    return answer
