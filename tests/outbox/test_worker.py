"""Laws 3 and 6 in the outbox: the attempt is written down first, an unknown outcome is looked up, consent is asked last.

X is a real channel here, speaking to a practice X over a loopback socket.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from tests import factories
from tests.factories import (
    EVERYWHERE,
    School,
    all_consent,
    approved,
    consent,
    on_a_server,
    open_school,
    settle,
    work,
)
from tests.practice.running import Running, running_x
from tripupdates import takedown
from tripupdates.channels.contract import Post
from tripupdates.channels.x import X
from tripupdates.channels.x_account import XAccount
from tripupdates.consent.records import Answer
from tripupdates.database import fresh, transaction
from tripupdates.outbox import pauses, queue, worker
from tripupdates.outbox.records import Delivery
from tripupdates.vocabulary import PAGES, Channel, DeliveryState, Order

pytestmark = pytest.mark.both_engines

SETTLE = timedelta(seconds=60)


@pytest.fixture
def x(tmp_path: Path) -> Iterator[Running]:
    with running_x(tmp_path / "x") as x:
        yield x


@pytest.fixture
def school(tmp_path: Path, x: Running, engine: str) -> Iterator[School]:
    server: dict[str, Any] = {"database_url": on_a_server()} if engine == "postgresql" else {}
    changes = server | {
        "x_api_base": x.base,
        "x_handle": x.keys.handle,
        "x_consumer_key": x.keys.consumer_key,
        "x_consumer_secret": x.keys.consumer_secret,
        "x_access_token": x.keys.access_token,
        "x_access_token_secret": x.keys.access_token_secret,
    }
    folder = tmp_path / "school"
    folder.mkdir()
    with open_school(folder, **changes) as school:
        account = XAccount(
            api_base=x.base,
            handle=x.keys.handle,
            consumer_key=x.keys.consumer_key,
            consumer_secret=x.keys.consumer_secret,
            access_token=x.keys.access_token,
            access_token_secret=x.keys.access_token_secret,
        )
        school.house.places[Channel.X] = X(account, timeout=1.0, settle=SETTLE, misses_needed=2)  # type: ignore[index] # a dict underneath
        school.clock.now = factories.datetime.now(factories.UTC)  # look-ups compare with the peer's clock
        yield school


def _two(school: School) -> tuple[UUID, UUID]:
    """Two updates, approved one after the other."""
    first = approved(school, text="The first.")
    school.clock.pass_(seconds=1)
    return first, approved(school, text="The second.")


def _x(school: School) -> bool:
    return worker.step(school.house, Channel.X)


def test_an_approved_update_is_posted_once_with_its_picture_and_alt_text(school: School, x: Running) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"))
    work(school, Channel.X)
    posts = x.posts()
    assert [(post["text"], len(post["media"])) for post in posts] == [("We climbed the castle tower.", 1)]
    assert posts[0]["media"][0]["alt_text"] == "The group at the tower."
    row = school.delivery(update, Channel.X)
    assert (row.state, row.remote_id) == (DeliveryState.SENT, posts[0]["id"])
    assert row.link.endswith(posts[0]["id"])


def test_the_attempt_is_written_down_before_the_wire(school: School, x: Running) -> None:
    update = approved(school)
    job = worker.claim(school.house, Channel.X)
    assert job is not None
    row = school.delivery(update, Channel.X)
    assert (row.state, row.attempts, row.attempted_at) == (DeliveryState.SENDING, 1, school.clock())
    assert x.posts() == []


def test_what_a_dead_worker_left_is_looked_up_twice_before_it_is_sent_again(
    school: School, x: Running
) -> None:
    update = approved(school)
    worker.claim(school.house, Channel.X)
    worker.take_over(school.house, Channel.X)
    assert school.delivery(update, Channel.X).state is DeliveryState.UNSURE
    assert not _x(school)  # not before it has settled
    for misses in (1, 0):
        school.clock.pass_(seconds=80)  # an attempt can last 12 s, and 60 s later it must show
        assert _x(school)
        assert school.delivery(update, Channel.X).misses == misses
        assert x.posts() == []
    work(school, Channel.X)
    assert len(x.posts()) == 1
    assert school.deliveries(update)["x"] == "sent"


@pytest.mark.parametrize("kind", ["500_after", "timeout_after", "reset_after", "unreadable_after"])
def test_a_post_that_arrived_without_an_answer_is_found_and_not_sent_again(
    school: School, x: Running, kind: str
) -> None:
    update = approved(school)
    x.fault("tweets", kind, seconds=2.5)
    work(school, Channel.X)
    assert school.delivery(update, Channel.X).state is DeliveryState.UNSURE
    school.clock.pass_(seconds=61)
    work(school, Channel.X)
    assert (school.deliveries(update)["x"], len(x.posts())) == ("sent", 1)
    assert school.delivery(update, Channel.X).remote_id == x.posts()[0]["id"]


@pytest.mark.parametrize("kind", ["500_before", "reset_before"])
def test_a_post_that_never_arrived_is_sent_after_two_misses(school: School, x: Running, kind: str) -> None:
    update = approved(school)
    x.fault("tweets", kind)
    for _ in range(4):
        work(school, Channel.X)
        school.clock.pass_(seconds=61)
    assert (school.deliveries(update)["x"], len(x.posts())) == ("sent", 1)


def test_a_full_quota_waits_for_the_time_it_names(school: School, x: Running) -> None:
    update = approved(school)
    x.fault("tweets", "429", seconds=600)
    work(school, Channel.X)
    row = school.delivery(update, Channel.X)
    assert row.state is DeliveryState.PENDING
    assert row.due - school.clock() > timedelta(minutes=8)
    assert row.problem
    school.clock.pass_(minutes=11)
    work(school, Channel.X)
    assert len(x.posts()) == 1


@pytest.mark.parametrize("kind", ["402", "401", "403"])
def test_an_account_that_a_person_must_mend_stops_the_whole_channel_once_and_goes_on_when_told(
    school: School, x: Running, kind: str
) -> None:
    first, second = _two(school)
    x.fault("tweets", kind)
    work(school, *EVERYWHERE)
    (pause,) = pauses.until_mended(fresh(), school.clock())
    assert (pause.channel, pause.problem) == (Channel.X, school.delivery(second, Channel.X).problem)
    assert school.deliveries(first) == {"families": "sent", "website": "sent", "x": "pending"}
    assert x.count("tweets") == 1
    school.clock.pass_(hours=30)  # however long it takes, nothing is given up
    work(school, Channel.X)
    assert x.count("tweets") == 1
    factories.office.try_channel_again(school.house, school.office, Channel.X)
    assert school.delivery(second, Channel.X).problem == ""
    work(school, Channel.X)
    assert [post["text"] for post in x.posts()] == ["The second.", "The first."]  # the newest first
    assert pauses.until_mended(fresh(), school.clock()) == []


def test_what_must_come_down_does_not_wait_for_the_button(school: School, x: Running) -> None:
    update = approved(school)
    work(school, Channel.X)
    other = approved(school, text="Another.")
    x.fault("tweets", "402")
    work(school, Channel.X)
    takedown.take_down(school.house, school.head, update, "Too soon.")
    work(school, Channel.X)
    assert (x.posts(), takedown.not_yet_gone(fresh())) == ([], [])
    assert school.deliveries(other)["x"] == "pending"


def test_a_limit_on_posts_stops_posts_until_its_time_and_no_removal(school: School, x: Running) -> None:
    out = approved(school, text="Out.")
    work(school, Channel.X)
    first, second = _two(school)
    school.clock.now = factories.datetime.now(factories.UTC)
    x.fault("tweets", "429", seconds=600)
    work(school, Channel.X)
    asked = x.count("tweets")
    takedown.take_down(school.house, school.head, out, "Too soon.")
    school.clock.pass_(minutes=9)
    work(school, Channel.X)
    assert (x.count("tweets"), x.posts()) == (asked, [])
    school.clock.pass_(minutes=2)
    work(school, Channel.X)
    assert [post["text"] for post in x.posts()] == ["The second.", "The first."]
    assert {school.deliveries(each)["x"] for each in (first, second)} == {"sent"}


def test_posts_stand_in_the_order_of_their_approvals_though_the_first_was_in_doubt(
    school: School, x: Running
) -> None:
    first, second = _two(school)
    x.fault("tweets", "500_before")
    work(school, Channel.X)
    assert school.deliveries(first)["x"] == "unsure"
    assert school.deliveries(second)["x"] == "pending"
    for _ in range(3):
        school.clock.pass_(seconds=61)
        work(school, Channel.X)
    assert [post["text"] for post in x.posts()] == ["The second.", "The first."]


def test_what_needs_a_person_keeps_no_later_post_waiting(school: School, x: Running) -> None:
    first, second = _two(school)
    x.fault("tweets", "500_before")
    work(school, Channel.X)
    x.fault("timeline", "500_before", times=50)
    for _ in range(12):
        school.clock.pass_(minutes=6)
        work(school, Channel.X, limit=3)
    assert school.deliveries(first)["x"] == "needs_person"
    assert school.deliveries(second)["x"] == "sent"


def test_a_duplicate_refusal_is_no_proof_and_is_looked_up(school: School, x: Running) -> None:
    update = approved(school)
    x.fault("tweets", "duplicate")
    work(school, Channel.X)
    assert school.delivery(update, Channel.X).state is DeliveryState.UNSURE


def test_a_look_up_that_fails_for_half_an_hour_is_a_persons(school: School, x: Running) -> None:
    update = approved(school)
    worker.claim(school.house, Channel.X)
    worker.take_over(school.house, Channel.X)
    x.fault("timeline", "500_before", times=50)
    for _ in range(12):
        school.clock.pass_(minutes=6)
        work(school, Channel.X, limit=3)
    row = school.delivery(update, Channel.X)
    assert (row.state, row.attempted_at is None) == (DeliveryState.NEEDS_PERSON, False)
    x.clear()
    factories.office.try_again(school.house, school.office, row.id)
    assert school.delivery(update, Channel.X).state is DeliveryState.UNSURE


def test_consent_is_asked_again_right_before_the_send(school: School, x: Running) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"))
    ada = school.pupil("Ada")
    # Past the step that would have stopped it: the last door must hold by itself.
    with transaction() as session:
        session.add(
            Answer(
                pupil_id=ada,
                channel=Channel.X,
                yes=False,
                note="by hand",
                by=school.office.id,
                at=school.clock(),
            )
        )
    work(school, Channel.X)
    assert (school.deliveries(update)["x"], x.posts()) == ("stopped", [])


def test_approval_is_asked_again_right_before_the_send(school: School, x: Running) -> None:
    update = approved(school)
    with transaction() as session:
        session.execute(sa.text("UPDATE decision SET digest = 'another'"))
    school.tampered = True
    work(school, Channel.X)
    assert (school.deliveries(update)["x"], x.posts()) == ("stopped", [])


def test_a_withdrawn_consent_takes_the_post_down_and_the_words_stay_on_the_pages(
    school: School, x: Running
) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"))
    work(school, *EVERYWHERE)
    consent(school, {"Ada": EVERYWHERE}, yes=False)
    work(school, *EVERYWHERE)
    assert x.posts() == []
    assert set(school.deliveries(update, Order.REMOVE).values()) == {"sent"}
    page = (school.house.settings.families / school.slug / "index.html").read_text("utf-8")
    assert "castle tower" in page
    assert "<img" not in page


def test_a_removal_waits_for_a_post_on_the_wire_then_removes_it(school: School, x: Running) -> None:
    update = approved(school)
    x.fault("tweets", "500_after")
    work(school, Channel.X)
    takedown.take_down(school.house, school.head, update, "Too soon.")
    work(school, Channel.X)
    assert (len(x.posts()), school.deliveries(update, Order.REMOVE)["x"]) == (1, "pending")
    for _ in range(3):
        school.clock.pass_(seconds=61)
        work(school, Channel.X)
    assert (x.posts(), school.deliveries(update, Order.REMOVE)["x"]) == ([], "sent")


def test_a_removal_is_retried_until_it_is_confirmed(school: School, x: Running) -> None:
    update = approved(school)
    work(school, Channel.X)
    takedown.take_down(school.house, school.head, update, "Too soon.")
    x.fault("delete", "500_before", times=2)
    work(school, Channel.X)
    assert (len(x.posts()), len(takedown.not_yet_gone(fresh()))) == (1, 1)
    for _ in range(3):
        school.clock.pass_(minutes=6)
        work(school, Channel.X)
    assert (x.posts(), takedown.not_yet_gone(fresh())) == ([], [])


def test_a_post_that_cannot_be_looked_for_is_not_called_gone(school: School, x: Running) -> None:
    update = approved(school)
    x.fault("tweets", "500_after")
    work(school, Channel.X)
    takedown.take_down(school.house, school.head, update, "Too soon.")
    x.fault("timeline", "401", times=2)
    for _ in range(2):
        school.clock.pass_(minutes=6)
        work(school, Channel.X)
    assert school.delivery(update, Channel.X).state is DeliveryState.UNSURE
    assert len(pauses.until_mended(fresh(), school.clock())) == 1
    assert (len(x.posts()), len(takedown.not_yet_gone(fresh()))) == (1, 1)
    x.clear()
    school.clock.pass_(minutes=6)
    for _ in range(3):
        school.clock.pass_(seconds=61)
        work(school, Channel.X)
    assert (x.posts(), takedown.not_yet_gone(fresh())) == ([], [])


def test_a_taken_down_post_that_was_never_found_is_not_sent_again(school: School, x: Running) -> None:
    update = approved(school)
    x.fault("tweets", "500_before")
    work(school, Channel.X)
    takedown.take_down(school.house, school.head, update, "Too soon.")
    for _ in range(6):
        school.clock.pass_(seconds=61)
        work(school, Channel.X)
    assert (x.posts(), school.deliveries(update)["x"]) == ([], "stopped")
    assert len(takedown.not_yet_gone(fresh())) == 1  # it is looked for again, in case it appears late
    for minutes in (6, 61):
        school.clock.pass_(minutes=minutes)
        work(school, Channel.X)
    assert takedown.not_yet_gone(fresh()) == []


@pytest.mark.parametrize("minutes", [(4,), (6, 50)])
def test_a_post_that_appears_long_after_its_attempt_comes_down(
    school: School, x: Running, minutes: tuple[int, ...]
) -> None:
    school.clock.now = factories.datetime.now(factories.UTC)
    update = approved(school)
    x.fault("tweets", "500_before")
    work(school, Channel.X)
    takedown.take_down(school.house, school.head, update, "Too soon.")
    for _ in range(6):
        school.clock.pass_(seconds=61)
        work(school, Channel.X)
    for wait in minutes:
        school.clock.pass_(minutes=wait)
        work(school, Channel.X)
    school.house.places[Channel.X].publish(Post("We climbed the castle tower."))
    for _ in range(2):
        school.clock.pass_(minutes=61)
        work(school, Channel.X)
    assert (x.posts(), takedown.not_yet_gone(fresh())) == ([], [])


def test_an_x_that_cannot_be_reached_delays_no_page(school: School, x: Running) -> None:
    update = approved(school)
    x.stop()
    work(school, *EVERYWHERE)
    assert school.deliveries(update) == {"families": "sent", "website": "sent", "x": "pending"}
    assert school.delivery(update, Channel.X).attempted_at is None


def test_what_cannot_be_sent_for_a_day_is_a_persons(school: School, x: Running) -> None:
    update = approved(school)
    x.stop()
    school.clock.pass_(hours=25)
    work(school, Channel.X)
    assert school.deliveries(update)["x"] == "needs_person"


def test_an_order_is_given_once(school: School) -> None:
    update = approved(school)
    version = school.update(update).version_id
    assert version is not None
    with transaction() as session:
        queue.enqueue(session, Order.PUBLISH, Channel.X, update, version, school.clock())
    assert fresh().scalar(sa.select(sa.func.count(Delivery.id))) == 3


def test_a_row_that_moved_on_is_not_settled_again(school: School) -> None:
    update = approved(school)
    row = school.delivery(update, Channel.X).id
    settle(school, update, Channel.X, DeliveryState.SENT)
    with transaction() as session:
        assert not queue.settle(session, row, DeliveryState.SENDING, state=DeliveryState.PENDING)
    assert school.deliveries(update)["x"] == "sent"


def test_the_site_stands_as_soon_as_a_worker_runs_and_names_no_trip_before_an_approval(
    school: School,
) -> None:
    for channel in PAGES:
        worker.mend_pages(school.house, channel)
    site = school.house.settings.site
    assert (site / "policy.html").exists()
    assert not any("Castle" in page.read_text("utf-8") for page in site.rglob("*.html"))
    assert (school.house.settings.families / school.slug / "index.html").exists()
    approved(school)
    work(school)
    assert "Castle Residential" in (site / "index.html").read_text("utf-8")


def test_a_damaged_page_is_mended_when_a_worker_starts(school: School) -> None:
    approved(school)
    work(school)
    page = school.house.settings.site / "trips" / school.slug / "index.html"
    before = page.read_bytes()
    page.write_text("scribble")
    worker.mend_pages(school.house, Channel.WEBSITE)
    assert page.read_bytes() == before
