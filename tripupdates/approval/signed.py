"""Approvals that a passkey signed: how one is asked for, taken, kept for ever, and verified. Commits nothing."""

import secrets
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from tripupdates import audit
from tripupdates.approval import rules, signatures, wordings
from tripupdates.approval.records import Decision, Version, Wordings
from tripupdates.approval.wordings import Message
from tripupdates.database import Base
from tripupdates.house import House
from tripupdates.people import passkeys, presence
from tripupdates.people.passkeys import Purpose
from tripupdates.people.presence import Answered, Proof
from tripupdates.people.records import hash_token
from tripupdates.people.signing_in import Caller
from tripupdates.vocabulary import Conflict, Move, Refused

SIGNED, UNSIGNED, ADDED_KEY = "signed approval", "unsigned approval", "added passkey"

MUST_SIGN = (
    "At this school an approval is signed with a passkey, and none came with this one. Approve on a phone or "
    "computer that has your passkey; you can add one under “Ways to sign in”."
)
OTHER_THING = "Your passkey signed something else than this. Nothing was approved; look at it again."


class Signature(Base):
    """What one approver's passkey signed, with its public key of that time: appended, never changed.

    It belongs to the decision about a version, or to a trip's messages.
    """

    __tablename__ = "signature"
    sealed: ClassVar = tuple(
        (
            "version_id wordings_id by at statement credential_id public_key "
            "authenticator_data client_data signature"
        ).split()
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("version.id"), unique=True)
    wordings_id: Mapped[int | None] = mapped_column(sa.ForeignKey("wordings.id"), unique=True)
    by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    statement: Mapped[str] = mapped_column(sa.Text)
    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary(1023))
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary(2048))
    authenticator_data: Mapped[bytes] = mapped_column(sa.LargeBinary)
    client_data: Mapped[bytes] = mapped_column(sa.LargeBinary)
    signature: Mapped[bytes] = mapped_column(sa.LargeBinary(1024))


def of_version(session: Session, version_id: uuid.UUID) -> Signature | None:
    """The signature under the decision about a version; None where it is unsigned."""
    return session.scalar(sa.select(Signature).where(Signature.version_id == version_id))


def of_wordings(session: Session, wordings_id: int) -> Signature | None:
    """The signature under the approval of a trip's messages; None where it is unsigned."""
    return session.scalar(sa.select(Signature).where(Signature.wordings_id == wordings_id))


def ask(session: Session, house: House, caller: Caller, said: Mapping[str, str]) -> bytes:
    """The challenge whose answer signs what is `said` (see `signatures.about`)."""
    statement = signatures.statement(said, secrets.token_urlsafe(24))
    return passkeys.ask(
        session,
        house.now(),
        Purpose.APPROVE,
        hash_token(caller.token),
        caller.id,
        signatures.challenge(statement),
        statement,
    )


def require(
    session: Session, house: House, caller: Caller, proof: Proof, said: Mapping[str, str]
) -> Answered | None:
    """The passkey's answer that signs exactly what is `said`; None where it is unsigned, and the school allows that.

    Raises Refused where the person is not there, did not sign though they must, or the answer does not hold; Conflict
    where it signs something else.
    """
    if proof.assertion is None:
        if house.settings.unsigned_approvals == "refused":
            raise Refused(MUST_SIGN)
        presence.check(session, house, caller, proof)
        return None
    bound_to = hash_token(caller.token)
    given = presence.answered(session, house, Purpose.APPROVE, bound_to, proof.assertion, caller.id)
    if signatures.said(given.asked.statement) != dict(said):
        raise Conflict(OTHER_THING)
    presence.seen(session, house, caller)
    return given


def keep(
    session: Session,
    house: House,
    caller: Caller,
    given: Answered | None,
    version_id: uuid.UUID | None = None,
    wordings_id: int | None = None,
) -> None:
    """Append the signature under a decision or messages, or note that there is none."""
    subject = version_id or wordings_id
    if given is None:
        audit.note(session, house.now(), caller.id, UNSIGNED, subject)
        return
    row = Signature(
        version_id=version_id,
        wordings_id=wordings_id,
        by=caller.id,
        at=house.now(),
        statement=given.asked.statement,
        credential_id=given.passkey.credential_id,
        public_key=given.passkey.public_key,
        authenticator_data=given.assertion.authenticator_data,
        client_data=given.assertion.client_data,
        signature=given.assertion.signature,
    )
    session.add(row)
    session.flush()
    audit.note(session, house.now(), caller.id, SIGNED, subject, row.id, signatures.seal(row))


def verify(session: Session) -> Iterator[tuple[int, bool]]:
    """Each signature's row id, and whether it proves what it must; also those the audit knows and the table lacks.

    It proves that this person's passkey, as it was added, signed exactly what was decided: the signature, the digest
    sealed anew from what is kept, the decision, and the audit's lines about both. Whether that chain itself is whole,
    `proving.first_bad` says. No settings and no passkey that still holds are needed.
    """
    noted = {
        int(subject.split()[-2]): (by, subject)
        for by, subject in session.execute(
            sa.select(audit.Line.by, audit.Line.subject).where(audit.Line.event == SIGNED)
        )
    }
    added = set(session.scalars(sa.select(audit.Line.subject).where(audit.Line.event == ADDED_KEY)))
    rows = {row.id: row for row in session.scalars(sa.select(Signature).order_by(Signature.id))}
    for number in sorted(set(noted) | set(rows)):
        row = rows.get(number)
        yield number, row is not None and _proves(session, row, added) and noted.get(number) == _line(row)


def fingerprint(passkey_id: uuid.UUID, person_id: uuid.UUID, public_key: bytes) -> str:
    """What the audit keeps of a passkey when it is added: whose it is, and a hash of its public key."""
    return f"{passkey_id} {person_id} {rules.digest({'key': public_key.hex()})}"


def _line(row: Signature) -> tuple[str, str]:
    return str(row.by), f"{row.version_id or row.wordings_id} {row.id} {signatures.seal(row)}"


def _proves(session: Session, row: Signature, added: set[str]) -> bool:
    found = _about_version(session, row) if row.version_id else _about_wordings(session, row)
    passkey = passkeys.by_credential(session, row.credential_id)
    return (
        found is not None
        and passkey is not None
        and fingerprint(passkey.id, row.by, row.public_key) in added
        and signatures.holds(row, found)
    )


def _about_version(session: Session, row: Signature) -> dict[str, str] | None:
    """What the statement must say of a version, from what is kept of it; None where that does not fit together."""
    version, decision = session.get(Version, row.version_id), session.get(Decision, row.version_id)
    if version is None or decision is None:
        return None
    digest = rules.digest(version.manifest)
    fits = digest == version.digest == decision.digest
    if not fits or (decision.move, decision.by) != (Move.APPROVE, row.by):
        return None
    found = _expected(row, signatures.UPDATE, version.update_id, digest)
    went_alone = found is not None and "alone" in found
    return found if went_alone == bool(decision.alone) else None


def _about_wordings(session: Session, row: Signature) -> dict[str, str] | None:
    kept = session.get(Wordings, row.wordings_id)
    if kept is None or kept.by != row.by:
        return None
    messages = [Message(each["key"], each["text"]) for each in kept.messages]
    digest = wordings.digest(kept.trip_id, kept.chosen, messages)
    trip = uuid.UUID(str(kept.trip_id))
    return _expected(row, signatures.MESSAGES, trip, digest) if digest == kept.digest else None


def _expected(row: Signature, what: str, subject: uuid.UUID, digest: str) -> dict[str, str] | None:
    """With the site and any further terms as the statement itself names them: they are signed, too."""
    try:
        named = signatures.said(row.statement)
    except ValueError:
        return None
    ours = signatures.about(what, subject, digest, row.by, str(named.get("origin", "")))
    return {name: str(value) for name, value in named.items()} | ours
