"""A newsletter in a real browser: sent, declared, approved, announced, read on the website. What its PDF tells: nothing."""

from datetime import date
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Town, accessibility_problems
from tests.documents.pdfs import streams_of
from tests.factories import work
from tests.photos.traces import traces
from tests.test_newsletters import begun, document, sent
from tripupdates.documents import rules
from tripupdates.photos.proof import location_in
from tripupdates.practice import camera
from tripupdates.practice.paper import newsletter
from tripupdates.vocabulary import Channel


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    """As a word processor saved it: with its author, and photos that say where they were taken."""
    file = tmp_path / "Newsletter 7 final (2).pdf"
    file.write_bytes(newsletter("The Puddle Post", date(2027, 5, 4)))
    assert location_in(file.read_bytes())
    return file


def _fill_in(page: Page, pdf: Path) -> None:
    page.get_by_label("Title").fill("The Puddle Post 7")
    page.get_by_label("What is in it?").fill("The choir sang, and the book fair comes.")
    page.get_by_label("Date of the issue").fill("2027-05-04")
    page.get_by_label("The newsletter as a PDF").set_input_files(pdf)


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_newsletter_goes_from_the_office_to_everybody_and_its_pdf_tells_nothing(
    town: Town, pdf: Path, script: bool
) -> None:
    page = town.signed_in("office", script)
    page.goto("/staff/school/")
    page.get_by_role("link", name="Newsletter", exact=True).click()
    _fill_in(page, pdf)
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("alert")).to_contain_text(rules.NOT_DECLARED, timeout=15_000)
    page.get_by_label("The newsletter as a PDF").set_input_files(pdf)
    page.get_by_label(rules.CONSENTED).check()
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("where a picture was taken")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Send to the head").click()
    expect(page.get_by_text("With the head")).to_be_visible()

    head = town.signed_in("head", script)
    head.get_by_role("link", name="Look at it").click()
    expect(head.get_by_role("img", name="The first page of the newsletter")).to_be_visible()
    expect(head.get_by_text("Ms Office Sample declared on")).to_be_visible()
    head.get_by_role("button", name="Approve").click()
    expect(head.get_by_text("Approved. It is on its way.")).to_be_visible()

    work(town.school, Channel.WEBSITE, Channel.X)
    assert [(post["text"], post["media"]) for post in town.x.posts()] == [
        ("Our newsletter, 4 May 2027: The Puddle Post 7", [])
    ]
    anybody = town.phone(script).new_page()
    anybody.goto("/site/newsletters/")
    anybody.get_by_role("link", name="The Puddle Post 7").first.click()
    expect(anybody.get_by_text("The choir sang, and the book fair comes.")).to_be_visible()
    link = anybody.get_by_role("link", name="Read the newsletter").get_attribute("href")
    got = anybody.request.get(urljoin(anybody.url, link))
    assert (got.status, got.headers["content-type"]) == (200, "application/pdf")
    layers = [got.body(), *streams_of(got.body())]
    assert set().union(*(traces(layer, [camera.PLANTED]) for layer in layers)) == set()
    assert not any(map(location_in, layers))


@pytest.mark.parametrize(("scheme", "wide"), [("light", 390), ("dark", 195)])
def test_its_pages_can_be_used_by_everybody(town: Town, scheme: str, wide: int) -> None:
    draft, waiting = begun(town.school), sent(town.school)
    for who, addresses in (
        ("office", ("/staff/school/new/newsletter", f"/staff/updates/{draft}")),
        ("head", (f"/review/{waiting}",)),
    ):
        page = town.signed_in(who)
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": wide, "height": 844})
        for address in addresses:
            page.goto(address)
            assert accessibility_problems(page) == []
            assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), address
            low = page.evaluate(
                """() => [...document.querySelectorAll('main button, main a.line, main summary, main .choice')]
                .filter((part) => part.offsetParent && part.getBoundingClientRect().height < 44)
                .map((part) => part.textContent)"""
            )
            assert low == []


def test_another_pdf_is_asked_for_only_by_who_wants_it(town: Town, pdf: Path) -> None:
    update = begun(town.school)
    before = document(update).name
    page = town.signed_in("office")
    page.goto(f"/staff/updates/{update}")
    expect(page.get_by_label("The other PDF")).to_be_hidden()
    page.get_by_text("Another PDF instead").click()
    page.get_by_label("The other PDF").set_input_files(pdf)
    page.get_by_label(rules.CONSENTED).check()
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("Saved.")).to_be_visible(timeout=15_000)
    assert document(update).name != before
