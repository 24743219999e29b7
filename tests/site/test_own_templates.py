"""A school's own templates: they take the place of ours file by file, and a broken one loses nothing."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound

from tests.confined import instead
from tests.factories import School, all_consent, approved, consent, work
from tests.site.public_school import SITE
from tripupdates import erasure, takedown
from tripupdates.database import fresh
from tripupdates.outbox import worker
from tripupdates.settings import folder_of_ours
from tripupdates.site import looks, room
from tripupdates.site.render import BrokenTemplate, Look, website
from tripupdates.vocabulary import Channel, Order

OURS = folder_of_ours("templates") / "site"
GOOD = '{% extends "public.html" %}{% block title %}Hello{% endblock %}{% block main %}<h1>Hello</h1>{% endblock %}'
BROKEN = '{% extends "public.html" %}\n{% block main %}\n{% if trips %}\n{% endblock %}\n'

AT_ONCE = "child.MOST_SECONDS = 1\nchild.main()"  # as ours is started, with less patience

Put = Callable[[str, str | bytes], None]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Puts a file into the school's own folder."""

    def write(name: str, text: str | bytes) -> None:
        folder = tmp_path / "templates" / "site"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)

    return write


def test_a_template_of_the_schools_own_takes_the_place_of_ours_and_the_others_stay(
    tmp_path: Path, put: Put
) -> None:
    put("index.html", GOOD)
    with_own, without = website(SITE, looks.of(tmp_path)).pages, website(SITE, looks.ours()).pages
    changed = {path for path, data in with_own.items() if without.get(path) != data}
    assert changed == {"index.html", "index.html.gz", "index.html.br"}
    assert b"<h1>Hello</h1>" in with_own["index.html"]


def test_a_frame_of_the_schools_own_is_around_every_page(tmp_path: Path, put: Put) -> None:
    frame = (OURS / "public.html").read_text("utf-8").replace("</footer>", "<p>Since 1903</p></footer>")
    put("public.html", frame)
    pages = website(SITE, looks.of(tmp_path)).pages
    without = [path for path in pages if path.endswith(".html") and b"Since 1903" not in pages[path]]
    assert without == ["embed/latest.html", "embed/latest.inc.html"]


def test_a_school_has_its_own_style_and_icons(tmp_path: Path, put: Put) -> None:
    put("school.css", ":root { --accent: #7a0019; }")
    put("icon.svg", "<svg/>")
    put("icon-512.png", b"\x89PNG of ours")
    put("notes.txt", "this is no part of it")
    pages = website(SITE, looks.of(tmp_path)).pages
    assert (pages["icon.svg"], pages["icon-512.png"]) == (b"<svg/>", b"\x89PNG of ours")
    style = re.search(r'href="(css/[0-9a-f]{16}\.css)"', pages["index.html"].decode())
    assert style is not None
    assert pages[style[1]] == looks.ours().css + b":root { --accent: #7a0019; }"
    assert not any("notes" in path for path in pages)


@pytest.mark.parametrize(
    ("name", "text", "line", "why"),
    [
        ("index.html", BROKEN, 4, "endblock"),
        (
            "policy.html",
            '{% extends "public.html" %}\n\n{% block main %}{{ polcy.due }}{% endblock %}',
            3,
            "polcy",
        ),
        ("trip.html", "{{ trip.name }}\n{{ trip.venue }}", 2, "venue"),
        ("notices.html", '{% include "header.html" %}', 1, "header.html"),
        ("article.html", "{{ 1 / 0 }}", 1, "ZeroDivisionError"),
        ("issue.html", "{{ issue.title | shout }}", 1, "shout"),
        ("_pieces.html", "{% macro notice(each) %}\n{{ each.nothing }}{% endmacro %}", 2, "nothing"),
        ("_pieces.html", "", 0, "notice"),
        ("news.html", b"Caf\xe9", 0, "UTF-8"),
        ("embed.html", '{{ "".__class__.__mro__ }}', 1, "unsafe"),
        ("missing.html", "{% for i in range(99999999) %}{% endfor %}", 1, "OverflowError"),
    ],
)
def test_what_is_wrong_is_told_with_its_template_and_line(
    tmp_path: Path, put: Put, name: str, text: str | bytes, line: int, why: str
) -> None:
    put(name, text)
    with pytest.raises(BrokenTemplate) as broken:
        website(SITE, looks.of(tmp_path))
    assert (broken.value.name, broken.value.line) == (f"templates/site/{name}", line)
    assert why in broken.value.why


@pytest.mark.parametrize(
    "reach",
    [
        "{{ trip.__init__.__globals__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ self.__init__.__globals__ }}",
        "{% set _ = rooms.append(1) %}",
        "{{ school.format.__self__.__class__ }}",
        '{% include "../families/code.html" %}',
        '{% include "/etc/passwd" %}',
    ],
)
def test_a_template_reaches_nothing_but_what_pages_show(tmp_path: Path, put: Put, reach: str) -> None:
    put("trip.html", reach)
    with pytest.raises(BrokenTemplate):
        website(SITE, looks.of(tmp_path))


def test_what_is_wrong_in_our_own_is_not_put_on_the_school(tmp_path: Path) -> None:
    with pytest.raises(TemplateNotFound):
        website(SITE, Look(tmp_path, b"", b"", b"", b""))


def _index(school: School) -> str:
    return (school.house.settings.site / "index.html").read_text("utf-8")


def _there(school: School) -> set[str]:
    site = school.house.settings.site
    return {str(path.relative_to(site)) for path in site.rglob("*.*")}


def test_a_broken_template_stops_the_website_alone_and_says_what_to_mend(school: School, put: Put) -> None:
    approved(school, text="The first.")
    work(school)
    before = _index(school)
    put("index.html", BROKEN)
    second = approved(school, text="The second.")
    work(school)
    assert school.deliveries(second) == {"families": "sent", "website": "needs_person", "x": "pending"}
    problem = school.delivery(second, Channel.WEBSITE).problem
    assert problem.startswith("The school’s own template templates/site/index.html, line 4, cannot be used: ")
    assert problem.endswith("Ask whoever made the template to mend it, then try again.")
    assert _index(school) == before
    trip = school.house.settings.site / "trips" / school.slug / "index.html"
    assert "The second." not in trip.read_text("utf-8")


def test_what_a_very_long_mistake_says_fits_an_order(school: School, put: Put) -> None:
    put("index.html", "{{ %s }}" % ("x" * 900))
    update = approved(school)
    work(school)
    assert len(school.delivery(update, Channel.WEBSITE).problem) <= 400


def test_once_it_is_mended_the_site_is_brought_to_what_should_stand(school: School, put: Put) -> None:
    put("index.html", BROKEN)
    approved(school, text="The first.")
    work(school)
    worker.mend_pages(school.house, Channel.WEBSITE)  # a worker that starts meanwhile goes on with the rest
    assert not school.house.settings.site.exists()
    put("index.html", GOOD)
    worker.mend_pages(school.house, Channel.WEBSITE)
    assert "<h1>Hello</h1>" in _index(school)


def test_a_takedown_never_waits_for_a_template(school: School, put: Put) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"), text="At the tower.")
    work(school)
    assert any(path.startswith("photos/") for path in _there(school))
    put("trip.html", BROKEN)
    consent(school, {"Ada": (Channel.WEBSITE,)}, yes=False)
    work(school)
    assert [path for path in _there(school) if path.startswith("photos/")] == []
    page = school.house.settings.site / "trips" / school.slug / "index.html"
    assert "At the tower." in page.read_text("utf-8")
    assert "<img" not in page.read_text("utf-8")
    assert erasure.still_there(school.house, fresh()) == []
    assert school.delivery(update, Channel.WEBSITE).state == "sent"


ENDLESS = "{% for a in range(99999) %}\n{% for b in range(99999) %}{% endfor %}{% endfor %}"


def test_a_template_that_comes_to_no_end_is_told_with_its_line(
    tmp_path: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("missing.html", ENDLESS)
    monkeypatch.setattr(subprocess, "Popen", instead(f"from tripupdates.site import child\n{AT_ONCE}"))
    with pytest.raises(BrokenTemplate) as broken:
        room.website(SITE, looks.of(tmp_path))
    assert (broken.value.name, broken.value.line) == ("templates/site/missing.html", 2)
    assert broken.value.why == "it comes to no end"


def test_a_template_that_needs_too_much_memory_is_told_with_its_line(tmp_path: Path, put: Put) -> None:
    put("missing.html", "\n{{ 'x' * 9999999999 }}")
    with pytest.raises(BrokenTemplate, match=r"missing\.html, line 2: it needs more memory than there is"):
        room.website(SITE, looks.of(tmp_path))


def test_pages_made_in_a_process_of_its_own_are_the_same(tmp_path: Path, put: Put) -> None:
    put("index.html", GOOD)
    assert room.website(SITE, looks.of(tmp_path)) == website(SITE, looks.of(tmp_path))


@pytest.mark.parametrize(
    "code",
    [
        "sys.stdin.buffer.read(); os.kill(os.getpid(), signal.SIGKILL)",
        """print(json.dumps({"path": "index.html", "bytes": 2}) + "\\n..", end="")""",
        "while True: os.write(1, bytes(1_000_000))",
    ],
    ids=["killed", "half of it", "more bytes than there is room for"],
)
def test_what_is_not_a_whole_site_is_none(
    tmp_path: Path, put: Put, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    put("index.html", GOOD)
    monkeypatch.setattr(subprocess, "Popen", instead(code))
    with pytest.raises(BrokenTemplate, match=r"templates/site/index\.html, line 0: it takes too long"):
        room.website(SITE, looks.of(tmp_path))


def test_a_takedown_goes_through_a_template_that_costs_its_process(
    school: School, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = approved(school, text="At the tower.")
    work(school)
    put("index.html", GOOD)
    monkeypatch.setattr(subprocess, "Popen", instead("os.kill(os.getpid(), signal.SIGKILL)"))
    takedown.take_down(school.house, school.head, update, "The wrong tower.")
    work(school, Channel.WEBSITE)
    site = school.house.settings.site
    assert school.delivery(update, Channel.WEBSITE, Order.REMOVE).problem == (
        "The school’s own template templates/site/index.html cannot be used: it takes too long, needs too much memory, or "
        "makes pages that are too large. This could not wait, so the whole website looks plain, as ours do, until the next "
        "thing is published."
    )
    assert [path for path in site.rglob("*.html") if "At the tower." in path.read_text("utf-8")] == []
    assert not (site / "trips" / school.slug).exists()


def test_while_the_computer_is_busy_an_update_waits_and_a_takedown_does_not(
    school: School, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("index.html", GOOD)
    first = approved(school, text="The first.")
    work(school)
    monkeypatch.setattr(room, "PATIENCE", 0.01)
    takedown.take_down(school.house, school.head, first, "The wrong tower.")
    second = approved(school, text="The second.")
    work(school, Channel.WEBSITE, limit=3)
    assert "<h1>Hello</h1>" not in _index(school)
    order = school.delivery(second, Channel.WEBSITE)
    assert (order.state, order.problem) == ("pending", room.BUSY)
