"""The families' page with many updates: what the first page holds, older days, groups, and what it weighs."""

import gzip
import random
import re
import subprocess
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from tripupdates.settings import folder_of_ours
from tripupdates.site.render import Item, Photo, Rendered, Site, Size, Trip, families

LONDON = ZoneInfo("Europe/London")
TEMPLATES, STATIC = folder_of_ours("templates") / "site", folder_of_ours("static")
CSS = (STATIC / "css" / "site.css").read_bytes() + (STATIC / "css" / "families.css").read_bytes()
SCRIPT = (STATIC / "js" / "viewer.js").read_bytes()
WORDS = Path(__file__).read_text("utf-8").split()
MONDAY = datetime(2027, 5, 3, 9, 0, tzinfo=LONDON)


def _photo(chance: random.Random) -> Photo:
    def names(suffix: str, widths: tuple[int, ...]) -> tuple[Size, ...]:
        return tuple(Size(each, each * 3 // 4, f"{chance.getrandbits(256):064x}.{suffix}") for each in widths)

    alt = " ".join(chance.choices(WORDS, k=7))
    return Photo(alt, names("jpg", (480, 960, 1600, 2048)), names("avif", (480, 960, 1600)))


def _items(count: int, days: int, photos: int = 2, groups: tuple[str, ...] = ()) -> tuple[Item, ...]:
    """Updates spread over days, the newest first; each with words of its own, so that nothing packs by luck."""
    chance = random.Random(7)
    made = []
    for number in range(count):
        day, minute = divmod(number * days, count)
        moment = MONDAY + timedelta(days=day, minutes=minute * 600 // count)
        text = " ".join(chance.choices(WORDS, k=24))
        shown = tuple(_photo(chance) for _ in range(photos))
        about = (groups[number % len(groups)],) if groups and number % 4 else ()
        made.append(Item(str(UUID(int=chance.getrandbits(128))), text, moment, shown, about))
    return tuple(reversed(made))


def _made(items: tuple[Item, ...]) -> Rendered:
    trip = Trip("castle-2027", "Castle Residential", date(2027, 5, 3), date(2027, 5, 7), items)
    site = Site("Puddle Lane Junior School", "https://school.example/trips/", (trip,))
    return families(site, TEMPLATES, CSS, SCRIPT, b"<svg/>")


def _page(made: Rendered, name: str = "index.html") -> str:
    return made.pages[f"castle-2027/{name}"].decode()


def _shown(made: Rendered, name: str = "index.html") -> list[str]:
    return re.findall(r'<article class="update" id="update-([^"]+)"', _page(made, name))


def _names(made: Rendered) -> list[str]:
    return sorted(path.removeprefix("castle-2027/") for path in made.pages if path.endswith(".html"))


def test_sixty_updates_with_two_photos_each_take_at_most_14_kilobytes_before_the_photos() -> None:
    made = _made(_items(60, days=5))
    assert {name: _weight(made, name) for name in _names(made) if _weight(made, name) > 14_000} == {}
    assert len(_shown(made)) >= 12  # and yet the newest day is there, whole


def test_three_hundred_updates_on_one_day_do_as_well() -> None:
    made = _made(_items(300, days=1, groups=("Otters", "Kestrels")))
    assert {name: _weight(made, name) for name in _names(made) if _weight(made, name) > 14_000} == {}


def _weight(made: Rendered, name: str) -> int:
    """What a phone must receive before it can show any photo: page, style and script, packed."""
    packed = [
        len(data)
        for path, data in made.pages.items()
        if path == f"castle-2027/{name}.gz" or re.fullmatch(r"castle-2027/(?:css|js)/.*\.gz", path)
    ]
    assert len(packed) == 3
    return sum(packed)


@pytest.mark.parametrize(("count", "days"), [(1, 1), (60, 5), (200, 1)])
def test_every_update_stands_once_and_the_newest_come_first(count: int, days: int) -> None:
    items = _items(count, days)
    made = _made(items)
    found, page = _shown(made), "index.html"
    while earlier := re.search(r'href="([^"]+)">Earlier:', _page(made, page)):
        page = earlier[1]
        found += _shown(made, page)
    assert found == [item.id for item in items]


def test_every_day_can_be_reached_from_the_first_page() -> None:
    page = _page(_made(_items(60, days=5)))
    days = re.findall(
        r'href="(?:#day-|day\.)([0-9-]+)(?:\.\d+)?(?:\.html)?">(?:Mon|Tue|Wed|Thu|Fri) \d<', page
    )
    assert days == [f"2027-05-0{day}" for day in (7, 6, 5, 4, 3)]


def test_pages_of_older_days_change_no_more() -> None:
    items = _items(200, days=5)
    before, after = _made(items[1:]).pages, _made(items).pages
    changed = {path for path in after if before.get(path) != after[path] and path.endswith(".html")}
    newest = {
        path for path in after if "day.2027-05-07" in path
    }  # may lose a piece of its day to a page of its own
    assert changed - newest == {"castle-2027/index.html"}


def test_each_group_has_its_own_pages_with_what_is_for_everybody() -> None:
    items = _items(60, days=5, groups=("Otters", "Kestrels"))
    made = _made(items)
    otters = [item.id for item in items if item.groups in {(), ("Otters",)}]
    assert _shown(made, "group-otters.html") == otters[: len(_shown(made, "group-otters.html"))]
    assert not {item.id for item in items if item.groups == ("Kestrels",)} & set(
        _shown(made, "group-otters.html")
    )
    page = _page(made, "group-otters.html")
    choices = re.findall(r'<a href="([^"]+)"( aria-current="true")?>(Everybody|Otters|Kestrels)</a>', page)
    assert choices == [
        ("index.html", "", "Everybody"),
        ("group-kestrels.html", "", "Kestrels"),
        ("group-otters.html", ' aria-current="true"', "Otters"),
    ]
    assert '<span class="about">Otters</span>' in page


def test_a_trip_whose_updates_name_no_group_offers_no_choice() -> None:
    assert [name for name in _names(_made(_items(3, days=1))) if "group" in name] == []
    assert 'aria-label="Groups"' not in _page(_made(_items(3, days=1)))


def test_groups_that_look_alike_as_an_address_stay_apart() -> None:
    made = _made(_items(20, days=1, groups=("Group 1", "Group-1!", "«»")))
    assert len([name for name in _names(made) if re.fullmatch(r"group-[0-9a-f]{16}\.html", name)]) == 3


def test_every_page_is_packed_as_it_stands() -> None:
    pages = _made(_items(30, days=3)).pages
    plain = {path: data for path, data in pages.items() if not path.endswith(".gz")}
    assert {path: gzip.decompress(pages[f"{path}.gz"]) for path in plain} == plain


def test_a_photo_has_short_addresses_that_are_its_own() -> None:
    items = _items(30, days=3)
    made = _made(items)
    sizes = [size.name for item in items for photo in item.photos for size in (*photo.sizes, *photo.avif)]
    assert sorted(made.photos.values()) == sorted(sizes)
    linked = set(re.findall(r"photos/[\w.-]+", "".join(_page(made, name) for name in _names(made))))
    assert {f"castle-2027/{path}" for path in linked} == set(made.photos)
    photo = items[0].photos[0]
    other = replace(photo, avif=(*photo.avif[:-1], replace(photo.avif[-1], name=f"{0:064x}.avif")))
    assert (photo.mark == other.mark, len(photo.mark)) == (False, 16)


def test_the_first_photo_comes_soon_and_the_others_as_they_are_looked_at() -> None:
    images = re.findall(r"<img[^>]*>", _page(_made(_items(6, days=1))))
    assert [('loading="lazy"' in image, 'fetchpriority="high"' in image) for image in images] == [
        (False, True),
        *[(True, False)] * 11,
    ]
    assert all(re.search(r'width="2048" height="1536" alt="[^"]+"', image) for image in images)


def test_nobody_fights_the_saving_of_a_photo() -> None:
    assert not re.search(rb"contextmenu|user-select|touch-callout|pointer-events|draggable", CSS + SCRIPT)


def test_times_are_told_for_machines_too_in_the_schools_zone() -> None:
    page = _page(_made(_items(1, days=1, photos=0)))
    assert '<time datetime="2027-05-03T09:00:00+01:00">09:00</time>' in page


def test_a_text_browser_shows_it(tmp_path: Path) -> None:
    for path, data in _made(_items(9, days=2, groups=("Otters",))).pages.items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    command = [
        "w3m",
        "-dump",
        "-cols",
        "78",
        "-o",
        "display_image=0",
        str(tmp_path / "castle-2027" / "index.html"),
    ]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line.strip() for line in shown.splitlines()]
    for words in ("Castle Residential", "Tuesday 4 May", "Monday 3 May", "• Everybody", "• Otters"):
        assert words in lines
    assert any(line.startswith("• Last heard Tue ") for line in lines)
