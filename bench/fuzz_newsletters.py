"""What `bench.fuzz` tries on newsletters: good ones, and ones full of what must go, are spoilt, cleaned, compared and proven."""

from collections.abc import Callable, Iterator
from datetime import date

from tests.documents import making, planted
from tripupdates.documents import look
from tripupdates.documents.clean import clean
from tripupdates.documents.proof import prove
from tripupdates.practice import paper

LONGEST = 32_768  # bytes
_TITLE = "Puddle Lane, 4 December 2026"


def seeds() -> dict[str, bytes]:
    """Small documents with everything in them that is read, and what becomes of them."""
    made = {"a newsletter": paper.newsletter("Puddle Lane", date(2026, 12, 4), (32, 24))}
    made |= {name: making.document(plant) for name, plant in planted.PLACES.items()}
    return made | {f"{name}, cleaned": clean(upload, _TITLE).data for name, upload in made.items()}


def ask(data: bytes) -> Iterator[Callable[[], str]]:
    """What is asked of an upload, and of what a process that was taken over could answer."""
    yield lambda: _cleaned(data)
    yield lambda: _proven(data)


def _cleaned(data: bytes) -> str:
    cleaned = clean(data, _TITLE)
    look.check_same(data, cleaned.data)
    prove(cleaned.data, _TITLE, cleaned.pages)
    return "c"


def _proven(data: bytes) -> str:
    prove(data, _TITLE, 1)
    return "p"
