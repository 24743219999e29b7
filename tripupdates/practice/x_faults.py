"""What can go wrong at the practice X on demand: answers, silences and cut connections, before or after the act."""

import time
from collections.abc import Callable, Iterator

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from tripupdates.practice.memory import Fault
from tripupdates.practice.service import reset, slow
from tripupdates.practice.x_api import DUPLICATE, invalid, problem


def _too_many(fault: Fault) -> Response:
    answer = problem(429, "Too Many Requests", "Too Many Requests")
    answer.headers["x-rate-limit-remaining"] = "0"
    answer.headers["x-rate-limit-reset"] = str(int(time.time() + fault.seconds))
    return answer


def _too_many_today(fault: Fault) -> Response:
    """The cap of a day: the usual header names an earlier time, which does not help."""
    answer = _too_many(Fault(fault.kind, fault.seconds / 2))
    answer.headers["x-user-limit-24hour-remaining"] = "0"
    answer.headers["x-user-limit-24hour-reset"] = str(int(time.time() + fault.seconds))
    return answer


def _trickle(fault: Fault) -> Response:
    """An answer that comes drop by drop: no time-out between two bytes ever ends it."""

    def drops() -> Iterator[bytes]:
        until = time.monotonic() + fault.seconds
        while time.monotonic() < until:
            yield b" "
            time.sleep(0.5)

    return Response(drops(), 201, mimetype="application/json")


_BEFORE: dict[str, Callable[[Fault], Response | None]] = {
    "429": _too_many,
    "429_day": _too_many_today,
    "400": lambda _: invalid("One or more parameters to your request was invalid."),
    "401": lambda _: problem(401, "Unauthorized", "Unauthorized"),
    "402": lambda _: problem(402, "CreditsDepleted", "Your enrolled account has no credits."),
    "403": lambda _: problem(403, "Forbidden", "You are not permitted to perform this action."),
    "duplicate": lambda _: problem(403, "Forbidden", DUPLICATE),
    "404": lambda _: problem(404, "Not Found Error", "Not Found"),
    "409": lambda _: problem(409, "Conflict", "Conflict"),
    "413": lambda _: problem(413, "Payload Too Large", "Payload Too Large"),
    "422": lambda _: problem(422, "Unprocessable Entity", "Unprocessable Entity"),
    "500_before": lambda _: problem(500, "Internal Server Error", "Something is broken."),
    "redirect": lambda _: Response(status=302, headers={"Location": "/2/elsewhere"}),
    "reset_before": reset,
    "timeout_before": slow,
}
_AFTER: dict[str, Callable[[Fault], Response | None]] = {
    "trickle_after": _trickle,
    "500_after": lambda _: problem(503, "Service Unavailable", "Service Unavailable"),
    "unreadable_after": lambda _: Response("<html>not JSON</html>", 201, mimetype="text/html"),
    "errors_only": lambda _: jsonify(errors=[{"title": "Something", "type": "about:blank"}]),
    "reset_after": reset,
    "timeout_after": slow,
}


KINDS = _BEFORE.keys() | _AFTER.keys()


def before(fault: Fault) -> Response | None:
    """What answers instead of the act; None where the act goes on."""
    act = _BEFORE.get(fault.kind)
    return None if act is None else act(fault)


def after(fault: Fault, answer: ResponseReturnValue) -> ResponseReturnValue:
    """What answers in place of `answer`, once the act is done."""
    act = _AFTER.get(fault.kind)
    return answer if act is None else act(fault) or answer
