"""Asking parents: who has not answered, and the office's letters, sheet and file with a personal link for each pupil.

A page or file with links is the answer to the form that asks for it, and is kept nowhere: only the links' hashes are.
"""

import csv
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import segno
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from tripupdates import asking, asking_all, asking_mail
from tripupdates.consent import asked, requests
from tripupdates.consent.links import Standing
from tripupdates.database import fresh
from tripupdates.office import trip_by_slug
from tripupdates.trips.records import Pupil, Trip, families_until
from tripupdates.vocabulary import TO_FAMILIES, Channel, NotFound, Refused, Role
from tripupdates.web import odd
from tripupdates.web.guard import POSTING, allow, caller, house, limiter

bp = Blueprint("asking", __name__)

COLUMNS = ("Forename", "Surname", "Class", "Group", "Trip", "Link", "Opens until")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a table program would work out a cell that begins like this


@dataclass(frozen=True)
class Letter:
    """One family's letter or slip. `again`: they were asked before, and some place is still open."""

    pupil: Pupil
    address: str
    again: bool

    @property
    def square(self) -> Markup:
        """The address as a QR code, as large as the page makes it."""
        drawn = segno.make(self.address, error="m", micro=False)
        return Markup(  # noqa: S704 - segno's own drawing
            drawn.svg_inline(
                border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
            )
        )


@bp.get("/office/trips/<slug>/asking")
@allow(Role.OFFICE)
def office(slug: str) -> ResponseReturnValue:
    """Who has not answered; and the letters, the sheet and the file to make."""
    return _office(slug)


def _office(slug: str, refused: Refused | None = None) -> ResponseReturnValue:
    trip, standings = asking.standings(house(), caller(), slug)
    page = render_template(
        "asking/office.html",
        **_about(trip, standings),
        offers={way: asking_all.offer(house(), slug, way) for way in TO_FAMILIES if way in house().places},
        stuck=asking_all.stuck(slug),
        refused=refused,
    )
    return page, refused.status if refused else 200


def _about(trip: Trip, standings: Sequence[Standing]) -> dict[str, object]:
    waiting = [each for each in standings if each.left]
    return {
        "trip": trip,
        "standings": standings,
        "waiting": waiting,
        "asked_before": [each for each in waiting if each.asked_at],
        "until": _until(trip),
        "sent": requests.latest(fresh(), trip.id),
    }


@bp.get("/staff/trips/<slug>/answers")
@allow(*POSTING)
def register(slug: str) -> ResponseReturnValue:
    """Whose family has not answered yet: for who accompanies the trip, and the head. What others answered is not told."""
    trip, standings = asking.standings(house(), caller(), slug)
    return render_template("asking/register.html", **_about(trip, standings))


@bp.post("/office/trips/<slug>/asking")
@allow(Role.OFFICE)
def make(slug: str) -> ResponseReturnValue:
    """New links, as letters, as a sheet of slips or as a file: for all, for whom we have not heard from, or for one pupil."""
    try:
        return _made(slug, request.form.get("to", ""), request.form.get("as", ""))
    except NotFound:
        raise
    except Refused as refused:
        return _office(slug, refused)


def _made(slug: str, to: str, kind: str) -> ResponseReturnValue:
    if kind not in ("letters", "sheet", "file"):
        raise Refused("Choose letters, slips or a file.")
    _, standings = asking.standings(house(), caller(), slug)
    again = {each.pupil.id for each in standings if each.left and each.asked_at}
    if to == "all":
        pupils = [each.pupil.id for each in standings]
    elif to == "left":
        pupils = [each.pupil.id for each in standings if each.left]
    else:
        pupils = [_uuid(to)]
    made = asking.make_links(house(), caller(), slug, pupils, instead=request.form.get("instead") == "yes")
    trip = trip_by_slug(fresh(), slug)
    known = {pupil.id: pupil for pupil in trip.pupils}
    letters = [
        Letter(known[each.pupil_id], asking.address(house(), each.token), each.pupil_id in again)
        for each in made
    ]
    if kind == "file":
        return _file(trip, letters)
    return render_template(
        f"asking/{kind}.html",
        trip=trip,
        letters=letters,
        until=_until(trip),
        questions=lambda child: [
            asked.WORDS[each].about(child, house().names[each]).question for each in asking.places(house())
        ],
    )


@bp.post("/office/trips/<slug>/asking/send")
@allow(Role.OFFICE)
def send(slug: str) -> ResponseReturnValue:
    """A link to each contact of those who have not answered, by text or e-mail; or again what waited for a person."""
    way, seen = request.form.get("way", ""), request.form.get("seen", "")
    try:
        if way not in set(TO_FAMILIES):
            raise Refused("Choose text messages or e-mails.")
        if request.form.get("again") == "yes":
            count = asking_all.try_again(house(), caller(), slug, Channel(way))
        else:
            count = asking_all.ask(house(), caller(), slug, Channel(way), odd.number(seen) or 0)
    except NotFound:
        raise
    except Refused as refused:
        return _office(slug, refused)
    flash(
        f"{count} {'message is' if count == 1 else 'messages are'} on the way. This page shows what becomes of them."
    )
    return redirect(url_for("asking.office", slug=slug))


def _uuid(word: str) -> uuid.UUID:
    try:
        return uuid.UUID(word)
    except ValueError as error:
        raise Refused("Choose for whom.") from error


def _file(trip: Trip, letters: Sequence[Letter]) -> Response:
    """A row for each family, for a mail merge: with a byte order mark, for the table programs that need one."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for each in letters:
        pupil = each.pupil
        group = pupil.group.name if pupil.group else ""
        cells = (
            pupil.forename,
            pupil.surname,
            pupil.class_name,
            group,
            trip.name,
            each.address,
            _until(trip),
        )
        writer.writerow([_plain(cell) for cell in cells])
    answer = Response(text.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{trip.slug}-links.csv"'
    return answer


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


@bp.post("/office/trips/<slug>/pupils/<uuid:pupil_id>/links/stop")
@allow(Role.OFFICE)
def stop(slug: str, pupil_id: uuid.UUID) -> ResponseReturnValue:
    """Every link of this pupil opens nothing from now on."""
    stopped = asking.stop_links(house(), caller(), slug, pupil_id)
    flash("Stopped: no link of this pupil opens anything now." if stopped else "There was no link to stop.")
    return redirect(url_for("office.pupil", slug=slug, pupil_id=pupil_id))


@bp.post("/office/trips/<slug>/pupils/<uuid:pupil_id>/links/mail")
@allow(Role.OFFICE)
@limiter.limit("60 per hour")
def mail(slug: str, pupil_id: uuid.UUID) -> ResponseReturnValue:
    """Mail a new link to an address that is typed for this once."""
    asking_mail.mail_link(house(), caller(), slug, pupil_id, request.form.get("email", ""))
    flash("The mail is on its way. The address was not kept.")
    return redirect(url_for("office.pupil", slug=slug, pupil_id=pupil_id))


def _until(trip: Trip) -> str:
    last = families_until(trip, house().settings.timezone)
    return f"{last.day} {last:%B %Y}"
