"""The school's social-media policy as checks on the words of an update. Pure: all comes in, findings go out.

Each finding names the clause it comes from (phrases.CLAUSES). STOP cannot be submitted, ASK needs the
approver's reason, NOTE is worth a look (vocabulary.Severity).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import chain

from tripupdates.policy.findings import Finding, Hit, PupilName, SchoolWords
from tripupdates.policy.folding import Folded, fold, span
from tripupdates.policy.names import Watch, find_pupils, find_staff, watch_pupils, watch_staff
from tripupdates.policy.patterns import find_patterns
from tripupdates.policy.phrases import CLAUSES, DEFAULT_WORDS
from tripupdates.policy.signs import find_mentions, find_phone_numbers, find_questions
from tripupdates.policy.words import find_words, read_words
from tripupdates.vocabulary import Severity

__all__ = ["Finding", "PupilName", "SchoolWords", "check", "read_words"]

_RANK = {Severity.STOP: 0, Severity.ASK: 1, Severity.NOTE: 2}


def check(
    passages: Mapping[str, str],
    pupils: Collection[PupilName],
    staff: Collection[str],
    handle: str,
    words: SchoolWords = DEFAULT_WORDS,
) -> tuple[Finding, ...]:
    """What the policy says about these passages: in their order, then by position.

    `passages` maps "text", "x_text", "alt 1" and so on to what the author wrote. `pupils` is the list of this
    trip, `staff` the names of the adults on it with or without title, `handle` the school's account on X with
    or without @. Findings of one code never overlap: the graver one stays, then the longer one. Raises
    nothing.
    """
    watch = watch_pupils(pupils)
    found: list[Finding] = []
    for where, passage in passages.items():
        folded = fold(passage)
        hits = _without_overlaps(_trimmed(folded, _hits(folded, watch, staff, handle, words)))
        found.extend(_findings(where, folded, hits))
    return tuple(found)


def _hits(
    folded: Folded, watch: Watch, staff: Collection[str], handle: str, words: SchoolWords
) -> Iterator[Hit]:
    _, staff_surnames = watch_staff(staff)
    yield from chain(
        find_pupils(folded, watch, staff_surnames),
        find_staff(folded, staff),
        find_mentions(folded, handle),
        find_questions(folded),
        find_phone_numbers(folded),
        find_patterns(folded),
        find_words(folded, words),
    )


def _trimmed(folded: Folded, hits: Iterable[Hit]) -> Iterator[Hit]:
    """Without white space at the end, which a pattern may have taken along."""
    for hit in hits:
        end = hit.start + len(folded.text[hit.start : hit.end].rstrip())
        if end > hit.start:
            yield Hit(hit.code, hit.severity, hit.start, end, hit.message)


def _without_overlaps(hits: Iterable[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (_RANK[hit.severity], hit.start - hit.end, hit.start)):
        if not any(
            hit.code == other.code and hit.start < other.end and other.start < hit.end for other in kept
        ):
            kept.append(hit)
    return sorted(kept, key=lambda hit: (hit.start, hit.end, hit.code))


def _findings(where: str, folded: Folded, hits: Iterable[Hit]) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for hit in hits:
        start, end = span(folded, hit.start, hit.end)
        excerpt = folded.original[start:end]
        named = hit.code + where + excerpt
        seen[named] = seen.get(named, 0) + 1
        yield Finding(
            key=_key(hit.code, where, excerpt, seen[named]),
            code=hit.code,
            clause=CLAUSES[hit.code],
            severity=hit.severity,
            where=where,
            start=start,
            end=end,
            excerpt=excerpt,
            message=hit.message,
        )


def _key(code: str, where: str, excerpt: str, time: int) -> str:
    """Code, passage, and a digest of what was found; where the same stands there again, its number too.

    It holds no space, so that a form field or an HTML id can carry it.
    """
    said = code + where + excerpt + (str(time) if time > 1 else "")
    mark = sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{code}:{where.replace(' ', '-')}:{mark}"
