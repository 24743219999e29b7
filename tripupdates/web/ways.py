"""Ways to sign in: one's passkeys and the app for codes; and what other pages show of whether the person is there."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pyotp
import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from tripupdates import passkeys, sign_in_codes
from tripupdates.approval import signed
from tripupdates.approval.signed import Signature
from tripupdates.database import fresh
from tripupdates.people import codes, presence
from tripupdates.people import passkeys as records
from tripupdates.people.records import Person
from tripupdates.vocabulary import NotFound, Refused, Role
from tripupdates.web import forms
from tripupdates.web.guard import allow, caller, house, proving
from tripupdates.web.people import after

bp = Blueprint("ways", __name__, url_prefix="/staff/ways")


@dataclass(frozen=True)
class Presence:
    """What a form must ask for: nothing where `fresh`; `signs`: the person has a passkey; `must_sign`: only that will do."""

    fresh: bool
    signs: bool
    must_sign: bool


def presence_now() -> Presence:
    """How the person in front of this page may show that they are there."""
    return Presence(
        presence.is_fresh(caller(), house().now()),
        bool(records.of_person(fresh(), caller().id)),
        house().settings.unsigned_approvals == "refused",
    )


def signature(version_id: uuid.UUID | None = None, wordings_id: int | None = None) -> Signature | None:
    """The signature under a decision, or under a trip's messages; None where it is unsigned."""
    if version_id is not None:
        return signed.of_version(fresh(), version_id)
    return signed.of_wordings(fresh(), wordings_id) if wordings_id is not None else None


@bp.get("")
@allow(*Role)
def page() -> ResponseReturnValue:
    """One's passkeys and codes."""
    return _page()


def _page(refused: Refused | None = None, about: str = "") -> ResponseReturnValue:
    """`about` says which form was refused: a passkey's id, or "codes"."""
    session = fresh()
    app = session.get(codes.Codes, caller().id)
    return render_template(
        "ways/page.html",
        passkeys=records.of_person(session, caller().id),
        app=app,
        refused=refused,
        about=about,
        second=presence.needs_second(caller().role),
        has_second=presence.has_second(session, caller().id),
    ), refused.status if refused else 200


@bp.get("/offer")
@allow(*Role)
def offer() -> ResponseReturnValue:
    """After signing in with the password: a passkey would be quicker and safer. Not now is fine."""
    return render_template(
        "ways/offer.html", goal=after(caller().role), second=presence.needs_second(caller().role)
    )


def _do(step: Callable[[], None], done: str, about: str) -> ResponseReturnValue:
    try:
        step()
    except NotFound:
        raise
    except Refused as refused:
        return _page(refused, about)
    flash(done)
    return redirect(url_for("ways.page"))


@bp.post("/passkeys/<uuid:passkey_id>/name")
@allow(*Role)
def rename(passkey_id: uuid.UUID) -> ResponseReturnValue:
    """Call a passkey something else."""
    name = request.form.get("name", "")
    return _do(
        lambda: passkeys.rename(house(), caller(), passkey_id, name), "The name is changed.", str(passkey_id)
    )


@bp.post("/passkeys/<uuid:passkey_id>/remove")
@allow(*Role)
@proving
def remove(passkey_id: uuid.UUID) -> ResponseReturnValue:
    """End a passkey."""
    return _do(
        lambda: passkeys.remove(house(), caller(), passkey_id, forms.proof(request.form)),
        "The passkey is removed. It opens nothing any more.",
        str(passkey_id),
    )


@bp.post("/codes/start")
@allow(*Role)
@proving
def start_codes() -> ResponseReturnValue:
    """Begin to set up the app for codes."""
    try:
        sign_in_codes.start(house(), caller(), forms.proof(request.form))
    except Refused as refused:
        return _page(refused, "codes")
    return redirect(url_for("ways.set_up_codes"))


@bp.route("/codes", methods=["GET", "POST"])
@allow(*Role)
@proving
def set_up_codes() -> ResponseReturnValue:
    """The secret, as a picture and in letters, until a first code was typed."""
    refused = None
    if request.method == "POST":
        try:
            sign_in_codes.confirm(house(), caller(), request.form.get("code", ""))
        except Refused as wrong:
            refused = wrong
        else:
            flash("The codes are set up. From now on your password goes with one.")
            return redirect(url_for("ways.page"))
    session = fresh()
    app = session.get(codes.Codes, caller().id)
    waits = app is not None and app.confirmed_at is None
    secret = codes.reveal(app, house().settings.secret_key) if app is not None and waits else ""
    return render_template(
        "ways/codes.html", secret=secret, picture=_picture(secret), refused=refused
    ), refused.status if refused else 200


def _picture(secret: str) -> Markup:
    """The QR code that the app looks at: SVG in the page itself, so it is nowhere else."""
    if not secret:
        return Markup()
    name = fresh().get_one(Person, caller().id).email
    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=house().settings.school_name)
    drawn = segno.make(address).svg_inline(scale=5, dark="#000", light="#fff", border=3)
    return Markup(drawn)  # noqa: S704 - drawn by us: squares, and no words of anybody


@bp.post("/codes/remove")
@allow(*Role)
@proving
def remove_codes() -> ResponseReturnValue:
    """The password needs no code any more."""
    return _do(
        lambda: sign_in_codes.remove(house(), caller(), forms.proof(request.form)),
        "The codes are taken away.",
        "codes",
    )
