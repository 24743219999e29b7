"""A plainly fictional school to practise with: its people, one residential, its pupils and their parents' answers."""

import json
import os
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tripupdates import accounts, office, standing
from tripupdates.approval.wordings import DEFAULTS
from tripupdates.channels import vapid
from tripupdates.house import House
from tripupdates.people.presence import Proof
from tripupdates.people.signing_in import Caller
from tripupdates.vocabulary import Channel, Role

NAME = "Puddle Lane Junior School (a made-up school)"
HANDLE = "PuddleLaneDemo"
CLASS_APP = "SeeSaw"
TRIP = "Castle Residential"
LOGINS = "demo.json"

PEOPLE = (
    ("staff", "Ms Willow Sample", "willow@puddle-lane.example", Role.STAFF),
    ("colleague", "Mr Rowan Specimen", "rowan@puddle-lane.example", Role.STAFF),
    ("head", "Mrs Hazel Placeholder", "hazel@puddle-lane.example", Role.APPROVER),
    ("office", "Mr Ash Template", "ash@puddle-lane.example", Role.OFFICE),
)
ON_TRIP = ("staff", "colleague")

# The numbers are of those that Ofcom keeps for films: nobody has them.
REGISTER = """Legal Forename,Legal Surname,Year Group,Registration Form,Group,Primary Guardian mobile,Primary Guardian email
Ada,Puddlewick,Year 5,5P,Otters,07700 900101,puddlewick@home.example
Bram,Thistlebury,Year 5,5P,Otters,07700 900102,thistlebury@home.example
Cleo,Merrywhistle,Year 5,5P,Otters,07700 900103,merrywhistle@home.example
Dev,Larkington,Year 5,5P,Otters,07700 900104,larkington@home.example
Esme,Bramblethorpe,Year 5,5P,Otters,07700 900105,bramblethorpe@home.example
Finn,Quillsworth,Year 5,5L,Kestrels,07700 900106,quillsworth@home.example
Grace,Featherstoke,Year 5,5L,Kestrels,07700 900107,featherstoke@home.example
Hari,Mossington,Year 5,5L,Kestrels,07700 900108,mossington@home.example
Iris,Wobblewood,Year 5,5L,Kestrels,07700 900109,wobblewood@home.example
Jonah,Tumblebrook,Year 5,5L,Kestrels,07700 900110,tumblebrook@home.example
Kezia,Pebblesham,Year 6,6P,Hedgehogs,07700 900111,pebblesham@home.example
Leo,Nettlefold-Gray,Year 6,6P,Hedgehogs,07700 900112,nettlefold@home.example
Mina,Sandpiper-Low,Year 6,6P,Hedgehogs,07700 900113,sandpiper@home.example
Noor,Dandelow,Year 6,6P,Hedgehogs,07700 900114,dandelow@home.example
Otis,Greenbottle,Year 6,6P,Hedgehogs,07700 900115,greenbottle@home.example
"""

CONSENT = """Forename,Surname,Class,Families page,School website,X (Twitter),SeeSaw
Ada,Puddlewick,5P,Yes,Yes,Yes,Yes
Bram,Thistlebury,5P,Yes,Yes,Yes,No
Cleo,Merrywhistle,5P,Yes,Yes,Yes,Yes
Dev,Larkington,5P,Yes,Yes,No,Yes
Esme,Bramblethorpe,5P,Withheld,Withheld,Withheld,No
Finn,Quillsworth,5L,Yes,Yes,Yes,Yes
Grace,Featherstoke,5L,Yes,Yes,Yes,Yes
Hari,Mossington,5L,Yes,No,No,No
Iris,Wobblewood,5L,Yes,Yes,Yes,Yes
Jonah,Tumblebrook,5L,,,,
Kezia,Pebblesham,6P,Given,Given,Given,Yes
Leo,Nettlefold-Gray,6P,Y,Y,Y,Yes
Mina,Sandpiper-Low,6P,Yes,Yes,Withheld,Yes
Noor,Dandelow,6P,Yes,Yes,Yes,Yes
Otis,Greenbottle,6P,No,No,No,No
"""

_WORDS = (
    "acorn badger candle dapple ember fossil gravel harbour island jigsaw kettle lantern marble nutmeg orchard "
    "pebble quiver ripple saddle thimble umbrella velvet willow yonder zephyr bobbin clover drizzle"
).split()


@dataclass(frozen=True)
class Logins:
    """What the demo prints: e-mail and password per role, the trip's slug and its families' code."""

    people: dict[str, tuple[str, str]]
    slug: str
    code: str


def passphrase() -> str:
    """Five unrelated words: easy to type on a phone, hard to guess."""
    return "-".join(secrets.choice(_WORDS) for _ in range(5))


def mail_url(port: int) -> str:
    """The practice mail server, on this machine."""
    return f"smtp://localhost:{port}?from=trips@puddle-lane.example"


def settings(base_url: str, x_base: str, notify_base: str, mail_port: int) -> dict[str, str]:
    """The fictional school's settings, with random keys for its account on the practice X, for its Notify, and for push."""
    keys = ("X_CONSUMER_KEY", "X_CONSUMER_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET")
    return {
        "SCHOOL_NAME": NAME,
        "PUBLIC_BASE_URL": base_url,
        "X_API_BASE": x_base,
        "X_HANDLE": HANDLE,
        "CLASS_APP": CLASS_APP,
        "MAIL_URL": mail_url(mail_port),
        "NOTIFY_BASE_URL": notify_base,
        "NOTIFY_API_KEY": f"puddle_lane-{uuid.uuid4()}-{uuid.uuid4()}",
        "VAPID_PRIVATE_KEY": vapid.new_key(),
    } | {key: secrets.token_urlsafe(24) for key in keys}


def seed(house: House) -> None:
    """Fill an empty school, through the same steps that a real office takes. Writes the logins beside the settings."""
    made = {}
    for key, name, email, role in PEOPLE:
        password = passphrase()
        made[key] = (accounts.add_person(house, None, name, email, role, password), email, password)
    by = Caller(made["office"][0], PEOPLE[3][1], Role.OFFICE)
    today = house.today()
    slug = office.make_trip(
        house,
        by,
        TRIP,
        "A made-up castle",
        today - timedelta(days=1),
        today + timedelta(days=3),
        staff=[made[key][0] for key in ON_TRIP],
    )
    office.import_register(house, by, slug, REGISTER.encode())
    office.import_consent(house, by, slug, CONSENT.encode(), "made up with the school")
    head = Caller(made["head"][0], PEOPLE[2][1], Role.APPROVER)
    if house.settings.unsigned_approvals == "allowed":  # else the head signs them with a passkey, on the page
        typed = Proof(password=made["head"][2])
        standing.approve_wordings(
            house, head, slug, DEFAULTS, [Channel.FAMILIES, Channel.TEXT], seen="", proof=typed
        )
    people = {key: [email, password] for key, (_, email, password) in made.items()}
    _write_private(logins_file(house), json.dumps({"people": people, "slug": slug}))


def logins_file(house: House) -> Path:
    """Where the fictional school's logins are kept. Its presence tells a practice school from a real one."""
    return house.settings.instance / LOGINS


def is_made_up(instance: Path) -> bool:
    """Whether this folder holds the fictional school, and no real one."""
    return (instance / LOGINS).exists()


def _write_private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def logins(house: House, code: str) -> Logins:
    """Read the logins back; `code` is the trip's present code."""
    found = json.loads(logins_file(house).read_text("utf-8"))
    people = {key: (email, password) for key, (email, password) in found["people"].items()}
    return Logins(people, found["slug"], code)


def slug(house: House) -> str:
    """The trip that the fictional school is on."""
    return str(json.loads(logins_file(house).read_text("utf-8"))["slug"])
