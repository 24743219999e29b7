"""The office's page of accounts: add one, close one, help somebody back in."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tripupdates import accounts
from tripupdates.database import fresh
from tripupdates.people.records import everyone
from tripupdates.people.signing_in import SHORTEST
from tripupdates.vocabulary import NotFound, Refused, Role
from tripupdates.web import forms
from tripupdates.web.guard import allow, caller, house, proving
from tripupdates.web.office_forms import ROLE_NAMES, PersonForm, status

bp = Blueprint("accounts", __name__, url_prefix="/office/people")


@bp.route("", methods=["GET", "POST"])
@allow(Role.OFFICE)
@proving
def people() -> ResponseReturnValue:
    """The accounts; add one."""
    form, refused = PersonForm(), None
    if form.validate_on_submit():
        name, email, role = form.name.data, form.email.data, Role(form.role.data)
        try:
            mine = forms.proof(request.form, "mine")
            accounts.add_person(house(), caller(), name, email, role, form.password.data, mine)
        except Refused as error:
            refused = error
        else:
            flash("The account is made. Tell the person the password yourself, not by e-mail.")
            return redirect(url_for("accounts.people"))
    return _people_page(form, refused), status(refused)


def _people_page(form: PersonForm, refused: Refused | None, about: uuid.UUID | None = None) -> str:
    """`about`: whose new password was refused; None where it is the new account."""
    return render_template(
        "office/people.html",
        form=form,
        refused=refused,
        about=about,
        people=everyone(fresh()),
        roles=ROLE_NAMES,
        shortest=SHORTEST,
    )


@bp.post("/<uuid:person_id>/active")
@allow(Role.OFFICE)
def set_active(person_id: uuid.UUID) -> ResponseReturnValue:
    """Close an account, or open it again."""
    opened = request.form.get("active") == "yes"
    accounts.set_active(house(), caller(), person_id, opened)
    flash("The account is open again." if opened else "The account is closed, and signed out everywhere.")
    return redirect(url_for("accounts.people"))


@bp.post("/<uuid:person_id>/password")
@allow(Role.OFFICE)
@proving
def help_back_in(person_id: uuid.UUID) -> ResponseReturnValue:
    """Give somebody a new password in place of every way in that they had."""
    new, mine = request.form.get("password", ""), forms.proof(request.form, "mine")
    try:
        accounts.help_back_in(house(), caller(), person_id, new, mine)
    except NotFound:
        raise
    except Refused as refused:
        return _people_page(PersonForm(), refused, person_id), refused.status
    flash(
        "The new password holds from now. Passkeys and codes of before do not, and the person was signed out everywhere."
    )
    return redirect(url_for("accounts.people"))
