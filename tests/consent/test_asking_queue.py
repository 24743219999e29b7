"""Asking all families by text or e-mail: a link of its own for each contact, made when it is sent, and never twice."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.consent.test_asking import everything_kept
from tests.factories import School, count, work
from tests.families import NUMBERS, arrived, families, family, reach_by_mail, reach_by_notify
from tests.practice.running import RunningNotify, running_notify
from tests.practice.telling import running_mail
from tripupdates import asking, asking_all, asking_story, audit, contacting, holding, prices
from tripupdates.consent import links
from tripupdates.consent.links import Link
from tripupdates.consent.requests import ConsentRequest
from tripupdates.database import fresh
from tripupdates.outbox import pauses, worker
from tripupdates.trips.contacts import Contact
from tripupdates.vocabulary import Channel, Conflict, DeliveryState, Forbidden, Receipt, Refused

TEXT, EMAIL = Channel.TEXT, Channel.EMAIL


@pytest.fixture
def notify(tmp_path_factory: pytest.TempPathFactory, school: School) -> Iterator[RunningNotify]:
    with running_notify(tmp_path_factory.mktemp("notify")) as notify:
        reach_by_notify(school, notify)
        yield notify


def ask(school: School, way: Channel = TEXT, seen: int = 99) -> int:
    return asking_all.ask(school.house, school.office, school.slug, way, seen)


def offer(school: School, way: Channel = TEXT) -> asking_all.Offer:
    return asking_all.offer(school.house, school.slug, way)


def requests(*states: DeliveryState) -> list[ConsentRequest]:
    found = fresh().scalars(sa.select(ConsentRequest).order_by(ConsentRequest.asked_at, ConsentRequest.id))
    return [row for row in found if not states or row.state in states]


def child_of(school: School, text: str) -> str:
    token = text.split("http://localhost/consent/")[1].split(maxsplit=1)[0]
    return asking.opened(school.house, token).pupil.forename


@pytest.mark.both_engines
def test_each_family_gets_a_link_of_its_own_by_text(school: School, notify: RunningNotify) -> None:
    families(school)
    assert (offer(school).families, offer(school).quote.words) == (
        5,
        "5 texts of 2 parts: 10 of 5,000 left free this year; £0.00.",
    )
    assert ask(school) == 5
    assert count(Link) == 0  # a link is made when it is sent
    work(school, TEXT)
    sent = {number: child_of(school, text) for number, text in notify.texts()}
    assert sent == {number: name for name, number in NUMBERS.items()}
    assert {row.state for row in requests()} == {DeliveryState.SENT}
    assert prices.this_year(school.house, fresh()).used == sum(row.parts for row in requests()) == 10


def test_a_mail_names_the_first_name_alone_and_says_how_to_stop(
    school: School, notify: RunningNotify
) -> None:
    families(school)
    ask(school, EMAIL)
    work(school, EMAIL)
    for mail in notify.messages("email"):
        assert mail["subject"] == "Castle Residential: may your child be in pictures?"
        assert child_of(school, mail["text"]) == mail["to"].partition("@")[0]
        assert "Puddlewick" not in mail["text"]
        assert "http://localhost/messages/stop/" in mail["text"]


def test_no_token_number_or_address_is_kept_with_the_asking(school: School, notify: RunningNotify) -> None:
    family(school, "Ada", NUMBERS["Ada"])
    ask(school)
    work(school, TEXT)
    token = notify.texts()[0][1].split("/consent/")[1].split()[0]
    assert token not in everything_kept(school)
    lines = " ".join(fresh().scalars(sa.select(audit.Line.subject)))
    assert NUMBERS["Ada"] not in lines


def test_siblings_and_two_households_get_a_link_each(school: School, notify: RunningNotify) -> None:
    family(school, "Ada", NUMBERS["Ada"])
    family(school, "Ada", "+447700900150")
    family(school, "Bram", NUMBERS["Ada"])
    assert offer(school).families == 2
    ask(school)
    work(school, TEXT)
    assert sorted((number, child_of(school, text)) for number, text in notify.texts()) == [
        (NUMBERS["Ada"], "Ada"),
        (NUMBERS["Ada"], "Bram"),
        ("+447700900150", "Ada"),
    ]


def test_a_second_press_asks_nobody_again_within_a_day_and_a_reminder_later_says_so(
    school: School, notify: RunningNotify
) -> None:
    families(school)
    ask(school)
    for _ in range(2):
        with pytest.raises(Refused, match="nobody left to ask"):
            ask(school)
        work(school, TEXT)
    assert (offer(school).lately, offer(school).to) == (5, ())
    school.clock.pass_(hours=25)
    assert ask(school) == 5
    work(school, TEXT)
    assert ["a reminder" in text for _, text in notify.texts()] == [False] * 5 + [True] * 5


def test_who_has_answered_wants_none_or_has_no_number_is_left_aside(
    school: School, notify: RunningNotify
) -> None:
    known = families(school)
    where = (school.house, school.office, school.slug)
    contacting.leave_out(*where, school.pupil("Ada"), known["Ada"], TEXT, True)
    contacting.remove(*where, school.pupil("Bram"), known["Bram"])
    (link,) = asking.make_links(school.house, school.office, school.slug, school.pupils("Cleo"))
    asking.answer(school.house, link.token, dict.fromkeys(asking.places(school.house), True))
    now = offer(school)
    assert (now.families, now.left_out, now.without) == (2, 1, 1)
    ask(school)
    work(school, TEXT)
    assert sorted(number for number, _ in notify.texts()) == [NUMBERS["Dev"], NUMBERS["Esme"]]


@pytest.mark.both_engines
def test_whoever_answers_opts_out_or_goes_before_it_is_sent_gets_nothing(
    school: School, notify: RunningNotify
) -> None:
    known = families(school)
    ask(school)
    where = (school.house, school.office, school.slug)
    contacting.leave_out(*where, school.pupil("Ada"), known["Ada"], TEXT, True)
    contacting.remove(*where, school.pupil("Bram"), known["Bram"])
    (link,) = asking.make_links(school.house, school.office, school.slug, school.pupils("Cleo"))
    asking.answer(school.house, link.token, dict.fromkeys(asking.places(school.house), False))
    work(school, TEXT)
    assert sorted(number for number, _ in notify.texts()) == [NUMBERS["Dev"], NUMBERS["Esme"]]
    assert sorted(row.problem for row in requests(DeliveryState.STOPPED)) == [
        "Somebody there wants no messages, so it was not sent.",
        "The family has answered meanwhile, so it was not sent.",
        "The family’s number or address was taken off the list, so it was not sent.",
    ]
    assert count(Link) == 3


def test_nothing_is_sent_once_the_trip_is_over_or_while_everything_is_on_hold(
    school: School, notify: RunningNotify
) -> None:
    families(school)
    ask(school)
    holding.hold(school.house, school.head)
    work(school, TEXT)
    assert notify.texts() == []
    holding.lift(school.house, school.head)
    school.clock.pass_(days=20)
    work(school, TEXT)
    assert (notify.texts(), {row.state for row in requests()}) == ([], {DeliveryState.STOPPED})
    with pytest.raises(Refused, match="some weeks ago"):
        ask(school)


def test_what_was_approved_goes_before_what_is_asked(school: School, notify: RunningNotify) -> None:
    families(school)
    ask(school)
    arrived(school)
    for _ in range(5):
        worker.step(school.house, TEXT)
    assert {text for _, text in notify.texts()} == {"Arrived safely"}


def test_more_than_the_page_told_of_are_not_asked(school: School, notify: RunningNotify) -> None:
    families(school)
    with pytest.raises(Conflict, match="more families to ask by now"):
        ask(school, seen=4)
    assert count(ConsentRequest) == 0


def test_only_the_office_asks_and_only_by_ways_that_there_are(school: School) -> None:
    families(school)
    with pytest.raises(Refused, match="has not set up this way"):
        ask(school)
    with pytest.raises(Forbidden):
        asking_all.ask(school.house, school.author, school.slug, TEXT, 9)
    with pytest.raises(Forbidden):
        asking_all.try_again(school.house, school.head, school.slug, TEXT)


def test_a_link_that_surely_reached_nobody_is_deleted(school: School, notify: RunningNotify) -> None:
    contact = family(school, "Ada", NUMBERS["Ada"])
    ask(school)
    notify.fault("send", "bad_number")
    work(school, TEXT)
    (row,) = requests()
    assert (row.state, row.link_id, count(Link)) == (DeliveryState.REFUSED, None, 0)
    assert fresh().get_one(Contact, contact).phone_problem == row.problem
    said = [each.text for each in asking_story.told(fresh(), school.pupil("Ada"), [])]
    assert said == [
        "It could not be sent by text message, so its link was deleted.",
        "Ms Office Sample had a link sent to the family, by text message.",
    ]


def test_what_arrived_without_an_answer_is_found_and_its_link_works(
    school: School, notify: RunningNotify
) -> None:
    family(school, "Ada", NUMBERS["Ada"])
    ask(school)
    notify.fault("send", "500_after")
    work(school, TEXT)
    assert [row.state for row in requests()] == [DeliveryState.UNSURE]
    school.clock.pass_(seconds=61)
    work(school, TEXT)
    (row,) = requests()
    ((_, text),) = notify.texts()
    assert (row.state, row.parts, child_of(school, text)) == (DeliveryState.SENT, 2, "Ada")


def test_what_never_arrived_goes_again_with_another_link(school: School, notify: RunningNotify) -> None:
    family(school, "Ada", NUMBERS["Ada"])
    ask(school)
    notify.fault("send", "500_before")
    for _ in range(3):
        work(school, TEXT)
        school.clock.pass_(seconds=61)
    ((_, text),) = notify.texts()
    assert (requests()[0].attempts, child_of(school, text), count(Link)) == (2, "Ada", 2)


def test_a_closed_account_stops_it_once_and_the_links_that_did_not_leave_are_gone(
    school: School, notify: RunningNotify
) -> None:
    families(school)
    ask(school)
    notify.fault("send", "403", times=9)
    work(school, TEXT)
    assert (notify.count("send"), count(Link)) == (1, 0)
    assert len(pauses.until_mended(fresh(), school.clock())) == 1
    assert {row.state for row in requests()} == {DeliveryState.PENDING}


def test_what_became_of_each_is_asked_for_and_shown(school: School, notify: RunningNotify) -> None:
    families(school)
    ask(school)
    notify.state.arrives_after = timedelta(0)
    notify.state.ends[NUMBERS["Ada"]] = "permanent-failure"
    work(school, TEXT)
    school.clock.pass_(seconds=11)
    work(school, TEXT)
    assert sorted(row.receipt or "" for row in requests()) == [
        *[Receipt.DELIVERED] * 4,
        Receipt.PERMANENT,
    ]
    page = school.client("office").get(f"/office/trips/{school.slug}/asking").text
    assert (page.count("by text: delivered"), page.count("by text: not delivered")) == (4, 1)
    for who in ("author", "head"):
        page = school.client(who).get(f"/staff/trips/{school.slug}/answers").text
        assert page.count("Asked Monday 3 May, 10:00, by text: delivered") == 4


def test_by_the_schools_own_mail_server_at_most_twice(school: School, tmp_path: Path) -> None:
    with running_mail(tmp_path / "mails") as (box, server):
        reach_by_mail(school, server)
        family(school, "Ada", email="ada@home.example")
        ask(school, EMAIL)
        box.hangs_up = True
        work(school, EMAIL)
        (row,) = requests()
        assert (row.state, len(box.mails())) == (DeliveryState.NEEDS_PERSON, 2)
        assert len({mail["Message-ID"] for mail in box.mails()}) == 1
        tokens = {str(mail.get_body(("plain",))).split("/consent/")[1].split()[0] for mail in box.mails()}
        assert len(tokens) == 2  # whichever copy a mail program shows, its link opens
        assert {asking.opened(school.house, token).pupil.forename for token in tokens} == {"Ada"}
        page = school.client("office").get(f"/office/trips/{school.slug}/asking").text
        assert "1 needs a person." in page
        box.hangs_up = False
        assert asking_all.try_again(school.house, school.office, school.slug, EMAIL) == 1


def test_a_letter_that_was_printed_is_no_reason_not_to_ask_by_text(
    school: School, notify: RunningNotify
) -> None:
    families(school)
    asking.make_links(school.house, school.office, school.slug, None)
    assert offer(school).families == 5
    assert len(links.of_pupil(fresh(), school.pupil("Ada"))) == 1
