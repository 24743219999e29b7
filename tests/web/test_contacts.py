"""The office's page of a pupil: the family's contacts. And the pages by which a family asks for no more messages."""

import html
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tests.factories import School, count, settle, wordings
from tests.families import NUMBERS, arrived, families, family, reach_by_notify
from tests.practice.running import running_notify
from tests.web.sending import Form
from tripupdates import asking, asking_all, cli, journey, stopping
from tripupdates import school as steps
from tripupdates.consent.requests import ConsentRequest
from tripupdates.database import fresh, transaction
from tripupdates.outbox import pauses
from tripupdates.school import Draft
from tripupdates.trips import contacts
from tripupdates.trips.contacts import Contact, OptOut
from tripupdates.vocabulary import TO_FAMILIES, Channel, DeliveryState, Kind, Order


@pytest.fixture
def clerk(school: School) -> Form:
    return Form(school.client("office"), "/office/")


@pytest.fixture
def by_notify(school: School, tmp_path: Path) -> Iterator[None]:
    with running_notify(tmp_path / "notify") as notify:
        reach_by_notify(school, notify)
        yield


def ada(school: School) -> str:
    return f"/office/trips/{school.slug}/pupils/{school.pupil('Ada')}"


def stop_page(school: School, address: str = "rose@home.example") -> str:
    mark = contacts.mark(school.house.settings.families_key, Channel.EMAIL, address)
    return stopping.address(school.house.settings, mark).removeprefix("http://localhost")


def test_the_office_adds_changes_and_removes_a_contact(school: School, clerk: Form) -> None:
    fields = {"name": "Rose Puddlewick", "relation": "Mother", "phone": "07700 900123", "email": ""}
    assert clerk.post(f"{ada(school)}/contacts", **fields).status_code == 302
    (row,) = fresh().scalars(sa.select(Contact))
    assert (row.name, row.phone) == ("Rose Puddlewick", "+447700900123")
    page = html.unescape(clerk.page(ada(school)))
    assert "Rose Puddlewick, Mother" in page
    assert "<strong>07700 900123</strong>" in page
    changed = fields | {"contact": str(row.id), "email": "rose@home.example"}
    assert clerk.post(f"{ada(school)}/contacts", **changed).status_code == 302
    assert fresh().get_one(Contact, row.id).email == "rose@home.example"
    assert clerk.post(f"{ada(school)}/contacts/{row.id}/remove").status_code == 302
    assert count(Contact) == 0


def test_what_was_typed_stays_where_it_is_refused(school: School, clerk: Form) -> None:
    contact = family(school, "Ada", NUMBERS["Ada"])
    for about in ({}, {"contact": str(contact)}):
        answer = clerk.post(
            f"{ada(school)}/contacts", name="Rose", relation="", phone="020 7946 0000", email="", **about
        )
        assert answer.status_code == 422
        assert "is not a mobile number" in answer.text
        assert answer.text.count('value="020 7946 0000"') == 1
    assert fresh().get_one(Contact, contact).phone == NUMBERS["Ada"]


def test_a_contact_that_is_not_there_is_told(school: School, clerk: Form) -> None:
    for odd in ("7", str(school.office.id)):
        answer = clerk.post(f"{ada(school)}/contacts", contact=odd, phone="07700 900123", email="")
        assert answer.status_code == 404


def test_leaving_out_and_taking_in_again_stands_on_the_page(school: School, clerk: Form) -> None:
    contact = family(school, "Ada", NUMBERS["Ada"])
    address = f"{ada(school)}/contacts/{contact}/leave-out"
    clerk.post(address, way="text", out="yes")
    page = clerk.page(ada(school))
    assert ("Wants no messages</span> as the office noted" in page, "They want messages again" in page) == (
        True,
        True,
    )
    clerk.post(address, way="text", out="no")
    assert "Wants no messages" not in clerk.page(ada(school))
    for odd in ("email", "x", ""):
        assert clerk.post(address, way=odd, out="yes").status_code == 422


def test_an_approver_who_looks_at_a_pupil_sees_no_number(school: School) -> None:
    families(school)
    page = school.client("head").get(ada(school)).text
    assert ("07700" in page, "@home.example" in page) == (False, False)


def test_the_link_in_a_mail_asks_first_and_tells_nothing(school: School) -> None:
    family(school, "Ada", email="rose@home.example")
    parent = school.client()
    page = parent.get(stop_page(school))
    assert (page.status_code, count(OptOut)) == (200, 0)
    assert ("rose" in page.text, "Ada" in page.text) == (False, False)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in page.headers
    done = parent.post(stop_page(school))
    assert (done.status_code, count(OptOut)) == (200, 1)
    assert "From now on, no mail about a trip goes to the address" in done.text
    assert parent.post(stop_page(school)).status_code == 200
    assert count(OptOut) == 1


def test_a_mail_programs_own_button_needs_no_look_at_the_page(school: School) -> None:
    answer = school.client().post(stop_page(school), data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, count(OptOut)) == (200, 1)


@pytest.mark.parametrize("token", ["abc", "A" * 64, "%F0%9F%9A%8C"])
def test_a_link_that_is_not_whole_says_so(school: School, token: str) -> None:
    for ask in (school.client().get, school.client().post):
        answer = ask(f"/messages/stop/{token}")
        assert (answer.status_code, "We do not know this link" in answer.text) == (404, True)
    assert count(OptOut) == 0


def test_the_parents_form_leads_to_it_where_there_are_messages(school: School, by_notify: None) -> None:
    family(school, "Ada", "+447700900123")
    (link,) = asking.make_links(school.house, school.office, school.slug, school.pupils("Ada"))
    parent = school.client()
    assert f'href="/consent/{link.token}/messages"' in parent.get(f"/consent/{link.token}").text
    page = f"/consent/{link.token}/messages"
    assert parent.get(page).status_code == 200
    wrong = parent.post(page, data={"typed": "07700 900999"})
    assert (wrong.status_code, "no such number or address for Ada" in wrong.text, count(OptOut)) == (
        422,
        True,
        0,
    )
    done = parent.post(page, data={"typed": "07700 900123"})
    assert (done.status_code, count(OptOut)) == (200, 1)
    assert "no text message about a trip goes to that number" in " ".join(done.text.split())
    assert parent.get("/consent/abcd/messages").status_code == 404


def test_numbers_are_not_guessed_by_whoever_found_a_letter(school: School, by_notify: None) -> None:
    (link,) = asking.make_links(school.house, school.office, school.slug, school.pupils("Ada"))
    parent = school.client()
    tries = [
        parent.post(f"/consent/{link.token}/messages", data={"typed": f"07700 9001{number:02}"}).status_code
        for number in range(12)
    ]
    assert tries == [422] * 10 + [429] * 2


def test_the_messages_page_tells_the_price_and_who_is_left_out(school: School, by_notify: None) -> None:
    known = families(school)
    head = Form(school.client("head"), "/review/")
    page = head.page(f"/review/trips/{school.slug}/messages")
    assert "Each message: 5 texts of 1 part: 5 of 5,000 left free this year; £0.00." in page
    assert "Each message: 5 mails: free." in page
    clerk = Form(school.client("office"), "/office/")
    clerk.post(f"{ada(school)}/contacts/{known['Ada']}/leave-out", way="text", out="yes")
    page = head.page(f"/review/trips/{school.slug}/messages")
    assert "1 wants no messages, and gets none." in page


def test_staff_see_the_price_before_the_second_tap_with_and_without_signal(
    school: School, by_notify: None
) -> None:
    families(school)
    wordings(school, (Channel.FAMILIES, *TO_FAMILIES))
    asked = {"trip": school.slug, "key": "arrived"}
    page = school.client("author").get(f"/staff/updates/{uuid.uuid4()}/message", query_string=asked).text
    assert "Text message: 5 texts of 1 part: 5 of 5,000 left free this year; £0.00." in page
    assert "E-mail: 5 mails: free." in page
    pocket = school.client("author").get("/api/phone").json
    assert pocket is not None
    assert pocket["trips"][0]["message_costs"] == [
        "Text message: 5 texts of 1 part: 5 of 5,000 left free this year; £0.00.",
        "E-mail: 5 mails: free.",
    ]


def test_the_price_of_what_is_urgent_stands_wherever_somebody_lets_it_go(
    school: School, by_notify: None
) -> None:
    families(school)
    price = "Text message: 5 texts of 2 parts: 10 of 5,000 left free this year; £0.00."
    update, until = uuid.uuid4(), school.clock() + timedelta(hours=3)
    said = Draft(Kind.URGENT, "Late home", "a" * 150, expires_at=until, trip=school.slug)
    steps.save(school.house, school.head, update, said)
    at_the_check = school.client("head").get(f"/staff/updates/{update}").text
    journey.submit(school.house, school.head, update)
    alone = school.client("head").get(f"/staff/updates/{update}").text
    at_the_approval = school.client("deputy").get(f"/review/{update}").text
    assert [page.count(price) for page in (at_the_check, alone, at_the_approval)] == [1, 1, 1]
    journey.approve(school.house, school.deputy, update, school.digest(update))
    assert price not in school.client("deputy").get(f"/review/{update}").text


def test_the_console_counts_by_way_and_names_nobody(
    school: School, by_notify: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    families(school)
    asking_all.ask(school.house, school.office, school.slug, Channel.EMAIL, 9)
    update = arrived(school, *TO_FAMILIES)
    settle(school, update, Channel.EMAIL, DeliveryState.NEEDS_PERSON, problem="Odd.")
    with transaction() as session:
        session.execute(sa.update(ConsentRequest).values(state=DeliveryState.NEEDS_PERSON, problem="Odder."))
        pauses.pause(session, Channel.TEXT, Order.PUBLISH, "A key is missing.", school.clock(), None)
    monkeypatch.setattr(cli, "open_school", lambda: nullcontext((school.app, school.house)))
    said = CliRunner().invoke(cli.main, ["outbox"]).output.splitlines()
    assert said == [
        "email      publish  needs_person 5",
        "text       publish  pending      5",
        "email      ask      needs_person 5",
        "stands still: text publish until somebody mends it: A key is missing.",
        f"needs a person: email publish of update {update} (5 times): Odd.",
        f"needs a person: email ask of {school.slug} (5 times): Odder.",
    ]


def test_asking_by_text_shows_count_and_price_and_takes_what_was_shown(
    school: School, by_notify: None, clerk: Form
) -> None:
    families(school)
    asking_page = f"/office/trips/{school.slug}/asking"
    page = clerk.page(asking_page)
    assert (
        "To all who have not answered: 5 families. 5 texts of 2 parts: 10 of 5,000 left free this year; £0.00."
        in page
    )
    assert "To all who have not answered: 5 families. 5 mails: free." in page
    assert clerk.post(f"{asking_page}/send", way="text", seen="4").status_code == 409
    assert clerk.post(f"{asking_page}/send", way="x", seen="5").status_code == 422
    assert clerk.post(f"{asking_page}/send", way="text", seen="5").status_code == 302
    page = clerk.page(asking_page)
    assert "5 messages are on the way." in page
    assert "Left aside: 5 asked this way within a day." in page
