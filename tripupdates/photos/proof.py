"""The second opinion on a cleaned photo (law 5). It reads bytes without Pillow: one bug cannot fool both.

`prove` lets a rendition pass only when every byte of it is accounted for. `location_in` is the other side: it
looks for a place in any upload, so that tests and the walk-through can show what there was to remove.
"""

import binascii
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

import piexif

from tripupdates.photos.proof_avif import fault_in_avif
from tripupdates.vocabulary import Refused

SOI, EOI, SOS, COM, APP0, APP1, APP2, APP13 = 0xD8, 0xD9, 0xDA, 0xFE, 0xE0, 0xE1, 0xE2, 0xED
_BARE = frozenset({0x01, SOI, EOI})  # markers that carry no length

# Inside scan data FF is followed by 00 or a restart marker (D0 to D7); before others it may be repeated.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_MOST_SEGMENTS = 5_000  # 30 MB of 64 kB segments are 460; more is made to keep us busy


@dataclass(frozen=True, slots=True)
class Segment:
    """One JPEG segment: its marker's second byte, where its FF stands, where its payload begins and ends."""

    marker: int
    start: int
    body: int
    end: int


def segments(data: bytes, start: int = 0) -> Iterator[Segment]:
    """Walk the JPEG that begins at `start`, from SOI to EOI, skipping stray bytes as decoders do.

    Raises ValueError where the bytes end before EOI, or there are over 5,000 segments. ITU-T T.81, annex B.
    """
    at = start
    for _ in range(_MOST_SEGMENTS):
        found = _NEXT_MARKER.search(data, at)
        if found is None:
            raise ValueError("the JPEG ends before its end marker")
        marker, body = data[found.start() + 1], found.end()
        at = body
        if marker not in _BARE:
            length = int.from_bytes(data[body : body + 2], "big")
            body, at = body + 2, body + max(length, 2)
        if at > len(data):
            raise ValueError("the JPEG ends inside a segment")
        yield Segment(marker, found.start(), body, at)
        if marker == EOI:
            return
    raise ValueError("the JPEG has too many segments")


_DIRECTORIES = {("0th", 0x8769): "Exif", ("0th", 0x8825): "GPS", ("Exif", 0xA005): "Interop"}
_ORDERS = {b"II*\x00": "<", b"MM\x00*": ">"}


def tags_in(exif: bytes) -> dict[tuple[str, int], int]:
    """Every EXIF entry that can be reached: (directory, tag) to its first short, or its raw 32 bits.

    `exif` is a TIFF block, with or without "Exif\\0\\0" before it. The directories are "0th", "1st",
    "Exif", "GPS" and "Interop", each read at most once. Never raises: a broken block gives
    what can be read.
    """
    block = exif.removeprefix(b"Exif\x00\x00")
    order = _ORDERS.get(block[:4])
    if order is None or len(block) < 8:
        return {}
    found: dict[tuple[str, int], int] = {}
    waiting = {"0th": struct.unpack_from(order + "I", block, 4)[0]}
    while waiting:
        name, at = waiting.popitem()
        if at + 2 > len(block):
            continue
        count = struct.unpack_from(order + "H", block, at)[0]
        for entry in range(at + 2, min(at + 2 + 12 * count, len(block) - 11), 12):
            tag, kind = struct.unpack_from(order + "HH", block, entry)
            value = struct.unpack_from(order + ("H" if kind == 3 else "I"), block, entry + 8)[0]
            found[name, tag] = value
            below = _DIRECTORIES.get((name, tag))
            if below:
                waiting[below] = value
        following = block[at + 2 + 12 * count : at + 6 + 12 * count]
        if name == "0th" and len(following) == 4 and any(following):
            waiting["1st"] = struct.unpack(order + "I", following)[0]
    return found


# --- Proving a rendition ---

# SOI, JFIF, perhaps Adobe, tables, one frame, scans among tables, EOI: the only order our encoder writes.
_GRAMMAR = re.compile(
    rb"\xd8\xe0?\xee?[\xdb\xc4\xdd]*[\xc0-\xc2][\xdb\xc4\xdd]*(?:\xda[\xdb\xc4\xdd]*)+\xd9", re.DOTALL
)
# Belt and braces: none can stand in a file that fits the grammar, unless smuggled into a table or a scan.
_NEVER = (
    b"Exif\x00\x00",
    b"GPSLatitude",
    b"GPSLongitude",
    b"http://ns.adobe.com/",
    b"<x:xmpmeta",
    b"<?xpacket",
    b"ICC_PROFILE",
    b"Photoshop 3.0",
)


def _tables_fill(payload: bytes, length_at: Callable[[bytes, int], int]) -> bool:
    """Whether the tables in a segment fill it exactly, so that nothing can hide behind them."""
    at = 0
    while at < len(payload):
        at += length_at(payload, at)
    return at == len(payload)


def _quantisation_length(payload: bytes, at: int) -> int:
    return 129 if payload[at] >> 4 else 65


def _huffman_length(payload: bytes, at: int) -> int:
    return 17 + sum(payload[at + 1 : at + 17])


_PLAIN: dict[int, Callable[[bytes], bool]] = {
    APP0: lambda p: len(p) == 14 and p.startswith(b"JFIF\x00\x01") and p[12:] == b"\x00\x00",  # no thumbnail
    0xEE: lambda p: len(p) == 12 and p.startswith(b"Adobe"),
    0xDB: lambda p: _tables_fill(p, _quantisation_length),
    0xC4: lambda p: _tables_fill(p, _huffman_length),
    0xDD: lambda p: len(p) == 2,
    0xC0: lambda p: len(p) > 5 and len(p) == 6 + 3 * p[5],
    0xC1: lambda p: len(p) > 5 and len(p) == 6 + 3 * p[5],
    0xC2: lambda p: len(p) > 5 and len(p) == 6 + 3 * p[5],
    SOS: lambda p: len(p) > 0 and len(p) == 4 + 2 * p[0],
    SOI: lambda p: p == b"",
    EOI: lambda p: p == b"",
}


def _structural_fault(data: bytes) -> str | None:
    """What in the walk of the segments should not be there, or None."""
    try:
        walked = tuple(segments(data))
    except ValueError:
        return "It is not a whole JPEG."
    if walked[0].start != 0 or not _GRAMMAR.fullmatch(bytes(segment.marker for segment in walked)):
        return "It holds a part that is not picture."
    for before, segment in pairwise(walked):
        gap = data[before.end : segment.start]
        if b"\xff\xff" in data[before.end : segment.start + 1] or (gap and before.marker != SOS):
            return "It holds bytes between its parts."
    if not all(_PLAIN[segment.marker](data[segment.body : segment.end]) for segment in walked):
        return "One of its parts is longer than it should be."
    return "It goes on after the end of the picture." if walked[-1].end != len(data) else None


def _mark_fault(data: bytes) -> str | None:
    """What a search for the names of metadata finds, wherever they stand, or None."""
    return "It still holds a mark of hidden data." if any(mark in data for mark in _NEVER) else None


def _exif_fault(data: bytes) -> str | None:
    """What an EXIF reader that is not ours finds in a JPEG, or None."""
    if not data.startswith(b"\xff\xd8"):  # piexif would take it for the name of a file
        return "Camera data could not be ruled out."
    try:
        exif = piexif.load(data)
    except (ValueError, LookupError, struct.error):
        return "Camera data could not be ruled out."
    return "It still holds camera data." if any(exif.values()) else None


def prove(data: bytes) -> None:
    """Return only when `data` is a JPEG or an AVIF of pixels and nothing else; else raise Refused with each fault.

    A JPEG may hold SOI, a plain JFIF APP0 of 14 bytes, an Adobe APP14 of 12, tables, one frame, its scans, EOI, and
    not one byte after; for AVIF see `proof_avif`. Law 5; facts/photos.md, "an independent structural check".
    """
    avif = data[4:8] == b"ftyp"
    checks = (fault_in_avif if avif else _structural_fault, _mark_fault)
    faults = tuple(filter(None, (check(data) for check in checks)))
    if not faults and not avif:  # never before: a forged EXIF count makes piexif take gigabytes
        faults = tuple(filter(None, (_exif_fault(data),)))
    if faults:
        raise Refused(
            "This photo did not pass our check for hidden data and was not kept. Please choose another.",
            faults,
        )


# --- Finding a place in an upload ---

# XMP's names for coordinates, and the key and the box in which phones' video trailers keep theirs.
_PLACES = (
    b"GPSLatitude",
    b"GPSLongitude",
    b"GPSDestLatitude",
    b"com.apple.quicktime.location",
)
_TRAILER_PLACE = re.compile(rb"\xa9xyz.{4}[+-]\d", re.DOTALL)  # ISO 6709, as in +54.4-003.1/
_TIFF_HEADER = re.compile(rb"II\*\x00|MM\x00\*")
_HEXADECIMAL = re.compile(rb"(?:[0-9a-fA-F]{2})+")
_LONGEST_TEXT = 1_000_000
_LONGEST_EXIF = 65_536  # what a JPEG segment holds
_MOST_EXIFS = 50  # a photo has a few; thousands are made to keep us busy


def _inflated(body: bytes) -> bytes:
    """What a zlib stream says, as far as it can be read, up to 1 MB."""
    try:
        return zlib.decompressobj().decompress(body, _LONGEST_TEXT)
    except zlib.error:
        return b""


def _hidden_texts(data: bytes) -> Iterator[bytes]:
    """The texts of a PNG, inflated, and read where they are hexadecimal digits (PNG 11.3.3; raw profiles).

    Up to IEND only: what looks like more of them behind it is not read by anyone, but can be thousands that swell.
    """
    at, kind = (8 if data.startswith(b"\x89PNG\r\n\x1a\n") else len(data)), b""
    while at + 12 <= len(data) and kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        keyword, _, rest = data[at + 8 : at + 8 + length].partition(b"\x00")
        at += 12 + length
        if kind == b"iTXt" and rest[:1] == b"\x01":
            rest = _inflated(rest[2:].split(b"\x00", 2)[-1])
        elif kind == b"zTXt":
            rest = _inflated(rest[1:])
        if keyword.startswith(b"Raw profile type"):
            digits = b"".join(rest.split(b"\n")[3:])
            rest = binascii.unhexlify(digits) if _HEXADECIMAL.fullmatch(digits) else b""
        if kind in {b"iTXt", b"zTXt", b"tEXt"}:
            yield rest


def _says_where(part: bytes) -> bool:
    """Whether these bytes name coordinates, or hold EXIF whose GPS directory says more than its version."""
    if any(place in part for place in _PLACES) or _TRAILER_PLACE.search(part):
        return True
    starts = (found.start() for found in islice(_TIFF_HEADER.finditer(part), _MOST_EXIFS))
    blocks = (part[start : start + _LONGEST_EXIF] for start in starts)
    return any(name == "GPS" and tag > 0 for block in blocks for name, tag in tags_in(block))


def location_in(data: bytes) -> bool:
    """Whether a place can be found anywhere in a JPEG, PNG, WebP or HEIC, its second images and trailers too.

    Looks for EXIF blocks wherever they stand, XMP's exif:GPS names, and the location boxes of video trailers.
    """
    return _says_where(data) or any(
        map(_says_where, _hidden_texts(data))
    )  # one text at a time: they may be large
