"""An approval is signed by its approver's passkey, once, for exactly one version; and that can be proved years later."""

import json
import threading
import uuid
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_attestation_object

from tests.authenticator import PRESENT, Authenticator, added, signs
from tests.factories import (
    PASSWORD,
    School,
    approved,
    count,
    open_school,
    put_on_trip,
    send,
    waiting,
    wordings,
)
from tripupdates import accounts, audit, journey, passkeys, standing
from tripupdates.approval import in_force, signatures, signed
from tripupdates.approval.records import Decision, Version, Wordings
from tripupdates.approval.signed import Signature
from tripupdates.approval.wordings import DEFAULTS
from tripupdates.database import fresh, transaction
from tripupdates.people.assertions import DoesNotHold
from tripupdates.people.passkeys import Passkey
from tripupdates.people.presence import Proof
from tripupdates.people.signing_in import Caller
from tripupdates.telling.records import Notice
from tripupdates.vocabulary import Conflict, Forbidden, News, NotFound, Refused


@pytest.fixture
def head(school: School) -> Caller:
    """The headteacher, signed in on a phone."""
    return accounts.sign_in(school.house, "head@puddle-lane.example", PASSWORD, trusted=True)


@pytest.fixture
def phone(school: School, head: Caller) -> Authenticator:
    """The head's phone, with a passkey."""
    return added(school, head, PASSWORD)


def _approve(school: School, who: Caller, update: uuid.UUID, proof: Proof) -> None:
    journey.approve(school.house, who, update, school.digest(update), None, proof)


def _row() -> Signature:
    return fresh().scalars(sa.select(Signature)).one()


def test_a_signed_approval_is_kept_with_all_that_proves_it(
    school: School, head: Caller, phone: Authenticator
) -> None:
    update = waiting(school)
    digest = school.digest(update)
    _approve(school, head, update, signs(school, head, phone, update))
    row = _row()
    assert school.state(update) == "approved"
    assert (row.version_id, row.by, row.credential_id) == (
        school.update(update).version_id,
        school.head.id,
        phone.credential_id,
    )
    assert signatures.said(row.statement) == {
        "approves": "update",
        "subject": str(update),
        "digest": digest,
        "by": str(school.head.id),
        "origin": "http://localhost",
    }
    signatures.check(row, "localhost", "http://localhost")
    assert list(signed.verify(fresh())) == [(row.id, True)]


def test_it_holds_after_the_passkey_is_gone_and_the_person_has_left(
    school: School, head: Caller, phone: Authenticator
) -> None:
    update = waiting(school)
    _approve(school, head, update, signs(school, head, phone, update))
    accounts.set_active(school.house, school.office, school.head.id, False)
    assert fresh().scalars(sa.select(Passkey)).one().ended_at is not None
    assert list(signed.verify(fresh())) == [(_row().id, True)]


@pytest.mark.parametrize(
    ("rp_id", "origin"), [("evil.example", "http://localhost"), ("localhost", "http://evil.example")]
)
def test_a_signature_holds_on_no_other_site(
    school: School, head: Caller, phone: Authenticator, rp_id: str, origin: str
) -> None:
    update = waiting(school)
    _approve(school, head, update, signs(school, head, phone, update))
    with pytest.raises(DoesNotHold):
        signatures.check(_row(), rp_id, origin)


def test_a_signature_is_never_changed_or_deleted(school: School, head: Caller, phone: Authenticator) -> None:
    update = waiting(school)
    _approve(school, head, update, signs(school, head, phone, update))
    for deed in ("UPDATE signature SET statement = ''", "DELETE FROM signature"):
        with pytest.raises(IntegrityError, match="append-only"), transaction() as session:
            session.execute(sa.text(deed))


TAMPERED = {
    "another statement": 'UPDATE signature SET statement = replace(statement, \'"nonce":"\', \'"nonce":"x\')',
    "another signature": "UPDATE signature SET signature = zeroblob(70)",
    "another key": "UPDATE signature SET public_key = zeroblob(77)",
    "another credential": "UPDATE signature SET credential_id = zeroblob(32)",
    "another authenticator": "UPDATE signature SET authenticator_data = zeroblob(37)",
    "other client data": "UPDATE signature SET client_data = '{}'",
    "another approver": "UPDATE signature SET by = (SELECT id FROM person WHERE email LIKE 'deputy%')",
    "another digest of the version": "UPDATE version SET digest = 'abc'",
    "another content of the version": "UPDATE version SET manifest = json_set(manifest, '$.number', 2)",
    "another decision": "UPDATE decision SET move = 'reject'",
    "a decision of somebody else": "UPDATE decision SET by = (SELECT id FROM person WHERE email LIKE 'deputy%')",
    "no signature any more": "DELETE FROM signature",
    "a passkey of somebody else": "UPDATE passkey SET credential_id = zeroblob(32)",
}


@pytest.mark.parametrize("deed", TAMPERED.values(), ids=TAMPERED.keys())
def test_whatever_is_altered_in_the_database_is_caught(
    school: School, head: Caller, phone: Authenticator, deed: str
) -> None:
    for _ in range(2):
        update = waiting(school)
        _approve(school, head, update, signs(school, head, phone, update))
    assert [fine for _, fine in signed.verify(fresh())] == [True, True]
    school.tampered = True
    with transaction() as session:
        for trigger in ("signature_no_update", "signature_no_delete"):
            session.execute(sa.text(f"DROP TRIGGER {trigger}"))
        session.execute(sa.text(deed))
    assert {fine for _, fine in signed.verify(fresh())} == {False}


def test_a_signature_by_a_key_that_was_slipped_in_is_caught(
    school: School, head: Caller, phone: Authenticator
) -> None:
    """Whoever owns the database can write a key of their own everywhere, but not into the audit's chain."""
    update = waiting(school)
    _approve(school, head, update, signs(school, head, phone, update))
    row, thief = _row(), Authenticator(credential_id=phone.credential_id)
    asked = {"challenge": signatures.challenge(row.statement), "rpId": "localhost"}
    forged = _forge(thief, asked)
    public = Authenticator.make(thief, _registration())["response"]["attestationObject"]
    school.tampered = True
    with transaction() as session:
        session.execute(sa.text("DROP TRIGGER signature_no_update"))
        values = forged | {"public_key": _key_in(public)}
        session.execute(sa.update(Signature).values(**values))
        session.execute(sa.update(Passkey).values(public_key=values["public_key"]))
    signatures.check(_row(), "localhost", "http://localhost")
    assert list(signed.verify(fresh())) == [(row.id, False)]


def test_a_passkey_that_was_written_into_the_database_proves_nothing(school: School, head: Caller) -> None:
    """It signs an approval as any other does; but nobody added it on our pages."""
    phone = Authenticator(user=head.id.bytes)
    key = _key_in(phone.make(_registration())["response"]["attestationObject"])
    phone.user = head.id.bytes
    row = {"person_id": head.id, "credential_id": phone.credential_id, "public_key": key, "sign_count": 0}
    school.tampered = True
    with transaction() as session:
        more = {"transports": [], "name": "x", "backed_up": False, "created_at": school.clock()}
        session.add(Passkey(**row, **more))
    update = waiting(school)
    _approve(school, head, update, signs(school, head, phone, update))
    assert list(signed.verify(fresh())) == [(_row().id, False)]


def test_a_signature_in_the_place_of_another_one_is_caught(
    school: School, head: Caller, phone: Authenticator
) -> None:
    """By the same key, over the same version: but it is not the one that came with the approval."""
    update = waiting(school)
    _approve(school, head, update, signs(school, head, phone, update))
    said = signatures.said(_row().statement)
    statement = signatures.statement(said, "another word")
    asked = {"challenge": signatures.challenge(statement), "rpId": "localhost"}
    school.tampered = True
    with transaction() as session:
        session.execute(sa.text("DROP TRIGGER signature_no_update"))
        session.execute(sa.update(Signature).values(statement=statement, **_forge(phone, asked)))
    signatures.check(_row(), "localhost", "http://localhost")
    assert list(signed.verify(fresh())) == [(_row().id, False)]


def _registration() -> str:
    return '{"challenge": "AAAA", "rp": {"id": "localhost"}, "user": {"id": "AAAA"}}'


def _key_in(attestation: str) -> bytes:
    found = parse_attestation_object(base64url_to_bytes(attestation)).auth_data.attested_credential_data
    assert found is not None
    return found.credential_public_key


def _forge(thief: Authenticator, asked: dict[str, Any]) -> dict[str, bytes]:
    options = json.dumps(asked | {"challenge": bytes_to_base64url(asked["challenge"])})
    given = thief.answer(options)["response"]
    names = {
        "client_data": "clientDataJSON",
        "authenticator_data": "authenticatorData",
        "signature": "signature",
    }
    return {ours: base64url_to_bytes(given[theirs]) for ours, theirs in names.items()}


def test_an_answer_is_taken_once(school: School, head: Caller, phone: Authenticator) -> None:
    first, second = waiting(school), waiting(school)
    proof = signs(school, head, phone, first)
    _approve(school, head, first, proof)
    with pytest.raises(Refused, match="sent twice"):
        _approve(school, head, second, proof)
    assert (school.state(second), count(Signature)) == ("waiting", 1)


def test_an_answer_for_another_update_approves_nothing(
    school: School, head: Caller, phone: Authenticator
) -> None:
    first, second = waiting(school), waiting(school)
    proof = signs(school, head, phone, first)
    with pytest.raises(Conflict, match="signed something else"):
        _approve(school, head, second, proof)
    assert (school.state(first), school.state(second)) == ("waiting", "waiting")


def test_a_signature_of_an_older_version_approves_nothing(
    school: School, head: Caller, phone: Authenticator
) -> None:
    update = waiting(school)
    old, proof = school.digest(update), signs(school, head, phone, update)
    journey.save_draft(school.house, school.author, update, school.slug, "Other words.", None, ["families"])
    journey.submit(school.house, school.author, update)
    with pytest.raises(Conflict, match="changed since"):
        journey.approve(school.house, head, update, old, None, proof)
    with pytest.raises(Conflict, match="signed something else"):
        _approve(school, head, update, proof)
    with pytest.raises(Conflict, match="changed since"):
        passkeys.ask_to_approve(school.house, head, update, old)
    assert (school.state(update), count(Signature)) == ("waiting", 0)


def test_another_persons_passkey_approves_nothing(school: School, head: Caller, phone: Authenticator) -> None:
    deputy = accounts.sign_in(school.house, "deputy@puddle-lane.example", PASSWORD, trusted=True)
    theirs = added(school, deputy, PASSWORD)
    update = waiting(school)
    options = passkeys.ask_to_approve(school.house, head, update, school.digest(update))
    with pytest.raises(Refused, match="not one of yours"):
        _approve(school, head, update, Proof(assertion=theirs.answer(options)))
    own = passkeys.ask_to_approve(school.house, deputy, update, school.digest(update))
    with pytest.raises(Refused, match="sent twice"):
        _approve(school, head, update, Proof(assertion=theirs.answer(own)))
    assert school.state(update) == "waiting"


def test_an_answer_given_in_another_sign_in_approves_nothing(
    school: School, head: Caller, phone: Authenticator
) -> None:
    update = waiting(school)
    proof = signs(school, head, phone, update)
    elsewhere = passkeys.sign_in(
        school.house, phone.answer(passkeys.ask_to_sign_in(school.house, "tablet")), False, "tablet"
    )
    with pytest.raises(Refused, match="sent twice"):
        _approve(school, elsewhere, update, proof)


@pytest.mark.parametrize("purpose", ["prove", "sign in"])
def test_an_answer_to_another_question_approves_nothing(
    school: School, head: Caller, phone: Authenticator, purpose: str
) -> None:
    update = waiting(school)
    options = (
        passkeys.ask_to_prove(school.house, head)
        if purpose == "prove"
        else passkeys.ask_to_sign_in(school.house, head.token)
    )
    with pytest.raises(Refused, match="sent twice"):
        _approve(school, head, update, Proof(assertion=phone.answer(options)))
    assert school.state(update) == "waiting"


def test_an_answer_comes_within_five_minutes(school: School, head: Caller, phone: Authenticator) -> None:
    update = waiting(school)
    proof = signs(school, head, phone, update)
    school.clock.pass_(minutes=5)
    with pytest.raises(Refused, match="longer than five minutes"):
        _approve(school, head, update, proof)


def test_a_key_that_did_not_know_its_person_signs_nothing(
    school: School, head: Caller, phone: Authenticator
) -> None:
    update = waiting(school)
    phone.flags = PRESENT
    with pytest.raises(Refused, match="not accepted"):
        _approve(school, head, update, signs(school, head, phone, update))


@pytest.mark.parametrize(
    "odd",
    [
        {"origin": "https://evil.example"},
        {"crossOrigin": True},
        {"type": "webauthn.create"},
        {"challenge": "AAAA"},
    ],
    ids=str,
)
def test_what_the_browser_says_must_fit(
    school: School, head: Caller, phone: Authenticator, odd: dict[str, Any]
) -> None:
    update = waiting(school)
    with pytest.raises(Refused):
        _approve(school, head, update, signs(school, head, phone, update, **odd))
    assert (school.state(update), count(Signature)) == ("waiting", 0)


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"id": 3},
        {"response": None},
        {"response": {"clientDataJSON": "e30"}},
        {"response": {"clientDataJSON": "\N{SNOWMAN}"}},
        {"response": {"signature": "AAAA"}},
        {"response": {"authenticatorData": "AAAA"}},
        {"rawId": "AAAA"},
        {"type": "password"},
    ],
    ids=str,
)
def test_garbled_answers_are_refused_in_words(
    school: School, head: Caller, phone: Authenticator, odd: dict[str, Any]
) -> None:
    update = waiting(school)
    fine = dict(signs(school, head, phone, update).assertion or {})
    if isinstance(odd.get("response"), dict):
        odd = {"response": fine["response"] | odd["response"]}
    with pytest.raises(Refused):
        _approve(school, head, update, Proof(assertion=fine | odd if odd else {}))
    assert school.state(update) == "waiting"


def test_the_author_and_those_on_the_trip_are_not_even_asked(school: School) -> None:
    put_on_trip(school, "head")
    head = accounts.sign_in(school.house, "head@puddle-lane.example", PASSWORD, trusted=True)
    phone = added(school, head, PASSWORD)
    update = waiting(school, by="head")
    for who in (head, school.author):
        with pytest.raises(Forbidden):
            passkeys.ask_to_approve(school.house, who, update, school.digest(update))
    options = passkeys.ask_to_prove(school.house, head)
    with pytest.raises(Forbidden):
        _approve(school, head, update, Proof(assertion=phone.answer(options)))


def test_of_two_approvers_at_once_exactly_one_signs(
    school: School, head: Caller, phone: Authenticator
) -> None:
    deputy = accounts.sign_in(school.house, "deputy@puddle-lane.example", PASSWORD, trusted=True)
    theirs = added(school, deputy, PASSWORD)
    update = waiting(school)
    digest = school.digest(update)
    pairs = [(head, signs(school, head, phone, update)), (deputy, signs(school, deputy, theirs, update))]
    start, lost = threading.Barrier(2), []

    def decide(who: Caller, proof: Proof) -> None:
        with school.app.app_context():
            start.wait()
            try:
                journey.approve(school.house, who, update, digest, None, proof)
            except Conflict:
                lost.append(who.id)

    threads = [threading.Thread(target=decide, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lost) == 1
    assert {_row().by, *lost} == {head.id, deputy.id}
    assert fresh().scalars(sa.select(Decision.by)).all() == [_row().by]


def test_a_key_that_counts_backwards_is_refused_and_its_owner_told(school: School, head: Caller) -> None:
    phone = added(school, head, PASSWORD, counts=True)
    update = waiting(school)
    phone.count = 40
    passkeys.sign_in(school.house, phone.answer(passkeys.ask_to_sign_in(school.house, "d")), True, "d")
    phone.count = 7
    with pytest.raises(Refused, match="may have a copy"):
        _approve(school, head, update, signs(school, head, phone, update))
    told = fresh().scalars(sa.select(Notice.person_id).where(Notice.news == News.PASSKEY_COPIED)).all()
    assert (school.state(update), list(told)) == ("waiting", [school.head.id])
    phone.count = 41
    _approve(school, head, update, signs(school, head, phone, update))


def test_without_a_passkey_the_password_is_asked_for_after_a_quarter_of_an_hour(
    school: School, head: Caller
) -> None:
    first, second, third = (waiting(school) for _ in range(3))
    school.clock.pass_(minutes=14, seconds=59)
    _approve(school, head, first, Proof())
    school.clock.pass_(seconds=1)
    for proof, why in ((Proof(), "Type your password"), (Proof("wrong"), "not your password")):
        with pytest.raises(Refused, match=why):
            _approve(school, head, second, proof)
    assert school.state(second) == "waiting"
    _approve(school, head, second, Proof(PASSWORD))
    again = accounts.who(head.token, school.clock())
    assert again is not None
    assert again.proved_at == school.clock()
    _approve(school, again, third, Proof())
    assert (count(Signature), school.state(third)) == (0, "approved")
    events = fresh().scalars(sa.select(audit.Line.event).where(audit.Line.event == "unsigned approval")).all()
    assert len(events) == 3


def test_a_sign_in_from_before_there_was_such_a_rule_is_not_fresh(school: School, head: Caller) -> None:
    with pytest.raises(Refused, match="Type your password"):
        _approve(school, replace(head, proved_at=None), waiting(school), Proof())


def test_where_the_school_wants_signatures_nothing_else_approves(tmp_path: Any) -> None:
    with open_school(tmp_path, unsigned_approvals="refused") as school:
        head = accounts.sign_in(school.house, "head@puddle-lane.example", PASSWORD, trusted=True)
        update = waiting(school)
        for proof in (Proof(), Proof(PASSWORD)):
            with pytest.raises(Refused, match="signed with a passkey"):
                _approve(school, head, update, proof)
            with pytest.raises(Refused, match="signed with a passkey"):
                standing.approve_wordings(school.house, head, school.slug, DEFAULTS, ["families"], "", proof)
        assert (school.state(update), count(Wordings)) == ("waiting", 0)
        _approve(school, head, update, signs(school, head, added(school, head, PASSWORD), update))
        assert school.state(update) == "approved"


def _sign_messages(school: School, who: Caller, phone: Authenticator, seen: str = "", **texts: str) -> None:
    given = DEFAULTS | texts
    options = passkeys.ask_to_approve_messages(school.house, who, school.slug, given, ["families"])
    proof = Proof(assertion=phone.answer(options))
    standing.approve_wordings(school.house, who, school.slug, given, ["families"], seen, proof)


def test_messages_are_signed_in_the_same_way(school: School, head: Caller, phone: Authenticator) -> None:
    _sign_messages(school, head, phone)
    row = _row()
    assert (row.version_id, row.wordings_id) == (None, fresh().scalars(sa.select(Wordings.id)).one())
    assert list(signed.verify(fresh())) == [(row.id, True)]
    school.tampered = True
    with transaction() as session:
        session.execute(sa.text("DROP TRIGGER wordings_no_update"))
        session.execute(sa.text('UPDATE wordings SET channels = \'["families", "x"]\''))
    assert list(signed.verify(fresh())) == [(row.id, False)]


def test_messages_other_than_those_signed_are_not_approved(
    school: School, head: Caller, phone: Authenticator
) -> None:
    options = passkeys.ask_to_approve_messages(school.house, head, school.slug, DEFAULTS, ["families"])
    proof = Proof(assertion=phone.answer(options))
    with pytest.raises(Conflict, match="signed something else"):
        standing.approve_wordings(school.house, head, school.slug, DEFAULTS, ["families", "x"], "", proof)
    with pytest.raises(NotFound):
        passkeys.ask_to_approve_messages(school.house, head, "nowhere", DEFAULTS, ["families"])


def test_messages_approved_without_a_signature_end_when_the_school_wants_one(
    school: School, head: Caller, phone: Authenticator
) -> None:
    digest = wordings(school, ("families",))  # type: ignore[arg-type] # a channel by its name
    strict = replace(school.house, settings=replace(school.house.settings, unsigned_approvals="refused"))
    school.house = strict
    with pytest.raises(Conflict, match="approved without a passkey"):
        send(school, digest)
    _sign_messages(school, head, phone, seen=digest)
    update = send(school, digest)
    assert school.state(update) == "approved"


def test_a_decision_about_an_unsigned_version_has_no_signature(school: School) -> None:
    update = approved(school)
    version = fresh().get_one(Version, school.update(update).version_id)
    assert signed.of_version(fresh(), version.id) is None
    assert list(signed.verify(fresh())) == []
    assert in_force.is_signed_enough(school.house, fresh(), Wordings(id=1))
