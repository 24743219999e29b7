"""The whole public site of a school: what stands on which page, for people, feed readers and search engines."""

import json
import re
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urljoin

import pytest

from tests.site.public_school import (
    BASE,
    MONDAY,
    PDF_NAME,
    POLICY,
    SITE,
    article,
    issue,
    items,
    made,
    notice,
    page,
    trip,
)
from tripupdates.site.render import Policy, Rendered, Section, Trip

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
WHOLE = made()
ARTICLE, ISSUE = SITE.news[0], SITE.newsletters[0]


def _pages(rendered: Rendered) -> dict[str, str]:
    """The pages that people open."""
    return {
        path: data.decode()
        for path, data in rendered.pages.items()
        if path.endswith(".html") and not path.startswith("embed/")
    }


def _moors(years: int) -> tuple[Trip, ...]:
    return tuple(
        Trip(f"moor-{year}", f"Moor {year}", date(year, 3, 1), date(year, 3, 5), items(1))
        for year in range(2028 - years, 2028)
    )


def test_an_urgent_notice_in_force_is_on_top_of_every_page() -> None:
    pages = _pages(WHOLE)
    assert len(pages) == 11
    for path, text in pages.items():
        assert text.index("School is closed today") < text.index('<main id="main">'), path
        assert "until <time" in text[: text.index('<main id="main">')], (
            path
        )  # a page that nobody renews says so
    assert "School is closed today" in page(WHOLE, "embed/latest.html")


@pytest.mark.parametrize("changes", [{"over": True}, {"urgent": False}])
def test_a_notice_that_is_over_or_not_urgent_is_on_top_of_none(changes: dict[str, bool]) -> None:
    pages = _pages(made(notices=(notice(4, **({"urgent": True} | changes)),)))
    assert [path for path, text in pages.items() if 'class="pinned"' in text] == []


def test_the_first_page_tells_of_everything_and_leads_to_it() -> None:
    front = page(WHOLE)
    for words in ("The back gate is closed", "The pond has frogs", "Castle Residential", "The Puddle Post"):
        assert words in front
    assert "one tortoise" not in front
    assert "PDF, 12 pages, 3.4 MB" in front
    order = [front.index(words) for words in ("The pond has frogs", "Sports day is on Friday")]
    assert order == sorted(order)  # the newest first


def test_a_school_with_nothing_to_say_yet_says_so_and_offers_no_empty_parts() -> None:
    pages = _pages(made(trips=(), news=(), notices=(), newsletters=()))
    assert set(pages) == {"index.html", "trips/index.html", "policy.html", "404.html"}
    assert "There is no residential at the moment." in pages["index.html"]
    assert 'class="rooms"' not in pages["index.html"]


def test_news_has_a_page_each_with_its_words_and_photos() -> None:
    text = page(WHOLE, f"news/{ARTICLE.slug}/index.html")
    assert "<h1>Sports day is on Friday</h1>" in text
    assert "<p>Please bring a hat &amp; water.</p>" in text
    assert '<time datetime="2027-05-03T09:00:00+01:00">Monday 3 May 2027, 09:00</time>' in text
    frogs = page(WHOLE, f"news/{SITE.news[1].slug}/index.html")
    assert re.search(r'<img src="../../photos/[0-9a-f]{16}-960.jpg".* alt="A group on a raft."', frogs)


def test_a_newsletter_has_a_page_with_its_cover_and_says_how_large_its_file_is() -> None:
    text = page(WHOLE, f"newsletters/{ISSUE.slug}/index.html")
    file = f"files/{ISSUE.slug}-{PDF_NAME[:16]}.pdf"
    assert f'href="../../{file}">Read the newsletter (PDF, 12 pages, 3.4 MB)</a>' in text
    assert 'alt="The first page of the Puddle Post."' in text
    assert WHOLE.photos[file] == PDF_NAME
    assert f'href="../{file}"' in page(WHOLE, "newsletters/index.html")


def test_notices_in_force_come_first_and_past_ones_stay() -> None:
    text = page(WHOLE, "notices/index.html")
    places = [
        text.index(words)
        for words in (
            ">In force<",
            ">School is closed today</h3>",
            ">The back gate is closed<",
            ">Over, school",
            "one tortoise",
        )
    ]
    assert places == sorted(places)
    assert ', until <time datetime="2027-05-10T09:00:00+01:00">Monday 10 May 2027, 09:00</time>' in text


def test_a_notice_about_a_trip_names_it() -> None:
    late = notice(4, urgent=True, about="Castle Residential", title="The coach is late")
    rendered = made(notices=(late,))
    for path in ("index.html", "notices/index.html"):
        assert '<span class="about">Castle Residential</span>' in page(rendered, path)


def test_the_policy_says_its_rules_and_when_they_were_reviewed() -> None:
    text = page(WHOLE, "policy.html")
    assert "<li>Pupils appear only in groups.</li>" in text
    assert re.search(
        r"Reviewed on <time[^>]*>Thursday 26 November 2026</time>; to be reviewed by "
        r"<time[^>]*>Friday 26 November 2027</time>\.",
        text,
    )
    due = page(made(policy=replace(POLICY, reviewed=None)), "policy.html")
    assert "To be reviewed by <time" in due
    assert "Reviewed" not in due
    never = page(made(policy=Policy(rules=(Section("Pictures", ("None.",)),))), "policy.html")
    assert "eviewed" not in never


def test_the_schools_account_at_x_is_named_where_it_has_one() -> None:
    assert '<a href="https://x.com/PuddleLaneTest">@PuddleLaneTest on X</a>' in page(WHOLE)
    assert "x.com" not in page(made(handle=""))


def test_trips_of_many_years_are_grouped_by_school_year_and_older_years_have_pages() -> None:
    few = page(made(trips=_moors(2)), "trips/index.html")
    assert re.findall(r"<h2[^>]*>([^<]+)</h2>", few) == ["School year 2026/27", "School year 2025/26"]
    rendered = made(trips=_moors(16))
    first = page(rendered, "trips/index.html")
    assert re.findall(r">(Moor \d+)</a>", first) == [f"Moor {year}" for year in range(2027, 2015, -1)]
    assert re.findall(r'href="(\d{4}-\d\d\.html)"', first) == [
        "2014-15.html",
        "2013-14.html",
        "2012-13.html",
        "2011-12.html",
    ]
    assert ">Moor 2013</a>" in page(rendered, "trips/2012-13.html")
    assert 'href="../trips/moor-2013/index.html"' in page(rendered, "trips/2012-13.html")
    assert re.findall(r">(Moor \d+)</a>", page(rendered)) == [
        f"Moor {year}" for year in range(2027, 2021, -1)
    ]


def test_a_trip_with_many_updates_has_a_small_first_page_and_every_update_once() -> None:
    rendered = made(trips=(trip(60, days=5, photos=2),))
    folder = "trips/castle-2027"
    for path in [path for path in _pages(rendered) if path.startswith(folder)]:
        styles = [data for name, data in rendered.pages.items() if re.fullmatch(r"css/.*\.css\.gz", name)]
        assert len(rendered.pages[f"{path}.gz"]) + max(map(len, styles)) < 14_000, path
    found, at = [], "index.html"
    while True:
        text = page(rendered, f"{folder}/{at}")
        found += re.findall(r'<article class="update" id="update-([^"]+)"', text)
        earlier = re.search(r'href="([^"]+)">Earlier:', text)
        if earlier is None:
            break
        at = earlier[1]
    assert found == [item.id for item in trip(60, days=5, photos=2).items]
    assert at == "day.2027-05-03.html"
    assert 'href="index.html">The newest updates</a>' in text


def test_one_more_update_writes_few_files_however_many_there_are() -> None:
    written = {}
    for count in (10, 400):
        every = items(count, days=5, photos=2)
        before = made(trips=(replace(trip(), items=every[1:]),)).pages
        after = made(trips=(replace(trip(), items=every),)).pages
        written[count] = sorted(path for path, data in after.items() if before.get(path) != data)
    plain = {path.removesuffix(".gz").removesuffix(".br") for path in written[400]}
    assert {path for path in plain if "/day." not in path} == {
        "index.html",
        "trips/index.html",
        "trips/castle-2027/index.html",
        "trips/castle-2027/feed.xml",
        "trips/castle-2027/feed.json",
        "feed.xml",
        "feed.json",
        "embed/latest.html",
        "embed/latest.inc.html",
    }
    assert len(written[400]) <= len(written[10]) + 6


def test_every_link_leads_to_something_on_the_site() -> None:
    rendered = made(trips=(trip(60, days=5, photos=2), *_moors(16)))
    there = {f"{BASE}{path}" for path in (*rendered.pages, *rendered.photos)}
    for path, data in rendered.pages.items():
        if path.endswith(".html"):
            base = BASE if path == "404.html" else f"{BASE}{path}"
            links = re.findall(r'(?:src|href)="([^"#]+)["#]', data.decode())
            links += [
                one.split()[0]
                for many in re.findall(r'srcset="([^"]+)"', data.decode())
                for one in many.split(", ")
            ]
            for link in links:
                whole = urljoin(base, link)
                whole += "index.html" if whole.endswith("/") else ""
                assert whole in there or whole == "https://x.com/PuddleLaneTest", (path, link)


def _meta(text: str) -> dict[str, str]:
    return dict(re.findall(r'<meta (?:property|name)="(?:og:)?([^"]+)" content="([^"]*)">', text))


def test_whoever_shares_a_link_shows_its_title_and_the_icon_never_a_photo() -> None:
    for path, text in _pages(WHOLE).items():
        if path == "404.html":
            assert 'rel="canonical"' not in text
            continue
        meta, address = _meta(text), BASE + path.removesuffix("index.html")
        assert (meta["image"], meta["url"]) == (f"{BASE}icon-512.png", address)
        assert f'<link rel="canonical" href="{address}">' in text
        assert all((meta["title"], meta["description"], meta["site_name"] == SITE.school))
        assert [value for value in meta.values() if "photos/" in value] == []
    told = _meta(page(WHOLE, f"news/{ARTICLE.slug}/index.html"))
    assert (told["type"], told["title"]) == ("article", "Sports day is on Friday")
    assert told["description"] == "Please bring a hat &amp; water. Parents are welcome from 1 pm."
    assert _meta(page(WHOLE))["type"] == "website"
    assert WHOLE.pages["icon-512.png"].startswith(b"\x89PNG")


def test_the_sitemap_names_every_page_but_what_is_for_frames_and_wrong_addresses() -> None:
    root = ET.fromstring(WHOLE.pages["sitemap.xml"])
    days = {each.findtext(f"{MAP}loc"): each.findtext(f"{MAP}lastmod") for each in root}
    pages = {BASE + path.removesuffix("index.html") for path in _pages(WHOLE)} - {f"{BASE}404.html"}
    assert set(days) == pages
    assert days[f"{BASE}news/{ARTICLE.slug}/"] == "2027-05-03"
    assert days[f"{BASE}policy.html"] is None
    assert page(WHOLE, "robots.txt").splitlines() == [
        "User-agent: *",
        "Disallow: /school/trips/embed/",
        "",
        f"Sitemap: {BASE}sitemap.xml",
    ]


def test_the_feed_of_the_whole_site_says_where_each_entry_is_from() -> None:
    feed = ET.fromstring(WHOLE.pages["feed.xml"])
    titles = [entry.findtext(f"{ATOM}title") or "" for entry in feed.findall(f"{ATOM}entry")]
    assert {title.split(":")[0] for title in titles} == {"News", "Notice", "Newsletter", "Castle Residential"}
    assert not any("tortoise" in title for title in titles)
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": f"{BASE}feed.xml", "alternate": BASE}
    times = [entry.findtext(f"{ATOM}published") for entry in feed.findall(f"{ATOM}entry")]
    assert times == sorted(times, reverse=True)  # type: ignore[type-var] # none is missing
    assert "photos/" not in page(WHOLE, "feed.xml")


@pytest.mark.parametrize("folder", ["", "trips/castle-2027/"])
def test_the_json_feed_tells_the_same_as_atom(folder: str) -> None:
    atom, found = (
        ET.fromstring(WHOLE.pages[f"{folder}feed.xml"]),
        json.loads(WHOLE.pages[f"{folder}feed.json"]),
    )
    assert (found["version"], found["feed_url"]) == (
        "https://jsonfeed.org/version/1.1",
        f"{BASE}{folder}feed.json",
    )
    assert (found["home_page_url"], found["authors"]) == (BASE + folder, [{"name": SITE.school}])
    entries = [
        {
            "id": entry.findtext(f"{ATOM}id"),
            "url": next(link.get("href") for link in entry.findall(f"{ATOM}link")),
            "title": entry.findtext(f"{ATOM}title"),
            "content_text": entry.findtext(f"{ATOM}content"),
            "date_published": entry.findtext(f"{ATOM}published"),
        }
        for entry in atom.findall(f"{ATOM}entry")
    ]
    assert (found["items"], found["title"]) == (entries, atom.findtext(f"{ATOM}title"))
    assert len(entries) >= 3


def test_a_feed_holds_the_newest_fifty() -> None:
    every = trip(120, days=5)
    feed = json.loads(made(trips=(every,)).pages["trips/castle-2027/feed.json"])
    assert [each["id"] for each in feed["items"]] == [f"urn:uuid:{item.id}" for item in every.items[:50]]


def test_an_older_update_is_found_where_it_stands_now() -> None:
    rendered = made(trips=(trip(60, days=5, photos=2),))
    for each in json.loads(rendered.pages["trips/castle-2027/feed.json"])["items"]:
        path, _, anchor = each["url"].removeprefix(BASE).partition("#")
        path += "index.html" if path.endswith("/") else ""
        assert f'id="{anchor}"' in page(rendered, path)


def test_what_is_urgent_about_a_trip_stands_once_in_feeds_and_on_top_alone_of_the_embedded_list() -> None:
    walk = trip(2)
    late = notice(0, id=walk.items[0].id, urgent=True, about=walk.name, title="The coach is late")
    rendered = made(trips=(walk,), notices=(late,))
    entries = json.loads(rendered.pages["feed.json"])["items"]
    assert [each["title"] for each in entries if each["id"] == f"urn:uuid:{late.id}"] == [
        "Notice: The coach is late"
    ]
    assert len({each["id"] for each in entries}) == len(entries)  # RFC 4287, 4.1.1
    piece = page(rendered, "embed/latest.inc.html")
    assert piece.count("The coach is late") == 1
    only = page(made(trips=(), news=(), newsletters=(), notices=(late,)), "embed/latest.inc.html")
    assert "Nothing has been posted yet." not in only


def test_the_embedded_list_links_to_whole_addresses_that_open_on_top() -> None:
    for path in ("embed/latest.html", "embed/latest.inc.html"):
        text = page(WHOLE, path)
        links = re.findall(r"<a [^>]*>", text)
        assert len(links) == 1 + 5 + 1  # the notice, the newest few, all of it
        for link in links:
            assert re.fullmatch(rf'<a href="{re.escape(BASE)}[^"]*" target="_top">', link)
        assert "<script" not in text
        assert "<img" not in text
    whole, piece = page(WHOLE, "embed/latest.html"), page(WHOLE, "embed/latest.inc.html")
    assert piece.strip() in whole
    assert '<meta name="referrer" content="no-referrer">' in whole
    assert not re.search(r"<(?:html|head|body|link|meta|h\d)\b", piece)


def test_without_anything_to_say_the_embedded_list_says_so() -> None:
    text = page(made(trips=(), news=(), notices=(), newsletters=()), "embed/latest.inc.html")
    assert "Nothing has been posted yet." in text


def test_the_same_values_give_the_same_bytes_in_whatever_order_they_come() -> None:
    assert made() == WHOLE
    turned = made(news=SITE.news[::-1], notices=SITE.notices[::-1], newsletters=(issue(7), *SITE.newsletters))
    straight = made(newsletters=(*SITE.newsletters, issue(7)))
    assert turned == straight


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"news": (article(1), article(1))}, "two articles"),
        ({"news": (article(1, slug="../up"),)}, "slug"),
        ({"newsletters": (issue(6, slug="Up"),)}, "slug"),
        ({"newsletters": (issue(6), issue(6))}, "two newsletters"),
        ({"newsletters": (issue(6, pdf="../../etc/passwd"),)}, "PDF"),
        ({"newsletters": (issue(6, pdf=f"{'0' * 64}.jpg"),)}, "PDF"),
        ({"news": (article(1, published=MONDAY.replace(tzinfo=None)),)}, "zone"),
        ({"notices": (notice(3, id="../../etc"),)}, "UUID"),
        ({"notices": (notice(3, until=MONDAY.replace(tzinfo=None)),)}, "zone"),
        ({"handle": 'x"><script>'}, "handle"),
    ],
)
def test_what_would_make_a_bad_page_is_refused(changes: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        made(**changes)


def test_words_of_every_kind_are_escaped() -> None:
    odd = '<i>"Bells" & \x07 whistles</i>'
    rendered = made(
        news=(article(1, title=odd, text=odd),),
        notices=(notice(3, title=odd, text=odd, about=odd, urgent=True),),
        newsletters=(issue(6, title=odd, text=odd),),
        policy=Policy(rules=(Section(odd, (odd,)),)),
        trips=(replace(trip(), name=odd),),
        school=odd,
    )
    for path, data in rendered.pages.items():
        if path.endswith((".html", ".xml")):
            assert b"<i>" not in data, path
            assert b"\x07" not in data, path
        if path.endswith(".xml"):
            ET.fromstring(data)


def test_a_text_browser_shows_it(tmp_path: Path) -> None:
    for path, data in WHOLE.pages.items():
        (place := tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)

    def lines(path: str) -> list[str]:
        command = ["w3m", "-dump", "-cols", "78", "-o", "display_image=0", str(tmp_path / path)]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return [line.strip() for line in shown.splitlines()]

    front = lines("index.html")
    for words in ("School is closed today", "News and trips", "• Castle Residential", "• The pond has frogs"):
        assert any(line.startswith(words) for line in front), words
    assert "Read the newsletter (PDF, 12 pages, 3.4 MB)" in lines(f"newsletters/{ISSUE.slug}/index.html")
    assert "• Pupils appear only in groups." in lines("policy.html")


def test_times_are_told_for_machines_too_in_the_schools_zone() -> None:
    assert '<time datetime="2027-05-03T09:00:00+01:00">09:00</time>' in page(
        made(trips=(trip(1),)), "trips/castle-2027/index.html"
    )
    winter = article(9, MONDAY - timedelta(days=120))
    assert "+00:00" in page(made(news=(winter,)), f"news/{winter.slug}/index.html")
