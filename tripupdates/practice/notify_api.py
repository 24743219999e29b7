"""The calls of the practice Notify: what each takes and answers, as GOV.UK Notify documents it (REST API, v2)."""

import re
import time
from collections.abc import Callable
from typing import Any

import jwt
from flask import Request, Response, jsonify, request
from flask.typing import ResponseReturnValue

from tripupdates.channels.fragments import LONGEST, RATE, parts
from tripupdates.practice.memory import Fault
from tripupdates.practice.notify_state import Message, State, Template
from tripupdates.practice.service import reset, slow

CLOCKS_DIFFER = 30  # seconds
PAGE = 250
MOBILE = re.compile(r"\+447[0-9]{9}")
NUMBER = re.compile(r"\+[0-9]{8,15}")
ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
FIELD = re.compile(r"\(\((\w+)\)\)")
WHOM = {"sms": "phone_number", "email": "email_address"}


def problem(status: int, kind: str, message: str) -> Response:
    """An error as Notify words it."""
    answer = jsonify(status_code=status, errors=[{"error": kind, "message": message}])
    answer.status_code = status
    return answer


def why_not(key: str, asked: Request) -> Response | None:
    """The refusal where a request does not carry a fresh token made from the service's key."""
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        return problem(401, "AuthError", "Unauthorized: authentication token must be provided")
    try:
        claims = jwt.decode(token, key[-36:], algorithms=["HS256"], options={"verify_iat": False})
    except jwt.PyJWTError:
        return problem(403, "AuthError", "Invalid token: API key not found")
    if claims.get("iss") != key[-73:-37]:
        return problem(403, "AuthError", "Invalid token: service not found")
    if abs(time.time() - claims.get("iat", 0)) > CLOCKS_DIFFER:
        return problem(403, "AuthError", "Error: Your system clock must be accurate to within 30 seconds")
    return None


def _templates(state: State) -> ResponseReturnValue:
    wanted = request.args.get("type")
    found = [_template(each) for each in state.templates if wanted in {None, each.way}]
    return jsonify(templates=found)


def _template(template: Template) -> dict[str, Any]:
    return {
        "id": template.id,
        "name": template.name,
        "type": template.way,
        "body": template.body,
        "subject": template.subject or None,
        "version": 1,
    }


def _send(state: State, way: str) -> ResponseReturnValue:
    body: Any = request.get_json(silent=True)
    known = {WHOM.get(way), "template_id", "personalisation", "reference", "one_click_unsubscribe_url"}
    if way not in WHOM or not isinstance(body, dict) or set(body) - known:
        return problem(400, "ValidationError", "Additional properties are not allowed")
    to, stop = str(body.get(WHOM[way], "")), str(body.get("one_click_unsubscribe_url", ""))
    wrong = _wrong_recipient(state, way, to) or _wrong_link(stop)
    if wrong is not None:
        return wrong
    template = next((each for each in state.templates if each.id == body.get("template_id")), None)
    if template is None or template.way != way:
        return problem(400, "BadRequestError", "Template not found")
    given = body.get("personalisation") or {}
    missing = set(FIELD.findall(template.body + template.subject)) - set(given)
    if missing:
        return problem(400, "BadRequestError", f"Missing personalisation: {', '.join(sorted(missing))}")
    text, subject = (
        FIELD.sub(lambda field: str(given[field[1]]), each) for each in (template.body, template.subject)
    )
    if way == "sms" and len(text) > LONGEST:
        return problem(400, "BadRequestError", f"Text messages cannot be longer than {LONGEST} characters.")
    if way == "sms" and state.prefix:
        text = f"{state.prefix}: {text}"
    message = state.take(way, to, text, subject, str(body.get("reference", "")), stop)
    content = {"body": text} | ({"subject": subject} if way == "email" else {"from_number": "GOVUK"})
    answer = jsonify(
        id=message.id,
        reference=message.reference,
        content=content,
        template={"id": template.id, "version": 1, "uri": "/v2/template"},
    )
    answer.status_code = 201
    return answer


def _wrong_recipient(state: State, way: str, to: str) -> Response | None:
    if way == "email":
        return (
            None
            if ADDRESS.fullmatch(to)
            else problem(400, "ValidationError", "email_address Not a valid email address")
        )
    if MOBILE.fullmatch(to) or (state.abroad and NUMBER.fullmatch(to)):
        return None
    if NUMBER.fullmatch(to) and not to.startswith("+44"):
        return problem(400, "BadRequestError", "Cannot send to international mobile numbers")
    return problem(400, "ValidationError", "phone_number Not a UK mobile number")


def _wrong_link(stop: str) -> Response | None:
    if not stop or stop.startswith("https://"):
        return None
    return problem(400, "ValidationError", "one_click_unsubscribe_url is not a valid https url")


def _list(state: State) -> ResponseReturnValue:
    if set(request.args) - {"reference", "template_type", "status", "older_than"}:
        return problem(400, "ValidationError", "Additional properties are not allowed")
    found = [each for each in state.all() if request.args.get("reference") in {None, each.reference}]
    found = [each for each in found if request.args.get("template_type") in {None, each.way}]
    return jsonify(
        notifications=[_shown(state, each) for each in found[:PAGE]], links={"current": request.url}
    )


def _get(state: State, id_: str) -> ResponseReturnValue:
    message = state.messages.get(id_)
    return jsonify(_shown(state, message)) if message else problem(404, "NoResultFound", "No result found")


def _shown(state: State, message: Message) -> dict[str, Any]:
    status = state.status(message)
    count = parts(message.body) if message.way == "sms" else 0
    cost = {"billable_sms_fragments": count, "international_rate_multiplier": 1, "sms_rate": float(RATE)}
    return {
        "id": message.id,
        "reference": message.reference or None,
        WHOM[message.way]: message.to,
        "type": message.way,
        "status": status,
        "body": message.body,
        "subject": message.subject or None,
        "created_at": message.at.isoformat(),
        "is_cost_data_ready": status != "created",
        "cost_in_pounds": float(RATE * count),
        "cost_details": cost if message.way == "sms" and status != "created" else {},
    }


# Method, address, the name by which faults and the log know it, and what it does.
CALLS: tuple[tuple[str, str, str, Callable[..., ResponseReturnValue]], ...] = (
    ("GET", "/v2/templates", "templates", _templates),
    ("POST", "/v2/notifications/<way>", "send", _send),
    ("GET", "/v2/notifications", "list", _list),
    ("GET", "/v2/notifications/<id_>", "get", _get),
)

BEFORE: dict[str, Callable[[Fault], Response | None]] = {
    "400": lambda _: problem(
        400, "BadRequestError", "Can’t send to this recipient when service is in trial mode"
    ),
    "team_only": lambda _: problem(
        400, "BadRequestError", "Can’t send to this recipient using a team-only API key"
    ),
    "other": lambda _: problem(400, "BadRequestError", "Something else"),
    "bad_number": lambda _: problem(400, "ValidationError", "phone_number Not enough digits"),
    "401": lambda _: problem(401, "AuthError", "Unauthorized: authentication token must be provided"),
    "403": lambda _: problem(403, "AuthError", "Invalid token: API key not found"),
    "404": lambda _: Response("<html>not here</html>", 404, mimetype="text/html"),
    "409": lambda _: problem(409, "Conflict", "Conflict"),
    "429": lambda _: problem(
        429, "RateLimitError", "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds"
    ),
    "429_day": lambda _: problem(429, "TooManyRequestsError", "Exceeded send limits (250000) for today"),
    "500_before": lambda _: problem(500, "Exception", "Internal server error"),
    "redirect": lambda _: Response(status=302, headers={"Location": "/v2/elsewhere"}),
    "reset_before": reset,
    "timeout_before": slow,
}
AFTER: dict[str, Callable[[Fault], Response | None]] = {
    "500_after": lambda _: problem(503, "Exception", "Service Unavailable"),
    "unreadable_after": lambda _: Response("<html>not JSON</html>", 201, mimetype="text/html"),
    "odd_after": lambda _: jsonify(id="not one of ours"),
    "reset_after": reset,
    "timeout_after": slow,
}
KINDS = BEFORE.keys() | AFTER.keys()
