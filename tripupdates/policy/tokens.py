"""A folded passage as words, each with its case and what stands on either side of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_SUFFIX = re.compile(r"'(?:s|ll|d|ve|re)$", re.IGNORECASE)
# Between two words of one sentence nothing else stands; any other character may end it (stops, colons,
# emoji).
_WITHIN = frozenset(" ,'&()-_/#@+%0123456789")
_LINKS = _WITHIN | {"\n", '"', "*"}


class Case(Enum):
    """How a word is written. One capital says something; all capitals, or words run together, do not."""

    LOWER = auto()
    CAPITAL = auto()
    SHOUT = auto()


@dataclass(frozen=True)
class Token:
    """One word. `word` is lower case without apostrophes or ending; `start` and `end` count folded letters.

    `before` and `after` are the characters up to the next words. `suffix` tells of an ending as in "Sam's" or
    "Sam'll". `opens` tells that a sentence or line starts here, where a capital letter means nothing.
    """

    word: str
    case: Case
    start: int
    end: int
    before: str
    after: str
    suffix: bool
    opens: bool


def tokenise(text: str) -> list[Token]:
    """Every word of a folded text, in order."""
    return _tokens(text, [match.span() for match in _WORD.finditer(text)])


def tokenise_apart(text: str) -> list[Token]:
    """The same, with words that were run together taken apart at their capitals: "TeamSam" is two words.

    The parts count as SHOUT, because their capitals only mark the joints. Empty where nothing is run
    together.
    """
    whole = [match.span() for match in _WORD.finditer(text)]
    parts = [part for start, end in whole for part in _parts(text, start, end)]
    return _tokens(text, parts, frozenset(parts) - frozenset(whole)) if len(parts) > len(whole) else []


def linked(gap: str) -> bool:
    """Whether the words on both sides of this gap belong to one phrase, which may hold a line break."""
    return _LINKS.issuperset(gap)


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    joints = [
        at
        for at in range(start + 1, end)
        if text[at].isupper()
        and (text[at - 1].islower() or (text[at - 1].isupper() and text[at + 1 : at + 2].islower()))
        and text[start:at].lower() not in {"mc", "mac", "o"}
    ]
    yield from zip([start, *joints], [*joints, end], strict=True)


def _tokens(
    text: str, spans: list[tuple[int, int]], run_together: frozenset[tuple[int, int]] = frozenset()
) -> list[Token]:
    starts = [start for start, _ in spans] + [len(text)]
    ends = [0] + [end for _, end in spans]
    tokens = []
    for number, (start, end) in enumerate(spans):
        raw = text[start:end]
        stem = _SUFFIX.sub("", raw)
        before, after = text[ends[number] : start], text[end : starts[number + 1]]
        tokens.append(
            Token(
                word=stem.replace("'", "").casefold(),
                case=Case.SHOUT if (start, end) in run_together else _case(stem),
                start=start,
                end=start + len(stem),
                before=before,
                after=after,
                suffix=len(stem) < len(raw) or (stem[-1] in "sS" and after.startswith("'")),
                opens=number == 0 or not _WITHIN.issuperset(before),
            )
        )
    return tokens


def _case(raw: str) -> Case:
    if len(raw) > 1 and raw.isupper():
        return Case.SHOUT
    return Case.CAPITAL if raw[0].isupper() else Case.LOWER
