"""The policy of a real school from its settings; a review is kept for ever, and the office is reminded before it is due."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.factories import School, open_school
from tripupdates import policy_reviews
from tripupdates.database import fresh, transaction
from tripupdates.policy.records import PolicyReview
from tripupdates.vocabulary import Channel, Forbidden, Refused

TODAY = date(2027, 5, 3)
NEXT = date(2028, 5, 2)


def _review(school: School, next_due: date = NEXT, who: str = "office", note: str = "", **seen: str) -> None:
    page = policy_reviews.digest(school.house)
    policy_reviews.record(school.house, school.people[who], next_due, note, seen.get("seen", page))


def _said(school: School) -> str:
    rules = policy_reviews.policy(school.house, fresh()).rules
    return "\n".join(sentence for section in rules for sentence in section.sentences)


def _rows() -> list[tuple[date, date, str]]:
    rows = fresh().scalars(sa.select(PolicyReview).order_by(PolicyReview.id))
    return [(row.reviewed_on, row.next_due, row.note) for row in rows]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"public_faces": "families"}, "no face is shown that can be recognised"),
        ({"public_photos": "small"}, "at most 960 pixels"),
        ({"unsigned_approvals": "refused"}, "Every approval is signed"),
        ({"class_app": "SeeSaw"}, "SeeSaw: our staff post there by hand"),
    ],
)
def test_a_setting_makes_its_sentence(tmp_path: Path, settings: dict[str, Any], told: str) -> None:
    for folder, given in (("with", settings), ("without", {})):
        (tmp_path / folder).mkdir()
        with open_school(tmp_path / folder, **given) as school:
            assert (told in _said(school)) is bool(given)


def test_it_names_the_account_and_the_days_that_the_program_keeps(school: School) -> None:
    told = _said(school)
    assert "X (Twitter): the school’s account is @PuddleLaneTest" in told
    assert "closed 14 days after its last day" in told
    assert "deleted 14 days after the trip" in told
    assert "text message" not in told


def test_a_school_without_x_reads_of_none(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        del school.house.places[Channel.X]  # type: ignore[attr-defined] # a dict underneath
        assert "X (Twitter)" not in _said(school)


@pytest.mark.both_engines
def test_a_review_is_kept_with_its_day_the_next_one_and_a_note(school: School) -> None:
    assert policy_reviews.policy(school.house, fresh()).reviewed is None
    _review(school, note="  With the\n governors. ")
    assert _rows() == [(TODAY, NEXT, "With the governors.")]
    shown = policy_reviews.policy(school.house, fresh())
    assert (shown.reviewed, shown.due) == (TODAY, NEXT)
    assert policy_reviews.reviewed_at(fresh()) == school.clock()
    school.clock.pass_(days=2)
    _review(school, who="head")
    assert [row.by for row in policy_reviews.history(fresh())] == [school.head.id, school.office.id]


def test_a_double_tap_is_one_review(school: School) -> None:
    for _ in range(2):
        _review(school)
    assert len(_rows()) == 1


@pytest.mark.parametrize("who", ["author", "stranger"])
def test_staff_do_not_review_it(school: School, who: str) -> None:
    with pytest.raises(Forbidden):
        _review(school, who=who)
    assert _rows() == []


@pytest.mark.parametrize("next_due", [TODAY, TODAY - timedelta(days=1), TODAY + timedelta(days=1096)])
def test_the_next_day_is_still_to_come_and_not_in_ten_years(school: School, next_due: date) -> None:
    with pytest.raises(Refused, match="still to come, within three years"):
        _review(school, next_due)
    assert _rows() == []


def test_a_note_that_is_too_long_is_refused(school: School) -> None:
    with pytest.raises(Refused, match="at most 1000 characters"):
        _review(school, note="a" * 1001)


def test_a_page_that_has_changed_since_it_was_seen_is_not_reviewed(school: School) -> None:
    with pytest.raises(Refused, match="have changed since you opened this page"):
        _review(school, seen="another")
    assert _rows() == []


@pytest.mark.both_engines
@pytest.mark.parametrize("deed", ["UPDATE policy_review SET note = 'x'", "DELETE FROM policy_review"])
def test_a_review_is_never_changed_or_deleted(school: School, deed: str) -> None:
    _review(school)
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), transaction() as session:
        session.execute(sa.text(deed))


def test_the_office_reads_what_is_to_be_done(school: School) -> None:
    def to_do() -> str:
        return policy_reviews.to_do(school.house, fresh())

    assert to_do() == policy_reviews.NEVER
    _review(school, TODAY + timedelta(days=60))
    assert to_do() == ""
    school.clock.pass_(days=30)
    assert to_do() == "The page on how the school posts is to be looked at again by 2 July 2027."
    school.clock.pass_(days=31)
    assert to_do() == "The page on how the school posts was to be looked at again by 2 July 2027."
    _review(school, date(2028, 7, 2))
    assert to_do() == ""


def test_a_rule_that_changes_asks_for_another_look(tmp_path: Path) -> None:
    with open_school(tmp_path) as school:
        _review(school)
        place = school.house.places.pop(Channel.X)  # type: ignore[attr-defined] # as above
        assert policy_reviews.to_do(school.house, fresh()) == policy_reviews.CHANGED
        school.house.places[Channel.X] = place  # type: ignore[index] # as above
