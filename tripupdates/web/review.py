"""What the head uses: what waits, exactly what would be published, and the decision. Nothing is decided by a GET."""

import uuid
from collections.abc import Callable, Collection
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tripupdates import answering, by_hand_view, journey, office, school, takedown
from tripupdates.approval import in_force, papers, records, view
from tripupdates.approval.records import Update
from tripupdates.database import fresh
from tripupdates.outbox import late, pauses, queue
from tripupdates.trips import records as trips
from tripupdates.vocabulary import Channel, NotFound, Refused, Role, UpdateState
from tripupdates.web import forms
from tripupdates.web.guard import DEPUTY, allow, caller, deputises, house, proving
from tripupdates.web.steps import take

bp = Blueprint("review", __name__, url_prefix="/review")

RECENT = 30


@bp.get("/")
@allow(Role.APPROVER, DEPUTY)
def waiting() -> ResponseReturnValue:
    """What waits, the longest first; below it what is out, what needs a person, and what is not yet gone."""
    session, whole_school = fresh(), caller().role is Role.APPROVER
    mine = deputises()
    shown = records.newest_decided(session, RECENT, None if whole_school else mine)
    waits = [
        update
        for update in records.in_state(session, UpdateState.WAITING)
        if whole_school or update.trip_id in mine
    ]
    records.at_a_glance(session, [*waits, *shown])
    accompanied = {trip.id for trip in trips.of_person(session, caller().id)}
    need_person = queue.need_person(session) if whole_school else []
    not_yet_gone = takedown.not_yet_gone(session) if whole_school else []
    return render_template(
        "review/waiting.html",
        waiting=[(update, _why_not(update, accompanied), _remarks(update)) for update in waits],
        published=[(update, view.status(house(), session, update).deliveries) for update in shown],
        need_person=need_person,
        to_answer=answering.ids_to_answer(each.order for each in need_person),
        by_hand=by_hand_view.waiting(house(), session, caller()),
        paused=pauses.until_mended(session, house().now()) if whole_school else [],
        late=late.late(session, house().now()) if whole_school else [],
        asking_stuck=(),  # the office's
        not_yet_gone=not_yet_gone,
        about=records.named(
            session,
            [each.order.update_id for each in need_person] + [each.update_id for each in not_yet_gone],
        ),
        cannot_recall=takedown.CANNOT_RECALL,
        messages=in_force.coming(house(), session) if whole_school else [],
    )


def _remarks(update: Update) -> int:
    """How many remarks the policy has on the version that waits."""
    return len(forms.same_remarks(update.version.findings)) if update.version else 0


def _why_not(update: Update, accompanied: Collection[uuid.UUID]) -> str:
    """Why this approver, who accompanies these trips, may not decide on it; '' where they may."""
    if update.author_id == caller().id:
        return "You wrote it, so somebody else must decide."
    if update.trip_id in accompanied:
        return "You are on this trip, so somebody at school must decide."
    return ""


@bp.get("/<uuid:update_id>")
@allow(Role.APPROVER, DEPUTY)
def update(update_id: uuid.UUID) -> ResponseReturnValue:
    """The whole decision on one page: each channel as it will be, who is in the photos, the policy's remarks."""
    return _page(update_id)


def _page(update_id: uuid.UUID, refused: Refused | None = None) -> ResponseReturnValue:
    session = fresh()
    found = session.get(Update, update_id)
    version = None if found is None else records.latest_version(session, found)
    if found is None or version is None or found.state is UpdateState.DRAFT:
        raise NotFound("This update is not with the head: its author has it.")
    if not view.may_decide(house(), session, caller(), found):
        raise NotFound("There is no such update, or you are not deputy for its trip.")
    shown, status = view.review(session, found, version), view.status(house(), session, found)
    return render_template(
        "review/update.html",
        update=found,
        status=status,
        fallback=school.fallback(status.deliveries, house().settings.x_handle),
        review=shown,
        paper=papers.sent(session, found, version),
        x_links=house().settings.x_links,
        previews=shown.previews,
        who={pictured.photo.number: pictured for pictured in shown.pictured},
        remarks=forms.same_remarks(version.findings),
        changes=forms.same_changes(shown.changes, house().names),
        why_not=_why_not(found, {trip.id for trip in trips.of_person(session, caller().id)}),
        refused=refused,
        form=request.form,
    ), refused.status if refused else 200


def decide(update_id: uuid.UUID, step: Callable[[], None], done: str, to: str = "") -> ResponseReturnValue:
    """Take a step, and go on to the list, or `to` another page. What is refused is told on the update's page."""
    return take(step, partial(_page, update_id), done, to or url_for("review.waiting"))


@bp.post("/<uuid:update_id>/approve")
@allow(Role.APPROVER, DEPUTY)
@proving
def approve(update_id: uuid.UUID) -> ResponseReturnValue:
    """Approve the version that was on the page."""
    form = request.form
    digest, reasons = form.get("digest", ""), forms.overrides(form)

    def step() -> None:
        when = forms.when(form, house().settings.timezone)
        journey.approve(house(), caller(), update_id, digest, reasons, forms.proof(form), when)

    later = form.get("when") in {"at", "left"}
    return decide(update_id, step, "Approved. It goes out later." if later else "Approved. It is on its way.")


@bp.post("/<uuid:update_id>/return")
@allow(Role.APPROVER, DEPUTY)
def send_back(update_id: uuid.UUID) -> ResponseReturnValue:
    """Give it back with a reason."""
    digest, reason = request.form.get("digest", ""), request.form.get("reason", "")
    return decide(
        update_id,
        lambda: journey.send_back(house(), caller(), update_id, digest, reason),
        "Sent back to its author.",
    )


@bp.post("/<uuid:update_id>/reject")
@allow(Role.APPROVER, DEPUTY)
def reject(update_id: uuid.UUID) -> ResponseReturnValue:
    """Refuse it for good, with a reason."""
    digest, reason = request.form.get("digest", ""), request.form.get("reason", "")
    return decide(
        update_id, lambda: journey.reject(house(), caller(), update_id, digest, reason), "Rejected."
    )


@bp.post("/<uuid:update_id>/take-down")
@allow(Role.APPROVER, DEPUTY)
def take_down(update_id: uuid.UUID) -> ResponseReturnValue:
    """Take it off every channel, with a reason."""
    reason = request.form.get("reason", "")
    return decide(
        update_id,
        lambda: takedown.take_down(house(), caller(), update_id, reason),
        "It is being taken down everywhere. This page shows when each place has confirmed.",
    )


@bp.post("/channels/<name>/try-again")
@allow(Role.APPROVER, Role.OFFICE)
def try_channel_again(name: str) -> ResponseReturnValue:
    """The school's account there is mended: everything that waits goes on."""
    if name not in set(Channel):
        raise NotFound("There is no such place.")
    office.try_channel_again(house(), caller(), Channel(name))
    flash("It goes on.")
    return redirect(url_for("office.trips" if caller().role is Role.OFFICE else "review.waiting"))


@bp.post("/orders/<uuid:delivery_id>/try-again")
@allow(Role.APPROVER, Role.OFFICE)
def try_again(delivery_id: uuid.UUID) -> ResponseReturnValue:
    """What was in the way is mended: go on."""
    office.try_again(house(), caller(), delivery_id)
    flash("It goes on.")
    return redirect(url_for("office.trips" if caller().role is Role.OFFICE else "review.waiting"))
