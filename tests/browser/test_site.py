"""The public site in a real browser: for everybody's eyes and hands, without a script, and in a frame of another website."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import accessibility_problems
from tests.servers import free_port
from tests.site.public_school import LOOK, SITE, store
from tests.web import nginx
from tripupdates.channels.contract import Tree
from tripupdates.site.folder import Folder
from tripupdates.site.render import website
from tripupdates.site.sync import sync

BELOW = "/school/trips/"
PAGES = [
    "",
    "trips/",
    "trips/castle-2027/",
    "news/",
    f"news/{SITE.news[1].slug}/",
    "newsletters/",
    f"newsletters/{SITE.newsletters[0].slug}/",
    "notices/",
    "policy.html",
    "nothing-here",
    "embed/latest.html",
]
ON_A_FINGER = """() => [...document.querySelectorAll("a")].filter(link => {
    const box = link.getBoundingClientRect();
    return box.width > 1 && box.right > 0 && box.height < 43.9;
}).map(link => link.textContent.trim() + " " + link.getBoundingClientRect().height)"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole site of a made-up school, below an address of its own; beside it a page that frames some of it."""
    folder, port = tmp_path_factory.mktemp("www"), free_port()
    made = website(SITE, LOOK)
    sync(Tree(made.pages, made.photos, store().__getitem__), Folder(folder / "site"))
    _write_present_website(folder / "present", port)
    configuration = nginx.mounted(
        tmp_path_factory.mktemp("nginx"), port, folder / "site", BELOW, bare=folder / "present"
    )
    with nginx.running(configuration, port) as address:
        yield address


def _write_present_website(folder: Path, port: int) -> None:
    """A page of the school's present website, on another host name."""
    frames = "".join(
        f'<iframe name="{name}" src="http://127.0.0.1:{port}{BELOW}{path}" width="350" height="400"></iframe>'
        for name, path in (("latest", "embed/latest.html"), ("whole", "index.html"))
    )
    folder.mkdir()
    (folder / "index.html").write_text(f"<!doctype html><title>Present</title>{frames}", "utf-8")


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=request.param) as phone:
        yield phone.new_page()


def test_every_page_can_be_used_by_everybody_and_on_a_narrow_screen(base: str, page: Page) -> None:
    troubles = []
    for path in PAGES:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(base + BELOW + path)
        troubles += [f"{path}: {problem}" for problem in accessibility_problems(page)]
        troubles += [f"{path}: too small for a finger: {link}" for link in page.evaluate(ON_A_FINGER)]
        for width in (390, 195):
            page.set_viewport_size({"width": width, "height": 844})
            wide = page.evaluate("() => document.documentElement.scrollWidth")
            troubles += [f"{path} is {wide} wide"] if wide > width else []
    assert troubles == []


def test_the_embedded_list_shows_on_another_website_and_opens_on_top_and_nothing_else_does(
    base: str, browser: Browser
) -> None:
    with browser.new_context(java_script_enabled=False) as phone:
        page = phone.new_page()
        page.goto(base.replace("127.0.0.1", "localhost") + "/bare/index.html")
        latest = page.frame_locator("iframe[name=latest]")
        expect(latest.get_by_role("link", name="School is closed today").first).to_be_visible()
        expect(page.frame_locator("iframe[name=whole]").get_by_role("heading")).to_have_count(0)
        address = latest.get_by_role("link", name="The pond has frogs").get_attribute("href")
        assert address == f"{SITE.base_url}news/{SITE.news[1].slug}/"
        assert latest.get_by_role("link", name="The pond has frogs").get_attribute("target") == "_top"
