"""Is a word that is also a name used as one here? "The sun rose" against "Rose fell in".

Two tables for forenames and one for surnames, each read from the top: the first line that fits decides. A
line says what the word is doing and what that means for the author; None means an ordinary word.
"""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

from tripupdates.policy import wordnames as data
from tripupdates.policy.tokens import Case, Token, linked
from tripupdates.policy.wordnames import Kind
from tripupdates.vocabulary import Severity

STOP, ASK = Severity.STOP, Severity.ASK


@dataclass(frozen=True)
class Use:
    """A word at one place of a passage, where it may be a pupil's name.

    `forenames` are those on the trip's list; `initials` pairs first letters with surnames; `no_case` tells
    that the passage is written without a single capital.
    """

    tokens: Sequence[Token]
    at: int
    forenames: Set[str]
    initials: Set[tuple[str, str]]
    no_case: bool

    @property
    def token(self) -> Token:
        """The word itself."""
        return self.tokens[self.at]

    def near(self, step: int) -> Token | None:
        """The word `step` places on (or back), where nothing between ends the phrase."""
        other = self.at + step
        if not 0 <= other < len(self.tokens):
            return None
        first, last = sorted((self.at, other))
        gaps = (self.tokens[number].after for number in range(first, last))
        return self.tokens[other] if all(linked(gap) for gap in gaps) else None

    def word(self, step: int) -> str:
        """The spelling of the word `step` places on, "" where there is none."""
        token = self.near(step)
        return token.word if token else ""

    def is_kind(self, *kinds: Kind) -> bool:
        """Whether the word is, as a word, of one of these kinds."""
        return data.kind(self.token.word) in kinds


Line = tuple[Callable[[Use], bool], Severity | None]


def forename_verdict(use: Use) -> Severity | None:
    """What it means that a forename, which is also a word, stands here."""
    if use.token.case is Case.CAPITAL:
        return _read(_OPENING if use.token.opens else _WITHIN, use)
    if use.token.case is Case.SHOUT:
        return _read(_UNMARKED, use)
    found = _read(_UNMARKED, use) if use.no_case or _praised(use) else None
    return ASK if found is STOP and not _praised(use) else found


def surname_verdict(use: Use) -> Severity | None:
    """What it means that a surname, which is also a word, stands here. Only a capital makes it a name."""
    return _read(_SURNAME, use) if use.token.case is Case.CAPITAL else None


def _read(table: Sequence[Line], use: Use) -> Severity | None:
    return next((verdict for fits, verdict in table if fits(use)), None)


def _always(_: Use) -> bool:
    return True


def _in_a_phrase(use: Use) -> bool:
    """In an everyday phrase ("mark your calendars"), unless a person fits ("with Mark the whole way")."""
    if use.word(-1) in data.WITH:
        return False
    own = use.token.word + ("'s" if use.token.suffix else "")
    return any(_is_phrase(use, phrase, own) for phrase in data.PHRASES.get(own, ()))


def _is_phrase(use: Use, phrase: Sequence[str], own: str) -> bool:
    place = phrase.index(own)
    return all(number == place or use.word(number - place) == word for number, word in enumerate(phrase))


def _names_a_thing(use: Use) -> bool:
    """ "Rose Cottage", "Summer Camp", "Lake District"."""
    after = use.near(1)
    if after is None or use.token.suffix or after.word not in data.AFTER_IN_A_NAME:
        return False
    return after.word not in data.VERBS or after.case is Case.CAPITAL  # "Rose fell", but "Rose Fell"


def _after_an_article(use: Use) -> bool:
    return use.word(-1) in data.ARTICLES


def _in_its_time_or_place(use: Use) -> bool:
    """ "In May", "12 May", "spring, summer", "to Lincoln"."""
    if use.is_kind(Kind.TIME):
        dated = any(letter.isdigit() for letter in use.token.before[-6:] + use.token.after[:3])
        listed = {use.word(-1), use.word(1)} & data.TIMES - use.forenames
        return dated or bool(listed) or use.word(-1) in data.BEFORE_A_TIME
    return use.is_kind(Kind.PLACE) and use.word(-1) in data.BEFORE_A_PLACE


def _praised(use: Use) -> bool:
    """ "Well done Rose", "thanks to Mark"."""
    step = next((step for step in (-1, -2, -3) if use.word(step) not in data.BETWEEN_PRAISE), -4)
    before = use.word(step)
    return before in data.PRAISE and use.word(step - 1) == data.BEFORE_PRAISED.get(before, use.word(step - 1))


def _paired(use: Use) -> bool:
    """ "Mark and Summer", "Ada, Rose & Finn": beside another forename of the list."""
    return any(_is_pair(use, step) for step in (-1, 1))


def _is_pair(use: Use, step: int) -> bool:
    gap = use.token.before if step < 0 else use.token.after
    if any(sign in gap for sign in ",&+/"):
        other = use.near(step)
        if use.word(step) in {"and", "or"}:
            other = use.near(2 * step)
    else:
        other = use.near(2 * step) if use.word(step) in {"and", "or", "n"} else None
    if other is None or other.word not in use.forenames or other.word == use.token.word:
        return False
    return data.kind(other.word) is None or other.case is use.token.case


def _with_an_initial(use: Use) -> bool:
    """ "Rose B.", "Rose B": the letter A or I needs its stop, for it may be a word."""
    after = use.near(1)
    if after is None or len(after.word) > 1 or after.case is not Case.CAPITAL:
        return False
    return not use.token.suffix and (after.word not in "ai" or after.after.startswith("."))


def _after_someone(use: Use) -> bool:
    """ "With Summer", "for Rose": seasons follow most such words too, so only "with" tells."""
    before = use.word(-1)
    return before in data.WITH - {"and"} if use.is_kind(Kind.TIME) else before in data.BEFORE_A_PERSON


def _continues_someone(use: Use) -> bool:
    """Over a line break: "with Mark and / Summer"."""
    return use.token.before == "\n" and _after_someone(use)


def _acts(use: Use) -> bool:
    """ "Rose fell", "Rose really loved"."""
    verb = use.word(2) if use.word(1) in data.ADVERBS or use.word(1).endswith("ly") else use.word(1)
    is_past = len(verb) > 3 and verb.endswith("ed") and verb not in data.NOT_VERBS
    return not use.token.suffix and (is_past or verb in data.VERBS)


def _acts_as_things_do(use: Use) -> bool:
    """ "Hope faded", "Summer jumped": the second is strange enough to ask about, not sure enough to stop."""
    is_thing = use.is_kind(Kind.MASS) and {use.word(1), use.word(2)} & data.THINGS_DO
    return _acts(use) and (use.is_kind(Kind.TIME) or bool(is_thing))


def _is_something(use: Use) -> bool:
    return use.word(1) in data.COPULAS


def _is_a_thing(use: Use) -> bool:
    return use.is_kind(Kind.TIME, Kind.MASS)


def _is_time(use: Use) -> bool:
    return use.is_kind(Kind.TIME)


def _owns(use: Use) -> bool:
    """ "Grace's boat", "Grace'll"."""
    return use.token.suffix


def _called(use: Use) -> bool:
    """ "Rose, come down!" or nothing but the name."""
    alone = len(use.tokens) == 1
    return alone or (use.is_kind(Kind.PLAIN) and use.token.after[:1] in {",", "!", "."})


def _captioned(use: Use) -> bool:
    """ "Rose holding a shell", "Rose on the wall": how a description of a photo begins."""
    doing = use.word(1).endswith("ing") and len(use.word(1)) > 5
    if use.is_kind(Kind.PLAIN, Kind.PLACE):
        return doing or use.word(1) in data.CAPTION
    return use.is_kind(Kind.MASS) and doing


def _followed_by_a_capital(use: Use) -> bool:
    after = use.near(1)
    return after is not None and after.case is Case.CAPITAL and after.word != "i"


def _starts_here(use: Use) -> bool:
    return use.token.opens or use.word(-1) in data.JOINERS


def _starts_and_acts(use: Use) -> bool:
    return _starts_here(use) and (_acts(use) or _is_something(use)) and not use.is_kind(Kind.TIME)


def _starts_and_owns(use: Use) -> bool:
    return _starts_here(use) and _owns(use) and not use.is_kind(Kind.TIME)


def _titled(use: Use) -> bool:
    return use.at > 0 and use.tokens[use.at - 1].word in data.TITLES and use.token.before.strip(" \n.") == ""


def _after_its_initial(use: Use) -> bool:
    """ "R. Baker", "R Baker"."""
    before = use.tokens[use.at - 1] if use.at else None
    return (
        before is not None
        and (before.word, use.token.word) in use.initials
        and use.token.before.strip(" \n.") == ""
    )


def _after_a_doubtful_initial(use: Use) -> bool:
    """ "A Hill" may be a hill."""
    return _after_its_initial(use) and use.tokens[use.at - 1].word in "ai" and "." not in use.token.before


def _part_of_a_proper_name(use: Use) -> bool:
    """ "Box Hill", "Hill House", "Green Group"."""
    before = use.near(-1)
    is_named = (
        before is not None and before.case is Case.CAPITAL and before.word not in data.OPENERS | data.PRAISE
    )
    return (is_named and not _praised(use)) or _followed_by_a_capital(use)


_OPENING: tuple[Line, ...] = (
    (_in_a_phrase, None),
    (_names_a_thing, None),
    (_praised, STOP),
    (_paired, STOP),
    (_with_an_initial, STOP),
    (_continues_someone, STOP),
    (_acts_as_things_do, ASK),
    (_acts, STOP),
    (lambda use: _is_something(use) and _is_a_thing(use), ASK),
    (_is_something, STOP),
    (lambda use: _owns(use) and _is_time(use), ASK),
    (_owns, STOP),
    (_called, ASK),
    (_captioned, ASK),
    (_followed_by_a_capital, ASK),
)
_WITHIN: tuple[Line, ...] = (
    (_in_a_phrase, None),
    (_names_a_thing, None),
    (_praised, STOP),
    (_paired, STOP),
    (_with_an_initial, STOP),
    (_in_its_time_or_place, None),
    (_after_an_article, None),
    (_after_someone, STOP),
    (lambda use: _is_time(use) and (_acts(use) or _is_something(use) or _owns(use)), ASK),
    (_acts, STOP),
    (_is_something, STOP),
    (_owns, STOP),
    (_always, ASK),
)
_UNMARKED: tuple[Line, ...] = (
    (_in_a_phrase, None),
    (_names_a_thing, None),
    (_praised, STOP),
    (_paired, STOP),
    (_starts_and_acts, STOP),
    (_starts_and_owns, STOP),
)
_SURNAME: tuple[Line, ...] = (
    (_titled, STOP),
    (_after_a_doubtful_initial, ASK),
    (_after_its_initial, STOP),
    (_in_a_phrase, None),
    (_names_a_thing, None),
    (_part_of_a_proper_name, None),
    (_praised, STOP),
    (_in_its_time_or_place, None),
    (_after_an_article, None),
    (lambda use: use.token.opens and not use.token.suffix, None),
    (_always, ASK),
)
