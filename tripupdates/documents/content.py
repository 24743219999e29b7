"""The drawing instructions of a page, read and written anew: what draws, and what says how to read it aloud. Pure.

Comments, instructions that no reader knows, operands too many, marks of programs and everything behind the last
instruction stay behind. ISO 32000-1, annex A lists the operators; 14.6 the marks; 8.9.7 pictures within a page.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pikepdf
from pikepdf import (
    Array,
    ContentStreamInlineImage,
    ContentStreamInstruction,
    Dictionary,
    Name,
    Object,
    Stream,
    String,
)

from tripupdates.documents.intake import DAMAGED, TOO_MUCH
from tripupdates.vocabulary import Refused, TooLarge

MOST = 12_000_000  # bytes of one page's instructions: a busy map; read into memory they take thirty times as much

# What each operator takes: n a number, N a name, s a string, d an array of numbers, t one of numbers and strings, c a
# colour (numbers, then perhaps a name), m what a mark says (a name, or a dictionary). MP and DP mark points for programs.
_TAKES = {
    **dict.fromkeys("b B b* B* BT BX EMC ET EX f F f* h n q Q s S T* W W*".split(), ""),
    **dict.fromkeys("G g i j J M Tc TL Tr Ts Tw Tz w".split(), "n"),
    **dict.fromkeys("d0 l m Td TD".split(), "nn"),
    **dict.fromkeys("RG rg".split(), "nnn"),
    **dict.fromkeys("K k re v y".split(), "nnnn"),
    **dict.fromkeys("c cm d1 Tm".split(), "nnnnnn"),
    **dict.fromkeys("BMC CS cs Do gs ri sh".split(), "N"),
    **dict.fromkeys("SC sc SCN scn".split(), "c"),
    "d": "dn",
    "Tf": "Nn",
    "Tj": "s",
    "TJ": "t",
    "'": "s",
    '"': "nns",
    "BDC": "Nm",
}
_KINDS: dict[str, tuple[type[Object], ...]] = {"N": (Name,), "s": (String,), "m": (Name, Dictionary)}
_SPOKEN = ("/ActualText", "/Alt", "/E", "/Lang")
_MARKED = ("/MCID", "/Type", "/Subtype", "/BBox", "/Attached")


@dataclass(frozen=True)
class Within:
    """What depends on where the drawing stands: which `texts` may stay (None for none), and a `picture` in its new form."""

    texts: Callable[[Object], Object | None]
    picture: Callable[[ContentStreamInlineImage], bytes]


def redrawn(source: pikepdf.Page | Stream, within: Within) -> bytes:
    """The same drawing, from a page or from what is drawn on one. Raises Refused where it is damaged."""
    try:
        with warnings.catch_warnings(
            action="ignore"
        ):  # of instructions that break off: no reader follows those
            instructions = pikepdf.parse_content_stream(source)
    except pikepdf.PdfError as error:
        raise Refused(DAMAGED) from error
    pieces: list[bytes] = []
    run: list[ContentStreamInstruction] = []
    for each in instructions:
        if isinstance(each, ContentStreamInlineImage):
            pieces += (pikepdf.unparse_content_stream(run), within.picture(each))
            run = []
        elif (kept := _kept(each, within)) is not None:
            run.append(kept)
    return b"\n".join(piece for piece in (*pieces, pikepdf.unparse_content_stream(run)) if piece)


def check_size(streams: Sequence[bytes]) -> None:
    """Raise TooLarge where the instructions of a page are more than we take."""
    if sum(map(len, streams)) > MOST:
        raise TooLarge(TOO_MUCH)


def _kept(each: ContentStreamInstruction, within: Within) -> ContentStreamInstruction | None:
    operator = str(each.operator)
    takes = _TAKES.get(operator)
    if takes is None:
        return None
    operands = list(each.operands)
    if takes == "c":
        return each if all(map(_is_number, operands[:-1])) and (_is_number_or_name(operands)) else None
    operands = operands[len(operands) - len(takes) :] if takes else []
    if len(operands) != len(takes) or not all(map(_fits, takes, operands)):
        return None
    if operator == "BDC":
        operands[1] = _mark(operands[1], within)
    return ContentStreamInstruction(operands, each.operator)


def _is_number(value: object) -> bool:
    return value is not None and not isinstance(value, (Object, bool))


def _is_number_or_name(operands: Sequence[object]) -> bool:
    return bool(operands) and (_is_number(operands[-1]) or isinstance(operands[-1], Name))


def _fits(kind: str, value: object) -> bool:
    if kind == "n":
        return _is_number(value)
    if kind in "dt":
        return isinstance(value, Array) and all(
            _is_number(one) or (kind == "t" and isinstance(one, String)) for one in value
        )
    return isinstance(value, _KINDS[kind])


def _mark(said: Object, within: Within) -> Object:
    """Where a marked part belongs in the order of reading, and what is read instead of it."""
    if not isinstance(said, Dictionary):
        return said
    kept = Dictionary()
    for key in _MARKED:
        value = said.get(key)
        if value is not None and not isinstance(value, (String, Dictionary)):
            kept[key] = value
    for key in _SPOKEN:
        text = within.texts(said[key]) if key in said else None
        if text is not None:
            kept[key] = text
    return kept
