"""Law 10: the audit vouches for every row that proves something; whatever is done past the program is found and named."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tests import test_newsletters
from tests.authenticator import added, signs
from tests.factories import (
    PASSWORD,
    School,
    all_consent,
    approved,
    consent,
    draft,
    photo,
    settle,
    waiting,
    wordings,
    work,
)
from tripupdates import (
    accounts,
    answering,
    asking,
    audit,
    contacting,
    deputising,
    holding,
    journey,
    policy_reviews,
    proving,
    seals,
)
from tripupdates.approval.records import Decision, Update, Version
from tripupdates.cli import main
from tripupdates.database import fresh, transaction
from tripupdates.outbox.records import Delivery
from tripupdates.people.records import Person
from tripupdates.vocabulary import Channel, DeliveryState

pytestmark = pytest.mark.both_engines

SOMEBODY = "(SELECT id FROM person WHERE role = 'staff' LIMIT 1)"


@pytest.fixture
def busy(school: School) -> School:
    """A school in which each kind of row has been written at least once."""
    all_consent(school)
    consent(school, {"Cleo": (Channel.X,)}, yes=False)
    (link,) = asking.make_links(school.house, school.office, school.slug, school.pupils("Dev"))
    asking.answer(school.house, link.token, {Channel.X: False})
    wordings(school)
    signer = accounts.sign_in(school.house, "head@puddle-lane.example", PASSWORD, trusted=True)
    phone = added(school, signer, PASSWORD)
    update = waiting(school, ("Ada", "Bram"))
    proof = signs(school, signer, phone, update)
    journey.approve(school.house, signer, update, school.digest(update), None, proof)
    work(school)
    settle(school, update, Channel.X, DeliveryState.NEEDS_PERSON)
    order = school.delivery(update, Channel.X).id
    answering.it_is_not_there(school.house, school.office, order, again=False)
    seen = policy_reviews.digest(school.house)
    policy_reviews.record(school.house, school.office, date(2028, 5, 3), "", seen)
    test_newsletters.begun(school)
    holding.hold(school.house, school.head)
    holding.lift(school.house, school.head)
    days = date(2027, 5, 3), date(2027, 5, 7)
    deputising.appoint(school.house, school.head, school.slug, school.stranger.id, *days)
    contacting.leave_out_again(school.house, "0" * 64)
    return school


ALTERED = {
    "consent_answer": "UPDATE consent_answer SET yes = true WHERE yes = false",
    "consent_form": "UPDATE consent_form SET reference = 'another'",
    "consent_link": f"UPDATE consent_link SET mark = '{'0' * 64}'",
    "decision": "UPDATE decision SET reason = 'another reason'",
    "delivery": "UPDATE delivery SET state = 'refused' WHERE channel = 'website'",
    "document": "UPDATE document SET declared = 'Nobody is in it.'",
    "opt_out": "UPDATE opt_out SET out = false",
    "passkey": f"UPDATE passkey SET person_id = {SOMEBODY}",
    "signature": "UPDATE signature SET statement = '{}'",
    "deputy": "UPDATE deputy SET ends = '2029-01-01T00:00:00.000000+00:00'",
    "hand": "UPDATE hand SET deed = 'gone'",
    "hold": "UPDATE hold SET held = false WHERE held = true",
    "person": "UPDATE person SET role = 'approver' WHERE email LIKE 'author@%'",
    "photo": "UPDATE photo SET marked = '[1]'",
    "policy_review": "UPDATE policy_review SET next_due = '2029-01-01'",
    "trip": "UPDATE trip SET ends = '2029-01-01'",
    "update": "UPDATE \"update\" SET taken_down_because = 'nothing'",
    "version": "UPDATE version SET findings = '[1]'",
    "wordings": "UPDATE wordings SET channels = '[]'",
}


def test_every_kind_of_sealed_row_is_altered_below() -> None:
    assert [kind.__tablename__ for kind in seals.kinds()] == sorted(ALTERED)


def test_an_altered_row_is_found_and_named(busy: School) -> None:
    assert proving.first_bad(fresh()) is None
    for table, deed in ALTERED.items():
        with busy.if_past_the_program(deed) as session:
            found = str(proving.first_bad(session))
        assert found.startswith(f"The row {table} ")
        assert found.endswith(" was changed past the program.")


def test_a_deleted_row_is_found_and_named(busy: School) -> None:
    for kind in seals.kinds():
        table, key = kind.__tablename__, sa.inspect(kind).primary_key[0]
        lost = fresh().scalars(sa.select(key).order_by(key)).first()
        stored = lost.hex if isinstance(lost, UUID) else lost
        with busy.if_past_the_program(f"DELETE FROM \"{table}\" WHERE {key.name} = '{stored}'") as session:
            assert proving.first_bad(session) == f"The row {table} {lost} was deleted past the program."


@pytest.mark.parametrize(
    ("table", "deed"),
    [
        (
            "consent_answer",
            'INSERT INTO consent_answer (id, pupil_id, channel, yes, note, "by", at) '
            'SELECT 9999, pupil_id, channel, true, note, "by", at FROM consent_answer LIMIT 1',
        ),
        (
            "hold",
            f"INSERT INTO hold (id, held, line, \"by\", at) SELECT 9999, false, '', {SOMEBODY}, at FROM hold LIMIT 1",
        ),
    ],
)
def test_an_added_row_is_found_and_named(busy: School, table: str, deed: str) -> None:
    busy.past_the_program(deed)
    assert proving.first_bad(fresh()) == f"The row {table} 9999 was added past the program."


def test_somebody_put_among_the_accompanying_staff_past_the_program_is_found(school: School) -> None:
    stranger = school.stranger.id.hex
    school.past_the_program(f"INSERT INTO trip_staff SELECT id, '{stranger}' FROM trip")
    assert proving.first_bad(fresh()) == f"The row trip {school.trip_id()} was changed past the program."


def test_a_password_put_there_past_the_program_is_found(school: School) -> None:
    school.past_the_program("UPDATE person SET password_hash = 'x' WHERE email LIKE 'head@%'")
    assert proving.first_bad(fresh()) == f"The row person {school.head.id} was changed past the program."


def test_who_alters_a_row_and_its_digest_and_then_works_on_is_found_too(school: School) -> None:
    """What the program does later to another row does not vouch for what was done past it."""
    update = approved(school)
    school.past_the_program("UPDATE decision SET reason = 'no'")
    with transaction() as session:
        audit.note(session, school.clock(), school.head.id, "held everything", 1)
        session.get_one(Person, school.stranger.id).active = False
    version = fresh().scalars(sa.select(Version.id).where(Version.update_id == update)).one()
    assert proving.first_bad(fresh()) == f"The row decision {version} was changed past the program."


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (
            lambda: sa.update(Version).values(manifest={"channels": {}}),
            "version {version} has a digest that is not of what was to be published",
        ),
        (
            lambda: sa.update(Decision).values(digest="0" * 64),
            "decision {version} is of another digest than its version’s",
        ),
    ],
)
def test_even_a_seal_of_ours_does_not_make_a_wrong_digest_right(
    school: School, deed: Callable[[], sa.Update], said: str
) -> None:
    update = approved(school)
    version = fresh().scalars(sa.select(Version.id).where(Version.update_id == update)).one()
    school.tampered = True
    with transaction() as session:
        session.execute(deed())
    assert proving.first_bad(fresh()) == f"The row {said.format(version=version)}."


def test_a_bulk_statement_is_sealed_like_any_other_change(school: School) -> None:
    update = approved(school)
    with transaction() as session:
        session.execute(
            sa.update(Delivery).where(Delivery.update_id == update).values(state=DeliveryState.STOPPED)
        )
    assert proving.first_bad(fresh()) is None
    last = fresh().scalars(sa.select(audit.Line).order_by(audit.Line.id.desc())).first()
    assert last is not None
    assert (last.event, last.subject.count("delivery ")) == ("sealed", 3)


def test_a_deleted_draft_stays_explained(school: School) -> None:
    update = draft(school)
    photo(school, update)
    journey.discard(school.house, school.author, update)
    assert proving.first_bad(fresh()) is None
    last = fresh().scalars(sa.select(audit.Line).order_by(audit.Line.id.desc())).first()
    assert last is not None
    assert last.subject.split()[2::3] == ["gone", "gone"]
    assert fresh().get(Update, update) is None


def test_what_is_undone_is_not_sealed(school: School) -> None:
    before = audit.last_hash(fresh())
    with pytest.raises(RuntimeError), transaction() as session:
        session.get_one(Person, school.head.id).active = False
        raise RuntimeError
    with transaction() as session:
        pass
    assert audit.last_hash(fresh()) == before


def test_a_seal_holds_no_word_of_anybody(school: School) -> None:
    approved(school, text="We climbed the castle tower.")
    accounts.set_active(school.house, school.office, school.stranger.id, False)
    for line in fresh().scalars(sa.select(audit.Line).where(audit.Line.event == "sealed")):
        for table, key, said in zip(*[iter(line.subject.split())] * 3, strict=True):
            assert table in ALTERED
            assert key.isdigit() or len(key) == 36
            assert said == "gone" or len(said) == 64


def test_rows_from_before_there_were_seals_are_vouched_for_from_the_upgrade_on(school: School) -> None:
    approved(school)
    school.past_the_program("DELETE FROM audit")
    school.tampered = False
    assert "was added past the program" in str(proving.first_bad(fresh()))
    proving.begin(school.house)
    assert proving.first_bad(fresh()) is None
    length = audit.length(fresh())
    proving.begin(school.house)
    assert audit.length(fresh()) == length


def test_the_command_names_the_first_bad_row_and_a_hash_written_down_shows_a_cut_off_end(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(school)
    written_down = audit.last_hash(fresh())
    given = school.house.settings
    monkeypatch.setenv("TRIPUPDATES_INSTANCE", str(given.instance))
    for name in ("secret_key", "school_name", "public_base_url", "database_url"):
        monkeypatch.setenv(f"TRIPUPDATES_{name.upper()}", getattr(given, name))
    whole = CliRunner().invoke(main, ["audit", "verify", "--expect", written_down])
    assert whole.exit_code == 0, whole.output
    assert written_down in whole.output
    school.past_the_program(f"DELETE FROM audit WHERE hash = '{written_down}'")
    cut = CliRunner().invoke(main, ["audit", "verify", "--expect", written_down])
    assert cut.exit_code == 1
    school.past_the_program("UPDATE person SET active = false WHERE email LIKE 'office@%'")
    bad = CliRunner().invoke(main, ["audit", "verify"])
    assert bad.exit_code == 1
    assert "tell the headteacher" in bad.output
