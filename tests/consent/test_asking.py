"""Parents are asked by a link and answer with it: laws 1, 3, 7 and 10 hold there as they do at the office's desk."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tests import factories
from tests.factories import (
    EVERYWHERE,
    PUPILS,
    School,
    Ticking,
    all_consent,
    approved,
    consent,
    count,
    waiting,
    work,
)
from tripupdates import asking, audit, journey, receipts, takedown
from tripupdates.consent import asked, links
from tripupdates.consent.links import Form, Link
from tripupdates.consent.records import Answer, current
from tripupdates.database import fresh, transaction
from tripupdates.outbox import queue
from tripupdates.records import METADATA
from tripupdates.vocabulary import PICTURED, Channel, Forbidden, NotFound, Order, Refused

FAMILIES, WEBSITE, X = Channel.FAMILIES, Channel.WEBSITE, Channel.X
NO_TO_ALL = dict.fromkeys(Channel, False)


def link(school: School, name: str = "Ada") -> str:
    """The token of a new link for this pupil's family."""
    (made,) = asking.make_links(school.house, school.office, school.slug, school.pupils(name))
    return made.token


def send(school: School, token: str, said: Mapping[Channel, bool]) -> str:
    """A parent sends the form. Returns its reference."""
    school.clock.pass_(minutes=1)
    return asking.answer(school.house, token, said)


def given(school: School, name: str = "Ada") -> set[Channel]:
    return set(current(fresh(), school.trip_id()).get(school.pupil(name), ()))


def everything_kept(school: School) -> str:
    """Every row of every table, and every file beside the database."""
    files = [file for file in school.house.settings.instance.rglob("*") if file.is_file()]
    rows = [str(row) for table in METADATA.sorted_tables for row in fresh().execute(sa.select(table))]
    return " ".join([*rows, *(file.read_bytes().decode("latin-1") for file in files)])


def test_parents_are_asked_about_every_place_with_pictures() -> None:
    assert set(asked.WORDS) == set(PICTURED), "say in consent/asked.py what parents are asked for this place"


def test_nobody_is_asked_about_a_place_to_which_the_school_does_not_publish(school: School) -> None:
    assert asking.places(school.house) == EVERYWHERE
    assert asking.places(factories.without_x(school)) == (FAMILIES, WEBSITE)


def test_no_face_in_public_is_part_of_what_is_asked() -> None:
    for channel in (WEBSITE, X):
        assert asked.words(channel, "Ada", "X", hides_faces=True).seen_by.endswith(asked.NO_FACES)
        assert asked.NO_FACES not in asked.words(channel, "Ada", "X", hides_faces=False).seen_by
    assert asked.NO_FACES not in asked.words(FAMILIES, "Ada", "X", hides_faces=True).seen_by


@pytest.mark.both_engines
def test_an_answer_is_appended_and_says_where_it_came_from(school: School) -> None:
    reference = send(school, link(school), {FAMILIES: True, WEBSITE: False})
    form = fresh().scalars(sa.select(Form)).one()
    assert (form.reference, form.said, form.at) == (
        reference,
        {"families": True, "website": False},
        school.clock(),
    )
    rows = fresh().scalars(sa.select(Answer).order_by(Answer.id)).all()
    assert [(row.pupil_id, row.channel, row.yes, row.by, row.form_id, row.note) for row in rows] == [
        (school.pupil("Ada"), FAMILIES, True, None, form.id, f"The parents’ form, reference {reference}"),
        (school.pupil("Ada"), WEBSITE, False, None, form.id, f"The parents’ form, reference {reference}"),
    ]


def test_a_place_left_open_is_a_no_and_stays_unanswered(school: School) -> None:
    send(school, link(school), {FAMILIES: True})
    assert given(school) == {FAMILIES}
    _, standings = asking.standings(school.house, school.office, school.slug)
    found = {each.pupil.forename: (each.left, each.in_part) for each in standings}
    assert found["Ada"] == ((WEBSITE, X), True)
    assert found["Bram"] == (EVERYWHERE, False)


def test_a_place_left_open_later_keeps_its_answer(school: School) -> None:
    token = link(school)
    send(school, token, {FAMILIES: True, X: True})
    send(school, token, {X: False})
    assert given(school) == {FAMILIES}


def test_a_place_that_is_not_asked_for_is_not_answered(school: School) -> None:
    token = link(school)
    with pytest.raises(Refused):
        asking.answer(factories.without_x(school), token, {X: True})
    assert count(Answer) == 0


def test_the_second_tap_on_the_button_is_the_same_form(school: School) -> None:
    token = link(school)
    assert send(school, token, {X: True}) == send(school, token, {X: True})
    assert (count(Form), count(Answer)) == (1, 1)


def test_the_same_again_after_somebody_else_changed_it_is_a_new_form(school: School) -> None:
    token = link(school)
    first = send(school, token, {X: True})
    consent(school, {"Ada": (X,)}, yes=False)
    assert send(school, token, {X: True}) != first
    assert (count(Form), count(Answer), given(school)) == (2, 3, {X})


def test_one_link_is_for_one_pupil_on_one_trip(school: School) -> None:
    send(school, link(school, "Ada"), dict.fromkeys(Channel, True))
    assert [given(school, name.split()[0]) for name in PUPILS] == [
        set(EVERYWHERE),
        set(),
        set(),
        set(),
        set(),
    ]


def test_two_households_have_a_link_each_and_the_latest_answer_counts(school: School) -> None:
    one, other = link(school), link(school)
    send(school, one, {X: True})
    send(school, other, {X: False})
    assert given(school) == set()
    assert [form.said for form in asking.opened(school.house, one).forms] == [{"x": True}]


@pytest.mark.both_engines
def test_a_no_takes_down_at_once_and_a_later_yes_brings_nothing_back(school: School) -> None:
    all_consent(school)
    update, waits = approved(school, ("Ada", "Bram")), waiting(school, ("Ada", "Cleo"))
    work(school)
    token = link(school)
    send(school, token, {FAMILIES: False, WEBSITE: False})
    assert school.deliveries(update, Order.REMOVE) == {"families": "pending", "website": "pending"}
    assert school.state(waits) == "returned"
    work(school)
    send(school, token, {FAMILIES: True, WEBSITE: True})
    work(school)
    page = (school.house.settings.families / school.slug / "index.html").read_text("utf-8")
    assert (page.count("<img"), "castle tower" in page) == (0, True)


def test_a_no_stops_an_approval(school: School) -> None:
    all_consent(school)
    update = waiting(school, ("Ada", "Bram"))
    digest = school.digest(update)
    send(school, link(school), {X: False})
    with pytest.raises(Refused):
        journey.approve(school.house, school.head, update, digest)
    assert school.state(update) == "returned"


def test_the_form_the_no_and_the_removals_are_one_commit(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"))
    work(school)
    token = link(school)

    def power_cut(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(queue, "enqueue", power_cut)
    with pytest.raises(KeyboardInterrupt):
        send(school, token, NO_TO_ALL)
    assert (given(school), count(Form)) == (set(EVERYWHERE), 0)
    assert school.deliveries(update, Order.REMOVE) == {}


def test_the_receipt_says_what_the_offices_receipt_says(school: School) -> None:
    all_consent(school)
    approved(school, ("Ada", "Bram"), channels=(FAMILIES, WEBSITE))
    work(school)
    token = link(school)
    reference = send(school, token, {WEBSITE: False})
    _, receipt = asking.receipt(school.house, token, reference)
    no = links.latest(fresh(), school.pupil("Ada"))[WEBSITE]
    assert receipt.removed == receipts.of_answer(fresh(), no.id).removed
    assert ([each.channel for each in receipt.removed], receipt.whole) == ([WEBSITE], False)
    assert receipt.cannot_recall == (takedown.CANNOT_RECALL[WEBSITE],)
    work(school)
    _, receipt = asking.receipt(school.house, token, reference)
    assert (receipt.whole, receipt.changed) == (True, False)
    again = send(school, token, {WEBSITE: False, FAMILIES: True})  # a no that was one already
    assert len(asking.receipt(school.house, token, again)[1].removed) == 1


def test_a_receipt_counts_the_answers_of_its_own_form_though_the_clock_goes_on_meanwhile(
    school: School,
) -> None:
    token = link(school)
    school.house = replace(school.house, clock=Ticking(school.clock.now))
    reference = send(school, token, NO_TO_ALL)
    _, receipt = asking.receipt(school.house, token, reference)
    assert (set(receipt.held), receipt.changed) == (set(EVERYWHERE), False)


def test_a_receipt_opens_with_its_own_link_only(school: School) -> None:
    mine, others, siblings = link(school), link(school), link(school, "Bram")
    reference = send(school, mine, {X: True})
    for token in (others, siblings):
        with pytest.raises(NotFound):
            asking.receipt(school.house, token, reference)


def test_a_link_that_the_office_stopped_says_so_and_answers_nothing(school: School) -> None:
    old = link(school)
    (new,) = asking.make_links(school.house, school.office, school.slug, school.pupils("Ada"), instead=True)
    with pytest.raises(asking.NoLonger, match="the school has stopped it"):
        send(school, old, {X: True})
    assert count(Answer) == 0
    send(school, new.token, {X: True})
    assert asking.stop_links(school.house, school.office, school.slug, school.pupil("Ada")) == 1
    assert asking.stop_links(school.house, school.office, school.slug, school.pupil("Ada")) == 0
    with pytest.raises(asking.NoLonger):
        asking.opened(school.house, new.token)
    assert given(school) == {X}  # what was answered stays


def test_a_link_opens_as_long_as_the_families_page(school: School) -> None:
    token = link(school)
    school.clock.pass_(days=4 + 13)
    send(school, token, {X: True})
    school.clock.pass_(days=2)
    for deed in (lambda: asking.opened(school.house, token), lambda: send(school, token, {X: False})):
        with pytest.raises(asking.NoLonger) as closed:
            deed()
        assert "tell the school office" in closed.value.reasons[0]
    assert given(school) == {X}
    with pytest.raises(Refused, match="no longer open"):
        link(school)


def test_only_the_office_makes_and_stops_links(school: School) -> None:
    for who in ("author", "stranger", "head"):
        with pytest.raises(Forbidden):
            asking.make_links(school.house, school.people[who], school.slug)
        with pytest.raises(Forbidden):
            asking.stop_links(school.house, school.people[who], school.slug, school.pupil("Ada"))
    assert count(Link) == 0


def test_no_link_is_made_for_a_pupil_of_another_trip(school: School) -> None:
    other = factories.pupil_of_another_trip(school)
    with pytest.raises(NotFound):
        asking.make_links(school.house, school.office, school.slug, [school.pupil("Ada"), other])
    with pytest.raises(NotFound):
        asking.stop_links(school.house, school.office, school.slug, other)
    assert count(Link) == 0


def test_a_token_is_long_drawn_at_random_and_kept_nowhere(school: School) -> None:
    tokens = [link(school) for _ in range(20)]
    assert len(set(tokens)) == 20
    assert all(len(token.replace("-", "")) == 28 for token in tokens)
    assert len(links.LETTERS) ** 28 > 2**128
    send(school, tokens[0], {X: True})
    kept = everything_kept(school)
    assert links.mark(tokens[0]) in kept
    for token in tokens:
        assert token not in kept
        assert token.replace("-", "") not in kept


def test_a_token_is_known_however_it_is_typed(school: School) -> None:
    token = link(school)
    for typed in (token.upper(), token.replace("-", ""), token.replace("-", " – ")):
        assert asking.opened(school.house, typed).pupil.forename == "Ada"


def test_the_audit_tells_of_it_with_ids_only(school: School) -> None:
    token = link(school)
    reference = send(school, token, {X: False})
    asking.stop_links(school.house, school.office, school.slug, school.pupil("Ada"))
    row, form = fresh().scalars(sa.select(Link)).one(), fresh().scalars(sa.select(Form)).one()
    lines = fresh().scalars(sa.select(audit.Line).order_by(audit.Line.id.desc()).limit(8)).all()
    found = [(line.event, line.by, line.subject) for line in reversed(lines) if line.event != audit.SEALED]
    answer = links.latest(fresh(), school.pupil("Ada"))[X]
    office, ada = str(school.office.id), school.pupil("Ada")
    assert found[-4:] == [
        ("made consent links", office, f"{school.trip_id()} {row.id}"),
        ("parent sent form", audit.SYSTEM, f"{ada} {row.id} {form.id}"),
        ("consent refused", audit.SYSTEM, f"{ada} x {answer.id}"),
        ("stopped consent links", office, str(row.id)),
    ]
    everything = " ".join(fresh().scalars(sa.select(audit.Line.subject)))
    for secret in (token, token.replace("-", ""), reference, row.mark):
        assert secret not in everything


@pytest.mark.both_engines
def test_what_a_parent_sent_is_never_changed_or_deleted(school: School) -> None:
    send(school, link(school), {X: True})
    for deed in ("UPDATE consent_form SET said = '{}'", "DELETE FROM consent_form"):
        with pytest.raises(IntegrityError, match="append-only"), transaction() as session:
            session.execute(sa.text(deed))
    assert fresh().scalars(sa.select(Form)).one().said == {"x": True}


def test_those_who_work_with_the_trip_see_who_has_not_answered_and_others_do_not(school: School) -> None:
    consent(school, {"Ada": EVERYWHERE})
    for who in ("author", "head", "office"):
        trip, standings = asking.standings(school.house, school.people[who], school.slug)
        assert (trip.slug, [each.pupil.forename for each in standings if not each.left]) == (
            school.slug,
            ["Ada"],
        )
    with pytest.raises(NotFound):
        asking.standings(school.house, school.stranger, school.slug)
