"""The policy as parents read it, for those who look at it once a year and say that they did."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tripupdates import policy_reviews
from tripupdates.database import fresh
from tripupdates.vocabulary import Refused, Role
from tripupdates.web.guard import allow, caller, house

bp = Blueprint("policy", __name__, url_prefix="/office/policy")


@bp.get("")
@allow(Role.OFFICE, Role.APPROVER)
def page() -> ResponseReturnValue:
    """The policy, when it was looked at, and by when again."""
    return _page()


def _page(refused: Refused | None = None) -> ResponseReturnValue:
    session, today = fresh(), house().today()
    page = render_template(
        "office/policy.html",
        policy=policy_reviews.policy(house(), session),
        seen=policy_reviews.digest(house()),
        to_do=policy_reviews.to_do(house(), session),
        reviews=policy_reviews.history(session),
        next_due=request.form.get("next_due", (today + policy_reviews.YEAR).isoformat()),
        note=request.form.get("note", ""),
        refused=refused,
    )
    return page, refused.status if refused else 200


@bp.post("")
@allow(Role.OFFICE, Role.APPROVER)
def review() -> ResponseReturnValue:
    """Somebody has looked at it."""
    form = request.form
    try:
        next_due = _day(form.get("next_due", ""))
        policy_reviews.record(house(), caller(), next_due, form.get("note", ""), form.get("seen", ""))
    except Refused as refused:
        return _page(refused)
    flash("Noted: the policy is reviewed. Its page tells parents the day.")
    return redirect(url_for("policy.page"))


def _day(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError as error:
        raise Refused("Write this date as year-month-day, for example 2027-09-01.") from error
