"""The console's commands about people, trips, consent and photos."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tripupdates import accounts, office
from tripupdates.console import open_school
from tripupdates.database import fresh
from tripupdates.people.records import by_email, everyone
from tripupdates.people.signing_in import Caller
from tripupdates.photos.intake import MOST_BYTES
from tripupdates.photos.renditions import Cleaned
from tripupdates.photos.room import AT_ONCE, Room
from tripupdates.practice import school
from tripupdates.trips import records as trips
from tripupdates.vocabulary import Refused, Role

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def person() -> None:
    """People with accounts."""


@person.command("add")
@click.argument("email")
@click.option("--name", required=True, help="As colleagues know them.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--password", help="At least 12 characters; without it, one is made and printed.")
def person_add(email: str, name: str, role: str, password: str | None) -> None:
    """Make an account."""
    chosen = password or school.passphrase()
    with open_school() as (_, house):
        accounts.add_person(house, None, name, email, Role(role), chosen)
    click.echo(f"{email} can sign in" + ("." if password else f" with: {chosen}"))


@person.command("help")
@click.argument("email")
@click.option("--password", help="At least 12 characters; without it, one is made and printed.")
def person_help(email: str, password: str | None) -> None:
    """Help somebody back in: a new password, in place of every passkey, code and sign-in of before."""
    chosen = password or school.passphrase()
    with open_school() as (_, house):
        found = by_email(fresh(), email)
        if found is None:
            raise Refused("Nobody has an account with this e-mail address.")
        accounts.help_back_in(house, None, found.id, chosen)
    click.echo(f"{email} can sign in" + ("." if password else f" with: {chosen}"))


def on_behalf(email: str | None) -> Caller:
    """On whose behalf a command acts: the named person, else the first of the office."""
    session = fresh()
    found = by_email(session, email) if email else None
    if email is None:
        found = next((each for each in everyone(session) if each.role is Role.OFFICE and each.active), None)
    if found is None:
        raise Refused(
            "Nobody of the office has an account yet. Add one: tripupdates person add … --role office"
        )
    return Caller(found.id, found.name, found.role)


BY = click.option(
    "--by", "by", metavar="EMAIL", help="On whose behalf; by default the office's first account."
)


@click.group()
def trip() -> None:
    """Residentials."""


@trip.command("import")
@click.argument("file", type=READABLE)
@click.option("--trip", "slug", help="An existing trip; by default the only one there is, else a new one.")
@click.option("--name", help="Make a new trip with this name; by default named after the file.")
@click.option("--venue", default="To be told", show_default=True)
@click.option("--starts", type=click.DateTime(["%Y-%m-%d"]), help="First day, by default today.")
@click.option("--ends", type=click.DateTime(["%Y-%m-%d"]), help="Last day, by default four days later.")
@click.option("--dry-run", is_flag=True, help="Show what it would do, and change nothing.")
@click.option("--despite-problems", is_flag=True, help="Import the rows that can be read.")
@BY
def trip_import(
    file: Path,
    slug: str | None,
    name: str | None,
    venue: str,
    starts: Any,
    ends: Any,
    dry_run: bool,
    despite_problems: bool,
    by: str | None,
) -> None:
    """Import a trip's list of pupils from an information system's CSV."""
    data = file.read_bytes()
    with open_school() as (_, house):
        caller = on_behalf(by)
        there = trips.every(fresh())
        if slug is None and name is None and len(there) == 1:
            slug = there[0].slug
        if slug is None:
            first: date = starts.date() if starts else house.today()
            last: date = ends.date() if ends else first + timedelta(days=4)
            name = name or file.stem.replace("-", " ").replace("_", " ").title()
            slug = office.make_trip(house, caller, name, venue, first, last)
            click.echo(f"Made the trip {slug}; families' code {office.trip_by_slug(fresh(), slug).code}")
        if dry_run:
            done = office.preview_register(slug, data)
        else:
            done = office.import_register(house, caller, slug, data, None, despite_problems)
    for problem in done.reading.problems:
        click.echo(f"Line {problem.line}: {problem.reason}", err=True)
    would = "Would add" if dry_run else "Added"
    click.echo(f"{would} {len(done.new)}, changed {len(done.changed)}, not in the file {len(done.missing)}.")


@click.group()
def consent() -> None:
    """Parents' answers."""


@consent.command("import")
@click.argument("slug", metavar="TRIP")
@click.argument("file", type=READABLE)
@click.option("--dry-run", is_flag=True, help="Show what it says, and change nothing.")
@click.option("--note", help="How the answers were given; by default the file's name.")
@BY
def consent_import(slug: str, file: Path, dry_run: bool, note: str | None, by: str | None) -> None:
    """Import the consent system's CSV for a trip. An unknown word is a no, and is reported."""
    data = file.read_bytes()
    with open_school() as (_, house):
        if dry_run:
            reading, new, refused = office.preview_consent(slug, data), 0, 0
        else:
            words = note or f"file {file.name}"
            reading, new, refused = office.import_consent(house, on_behalf(by), slug, data, words)
    for problem in reading.problems:
        click.echo(f"Line {problem.line}: {problem.reason}", err=True)
    yes = sum(answer.yes for answer in reading.answers)
    click.echo(
        f"Read {len(reading.answers)} answers, {yes} of them yes; {len(reading.silent)} pupils not in the file."
    )
    click.echo("Changed nothing." if dry_run else f"Recorded {new} new answers, {refused} of them no.")


@click.group()
def photo() -> None:
    """Photos."""


@photo.command("clean")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
def photo_clean(files: tuple[Path, ...], out: Path) -> None:
    """Clean photos into a folder; one line of JSON for each, in order. Exits with 1 where one was refused."""
    out.mkdir(parents=True, exist_ok=True)
    room, fine = Room(look=False), True
    with ThreadPoolExecutor(AT_ONCE) as hands, _progress(len(files)) as done:
        for line in hands.map(lambda file: _clean_one(room, file, out), files):
            click.echo(json.dumps(line, ensure_ascii=False))
            fine = fine and line["ok"]
            done.update(1)
    sys.exit(0 if fine else 1)


def _progress(count: int) -> "ProgressBar[int]":
    """A bar beside the lines, where several files are cleaned and somebody is watching."""
    watched = count > 1 and sys.stderr.isatty() and not sys.stdout.isatty()
    return click.progressbar(length=count, label="Cleaning", file=sys.stderr, hidden=not watched)


def _clean_one(room: Room, file: Path, out: Path) -> dict[str, Any]:
    line: dict[str, Any] = {"input": str(file), "ok": False, "error": None, "outputs": [], "removed": []}
    try:
        with file.open("rb") as stream:
            upload = stream.read(MOST_BYTES + 1)
    except OSError as error:
        return line | {"error": f"This file cannot be read: {error.strerror}."}
    try:
        cleaned = room.prepare(upload).cleaned
        return line | {"ok": True, "outputs": _write(cleaned, out), "removed": list(cleaned.removed)}
    except Refused as refused:
        return line | {"error": refused.title}
    except OSError as error:
        return line | {"error": f"Its copies cannot be written: {error.strerror}."}


def _write(cleaned: Cleaned, out: Path) -> list[dict[str, Any]]:
    written = []
    for each in cleaned.renditions:
        path = out / each.name
        path.write_bytes(each.data)
        written.append(
            {
                "path": str(path),
                "width": each.width,
                "height": each.height,
                "format": each.format,
                "bytes": len(each.data),
            }
        )
    return written
