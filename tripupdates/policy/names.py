"""Names of this trip's pupils and staff in a folded passage (clauses "names" and "staff").

A name that is no word of English is found anywhere, in any case. A name that is also a word is found where it
is used as a name (naming.py). Two halves of one pupil's name side by side are found whatever they mean.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from tripupdates.policy.findings import Hit, PupilName
from tripupdates.policy.folding import Folded, fold
from tripupdates.policy.naming import Use, forename_verdict, surname_verdict
from tripupdates.policy.tokens import Case, Token, tokenise, tokenise_apart
from tripupdates.policy.wordnames import PARTICLES, TITLES, kind
from tripupdates.vocabulary import Severity

Parts = tuple[str, ...]

_NAMED = "This names a pupil of this trip. Take it out: say “we”, “one of us” or the name of the group."
_MAYBE = (
    "This may be the name of a pupil of this trip. If it is, take it out. "
    "If it is only a word, the head can let it pass."
)
_STAFF = (
    "This names a member of staff. Say “our staff” or “the teachers”, unless the school wants the name here."
)

_LONGEST_GAP = 3
_SURE_TOGETHER = (
    8  # letters in a forename and surname run together, from which no ordinary word holds them by chance
)
_SHORTEST_HALF = 3  # "Al" of "Al-Nasser" is no name by itself


@dataclass(frozen=True)
class Watch:
    """Names to look for, as folded lower-case words.

    `sequences` holds names of several words by their first word; `only` single names that are no words,
    `forenames` and `surnames` those that are; `initials` pairs of first letter and surname; `joined` full
    names without a space.
    """

    sequences: dict[str, tuple[Parts, ...]]
    only: frozenset[str]
    forenames: frozenset[str]
    surnames: frozenset[str]
    initials: frozenset[tuple[str, str]]
    joined: frozenset[str]


def watch_pupils(pupils: Collection[PupilName]) -> Watch:
    """Everything by which one of these pupils can be named."""
    written = [(first, last) for pupil in pupils for first, last in _spellings(pupil)]
    alone = frozenset(chain.from_iterable(_alone(name) for pair in written for name in pair))
    only = frozenset(name for name in alone if kind(name) is None)
    return Watch(
        sequences=_by_first_word(chain.from_iterable(_sequences(first, last) for first, last in written)),
        only=only,
        forenames=frozenset(chain.from_iterable(_alone(first) for first, _ in written)) - only,
        surnames=frozenset(chain.from_iterable(_alone(last) for _, last in written)) - only,
        initials=frozenset((first[0][0], part) for first, last in written if first for part in last),
        joined=frozenset("".join(first + last) for first, last in written if first and last),
    )


def find_pupils(folded: Folded, watch: Watch, staff_surnames: Collection[str]) -> Iterator[Hit]:
    """Names of pupils. A surname shared with staff and written after a title is left to find_staff."""
    for tokens in (tokenise(folded.text), tokenise_apart(folded.text)):
        cases = {token.case for token in tokens if len(token.word) > 1}
        no_case = Case.CAPITAL not in cases and Case.SHOUT not in cases
        for at, token in enumerate(tokens):
            if token.word in staff_surnames and _after_title(tokens, at):
                continue
            use = Use(tokens, at, watch.forenames | watch.only, watch.initials, no_case)
            yield from _hits(use, watch, folded.text)


def watch_staff(staff: Collection[str]) -> tuple[dict[str, tuple[Parts, ...]], frozenset[str]]:
    """Full names of staff by their first word, and their surnames. Titles count for nothing."""
    names = [tuple(part for part in _parts(name) if part not in TITLES) for name in staff]
    surnames = frozenset(name[-1] for name in names if name and len(name[-1]) > 1)
    return _by_first_word(name for name in names if len(name) > 1), surnames


def find_staff(folded: Folded, staff: Collection[str]) -> Iterator[Hit]:
    """Staff of the trip by full name or uncommon surname, and anybody with a title ("Mrs Example")."""
    sequences, surnames = watch_staff(staff)
    tokens = tokenise(folded.text)
    for at, token in enumerate(tokens):
        for run in _runs(tokens, at, sequences, folded.text):
            if _looks_like_a_name(run):
                first = tokens[at - 1] if _after_title(tokens, at) else run[0]
                yield Hit("staff", Severity.ASK, first.start, run[-1].end, _STAFF)
        if token.word in surnames and kind(token.word) is None:
            yield Hit("staff", Severity.ASK, token.start, token.end, _STAFF)
        if _after_title(tokens, at) and _is_titled_person(tokens, at, surnames):
            yield Hit("staff", Severity.ASK, tokens[at - 1].start, token.end, _STAFF)


def _hits(use: Use, watch: Watch, text: str) -> Iterator[Hit]:
    token = use.token
    for run in _runs(use.tokens, use.at, watch.sequences, text):
        sure = _looks_like_a_name(run)
        yield _hit(Severity.STOP if sure else Severity.ASK, run[0].start, run[-1].end)
    if token.word in watch.only or _is_plural_of(token, watch.only):
        yield _hit(Severity.STOP, *_with_initial(use))
    elif any(_runs_together(token, name) for name in watch.joined):
        yield _hit(Severity.STOP, token.start, token.end)
    elif token.word in watch.forenames and (verdict := forename_verdict(use)):
        yield _hit(verdict, token.start, token.end)
    elif token.word in watch.surnames and (verdict := surname_verdict(use)):
        yield _hit(verdict, *_with_initial(use))


def _hit(severity: Severity, start: int, end: int) -> Hit:
    return Hit("names", severity, start, end, _NAMED if severity is Severity.STOP else _MAYBE)


def _with_initial(use: Use) -> tuple[int, int]:
    """The word, with the initial before it where that fits a pupil: "R. Baker"."""
    before = use.tokens[use.at - 1] if use.at else None
    fits = before and (before.word, use.token.word) in use.initials and use.token.before.strip(" \n.") == ""
    return (before.start if before and fits else use.token.start), use.token.end


def _runs(
    tokens: Sequence[Token], at: int, sequences: dict[str, tuple[Parts, ...]], text: str
) -> Iterator[Sequence[Token]]:
    """Every name of several words that starts here; one initial may stand inside ("Sam J. Example")."""
    for name in sequences.get(tokens[at].word, ()):
        for run in (tokens[at : at + len(name)], [tokens[at], *tokens[at + 2 : at + 1 + len(name)]]):
            skipped = len(run) > 1 and run[1] is not tokens[at + 1]
            fits = tuple(token.word for token in run) == name and (
                not skipped or len(tokens[at + 1].word) == 1
            )
            if fits and all(_touch(one, two, text, skipped) for one, two in pairwise(run)):
                yield run


def _touch(one: Token, two: Token, text: str, skipped: bool) -> bool:
    gap = text[one.end : two.start]
    return len(gap) <= _LONGEST_GAP + 2 * skipped and (skipped or set(gap) <= set(" \n-_,'"))


def _looks_like_a_name(run: Sequence[Token]) -> bool:
    """Part of it is no word, or all of it is written as a name is."""
    if any(kind(token.word) is None for token in run):
        return True
    return all(token.case is not Case.LOWER for token in run if token.word not in PARTICLES)


def _is_plural_of(token: Token, names: frozenset[str]) -> bool:
    """ "The Thistleburys", or a forgotten apostrophe."""
    stem = token.word[:-1]
    is_plural = token.word.endswith("s") and len(stem) >= _SHORTEST_HALF and kind(token.word) is None
    return is_plural and token.case is not Case.LOWER and stem in names


def _runs_together(token: Token, name: str) -> bool:
    sure = len(name) >= _SURE_TOGETHER or token.before.endswith(("#", "@"))
    return name in token.word and sure and kind(token.word) is None


def _after_title(tokens: Sequence[Token], at: int) -> bool:
    """ "Mrs Example"; "miss supper" and "20 ms later" are none."""
    if at == 0 or tokens[at].before not in {" ", ". ", ".", "\n"} or tokens[at - 1].word not in TITLES:
        return False
    title = tokens[at - 1]
    return title.word in {"mr", "mrs", "mx"} or title.case is not Case.LOWER


def _is_titled_person(tokens: Sequence[Token], at: int, surnames: Collection[str]) -> bool:
    """A title and a name. Written all in capitals "miss" is a verb, unless one of the staff is called so."""
    title, name = tokens[at - 1], tokens[at]
    if name.word in surnames or title.word in {"mr", "mrs", "mx"}:
        return True
    return name.case is Case.CAPITAL and title.case is Case.CAPITAL


def _parts(name: str) -> Parts:
    return tuple(token.word for token in tokenise(fold(name).text + " "))


def _spellings(pupil: PupilName) -> Iterator[tuple[Parts, Parts]]:
    """Forename and surname as words; instead of an apostrophe a space may be typed ("O Brien")."""
    first, last = fold(pupil.forename).text, fold(pupil.surname).text
    yield _parts(first), _parts(last)
    if "'" in first + last:
        yield _parts(first.replace("'", " ")), _parts(last.replace("'", " "))


def _alone(name: Parts) -> Iterator[str]:
    """The words of one half that may stand for the pupil alone: a single one, or the uncommon parts."""
    if len(name) == 1 and len(name[0]) > 1 and name[0] not in PARTICLES:
        yield name[0]
    elif len(name) > 1:
        yield from (part for part in name if len(part) >= _SHORTEST_HALF and kind(part) is None)


def _sequences(first: Parts, last: Parts) -> Iterator[Parts]:
    """Full names both ways round, with one half of a double name too, and each double name by itself."""
    firsts = {first, first[:1]} - {()}
    lasts = {last, last[:1], last[-1:]} - {()}
    for one in firsts:
        for two in lasts:
            if len(one) + len(two) > 1 and not set(two) <= PARTICLES:
                yield from (one + two, two + one)
    yield from (name for name in (first, last) if len(name) > 1)


def _by_first_word(names: Iterable[Parts]) -> dict[str, tuple[Parts, ...]]:
    found: dict[str, tuple[Parts, ...]] = {}
    for name in dict.fromkeys(names):
        found[name[0]] = (*found.get(name[0], ()), name)
    return found
