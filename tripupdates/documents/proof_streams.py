"""What the streams of a cleaned document hold, each by what it is for: for `proof`. Pure.

Drawing instructions must be instructions and nothing else, pictures exactly as many bytes as they have pixels, JPEGs as
`photos.proof` wants them; tables and fonts without comments and notices.
"""

import re
import struct
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator

from tripupdates.documents.reading import Read, Ref, Value, Written, references
from tripupdates.photos.proof import prove as prove_jpeg
from tripupdates.vocabulary import Refused

_MOST = 250_000_000  # bytes unpacked
_MARKS: tuple[bytes, ...] = (
    b"Exif\x00\x00",
    b"GPSLatitude",
    b"http://ns.adobe.com/",
    b"<x:xmpmeta",
    b"<?xpacket",
    b"Photoshop 3.0",
)
_MARKS += (b"ICC_PROFILE", b"uuid:", b"xmp.did:")

# One instruction a line. Possessive (+ after + or *): a line that does not fit is not tried in other ways.
_N = rb"-?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)"
_NAME = rb"/[^\x00-\x20()<>\[\]{}/%\x7f]*+"
_TEXT = rb"(?:\((?:[^()\\]|\\.)*+\)|<[0-9a-f]*+>)"
_SAID = (
    rb"(?:/(?:ActualText|Alt|E|Lang) " + _TEXT + rb"|/(?:MCID|Type|Subtype|BBox|Attached) "
    rb"(?:" + _N + rb"|" + _NAME + rb"|\[(?: (?:" + _N + rb"|" + _NAME + rb"))*+ \])) "
)
_LINES = (
    rb"(?:" + _N + rb" )*+(?:[bBfW]\*?|BT|BX|c|cm|d[01]|EMC|ET|EX|F|[GgiJjKkMlmnqQSs]|h|re|RG|rg|"
    rb"SCN?|scn?|T[*cdDLmrswz]|v|w|y)",
    _NAME + rb" (?:BMC|CS|cs|Do|gs|ri|sh)",
    rb"(?:" + _N + rb" )*+" + _NAME + rb" (?:SCN|scn)",
    _NAME + rb" " + _N + rb" Tf",
    _TEXT + rb" (?:Tj|')",
    _N + rb" " + _N + rb" " + _TEXT + rb' "',
    rb"\[(?: (?:" + _N + rb"|" + _TEXT + rb"))*+ \] TJ",
    rb"\[(?: " + _N + rb")*+ \] " + _N + rb" d",
    _NAME + rb" (?:" + _NAME + rb"|<< (?:" + _SAID + rb")*+>>) BDC",
)
_VALUE = (
    rb"(?:"
    + _N
    + rb"|"
    + _NAME
    + rb"|true|false|\[(?: (?:"
    + _N
    + rb"|"
    + _NAME
    + rb"|"
    + _TEXT
    + rb"))*+ \])"
)
_PICTURE = (
    rb"BI (?:/(?:Width|Height|BitsPerComponent|ImageMask|Decode|Interpolate|ColorSpace) " + _VALUE + rb" )++"
    rb"/F (?:/AHx|\[/AHx /DCT\])\nID [0-9a-f]*+>\nEI"
)
_INSTRUCTIONS = re.compile(rb"(?:(?:" + rb"|".join((*_LINES, _PICTURE)) + rb")(?:\n|\Z))*+", re.DOTALL)
_JPEGS = re.compile(rb"/F \[/AHx /DCT\]\nID ([0-9a-f]*)>")


# By what refers to it, a stream's role; else by its own words.
_BY_KEY = {
    **dict.fromkeys(("FontFile", "FontFile2", "FontFile3"), "font"),
    **dict.fromkeys(("ToUnicode", "Encoding", "UseCMap"), "letters"),
    "CIDToGIDMap": "glyphs",
}
_BY_SUBTYPE = {"Image": "picture", "Form": "drawing"}

_TABLES = {
    *"head hhea hmtx maxp fpgm prep glyf loca cmap OS/2 post vhea vmtx VORG gasp".split(),
    "cvt ",
    "CFF ",
}
_NOTICE = re.compile(rb"/(?:Notice|Copyright|FullName|FamilyName|Weight|version)\s*\(\s*[^\s)]")
_COLOURS = {
    *"rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC wtpt bkpt chad A2B0 A2B1 A2B2 B2A0 B2A1 B2A2 desc cprt".split()
}
_LONGEST_NAME = 92  # bytes of a description that is a dash
_NUMBERS = {
    "DeviceGray": 1,
    "CalGray": 1,
    "Indexed": 1,
    "Separation": 1,
    "DeviceRGB": 3,
    "CalRGB": 3,
    "Lab": 3,
}
_NUMBERS |= {"DeviceCMYK": 4}


def stream_faults(written: Written) -> Iterator[str]:
    """What is wrong with the streams of a document."""
    roles = _roles(written)
    for number, each in written.objects.items():
        if each.stream is not None and (fault := _fault(written, each, roles.get(number, set()))):
            yield fault


def _fault(written: Written, each: Read, roles: set[str]) -> str | None:
    held, packed = each.dictionary, each.stream or memoryview(b"")
    if len(roles) != 1:
        return "A part of it is for nothing, or for more than one thing."
    (role,) = roles
    if held.get("Filter") == "DCTDecode":
        return _jpeg_fault(bytes(packed)) if role == "picture" else "A picture stands where none may."
    if held.get("Filter") != "FlateDecode" or "DecodeParms" in held:
        return "A part of it is packed as none of ours is."
    data = _inflated(packed)
    if data is None:
        return "A part of it is longer than it should be."
    if any(mark in data for mark in _MARKS):
        return "It still holds a mark of hidden data."
    check = _CHECKS.get(role)
    return None if check is None or check(written, held, data) else f"Something in it is more than a {role}."


def _roles(written: Written) -> dict[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    for number, each in written.objects.items():
        held = each.dictionary
        if role := _own_role(held):
            found[number].add(role)
        if held.get("Type") == "Page" and isinstance(held.get("Contents"), Ref):
            found[held["Contents"].number].add("drawing")  # type: ignore[union-attr]
        for key, value in _within(each.value):
            if key in _BY_KEY and isinstance(value, Ref):
                found[value.number].add(_BY_KEY[key])
            elif key == "CharProcs":
                for glyph in references(written.get(value)):
                    found[glyph].add("drawing")
            elif isinstance(value, list) and len(value) == 2 and value[0] == "ICCBased":
                for profile in references(value):
                    found[profile].add("profile")
    return found


def _own_role(held: dict[str, Value]) -> str | None:
    if held.get("PatternType") == 1:
        return "drawing"
    if "ShadingType" in held:
        return "mesh"
    if "FunctionType" in held:
        return "function"
    return _BY_SUBTYPE.get(str(held.get("Subtype")))


def _within(value: Value) -> Iterator[tuple[str, Value]]:
    """Everything inside a value, with the key under which it stands; '' in a list."""
    waiting: list[tuple[str, Value]] = [("", value)]
    while waiting:
        key, each = waiting.pop()
        yield key, each
        if isinstance(each, dict):
            waiting += each.items()
        elif isinstance(each, list):
            waiting += (("", one) for one in each)


def _jpeg_fault(data: bytes) -> str | None:
    try:
        prove_jpeg(data)
    except Refused:
        return "A picture in it still holds hidden data."
    return None


def _inflated(packed: memoryview) -> bytes | None:
    """What a whole zlib stream says, and None where it is cut, or something stands behind it."""
    inflate = zlib.decompressobj()
    try:
        data = inflate.decompress(packed, _MOST)
    except zlib.error:
        return None
    return data if inflate.eof and not inflate.unused_data else None


# --- What a stream of each role may hold ---


def _is_drawing(_: Written, __: dict[str, Value], data: bytes) -> bool:
    instructions = _INSTRUCTIONS.match(data)
    whole = instructions is not None and instructions.end() == len(data)
    return whole and not any(_jpeg_fault(bytes.fromhex(one[1].decode())) for one in _JPEGS.finditer(data))


def _is_picture(written: Written, held: dict[str, Value], data: bytes) -> bool:
    width, height = held.get("Width"), held.get("Height")
    if not isinstance(width, int) or not isinstance(height, int):
        return False
    stencil = held.get("ImageMask") is True
    depth = 1 if stencil else held.get("BitsPerComponent")
    numbers = 1 if stencil else _numbers(written, held.get("ColorSpace"))
    return isinstance(depth, int) and len(data) <= height * -(-width * depth * numbers // 8)


def _numbers(written: Written, colours: Value) -> int:
    """How many numbers a pixel has; 0, so that no byte fits, where that cannot be told."""
    meant = written.get(colours)
    name = written.get(meant[0]) if isinstance(meant, list) and meant else meant
    if isinstance(meant, list) and len(meant) > 1 and name == "ICCBased":
        count = written.held(meant[1]).get("N")
        return count if isinstance(count, int) and count <= 4 else 0
    if isinstance(meant, list) and len(meant) > 1 and name == "DeviceN":
        names = written.get(meant[1])
        return len(names) if isinstance(names, list) else 0
    return _NUMBERS.get(str(name), 0)


def _is_font(_: Written, __: dict[str, Value], data: bytes) -> bool:
    if data[:4] in {b"\x00\x01\x00\x00", b"true", b"OTTO"}:
        count = int.from_bytes(data[4:6], "big")
        tables = {data[12 + 16 * n : 16 + 16 * n].decode("latin-1") for n in range(count)}
        return tables <= _TABLES and b"opyright" not in data
    clear = data.partition(b"eexec")[0] if data.startswith((b"%!", b"\x80\x01")) else b""
    return b"opyright" not in data and not _NOTICE.search(clear)


def _is_profile(_: Written, __: dict[str, Value], data: bytes) -> bool:
    """ICC.1:2022, 7.2 and 7.3: no date, no maker; numbers alone, and a description and a notice that are a dash."""
    count = int.from_bytes(data[128:132], "big")
    for at in range(132, 132 + 12 * count, 12):
        tag, start, length = struct.unpack_from(">4sII", data.ljust(at + 12, b"\x00"), at)
        words = data[start + 8 : start + length].replace(b"\x00", b"").strip(b"\x01\x02\x0c\x1cenGB")
        if tag.decode("latin-1") not in _COLOURS or (
            tag in {b"desc", b"cprt"} and (length > _LONGEST_NAME or words != b"-")
        ):
            return False
    return not any(data[24:36]) and not any(data[40:64]) and not any(data[80:128])


def _is_map(_: Written, __: dict[str, Value], data: bytes) -> bool:
    return len(data) <= 2 * 65_536


def _is_table(_: Written, held: dict[str, Value], data: bytes) -> bool:
    """Letters and small programs are written as text, where a comment could say anything."""
    return held.get("FunctionType", 4) != 4 or b"%" not in data


_CHECKS: dict[str, Callable[[Written, dict[str, Value], bytes], bool]] = {
    "drawing": _is_drawing,
    "picture": _is_picture,
    "font": _is_font,
    "profile": _is_profile,
    "letters": _is_table,
    "function": _is_table,
    "glyphs": _is_map,
}  # a mesh of colours is nothing but numbers, as many as it likes
