"""Signing in and out, and one's password."""

import re

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from tripupdates import accounts
from tripupdates.people.records import fold
from tripupdates.people.signing_in import LONGEST, SHORTEST
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
        return redirect(_after(caller().role))
    if form.validate_on_submit():
        try:
            who = accounts.sign_in(
                house(), form.email.data or "", form.password.data or "", form.trusted.data
            )
        except Refused as refused:
            wrong = refused.title
        else:
            session.clear()
            session.permanent = form.trusted.data
            login_user(who)
            return redirect(_after(who.role))
    status = 200 if request.method == "GET" else 422
    return render_template("people/login.html", form=form, wrong=wrong), status


def _after(role: Role) -> str:
    """Only to a page of our own: a path, never another host."""
    wanted = request.args.get("next", "")
    return wanted if OUR_PATH.fullmatch(wanted) else url_for(HOME[role])


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
