"""What the office's pages take in: forms, and a file that is shown on one page and confirmed on the next."""

import base64
import binascii
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import DateField, StringField
from wtforms.validators import AnyOf, InputRequired

from tripupdates.trips.contact_columns import FIELDS
from tripupdates.trips.csvfile import MOST_BYTES
from tripupdates.vocabulary import Refused, Role
from tripupdates.web.guard import house

ROLE_NAMES = {
    Role.STAFF: "Accompanying staff",
    Role.APPROVER: "Headteacher or deputy",
    Role.OFFICE: "School office",
}
_NAMES = {"forename": "Forename", "surname": "Surname", "name": "Both names, where they share a column"}
_REFERENCE = {"reference": "Reference (such as the admission number)"}
COLUMN = "column-"  # begins the name of each field that chooses a column


class Words(StringField):
    """A text that must be there: a form that has one without it is not valid, and nobody reads its data."""

    data: str


class Day(DateField):
    """A date that must be there, and says in plain words when it is none."""

    data: date

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take `2027-05-03`, as every date input sends it. Raises ValueError with a sentence for the form."""
        if valuelist and valuelist[0]:
            try:
                self.data = date.fromisoformat(valuelist[0])
            except ValueError as error:
                raise ValueError("Write this date as year-month-day, for example 2027-05-03.") from error


class TripForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """A new trip. Its groups and those who go along are read by `typed_groups` and `ticked_staff`."""

    name = Words("Name of the trip", [InputRequired("Give the trip a name.")])
    venue = Words("Venue", [InputRequired("Say where the trip goes.")])
    starts = Day("First day", [InputRequired("Choose the first day.")])
    ends = Day("Last day", [InputRequired("Choose the last day.")])


class PersonForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """A new account."""

    name = Words("Name", [InputRequired("Give the person’s name.")])
    email = Words("School e-mail", [InputRequired("Give the person’s school e-mail address.")])
    role = Words("What they do", [AnyOf([role.value for role in Role], "Choose what they do.")])
    password = Words("First password", [InputRequired("Make up a first password.")])


def columns(kind: str) -> dict[str, str]:
    """What can be read from a kind of file, by the reader's name for it, and what the office calls it."""
    if kind == "register":
        return {**_NAMES, "year": "Year", "class_name": "Class", "group": "Group", **_REFERENCE, **FIELDS}
    answers = {place.value: f"Answers for: {house().names[place]}" for place in house().pictured}
    return {**_NAMES, "class_name": "Class", **_REFERENCE, **answers}


def typed_groups() -> list[str]:
    """The groups of a new trip: one on each line."""
    return request.form.get("groups", "").splitlines()


def ticked_staff() -> list[uuid.UUID]:
    """The people ticked on the form. Raises Refused where a tick is not an id."""
    try:
        return [uuid.UUID(each) for each in request.form.getlist("staff")]
    except ValueError as error:
        raise Refused("The list of people did not arrive whole. Choose again.") from error


def typed_telling() -> tuple[uuid.UUID | None, int, int]:
    """Who is told first, None for all at once, and both numbers of minutes. Raises Refused."""
    first = request.form.get("first", "")
    minutes = [request.form.get(name, "").strip() for name in ("remind_after", "deputies_after")]
    if not all(each.isdecimal() and len(each) <= 4 for each in minutes):
        raise Refused("Give the minutes as whole numbers, for example 15.")
    try:
        return uuid.UUID(first) if first else None, int(minutes[0]), int(minutes[1])
    except ValueError as error:
        raise Refused("Choose who is told first from the list.") from error


@dataclass(frozen=True)
class SentFile:
    """A file that the office sent. `columns` (field to position) are those chosen by hand, None for none."""

    data: bytes = field(repr=False)
    columns: Mapping[str, int] | None

    @property
    def packed(self) -> str:
        """The bytes as text, so that they travel on in the form of the next page and are never kept here."""
        return base64.urlsafe_b64encode(self.data).decode()


def sent_file() -> SentFile:
    """The file of this request, uploaded or travelling on in a form. Raises Refused where there is none."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        return SentFile(upload.stream.read(MOST_BYTES + 1), None)  # a byte too many, and the reader says so
    if not request.form.get("csv"):
        raise Refused("Choose the file first, then send it.")
    try:
        data = base64.urlsafe_b64decode(request.form["csv"])
    except (binascii.Error, ValueError) as error:
        raise Refused("The file did not arrive whole. Choose it again.") from error
    columns = {
        name.removeprefix(COLUMN): int(position)
        for name, position in request.form.items()
        if name.startswith(COLUMN) and position.isdecimal() and len(position) <= 3
    }
    return SentFile(data, columns or None)


def status(refused: Refused | None) -> int:
    """The status of a page with a form: as refused, or 422 where the form itself found the fault."""
    if refused is not None:
        return refused.status
    return 200 if request.method == "GET" else 422
