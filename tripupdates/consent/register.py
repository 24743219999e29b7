"""Parents' answers, read from a consent system's CSV and matched to the pupils of one trip. Pure.

The rule throughout is law 1: only a plain yes, in a column that is plainly about one channel, on a row that
is plainly one pupil's, is a yes. What is doubtful is a no or nothing, and a person is told. Reasons name a
line, never a pupil.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tripupdates.trips import register
from tripupdates.trips.csvfile import Line, read_table
from tripupdates.trips.register import TOO_WIDE, NeedsMapping, Problem, cell_of, name_key
from tripupdates.vocabulary import CHANNEL_NAMES, PICTURED, Channel

YES = (
    *("yes", "y", "true", "1", "given", "granted", "agree", "agreed", "consent given", "consent granted"),
    *("consented", "consents", "permission given", "permission granted", "✓", "✔", "☑", "✅"),
)
NO = (
    *("no", "n", "false", "0", "withheld", "refused", "declined", "withdrawn", "disagree", "disagreed"),
    *("not given", "not granted", "not agreed", "no consent", "no permission", "consent not given"),
    *("consent refused", "consent withheld", "consent declined", "consent withdrawn", "permission refused"),
    *("✗", "✘", "✕", "✖", "❌", "☒"),
)
NO_RECORD = (
    *("", "-", "–", "—", "n/a", "na", "no response", "no reply", "no answer", "not answered", "pending"),
    *("unknown", "not known", "not recorded", "awaiting response", "awaiting reply"),
)
# What a word means: yes, no, or (None) that nobody has answered. Any other word is a no that is reported. A
# bare "x" is such a word on purpose: on some forms it ticks a box, on others it crosses one out.
ANSWERS: dict[str, bool | None] = {
    **dict.fromkeys(YES, True),
    **dict.fromkeys(NO, False),
    **dict.fromkeys(NO_RECORD),
}

# The headings of each channel, without the words that only lead up to them. The rest must be these words and
# no more: "Parents", "Website login" and "No photos on website" are about something else.
CHANNEL_HEADERS: dict[Channel, tuple[str, ...]] = {
    Channel.FAMILIES: (
        *("families page", "families", "family page", "families trip page", "parents page", "parent page"),
        *("trip page", "trip page families"),
    ),
    Channel.WEBSITE: ("website", "web site"),
    Channel.X: (
        *("x", "twitter", "x twitter", "twitter x", "x formerly twitter"),
        *("social media", "social media x"),
    ),
    Channel.APP: ("app", "class app", "seesaw", "see saw", "seesaw app"),
}
LEAD_INS = frozenset(
    {
        *("consent", "consents", "permission", "account", "school", "schools"),
        *("photo", "photos", "photograph", "photographs", "image", "images", "picture", "pictures"),
        *("may", "can", "be", "use", "used", "of", "on", "for", "in", "to", "the", "our"),
    }
)
CHANNEL_OF = {words: channel for channel, headings in CHANNEL_HEADERS.items() for words in headings}
CHANNEL_FIELDS = frozenset(channel.value for channel in PICTURED)
PUPIL_FIELDS = frozenset({"forename", "surname", "name", "class_name", "reference"})

# An emoji's colour and a full stop change no answer. A question mark does.
DECORATION = str.maketrans("", "", "\ufe0e\ufe0f")
LONGEST_WORD = 60

NO_CHANNEL = "No column says which answers are for which channel. Please choose the columns."
NO_PUPIL = "It is not clear which columns tell whose answers these are. Please choose them."
NAMELESS = "There is no pupil in this row."
NOT_HERE = "This pupil is not on the trip's list."
OTHER_CLASS = (
    "A pupil with this name is on the trip, in another class. If it is the same pupil, correct the class."
)
OTHER_REFERENCE = (
    "A pupil with this name is on the trip, with another reference. "
    "If the file numbers pupils in another way than the trip's list, delete that column."
)
OTHER_NAME = (
    "The reference is that of a pupil on the trip, and the name is someone else's. Has the file been sorted?"
)
SEVERAL = "More than one pupil on the trip has this name. Add the class or a reference."


@dataclass(frozen=True)
class KnownPupil:
    """A pupil on the trip's list, to whom rows are matched. `reference` is '' where there is none."""

    id: str
    forename: str = field(repr=False)
    surname: str = field(repr=False)
    class_name: str
    reference: str = field(repr=False)


@dataclass(frozen=True)
class AnswerRow:
    """One answer for one pupil and channel, from one line. `word` is the file's, cut to 60 characters."""

    line: int
    pupil_id: str
    channel: Channel
    yes: bool
    word: str = field(repr=False)


@dataclass(frozen=True)
class ConsentReading:
    """What a consent file says about one trip.

    At most one of `answers` per pupil and channel. `silent` are the ids of the trip's pupils on no row that
    could be matched. `blanks` counts the answers missing on the rows that could be: no record, which is a no.
    """

    headers: tuple[str, ...]
    mapping: Mapping[str, int]
    answers: tuple[AnswerRow, ...]
    problems: tuple[Problem, ...]
    silent: tuple[str, ...]
    blanks: int


def channel_of(header: str) -> Channel | None:
    """The channel that a heading is plainly about, or None."""
    words = re.findall(r"[^\W_]+", re.sub(r"['’]", "", header.casefold()))
    return CHANNEL_OF.get(" ".join(word for word in words if word not in LEAD_INS))


def guess_mapping(headers: Sequence[str]) -> dict[str, int]:
    """The columns for the pupil and for each channel ("families", "website", "x"): positions from 0.

    A channel with two columns is left out: which of them counts is for a person to say.
    """
    mapping = {name: at for name, at in register.guess_mapping(headers).items() if name in PUPIL_FIELDS}
    found: dict[Channel, list[int]] = defaultdict(list)
    for at, header in enumerate(headers):
        if channel := channel_of(header):
            found[channel].append(at)
    return mapping | {channel.value: columns[0] for channel, columns in found.items() if len(columns) == 1}


def read_consent(
    data: bytes, pupils: Sequence[KnownPupil], mapping: Mapping[str, int] | None = None
) -> ConsentReading:
    """Read a consent file against the pupils of a trip.

    `mapping`, where given, is used alone: "forename", "surname", "name", "class_name", "reference" or a
    channel, to a position from 0. Raises Refused or TooLarge where the file as a whole cannot be read;
    NeedsMapping where no channel column is found, two could be the same channel's, or nothing tells whose row
    it is. Where a pupil has differing answers, the no wins and the problem is reported.
    """
    table = read_table(data, lambda header: register.is_known(header) or channel_of(header) is not None)
    used = _mapping(table.headers, mapping)
    columns = register.columns_of(table.headers, used, guessed=mapping is None)
    whose = _matcher(pupils, columns, table.headers)
    problems: list[Problem] = []
    found: dict[tuple[str, Channel], AnswerRow] = {}
    matched: set[str] = set()
    blanks = 0
    for line in table.rows:
        pupil = TOO_WIDE if len(line.cells) > len(table.headers) else whose(line)
        if isinstance(pupil, str):
            problems.append(Problem(line.number, pupil))
            continue
        matched.add(pupil.id)
        answers = list(_answers(line, pupil, used))
        blanks += len(CHANNEL_FIELDS & used.keys()) - len(answers)
        for answer in answers:
            problems.extend(_doubts(answer, found.get((pupil.id, answer.channel))))
            _keep(answer, found)
    silent = tuple(pupil.id for pupil in pupils if pupil.id not in matched)
    return ConsentReading(table.headers, used, tuple(found.values()), tuple(problems), silent, blanks)


def _mapping(headers: tuple[str, ...], given: Mapping[str, int] | None) -> dict[str, int]:
    guessed = guess_mapping(headers)
    if given is None:
        _check_channels(headers, guessed)
    else:
        register.check_mapping(headers, given, PUPIL_FIELDS | CHANNEL_FIELDS, guessed)
    used = dict(guessed if given is None else given)
    if not CHANNEL_FIELDS & used.keys():
        raise NeedsMapping(NO_CHANNEL, headers, used)
    names = {"forename", "surname"} & used.keys()
    if len(names) == 1 or not names | {"name", "reference"} & used.keys():
        raise NeedsMapping(NO_PUPIL, headers, used)
    return used


def _check_channels(headers: tuple[str, ...], guessed: Mapping[str, int]) -> None:
    for channel in PICTURED:
        several = [header for header in headers if channel_of(header) == channel]
        if len(several) > 1:
            named = " and ".join(f"“{header[:60]}”" for header in several)
            title = f"{named} could each be the answers for the {CHANNEL_NAMES[channel]}. Please choose one."
            raise NeedsMapping(title, headers, guessed)


def _matcher(
    pupils: Sequence[KnownPupil], columns: Mapping[str, Sequence[int]], headers: Sequence[str]
) -> Callable[[Line], KnownPupil | str]:
    """A function from a row to the one pupil whose it is, or to the reason why there is none."""
    by_name: dict[str, list[KnownPupil]] = defaultdict(list)
    by_reference: dict[str, list[KnownPupil]] = defaultdict(list)
    for pupil in pupils:
        by_name[_full_name(pupil)].append(pupil)
        by_reference[name_key(pupil.reference)].append(pupil)

    def whose(line: Line) -> KnownPupil | str:
        name = _name_in(line, columns, headers)
        class_name, reference = (
            name_key(cell_of(line, columns.get(key, ()))) for key in ("class_name", "reference")
        )
        if not name and not reference:
            return NAMELESS
        if reference and (found := by_reference.get(reference)):
            if name and not any(set(name.split()) & set(_full_name(pupil).split()) for pupil in found):
                return OTHER_NAME
            return found[0] if len(found) == 1 else SEVERAL
        return _by_name(by_name.get(name, []), class_name, reference)

    return whose


def _by_name(namesakes: Sequence[KnownPupil], class_name: str, reference: str) -> KnownPupil | str:
    """The one pupil of this name whom neither class nor reference rules out. A blank rules nobody out."""
    if not namesakes:
        return NOT_HERE
    left = [pupil for pupil in namesakes if not (reference and pupil.reference)]
    if not left:
        return OTHER_REFERENCE
    left = [pupil for pupil in left if not class_name or name_key(pupil.class_name) in ("", class_name)]
    if not left:
        return OTHER_CLASS
    return left[0] if len(left) == 1 else SEVERAL


def _full_name(pupil: KnownPupil) -> str:
    return name_key(f"{pupil.forename} {pupil.surname}")


def _name_in(line: Line, columns: Mapping[str, Sequence[int]], headers: Sequence[str]) -> str:
    if "forename" in columns:
        return name_key(" ".join(cell_of(line, columns[part]) for part in ("forename", "surname")))
    if "name" not in columns:
        return ""
    full = cell_of(line, columns["name"])
    both = register.split_name(full, headers[columns["name"][0]])
    return name_key(" ".join(both) if both else full)  # three words need no splitting to be compared


def _answers(line: Line, pupil: KnownPupil, used: Mapping[str, int]) -> Iterator[AnswerRow]:
    for channel in PICTURED:
        if channel in used:
            word = line.cells[used[channel]]
            meaning = ANSWERS.get(_plain(word), False)
            if meaning is not None:
                yield AnswerRow(line.number, pupil.id, channel, meaning, word[:LONGEST_WORD])


def _plain(word: str) -> str:
    return word.casefold().translate(DECORATION).removesuffix(".").rstrip()


def _doubts(answer: AnswerRow, earlier: AnswerRow | None) -> Iterator[Problem]:
    so = f"so it counts as a no for the {CHANNEL_NAMES[answer.channel]}."
    if _plain(answer.word) not in ANSWERS:
        yield Problem(answer.line, f"“{answer.word}” is not a plain yes or no, {so}")
    if earlier is not None and earlier.yes != answer.yes:
        yield Problem(answer.line, f"Lines {earlier.line} and {answer.line} differ for the same pupil, {so}")


def _keep(answer: AnswerRow, found: dict[tuple[str, Channel], AnswerRow]) -> None:
    """The first answer stands, unless a later one is a no."""
    key = (answer.pupil_id, answer.channel)
    if key not in found or (found[key].yes and not answer.yes):
        found[key] = answer
