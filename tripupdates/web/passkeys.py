"""What the script `passkeys.js` asks and answers, as JSON. Each call brings the page's token, for anyone may sign in."""

import uuid

from flask import Blueprint, Response, flash, jsonify, request
from flask.typing import ResponseReturnValue

from tripupdates import passkeys, school
from tripupdates.approval import wordings
from tripupdates.vocabulary import Refused, Role
from tripupdates.web import bodies, forms
from tripupdates.web.guard import ANYONE, DEPUTY, allow, caller, house, limiter, proving
from tripupdates.web.people import after, device, known_as, remember

bp = Blueprint("passkeys", __name__, url_prefix="/api/passkeys")

ADDED = "The passkey is added. From now on you can sign in with it."
SECOND = "The passkey is added. For a day without it, set up sign-in codes under “Ways to sign in”."


def _json(options: str) -> Response:
    return Response(options, mimetype="application/json")


def _failed(answer: Response) -> bool:
    return answer.status_code == 422


@bp.post("/sign-in/options")
@allow(ANYONE)
@limiter.limit("60 per 15 minutes")
def sign_in_options() -> ResponseReturnValue:
    """What a passkey must answer to sign in here; it says itself whose it is."""
    return known_as(_json(passkeys.ask_to_sign_in(house(), device())))


@bp.post("/sign-in")
@allow(ANYONE)
@limiter.limit("30 per 15 minutes", deduct_when=_failed)
def sign_in() -> ResponseReturnValue:
    """Sign in: {assertion, trusted}. Answers where to go next."""
    body = bodies.read({"assertion"}, {"trusted"})
    given, trusted = bodies.proof(body).assertion or {}, body.get("trusted") is True
    who = passkeys.sign_in(house(), given, trusted, device())
    remember(who, trusted)
    return known_as(jsonify(next=after(who.role)))


@bp.post("/options")
@allow(*Role)
@proving
def options() -> ResponseReturnValue:
    """What a new passkey must answer: {once?, password?, assertion?}, one of which shows that the person is there."""
    body = bodies.read(set(), {"once", "password", "assertion"})
    return _json(passkeys.ask_to_add(house(), caller(), bodies.proof(body)))


@bp.post("")
@allow(*Role)
def add() -> ResponseReturnValue:
    """Keep the new passkey: {credential, name}."""
    body = bodies.read({"credential", "name"}, set())
    if not isinstance(body["credential"], dict):
        raise Refused("credential must be what the browser made.")
    passkeys.add(house(), caller(), body["credential"], bodies.text(body, "name"))
    flash(ADDED if caller().role is Role.STAFF else SECOND)
    return jsonify(next=after(caller().role))


@bp.post("/proof")
@allow(*Role)
def proof() -> ResponseReturnValue:
    """What a passkey must answer to show that its owner is there."""
    return _json(passkeys.ask_to_prove(house(), caller()))


@bp.post("/approval/<uuid:update_id>")
@allow(Role.APPROVER, DEPUTY)
def approval(update_id: uuid.UUID) -> ResponseReturnValue:
    """What a passkey must answer to sign the approval of this page: the form's own fields."""
    digest, when = request.form.get("digest", ""), forms.when(request.form, house().settings.timezone)
    return _json(passkeys.ask_to_approve(house(), caller(), update_id, digest, when))


@bp.post("/alone/<uuid:update_id>")
@allow(Role.APPROVER)
def alone(update_id: uuid.UUID) -> ResponseReturnValue:
    """What a passkey must answer to sign that an urgent notice goes out without a second person."""
    digest = request.form.get("digest", "")
    return _json(school.ask_to_send_alone(house(), caller(), update_id, digest))


@bp.post("/messages/<slug>")
@allow(Role.APPROVER)
def messages(slug: str) -> ResponseReturnValue:
    """What a passkey must answer to sign the approval of a trip's messages: the form's own fields."""
    form = request.form
    texts = {key: form.get(key, "") for key in wordings.DEFAULTS}
    return _json(passkeys.ask_to_approve_messages(house(), caller(), slug, texts, form.getlist("channels")))
