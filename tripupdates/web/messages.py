"""Two taps without a script: the head approves a trip's messages, staff choose one and confirm it."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tripupdates import prices, standing
from tripupdates.approval import in_force, view, wordings
from tripupdates.approval.records import Update
from tripupdates.database import fresh
from tripupdates.office import trip_by_slug
from tripupdates.prices import Cost
from tripupdates.trips import records as trips
from tripupdates.vocabulary import Channel, Conflict, Kind, NotFound, Refused, Role
from tripupdates.web import forms
from tripupdates.web.guard import POSTING, allow, caller, house, proving

bp = Blueprint("messages", __name__)


@bp.get("/review/trips/<slug>/messages")
@allow(Role.APPROVER)
def approval(slug: str) -> ResponseReturnValue:
    """The sentences of a trip, to change and to approve, and whether they are approved now."""
    return _page(slug)


def _page(slug: str, refused: Refused | None = None) -> ResponseReturnValue:
    """After a conflict it shows what holds now; after anything else that was refused, what was typed."""
    session = fresh()
    now = in_force.standing(house(), session, trip_by_slug(session, slug))
    typed = request.form if refused and not isinstance(refused, Conflict) else None
    return render_template(
        "review/messages.html",
        standing=now,
        texts=_texts(now) if typed is None else {key: typed.get(key, "") for key in wordings.OCCASIONS},
        chosen=now.channels if typed is None else typed.getlist("channels"),
        occasions=wordings.OCCASIONS,
        timed=wordings.TIMED,
        longest=wordings.LONGEST,
        places=house().offered(Kind.MESSAGE),
        costs=_costs(session, now),
        on_trip=trips.accompanies(session, caller().id, now.trip.id),
        refused=refused,
    ), refused.status if refused else 200


def _costs(session: Session, now: in_force.Standing) -> dict[Channel, Cost]:
    """What the dearest of the messages that hold takes, by each way that goes to families."""
    texts = wordings.samples(now.messages)
    return prices.of_messages(house(), session, now.trip, house().offered(Kind.MESSAGE), texts)


def _texts(now: in_force.Standing) -> dict[str, str]:
    """Also those that there were not yet when a head approved the trip's messages."""
    return wordings.DEFAULTS | {each.key: each.text for each in now.messages}


@bp.post("/review/trips/<slug>/messages")
@allow(Role.APPROVER)
@proving
def approve(slug: str) -> ResponseReturnValue:
    """Approve exactly what is on the form."""
    form = request.form
    texts = {key: form.get(key, "") for key in wordings.DEFAULTS}
    channels, seen = form.getlist("channels"), form.get("seen", "")
    try:
        standing.approve_wordings(house(), caller(), slug, texts, channels, seen, forms.proof(form))
    except NotFound:
        raise
    except Refused as refused:
        return _page(slug, refused)
    flash("Approved. Staff on this trip can send these messages now.")
    return redirect(url_for("messages.approval", slug=slug))


@bp.post("/review/trips/<slug>/messages/stop")
@allow(Role.APPROVER)
def stop(slug: str) -> ResponseReturnValue:
    """From now on nobody can send them."""
    standing.withdraw_wordings(house(), caller(), slug)
    flash(
        "Stopped. Nobody can send these messages now. What is out already can be taken down from “To review”."
    )
    return redirect(url_for("messages.approval", slug=slug))


@bp.get("/staff/updates/<uuid:update_id>/message")
@allow(*POSTING)
def confirm(update_id: uuid.UUID) -> ResponseReturnValue:
    """The second tap: the exact words and where they will stand. The id came with the first, so going back is safe."""
    session = fresh()
    sent = session.get(Update, update_id)
    if sent is not None and view.may_see(house(), session, caller(), sent):
        return redirect(url_for("staff.update", update_id=update_id))
    return _confirm(update_id, request.args.get("trip", ""), request.args.get("key", ""))


def _confirm(
    update_id: uuid.UUID, trip: str, key: str, refused: Refused | None = None
) -> ResponseReturnValue:
    time, offer = request.values.get("time", ""), None
    try:
        offer = standing.offer(house(), caller(), trip, key, time)
    except NotFound:
        raise
    except Refused as now:
        refused = refused or now
    return render_template(
        "staff/message.html",
        update_id=update_id,
        trip_slug=trip,
        key=key,
        time=time,
        offer=offer,
        refused=refused,
    ), refused.status if refused else 200


@bp.post("/staff/updates/<uuid:update_id>/message")
@allow(*POSTING)
def send(update_id: uuid.UUID) -> ResponseReturnValue:
    """Send what was on the page."""
    form = request.form
    trip, key, time, digest = (form.get(name, "") for name in ("trip", "key", "time", "digest"))
    try:
        standing.send_wording(house(), caller(), update_id, trip, key, time, digest)
    except NotFound:
        raise
    except Refused as refused:
        return _confirm(update_id, trip, key, refused)
    flash("Sent. It is on its way.")
    return redirect(url_for("staff.update", update_id=update_id))
