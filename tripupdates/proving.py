"""Is everything as the audit says? The chain, every sealed row, every digest: the first thing that is not, in a sentence.

A new kind of proof is one entry in `CHECKS`.
"""

from collections.abc import Callable, Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates import audit, seals
from tripupdates.approval import rules, signed, wordings
from tripupdates.approval.records import Decision, Version, Wordings
from tripupdates.database import transaction
from tripupdates.house import House
from tripupdates.seals import Bad


def first_bad(session: Session) -> str | None:
    """The first thing that does not fit, as a sentence that names the table and the row; None where all is whole."""
    try:
        bad = seals.first_bad(session)
    except audit.Broken as broken:
        return f"Line {broken.line} of the audit does not fit: it, or the line before it, was changed or deleted."
    for check in CHECKS.values():
        bad = bad or next(check(session), None)
    return None if bad is None else f"The row {bad}."


def holds(session: Session, line_hash: str) -> bool:
    """Whether the chain still has the line that somebody wrote down: else its end was cut off, or it was made anew."""
    return session.scalar(sa.select(audit.Line.id).where(audit.Line.hash == line_hash)) is not None


def begin(house: House) -> None:
    """Vouch for the rows that an earlier version did not seal: once after an upgrade; else it changes nothing."""
    with transaction() as session:
        seals.seal_unsealed(session, house.now())


def _versions(session: Session) -> Iterator[Bad]:
    with session.scalars(sa.select(Version).execution_options(yield_per=500)) as versions:
        for version in versions:
            if rules.digest(version.manifest) != version.digest:
                yield Bad("version", str(version.id), "has a digest that is not of what was to be published")


def _decisions(session: Session) -> Iterator[Bad]:
    rows = sa.select(Decision, Version.digest).join(Version, Version.id == Decision.version_id)
    with session.execute(rows.execution_options(yield_per=500)) as found:
        for decision, digest in found:
            if decision.digest != digest:
                yield Bad("decision", str(decision.version_id), "is of another digest than its version’s")


def _wordings(session: Session) -> Iterator[Bad]:
    for row in session.scalars(sa.select(Wordings)):
        messages = [wordings.Message(each["key"], each["text"]) for each in row.messages]
        if wordings.digest(row.trip_id, row.channels, messages) != row.digest:
            yield Bad("wordings", str(row.id), "have a digest that is not of these words")


def _signatures(session: Session) -> Iterator[Bad]:
    for number, proves in signed.verify(session):
        if not proves:
            yield Bad("signature", str(number), "does not prove what was approved, and by whom")


CHECKS: dict[str, Callable[[Session], Iterator[Bad]]] = {
    "version": _versions,
    "decision": _decisions,
    "wordings": _wordings,
    "signature": _signatures,
}
