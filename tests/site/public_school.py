"""A made-up school with everything that can stand on its public site, as values."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from tripupdates.site import looks
from tripupdates.site.render import (
    Announcement,
    Article,
    Issue,
    Item,
    Photo,
    Policy,
    Rendered,
    Section,
    Site,
    Size,
    Trip,
    slug,
    website,
)

LONDON = ZoneInfo("Europe/London")
LOOK = looks.ours()
BASE = "https://www.puddle-lane.example/school/trips/"
MONDAY = datetime(2027, 5, 3, 9, 0, tzinfo=LONDON)
WORDS = (
    "castle tower raft lake supper otters kestrels walked climbed counted steps rain sun boots tent stove soup hill "
    "bridge river cave torch song game map compass path field gate horse sheep cloud wind star moon night morning "
    "breakfast porridge jam toast kettle bus driver window song ticket museum knight armour shield king queen"
).split()
PDF = b"%PDF-1.7 the Puddle Post"
PDF_NAME = f"{sha256(PDF).hexdigest()}.pdf"


def photo(seed: int, alt: str = "A group on a raft.") -> Photo:
    """A photo with all the renditions that a phone's gets."""

    def sizes(suffix: str, widths: tuple[int, ...]) -> tuple[Size, ...]:
        return tuple(
            Size(each, each * 3 // 4, f"{sha256(pixels(seed, each, suffix)).hexdigest()}.{suffix}")
            for each in widths
        )

    return Photo(alt, sizes("jpg", (480, 960, 1600, 2048)), sizes("avif", (480, 960, 1600)))


def pixels(seed: int, width: int, suffix: str) -> bytes:
    """What stands for the bytes of a rendition."""
    return f"{seed} {width} {suffix}".encode() * 20


def items(count: int, days: int = 1, photos: int = 0) -> tuple[Item, ...]:
    """Updates spread over days, the newest first; each with words of its own, so that nothing packs by luck."""
    chance, made = random.Random(7), []
    for number in range(count):
        day, minute = divmod(number * days, count)
        moment = MONDAY + timedelta(days=day, minutes=minute * 600 // count)
        text = " ".join(chance.choices(WORDS, k=24))
        shown = tuple(
            photo(number * photos + each, " ".join(chance.choices(WORDS, k=7))) for each in range(photos)
        )
        made.append(Item(str(UUID(int=chance.getrandbits(128))), text, moment, shown))
    return tuple(reversed(made))


def trip(count: int = 3, days: int = 1, photos: int = 1) -> Trip:
    """A residential with so many updates."""
    found = items(count, days, photos)
    return Trip("castle-2027", "Castle Residential", date(2027, 5, 3), date(2027, 5, 7), found)


def article(number: int, published: datetime = MONDAY, **changes: object) -> Article:
    """News of the school."""
    made = Article(
        str(UUID(int=number << 104)),
        slug(UUID(int=number << 104), published.date(), "Sports day is on Friday"),
        "Sports day is on Friday",
        "Please bring a hat & water.\n\nParents are welcome from 1 pm.",
        published,
    )
    return replace(made, **changes)  # type: ignore[arg-type] # a field of it


def notice(number: int, **changes: object) -> Announcement:
    """A notice in force."""
    made = Announcement(
        str(UUID(int=number << 104)),
        "The back gate is closed",
        "Please use the front gate.",
        MONDAY,
        MONDAY + timedelta(days=7),
    )
    return replace(made, **changes)  # type: ignore[arg-type] # a field of it


def issue(number: int, dated: date = date(2027, 5, 7), **changes: object) -> Issue:
    """A newsletter."""
    made = Issue(
        str(UUID(int=number << 104)),
        slug(UUID(int=number << 104), dated, "The Puddle Post"),
        "The Puddle Post",
        dated,
        "The choir, the pond and the new bicycle shed.",
        MONDAY,
        photo(1000 + number, "The first page of the Puddle Post."),
        PDF_NAME,
        3_400_000,
        12,
    )
    return replace(made, **changes)  # type: ignore[arg-type] # a field of it


POLICY = Policy(
    date(2026, 11, 26), date(2027, 11, 26), (Section("Pictures", ("Pupils appear only in groups.",)),)
)
SITE = Site(
    "Puddle Lane Junior School",
    BASE,
    (trip(),),
    (article(1), article(2, MONDAY + timedelta(hours=3), photos=(photo(500),), title="The pond has frogs")),
    (
        notice(3),
        notice(4, urgent=True, title="School is closed today", text="A pipe has burst."),
        notice(5, over=True, title="Lost: one tortoise"),
    ),
    (issue(6),),
    POLICY,
    "PuddleLaneTest",
)


def made(**changes: object) -> Rendered:
    """The site of this school, with other values where given."""
    return website(replace(SITE, **changes), LOOK)  # type: ignore[arg-type] # fields of it


def page(rendered: Rendered, path: str = "index.html") -> str:
    """One of its pages."""
    return rendered.pages[path].decode()


def store() -> dict[str, bytes]:
    """Every rendition and PDF of this school by its name, as the store has them."""
    shown = [each for item in SITE.trips[0].items for each in item.photos]
    shown += [photo(500), issue(6).cover]
    seeds = [*range(3), 500, 1006]
    found = {
        f"{sha256(data).hexdigest()}.{suffix}": data
        for seed in seeds
        for suffix, widths in (("jpg", (480, 960, 1600, 2048)), ("avif", (480, 960, 1600)))
        for data in [pixels(seed, width, suffix) for width in widths]
    }
    return found | {PDF_NAME: PDF}
