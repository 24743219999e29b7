"""How links, the outline and the order of reading are carried over, and the words in them. Rules for `copying`. Pure.

Clauses are those of ISO 32000-1.
"""

import re

from pikepdf import Array, Dictionary, Name, Stream, String

from tripupdates.documents import places
from tripupdates.documents.copying import Copy
from tripupdates.documents.removed import ACTIONS
from tripupdates.documents.streams import Value

_LONGEST_TEXT = 10_000
# Some programs write the name of a picture's file where its description belongs: no help to anyone, and it names people.
_PATH = re.compile(r"(?:[A-Za-z]:\\|\\\\|file:|/(?:Users|home|Volumes|var)/).*", re.IGNORECASE | re.DOTALL)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
_OWNERS = frozenset({"/Layout", "/List", "/Table"})


def text(_: Copy, old: Value) -> Value:
    """Words that are read aloud or shown: descriptions, headings."""
    said = str(old) if isinstance(old, String) else ""
    return String(said[:_LONGEST_TEXT]) if said and not _PATH.fullmatch(said) else None


def _language(_: Copy, old: Value) -> Value:
    return String(str(old)) if isinstance(old, String) and _LANGUAGE.fullmatch(str(old)) else None


# --- links (12.5.6.5) and the outline (12.3.3) ---


def _links(copy: Copy, old: Value) -> Value:
    made = copy.several(old, "to link") if isinstance(old, Array) else []
    return Array(made) if made else None


def _to_link(copy: Copy, old: Value) -> Value:
    """A link that leads somewhere; what is not listed by itself cannot be named in the order of reading either."""
    if not isinstance(old, Dictionary) or old.get("/Subtype") != Name.Link or not old.is_indirect:
        return None
    if copy.value(old.get("/A"), "action") is None and copy.value(old.get("/Dest"), "place") is None:
        copy.told.add(ACTIONS)
        return None
    return copy.dictionary(old, "link")


def _action(copy: Copy, old: Value) -> Value:
    if not isinstance(old, Dictionary):
        return None
    if old.get("/S") == Name.URI:
        address = places.address(old.get("/URI"))
        return Dictionary(S=Name.URI, URI=String(address)) if address else None
    place = copy.value(old.get("/D"), "place") if old.get("/S") == Name.GoTo else None
    return None if place is None else Dictionary(S=Name.GoTo, D=place)


def _place(copy: Copy, old: Value) -> Value:
    found = places.explicit(old, copy.places)
    page = None if found is None else copy.known(found[0], "page")
    return None if page is None or found is None else Array([page, *copy.several(list(found)[1:], "plain")])


def _item_or_outline(copy: Copy, old: Value) -> Value:
    outline = copy.known(old, "outline")
    return copy.value(old, "item") if outline is None else outline


# --- the order of reading (14.7) ---


def _part_or_tree(copy: Copy, old: Value) -> Value:
    tree = copy.known(old, "tree")
    return copy.value(old, "part") if tree is None else tree


def _to_page(copy: Copy, old: Value) -> Value:
    return copy.known(old, "page")


def _parts(copy: Copy, old: Value) -> Value:
    if isinstance(old, Array):
        return Array(copy.several(old, "parts"))
    if not isinstance(old, Dictionary):
        return old if isinstance(old, int) else None
    kind = {"/MCR": "marked", "/OBJR": "object"}.get(str(old.get("/Type")), "part")
    if kind == "object" and copy.value(old.get("/Obj"), "drawn or link") is None:
        return None
    return copy.value(old, kind)


def _drawn_or_link(copy: Copy, old: Value) -> Value:
    return copy.value(old, "drawn" if isinstance(old, Stream) else "to link")


def _parents_of(copy: Copy, old: Value) -> Value:
    """7.9.7: numbers, each followed by what belongs to it."""
    if not isinstance(old, Array):
        return None
    made: list[Value] = []
    every: list[Value] = list(old)
    for number, held in zip(every[::2], every[1::2], strict=False):
        value = copy.value(held, "[part]" if isinstance(held, Array) else "part")
        if isinstance(number, int) and value is not None:
            made += (number, value)
    return Array(made)


def _attributes(copy: Copy, old: Value) -> Value:
    """14.8.5: of how a part is laid out, of lists and of tables; those of programs stay behind."""
    if isinstance(old, Array):
        return Array(copy.several(old, "attributes"))
    if isinstance(old, Dictionary) and str(old.get("/O")) in _OWNERS:
        return copy.value(old, "attribute")
    return old if isinstance(old, int) else None


def _identifier(copy: Copy, old: Value) -> Value:
    """Programs name parts as they like: the names become numbers, wherever a table refers to its headings."""
    if not isinstance(old, String):
        return None
    return String(copy.identifiers.setdefault(str(old), f"part{len(copy.identifiers):06}"))


RULES = {
    "text": text,
    "language": _language,
    "links": _links,
    "to link": _to_link,
    "action": _action,
    "place": _place,
    "item or outline": _item_or_outline,
    "part or tree": _part_or_tree,
    "to page": _to_page,
    "parts": _parts,
    "drawn or link": _drawn_or_link,
    "parents of": _parents_of,
    "attributes": _attributes,
    "identifier": _identifier,
}
