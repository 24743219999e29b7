"""Two taps in a real browser: the head approves before the trip, staff send from the plain page, parents see it."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from tests.browser.conftest import Town, accessibility_problems
from tests.factories import count, wordings, work
from tripupdates import office
from tripupdates.approval.records import Update, Wordings
from tripupdates.database import fresh
from tripupdates.vocabulary import Channel


def _problems(page: Page) -> list[str]:
    """What is wrong with a page on a phone: for axe, in its width, or a target that a cold thumb misses."""
    small = page.evaluate(
        """() => [...document.querySelectorAll("main button, main a.button, main input:not([type=hidden])")]
            .filter((one) => !one.matches("[type=checkbox]") && one.getBoundingClientRect().height < 48)
            .map((one) => one.outerHTML)"""
    )
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    return [*accessibility_problems(page), *small, *([f"{wide} wide"] if wide > 390 else [])]


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_head_approves_and_staff_send_with_two_taps(town: Town, script: bool) -> None:
    school = town.school
    head = town.signed_in("head", script)
    head.get_by_role("link", name="Messages for Castle Residential").click()
    head.get_by_label("On arrival").fill("We have arrived, all warm and dry")
    head.get_by_label("School website").check()
    head.get_by_role("button", name="Approve these messages").click()
    expect(head.get_by_text("Approved. Staff on this trip can send these messages now.")).to_be_visible()
    (row,) = fresh().scalars(sa.select(Wordings)).all()
    assert (row.messages[0]["text"], row.channels) == (
        "We have arrived, all warm and dry",
        ["families", "website"],
    )

    staff = town.signed_in("author", script)
    staff.get_by_role("button", name="Send now: We have arrived, all warm and dry").click()
    expect(staff.get_by_role("heading", name="Send this message?")).to_be_visible()
    assert count(Update) == 0
    staff.get_by_role("button", name="Yes, send it").click()
    expect(staff.get_by_text("Sent. It is on its way.")).to_be_visible()
    expect(staff.get_by_text("Approved wording, by Mrs Head Sample")).to_be_visible()

    work(school)
    parent = town.phone(script).new_page()
    parent.goto(f"/trips/{school.slug}/")
    parent.get_by_label("The code from the letter home").fill(office.trip_by_slug(fresh(), school.slug).code)
    parent.get_by_role("button").click()
    expect(parent.get_by_role("article")).to_contain_text("We have arrived, all warm and dry")


def test_a_message_with_a_time_asks_for_it_and_a_double_tap_sends_once(town: Town) -> None:
    wordings(town.school, (Channel.FAMILIES,))
    page = town.signed_in("author")
    form = page.get_by_role("listitem").filter(has=page.get_by_label("Setting off home, expected at …"))
    form.get_by_role("button", name="Send now").click()
    expect(page).to_have_url(
        re.compile("/staff/$")
    )  # the time is missing: the browser says so, nothing is asked
    form.get_by_label("Setting off home, expected at …").first.fill("16:40")
    form.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("Setting off home, expected at 16:40")).to_be_visible()
    page.get_by_role("button", name="Yes, send it").dblclick()
    expect(page.get_by_text("Approved wording")).to_be_visible()
    page.go_back()
    page.goto(page.url)
    expect(page.get_by_text("Approved wording")).to_be_visible()
    (update,) = fresh().scalars(sa.select(Update)).all()
    assert update.text == "Setting off home, expected at 16:40"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_can_be_used_by_everybody_in_each_state(town: Town, scheme: str) -> None:
    school = town.school
    head, staff = town.signed_in("head"), town.signed_in("author")
    troubles = []
    for page in (head, staff):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    head.goto("/review/")
    troubles += _problems(head)
    head.goto(f"/review/trips/{school.slug}/messages")
    troubles += _problems(head)
    head.get_by_label("At bedtime").fill("In hospital, lights out")
    head.get_by_role("button", name="Approve these messages").click()
    expect(head.get_by_role("alert")).to_contain_text("At bedtime: “hospital”")
    troubles += _problems(head)
    wordings(school)
    head.goto(f"/review/trips/{school.slug}/messages")
    troubles += _problems(head)
    staff.goto("/staff/")
    troubles += _problems(staff)
    staff.get_by_role("button", name="Send now: All well, lights out").click()
    troubles += _problems(staff)
    head.get_by_role("button", name="Stop these messages").click()
    expect(head.get_by_text("Stopped. Nobody can send these messages now.")).to_be_visible()
    troubles += _problems(head)
    staff.get_by_role("button", name="Yes, send it").click()
    expect(staff.get_by_role("alert")).to_contain_text("The head has stopped these messages.")
    troubles += _problems(staff)
    assert troubles == []
    assert count(Update) == 0
