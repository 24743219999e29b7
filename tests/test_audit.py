"""Law 10: append-only, chained, and holding ids only."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tests.factories import PUPILS, School, all_consent, approved, work
from tripupdates import audit, proving
from tripupdates.audit import Broken, Line
from tripupdates.database import fresh, transaction

pytestmark = pytest.mark.both_engines


def test_the_chain_of_a_day_is_whole(school: School) -> None:
    all_consent(school)
    approved(school, ("Ada", "Bram"))
    work(school)
    assert proving.first_bad(fresh()) is None
    assert audit.length(fresh()) > 20


@pytest.mark.parametrize(
    "deed", ["UPDATE audit SET event = 'nothing' WHERE id = 2", "DELETE FROM audit WHERE id = 2"]
)
def test_the_database_refuses_to_change_or_delete_a_line(school: School, deed: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction() as session:
        session.execute(sa.text(deed))
    assert proving.first_bad(fresh()) is None


@pytest.mark.parametrize(
    ("deed", "line"),
    [
        ("UPDATE audit SET event = 'nothing' WHERE id = 2", 2),
        ("UPDATE audit SET \"by\" = 'somebody' WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 1", 2),
        ("UPDATE audit SET id = 1000 WHERE id = 1", 2),
    ],
)
def test_tampering_past_the_database_is_found(school: School, deed: str, line: int) -> None:
    school.past_the_program(deed)
    with pytest.raises(Broken) as broken:
        list(audit.walk(fresh()))
    assert broken.value.line == line
    assert proving.first_bad(fresh()) == (
        f"Line {line} of the audit does not fit: it, or the line before it, was changed or deleted."
    )


def test_it_says_who_did_what_to_what(school: School) -> None:
    update = approved(school)
    line = fresh().scalars(sa.select(Line).where(Line.event == "approve")).one()
    assert (line.by, line.subject) == (str(school.head.id), f"{update} {school.digest(update)}")


def test_it_holds_no_name_and_no_text(school: School) -> None:
    all_consent(school)
    approved(school, ("Ada", "Bram"), text="We climbed the castle tower.")
    work(school)
    for line in fresh().scalars(sa.select(Line)):
        words = f"{line.by} {line.event} {line.subject}"
        for secret in (*PUPILS, "Ada", "castle", "tower", "Sample", "puddle-lane.example", "paper form"):
            assert secret not in words


def test_a_rolled_back_step_leaves_no_line(school: School) -> None:
    before = audit.length(fresh())
    with pytest.raises(RuntimeError), transaction() as session:
        audit.note(session, school.clock(), None, "never happened")
        raise RuntimeError
    assert audit.length(fresh()) == before
