"""What accompanying staff use on a trip: their trips, an update, its photos. Works without a script."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tripupdates import by_hand_view, journey, picturing, school
from tripupdates.approval import doors, in_force, records, standings, view
from tripupdates.approval.records import Update
from tripupdates.approval.standings import Standing
from tripupdates.consent import records as consents
from tripupdates.database import fresh
from tripupdates.photos import answers
from tripupdates.photos.boxes import Box
from tripupdates.photos.records import Photo
from tripupdates.telling import view as telling
from tripupdates.trips import records as trips
from tripupdates.trips.records import Pupil, Trip
from tripupdates.vocabulary import (
    MOVES,
    OF_THE_SCHOOL,
    Channel,
    Kind,
    Move,
    NotFound,
    Refused,
    Role,
    UpdateState,
)
from tripupdates.web import forms, newsletters, phone
from tripupdates.web.guard import POSTING, allow, caller, house, kept_words
from tripupdates.web.paging import page_of
from tripupdates.web.stored import handed

TRIPS_A_PAGE = 4

bp = Blueprint("staff", __name__, url_prefix="/staff")

SENT = "Sent. Nothing is out before somebody else has approved it."
NOBODY_ELSE = "Kept. Nothing is out yet: we can reach nobody else who could say yes."
REDRAWN = {
    "cover": "Saved, and the face is covered.",
    "away": "Saved and cropped.",
    "crop": "Saved and cropped.",
}


@bp.get("/")
@allow(*POSTING)
def home() -> ResponseReturnValue:
    """My trips, with what has been written on each, and the messages that can be sent with two taps."""
    session = fresh()
    page = page_of(trips.of_person(session, caller().id), TRIPS_A_PAGE)
    mine = [
        (
            trip,
            [(update, _standings(session, update)) for update in _written(session, trip)],
            [(uuid.uuid4(), message) for message in in_force.on_offer(house(), session, trip)],
            telling.trip_troubles(house(), session, trip),
            standings.waits_for_departure(session, trip),
        )
        for trip in page.rows
    ]
    hands = by_hand_view.waiting(house(), session, caller())
    return render_template("staff/home.html", trips=mine, page=page, by_hand=hands)


def _written(session: Session, trip: Trip) -> Sequence[Update]:
    return records.at_a_glance(session, records.of_trip(session, trip.id))


def _standings(session: Session, update: Update) -> tuple[Standing, ...]:
    version = update.version
    published = update.state in {UpdateState.APPROVED, UpdateState.TAKEN_DOWN}
    return standings.standings(house(), session, update, version) if version and published else ()


@bp.get("/updates/new")
@allow(*POSTING)
def new() -> ResponseReturnValue:
    """A blank update. Its ids are made as the page opens, so that sending the form twice makes one update.

    With scripts it becomes the composer (static/js/phone/composer.js), unless `?plain=1` says not to.
    """
    if phone.asks_for_shell():
        return phone.shell_page("staff/new.html")
    mine = trips.of_person(fresh(), caller().id)
    chosen = [trip for trip in mine if trip.slug == request.args.get("trip")] or mine
    return render_template(
        "staff/new.html",
        trips=chosen,
        update_id=uuid.uuid4(),
        photo_ids=[uuid.uuid4() for _ in range(picturing.MOST_PHOTOS)],
        places=_places(),
        plain=request.args.get("plain") == "1",
    )


def _places(kind: Kind = Kind.TRIP) -> tuple[Channel, ...]:
    return house().offered(kind)


@bp.get("/updates/<uuid:update_id>")
@allow(*Role)
def update(update_id: uuid.UUID) -> ResponseReturnValue:
    """One update: to change it, while it can be; else where it stands."""
    return page(update_id)


@bp.post("/updates/<uuid:update_id>")
@allow(*Role)
def save(update_id: uuid.UUID) -> ResponseReturnValue:
    """Keep everything on the form, then do what the button says. What is refused is told; the rest is kept."""
    unsaved = list(_try(partial(_keep_words, update_id)))
    trouble = unsaved or [
        *_keep_photos(update_id),
        *_add_photos(update_id),
        *_try(partial(newsletters.keep, update_id)),
    ]
    action = request.form.get("action", "save")
    if not trouble:
        trouble = list(_redraw(update_id))
    if not trouble and action == "submit":
        trouble = list(_try(partial(journey.submit, house(), caller(), update_id)))
    if trouble:
        return page(update_id, trouble, saved=not unsaved)
    flash(_sent(update_id) if action == "submit" else REDRAWN.get(forms.deed(action)[0], "Saved."))
    return redirect(url_for("staff.update", update_id=update_id, _anchor=_place(update_id)))


@bp.post("/updates/<uuid:update_id>/delete")
@allow(*Role)
def delete(update_id: uuid.UUID) -> ResponseReturnValue:
    """Delete a draft that never went to the head."""
    journey.discard(house(), caller(), update_id)
    flash("The draft is deleted.")
    return redirect(url_for(after_draft()))


def after_draft() -> str:
    """Where somebody goes on who has no trips of their own, or has."""
    return "school.home" if caller().role is Role.OFFICE else "staff.home"


def _sent(update_id: uuid.UUID) -> str:
    """What is urgent may have gone to nobody."""
    session = fresh()
    alone = _alone(session, session.get_one(Update, update_id))
    return NOBODY_ELSE if alone and not alone.others else SENT


def _place(update_id: uuid.UUID) -> str | None:
    """Back to the photo that was worked on."""
    for number, photo in enumerate(fresh().get_one(Update, update_id).photos, 1):
        if (
            forms.deed(request.form.get("action", ""))[1] == str(photo.id)
            or f"tap-{photo.id}.x" in request.form
        ):
            return f"photo-{number}"
    return None


def _try(step: Callable[[], None]) -> Iterator[Refused]:
    try:
        step()
    except Refused as refused:
        yield refused


def _keep_words(update_id: uuid.UUID) -> None:
    form = request.form
    if "kind" in form:
        school.save(house(), caller(), update_id, forms.of_the_school(form, house().settings.timezone))
        return
    trip, text, x_text = form.get("trip", ""), form.get("text", ""), form.get("x_text")
    places, groups = form.getlist("channels"), form.getlist("groups")
    journey.save_draft(house(), caller(), update_id, trip, text, x_text, places, groups)


def _keep_photos(update_id: uuid.UUID) -> Iterator[Refused]:
    """What is said about each photo; and the one that is to go."""
    for number, photo in enumerate(list(fresh().get_one(Update, update_id).photos), 1):
        if request.form.get("action") == f"remove-{photo.id}":
            yield from _try(partial(picturing.remove_photo, house(), caller(), update_id, photo.id))
        elif f"alt-{photo.id}" in request.form:
            yield from _try(partial(_describe, update_id, photo, number))


def _describe(update_id: uuid.UUID, photo: Photo, number: int) -> None:
    """The alt text is kept even where the answer to who is in the photo cannot be taken."""
    said, photo_id = forms.typed(request.form, photo), photo.id
    describe = partial(picturing.describe_photo, house(), caller(), update_id, photo_id, alt=said.alt)
    try:
        if request.form.get(f"seen-{photo_id}", photo.largest["name"]) != photo.largest["name"]:
            raise Refused(f"Photo {number}: {picturing.MOVED_ON}")
        pictured, faces = forms.pictured(said, number), forms.faces(said, photo, number)
        tapped = forms.tapped(request.form, photo)
    except Refused:
        describe()
        raise
    describe(pictured=pictured, faces=[*(faces or ()), tapped] if tapped else faces)


def _redraw(update_id: uuid.UUID) -> Iterator[Refused]:
    """Where the button says so: cover a face, crop one away, or crop as the numbers say."""
    deed, photo_id, face = forms.deed(request.form.get("action", ""))
    for number, photo in enumerate(list(fresh().get_one(Update, update_id).photos), 1):
        if deed in REDRAWN and photo_id == str(photo.id):
            yield from _try(partial(_redraw_one, update_id, photo, number, deed, face))


def _redraw_one(update_id: uuid.UUID, photo: Photo, number: int, deed: str, face: Box | None) -> None:
    seen, crop, covers = request.form.get(f"seen-{photo.id}", ""), None, []
    if deed == "crop":
        crop = forms.crop(request.form, photo, number)
    elif face is not None and deed == "away":
        crop = face.beside()
    elif face is not None:
        covers = [face]
    picturing.redraw_photo(house(), caller(), update_id, photo.id, seen, crop, covers)


def _add_photos(update_id: uuid.UUID) -> Iterator[Refused]:
    files = [file for file in request.files.getlist("photos") if file.filename]
    ids = forms.uuids(request.form.getlist("photo_ids"))
    if len(files) > len(ids):
        yield Refused(
            f"An update can have at most {picturing.MOST_PHOTOS} photos; the last ones were left out."
        )
    for file, photo_id in zip(files, ids, strict=False):
        add = partial(picturing.add_photo, house(), caller(), update_id, photo_id, file.stream.read())
        for refused in _try(add):
            yield Refused(f"{file.filename}: {refused.title}", refused.reasons)


@dataclass(frozen=True)
class Choice:
    """A pupil to tick, with where they can be shown."""

    pupil: Pupil
    can: tuple[tuple[Channel, bool], ...]


def _choices(trip: Trip | None) -> list[tuple[str, list[Choice]]]:
    """Pupils by group, each with the places where they can and cannot be shown. No pupil is in a picture of the school."""
    if trip is None:
        return []
    given = consents.current(fresh(), trip.id)
    groups: dict[str, list[Choice]] = {group.name: [] for group in trip.groups}
    for pupil in trip.pupils:
        can = tuple((channel, channel in given.get(pupil.id, ())) for channel in house().pictured)
        groups.setdefault(pupil.group.name if pupil.group else "No group", []).append(Choice(pupil, can))
    return [(name, choices) for name, choices in groups.items() if choices]


def page(update_id: uuid.UUID, trouble: Sequence[Refused] = (), saved: bool = False) -> ResponseReturnValue:
    """The page of an update; with what was refused on top, and what was typed still on the form."""
    session = fresh()
    found = session.get(Update, update_id)
    problem, reasons = _told(trouble)
    answer = trouble[0].status if trouble else 200
    if found is None or not view.may_see(house(), session, caller(), found):
        if trouble:  # the very first save was refused: say why, and give the words back
            return render_template("error.html", title=problem, reasons=reasons, kept=kept_words()), answer
        raise NotFound("There is no such update, or it is not yours.")
    status, review = view.status(house(), session, found), _review(found)
    read = partial(forms.typed, request.form) if trouble else forms.kept
    return render_template(
        "staff/update.html",
        update=found,
        status=status,
        remarks=forms.same_remarks(status.findings),
        previews=forms.same_previews(review.previews, house().names) if review else (),
        wording=review.wording if review else None,
        told=telling.who_was_told(house(), session, found),
        editable=_editable(found),
        of_the_school=found.kind in OF_THE_SCHOOL,
        until=_until(found) if saved or not trouble else request.form.get("until", ""),
        about_trip=found.trip.slug if found.trip else "",
        running=school.running(house(), session) if found.kind is Kind.URGENT else (),
        alone=_alone(session, found),
        **newsletters.shown(found),
        fallback=school.fallback(status.deliveries, house().settings.x_handle),
        now=house().now(),
        choices=_choices(found.trip),
        said={photo.id: read(photo) for photo in found.photos},
        others=answers.OTHERS,
        cut={name: words for name, words in request.form.items() if name.startswith("cut-")},
        photo_ids=[uuid.uuid4() for _ in range(picturing.MOST_PHOTOS - len(found.photos))],
        places=house().offered(found.kind, found.trip is not None),
        problem=problem,
        reasons=[
            (reason, forms.mended_at(reason)) for reason in reasons or (() if trouble else status.blocks)
        ],
        saved=saved,
        words=found if saved or not trouble else request.form,
        chosen=found.channels if saved or not trouble else request.form.getlist("channels"),
        about=found.groups if saved or not trouble else request.form.getlist("groups"),
        kept=kept_words() if trouble and not saved else {},
    ), answer


def _told(trouble: Sequence[Refused]) -> tuple[str, tuple[str, ...]]:
    """One refusal in its own words; several under one heading."""
    if len(trouble) <= 1:
        return (trouble[0].title, trouble[0].reasons) if trouble else ("", ())
    return "Not everything could be done.", tuple(
        line for refused in trouble for line in (refused.title, *refused.reasons)
    )


def _editable(found: Update) -> bool:
    """Its author changes it until it is approved; after that the head takes it down, or a new one is written."""
    mine = found.author_id == caller().id and doors.may_post(fresh(), caller(), found)
    return mine and (found.state, Move.EDIT) in MOVES and found.state is not UpdateState.APPROVED


def _until(found: Update) -> str:
    """As a datetime field has it, by the school's clock."""
    if found.expires_at is None:
        return ""
    return f"{found.expires_at.astimezone(house().settings.timezone):%Y-%m-%dT%H:%M}"


def _alone(session: Session, found: Update) -> school.Alone | None:
    """For the author of an urgent notice that waits: who else could decide, and from when on it need not wait."""
    version = records.latest_version(session, found)
    mine = found.kind is Kind.URGENT and found.author_id == caller().id
    if not mine or found.state is not UpdateState.WAITING or version is None:
        return None
    return school.alone(house(), session, found, version)


def _review(found: Update) -> view.Review | None:
    """What was sent, where it was sent."""
    version = records.latest_version(fresh(), found)
    if version is None or found.state in {UpdateState.DRAFT, UpdateState.RETURNED}:
        return None
    return view.review(fresh(), found, version)


@bp.get("/photos/<uuid:photo_id>/<name>")
@allow(*Role)
def photo(photo_id: uuid.UUID, name: str) -> ResponseReturnValue:
    """A rendition, for those who may see its update."""
    session = fresh()
    found = session.get(Photo, photo_id)
    shown = None if found is None else session.get(Update, found.update_id)
    if found is None or shown is None or not view.may_see(house(), session, caller(), shown):
        raise NotFound("There is no such photo.")
    if name not in {rendition["name"] for rendition in found.renditions}:
        raise NotFound("There is no such photo.")
    return handed(name, "photo", "There is no such photo.")
