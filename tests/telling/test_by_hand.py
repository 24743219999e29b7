"""Whose hands it takes hears of it: at once of what must come down, after hours of what is to be posted, once each."""

import uuid
from datetime import datetime, time

import pytest
import sqlalchemy as sa

from tests.factories import PUPILS, School, all_consent, approved, consent
from tests.telling.conftest import Post
from tripupdates import answering, by_hand, holding, takedown
from tripupdates.database import fresh, transaction
from tripupdates.health import heart, troubles
from tripupdates.health.ready import lanes
from tripupdates.health.records import Trouble
from tripupdates.telling import records
from tripupdates.vocabulary import Channel

DOWN = "Something must be taken down by hand"
WAITS = "An update waits to be posted by hand"


def _look(school: School, **passes: float) -> list[str]:
    """A web process that has run for long looks. Returns the troubles that are not over."""
    school.clock.pass_(**passes)
    heart.beat(school.house, lanes(school.house))
    troubles.look(school.house, _long_ago(school))
    rows = fresh().scalars(sa.select(Trouble).where(Trouble.ended_at.is_(None)).order_by(Trouble.id))
    return [row.kind.value for row in rows]


def _long_ago(school: School) -> datetime:
    return school.clock().replace(year=2026)


def _approved(school: School) -> uuid.UUID:
    all_consent(school)
    consent(school, {name.split()[0]: (Channel.APP,) for name in PUPILS})
    return approved(school, ("Ada", "Bram"), channels=(Channel.APP,))


def _about_hands(post: Post, who: str) -> list[str]:
    return [subject for subject in post.subjects(who) if "by hand" in subject]


def _body(post: Post, who: str) -> str:
    part = post.to(who)[-1].get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_what_waits_for_hands_is_no_trouble_before_three_hours(post: Post) -> None:
    school = post.school
    update = _approved(school)
    assert _look(school, hours=2, minutes=59) == []
    assert _look(school, minutes=1) == ["hand_over"]
    post.go()
    assert (_about_hands(post, "author"), _about_hands(post, "office")) == ([WAITS], [])
    assert "http://localhost/hand/" in _body(post, "author")
    by_hand.take_out(school.house, school.author, update)
    assert _look(school, minutes=1) == []
    assert _look(school, hours=3) == ["hand_over"]  # and nobody has said that it is posted
    post.go()
    assert _about_hands(post, "author") == [WAITS, WAITS]
    answering.it_is_there(school.house, school.author, school.delivery(update, Channel.APP).id)
    assert _look(school, hours=24) == []


def test_whoever_took_it_out_is_asked_as_well(post: Post) -> None:
    school = post.school
    by_hand.take_out(school.house, school.colleague, _approved(school))
    _look(school, hours=3)
    post.go()
    assert [_about_hands(post, who) for who in ("author", "colleague", "head", "office")] == [
        [WAITS],
        [WAITS],
        [],
        [],
    ]


def test_a_nudge_keeps_to_quiet_hours_and_is_not_sent_while_everything_is_held(post: Post) -> None:
    school = post.school
    _approved(school)
    with transaction() as session:
        reach = records.reach_of(session, school.author.id)
        reach.quiet_from, reach.quiet_to = time(12), time(20)
        session.add(reach)
    holding.hold(school.house, school.office)
    assert _look(school, hours=3) == []
    holding.lift(school.house, school.office)
    assert _look(school) == ["hand_over"]
    post.go()
    assert _about_hands(post, "author") == []
    post.go(hours=8)
    assert _about_hands(post, "author") == [WAITS]


def test_what_must_come_down_is_told_at_once_and_once_more_after_two_hours(post: Post) -> None:
    school = post.school
    update = _approved(school)
    by_hand.take_out(school.house, school.head, update)
    with transaction() as session:
        reach = records.reach_of(session, school.colleague.id)
        reach.quiet_from, reach.quiet_to = time(0), time(23, 59)
        session.add(reach)
    takedown.take_down(school.house, school.deputy, update, "Too soon.")
    assert _look(school, seconds=1) == ["take_out"]
    post.go()
    told = {
        who: _about_hands(post, who)
        for who in ("author", "colleague", "stranger", "head", "deputy", "office")
    }
    assert told == {
        "author": [DOWN],
        "colleague": [DOWN],
        "stranger": [],
        "head": [DOWN],  # who took it out
        "deputy": [],
        "office": [DOWN],
    }
    assert _look(school, minutes=119) == ["take_out"]  # a quarter of an hour is for what computers do
    assert _look(school, minutes=1) == ["take_out", "still_out"]
    post.go()
    assert _about_hands(post, "deputy") == [DOWN]
    assert "asked for two hours ago" in _body(post, "office")
    by_hand.it_is_gone(school.house, school.office, update)
    assert _look(school) == []


def test_nobody_is_named(post: Post) -> None:
    update = _approved(post.school)
    by_hand.take_out(post.school.house, post.school.author, update)
    consent(post.school, {"Ada": (Channel.APP,)}, yes=False)
    _look(post.school)
    post.go()
    for who in ("author", "office"):
        mail = next(mail for mail in post.to(who) if mail["Subject"] == DOWN)
        assert not any(word in str(mail) for name in (*PUPILS, "castle tower") for word in name.split())


@pytest.mark.parametrize("posted", [True, False])
def test_what_is_over_before_anybody_was_told_is_not_told(post: Post, posted: bool) -> None:
    school = post.school
    update = _approved(school)
    by_hand.take_out(school.house, school.author, update)
    if posted:
        _look(school, hours=3)
        answering.it_is_there(school.house, school.author, school.delivery(update, Channel.APP).id)
    else:
        takedown.take_down(school.house, school.head, update, "Too soon.")
        _look(school)
        by_hand.it_is_gone(school.house, school.author, update)
    assert _look(school) == []
    post.go()
    assert _about_hands(post, "author") == []
