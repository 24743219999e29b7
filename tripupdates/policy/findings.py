"""The values of the policy room: what goes in, what is found, and how a finding is named."""

from dataclasses import dataclass

from tripupdates.vocabulary import Severity


@dataclass(frozen=True)
class PupilName:
    """A pupil of this trip as the register writes them. Either half may be blank."""

    forename: str
    surname: str


@dataclass(frozen=True)
class Finding:
    """One remark on the words of an update.

    `key` is the same for the same finding in the same text: a reason for letting it pass is recorded by it.
    `clause` is the sentence of the policy behind `code`. `where` is the key of the passage. `start` and `end`
    count characters of that passage as it was given, and `excerpt` is exactly what stands there. `message`
    tells a teacher what was found and what to do.
    """

    key: str
    code: str
    clause: str
    severity: Severity
    where: str
    start: int
    end: int
    excerpt: str
    message: str


@dataclass(frozen=True)
class SchoolWords:
    """Words and phrases that may upset families, and phrases in which such a word is harmless."""

    upsetting: tuple[str, ...]
    allowed: tuple[str, ...]


@dataclass(frozen=True)
class Hit:
    """What a rule saw in a folded passage: `start` and `end` count folded characters."""

    code: str
    severity: Severity
    start: int
    end: int
    message: str
