"""What families and the public open: finished files, handed over. The trip page asks for its code once per phone."""

import hashlib
import hmac
from datetime import datetime

from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import NotFound as NoSuchPage
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from tripupdates.database import fresh
from tripupdates.site.kinds import kind
from tripupdates.site.public import EMBED
from tripupdates.trips import records
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import Channel, Role
from tripupdates.web.guard import ANYONE, allow, caller, framed, house, limiter
from tripupdates.web.handing import families_file, public_file

bp = Blueprint("families", __name__)


class CodeForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """The code from the letter home."""

    code = StringField("Trip code", [InputRequired("Type the code from the letter."), Length(max=40)])


def _seal(trip: Trip) -> str:
    """What a phone keeps: this trip, at this code. A new code makes every old seal worthless."""
    mark = hashlib.sha256(f"{trip.id} {trip.code}".encode()).hexdigest()
    return URLSafeSerializer(_key(), salt="families").dumps([trip.slug, mark])


def _key() -> str:
    return house().settings.secret_key


def _may_see(trip: Trip | None, slug: str) -> bool:
    if trip is None:
        return False
    if current_user.is_authenticated:
        who = caller()
        if who.role in {Role.APPROVER, Role.OFFICE} or records.accompanies(fresh(), who.id, trip.id):
            return True
    try:
        URLSafeSerializer(_key(), salt="families").loads(request.cookies.get("trip", ""))
    except BadSignature:
        return False
    return house().now() < remembered_until(trip) and hmac.compare_digest(
        request.cookies["trip"], _seal(trip)
    )


def remembered_until(trip: Trip) -> datetime:
    """Until when a phone that has the code opens a trip's page."""
    return records.families_until(trip, house().settings.timezone)


@bp.get("/trips/<slug>/")
@allow(ANYONE)
def trip_page(slug: str) -> ResponseReturnValue:
    """The families' page of a trip; without the code, the way to type it. Never tells whether a trip exists."""
    trip = records.by_slug(fresh(), slug)
    if trip is None or not _may_see(trip, slug):
        return redirect(url_for("families.code", slug=slug))
    try:
        return _family_file(f"{slug}/index.html")
    except NoSuchPage:
        return render_template("families/nothing_yet.html", trip=trip)


@bp.get("/trips/<slug>/<path:path>")
@allow(ANYONE)
def trip_file(slug: str, path: str) -> ResponseReturnValue:
    """An older page, a photo, the style or the script of a families' page."""
    trip = records.by_slug(fresh(), slug)
    if trip is None or not _may_see(trip, slug):
        raise NoSuchPage
    return _family_file(f"{slug}/{path}")


def _family_file(path: str) -> Response:
    return families_file(house().pages[Channel.FAMILIES], path, kind(path).age)


@bp.route("/trips/<slug>/code", methods=["GET", "POST"])
@allow(ANYONE)
@limiter.limit("10 per 15 minutes", methods=["POST"], deduct_when=lambda answer: answer.status_code == 422)
def code(slug: str) -> ResponseReturnValue:
    """Type the code once; this phone is remembered until two weeks after the trip."""
    form, wrong = CodeForm(), None
    if request.method == "GET" and _may_see(records.by_slug(fresh(), slug), slug):
        # With a place of its own: else the browser would keep the code of the letter's square in the address.
        return redirect(url_for("families.trip_page", slug=slug, _anchor="main"))
    if form.validate_on_submit():
        trip = records.by_slug(fresh(), slug)
        typed = _bare(form.code.data or "")
        if (
            trip is not None
            and house().now() < remembered_until(trip)
            and hmac.compare_digest(typed, _bare(trip.code))
        ):
            answer = make_response(redirect(url_for("families.trip_page", slug=slug)))
            return _remember(answer, trip)
        wrong = "That is not this trip’s code. It is in the letter home; ask the school office if you cannot find it."
    status = 200 if request.method == "GET" else 422
    return render_template("families/code.html", form=form, wrong=wrong, slug=slug), status


def _bare(code: str) -> bytes:
    """A code however it is typed: no case, no blanks, no dashes of any kind."""
    return "".join(letter for letter in code.casefold() if letter.isalnum()).encode()


def _remember(answer: Response, trip: Trip) -> Response:
    answer.set_cookie(
        "trip",
        _seal(trip),
        expires=remembered_until(trip),
        path=f"/trips/{trip.slug}/",
        httponly=True,
        samesite="Lax",
        secure=house().settings.secure,
    )
    return answer


@bp.get("/")
@allow(ANYONE)
def front() -> ResponseReturnValue:
    """The school's site, when Flask serves it."""
    return redirect(url_for("families.site"))


@bp.get("/site/")
@bp.get("/site/<path:path>")
@allow(ANYONE)
def site(path: str = "") -> ResponseReturnValue:
    """The static site as it was published, for a school without another web server."""
    if house().settings.site_public_url:
        return redirect(house().settings.site_address + path)
    if path == "" or path.endswith("/"):
        path += "index.html"
    try:
        return framed(_site_file(path)) if path == EMBED else _site_file(path)
    except NoSuchPage:
        if _stands(f"{path}/index.html"):
            return redirect(url_for("families.site", path=path + "/"))
    answer = _site_file("404.html")
    answer.status_code = 404
    return answer


@bp.get("/robots.txt")
@allow(ANYONE)
def robots() -> ResponseReturnValue:
    """What search engines ask of a host, where the site is handed out here. Raises NoSuchPage elsewhere."""
    if house().settings.site_public_url:
        raise NoSuchPage
    return _site_file("robots.txt")


def _site_file(path: str) -> Response:
    return public_file(house().pages[Channel.WEBSITE], path)


def _stands(path: str) -> bool:
    try:
        _site_file(path).close()
    except NoSuchPage:
        return False
    return True
