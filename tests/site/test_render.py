"""The static pages: what stands on them, that nothing else does, and that the same values give the same bytes."""

import posixpath
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from tripupdates.settings import folder_of_ours
from tripupdates.site import looks
from tripupdates.site.render import Item, Photo, Rendered, Site, Size, Trip, families, website

LONDON = ZoneInfo("Europe/London")
TEMPLATES = folder_of_ours("templates") / "site"
CSS = (folder_of_ours("static") / "css" / "site.css").read_bytes()
LOOK = looks.ours()
SCRIPT = b"export {};"
NAMES = [f"{number:064x}.jpg" for number in range(4)]
PHOTO = Photo("A group on a raft.", (Size(480, 360, NAMES[0]), Size(960, 720, NAMES[1])))
FIRST = Item(
    "11111111-1111-4111-8111-111111111111", "We arrived.", datetime(2027, 5, 3, 12, 5, tzinfo=LONDON)
)
SECOND = Item(
    "22222222-2222-4222-8222-222222222222",
    "We climbed <b>the</b> tower.\nAll 114 steps.\n\nSoup & bread.",
    datetime(2027, 5, 4, 18, 40, tzinfo=LONDON),
    (PHOTO,),
)
TRIP = Trip("castle-2027", "Castle Residential", date(2027, 5, 3), date(2027, 5, 7), (SECOND, FIRST))
SITE = Site("Puddle Lane Junior School", "https://school.example/site/", (TRIP,))
ATOM = "{http://www.w3.org/2005/Atom}"


def _website(site: Site = SITE) -> Rendered:
    return website(site, LOOK)


def _families(site: Site = SITE) -> Rendered:
    return families(site, TEMPLATES, CSS, SCRIPT, b"<svg/>")


def _with(items: tuple[Item, ...]) -> Rendered:
    return _website(replace(SITE, trips=(replace(TRIP, items=items),)))


def _page(rendered: Rendered, path: str) -> str:
    return rendered.pages[path].decode()


def test_the_website_of_a_school_with_one_trip_has_these_files_and_no_more() -> None:
    made = _website()
    styles = [path for path in made.pages if re.fullmatch(r"css/[0-9a-f]{16}\.css", path)]
    assert len(styles) == 2  # of its pages, and of the one in a frame
    texts = [
        *styles,
        "index.html",
        "policy.html",
        "404.html",
        "trips/index.html",
        "trips/castle-2027/index.html",
        "trips/castle-2027/feed.xml",
        "trips/castle-2027/feed.json",
        "feed.xml",
        "feed.json",
        "sitemap.xml",
        "robots.txt",
        "embed/latest.html",
        "embed/latest.inc.html",
        "icon.svg",
    ]
    packed = [f"{path}{suffix}" for path in texts for suffix in (".gz", ".br")]
    assert sorted(made.pages) == sorted([*texts, *packed, "icon-512.png"])
    assert made.photos == {f"photos/{PHOTO.mark}-{size.width}.jpg": size.name for size in PHOTO.sizes}


def test_the_families_page_is_whole_in_its_own_folder() -> None:
    made = _families()
    assert all(path.startswith("castle-2027/") for path in {*made.pages, *made.photos})
    assert "castle-2027/index.html" in made.pages


def test_the_same_values_give_the_same_bytes() -> None:
    assert (_website(), _families()) == (_website(), _families())


def test_words_are_escaped_and_keep_their_lines_and_paragraphs() -> None:
    page = _page(_website(), "trips/castle-2027/index.html")
    assert "<p>We climbed &lt;b&gt;the&lt;/b&gt; tower.<br>All 114 steps.</p>" in page
    assert "<p>Soup &amp; bread.</p>" in page


def test_updates_stand_newest_first_by_day() -> None:
    page = _page(_families(), "castle-2027/index.html")
    places = [
        page.index(words)
        for words in ("Tuesday 4 May</h2>", ">18:40</time>", "Monday 3 May</h2>", ">12:05</time>")
    ]
    assert places == sorted(places)


def test_a_photo_has_its_sizes_alt_text_and_place() -> None:
    page = _page(_website(), "trips/castle-2027/index.html")
    assert 'alt="A group on a raft."' in page
    assert 'width="960" height="720"' in page
    below = f"../../photos/{PHOTO.mark}"
    assert f"{below}-480.jpg 480w, {below}-960.jpg 960w" in page


def test_only_photos_below_the_first_are_lazy() -> None:
    two = replace(SECOND, photos=(PHOTO, PHOTO))
    page = _page(_with((two,)), "trips/castle-2027/index.html")
    assert [("lazy" in image) for image in re.findall(r"<img[^>]*>", page)] == [False, True]


@pytest.mark.parametrize(
    ("made", "scripts"),
    [(website(SITE, LOOK), 0), (families(SITE, TEMPLATES, CSS, SCRIPT, b"<svg/>"), 1)],
)
def test_no_page_has_a_script_or_a_style_in_it_or_asks_another_host(made: Rendered, scripts: int) -> None:
    for page in (data.decode() for path, data in made.pages.items() if path.endswith(".html")):
        found = re.findall(r"<script[^>]*>[^<]*<", page)
        assert (
            len(
                [
                    each
                    for each in found
                    if re.fullmatch(r'<script type="module" src="js/[0-9a-f]{16}\.js"><', each)
                ]
            )
            == scripts
        )
        assert len(found) == scripts
        assert re.search(r"\s(?:style|on\w+)=", page) is None
        asked = re.findall(r"<(?!a |link rel=.canonical|meta )[^>]*https?:[^>]*>", page)
        assert (
            asked == []
        )  # whoever reads it asks nobody else; links and what a search engine reads may name a host


def test_every_link_of_families_leads_to_something_in_the_tree() -> None:
    made = _families()
    for path in [path for path in made.pages if path.endswith(".html")]:
        for link in re.findall(r'(?:src|href)="([^"#]+)["#]', _page(made, path)):
            whole = posixpath.normpath(posixpath.join(posixpath.dirname(path), link))
            assert whole in {*made.pages, *made.photos}, (path, link)


def test_the_page_for_a_wrong_address_works_at_any_depth() -> None:
    links = re.findall(r'href="([^"#]+)"', _page(_website(), "404.html"))
    assert "/site/policy.html" in links
    assert [link for link in links if not link.startswith("/site/")] == []


def test_families_pages_stay_out_of_search_engines() -> None:
    page = _page(_families(), "castle-2027/index.html")
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert '<meta name="referrer" content="no-referrer">' in page
    assert "noindex" not in _page(_website(), "trips/castle-2027/index.html")


def test_no_page_says_where_the_trip_is() -> None:
    assert not any("venue" in field for field in Trip.__dataclass_fields__)


def test_the_feed_is_atom() -> None:
    feed = ET.fromstring(_website().pages["trips/castle-2027/feed.xml"])
    assert feed.tag == ATOM + "feed"
    assert feed.findtext(ATOM + "updated") == "2027-05-04T18:40:00+01:00"
    assert [entry.findtext(ATOM + "id") for entry in feed.findall(ATOM + "entry")] == [
        f"urn:uuid:{SECOND.id}",
        f"urn:uuid:{FIRST.id}",
    ]
    for needed in ("id", "title", "updated"):
        assert all(entry.findtext(ATOM + needed) for entry in [feed, *feed.findall(ATOM + "entry")])


def test_a_feed_names_where_it_and_its_page_are() -> None:
    feed = ET.fromstring(_website().pages["trips/castle-2027/feed.xml"])
    page = "https://school.example/site/trips/castle-2027/"
    links = {link.get("rel"): link.get("href") for link in feed.findall(ATOM + "link")}
    assert links == {"self": page + "feed.xml", "alternate": page}
    entry = feed.find(ATOM + "entry/" + ATOM + "link")
    assert entry is not None
    assert entry.get("href") == f"{page}#update-{SECOND.id}"


def test_a_feed_without_updates_is_as_old_as_the_trip() -> None:
    feed = ET.fromstring(_with(()).pages["trips/castle-2027/feed.xml"])
    assert feed.findtext(ATOM + "updated") == "2027-05-03T00:00:00+00:00"


def test_a_long_first_line_makes_a_short_title() -> None:
    feed = ET.fromstring(_with((replace(FIRST, text="walking " * 30),)).pages["trips/castle-2027/feed.xml"])
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == "walking " * 8 + "walking…"


def test_an_update_of_photos_only_has_its_time_for_a_title_and_no_empty_paragraph() -> None:
    made = _with((replace(SECOND, text="  \n \n"),))
    feed = ET.fromstring(made.pages["trips/castle-2027/feed.xml"])
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == "18:40"
    assert "<p></p>" not in _page(made, "trips/castle-2027/index.html")


def test_line_ends_of_every_kind_make_the_same_page() -> None:
    unix, windows = ("One.\nTwo.\n\nThree.", "One.\r\nTwo.\r\n\r\nThree.")
    assert _with((replace(FIRST, text=unix),)) == _with((replace(FIRST, text=windows),))


def test_pages_survive_letters_that_no_page_can_hold() -> None:
    page = _page(
        _with((replace(FIRST, text="Half \ud83d of a \x00 letter"),)), "trips/castle-2027/index.html"
    )
    assert "<p>Half  of a  letter</p>" in page


def test_a_feed_survives_letters_that_xml_cannot_write() -> None:
    odd = replace(FIRST, text="Bells \x07 and \x1b whistles")
    ET.fromstring(_with((odd,)).pages["trips/castle-2027/feed.xml"])


def test_a_trip_without_updates_says_so() -> None:
    made = _families(replace(SITE, trips=(replace(TRIP, items=()),)))
    assert "Nothing has been posted yet." in _page(made, "castle-2027/index.html")


@pytest.mark.parametrize("slug", ["../up", "Castle", "a/b", "", "castle-"])
def test_a_slug_that_leads_elsewhere_is_refused(slug: str) -> None:
    with pytest.raises(ValueError, match="slug"):
        _website(replace(SITE, trips=(replace(TRIP, slug=slug),)))


def test_a_photo_name_that_leads_elsewhere_is_refused() -> None:
    wrong = replace(SECOND, photos=(Photo("", (Size(1, 1, "../../etc/passwd"),)),))
    with pytest.raises(ValueError, match="photo"):
        _families(replace(SITE, trips=(replace(TRIP, items=(wrong,)),)))


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (replace(FIRST, id="../../etc"), "UUID"),
        (replace(FIRST, id=FIRST.id.replace("-", "")), "UUID"),
        (replace(FIRST, published=FIRST.published.replace(tzinfo=None)), "zone"),
        (replace(SECOND, photos=(Photo("A raft.", ()),)), "renditions"),
        (replace(SECOND, photos=(Photo("A raft.", PHOTO.sizes[::-1]),)), "ascending"),
    ],
)
def test_an_update_that_would_make_a_bad_page_is_refused(odd: Item, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        _with((odd,))


@pytest.mark.parametrize("address", ["https://school.example/site", "/site/", "ftp://school.example/"])
def test_an_address_that_is_not_whole_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        _website(replace(SITE, base_url=address))


def test_two_trips_cannot_share_a_folder() -> None:
    with pytest.raises(ValueError, match="slug"):
        _website(replace(SITE, trips=(TRIP, TRIP)))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_ink_is_readable_on_every_ground(scheme: str) -> None:
    blocks = re.findall(r":root \{(.*?)\}", CSS.decode(), re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#\w+);", blocks[0 if scheme == "light" else 1]))
    pairs = [(ink, ground) for ink in ("ink", "soft", "accent") for ground in ("paper", "card")]
    for ink, ground in [*pairs, ("accent", "tint")]:
        assert _contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
