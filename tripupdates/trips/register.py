"""A trip's list of pupils, read from the CSV export of a school's information system. Pure.

The headings are those that Arbor, SIMS and Bromcom write, or that an office types by hand; where they do not
tell which column is which, the reader asks instead of guessing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tripupdates.trips import contact_columns
from tripupdates.trips.contact_columns import ContactRow
from tripupdates.trips.csvfile import Line, header_key, read_table, tidy
from tripupdates.vocabulary import Refused

# What is kept of a pupil, what a person calls it, and how many characters of it fit (trips/records.py).
FIELDS: dict[str, tuple[str, int]] = {
    "forename": ("forename", 80),
    "surname": ("surname", 80),
    "year": ("year", 20),
    "class_name": ("class", 40),
    "group": ("group", 60),
    "reference": ("reference", 60),
}

# The headings of each field, best first: a preferred name before a plain one, and the legal one last. "name"
# is both names in one cell. The UPN comes last of the references: it is meant for official data returns, not
# as everyday label (Department for Education, "Unique pupil numbers").
HEADERS: dict[str, tuple[str, ...]] = {
    "forename": (
        *("Preferred Forename", "Preferred First Name", "Chosen Forename", "Chosen First Name", "Known As"),
        *("Forename", "Forenames", "Forename(s)", "First Name", "First Names", "Given Name", "Given Names"),
        *("Pupil Forename", "Pupil First Name", "Student Forename", "Student First Name"),
        "Child's First Name",
        *("Legal Forename", "Legal Forenames", "Legal First Name", "Legal First Names"),
    ),
    "surname": (
        *("Preferred Surname", "Preferred Last Name", "Chosen Surname", "Chosen Last Name"),
        *("Surname", "Last Name", "Family Name"),
        *("Pupil Surname", "Pupil Last Name", "Student Surname", "Student Last Name", "Child's Surname"),
        *("Child's Last Name", "Legal Surname", "Legal Last Name"),
    ),
    "name": (
        *("Preferred Full Name", "Full Name", "Name", "Pupil Name", "Student Name", "Child's Name"),
        *("Surname, Forename", "Last Name, First Name", "Legal Full Name", "Pupil", "Student", "Child"),
    ),
    "year": (
        *("Year Group", "Year", "Current Year Group", "Year Group Name", "NCY", "NC Year", "NC Year Group"),
        *("National Curriculum Year", "Curriculum Year", "Yr", "Yr Group"),
    ),
    "class_name": (
        *("Registration Form", "Registration Group", "Reg Group", "Reg Form", "Reg", "Registration"),
        *("Form", "Form Group", "Form Name", "Tutor Group", "Form/Tutor Group", "Class", "Class Name"),
        "Current Class",
    ),
    "group": ("Trip Group", "Residential Group", "Activity Group", "Group", "Group Name", "Team", "House"),
    "reference": (
        *("Student ID", "Pupil ID", "Arbor Student ID", "MIS ID", "Person ID", "Reference"),
        *("Admission Number", "Admission No", "Admissions Number", "Adno", "Adm No"),
        *("UPN", "Unique Pupil Number"),
    ),
    **contact_columns.HEADERS,
}
KEYS = {name: tuple(header_key(header) for header in headers) for name, headers in HEADERS.items()}
KNOWN = frozenset(key for keys in KEYS.values() for key in keys)

# A preferred name is often filled in only where it differs: a blank there leaves it to the next heading.
FALLS_BACK = frozenset({"forename", "surname"})
SURNAME_FIRST = ("surname", "lastname", "familyname")
BLANKS = frozenset({"-", "–", "—"})
# One pupil, however a phone or Excel "corrected" the apostrophe or the hyphen.
SAME_SIGNS = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "‐": "-", "‑": "-", "–": "-"})

LOST_LETTER = "has lost a letter. Save the file again as “CSV UTF-8”, or correct it."
NAME_FAULTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\d|@"), "has a digit or an @ in it. Is it from another column?"),
    (re.compile(r"[?\ufffd]"), LOST_LETTER),
    (re.compile(r"^[\W_]+$"), "has no letter in it."),
)
# A cell that a spreadsheet would run as a formula (OWASP, "CSV Injection") is never taken in.
FORMULA = re.compile(r"[=+\-@]")
TOO_WIDE = (
    "This row has more cells than there are headings, so nobody can say which belongs where. "
    "A comma inside a cell needs quotation marks around the cell; a column needs a heading."
)
WHICH_NAMES = "It is not clear which columns hold the pupils’ forenames and surnames. Please choose them."


class NeedsMapping(Refused):
    """The headings do not tell enough: a person must say which column is which.

    `headers` are the file's headings in order, `mapping` is what was recognised (field to position, from 0).
    """

    def __init__(self, title: str, headers: tuple[str, ...], mapping: Mapping[str, int]) -> None:
        super().__init__(title)
        self.headers = headers
        self.mapping = mapping


@dataclass(frozen=True)
class PupilRow:
    """A pupil as the file has it, tidied. A field that is not in the file is ''. `contacts` None: the file is of none."""

    line: int
    forename: str = field(repr=False)
    surname: str = field(repr=False)
    year: str
    class_name: str
    group: str
    reference: str = field(repr=False)
    contacts: tuple[ContactRow, ...] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Problem:
    """Why a line, or a contact on it, was not taken as it stands, in a sentence for the office."""

    line: int
    reason: str


@dataclass(frozen=True)
class Reading:
    """What a file says. `mapping` is the columns used; a line is in `pupils`, or has `problems`, or an odd contact and both."""

    headers: tuple[str, ...]
    mapping: Mapping[str, int]
    pupils: tuple[PupilRow, ...]
    problems: tuple[Problem, ...]

    @property
    def unread(self) -> tuple[str, ...]:
        """The headings that nobody knows and no field was read from: a family's number may stand there."""
        used = set(self.mapping.values())
        named = enumerate(self.headers)
        return tuple(each for at, each in named if each and at not in used and not is_known(each))

    @property
    def reached(self) -> tuple[int, int]:
        """For how many pupils there is a number that can be used, and for how many an address."""
        found = [row.contacts or () for row in self.pupils]
        return sum(any(each.phone for each in of) for of in found), sum(
            any(each.email for each in of) for of in found
        )


def is_known(header: str) -> bool:
    """Whether a heading is one of those in the table."""
    return header_key(header) in KNOWN


def name_key(text: str) -> str:
    """What names and classes are compared by: case, spacing and kinds of apostrophe aside. Accents count."""
    return tidy(text.translate(SAME_SIGNS).casefold())


def identity(forename: str, surname: str, class_name: str) -> str:
    """The key that finds the same pupil when a list without references is imported again.

    The parts stand on lines of their own: no cell holds a line break, so two pupils never share a key by
    accident.
    """
    return "\n".join(name_key(part) for part in (forename, surname, class_name))


def find_columns(headers: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Every column that could be a field, best first: positions from 0. Fields without any are left out."""
    keys = [header_key(header) for header in headers]
    found = {name: tuple(keys.index(key) for key in wanted if key in keys) for name, wanted in KEYS.items()}
    # "Forename(s)" and "Forenames" are one heading, so a column may be met twice.
    return {name: tuple(dict.fromkeys(columns)) for name, columns in found.items() if columns}


def guess_mapping(headers: Sequence[str]) -> dict[str, int]:
    """The best column for each field, by its heading: positions from 0. "name" only where it is needed."""
    mapping = {name: columns[0] for name, columns in find_columns(headers).items()}
    if {"forename", "surname"} <= mapping.keys():
        mapping.pop("name", None)
    return mapping


def check_mapping(
    headers: tuple[str, ...], mapping: Mapping[str, int], fields: frozenset[str], guessed: Mapping[str, int]
) -> None:
    """Check that a given mapping names only `fields` and columns that are there. Raises NeedsMapping."""
    if not mapping.keys() <= fields or any(not 0 <= column < len(headers) for column in mapping.values()):
        title = "The columns chosen are not those of this file. Please choose again."
        raise NeedsMapping(title, headers, guessed)


def columns_of(
    headers: Sequence[str], mapping: Mapping[str, int], guessed: bool
) -> dict[str, tuple[int, ...]]:
    """The columns to look into for each field, in order. Only a guessed name falls back on another."""
    others = find_columns(headers) if guessed else {}
    return {
        name: others[name] if name in FALLS_BACK and name in others else (column,)
        for name, column in mapping.items()
    }


def cell_of(line: Line, columns: Sequence[int]) -> str:
    """The first cell of these columns that holds anything; a lone dash holds nothing."""
    cells = (line.cells[column] for column in columns)
    return next((cell for cell in cells if cell and cell not in BLANKS), "")


def split_name(text: str, header: str) -> tuple[str, str] | None:
    """Forename and surname of a cell that holds both: "Baker, Rose" or "Rose Baker".

    Under a heading that begins with the surname, two words are in that order. None where nobody can tell
    where the surname begins: three words without a comma, one word, or two commas.
    """
    parts = [tidy(part) for part in (text.split(",") if "," in text else text.split(" "))]
    if len(parts) != 2 or not all(parts):
        return None
    surname_first = "," in text or header_key(header).startswith(SURNAME_FIRST)
    return (parts[1], parts[0]) if surname_first else (parts[0], parts[1])


def read_register(data: bytes, mapping: Mapping[str, int] | None = None) -> Reading:
    """Read a list of pupils. `mapping`, where given, is used alone: field (or "name") to position, from 0.

    Raises Refused or TooLarge where the file as a whole cannot be read, NeedsMapping where no columns for the
    names are found or the mapping does not fit. Everything else is a problem of its line, and the other lines
    stand.
    """
    table = read_table(data, is_known)
    used = _mapping(table.headers, mapping)
    columns = columns_of(table.headers, used, guessed=mapping is None)
    header = table.headers[used["name"]] if "name" in used else ""
    tells_contacts = not contact_columns.FIELDS.keys().isdisjoint(used)
    pupils: list[PupilRow] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, str], int] = {}
    for line in table.rows:
        values = {name: cell_of(line, columns.get(name, ())) for name in FIELDS}
        full = cell_of(line, columns.get("name", ()))
        if full and (both := split_name(full, header)):
            values["forename"], values["surname"] = both
        contacts, odd = contact_columns.read({name: cell_of(line, at) for name, at in columns.items()})
        row = PupilRow(line.number, **values, contacts=contacts if tells_contacts else None)
        reasons = _faults(line, len(table.headers), values, full) or _already(row, seen)
        problems.extend(Problem(line.number, reason) for reason in reasons or odd)
        if not reasons:
            pupils.append(row)
    return Reading(table.headers, used, tuple(pupils), tuple(problems))


def _mapping(headers: tuple[str, ...], given: Mapping[str, int] | None) -> dict[str, int]:
    guessed = guess_mapping(headers)
    if given is not None:
        check_mapping(headers, given, frozenset(HEADERS), guessed)
    used = dict(guessed if given is None else given)
    if {"forename", "surname"} <= used.keys():
        used.pop("name", None)
    elif "name" not in used or {"forename", "surname"} & used.keys():
        # "Name" beside "Surname" may be a forename or both names: that is asked, not guessed.
        raise NeedsMapping(WHICH_NAMES, headers, used)
    return used


def _faults(line: Line, width: int, values: Mapping[str, str], full: str) -> list[str]:
    if len(line.cells) > width:
        return [TOO_WIDE]
    if full and not values["surname"]:
        return ["It is not clear where the surname begins. Write the name as “Surname, Forename”."]
    missing = [
        f"There is no {FIELDS[name][0]} in this row." for name in ("forename", "surname") if not values[name]
    ]
    return missing + [reason for name, text in values.items() for reason in _fault(name, text)]


def _fault(name: str, text: str) -> Iterator[str]:
    """At most one reason why a cell cannot be kept: the first that applies."""
    label, most = FIELDS[name]
    faults = NAME_FAULTS if name in FALLS_BACK else ()
    if not text:
        return
    if FORMULA.match(text):
        yield f"The {label} begins with “{text[0]}”, which a spreadsheet takes for a formula. Correct it."
    elif len(text) > most:
        yield f"The {label} is longer than {most} characters. Correct it."
    elif not text.isprintable():
        yield f"The {label} has an invisible character in it. Type it again."
    elif reason := next((reason for pattern, reason in faults if pattern.search(text)), None):
        yield f"The {label} {reason}"


def _already(row: PupilRow, seen: dict[tuple[str, str], int]) -> list[str]:
    """Why not, where the pupil is already there. `seen` maps what was met to its line and learns this row.

    Two references tell two pupils of one name apart, and one reference is one pupil whatever the name.
    """
    name, reference = identity(row.forename, row.surname, row.class_name), name_key(row.reference)
    asked = [("reference", reference), ("name alone", name)] if reference else [("name", name)]
    earlier = next((seen[key] for key in asked if key in seen), None)
    if earlier is not None:
        return [f"The same pupil is on lines {earlier} and {row.line}. Delete one."]
    learnt = [("name", name), ("reference", reference) if reference else ("name alone", name)]
    seen.update((key, row.line) for key in learnt if key not in seen)
    return []
