"""A text message from the register to a parent's phone, in a real browser, with a practice Notify in place of the real one."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Town, accessibility_problems
from tests.factories import work
from tests.families import families, reach_by_notify
from tests.practice.running import RunningNotify, running_notify
from tripupdates import asking
from tripupdates.vocabulary import Channel

LIST = (
    "Forename,Surname,Year,Class,Group,Parent 1 Name,Parent 1 Mobile,Parent 1 Email\n"
    "Ada,Puddlewick,Year 5,5P,Otters,Rose Puddlewick,07700 900123,rose@home.example\n"
    "Bram,Thistlebury,Year 5,5P,Otters,Tom Thistlebury,020 7946 0000,\n"
)


@pytest.fixture
def notify(tmp_path: Path, town: Town) -> Iterator[RunningNotify]:
    with running_notify(tmp_path / "notify") as notify:
        reach_by_notify(town.school, notify)
        yield notify


def problems(page: Page) -> list[str]:
    """What is wrong with a page on a phone: for axe, in its width also on the narrowest, or a target too small for a thumb."""
    small = page.evaluate(
        """() => [...document.querySelectorAll("main button, main a.button, main input:not([type=hidden])")]
            .filter((one) => !one.matches("[type=checkbox], [type=radio]") && one.offsetParent)
            .filter((one) => one.getBoundingClientRect().height < 44)
            .map((one) => one.outerHTML)"""
    )
    found = [*accessibility_problems(page), *small]
    for width in (390, 195):
        page.set_viewport_size({"width": width, "height": 844})
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        found += [f"{page.url}: {wide} wide at {width}"] if wide > width else []
    page.set_viewport_size({"width": 390, "height": 844})
    return found


def test_a_text_goes_from_the_imported_list_to_a_parents_phone_and_its_receipt_shows(
    town: Town, notify: RunningNotify
) -> None:
    school = town.school
    office = town.signed_in("office", script=False)
    office.goto(f"/office/trips/{school.slug}")
    office.locator("#register").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    )
    office.get_by_role("button", name="Read the list").click()
    expect(
        office.get_by_text("Families in this file who can be reached: 1 by text message, 1 by e-mail.")
    ).to_be_visible()
    expect(office.get_by_role("alert")).to_contain_text(
        "The mobile number of contact 1 is not a mobile number"
    )
    office.get_by_role("button", name="Import the 2 good rows anyway").click()
    expect(office.get_by_text("Contacts: 1 added, 0 changed, 0 removed.")).to_be_visible()

    head = town.signed_in("head", script=False)
    head.goto(f"/review/trips/{school.slug}/messages")
    expect(
        head.get_by_text("Each message: 1 text of 1 part: 1 of 5,000 left free this year; £0.00.")
    ).to_be_visible()
    head.get_by_label("Text message", exact=True).check()
    head.get_by_role("button", name="Approve these messages").click()
    expect(head.get_by_text("Approved. Staff on this trip can send these messages now.")).to_be_visible()

    staff = town.signed_in("author", script=False)
    staff.get_by_role("button", name="Send now: Arrived safely").click()
    expect(staff.get_by_text("It goes to: Families’ page, Text message.")).to_be_visible()
    expect(staff.get_by_text("Text message: 1 text of 1 part: 1 of 5,000 left free")).to_be_visible()
    staff.get_by_role("button", name="Yes, send it").click()
    expect(staff.get_by_text("Sent. It is on its way.")).to_be_visible()

    work(school, Channel.FAMILIES, Channel.TEXT)
    assert notify.texts() == [("+447700900123", "Arrived safely")]
    phone = town.phone(script=False).new_page()
    phone.goto(notify.base)
    expect(phone.get_by_text("To +447700900123")).to_contain_text("created")
    notify.state.arrives_after = timedelta(0)
    school.clock.pass_(seconds=11)
    work(school, Channel.TEXT)
    staff.reload()
    expect(staff.get_by_text("Text message: 1 of 1 sent, 1 delivered")).to_be_visible()
    office.goto("/office/")
    expect(office.get_by_text("Text messages since 1 April 2027: 1 part, 4,999 left free")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_can_be_used_by_everybody(town: Town, notify: RunningNotify, scheme: str) -> None:
    school = town.school
    families(school)
    office, parent, head = (town.phone().new_page() for _ in range(3))
    for page in (office, parent, head):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    town.signed_in("office", page=office)
    troubles = []
    for address in ("/office/", f"/office/trips/{school.slug}/asking"):
        office.goto(address)
        troubles += problems(office)
    office.goto(f"/office/trips/{school.slug}/pupils/{school.pupil('Ada')}")
    office.get_by_text("Add a contact").click()
    office.get_by_text("Change or remove").click()
    troubles += problems(office)
    office.locator("#new-phone").fill("020 7946 0000")
    office.get_by_role("button", name="Add", exact=True).click()
    expect(office.get_by_role("alert")).to_contain_text("is not a mobile number")
    expect(office.locator("#new-phone")).to_have_value("020 7946 0000")
    troubles += problems(office)
    town.signed_in("head", page=head)
    head.goto(f"/review/trips/{school.slug}/messages")
    troubles += problems(head)
    (link,) = asking.make_links(school.house, school.office, school.slug, school.pupils("Ada"))
    parent.goto(f"/consent/{link.token}/messages")
    parent.get_by_label("Mobile number or e-mail address").fill("07700 900999")
    parent.get_by_role("button", name="Send me no more").click()
    expect(parent.get_by_role("alert")).to_contain_text("The school has no such number or address for Ada.")
    troubles += problems(parent)
    parent.get_by_label("Mobile number or e-mail address").fill("ada@home.example")
    parent.get_by_role("button", name="Send me no more").click()
    expect(parent.get_by_role("status")).to_contain_text("no mail about a trip goes to that address")
    troubles += problems(parent)
    assert troubles == []
