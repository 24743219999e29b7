"""The head's pages: what they show of a decision, what they refuse, and what a person must bring on."""

import re

import pytest

from tests.factories import (
    EVERYWHERE,
    School,
    all_consent,
    approved,
    consent,
    draft,
    photo,
    settle,
    waiting,
    work,
)
from tests.web.sending import Form
from tripupdates import journey, office
from tripupdates.approval.records import Decision
from tripupdates.database import fresh, transaction
from tripupdates.outbox import pauses
from tripupdates.vocabulary import Channel, DeliveryState, Order

AMBULANCE = "The ambulance museum was shut, so we drew an ambulance."


@pytest.fixture
def head(school: School) -> Form:
    return Form(school.client("head"), "/review/")


def _titles(page: str) -> list[str]:
    """The headings of the previews, in order."""
    return re.findall(r'<h2 id="on-\w+" class="aside">([^<]+)</h2>', page)


def test_what_waits_is_listed_oldest_first_with_what_the_head_must_know(school: School, head: Form) -> None:
    waiting(school, text="The first.")
    school.clock.pass_(minutes=5)
    waiting(school, (), text=AMBULANCE)
    page = head.page("/review/")
    assert page.index("The first.") < page.index(AMBULANCE)
    assert "no photos · no remarks about the words" in page
    assert "1 photo · 1 remark about the words" in page
    assert "Ms Author Sample, waiting since Monday 3 May, 10:05" in page


def test_an_update_of_ones_own_is_listed_with_the_reason_why_another_decides(school: School) -> None:
    waiting(school)
    deputy = Form(school.client("deputy"))
    assert "somebody" not in deputy.page("/review/")
    _put_on_trip(school, "deputy")
    assert "You are on this trip, so somebody at school must decide." in deputy.page("/review/")
    update = waiting(school, by="deputy", text="By the deputy.")
    page = deputy.page(f"/review/{update}")
    assert "You wrote it, so somebody else must decide." in page
    assert "/approve" not in page


def test_each_place_is_shown_as_it_will_be_one_at_a_time(school: School, head: Form) -> None:
    update = waiting(school, channels=(Channel.FAMILIES, Channel.X))
    page = head.page(f"/review/{update}")
    assert _titles(page) == ["Families’ page", "X (Twitter)"]
    assert re.findall(r'<label for="see-(\w+)">', page) == ["families", "x"]
    assert page.count(" checked>") == 2  # the first place, and “now”


def test_a_photo_left_out_of_a_place_gives_that_place_a_preview_of_its_own(
    school: School, head: Form
) -> None:
    all_consent(school)
    consent(school, {"Bram": (Channel.WEBSITE,)}, yes=False)
    update = waiting(school, ("Ada", "Bram"))
    page = head.page(f"/review/{update}")
    assert _titles(page) == ["Families’ page", "School website", "X (Twitter)"]
    website = page.split('id="on-website"')[1].split("</section>")[0]
    assert ("<img" in website, "Left out here: photo 1." in website) == (False, True)


def test_other_words_for_x_are_shown_as_x_will_show_them(school: School, head: Form) -> None:
    update = waiting(school, text="A long day on the hill.", x_text="Up the hill!")
    shown = head.page(f"/review/{update}").split('id="on-x"')[1].split("</section>")[0]
    assert "@PuddleLaneTest" in shown
    assert "Up the hill!" in shown
    assert "A long day" not in shown


def test_the_consent_of_each_pictured_pupil_stands_in_words(school: School, head: Form) -> None:
    consent(school, {"Ada": (Channel.FAMILIES, Channel.X), "Bram": EVERYWHERE})
    update = draft(school)
    photo(school, update, ("Ada", "Bram"))
    journey.submit(school.house, school.author, update)
    table = head.page(f"/review/{update}").split("<tbody>")[1].split("</tbody>")[0]
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in table.split("</tr>")[:2]]
    assert sorted(rows) == [
        ["Ada", "Puddlewick", "yes", "no", "yes"],
        ["Bram", "Thistlebury", "yes", "yes", "yes"],
    ]


def test_one_reason_lets_the_same_words_pass_each_time_they_stand_there(school: School, head: Form) -> None:
    update = waiting(school, text=AMBULANCE)
    page = head.page(f"/review/{update}")
    (field,) = re.findall(r'name="(override-[^"]+)"', page)
    assert "(2 times)" in page
    digest = school.digest(update)
    refused = head.post(f"/review/{update}/approve", digest=digest)
    assert (refused.status_code, school.state(update)) == (422, "waiting")
    done = head.post(f"/review/{update}/approve", **{"digest": digest, field: "A museum."})
    assert (done.status_code, done.location, school.state(update)) == (302, "/review/", "approved")
    decision = fresh().get_one(Decision, school.update(update).version_id)
    assert list(decision.overrides.values()) == ["A museum.", "A museum."]
    assert "The reason given: A museum." in head.page(f"/review/{update}")


def test_a_reason_is_kept_where_the_version_has_changed_meanwhile(school: School, head: Form) -> None:
    update = waiting(school, text=AMBULANCE)
    (field,) = re.findall(r'name="(override-[^"]+)"', head.page(f"/review/{update}"))
    answer = head.post(f"/review/{update}/approve", **{"digest": "older", field: "A museum."})
    assert (answer.status_code, "changed since you opened it" in answer.text) == (409, True)
    assert ">A museum.</textarea>" in answer.text


def test_what_changed_since_the_last_version_is_told_once_for_all_places(school: School, head: Form) -> None:
    update = waiting(school, text="We rowed over the lake.")
    journey.save_draft(
        school.house, school.author, update, school.slug, "We rowed over the pond.", None, list(EVERYWHERE)
    )
    journey.submit(school.house, school.author, update)
    page = head.page(f"/review/{update}")
    assert page.count("<ins>") == 1
    assert "Text: Families’ page, School website, X (Twitter):" in page
    assert re.search(r"<del>lake\.</del>\s*<ins>pond\.</ins>", page)


@pytest.mark.parametrize(("deed", "state"), [("return", "returned"), ("reject", "rejected")])
def test_an_update_is_declined_with_a_reason_and_not_without(
    school: School, head: Form, deed: str, state: str
) -> None:
    update = waiting(school)
    digest = school.digest(update)
    assert head.post(f"/review/{update}/{deed}", digest=digest, reason=" ").status_code == 422
    assert school.state(update) == "waiting"
    done = head.post(f"/review/{update}/{deed}", digest=digest, reason="Not today.")
    assert (done.status_code, school.state(update)) == (302, state)


def test_a_draft_is_not_the_heads_to_read(school: School, head: Form) -> None:
    update = draft(school)
    answer = head.client.get(f"/review/{update}")
    assert (answer.status_code, "its author has it" in answer.text) == (404, True)


def test_taking_down_needs_a_reason_and_says_what_is_not_yet_gone(school: School, head: Form) -> None:
    update = approved(school)
    work(school)
    settle(school, update, Channel.X, DeliveryState.SENT, remote_id="1", attempted_at=school.clock())
    assert head.post(f"/review/{update}/take-down", reason="").status_code == 422
    assert school.state(update) == "approved"
    assert head.post(f"/review/{update}/take-down", reason="It tells where we sleep.").status_code == 302
    page = head.page("/review/")
    assert school.state(update) == "taken_down"
    assert page.count("It is in hand.") == 3
    assert "copies that others have made of the post on X" in page
    work(school)
    assert head.page("/review/").count("It is in hand.") == 1
    author = school.client("author").get(f"/staff/updates/{update}").text
    assert "It tells where we sleep." in author


def test_an_order_that_needs_a_person_says_which_update_and_goes_on_when_told(
    school: School, head: Form
) -> None:
    update = approved(school, text="A quiet evening.")
    settle(school, update, Channel.X, DeliveryState.NEEDS_PERSON, problem="X does not take our keys.")
    order = school.delivery(update, Channel.X).id
    needs = head.page("/review/").split("Needs a person</h2>")[1].split("</section>")[0]
    assert "X (Twitter), to be published:" in needs
    assert "X does not take our keys." in needs
    assert f'href="/review/{update}">A quiet evening.' in needs
    assert head.post(f"/review/orders/{order}/try-again").location == "/review/"
    assert school.deliveries(update)["x"] == "pending"


def test_a_place_that_stands_still_is_shown_once_and_goes_on_when_told(school: School, head: Form) -> None:
    approved(school)
    approved(school)
    with transaction() as session:
        pauses.pause(session, Channel.X, Order.PUBLISH, "No credits are left.", school.clock(), None)
    clerk = Form(school.client("office"), "/office/")
    for page in (head.page("/review/"), clerk.page("/office/")):
        assert (
            page.count("X (Twitter) stands still</strong> since Monday 3 May, 10:00. No credits are left.")
            == 1
        )
    assert Form(school.client("author")).post("/review/channels/x/try-again").status_code == 403
    assert head.post("/review/channels/elsewhere/try-again").status_code == 404
    assert clerk.post("/review/channels/x/try-again").location == "/office/"
    assert pauses.until_mended(fresh(), school.clock()) == []
    assert "stands still" not in head.page("/review/")


def _put_on_trip(school: School, who: str) -> None:
    staff = [school.author.id, school.people[who].id]
    office.set_staff(school.house, school.office, school.slug, staff)
