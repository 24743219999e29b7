"""One plain spelling for all a phone can type: no accents, no odd quotes, nothing invisible, case kept.

Built on Unicode's compatibility decomposition (UAX #15, NFKD). Every folded character remembers where it came
from, so that a finding can show the author's own characters.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# Letters that Unicode does not take apart, and signs that mean or show the same to a reader.
_LETTERS = {
    "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ħ": "h", "Ħ": "H",
    "ı": "i", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "TH", "ß": "ss", "ẞ": "SS",
}  # fmt: skip
_SAME = (
    _LETTERS
    | dict.fromkeys("'`´‘’‛′ʹʻʼʽ＇", "'")
    | dict.fromkeys("“”„‟«»″＂", '"')
    | dict.fromkeys("\u115f\u1160\u3164\uffa0\u2800", " ")  # letters that show as nothing
    | {"‽": "?"}
)
_DROPPED = frozenset({"Cf", "Cc", "Cs", "Mn", "Mc", "Me"})


@dataclass(frozen=True)
class Folded:
    """A passage and its plain spelling: `origin[i]` is where `text[i]` came from in `original`."""

    original: str
    text: str
    origin: tuple[int, ...]


def fold(passage: str) -> Folded:
    """The plain spelling. A run of white space becomes one space, or one line break where it holds one."""
    letters: list[str] = []
    origin: list[int] = []
    for index, letter in _plain(passage):
        if letter in " \n" and letters and letters[-1] in " \n":
            letters[-1] = "\n" if "\n" in (letter, letters[-1]) else " "
        else:
            letters.append(letter)
            origin.append(index)
    return Folded(passage, "".join(letters), tuple(origin))


def span(folded: Folded, start: int, end: int) -> tuple[int, int]:
    """Where a stretch of folded text (not empty) stands in the original, the last letter with its accents."""
    first, after = folded.origin[start], folded.origin[end - 1] + 1
    while after < len(folded.original) and unicodedata.category(folded.original[after]).startswith("M"):
        after += 1
    return first, after


def _plain(passage: str) -> Iterator[tuple[int, str]]:
    for index, letter in enumerate(passage):
        for plain in _plain_letter(letter):
            yield index, plain


@lru_cache(maxsize=4096)
def _plain_letter(letter: str) -> str:
    if letter in _SAME:
        return _SAME[letter]
    if letter.isspace():
        return "\n" if letter in "\n\r\v\f\x85\u2028\u2029" else " "
    if unicodedata.category(letter) == "Pd":
        return "-"
    apart = unicodedata.normalize("NFKD", letter)
    if len(apart) > 1 and unicodedata.category(letter) == "So":
        return letter  # a trademark sign is no pair of letters
    return "".join(part for part in apart if unicodedata.category(part) not in _DROPPED)
