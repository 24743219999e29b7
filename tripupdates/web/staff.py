"""What accompanying staff use on a trip: their trips, an update, its photos. Works without a script."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from tripupdates import journey
from tripupdates.approval import records, view
from tripupdates.approval.records import Update
from tripupdates.consent import records as consents
from tripupdates.database import fresh
from tripupdates.photos.records import Photo
from tripupdates.trips import records as trips
from tripupdates.trips.records import Pupil, Trip
from tripupdates.vocabulary import MOVES, Channel, Move, NotFound, Refused, UpdateState
from tripupdates.web.guard import POSTING, allow, caller, house

bp = Blueprint("staff", __name__, url_prefix="/staff")

PHOTO_AGE = 300  # seconds: a withdrawn photo must fade from caches
NOBODY, THESE = "nobody", "these"


@bp.get("/")
@allow(*POSTING)
def home() -> ResponseReturnValue:
    """My trips, with what has been written on each."""
    session = fresh()
    mine = [
        (trip, [(update, _standings(update)) for update in records.of_trip(session, trip.id)])
        for trip in trips.of_person(session, caller().id)
    ]
    return render_template("staff/home.html", trips=mine)


def _standings(update: Update) -> tuple[view.Standing, ...]:
    version = records.latest_version(fresh(), update)
    published = update.state in {UpdateState.APPROVED, UpdateState.TAKEN_DOWN}
    return view.standings(fresh(), update, version) if version and published else ()


@bp.get("/updates/new")
@allow(*POSTING)
def new() -> ResponseReturnValue:
    """A blank update. Its ids are made as the page opens, so that sending the form twice makes one update."""
    mine = trips.of_person(fresh(), caller().id)
    chosen = [trip for trip in mine if trip.slug == request.args.get("trip")] or mine
    return render_template(
        "staff/new.html",
        trips=chosen,
        update_id=uuid.uuid4(),
        photo_ids=[uuid.uuid4() for _ in range(journey.MOST_PHOTOS)],
        places=_places(),
    )


def _places() -> list[Channel]:
    return [channel for channel in Channel if channel in house().places]


@bp.get("/updates/<uuid:update_id>")
@allow(*POSTING)
def update(update_id: uuid.UUID) -> ResponseReturnValue:
    """One update: to change it, while it can be; else where it stands."""
    return _page(update_id)


@bp.post("/updates/<uuid:update_id>")
@allow(*POSTING)
def save(update_id: uuid.UUID) -> ResponseReturnValue:
    """Keep everything on the form, then do what the button says. What is refused is told; the rest is kept."""
    trouble = list(_keep(update_id))
    action = request.form.get("action", "save")
    if not trouble and action == "submit":
        trouble = list(_try(lambda: journey.submit(house(), caller(), update_id)))
    if trouble:
        titles = tuple(line for refused in trouble for line in (refused.title, *refused.reasons))
        return _page(update_id, "Not everything could be done. The rest is saved.", titles, trouble[0].status)
    flash("Sent to the head." if action == "submit" else "Saved.")
    return redirect(url_for("staff.update", update_id=update_id))


def _try(step: Callable[[], None]) -> Iterator[Refused]:
    try:
        step()
    except NotFound:
        raise
    except Refused as refused:
        yield refused


def _keep(update_id: uuid.UUID) -> Iterator[Refused]:
    form, who = request.form, caller()
    words = (form.get("trip", ""), form.get("text", ""), form.get("x_text"), form.getlist("channels"))
    refused = list(_try(partial(journey.save_draft, house(), who, update_id, *words)))
    yield from refused
    if refused and fresh().get(Update, update_id) is None:
        return  # nothing was begun yet, so there is nothing to add photos to
    for photo in _photos(update_id):
        if form.get("action") == f"remove-{photo.id}":
            journey.remove_photo(house(), who, update_id, photo.id)
        elif f"alt-{photo.id}" in form:
            yield from _describe(update_id, photo)
    yield from _add_photos(update_id)


def _photos(update_id: uuid.UUID) -> list[Photo]:
    found = fresh().get(Update, update_id)
    return [] if found is None else list(found.photos)


def _describe(update_id: uuid.UUID, photo: Photo) -> Iterator[Refused]:
    answer, ticked = request.form.get(f"who-{photo.id}"), request.form.getlist(f"pupil-{photo.id}")
    pictured: list[uuid.UUID] | None = None
    if answer == NOBODY and ticked:
        yield Refused(
            f"Photo {photo.position}: you ticked pupils and said that no pupil is in it. Which is right?"
        )
    elif answer == NOBODY:
        pictured = []
    elif ticked:  # ticking pupils is an answer, whether or not the choice above was made
        pictured = [uuid.UUID(each) for each in ticked if _is_uuid(each)]
    elif answer == THESE:
        yield Refused(f"Photo {photo.position}: tick the pupils who are in it.")
    alt, number = request.form[f"alt-{photo.id}"], photo.id
    yield from _try(
        lambda: journey.describe_photo(house(), caller(), update_id, number, alt=alt, pictured=pictured)
    )


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _add_photos(update_id: uuid.UUID) -> Iterator[Refused]:
    files = [file for file in request.files.getlist("photos") if file.filename]
    ids = [uuid.UUID(each) for each in request.form.getlist("photo_ids") if _is_uuid(each)]
    if len(files) > len(ids):
        yield Refused(
            f"An update can have at most {journey.MOST_PHOTOS} photos; the last ones were left out."
        )
    for file, photo_id in zip(files, ids, strict=False):
        add = partial(journey.add_photo, house(), caller(), update_id, photo_id, file.stream.read())
        for refused in _try(add):
            yield Refused(f"{file.filename}: {refused.title}", refused.reasons)


@dataclass(frozen=True)
class Choice:
    """A pupil to tick, with where they can be shown."""

    pupil: Pupil
    can: tuple[tuple[Channel, bool], ...]


def _choices(trip: Trip) -> list[tuple[str, list[Choice]]]:
    """Pupils by group, each with the places where they can and cannot be shown."""
    given = consents.current(fresh(), trip.id)
    groups: dict[str, list[Choice]] = {group.name: [] for group in trip.groups}
    for pupil in trip.pupils:
        can = tuple((channel, channel in given.get(pupil.id, ())) for channel in _places())
        groups.setdefault(pupil.group.name if pupil.group else "No group", []).append(Choice(pupil, can))
    return [(name, choices) for name, choices in groups.items() if choices]


def _page(
    update_id: uuid.UUID, title: str = "", reasons: tuple[str, ...] = (), status: int = 200
) -> ResponseReturnValue:
    session = fresh()
    found = session.get(Update, update_id)
    if found is None or not view.may_see(session, caller(), found):
        if title:  # the very first save was refused: show why, and give the words back
            return render_template("error.html", title=title, reasons=reasons, kept=_typed()), status
        raise NotFound("There is no such update, or it is not yours.")
    mine = found.author_id == caller().id and trips.accompanies(session, caller().id, found.trip_id)
    left = journey.MOST_PHOTOS - len(found.photos)
    return render_template(
        "staff/update.html",
        update=found,
        status=view.status(house(), session, found),
        review=_review(found),
        editable=mine and (found.state, Move.EDIT) in MOVES and found.state is not UpdateState.APPROVED,
        choices=_choices(found.trip),
        photo_ids=[uuid.uuid4() for _ in range(left)],
        places=_places(),
        title=title,
        reasons=reasons,
        typed=_typed() if title else {},
    ), status


def _typed() -> dict[str, str]:
    return {name: request.form[name] for name in ("text", "x_text") if request.form.get(name)}


def _review(found: Update) -> view.Review | None:
    version = records.latest_version(fresh(), found)
    if version is None or found.state in {UpdateState.DRAFT, UpdateState.RETURNED}:
        return None
    return view.review(fresh(), found, version)


@bp.get("/photos/<uuid:photo_id>/<name>")
@allow(*POSTING)
def photo(photo_id: uuid.UUID, name: str) -> ResponseReturnValue:
    """A rendition, for those who may see its update."""
    session = fresh()
    found = session.get(Photo, photo_id)
    shown = None if found is None else session.get(Update, found.update_id)
    if found is None or shown is None or not view.may_see(session, caller(), shown):
        raise NotFound("There is no such photo.")
    if name not in {rendition["name"] for rendition in found.renditions} or not house().photos.exists(name):
        raise NotFound("There is no such photo.")
    answer = send_file(house().photos.path(name), mimetype="image/jpeg", max_age=PHOTO_AGE)
    answer.cache_control.public, answer.cache_control.private = False, True
    return answer
