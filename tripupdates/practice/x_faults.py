"""What can go wrong on the way to X, to be told to the practice X: each kind before or after it has taken a request."""

import socket
import time
from collections.abc import Callable
from typing import Any, cast

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from tripupdates.practice.x_state import Fault


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """An error as X describes its own."""
    answer = jsonify(title=title, detail=detail, type="about:blank", status=status, **more)
    answer.status_code = status
    return answer


def invalid(detail: str) -> Response:
    """A request that is not as documented."""
    return problem(400, "Invalid Request", detail, errors=[{"message": detail, "parameters": {}}])


def _reset(fault: Fault) -> Response:
    """Cut the connection, as a failing network does."""
    wire = cast(socket.socket, request.environ["werkzeug.socket"])
    wire.shutdown(socket.SHUT_RDWR)
    return Response(status=204)  # it goes nowhere


def _too_many(fault: Fault) -> Response:
    answer = problem(429, "Too Many Requests", "Too Many Requests")
    answer.headers["x-rate-limit-remaining"] = "0"
    answer.headers["x-rate-limit-reset"] = str(int(time.time() + fault.seconds))
    return answer


def _slow(fault: Fault) -> None:
    time.sleep(fault.seconds)


BEFORE: dict[str, Callable[[Fault], Response | None]] = {
    "429": _too_many,
    "400": lambda _: invalid("One or more parameters to your request was invalid."),
    "401": lambda _: problem(401, "Unauthorized", "Unauthorized"),
    "402": lambda _: problem(402, "CreditsDepleted", "Your enrolled account has no credits."),
    "403": lambda _: problem(403, "Forbidden", "You are not permitted to perform this action."),
    "duplicate": lambda _: problem(
        403, "Forbidden", "You are not allowed to create a Tweet with duplicate content."
    ),
    "500_before": lambda _: problem(500, "Internal Server Error", "Something is broken."),
    "redirect": lambda _: Response(status=302, headers={"Location": "/2/elsewhere"}),
    "reset_before": _reset,
    "timeout_before": _slow,
}
AFTER: dict[str, Callable[[Fault], Response | None]] = {
    "500_after": lambda _: problem(503, "Service Unavailable", "Service Unavailable"),
    "unreadable_after": lambda _: Response("<html>not JSON</html>", 201, mimetype="text/html"),
    "errors_only": lambda _: jsonify(errors=[{"title": "Something", "type": "about:blank"}]),
    "reset_after": _reset,
    "timeout_after": _slow,
}


def before(fault: Fault) -> Response | None:
    """What goes wrong before anything is taken; None where nothing does."""
    act = BEFORE.get(fault.kind)
    return None if act is None else act(fault)


def after(fault: Fault, answer: ResponseReturnValue) -> ResponseReturnValue:
    """What goes wrong after it was taken: the answer that is given instead."""
    act = AFTER.get(fault.kind)
    return answer if act is None else act(fault) or answer
