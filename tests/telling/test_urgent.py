"""What is urgent goes everywhere at once, past a second person where one is at hand, in the night and through a hold."""

import uuid
from datetime import time, timedelta
from typing import Any

import pytest

from tests.authenticator import added
from tests.factories import EVERYWHERE, PASSWORD, School, all_consent, approved, settle, waiting, work
from tests.telling.conftest import Post
from tripupdates import accounts, audit, holding, journey, proving, story, takedown
from tripupdates import school as steps
from tripupdates.approval import standings
from tripupdates.approval.records import Decision
from tripupdates.database import fresh
from tripupdates.outbox import worker
from tripupdates.people.presence import Proof
from tripupdates.school import Draft
from tripupdates.telling import choices
from tripupdates.vocabulary import Channel, Conflict, DeliveryState, Forbidden, Kind, NotFound, Order, Refused

SNOW = "The school is closed today because of snow. Please keep your children at home."
WHY = "Nobody else answered the telephone."


def urgent(
    school: School,
    by: str = "head",
    trip: str = "",
    title: str = "School closed",
    text: str = SNOW,
    channels: tuple[str, ...] = (),
    lasts: timedelta = timedelta(hours=10),
) -> uuid.UUID:
    """An urgent notice, with the others."""
    update = uuid.uuid4()
    said = Draft(Kind.URGENT, title, text, channels=channels, expires_at=school.clock() + lasts, trip=trip)
    steps.save(school.house, school.people[by], update, said)
    journey.submit(school.house, school.people[by], update)
    return update


def alone(school: School, update: uuid.UUID, by: str = "head", why: str = WHY, **how: Any) -> None:
    steps.send_alone(
        school.house, school.people[by], update, how.pop("digest", school.digest(update)), why, **how
    )


# --- Who, and where ---


@pytest.mark.parametrize("who", ["author", "office"])
def test_only_the_head_or_a_deputy_writes_an_urgent_notice(school: School, who: str) -> None:
    with pytest.raises(Forbidden, match="Only the headteacher or a deputy"):
        urgent(school, who)


def test_it_goes_to_every_place_at_once_whatever_was_ticked(school: School) -> None:
    update = urgent(school, channels=("website",))
    journey.approve(school.house, school.deputy, update, school.digest(update))
    assert school.deliveries(update) == dict.fromkeys(("families", "website", "x"), "pending")
    work(school, Channel.FAMILIES, Channel.WEBSITE)
    assert school.deliveries(update) == {"families": "sent", "website": "sent", "x": "pending"}


def test_it_can_be_about_a_trip_and_be_written_by_the_head_who_is_on_it(school: School) -> None:
    update = urgent(school, trip=school.slug, title="The coach is late", text="We are home at 18:30.")
    assert school.update(update).heading == "Urgent notice: Castle Residential"
    with pytest.raises(NotFound):
        urgent(school, trip="no-such-trip")


def test_until_when_is_at_most_a_week_ahead(school: School) -> None:
    with pytest.raises(Refused, match="within 7 days"):
        urgent(school, lasts=timedelta(days=8))


# --- Two people where two are at hand ---


def test_a_second_person_approves_it_as_ever(post: Post) -> None:
    update = urgent(post.school)
    with pytest.raises(Forbidden, match="You wrote this"):
        journey.approve(post.school.house, post.school.head, update, post.school.digest(update))
    journey.approve(post.school.house, post.school.deputy, update, post.school.digest(update))
    decision = fresh().get_one(Decision, post.school.update(update).version_id)
    assert (decision.by, decision.alone) == (post.school.deputy.id, "")


def test_while_a_second_person_may_answer_nobody_sends_it_alone(post: Post) -> None:
    update = urgent(post.school)
    with pytest.raises(Conflict, match="Give them 5 minutes"):
        alone(post.school, update)
    post.school.clock.pass_(minutes=4, seconds=59)
    with pytest.raises(Conflict):
        alone(post.school, update)
    assert (post.school.state(update), post.school.deliveries(update)) == ("waiting", {})
    post.school.clock.pass_(seconds=1)
    alone(post.school, update)
    assert post.school.state(update) == "approved"
    assert set(post.school.deliveries(update)) == {"families", "website", "x"}


def test_where_nobody_else_can_be_reached_it_goes_at_once(school: School) -> None:
    update = urgent(school)
    alone(school, update)
    decision = fresh().get_one(Decision, school.update(update).version_id)
    assert (decision.by, decision.alone, decision.reason) == (school.head.id, WHY, "")


def test_where_the_only_deputy_has_left_it_goes_at_once(post: Post) -> None:
    accounts.set_active(post.school.house, post.school.office, post.school.deputy.id, False)
    update = urgent(post.school)
    alone(post.school, update)
    assert post.school.state(update) == "approved"


def test_nothing_but_ones_own_urgent_notice_goes_alone(school: School) -> None:
    plain, news = waiting(school), uuid.uuid4()
    said = Draft(Kind.NEWS, "Concert", "We sang.", channels=("website",))
    steps.save(school.house, school.head, news, said)
    journey.submit(school.house, school.head, news)
    for update in (plain, news):
        with pytest.raises(NotFound):
            alone(school, update)
    theirs = urgent(school)
    with pytest.raises(NotFound):
        alone(school, theirs, by="deputy")
    assert {school.state(each) for each in (plain, news, theirs)} == {"waiting"}


@pytest.mark.parametrize("why", ["", "  ", "123!", "x" * 1001])
def test_it_needs_a_reason_in_words(school: School, why: str) -> None:
    update = urgent(school)
    with pytest.raises(Refused, match="why nobody else could decide"):
        alone(school, update, why=why)
    assert school.state(update) == "waiting"


def test_it_needs_the_person_there(school: School) -> None:
    update = urgent(school)
    stale = school.head
    school.clock.pass_(minutes=16)
    with pytest.raises(Refused):
        steps.send_alone(school.house, stale, update, school.digest(update), WHY)
    assert school.state(update) == "waiting"


def test_of_what_was_seen_and_once(school: School) -> None:
    update = urgent(school)
    with pytest.raises(Conflict):
        alone(school, update, digest="0" * 64)
    for _ in range(2):
        alone(school, update)
    events = [line.event for line in audit.about(fresh(), update)]
    assert events.count("sent urgent notice alone") == 1


def test_what_the_policy_asks_is_asked_of_whoever_is_alone_too(school: School) -> None:
    update = urgent(school, text="The school is closed. What do you think of the snow?")
    version = school.update(update).version
    assert version is not None
    asks = [finding["key"] for finding in version.findings if finding["severity"] == "ask"]
    if not asks:  # the policy stops it outright
        pytest.fail("choose words that the policy asks about")
    with pytest.raises(Refused, match="Give a reason"):
        alone(school, update)
    alone(school, update, overrides=dict.fromkeys(asks, "It is what we mean."))
    assert school.state(update) == "approved"


def test_a_passkey_signs_that_it_went_alone(school: School) -> None:
    head = accounts.sign_in(school.house, "head@puddle-lane.example", PASSWORD, trusted=True)
    phone = added(school, head, PASSWORD)
    update = urgent(school)
    digest = school.digest(update)
    options = steps.ask_to_send_alone(school.house, head, update, digest)
    steps.send_alone(school.house, head, update, digest, WHY, proof=Proof(assertion=phone.answer(options)))
    assert proving.first_bad(fresh()) is None
    school.past_the_program("UPDATE decision SET alone = ''")
    assert proving.first_bad(fresh()) is not None


# --- Told at once ---


def test_every_other_approver_hears_at_once_in_quiet_hours_too(post: Post) -> None:
    choices.set_hours(post.school.house, post.school.deputy, time(0, 0), time(23, 59), all_by_mail=False)
    urgent(post.school)
    post.go(seconds=1)
    assert post.subjects("deputy") == ["Urgent: a notice to families waits for a second person"]
    assert post.subjects("head") == []
    assert post.subjects("office") == []


def test_they_are_reminded_after_two_minutes_and_left_alone_once_it_is_decided(post: Post) -> None:
    update = urgent(post.school)
    post.go(seconds=1)
    post.go(minutes=2)
    assert post.subjects("deputy")[1:] == ["Reminder: Urgent: a notice to families waits for a second person"]
    journey.approve(post.school.house, post.school.deputy, update, post.school.digest(update))
    post.go(minutes=5)
    assert len(post.subjects("deputy")) == 2


def test_they_are_told_while_everything_is_on_hold(post: Post) -> None:
    holding.hold(post.school.house, post.school.head)
    urgent(post.school)
    post.go(seconds=1)
    assert len(post.subjects("deputy")) == 1


# --- Through a hold, and before everything else ---


def test_it_goes_out_through_a_hold_and_nothing_else_does(school: School) -> None:
    all_consent(school)
    cheerful = approved(school)
    holding.hold(school.house, school.head)
    update = urgent(school)
    alone(school, update)
    work(school, Channel.FAMILIES, Channel.WEBSITE)
    assert school.deliveries(update)["website"] == "sent"
    assert set(school.deliveries(cheerful).values()) == {"pending"}
    holding.lift(school.house, school.head)
    work(school, Channel.FAMILIES, Channel.WEBSITE)
    assert school.deliveries(cheerful)["website"] == "sent"


def test_it_goes_before_what_was_approved_earlier(school: School) -> None:
    for _ in range(3):
        approved(school)
    update = urgent(school)
    alone(school, update)
    for channel in EVERYWHERE:
        job = worker.claim(school.house, channel)
        assert job is not None
        assert job.update_id == update


def test_a_post_in_doubt_on_x_does_not_hold_it_up(school: School) -> None:
    earlier = approved(school)
    job = worker.claim(school.house, Channel.X)
    assert job is not None
    assert job.update_id == earlier
    update = urgent(school)
    alone(school, update)
    next_job = worker.claim(school.house, Channel.X)
    assert next_job is not None
    assert next_job.update_id == update


def test_it_can_be_taken_down_like_any_other(school: School) -> None:
    update = urgent(school)
    alone(school, update)
    work(school, Channel.FAMILIES, Channel.WEBSITE)
    takedown.take_down(school.house, school.deputy, update, "The snow has melted.")
    work(school, Channel.FAMILIES, Channel.WEBSITE)
    assert school.deliveries(update, Order.REMOVE) == {"families": "sent", "website": "sent"}


def test_its_story_says_that_it_went_alone_and_why(school: School) -> None:
    update = urgent(school)
    alone(school, update)
    _, told = story.story(school.house, fresh(), school.deputy, update)
    assert (
        f"Mrs Head Sample sent it without a second person (version 1), not signed with a passkey. “{WHY}”"
        in [each.text for each in told]
    )


def test_passkeys_are_asked_only_for_what_can_go_alone(school: School) -> None:
    with pytest.raises(NotFound):
        steps.ask_to_send_alone(school.house, school.head, waiting(school), "0" * 64)
    update = urgent(school)
    with pytest.raises(Refused, match="You have no passkey"):
        steps.ask_to_send_alone(school.house, school.head, update, school.digest(update))


def test_while_other_ways_fail_and_x_does_not_families_are_told_to_look_there(school: School) -> None:
    update = urgent(school)
    alone(school, update)
    assert steps.fallback(_standings(school, update), "PuddleLaneTest") == ""
    settle(school, update, Channel.X, DeliveryState.SENT)
    assert steps.fallback(_standings(school, update), "PuddleLaneTest") == ""
    settle(school, update, Channel.WEBSITE, DeliveryState.PENDING, problem="The pages could not be written.")
    assert "look at x.com/PuddleLaneTest" in steps.fallback(_standings(school, update), "PuddleLaneTest")
    assert "look at x.com/PuddleLaneTest" in school.client("head").get(f"/staff/updates/{update}").text
    assert "look at x.com/PuddleLaneTest" in school.client("deputy").get(f"/review/{update}").text


def _standings(school: School, update: uuid.UUID) -> tuple[standings.Standing, ...]:
    found = school.update(update)
    assert found.version is not None
    return standings.standings(school.house, fresh(), found, found.version)
