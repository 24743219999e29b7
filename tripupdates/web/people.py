"""Signing in and out, and one's password."""

import re
import secrets
from datetime import timedelta

import werkzeug
from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from tripupdates import accounts
from tripupdates.people.records import fold
from tripupdates.people.signing_in import LONGEST, SHORTEST, SignedIn
from tripupdates.vocabulary import Refused, Role
from tripupdates.web.guard import ANYONE, allow, caller, house, limiter

bp = Blueprint("people", __name__, url_prefix="/staff")

# Plain letters only: browsers drop tabs and turn backslashes, and a path becomes a host.
OUR_PATH = re.compile(r"/(?![/\\])[\w./?=&%-]*", re.ASCII)
HOME = {Role.STAFF: "staff.home", Role.APPROVER: "review.waiting", Role.OFFICE: "office.trips"}


class SignInForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """Who, and the proof."""

    email = StringField("E-mail", [InputRequired("Type your school e-mail address."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Type your password."), Length(max=LONGEST)])
    trusted = BooleanField("Stay signed in on this phone for 14 days", default=False)


class PasswordForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """The old one, and a new one."""

    old = PasswordField("Present password", [InputRequired("Type your present password.")])
    new = PasswordField("New password", [InputRequired("Type a new password.")])


def _account_key() -> str:
    return "account:" + fold(request.form.get("email", ""))


def _failed(answer: Response) -> bool:
    return answer.status_code == 422


@bp.route("/login", methods=["GET", "POST"])
@allow(ANYONE)
@limiter.limit("8 per 15 minutes", key_func=_account_key, methods=["POST"], deduct_when=_failed)
@limiter.limit("30 per 15 minutes", methods=["POST"], deduct_when=_failed)
def login() -> ResponseReturnValue:
    """Sign in; then back to where one was going."""
    form, wrong = SignInForm(), None
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(after(caller().role))
    if form.validate_on_submit():
        try:
            return enter(
                accounts.sign_in(
                    house(), form.email.data or "", form.password.data or "", form.trusted.data, device()
                ),
                form.trusted.data,
            )
        except accounts.CodeNeeded as needed:
            return known_as(_code_page(needed.pending, form.trusted.data))
        except Refused as refused:
            wrong = refused.title
    status = 200 if request.method == "GET" else 422
    return known_as(render_template("people/login.html", form=form, wrong=wrong), status)


def _code_page(pending: str, trusted: bool, wrong: str | None = None) -> str:
    return render_template("people/code.html", pending=pending, trusted=trusted, wrong=wrong)


def _pending_key() -> str:
    return f"code:{accounts.whose_code(request.form.get('pending', ''))}"


@bp.post("/login/code")
@allow(ANYONE)
@limiter.limit("8 per 15 minutes", key_func=_pending_key, deduct_when=_failed)
@limiter.limit("30 per 15 minutes", deduct_when=_failed)
def login_code() -> ResponseReturnValue:
    """The code of the app, after the password; then back to where one was going."""
    pending, trusted = request.form.get("pending", ""), request.form.get("trusted") == "y"
    try:
        who = accounts.sign_in_with_code(house(), pending, request.form.get("code", ""), trusted, device())
    except Refused as refused:
        return _code_page(pending, trusted, refused.title), refused.status
    return enter(who, trusted)


def enter(who: SignedIn, trusted: bool) -> Response:
    """Into the pages, signed in: to where one was going, or first to the offer of a passkey.

    The word that lets that page add one stands behind the #: it reaches no server, no log and no cookie.
    """
    remember(who, trusted)
    goal = after(who.role)
    return known_as(redirect(url_for("ways.offer", next=goal) + "#" + who.offer if who.offer else goal))


def remember(who: SignedIn, trusted: bool) -> None:
    """This browser is signed in from now on."""
    session.clear()
    session.permanent = trusted
    login_user(who)


def after(role: Role) -> str:
    """Only to a page of our own: a path, never another host."""
    wanted = request.args.get("next", "")
    return wanted if OUR_PATH.fullmatch(wanted) else url_for(HOME[role])


def device() -> str:
    """What this browser calls itself: random, and the same for a year. It opens nothing."""
    if "device" not in g:
        g.device = request.cookies.get(_device_cookie()) or secrets.token_urlsafe(24)
    return str(g.device)


def known_as(page: Response | str | werkzeug.Response, status: int = 200) -> Response:
    """The answer, with which the browser remembers its `device`."""
    answer = make_response(page) if not isinstance(page, str) else make_response(page, status)
    answer.set_cookie(
        _device_cookie(),
        device(),
        max_age=timedelta(days=365),
        httponly=True,
        secure=house().settings.secure,
        samesite="Lax",
    )
    return answer


def _device_cookie() -> str:
    return "__Host-device" if house().settings.secure else "device"


@bp.post("/logout")
@allow(*Role)
def logout() -> ResponseReturnValue:
    """End this sign-in."""
    accounts.sign_out(house(), caller())
    logout_user()
    session.clear()
    return redirect(url_for("people.login"))


@bp.route("/password", methods=["GET", "POST"])
@allow(*Role)
@limiter.limit("10 per 15 minutes", key_func=lambda: str(caller().id), methods=["POST"], deduct_when=_failed)
def password() -> ResponseReturnValue:
    """Change one's password; every other phone is signed out."""
    form, wrong = PasswordForm(), None
    if form.validate_on_submit():
        try:
            who = accounts.change_password(house(), caller(), form.old.data or "", form.new.data or "")
        except Refused as refused:
            wrong = refused.title
        else:
            login_user(who)
            flash("Your password is changed. Every other phone and computer is signed out.")
            return redirect(url_for(HOME[who.role]))
    status = 200 if request.method == "GET" else 422
    return render_template("people/password.html", form=form, wrong=wrong, shortest=SHORTEST), status
