"""The office's pages: trips, lists of pupils, consent, accounts. A file is shown as read before it counts."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tripupdates import (
    accounts,
    answering,
    asking_story,
    by_hand_view,
    office,
    policy_reviews,
    prices,
    takedown,
)
from tripupdates.approval import records as updates
from tripupdates.consent import links, requests
from tripupdates.consent.records import current, history
from tripupdates.consent.register import ConsentReading
from tripupdates.database import fresh
from tripupdates.health import troubles
from tripupdates.outbox import late, pauses, queue
from tripupdates.people.records import Person, everyone
from tripupdates.people.signing_in import SHORTEST
from tripupdates.telling import choices
from tripupdates.telling import view as telling
from tripupdates.telling.records import telling_of
from tripupdates.trips import records
from tripupdates.trips.records import Pupil, Trip
from tripupdates.trips.register import NeedsMapping
from tripupdates.vocabulary import Channel, NotFound, Refused, Role
from tripupdates.web import contacts, forms
from tripupdates.web.guard import POSTING, allow, caller, house, proving
from tripupdates.web.office_forms import (
    ROLE_NAMES,
    PersonForm,
    SentFile,
    TripForm,
    columns,
    sent_file,
    ticked_staff,
    typed_groups,
    typed_telling,
)
from tripupdates.web.paging import page_of

TRIPS_A_PAGE = 12

bp = Blueprint("office", __name__, url_prefix="/office")


def _status(refused: Refused | None) -> int:
    """The status of a page with a form: as refused, or 422 where the form itself found the fault."""
    if refused is not None:
        return refused.status
    return 200 if request.method == "GET" else 422


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


@bp.get("/")
@allow(Role.OFFICE)
def trips() -> ResponseReturnValue:
    """All trips with their tallies, the orders that need a person, and what is not yet confirmed gone."""
    session = fresh()
    need_person, not_yet_gone = queue.need_person(session), takedown.not_yet_gone(session)
    page = page_of(records.every(session), TRIPS_A_PAGE)
    return render_template(
        "office/trips.html",
        trips=[(trip, _tally(session, trip)) for trip in page.rows],
        page=page,
        need_person=need_person,
        to_answer=answering.ids_to_answer(each.order for each in need_person),
        by_hand=by_hand_view.waiting(house(), session, caller()),
        paused=pauses.until_mended(session, house().now()),
        late=late.late(session, house().now()),
        asking_stuck=requests.need_person(session),
        not_yet_gone=not_yet_gone,
        about=updates.named(
            session,
            [each.order.update_id for each in need_person] + [each.update_id for each in not_yet_gone],
        ),
        cannot_recall=takedown.CANNOT_RECALL,
        silent_since=troubles.silent_since(session),
        policy_to_do=policy_reviews.to_do(house(), session),
        texts=prices.this_year(house(), session) if Channel.TEXT in house().places else None,
    )


def _tally(session: Session, trip: Trip) -> dict[Channel, int]:
    """How many pupils of the trip have a yes, by channel."""
    given = current(session, trip.id)
    return {
        channel: sum(channel in given.get(pupil.id, ()) for pupil in trip.pupils)
        for channel in house().pictured
    }


@bp.route("/trips/new", methods=["GET", "POST"])
@allow(Role.OFFICE)
def new_trip() -> ResponseReturnValue:
    """Make a trip."""
    form, refused = TripForm(), None
    if form.validate_on_submit():
        name, venue, days = form.name.data, form.venue.data, (form.starts.data, form.ends.data)
        try:
            slug = office.make_trip(house(), caller(), name, venue, *days, typed_groups(), ticked_staff())
        except Refused as error:
            refused = error
        else:
            flash("The trip is made. Add its pupils next.")
            return redirect(url_for("office.trip", slug=slug))
    people = _may_go(fresh())
    page = render_template("office/new_trip.html", form=form, refused=refused, people=people)
    return page, _status(refused)


def _may_go(session: Session) -> list[Person]:
    """Those who can be accompanying staff."""
    return [person for person in everyone(session) if person.active and person.role in POSTING]


@bp.get("/trips/<slug>")
@allow(Role.OFFICE)
def trip(slug: str) -> ResponseReturnValue:
    """One trip: its code, who goes along, its pupils and what their parents answered."""
    return _trip_page(slug)


def _trip_page(slug: str, refused: Refused | None = None) -> ResponseReturnValue:
    session = fresh()
    found = office.trip_by_slug(session, slug)
    page = render_template(
        "office/trip.html",
        trip=found,
        given=current(session, found.id),
        people=_may_go(session),
        approvers=telling.approvers_of(house(), session, found),
        telling=telling_of(session, found.id),
        school_trouble=telling.school_trouble(house(), session),
        address=house().settings.public_base_url + url_for("families.trip_page", slug=slug),
        refused=refused,
    )
    return page, refused.status if refused else 200


@bp.post("/trips/<slug>/staff")
@allow(Role.OFFICE)
def set_staff(slug: str) -> ResponseReturnValue:
    """Change who goes along."""
    try:
        office.set_staff(house(), caller(), slug, ticked_staff())
    except Refused as refused:
        return _trip_page(slug, refused)
    flash("The accompanying staff are changed.")
    return redirect(url_for("office.trip", slug=slug))


@bp.post("/trips/<slug>/telling")
@allow(Role.OFFICE)
def set_telling(slug: str) -> ResponseReturnValue:
    """Change who is told first, and when the others are."""
    try:
        choices.set_for_trip(house(), caller(), slug, *typed_telling())
    except NotFound:
        raise
    except Refused as refused:
        return _trip_page(slug, refused)
    flash("Kept. It holds for what waits now as well.")
    return redirect(url_for("office.trip", slug=slug, _anchor="telling"))


def _with_file(
    slug: str, kind: str, page: Callable[[str, SentFile], ResponseReturnValue]
) -> ResponseReturnValue:
    """Answer with `page` for the file that was sent; ask for its columns where its headings do not tell."""
    sent = SentFile(b"", None)
    try:
        sent = sent_file()
        return page(slug, sent)
    except NeedsMapping as asked:
        about = _about_file(slug, kind, sent)
        return render_template("office/columns.html", **about, asked=asked), asked.status
    except Refused as refused:
        return _trip_page(slug, refused)


def _about_file(slug: str, kind: str, sent: SentFile) -> dict[str, Any]:
    """What every page about a file shows."""
    trip = office.trip_by_slug(fresh(), slug)
    return {"trip": trip, "kind": kind, "fields": columns(kind), "sent": sent}


@bp.post("/trips/<slug>/register")
@allow(Role.OFFICE)
def register(slug: str) -> ResponseReturnValue:
    """Show what a list of pupils says and what importing it would do. Nothing is kept."""
    return _with_file(slug, "register", _register_page)


def _register_page(slug: str, sent: SentFile) -> ResponseReturnValue:
    preview = office.preview_register(slug, sent.data, sent.columns)
    return render_template("office/register.html", **_about_file(slug, "register", sent), preview=preview)


@bp.post("/trips/<slug>/register/confirm")
@allow(Role.OFFICE)
def register_confirm(slug: str) -> ResponseReturnValue:
    """Bring the trip's list to what the file says."""
    return _with_file(slug, "register", _import_register)


def _import_register(slug: str, sent: SentFile) -> ResponseReturnValue:
    despite = request.form.get("despite") == "yes"
    done = office.import_register(house(), caller(), slug, sent.data, sent.columns, despite)
    new, changed, others = len(done.new), len(done.changed), done.contacts
    said = f"{_count(new, 'pupil')} added, {changed} changed." if new or changed else ""
    if others:
        said += f" Contacts: {others.new} added, {others.changed} changed, {others.gone} removed."
    flash(said.strip() or "Nothing was changed: the trip’s list says the same as the file.")
    return redirect(url_for("office.trip", slug=slug))


@bp.post("/trips/<slug>/consent")
@allow(Role.OFFICE)
def consent(slug: str) -> ResponseReturnValue:
    """Show what a consent file says and what it would take down. Nothing is kept."""
    return _with_file(slug, "consent", _consent_page)


def _consent_page(slug: str, sent: SentFile, refused: Refused | None = None) -> ResponseReturnValue:
    reading = office.preview_consent(slug, sent.data, sent.columns)
    about = _about_file(slug, "consent", sent)
    given = current(fresh(), about["trip"].id)
    refusals = [row for row in reading.answers if not row.yes]
    page = render_template(
        "office/consent.html",
        **about,
        reading=reading,
        rows=_by_pupil(about["trip"], reading),
        given=given,
        ending=sum(row.channel in given.get(uuid.UUID(row.pupil_id), ()) for row in refusals),
        refused=refused,
    )
    return page, refused.status if refused else 200


def _by_pupil(trip: Trip, reading: ConsentReading) -> list[tuple[Pupil, dict[Channel, Any]]]:
    """The pupils who are in the file, each with the answer found for a channel, or None where it is blank."""
    answers = {(row.pupil_id, row.channel): row for row in reading.answers}
    return [
        (pupil, {channel: answers.get((str(pupil.id), channel)) for channel in house().pictured})
        for pupil in trip.pupils
        if str(pupil.id) not in reading.silent
    ]


@bp.post("/trips/<slug>/consent/confirm")
@allow(Role.OFFICE)
def consent_confirm(slug: str) -> ResponseReturnValue:
    """Record the answers of a consent file."""
    return _with_file(slug, "consent", _import_consent)


def _import_consent(slug: str, sent: SentFile) -> ResponseReturnValue:
    note = request.form.get("note", "")
    try:
        _, new, refusals = office.import_consent(house(), caller(), slug, sent.data, note, sent.columns)
    except Refused as refused:
        return _consent_page(slug, sent, refused)
    flash(_recorded(new, refusals))
    return redirect(url_for("office.trip", slug=slug))


def _recorded(new: int, refusals: int) -> str:
    if not new:
        return "Nothing was changed: there was no new answer."
    yes = new - refusals
    down = " What must come down is coming down now." if refusals else ""
    return f"Recorded: {yes} yes, {refusals} no.{down}"


@bp.route("/trips/<slug>/pupils/<uuid:pupil_id>", methods=["GET", "POST"])
@allow(Role.OFFICE, Role.APPROVER)
def pupil(slug: str, pupil_id: uuid.UUID) -> ResponseReturnValue:
    """A pupil's answers, by channel, and how they came about; to change them by hand."""
    refused = None
    if request.method == "POST":
        note, trip_id = request.form.get("note", ""), _pupil(fresh(), slug, pupil_id).trip_id
        try:
            done = takedown.record_answers(house(), caller(), trip_id, _answers(pupil_id), note)
        except Refused as error:
            refused = error
        else:
            flash(_recorded(*done))
            return redirect(url_for("office.pupil", slug=slug, pupil_id=pupil_id))
    return pupil_page(slug, pupil_id, refused)


def pupil_page(slug: str, pupil_id: uuid.UUID, refused: Refused | None = None) -> ResponseReturnValue:
    """The page of a pupil, with what was refused. Raises NotFound."""
    session = fresh()
    answers, made = history(session, pupil_id), links.of_pupil(session, pupil_id)
    page = render_template(
        "office/pupil.html",
        pupil=_pupil(session, slug, pupil_id),
        answers=answers,
        links=made,
        asked=asking_story.told(session, pupil_id, made) if caller().role is Role.OFFICE else [],
        contacts=contacts.shown(session, pupil_id) if caller().role is Role.OFFICE else (),
        can_mail=house().mail is not None,
        latest={answer.channel: answer for answer in reversed(answers)},
        names={person.id: person.name for person in everyone(session)},
        refused=refused,
    )
    return page, refused.status if refused else 200


def _pupil(session: Session, slug: str, pupil_id: uuid.UUID) -> Pupil:
    found = session.get(Pupil, pupil_id)
    if found is None or found.trip.slug != slug:
        raise NotFound("There is no such pupil on this trip.")
    return found


def _answers(pupil_id: uuid.UUID) -> list[takedown.Given]:
    """Only a plain yes is a yes (law 1); a channel where nothing was chosen is left as it is."""
    chosen = {channel: request.form.get(f"answer-{channel}", "") for channel in house().pictured}
    return [takedown.Given(pupil_id, channel, word == "yes") for channel, word in chosen.items() if word]


@bp.route("/people", methods=["GET", "POST"])
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
            return redirect(url_for("office.people"))
    return _people_page(form, refused), _status(refused)


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


@bp.post("/people/<uuid:person_id>/active")
@allow(Role.OFFICE)
def set_active(person_id: uuid.UUID) -> ResponseReturnValue:
    """Close an account, or open it again."""
    opened = request.form.get("active") == "yes"
    accounts.set_active(house(), caller(), person_id, opened)
    flash("The account is open again." if opened else "The account is closed, and signed out everywhere.")
    return redirect(url_for("office.people"))


@bp.post("/people/<uuid:person_id>/password")
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
    return redirect(url_for("office.people"))
