"""The office's pages: trips, and each pupil's answers."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tripupdates import (
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
from tripupdates.database import fresh
from tripupdates.health import troubles
from tripupdates.outbox import late, pauses, queue
from tripupdates.people.records import Person, everyone
from tripupdates.telling import choices
from tripupdates.telling import view as telling
from tripupdates.telling.records import telling_of
from tripupdates.trips import records
from tripupdates.trips.records import Pupil, Trip
from tripupdates.vocabulary import Channel, NotFound, Refused, Role
from tripupdates.web import contacts
from tripupdates.web.guard import POSTING, allow, caller, house
from tripupdates.web.office_forms import (
    TripForm,
    status,
    ticked_staff,
    typed_groups,
    typed_telling,
)
from tripupdates.web.paging import page_of

TRIPS_A_PAGE = 12

bp = Blueprint("office", __name__, url_prefix="/office")


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
    return page, status(refused)


def _may_go(session: Session) -> list[Person]:
    """Those who can be accompanying staff."""
    return [person for person in everyone(session) if person.active and person.role in POSTING]


@bp.get("/trips/<slug>")
@allow(Role.OFFICE)
def trip(slug: str) -> ResponseReturnValue:
    """One trip: its code, who goes along, its pupils and what their parents answered."""
    return trip_page(slug)


def trip_page(slug: str, refused: Refused | None = None) -> ResponseReturnValue:
    """The page of a trip, with what was refused. Raises NotFound."""
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
        return trip_page(slug, refused)
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
        return trip_page(slug, refused)
    flash("Kept. It holds for what waits now as well.")
    return redirect(url_for("office.trip", slug=slug, _anchor="telling"))


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
            flash(recorded(*done))
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


def recorded(new: int, refusals: int) -> str:
    """What became of answers, in a sentence."""
    if not new:
        return "Nothing was changed: there was no new answer."
    yes = new - refusals
    down = " What must come down is coming down now." if refusals else ""
    return f"Recorded: {yes} yes, {refusals} no.{down}"
