"""One message to many families: each gets it once, one that goes wrong keeps nobody waiting, and who wants none gets none."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import School, count, settle, work
from tests.families import NUMBERS, arrived, families, family, orders, reach_by_notify, states
from tests.practice.running import RunningNotify, running_notify
from tripupdates import contacting, holding, left_since, office, receipts, standing, story, takedown
from tripupdates.approval import standings
from tripupdates.audit import Line
from tripupdates.database import fresh, transaction
from tripupdates.outbox import pauses, queue, worker
from tripupdates.outbox.records import Delivery
from tripupdates.trips.contacts import Contact
from tripupdates.vocabulary import Channel, DeliveryState, Receipt

pytestmark = pytest.mark.both_engines

TEXT, EMAIL = Channel.TEXT, Channel.EMAIL
ALL = list(NUMBERS.values())


@pytest.fixture
def notify(tmp_path: Path, school: School) -> Iterator[RunningNotify]:
    with running_notify(tmp_path / "notify") as notify:
        reach_by_notify(school, notify)
        yield notify


def shown(school: School, update: object) -> list[tuple[str, str, str]]:
    found = school.update(update)  # type: ignore[arg-type] # an id
    assert found.version is not None
    return [
        (each.state, each.words, each.problem)
        for each in standings.standings(school.house, fresh(), found, found.version)
        if each.channel in {TEXT, EMAIL}
    ]


def test_each_family_gets_the_words_once_and_nothing_else(school: School, notify: RunningNotify) -> None:
    families(school)
    update = arrived(school, TEXT, EMAIL)
    assert count(Delivery) == 10
    work(school, TEXT, EMAIL)
    assert sorted(notify.texts()) == [(number, "Arrived safely") for number in ALL]
    mails = notify.messages("email")
    assert sorted(each["to"] for each in mails) == [f"{name}@home.example" for name in NUMBERS]
    assert {each["subject"] for each in mails} == {"Arrived safely (Castle Residential)"}
    assert not any(name in each["text"] for each in mails for name in ("Ada", "Puddlewick"))
    assert all("http://localhost/messages/stop/" in each["text"] for each in mails)
    assert {each["reference"] for each in notify.messages()} == {
        str(row.id) for row in orders(school, update)
    }
    work(school, TEXT, EMAIL)
    assert len(notify.texts()) == 5


def test_a_number_that_two_children_share_gets_it_once(school: School, notify: RunningNotify) -> None:
    family(school, "Ada", NUMBERS["Ada"])
    family(school, "Bram", NUMBERS["Ada"])
    arrived(school)
    work(school, TEXT)
    assert notify.texts() == [(NUMBERS["Ada"], "Arrived safely")]


def test_the_attempt_is_written_down_before_the_wire(school: School, notify: RunningNotify) -> None:
    family(school, "Ada", NUMBERS["Ada"])
    update = arrived(school)
    assert worker.claim(school.house, TEXT) is not None
    (row,) = orders(school, update)
    assert (row.state, row.attempts, row.attempted_at) == (DeliveryState.SENDING, 1, school.clock())
    assert notify.texts() == []


def test_one_that_goes_wrong_keeps_no_other_waiting(school: School, notify: RunningNotify) -> None:
    known = families(school)
    update = arrived(school)
    notify.fault("send", "bad_number")
    notify.fault("send", "500_after")
    work(school, TEXT)
    assert sorted(states(school, update)) == ["refused", "sent", "sent", "sent", "unsure"]
    (refused,) = [row for row in orders(school, update) if row.state is DeliveryState.REFUSED]
    assert refused.recipient in known.values()
    contact = fresh().get_one(Contact, refused.recipient)
    assert contact.phone_problem == "GOV.UK Notify says that this is no mobile number."
    school.clock.pass_(seconds=61)
    work(school, TEXT)
    assert sorted(states(school, update)) == ["refused", "sent", "sent", "sent", "sent"]
    assert len(notify.texts()) == 4


def test_a_service_in_trial_mode_stops_the_way_once_and_what_is_odd_is_one_task_for_a_person(
    school: School, notify: RunningNotify
) -> None:
    families(school)
    update = arrived(school)
    notify.fault("send", "team_only", times=9)
    work(school, TEXT)
    (pause,) = pauses.until_mended(fresh(), school.clock())
    assert (pause.channel, notify.count("send"), states(school, update)) == (TEXT, 1, ["pending"] * 5)
    notify.clear()
    notify.fault("send", "other", times=9)
    office.try_channel_again(school.house, school.office, TEXT)
    work(school, TEXT)
    (stuck,) = queue.need_person(fresh())
    assert (stuck.count, stuck.about, notify.texts()) == (5, school.update(update).version_id, [])


@pytest.mark.parametrize("kind", ["500_after", "timeout_after", "reset_after", "unreadable_after"])
def test_what_arrived_without_an_answer_is_found_and_not_sent_again(
    school: School, notify: RunningNotify, kind: str
) -> None:
    family(school, "Ada", NUMBERS["Ada"])
    update = arrived(school)
    notify.fault("send", kind, seconds=1.5)
    work(school, TEXT)
    assert states(school, update) == ["unsure"]
    for _ in range(3):
        school.clock.pass_(seconds=61)
        work(school, TEXT)
    assert (states(school, update), len(notify.texts())) == (["sent"], 1)
    assert orders(school, update)[0].remote_id == notify.messages()[0]["id"]
    assert orders(school, update)[0].parts == 1


def test_what_never_arrived_is_sent_after_two_misses(school: School, notify: RunningNotify) -> None:
    family(school, "Ada", NUMBERS["Ada"])
    update = arrived(school)
    notify.fault("send", "500_before")
    work(school, TEXT)
    school.clock.pass_(seconds=61)
    work(school, TEXT)
    assert (states(school, update), notify.texts()) == (["unsure"], [])
    school.clock.pass_(seconds=61)
    work(school, TEXT)
    assert (states(school, update), len(notify.texts())) == (["sent"], 1)


def test_a_key_that_is_refused_stops_the_way_once_until_somebody_mends_it(
    school: School, notify: RunningNotify
) -> None:
    families(school)
    update = arrived(school)
    notify.fault("send", "403", times=9)
    work(school, TEXT)
    (pause,) = pauses.until_mended(fresh(), school.clock())
    assert (pause.channel, notify.count("send"), states(school, update)) == (TEXT, 1, ["pending"] * 5)
    notify.clear()
    office.try_channel_again(school.house, school.office, TEXT)
    work(school, TEXT)
    assert len(notify.texts()) == 5


def test_a_service_that_is_away_is_not_asked_for_each_family(school: School, notify: RunningNotify) -> None:
    families(school)
    notify.stop()
    notify.server.server_close()
    update = arrived(school)
    work(school, TEXT)
    assert sorted(row.attempts for row in orders(school, update)) == [0, 0, 0, 0, 1]
    assert states(school, update) == ["pending"] * 5


def test_a_contact_that_is_gone_or_opted_out_by_then_gets_nothing(
    school: School, notify: RunningNotify
) -> None:
    known = families(school)
    update = arrived(school)
    contacting.remove(school.house, school.office, school.slug, school.pupil("Ada"), known["Ada"])
    contacting.leave_out(
        school.house, school.office, school.slug, school.pupil("Bram"), known["Bram"], TEXT, True
    )
    work(school, TEXT)
    assert sorted(number for number, _ in notify.texts()) == ALL[2:]
    why = {row.problem for row in orders(school, update) if row.state is DeliveryState.STOPPED}
    assert why == {
        "The family’s number or address was taken off the list, so it was not sent.",
        "Somebody there wants no messages, so it was not sent.",
    }
    assert len(orders(school, arrived(school))) == 3  # the next one is not even ordered for them


def test_a_contact_that_goes_between_the_claim_and_the_wire_gets_nothing(
    school: School, notify: RunningNotify
) -> None:
    contact = family(school, "Ada", NUMBERS["Ada"])
    update = arrived(school)
    job = worker.claim(school.house, TEXT)
    assert job is not None
    contacting.remove(school.house, school.office, school.slug, school.pupil("Ada"), contact)
    worker.carry_out(school.house, job)
    work(school, TEXT)
    assert (states(school, update), notify.count("send")) == (["stopped"], 0)


def test_yesterdays_news_goes_to_nobody(school: School, notify: RunningNotify) -> None:
    families(school)
    update = arrived(school)
    school.clock.pass_(hours=25)
    work(school, TEXT)
    assert (set(states(school, update)), notify.texts()) == ({"stopped"}, [])


def test_messages_that_the_head_stops_go_to_no_further_family(school: School, notify: RunningNotify) -> None:
    families(school)
    update = arrived(school)
    for _ in range(2):
        worker.step(school.house, TEXT)
    standing.withdraw_wordings(school.house, school.head, school.slug)
    work(school, TEXT)
    assert (sorted(states(school, update)), len(notify.texts())) == (["sent"] * 2 + ["stopped"] * 3, 2)


def test_taking_it_down_stops_the_rest_and_says_what_nobody_can_call_back(
    school: School, notify: RunningNotify
) -> None:
    families(school)
    update = arrived(school, TEXT, EMAIL)
    worker.step(school.house, TEXT)
    notify.fault("send", "500_after")
    worker.step(school.house, TEXT)
    takedown.take_down(school.house, school.head, update, "Wrong trip.")
    assert sorted(states(school, update)) == ["sent", "stopped", "stopped", "stopped", "unsure"]
    assert set(states(school, update, EMAIL)) == {"stopped"}
    assert takedown.not_yet_gone(fresh()) == []  # nothing can be removed, so nothing is ordered
    receipt = receipts.of_update(fresh(), update)
    assert (receipt.removed, receipt.cannot_recall) == ((), (takedown.CANNOT_RECALL[TEXT],))
    school.clock.pass_(seconds=61)
    work(school, TEXT, EMAIL)
    assert len(notify.texts()) == 2
    page = school.client("office").get(f"/office/receipts/updates/{update}").text
    assert "Text messages that families have received." in page


def test_what_was_in_doubt_and_never_arrived_is_not_sent_once_it_is_taken_down(
    school: School, notify: RunningNotify
) -> None:
    family(school, "Ada", NUMBERS["Ada"])
    update = arrived(school)
    notify.fault("send", "500_before")
    work(school, TEXT)
    takedown.take_down(school.house, school.head, update, "Wrong trip.")
    for _ in range(3):
        school.clock.pass_(seconds=61)
        work(school, TEXT)
    assert (states(school, update), notify.texts()) == (["stopped"], [])


def test_what_needs_a_person_is_one_task_for_all_families(school: School, notify: RunningNotify) -> None:
    families(school)
    update = arrived(school)
    settle(school, update, TEXT, DeliveryState.NEEDS_PERSON, problem="Odd.")
    (stuck,) = queue.need_person(fresh())
    assert (stuck.count, stuck.order.problem, stuck.order.update_id) == (5, "Odd.", update)
    page = school.client("office").get("/office/").text
    assert (page.count("5 families:</strong> Odd."), page.count("Say what now")) == (1, 1)
    office.try_again(school.house, school.office, stuck.order.id)
    assert queue.need_person(fresh()) == []
    work(school, TEXT)
    assert len(notify.texts()) == 5


def test_pages_show_one_line_for_each_way_and_never_a_family(school: School, notify: RunningNotify) -> None:
    families(school)
    update = arrived(school, TEXT, EMAIL)
    assert shown(school, update) == [("waiting", "0 of 5 sent", ""), ("waiting", "0 of 5 sent", "")]
    notify.fault("send", "bad_number")
    notify.state.ends[NUMBERS["Esme"]] = "permanent-failure"
    notify.state.arrives_after = timedelta(0)
    work(school, TEXT, EMAIL)
    school.clock.pass_(seconds=11)
    work(school, TEXT, EMAIL)
    text, mail = shown(school, update)
    refused = [row for row in orders(school, update) if row.state is DeliveryState.REFUSED]
    delivered = 4 if refused[0].recipient and NUMBERS["Esme"] not in [to for to, _ in notify.texts()] else 3
    lost = "" if delivered == 4 else ", 1 not delivered: number not in use, or it takes none"
    assert text == (
        "sent",
        f"4 of 5 sent, {delivered} delivered{lost}, 1 refused",
        "1: GOV.UK Notify says that this is no mobile number.",
    )
    assert mail == ("sent", "5 of 5 sent, 5 delivered", "")
    for who, path in (("author", "/staff/"), ("author", f"/staff/updates/{update}"), ("head", "/review/")):
        page = school.client(who).get(path).text
        assert page.count("of 5 sent") == 2
        assert not any(number[3:] in page for number in ALL)


def test_a_trip_without_numbers_says_so(school: School, notify: RunningNotify) -> None:
    update = arrived(school, TEXT, Channel.FAMILIES)
    work(school, Channel.FAMILIES, TEXT)
    assert shown(school, update) == [("stopped", "Nobody to send it to: no family had a number here", "")]
    assert school.deliveries(update) == {"families": "sent"}


def test_the_story_tells_it_once_for_all_families(school: School, notify: RunningNotify) -> None:
    families(school)
    update = arrived(school)
    work(school, TEXT)
    _, told = story.story(school.house, fresh(), school.head, update)
    said = [(each.text, each.times) for each in told if each.text.startswith("Text message")]
    assert said == [("Text message: on its way.", 5), ("Text message: it is there.", 5)]


def test_after_a_restore_what_was_waiting_is_looked_up_before_it_goes(
    school: School, notify: RunningNotify
) -> None:
    families(school)
    update = arrived(school)
    for _ in range(2):
        worker.step(school.house, TEXT)
    kept = [row.id for row in orders(school, update) if row.state is DeliveryState.SENT]
    with transaction() as session:  # as the backup had it: nothing was sent yet
        for each in kept:
            row = session.get_one(Delivery, each)
            row.state, row.remote_id, row.attempted_at = DeliveryState.PENDING, "", None
        left_since.in_doubt(session, school.clock())
    assert states(school, update) == ["unsure"] * 5
    for _ in range(4):
        work(school, TEXT)
        school.clock.pass_(seconds=61)
    assert (states(school, update), len(notify.texts())) == (["sent"] * 5, 5)


def test_the_audit_holds_no_number_and_no_address(school: School, notify: RunningNotify) -> None:
    families(school)
    arrived(school, TEXT, EMAIL)
    work(school, TEXT, EMAIL)
    lines = " ".join(line.subject for line in fresh().query(Line))
    assert not any(number in lines for number in ALL)
    assert "@" not in lines


def test_a_receipt_is_asked_for_less_and_less_often_and_given_up_after_three_days(
    school: School, notify: RunningNotify
) -> None:
    family(school, "Ada", NUMBERS["Ada"])
    update = arrived(school)
    notify.state.arrives_after = timedelta(days=30)
    work(school, TEXT)
    (row,) = orders(school, update)
    while row.ask_at is not None:
        school.clock.now = row.ask_at
        work(school, TEXT)
        (row,) = orders(school, update)
    assert (row.receipt, row.ask_at) == (Receipt.UNKNOWN, None)
    assert timedelta(hours=72) <= school.clock() - (row.settled_at or school.clock()) < timedelta(hours=73)
    assert 10 < notify.count("get") < 20
    assert shown(school, update)[0][1] == "1 of 1 sent, 1 sent, and nobody says whether they arrived"


def test_a_receipt_that_cannot_be_asked_for_waits_and_the_service_own_count_of_parts_holds(
    school: School, notify: RunningNotify
) -> None:
    families(school)
    update = arrived(school)
    work(school, TEXT)
    asked = notify.count("get")
    notify.fault("get", "403")
    school.clock.pass_(seconds=11)
    work(school, TEXT)
    assert notify.count("get") == asked + 1  # whoever does not answer for one is not asked for four more
    assert {row.receipt for row in orders(school, update)} == {Receipt.WAITING}
    notify.state.arrives_after = timedelta(0)
    notify.state.ends[NUMBERS["Ada"]] = "technical-failure"
    school.clock.pass_(seconds=61)
    work(school, TEXT)
    assert sorted((row.receipt or "", row.parts) for row in orders(school, update)) == [
        (Receipt.DELIVERED, 1),
        (Receipt.DELIVERED, 1),
        (Receipt.DELIVERED, 1),
        (Receipt.DELIVERED, 1),
        (Receipt.TECHNICAL, 0),
    ]


def test_what_became_of_the_last_message_stands_beside_the_contact(
    school: School, notify: RunningNotify
) -> None:
    contact = family(school, "Ada", NUMBERS["Ada"])
    notify.state.arrives_after = timedelta(0)
    notify.state.ends[NUMBERS["Ada"]] = "permanent-failure"
    said = []
    for _ in range(2):
        arrived(school)
        work(school, TEXT)
        school.clock.pass_(seconds=11)
        work(school, TEXT)
        said.append(fresh().get_one(Contact, contact).phone_problem)
        notify.state.ends.clear()
    assert said == [
        "The last text message was not delivered: the number is not in use, or takes none.",
        "",
    ]


def test_nothing_goes_out_while_everything_is_on_hold(school: School, notify: RunningNotify) -> None:
    families(school)
    arrived(school)
    holding.hold(school.house, school.head)
    work(school, TEXT)
    assert notify.texts() == []
    holding.lift(school.house, school.head)
    work(school, TEXT)
    assert len(notify.texts()) == 5
