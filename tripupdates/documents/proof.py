"""The second opinion on a cleaned document. It reads the file itself (`reading`), without the library that wrote it.

`prove` lets it pass only when every byte is accounted for: every object is needed, every key and every text is one that a
reader needs, every stream is what it is said to be (`proof_streams`). It shares no list with the cleaner. That nothing
visible changed is looked at by `look`.
"""

import re
from collections.abc import Iterator

from tripupdates.documents.intake import NOT_PROVEN
from tripupdates.documents.proof_streams import stream_faults
from tripupdates.documents.reading import Value, Written, read, references
from tripupdates.vocabulary import Refused

# Every key that may stand in a dictionary of ours, but for names that a document gives its own fonts, pictures and roles.
_KEYS = frozenset(
    (
        "Type Subtype S Kids Count Parent Pages Root Info Size "
        "MediaBox CropBox BleedBox TrimBox ArtBox Rotate UserUnit Tabs Resources Contents Annots Group StructParents "
        "StructParent Font XObject ExtGState ColorSpace Pattern Shading Properties CharProcs RoleMap I K CS "
        "Width Height ImageMask BitsPerComponent Intent Decode Interpolate SMaskInData Matte Mask SMask "
        "FormType BBox Matrix PatternType PaintType TilingType XStep YStep ShadingType Background AntiAlias Domain "
        "Coords Extend BitsPerCoordinate BitsPerFlag VerticesPerRow Function FunctionType Range BitsPerSample Order "
        "Encode C0 C1 N Bounds Functions LW LC LJ ML D RI OP op OPM FL SM SA BM CA ca AIS TK G BC TR "
        "WhitePoint BlackPoint Gamma BaseFont FirstChar LastChar Widths W DW W2 DW2 FontBBox FontMatrix Encoding "
        "ToUnicode FontDescriptor DescendantFonts CIDSystemInfo CIDToGIDMap BaseEncoding Differences CMapName WMode "
        "UseCMap Registry Ordering Supplement FontName FontStretch FontWeight Flags ItalicAngle Ascent Descent Leading "
        "CapHeight XHeight StemV StemH AvgWidth MaxWidth MissingWidth FontFile FontFile2 FontFile3 Length1 Length2 "
        "Length3 Length Filter DecodeParms ColorTransform Rect Border C H QuadPoints F BS A Dest URI "
        "Outlines First Last Next Prev Title PageMode ViewerPreferences DisplayDocTitle Lang MarkInfo Marked "
        "StructTreeRoot ParentTree ParentTreeNextKey IDTree Names Nums Limits P Pg ID Alt ActualText E MCID Stm Obj "
        "O Placement WritingMode BackgroundColor BorderColor BorderStyle BorderThickness Padding Color SpaceBefore "
        "SpaceAfter StartIndent EndIndent TextIndent TextAlign BlockAlign InlineAlign TBorderStyle TPadding "
        "BaselineShift LineHeight ColumnCount TextDecorationColor TextDecorationThickness TextDecorationType RubyAlign "
        "RubyPosition GlyphOrientationVertical ColumnGap ColumnWidths ListNumbering RowSpan ColSpan Scope Headers Summary"
    ).split()
)
_OWN_NAMES = frozenset(
    "Font XObject ExtGState ColorSpace Pattern Shading Properties CharProcs RoleMap".split()
)
# Where words may stand, and what they must look like.
_WORDS: dict[str, re.Pattern[bytes]] = {
    **dict.fromkeys(
        ("Title", "Alt", "ActualText", "E", "Contents", "Summary"), re.compile(rb".*", re.DOTALL)
    ),
    "Lang": re.compile(rb"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*"),
    "URI": re.compile(rb"(?:https?://|mailto:|tel:)[\x21-\x7e ]+"),
    **dict.fromkeys(("Registry", "Ordering"), re.compile(rb"[A-Za-z0-9-]{1,20}")),
    **dict.fromkeys(("ID", "Headers", "Names"), re.compile(rb"part[0-9]{6,}")),
}
_PDFDOC = dict(
    zip(range(0x80, 0x9F), "•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž", strict=True)
)  # ISO 32000-1, annex D.2


def prove(data: bytes, title: str, pages: int) -> None:
    """Return only when `data` is a document of ours with this title and as many pages; else raise Refused with each fault."""
    try:
        written = read(data)
    except ValueError as error:
        raise Refused(NOT_PROVEN, ("It is not written as our documents are.",)) from error
    faults = tuple(dict.fromkeys(_faults(written, title, pages)))
    if faults:
        raise Refused(NOT_PROVEN, faults)


def _faults(written: Written, title: str, pages: int) -> Iterator[str]:
    if _reached(written) != set(written.objects):
        yield "It holds something that no page needs."
    if set(written.trailer) != {"Info", "Root", "Size", "ID"} or set(
        written.held(written.trailer["Info"])
    ) != {"Title"}:
        yield "It tells more about itself than its title."
    elif _spoken(written.held(written.trailer["Info"])["Title"]) != title:
        yield "It has another title."
    leaves = [each for each in written.objects.values() if each.dictionary.get("Type") == "Page"]
    if len(leaves) != pages:
        yield "It has another number of pages."
    for each in written.objects.values():
        yield from _value_faults(written, "", each.value)
    yield from stream_faults(written)


def _reached(written: Written) -> set[int]:
    """The objects to which the trailer leads."""
    found: set[int] = set()
    waiting = list(references(written.trailer))
    while waiting:
        number = waiting.pop()
        if number not in found and number in written.objects:
            found.add(number)
            waiting += references(written.objects[number].value)
    return found


def _value_faults(written: Written, key: str, value: Value) -> Iterator[str]:
    """What is wrong with what stands under a key, '' for an object by itself."""
    if isinstance(value, bytes):
        if key not in _WORDS or not _WORDS[key].fullmatch(value):
            yield f"It holds words where none may be ({key or 'by themselves'})."
    elif isinstance(value, list):
        palette = len(value) == 4 and value[0] == "Indexed"
        for each in value[:3] if palette else value:
            yield from _value_faults(written, key, each)
    elif isinstance(value, dict):
        yield from _dictionary_faults(written, key, value)


def _dictionary_faults(written: Written, key: str, held: dict[str, Value]) -> Iterator[str]:
    if key not in _OWN_NAMES and (odd := sorted(held.keys() - _KEYS)):
        yield f"It holds a part that no page needs ({odd[0]})."
    for name, value in held.items():
        inside = "" if key in _OWN_NAMES else name
        if name == "ColorSpace" and isinstance(written.get(value), list):
            inside = ""
        yield from _value_faults(written, inside, value)
    if key not in _OWN_NAMES:
        yield from _deeds(written, held)


def _deeds(written: Written, held: dict[str, Value]) -> Iterator[str]:
    """What would happen: only links may, and they lead to a page or the web."""
    action = written.held(held.get("A"))
    if "O" not in action and action.get("S", "URI") not in {"URI", "GoTo"}:
        yield "It would do something by itself."
    annotations = written.get(held.get("Annots"))
    if isinstance(annotations, list) and any(
        written.held(each).get("Subtype") != "Link" for each in annotations
    ):
        yield "Something lies on its pages that is no link."


def _spoken(text: Value) -> str:
    """Words as a reader shows them (ISO 32000-1, 7.9.2.2)."""
    if not isinstance(text, bytes):
        return ""
    if text.startswith(b"\xfe\xff"):
        return text[2:].decode("utf-16-be", "replace")
    return text.decode("latin-1").translate(_PDFDOC)
