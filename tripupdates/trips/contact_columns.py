"""A pupil's two first contacts in the school's own list: how their columns are headed, and what stands in them. Pure.

SIMS and Bromcom number contacts by priority, Arbor calls them guardians; each lets the office head the columns of its
report itself, so a heading is made of whose it is and what it is, in either order. A heading that could be of the pupil's
own number or address ("Email") is none of these: a child is never sent what is meant for the family.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from tripupdates.trips import numbers

PLACES = (1, 2)
_NUMBERED = (
    *("Contact", "Priority", "Parent", "Parent/Carer", "Parent or Carer", "Carer", "Guardian"),
    *("Emergency Contact", "Parental Contact", "Parent Contact"),
)
_OTHERS: dict[int, tuple[str, ...]] = {
    1: (
        *("Priority 1 Contact", "Primary Contact", "First Contact", "Main Contact", "Primary Guardian"),
        *("First Parent", "First Guardian"),
        *("Parent", "Parent/Carer", "Carer", "Guardian", "Contact"),
    ),
    2: (
        *(
            "Priority 2 Contact",
            "Secondary Contact",
            "Second Contact",
            "Secondary Guardian",
            "Second Guardian",
        ),
        "Second Parent",
    ),
}
_WHAT: dict[str, tuple[str, ...]] = {
    "name": ("Name", "Full Name"),
    "relation": ("Relationship", "Relation", "Relationship to Pupil", "Relationship to Student"),
    # Best first: a column of mobiles before one that may hold any telephone.
    "phone": (
        *("Mobile", "Mobile Number", "Mobile Phone", "Mobile Phone Number", "Mobile Telephone", "Mobile Tel"),
        *("Main Mobile", "Telephone", "Telephone Number", "Phone", "Phone Number", "Tel", "Main Telephone"),
    ),
    "email": (
        *("Email", "E-mail", "Email Address", "E-mail Address", "Primary Email", "Main Email", "Home Email"),
        "Personal Email",
    ),
}
LABELS = {"name": "name", "relation": "relation", "phone": "mobile number", "email": "e-mail address"}
LONGEST = {"name": 120, "relation": 40}
FORMULA = ("=", "+", "-", "@")  # what a spreadsheet would run (OWASP, "CSV Injection")


def _whose(place: int) -> Iterator[str]:
    yield from (f"{who} {place}" for who in _NUMBERED)
    yield from _OTHERS[place]


# The headings by field, such as "contact1_phone", best first.
HEADERS: dict[str, tuple[str, ...]] = {
    f"contact{place}_{what}": tuple(
        heading
        for said, who in product(_WHAT[what], _whose(place))
        for heading in (f"{who} {said}", f"{said} {who}")
    )
    for place in PLACES
    for what in _WHAT
}
FIELDS = {
    f"contact{place}_{what}": f"{'First' if place == 1 else 'Second'} contact’s {label}"
    for place in PLACES
    for what, label in LABELS.items()
}


@dataclass(frozen=True)
class ContactRow:
    """A contact as the file has it: a number as +447700900123, '' for what is not there. `place` is the school's priority."""

    place: int
    name: str = field(repr=False)
    relation: str
    phone: str = field(repr=False)
    email: str = field(repr=False)


def read(cells: Mapping[str, str]) -> tuple[tuple[ContactRow, ...], list[str]]:
    """The contacts of a row with a number or an address, and a sentence for each cell that cannot be used.

    `cells` maps fields to texts; one that is not in the file may be missing.
    """
    found, wrong = [], []
    for place in PLACES:
        values = {what: cells.get(f"contact{place}_{what}", "") for what in _WHAT}
        for what, text in values.items():
            try:
                values[what] = _checked(what, text)
            except ValueError as error:
                values[what] = ""
                wrong.append(
                    f"The {LABELS[what]} of contact {place} {error}. It is left out; the rest of the row is read."
                )
        if values["phone"] or values["email"]:
            found.append(ContactRow(place, **values))
    return tuple(found), wrong


def _checked(what: str, text: str) -> str:
    """Raises ValueError with the end of a sentence."""
    if not text:
        return ""
    if what == "phone":
        return numbers.phone(text)
    if what == "email":
        return numbers.email(text)
    if text.startswith(FORMULA):
        raise ValueError(f"begins with “{text[0]}”, which a spreadsheet takes for a formula")
    if len(text) > LONGEST[what] or not text.isprintable():
        raise ValueError("is too long, or has an invisible character in it")
    return text
