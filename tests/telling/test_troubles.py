"""The office hears of what needs a person: once for each trouble, by whoever is alive to say it, and without a name."""

import contextvars
import threading
import uuid
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.factories import PUPILS, School, all_consent, approved, consent, settle, work
from tests.families import arrived, families, reach_by_notify, states
from tests.practice.running import NOTIFY_KEY, running_notify
from tests.telling.conftest import Post
from tripupdates import asking_all, office
from tripupdates.channels.notify import Notify, NotifyAccount
from tripupdates.consent.requests import ConsentRequest
from tripupdates.database import fresh, transaction
from tripupdates.health import heart, troubles
from tripupdates.health.ready import lanes
from tripupdates.health.records import Trouble
from tripupdates.outbox import pauses, queue
from tripupdates.outbox.lane import alone
from tripupdates.outbox.records import Delivery
from tripupdates.telling import records
from tripupdates.telling.records import Notice
from tripupdates.vocabulary import Channel, DeliveryState, Order

TITLE = "Trip Updates needs somebody’s help"


def _beat(school: School) -> None:
    heart.beat(school.house, lanes(school.house))


def _look(school: School, **passes: float) -> int:
    """A web process that has run for long looks; the worker lives."""
    school.clock.pass_(**passes)
    _beat(school)
    return troubles.look(school.house, _long_ago(school))


def _long_ago(school: School) -> datetime:
    return school.clock().replace(year=2026)


def _stuck(school: School) -> uuid.UUID:
    update = approved(school)
    settle(school, update, Channel.X, DeliveryState.NEEDS_PERSON, attempted_at=None)
    return update


def _kinds() -> list[tuple[str, bool]]:
    rows = fresh().scalars(sa.select(Trouble).order_by(Trouble.id))
    return [(row.kind.value, row.ended_at is None) for row in rows]


def _body(post: Post) -> str:
    part = post.to("office")[-1].get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_an_order_that_needs_a_person_is_told_once_and_again_when_it_comes_again(post: Post) -> None:
    school = post.school
    _stuck(school)
    assert [_look(school), _look(school, minutes=1), _look(school, minutes=1)] == [1, 0, 0]
    post.go()
    assert post.subjects("office") == [TITLE]
    assert "An update is stuck on its way" in _body(post)
    assert "http://localhost/office/" in _body(post)
    delivery = queue.need_person(fresh())[0].order.id
    office.try_again(school.house, school.office, delivery)
    assert _look(school, minutes=1) == 0
    assert _kinds() == [("needs_person", False)]
    with transaction() as session:
        row = session.get_one(Delivery, delivery)
        row.state = DeliveryState.NEEDS_PERSON
    assert _look(school, minutes=1) == 1
    post.go()
    assert post.subjects("office") == [TITLE, TITLE]


def test_several_at_once_are_one_mail(post: Post) -> None:
    for _ in range(3):
        _stuck(post.school)
    assert _look(post.school) == 3
    post.go()
    assert len(post.to("office")) == 1
    assert "3 updates are stuck on their way" in _body(post)


def test_an_account_that_somebody_must_mend_is_told_once(post: Post) -> None:
    school = post.school
    with transaction() as session:
        pauses.pause(session, Channel.X, Order.PUBLISH, "No credits are left.", school.clock(), None)
    assert [_look(school), _look(school, minutes=1)] == [1, 0]
    post.go()
    assert "A place takes nothing from the school just now; the page says why" in _body(post)
    with transaction() as session:
        pauses.lift(session, Channel.X, school.office.id, school.clock())
    _look(school, minutes=1)
    assert _kinds() == [("channel_shut", False)]


def test_a_removal_is_told_of_after_a_quarter_of_an_hour_and_not_once_it_is_confirmed(post: Post) -> None:
    school = post.school
    all_consent(school)
    approved(school, ("Ada", "Bram"))
    work(school)
    consent(school, {"Ada": (Channel.FAMILIES, Channel.WEBSITE)}, yes=False)
    assert _look(school, minutes=14, seconds=59) == 0
    assert _look(school, seconds=1) == 2
    post.go()
    assert "2 things that must come down are not confirmed gone after 15 minutes" in _body(post)
    work(school)
    _look(school, minutes=1)
    assert _kinds() == [("not_gone", False), ("not_gone", False)]
    assert len(post.to("office")) == 1


def test_nobody_is_named_and_only_the_office_hears(post: Post) -> None:
    all_consent(post.school)
    update = approved(post.school, ("Ada", "Bram"))
    settle(post.school, update, Channel.X, DeliveryState.NEEDS_PERSON, problem="about Ada")
    _look(post.school)
    post.go()
    (mail,) = post.to("office")
    assert not any(word in str(mail) for name in (*PUPILS, "castle tower") for word in name.split())
    assert TITLE not in [subject for who in ("author", "head", "deputy") for subject in post.subjects(who)]


def test_quiet_hours_do_not_hold_it_back(post: Post) -> None:
    with transaction() as session:
        reach = records.reach_of(session, post.school.office.id)
        reach.quiet_from, reach.quiet_to = time(0, 0), time(23, 59)
        session.add(reach)
    _stuck(post.school)
    _look(post.school)
    post.go()
    assert post.subjects("office") == [TITLE]


def test_what_is_over_before_anybody_was_told_is_not_told(post: Post) -> None:
    school = post.school
    _stuck(school)
    _look(school)
    office.try_again(school.house, school.office, queue.need_person(fresh())[0].order.id)
    _look(school, seconds=1)
    post.go()
    assert post.to("office") == []


def test_a_worker_silent_for_five_minutes_is_told_by_the_web_process_itself(post: Post) -> None:
    school, since = post.school, _long_ago(post.school)
    _beat(school)
    school.clock.pass_(minutes=5)
    assert (troubles.look(school.house, since), troubles.silent_lanes(school.house, fresh())) == (0, set())
    school.clock.pass_(seconds=1)
    for _ in range(3):  # once, not each minute
        troubles.look(school.house, since)
        troubles.tell_ourselves(school.house, since)
        school.clock.pass_(minutes=1)
    assert post.subjects("office") == [TITLE]
    assert "has not been heard of for 5 minutes" in _body(post)
    assert "has been silent since" in school.client("office").get("/office/").text
    _look(school)
    assert _kinds() == [("worker_silent", False)]
    assert "silent" not in school.client("office").get("/office/").text
    school.clock.pass_(minutes=6)
    troubles.look(school.house, since)
    assert _kinds() == [("worker_silent", False), ("worker_silent", True)]


def test_while_the_worker_lives_telling_is_left_to_it(post: Post) -> None:
    _stuck(post.school)
    _look(post.school)
    troubles.tell_ourselves(post.school.house, _long_ago(post.school))
    assert post.to("office") == []


def test_a_computer_that_has_just_started_gives_the_worker_time(post: Post) -> None:
    school = post.school
    began = school.clock()
    for _ in range(5):
        school.clock.pass_(minutes=1)
        assert troubles.look(school.house, began) == 0
    school.clock.pass_(seconds=1)
    assert troubles.look(school.house, began) == 1


def test_a_web_process_that_has_just_started_does_not_end_what_another_saw(post: Post) -> None:
    school = post.school
    assert troubles.look(school.house, _long_ago(school)) == 1
    assert troubles.look(school.house, school.clock()) == 0
    assert _kinds() == [("worker_silent", True)]


def test_two_web_processes_that_look_at_once_tell_once(post: Post) -> None:
    school = post.school
    for _ in range(3):
        _stuck(school)
    _beat(school)
    began: list[int] = []

    def watch() -> None:
        with school.app.app_context():
            began.append(troubles.look(school.house, _long_ago(school)))

    threads = [threading.Thread(target=contextvars.Context().run, args=(watch,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(began) == [0, 0, 0, 3]
    assert len(fresh().scalars(sa.select(Notice).where(Notice.person_id == school.office.id)).all()) == 3


def test_the_thread_looks_and_tells_and_a_look_that_fails_is_not_the_last(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    school, stop, began = post.school, threading.Event(), threading.Event()
    fails = [ValueError("once")]

    def now() -> datetime:
        if threading.current_thread().name == "watching" and began.is_set() and fails:
            raise fails.pop()
        began.set()
        return school.clock()

    monkeypatch.setattr(troubles, "LOOK", 0.01)
    house = replace(school.house, clock=now)
    watching = threading.Thread(target=troubles.run, args=(school.app, house, stop), name="watching")
    watching.start()
    began.wait()
    school.clock.pass_(minutes=6)
    while not post.to("office"):
        stop.wait(0.01)
    stop.set()
    watching.join()
    assert (fails, _kinds(), post.subjects("office")) == ([], [("worker_silent", True)], [TITLE])
    with alone(school.app, "watch", threading.Event()) as ours:
        assert ours()


def test_a_message_that_is_stuck_for_many_families_is_one_trouble(post: Post) -> None:
    school = post.school
    nobodys = Notify(Channel.TEXT, NotifyAccount("http://127.0.0.1:9", NOTIFY_KEY))  # nothing is sent to it
    school.house.places[Channel.TEXT] = nobodys  # type: ignore[index] # a dict underneath
    families(school)
    update = arrived(school)
    settle(school, update, Channel.TEXT, DeliveryState.NEEDS_PERSON, problem="Odd.")
    with transaction() as session:
        session.scalars(sa.select(Delivery).where(Delivery.channel == Channel.TEXT)).all()[
            0
        ].problem = "Odder."
    assert [_look(school), _look(school, minutes=1)] == [1, 0]
    post.go()
    assert "An update is stuck on its way" in _body(post)
    for stuck in queue.need_person(fresh()):
        office.try_again(school.house, school.office, stuck.order.id)
    assert _look(school, minutes=1) == 0
    assert _kinds() == [("needs_person", False)]


def test_a_service_that_is_away_is_one_trouble_for_all_families_and_over_once_they_have_it(
    post: Post, tmp_path: Path
) -> None:
    school = post.school
    families(school)
    with running_notify(tmp_path / "notify") as notify:
        reach_by_notify(school, notify)
        notify.fault("send", "429_day")
        update = arrived(school)
        work(school, Channel.TEXT)
        assert [_look(school, minutes=14, seconds=59), _look(school, seconds=1)] == [0, 1]
        post.go()
        assert "A place takes nothing from the school just now; the page says why" in _body(post)
        page = school.client("office").get("/office/").text
        assert page.count("Text message: 5 wait</strong> since") == 1
        assert "as many messages as GOV.UK Notify takes in a day" in page
        assert _look(school, minutes=1) == 0
        school.clock.pass_(hours=15)  # after midnight
        work(school, Channel.TEXT)
        assert states(school, update) == ["sent"] * 5
        assert _look(school) == 0
    assert _kinds() == [("channel_shut", False)]


def test_asking_that_is_stuck_is_one_trouble_of_its_trip_and_the_page_leads_there(post: Post) -> None:
    school = post.school
    nobodys = Notify(Channel.TEXT, NotifyAccount("http://127.0.0.1:9", NOTIFY_KEY))  # nothing is sent to it
    school.house.places[Channel.TEXT] = nobodys  # type: ignore[index] # a dict underneath
    families(school)
    asking_all.ask(school.house, school.office, school.slug, Channel.TEXT, 9)
    with transaction() as session:
        stuck = {"state": DeliveryState.NEEDS_PERSON, "problem": "Odd."}
        session.execute(sa.update(ConsentRequest).values(**stuck))
    assert [_look(school), _look(school, minutes=1)] == [1, 0]
    page = school.client("office").get("/office/").text
    assert page.count("Text message, asking parents, 5 families:</strong> Odd.") == 1
    assert f"/office/trips/{school.slug}/asking" in page
