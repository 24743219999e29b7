"""The main job in a real browser: post, approve, seen by parents, taken down. With and without JavaScript."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Town, accessibility_problems
from tests.factories import (
    EVERYWHERE,
    School,
    all_consent,
    approved,
    consent,
    draft,
    photo,
    picture,
    send,
    waiting,
    wordings,
    work,
)
from tripupdates import office
from tripupdates.database import fresh
from tripupdates.vocabulary import Channel


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Two photos as a phone's camera leaves them."""
    files = [tmp_path / f"IMG_000{scene}.jpg" for scene in (1, 2)]
    for scene, file in enumerate(files, 1):
        file.write_bytes(picture(scene))
    return files


def _write(page: Page, text: str, photos: list[Path]) -> None:
    page.goto("/staff/updates/new?plain=1")
    page.get_by_label("What happened?").fill(text)
    page.get_by_label("Add up to 4 photos").set_input_files(photos)
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("heading", name="Photo 2")).to_be_visible(timeout=15_000)


def _describe(page: Page, number: int, alt: str, pupils: tuple[str, ...], script: bool) -> None:
    card = page.get_by_role("region", name=f"Photo {number}")
    card.get_by_label("What does it show?").fill(alt)
    if not pupils:
        card.get_by_label("No pupil is in it").check()
        return
    card.get_by_label("These pupils").check()
    for name in pupils:
        box = card.get_by_label(name)
        if script:
            card.get_by_label("Find a pupil").fill(name)
        elif not box.is_visible():
            for summary in card.locator("summary").all():
                summary.click()
        box.check()


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_update_goes_from_a_phone_to_every_place(town: Town, photos: list[Path], script: bool) -> None:
    all_consent(town.school)
    consent(town.school, {"Cleo": (Channel.X,)}, yes=False)
    page = town.signed_in("author", script)
    _write(page, "We climbed the castle tower.\n\nSoup for supper.", photos)
    assert "location" in page.get_by_role("region", name="Photo 1").inner_text()
    _describe(page, 1, "A group at the tower.", ("Ada Puddlewick", "Bram Thistlebury"), script)
    _describe(page, 2, "A group with bows.", ("Ada Puddlewick", "Cleo Merrywhistle"), script)
    page.get_by_role("button", name="Send to the head").click()
    expect(page.get_by_text("With the head")).to_be_visible()

    head = town.signed_in("head", script)
    head.get_by_role("link", name="Look at it").click()
    head.locator("label[for=see-x]").click()
    expect(head.get_by_role("region", name="X (Twitter)").get_by_role("img")).to_have_count(1)
    head.locator("label[for=see-families]").click()
    expect(head.get_by_role("region", name="Families’ page").get_by_role("img")).to_have_count(2)
    head.get_by_role("button", name="Approve").click()
    expect(head.get_by_text("Approved. It is on its way.")).to_be_visible()

    work(town.school, *EVERYWHERE)
    assert [(post["text"], len(post["media"])) for post in town.x.posts()] == [
        ("We climbed the castle tower.\n\nSoup for supper.", 1)
    ]
    parent = town.phone(script).new_page()
    parent.goto(f"/trips/{town.school.slug}/")
    parent.get_by_label("The code from the letter home").fill(
        office.trip_by_slug(fresh(), town.school.slug).code.upper()
    )
    parent.get_by_role("button").click()
    expect(parent.get_by_role("article")).to_have_count(1)
    expect(parent.get_by_role("article").get_by_role("img")).to_have_count(2)
    assert parent.evaluate("() => [...document.images].every((one) => one.alt)") if script else True
    page.reload()
    expect(page.get_by_text("Live")).to_have_count(3)


def test_a_photo_that_is_refused_leaves_the_words_and_the_other_photo(
    town: Town, photos: list[Path], tmp_path: Path
) -> None:
    video = tmp_path / "film.mp4"
    video.write_bytes(b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 64)
    page = town.signed_in("author")
    page.goto("/staff/updates/new?plain=1")
    page.get_by_label("What happened?").fill("We built rafts.")
    page.get_by_label("Add up to 4 photos").set_input_files([photos[0], video])
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("alert")).to_contain_text("film.mp4: This is a video.", timeout=15_000)
    expect(page.get_by_label("What happened?")).to_have_value("We built rafts.")
    expect(page.get_by_role("heading", name="Photo 1")).to_be_visible()


def test_a_pupils_name_is_stopped_beside_the_words(town: Town) -> None:
    page = town.signed_in("author")
    page.goto("/staff/updates/new?plain=1")
    page.get_by_label("What happened?").fill("Well done Ada Puddlewick!")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("button", name="Send to the head").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_label("What happened?")).to_have_value("Well done Ada Puddlewick!")
    expect(page.get_by_text("Ada Puddlewick”").first).to_be_visible()


def test_a_page_left_open_while_the_update_changed_approves_nothing(town: Town) -> None:
    update = waiting(town.school)
    head = town.signed_in("head")
    head.goto(f"/review/{update}")
    author = town.signed_in("author")
    author.goto(f"/staff/updates/{update}")
    author.get_by_label("What happened?").fill("Another text.")
    author.get_by_role("button", name="Save", exact=True).click()
    author.get_by_role("button", name="Send to the head").click()
    expect(author.get_by_text("With the head")).to_be_visible()
    head.get_by_role("button", name="Approve").click()
    expect(head.get_by_role("alert")).to_contain_text("changed since you opened it")
    assert town.school.state(update) == "waiting"


def test_the_head_takes_an_update_down(town: Town) -> None:
    update = approved(town.school)
    work(town.school, *EVERYWHERE)
    head = town.signed_in("head")
    head.get_by_text("Take it down everywhere").click()
    head.get_by_label("Why must it come down?").fill("It tells where we sleep.")
    head.get_by_role("button", name="Take it down").click()
    expect(head.get_by_text("It is being taken down everywhere.")).to_be_visible()
    work(town.school, *EVERYWHERE)
    assert (town.school.state(update), town.x.posts()) == ("taken_down", [])
    head.reload()
    expect(head.get_by_text("Removed, and confirmed gone").first).to_be_visible()


PAGES = {
    "author": [
        "/staff/",
        "/staff/updates/new",
        "/staff/updates/{draft}",
        "/staff/updates/{approved}",
        "/staff/updates/{message}/message?trip={slug}&key=setting_off&time=18:30",
        "/staff/updates/{sent}",
        "/staff/password",
        "/staff/ways",
        "/staff/ways/offer",
    ],
    "head": [
        "/review/",
        "/review/{waiting}",
        "/review/{approved}",
        "/review/{sent}",
        "/review/trips/{slug}/messages",
        "/hold/",
        "/staff/ways",
        "/staff/ways/offer",
        "/staff/ways/codes",
    ],
    "office": [
        "/office/",
        "/office/trips/new",
        "/office/trips/{slug}",
        "/office/trips/{slug}/pupils/{pupil}",
        "/staff/trips/{slug}/letter",
        "/trips/{slug}/",
        "/office/people",
        "/hold/",
    ],
    "": [
        "/staff/login",
        "/trips/{slug}/code",
        "/site/",
        "/site/trips/{slug}/",
        "/site/policy.html",
        "/nothing-here",
    ],
}


@pytest.mark.parametrize("who", PAGES, ids=lambda who: who or "anyone")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_used_by_everybody(town: Town, who: str, scheme: str) -> None:
    school = town.school
    all_consent(school)
    known = {
        "draft": _draft_with_photo(school),
        "waiting": waiting(school, ("Ada", "Bram"), text="The ambulance museum was closed."),
        "approved": approved(school, ("Ada", "Bram")),
        "message": uuid4(),
        "sent": send(school, wordings(school), "all_well"),
        "slug": school.slug,
        "pupil": school.pupil("Ada"),
    }
    work(school, *EVERYWHERE)
    page = town.signed_in(who) if who else town.phone().new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    troubles = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    for address in PAGES[who]:
        page.goto(address.format(**known))
        troubles += [f"{address}: {problem}" for problem in accessibility_problems(page)]
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        troubles += [f"{address} is {wide} wide"] if wide > 390 else []
    assert [trouble for trouble in troubles if "404" not in trouble] == []


def _draft_with_photo(school: School) -> UUID:
    update = draft(school)
    photo(school, update, ("Ada", "Bram"))
    return update
