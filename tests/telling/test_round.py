"""The round, at the rows and on the wire: one message for several, quiet hours, reminders, deputies, broken ways."""

from datetime import time

import pytest
import sqlalchemy as sa

from tests import factories
from tests.factories import PUPILS, all_consent, approved, draft, photo, put_on_trip, waiting
from tests.practice.telling import with_phone
from tests.telling.conftest import Post
from tests.telling.dead import with_dead_mail
from tripupdates import accounts, audit, holding, journey, proving, takedown
from tripupdates.database import fresh, transaction
from tripupdates.people.records import Person
from tripupdates.telling import choices, records, view
from tripupdates.telling import round as telling
from tripupdates.telling.records import MailLook, Notice, Sending
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import Channel, News, Refused, SendingState

ONE = "An update is waiting for your decision"


def _states() -> list[tuple[str, str]]:
    return [
        (row.way.value, row.state.value) for row in fresh().scalars(sa.select(Sending).order_by(Sending.due))
    ]


def _heard(post: Post, update: object) -> dict[str, str]:
    found = post.school.update(update)  # type: ignore[arg-type] # an id
    return {each.name: "; ".join(each.words) for each in view.who_was_told(post.school.house, fresh(), found)}


def test_sending_to_the_head_orders_that_every_approver_hears(post: Post) -> None:
    update = waiting(post.school)
    rows = fresh().scalars(sa.select(Notice)).all()
    assert {(row.person_id, row.news, row.about) for row in rows} == {
        (post.school.people[who].id, News.WAITING, update) for who in ("head", "deputy")
    }
    post.go()
    assert post.subjects("head") == post.subjects("deputy") == [ONE]
    assert post.subjects("author") == post.subjects("office") == []


def test_a_refused_submission_tells_nobody(post: Post) -> None:
    update = draft(post.school)
    photo(post.school, update, pictured=None)
    with pytest.raises(Refused):
        journey.submit(post.school.house, post.school.author, update)
    assert factories.count(Notice) == 0


def test_who_goes_along_or_wrote_it_is_not_asked(post: Post) -> None:
    put_on_trip(post.school, "deputy")
    waiting(post.school)
    post.go()
    assert (len(post.to("head")), len(post.to("deputy"))) == (1, 0)


def test_an_approver_who_wrote_it_is_not_asked_even_off_the_trip(post: Post) -> None:
    school = post.school
    put_on_trip(school, "deputy")
    waiting(school, by="deputy")
    put_on_trip(school)
    post.go()
    post.go()
    assert (len(post.to("head")), len(post.to("deputy"))) == (1, 0)


def test_several_at_once_are_one_message(post: Post) -> None:
    for _ in range(3):
        waiting(post.school)
    post.go()
    (mail,) = post.to("head")
    assert mail["Subject"] == "3 updates are waiting for your decision"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "http://localhost/review/" in body.get_content().splitlines()


def test_another_one_waits_a_little_while_the_first_is_not_looked_at(post: Post) -> None:
    waiting(post.school)
    post.go()
    waiting(post.school)
    post.go()
    assert len(post.to("head")) == 1
    post.go(minutes=5)
    assert post.subjects("head") == [ONE, "2 updates are waiting for your decision"]


def test_once_decided_the_next_is_told_at_once(post: Post) -> None:
    update = waiting(post.school)
    post.go()
    journey.approve(post.school.house, post.school.head, update, post.school.digest(update))
    waiting(post.school)
    post.go()
    assert post.subjects("head") == [ONE, ONE]


@pytest.mark.parametrize("how", ["decided", "edited", "consent withdrawn"])
def test_what_is_over_before_it_was_told_is_not_told(post: Post, how: str) -> None:
    school = post.school
    all_consent(school)
    update = waiting(school, ("Ada",))
    if how == "decided":
        journey.approve(school.house, school.head, update, school.digest(update))
    elif how == "edited":
        journey.save_draft(
            school.house, school.author, update, school.slug, "Other words.", None, ["families"]
        )
    else:
        given = takedown.Given(school.pupil("Ada"), Channel.FAMILIES, False)
        takedown.record_answers(school.house, school.office, school.trip_id(), [given], "rang")
    post.go()
    assert post.to("head") == []
    assert [
        row.closed_at is None for row in fresh().scalars(sa.select(Notice).where(Notice.news == "waiting"))
    ] == [
        False,
        False,
    ]


def test_the_next_version_is_told_again(post: Post) -> None:
    school, update = post.school, waiting(post.school)
    post.go()
    school.clock.pass_(seconds=1)
    journey.save_draft(school.house, school.author, update, school.slug, "Other words.", None, ["families"])
    journey.submit(school.house, school.author, update)
    post.go()
    assert post.subjects("head") == [ONE, ONE]


def test_the_chosen_one_first_then_a_reminder_then_the_deputy(post: Post) -> None:
    school = post.school
    choices.set_for_trip(school.house, school.office, school.slug, school.head.id, 15, 30)
    update = waiting(school)
    post.go()
    assert _heard(post, update) == {
        "Mrs Head Sample": "told by e-mail 10:00",
        "Mr Deputy Sample": "is told at 10:30, if nobody has decided by then",
    }
    post.go(minutes=15)
    assert post.subjects("head") == [ONE, "Reminder: an update is waiting for your decision"]
    assert post.to("deputy") == []
    post.go(minutes=15)
    assert post.subjects("deputy") == [ONE]
    assert _heard(post, update) == {
        "Mrs Head Sample": "told by e-mail 10:00; reminder by e-mail 10:15",
        "Mr Deputy Sample": "told, as nobody had decided, by e-mail 10:30",
    }
    post.go(hours=5)
    assert (len(post.to("head")), len(post.to("deputy"))) == (2, 1)


def test_quiet_hours_hold_the_head_back_but_not_the_deputy(post: Post) -> None:
    school = post.school
    choices.set_for_trip(school.house, school.office, school.slug, school.head.id, 15, 30)
    choices.set_hours(school.house, school.head, time(9, 30), time(11, 0), all_by_mail=False)
    update = waiting(school)
    post.go()
    assert _heard(post, update)["Mrs Head Sample"] == "has quiet hours until 11:00, and is told then"
    post.go(minutes=30)
    assert (len(post.to("head")), len(post.to("deputy"))) == (0, 1)
    post.go(minutes=30)
    assert post.subjects("head") == [ONE]


def test_after_quiet_hours_only_what_still_waits_is_told(post: Post) -> None:
    school = post.school
    choices.set_hours(school.house, school.head, time(9, 30), time(11, 0), all_by_mail=False)
    done, left = waiting(school), waiting(school)
    journey.approve(school.house, school.deputy, done, school.digest(done))
    post.go(hours=2)
    (mail,) = post.to("head")
    body = mail.get_body(("plain",))
    assert body is not None
    assert f"/review/{left}" in body.get_content()


def test_a_mail_holds_no_name_no_text_and_no_token(post: Post) -> None:
    """With data that could leak: named pupils, a text, an alt text, a reason."""
    school = post.school
    all_consent(school)
    update = draft(school, "Soup for supper after the windy tower.")
    photo(school, update, ("Ada", "Bram"), alt="Two friends on the battlements.")
    journey.submit(school.house, school.author, update)
    phone = with_phone(school, post.push)
    post.go()
    journey.send_back(school.house, school.head, update, school.digest(update), "Please leave Ada out of it.")
    post.go()
    assert (len(post.to("head")), len(post.to("author"))) == (1, 1)
    for mail in post.box.mails():
        parts = [part.get_content() for part in (mail.get_body(("plain",)), mail.get_body(("html",))) if part]
        assert len(parts) == 2
        whole = " ".join([*parts, *map(str, mail.values())])
        secret = [word for name in PUPILS for word in name.split()]
        secret += ["windy", "supper", "battlements", "Please leave", "Castle", "csrf", "token", "?"]
        assert [word for word in secret if word in whole] == []
        assert "<img" not in whole
    assert post.push.words(phone)[0] == {
        "title": ONE,
        "body": "Nothing is published until you, or another approver, have looked at it.",
        "path": f"/review/{update}",
    }


def test_headers_are_as_they_should_be(post: Post) -> None:
    waiting(post.school)
    post.go()
    (mail,) = post.to("head")
    assert mail["From"] == "Puddle Lane Junior School <trips@puddle-lane.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == post.school.clock.now
    assert mail["Message-ID"].endswith("@puddle-lane.example>")
    assert mail["X-MailFrom"] is None


def test_an_address_that_would_be_a_header_is_refused_and_marked(post: Post) -> None:
    with transaction() as session:
        session.get_one(
            Person, post.school.head.id
        ).email = "head@puddle-lane.example\r\nBcc: all@else.example"
    waiting(post.school)
    post.go()
    assert [mail["To"] for mail in post.box.mails()] == ["deputy@puddle-lane.example"]
    assert (
        records.reach_of(fresh(), post.school.head.id).mail_problem == "The address is not an e-mail address."
    )


def test_a_4xx_is_tried_again_and_a_5xx_marks_the_address(post: Post) -> None:
    put_on_trip(post.school, "deputy")
    post.box.plan("rcpt", "451 later", "550 no such user")
    update = waiting(post.school)
    post.go()
    assert _heard(post, update)["Mrs Head Sample"] == (
        "not told yet: The mail server asks to come back later. We go on trying"
    )
    post.go(seconds=11)
    assert _states() == [("email", "failed")]
    assert records.reach_of(fresh(), post.school.head.id).mail_broken_at == post.school.clock.now
    trip = fresh().scalars(sa.select(Trip)).one()
    assert view.trip_troubles(post.school.house, fresh(), trip) == (
        "Mrs Head Sample cannot be told that something waits.",
    )
    choices.send_test(post.school.house, post.school.head)
    post.go()
    assert records.reach_of(fresh(), post.school.head.id).mail_broken_at is None


def test_a_dead_mail_server_is_shown_and_all_is_sent_once_it_is_back(post: Post) -> None:
    school = post.school
    put_on_trip(school, "deputy")
    post.box.plan("data", *["421 going away"] * 2)
    waiting(school)
    post.go()
    waiting(school)
    post.go(seconds=11)
    post.go(seconds=60)
    assert post.subjects("head") == ["2 updates are waiting for your decision"]


def test_a_mail_server_that_cannot_be_reached_shows_before_it_matters(school: factories.School) -> None:
    house = with_dead_mail(school)
    telling.look_at_mail_server(house)
    assert fresh().get_one(MailLook, 1).problem == "The mail server cannot be reached."
    trip = fresh().scalars(sa.select(Trip)).one()
    assert view.trip_troubles(house, fresh(), trip) == (
        "E-mail does not work at present: The mail server cannot be reached. The office should look at it.",
    )


def test_an_answer_that_never_came_is_sent_again_and_said_so(post: Post) -> None:
    put_on_trip(post.school, "deputy")
    post.box.hangs_up = True
    update = waiting(post.school)
    post.go()
    assert _states() == [("email", "pending")]
    post.box.hangs_up = False
    post.go(seconds=11)
    assert len(post.to("head")) == 2
    assert len({mail["Message-ID"] for mail in post.to("head")}) == 1
    assert _heard(post, update)["Mrs Head Sample"] == "told by e-mail 10:00 (perhaps twice)"


def test_a_kill_between_attempt_and_answer_tells_again_and_says_so(post: Post) -> None:
    put_on_trip(post.school, "deputy")
    update = waiting(post.school)
    post.school.clock.pass_(seconds=4)
    telling.gather(post.school.house)
    assert telling.claim(post.school.house) is not None  # and here it dies
    assert _states() == [("email", "sending")]
    assert telling.claim(post.school.house) is None
    telling.take_over(post.school.house)
    post.go()
    assert len(post.to("head")) == 1
    assert _heard(post, update)["Mrs Head Sample"] == "told by e-mail 10:00 (perhaps twice)"


def test_the_attempt_is_written_down_before_the_wire(post: Post) -> None:
    waiting(post.school)
    seen: list[list[tuple[str, str]]] = []
    post.school.clock.pass_(seconds=4)
    telling.gather(post.school.house)
    job = telling.claim(post.school.house)
    assert job is not None
    seen.append(_states())
    telling.carry_out(post.school.house, job)
    assert [("email", "sending") in states for states in seen] == [True]
    assert sorted(_states()) == [("email", "pending"), ("email", "sent")]


def test_it_is_given_up_after_a_day_and_shown(post: Post) -> None:
    put_on_trip(post.school, "deputy")
    post.box.plan("rcpt", *["451 later"] * 3)
    update = waiting(post.school)
    post.go()
    post.go(hours=24)
    post.go(hours=25)
    assert ("email", "failed") in _states()
    assert _heard(post, update)["Mrs Head Sample"] == "not told yet: The mail server asks to come back later"


def test_an_author_hears_by_mail_of_what_comes_back_and_by_push_of_an_approval(post: Post) -> None:
    school = post.school
    phone = with_phone(school, post.push, "author")
    done, back = waiting(school), waiting(school)
    journey.approve(school.house, school.head, done, school.digest(done))
    post.go()
    assert post.to("author") == []
    assert [each["title"] for each in post.push.words(phone)] == [
        "Your update was approved and is on its way"
    ]
    journey.reject(school.house, school.head, back, school.digest(back), "Not this one.")
    post.go()
    assert post.subjects("author") == ["Your update was rejected, with a reason"]
    assert [each["path"] for each in post.push.words(phone)] == [
        f"/staff/updates/{each}" for each in (done, back)
    ]


def test_an_approval_is_mailed_to_whoever_asked_for_it(post: Post) -> None:
    choices.set_hours(post.school.house, post.school.author, None, None, all_by_mail=True)
    approved(post.school)
    post.go()
    assert post.subjects("author") == ["Your update was approved and is on its way"]


@pytest.mark.parametrize(
    "news", [News.NEW_SIGN_IN, News.PASSWORD_CHANGED, News.PASSKEY_ADDED, News.CODES_CHANGED]
)
def test_news_of_an_account_goes_at_any_hour(post: Post, news: News) -> None:
    choices.set_hours(post.school.house, post.school.author, time(0, 0), time(23, 59), all_by_mail=False)
    with transaction() as session:
        records.tell(session, post.school.clock(), post.school.author.id, news)
    post.go(seconds=0)
    assert post.subjects("author") == ["A change to your account"]


def test_a_closed_account_hears_that_it_is_closed_and_nothing_else(post: Post) -> None:
    school = post.school
    phone = with_phone(school, post.push, "deputy")
    waiting(school)
    accounts.set_active(school.house, school.office, school.deputy.id, False)
    with transaction() as session:
        records.tell(session, school.clock(), school.deputy.id, News.ACCOUNT_CLOSED)
    post.go()
    (mail,) = post.to("deputy")
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Your account was closed by the school." in body.get_content()
    assert post.push.words(phone) == []
    assert records.phones_of(fresh(), school.deputy.id) == []


def test_nothing_is_told_while_everything_is_on_hold(post: Post) -> None:
    school = post.school
    holding.hold(school.house, school.head, "")
    update = waiting(school)
    post.go()
    assert post.to("head") == []
    assert _heard(post, update)["Mrs Head Sample"] == "not told while everything is on hold"
    holding.lift(school.house, school.head)
    post.go()
    assert post.subjects("head") == [ONE]


def test_without_a_mail_server_the_author_is_told_whom_to_ring(school: factories.School) -> None:
    update = waiting(school)
    assert not telling.step(school.house)
    told = view.who_was_told(school.house, fresh(), school.update(update))
    ring = ("cannot be told: no way of reaching them works. Ring them, or ask the office",)
    assert {each.name: each.words for each in told} == {"Mrs Head Sample": ring, "Mr Deputy Sample": ring}
    trip = fresh().scalars(sa.select(Trip)).one()
    assert view.NO_SERVER in view.trip_troubles(school.house, fresh(), trip)


def test_the_audit_says_who_was_told_by_which_way(post: Post) -> None:
    update = waiting(post.school)
    post.go()
    lines = fresh().scalars(sa.select(audit.Line).where(audit.Line.event == "told by email")).all()
    assert {tuple(line.subject.split()[:2]) for line in lines} == {
        (str(update), str(post.school.people[who].id)) for who in ("head", "deputy")
    }
    assert proving.first_bad(fresh()) is None


def test_nothing_is_left_sending(post: Post) -> None:
    waiting(post.school)
    post.go()
    assert {state for _, state in _states()} == {SendingState.SENT.value}
