"""What somebody at the office's desk sends and reads."""

import html
import io
import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import School
from tripupdates import office
from tripupdates.consent.records import current
from tripupdates.database import fresh
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import Channel

NOTE = "export of the consent system, 3 May"
LIST = (
    "Forename,Surname,Year,Class,Group\n"
    "Ada,Puddlewick,Year 5,5P,Kestrels\n"
    "Bram,Thistlebury,Year 5,5P,Otters\n"
    "Finn,Quillfeather,Year 5,5Q,Herons\n"
)
FAULTY = LIST + ",Nobody,Year 5,5Q,Otters\n"
ANSWERS = (
    "Name,Class,Trip page,Website,X (Twitter)\n"
    "Ada Puddlewick,5P,Yes,No,\n"
    "Bram Thistlebury,5P,Yes,Yes,yes except X\n"
    "Zoe Elsewhere,5P,yes,yes,yes\n"
)


def send(client: FlaskClient, address: str, **form: object) -> TestResponse:
    """Post a form as a browser would, with the token of the page it stands on."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/office/people").text)
    token = token or re.search(r'name="csrf_token" value="([^"]+)"', client.get("/staff/password").text)
    assert token is not None
    return client.post(address, data={"csrf_token": token[1], **form})


def upload(
    client: FlaskClient, school: School, kind: str, text: str | bytes, name: str = "list.csv"
) -> TestResponse:
    """Send a file to be read: the answer is the page that shows it."""
    data = text if isinstance(text, bytes) else text.encode()
    return send(client, f"/office/trips/{school.slug}/{kind}", file=(io.BytesIO(data), name))


def hidden(page: TestResponse) -> dict[str, str]:
    """What the confirm form of a page about a file carries on."""
    form = page.text.split("/confirm", 1)[1].split("</form>", 1)[0]
    return dict(re.findall(r'type="hidden" name="(csv|column-\w+)" value="([^"]*)"', form))


def words(page: TestResponse) -> str:
    """What a page says, without its markup, in single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


def names(school: School) -> list[str]:
    return [pupil.forename for pupil in trip_of(school).pupils]


def trip_of(school: School) -> Trip:
    return office.trip_by_slug(fresh(), school.slug)


def on(school: School, name: str) -> set[Channel]:
    """Where a pupil can be shown."""
    return set(current(fresh(), school.trip_id()).get(school.pupil(name), ()))
