"""The list of words that a school keeps itself: read from its file, and found in a text."""

import re
from collections.abc import Iterator
from functools import lru_cache

from tripupdates.policy.findings import Hit, SchoolWords
from tripupdates.policy.folding import Folded, fold
from tripupdates.vocabulary import Refused, Severity

_MESSAGE = (
    "This can worry families who are far from their child. If something is wrong, the school rings the "
    "parents "
    "first. Otherwise say it another way."
)
_NEVER = re.compile(r"(?!)")


def read_words(text: str) -> SchoolWords:
    """Read a school's file: a word or phrase a line, "#" starts a comment, "allow: fire pit" lifts a phrase.

    Accents, capitals and repeated lines do not matter. Raises Refused, naming the line, where a line holds a
    sign but no word: it would never be found, and the school would think that it is.
    """
    upsetting: list[str] = []
    allowed: list[str] = []
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        entry = _plain(line.partition("#")[0])
        is_allowed = entry.startswith("allow:")
        phrase = entry.removeprefix("allow:").strip()
        if any(letter.isalnum() for letter in phrase):
            (allowed if is_allowed else upsetting).append(phrase)
        elif entry:
            raise Refused(
                f"Line {number} of the school’s list of words has no word in it. Write one, or take it out."
            )
    return SchoolWords(tuple(dict.fromkeys(upsetting)), tuple(dict.fromkeys(allowed)))


def find_words(folded: Folded, words: SchoolWords) -> Iterator[Hit]:
    """The school's upsetting words, except inside a phrase that the school allows."""
    text = folded.text.lower()
    lifted = [match.span() for match in _any_of(words.allowed).finditer(text)]
    for match in _any_of(words.upsetting).finditer(text):
        if not any(start <= match.start() and match.end() <= end for start, end in lifted):
            yield Hit("upsetting", Severity.ASK, match.start(), match.end(), _MESSAGE)


def _plain(phrase: str) -> str:
    return " ".join(fold(phrase).text.lower().split())


@lru_cache(maxsize=8)
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words only, the longest phrase first; between its words a space, a line break or a hyphen."""
    plain = sorted({_plain(phrase) for phrase in phrases} - {""}, key=len, reverse=True)
    if not plain:
        return _NEVER
    choices = "|".join(r"[\s-]".join(re.escape(word) for word in phrase.split(" ")) for phrase in plain)
    return re.compile(rf"(?<![\w'])(?:{choices})(?!\w)")
