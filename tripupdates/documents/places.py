"""Where links lead: pages of the same document, and the web. Pure."""

import re
from collections.abc import Mapping
from contextlib import suppress

import pikepdf
from pikepdf import Array, Dictionary, Name, NameTree, Object, Pdf, String

_WEB = re.compile(r"https?://[^/@\s?#]+(?:[/?#]\S*)?")  # never with a user and a password before the host
_REACH = re.compile(r"(mailto:[^?\s@]+@[^?\s@]+|tel:[+0-9(). -]+)(?:\?.*)?", re.DOTALL)


def named(document: Pdf) -> Mapping[str, Object]:
    """The places that the document has names for, by their names (ISO 32000-1, 12.3.2.3)."""
    found: dict[str, Object] = {}
    old_style = document.Root.get("/Dests")
    if isinstance(old_style, Dictionary):
        found |= {name.removeprefix("/"): place for name, place in old_style.items()}
    names = document.Root.get("/Names")
    tree = names.get("/Dests") if isinstance(names, Dictionary) else None
    if isinstance(tree, Dictionary):
        with suppress(pikepdf.PdfError, ValueError, RuntimeError):  # a broken tree names nothing
            found |= {str(name): place for name, place in NameTree(tree).items()}
    return found


def explicit(place: Object | None, names: Mapping[str, Object]) -> Array | None:
    """A place as page and position, None where it is in no page of this document."""
    if isinstance(place, (Name, String)):
        place = names.get(str(place).removeprefix("/"))
    if isinstance(place, Dictionary):
        place = place.get("/D")
    return (
        place if isinstance(place, Array) and len(place) >= 2 and isinstance(place[0], Dictionary) else None
    )


def address(said: Object | None) -> str | None:
    """An address as a link may carry it: of the web, or one that starts a mail (to whom only) or a call."""
    if not isinstance(said, String):
        return None
    text = str(said).strip()
    if not text.isascii() or not text.isprintable():
        return None
    reach = _REACH.fullmatch(text)
    return reach[1] if reach else text if _WEB.fullmatch(text) else None
