"""The second opinion on a cleaned AVIF (law 5). It reads bytes without Pillow or libavif, as proof.py does a JPEG.

Our encoder (Pillow's AVIF plugin: libavif over libaom) writes the same 275 bytes before every opaque picture,
but for its size, its level and its length. So a table says what each box holds, and all else is a fault.
"""

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

_LARGEST = 16_384  # pixels a side


@dataclass(frozen=True, slots=True)
class _Part:
    """One box: its place in the tree of boxes, and where its own fields begin and end."""

    path: str
    start: int
    end: int


# Each box there may be, in its order, and what its own fields say. Where numbers differ from picture to picture
# (.), they are checked below. "Full" boxes begin with a version and flags, here always zero but for infe's.
_LAYOUT = {
    path: re.compile(fields, re.DOTALL)
    for path, fields in {
        "ftyp": rb"avif\x00{4}avifmif1miafMA1B",  # ISO/IEC 14496-12, 4.3; AVIF 1.1, 6
        "meta": rb"\x00{4}",  # 14496-12, 8.11.1
        "meta/hdlr": rb"\x00{8}pict\x00{12}\x00",  # 8.4.3; the last is an empty name
        "meta/pitm": rb"\x00{4}\x00\x01",  # 8.11.4: item 1 is the picture
        "meta/iloc": rb"\x00{4}\x44\x00\x00\x01\x00\x01\x00\x00\x00\x01.{8}",  # 8.11.3: one item of one extent
        "meta/iinf": rb"\x00{4}\x00\x01",  # 8.11.6: one item
        "meta/iinf/infe": rb"\x02\x00{3}\x00\x01\x00\x00av01Color\x00",  # version 2, unprotected
        "meta/iprp": rb"",  # ISO/IEC 23008-12, 9.3
        "meta/iprp/ipco": rb"",
        "meta/iprp/ipco/ispe": rb"\x00{4}.{8}",  # 23008-12, 6.5.3: width, height
        "meta/iprp/ipco/pixi": rb"\x00{4}\x03\x08\x08\x08",  # 23008-12, 6.5.6: three channels of 8 bits
        "meta/iprp/ipco/av1C": rb"\x81[\x00-\x1f]\x0c\x00",  # AV1-ISOBMFF, 2.3.3: Main, 8 bits, 4:2:0, no OBUs
        "meta/iprp/ipco/colr": rb"nclx\x00\x01\x00\x0d\x00\x06\x80",  # 14496-12, 12.1.5: sRGB, full range
        "meta/iprp/ipma": rb"\x00{4}\x00{3}\x01\x00\x01\x04\x01\x02\x83\x04",  # item 1 has these four
        "mdat": rb".*",  # 14496-12, 8.1.1
    }.items()
}
# Boxes that hold boxes, and the length of the fields before those.
_HOLDERS = {"meta": 4, "meta/iinf": 6, "meta/iprp": 0, "meta/iprp/ipco": 0}


def _parts(data: bytes, start: int, end: int, above: str = "") -> Iterator[_Part]:
    """Walk the boxes from `start` to `end`, each before those in it. Raises ValueError where one does not fit.

    A length of 0 ("to the end") or 1 (64 bits follow) does not fit: our encoder writes neither. 14496-12, 4.2.
    """
    at = start
    while at < end:
        if at + 8 > end:
            raise ValueError("the file ends inside a box's head")
        length, kind = struct.unpack_from(">I4s", data, at)
        after = at + length
        if length < 8 or after > end:
            raise ValueError("a box is longer than what holds it")
        path = above + kind.decode("latin-1")
        inner = at + 8 + _HOLDERS.get(path, length - 8)
        yield _Part(path, at + 8, inner)
        yield from _parts(data, inner, after, path + "/")
        at = after


def _layout_fault(parts: tuple[_Part, ...], data: bytes) -> str | None:
    """Which box is missing, too many, or says something else than the table, or None."""
    paths, expected = [part.path for part in parts], list(_LAYOUT)
    if paths != expected[: len(paths)]:
        return "It holds a part that is not picture."
    if len(paths) < len(expected):
        return "It is not a whole AVIF."
    if parts[-1].end != len(data):
        return "It goes on after the end of the picture."
    if not all(_LAYOUT[part.path].fullmatch(data, part.start, part.end) for part in parts):
        return "One of its parts does not say just what it should."
    return None


# --- The coded picture ---

# The heads of the only OBUs our encoder writes, each with its length after it: temporal delimiter, sequence
# header, frame. Metadata (5), padding (15) and all others are faults. AV1 specification, 5.3.2 and 6.2.2.
_DELIMITER, _SEQUENCE, _FRAME = 2 << 3 | 2, 1 << 3 | 2, 6 << 3 | 2
_ORDER = (_DELIMITER, _SEQUENCE, _FRAME)
_LONGEST_SEQUENCE = 11  # bytes, for a picture of 16,384 by 16,384


def _length_at(data: bytes, at: int) -> tuple[int, int]:
    """A leb128 number and where it ends, from the fewest bytes that can say it. Raises ValueError. AV1, 4.10.5."""
    length = 0
    for place, byte in enumerate(data[at : at + 8]):
        length |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            if byte == 0 < place:
                raise ValueError("a length has bytes to spare")
            return length, at + place + 1
    raise ValueError("a length does not end")


def _obus(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Walk the OBUs: each one's head and payload. Raises ValueError where they do not tile `data`. AV1, 5.3.1."""
    at = 0
    while at < len(data):
        length, start = _length_at(data, at + 1)
        if start + length > len(data):
            raise ValueError("the data ends inside an OBU")
        yield data[at], data[start : start + length]
        at = start + length


def _sequence_fits(payload: bytes, width: int, height: int, level: int) -> bool:
    """Whether each bit of a sequence header is as it must be for this picture. AV1, 5.5.1, 5.5.2 and 5.3.4.

    Free are only the switches of six coding tools. There is no film grain, whose numbers would be noise to us.
    """
    if len(payload) > _LONGEST_SEQUENCE:
        return False
    across, down = f"{width - 1:b}", f"{height - 1:b}"
    expected = (
        f"000 1 1 {level:05b}"  # Main profile, a still picture, the short header for one
        f"{len(across) - 1:04b} {len(down) - 1:04b} {across} {down}"
        "[01]{6}"  # 128-pixel blocks, filter intra, intra edge, superres, cdef, restoration
        f"0 0 1 {1:08b} {13:08b} {6:08b} 1 00 0"  # 8 bits, in colour, and that is the nclx box's
        "0 10{0,7}"  # no film grain; a one, and zeros to the byte's end
    )
    bits = "".join(f"{byte:08b}" for byte in payload)
    return re.fullmatch(expected.replace(" ", ""), bits) is not None


def _coded_fault(coded: bytes, width: int, height: int, level: int) -> str | None:
    """What in the AV1 data should not be there, or None."""
    try:
        found = tuple(islice(_obus(coded), len(_ORDER) + 1))
    except ValueError:
        return "Its picture is not whole."
    if tuple(head for head, _ in found) != _ORDER:
        return "Its picture holds a part that is not picture."
    (_, delimiter), (_, sequence), (_, frame) = found
    if delimiter or not _sequence_fits(sequence, width, height, level):
        return "The head of its picture does not say just what it should."
    return None if frame else "Its picture is not whole."


def _picture_fault(at: Mapping[str, _Part], data: bytes) -> str | None:
    """What is wrong with the numbers in the boxes, or with the picture that they lead to, or None."""
    width, height = struct.unpack_from(">II", data, at["meta/iprp/ipco/ispe"].start + 4)
    if not (0 < width <= _LARGEST and 0 < height <= _LARGEST):
        return "Its size is none that a picture can have."
    mdat = at["mdat"]
    if struct.unpack_from(">II", data, at["meta/iloc"].end - 8) != (mdat.start, mdat.end - mdat.start):
        return "It holds bytes outside the picture."
    level = data[at["meta/iprp/ipco/av1C"].start + 1]
    return _coded_fault(data[mdat.start : mdat.end], width, height, level)


def fault_in_avif(data: bytes) -> str | None:
    """None only when `data` is an AVIF still picture of pixels and nothing else; else what should not be there.

    Allowed is what our encoder writes for an opaque 4:2:0 picture whose info is empty: the boxes of the table,
    and one frame behind its two headers, each byte accounted for up to the frame's own payload. That payload is
    the coded pixels: as with a JPEG's scan, bytes after the last symbol do not show without decoding it, so
    search for the names of metadata too. Never raises. Law 5; facts/photos.md.
    """
    try:
        # As many boxes as there may be: what follows them shows in the last one's end, however much it is.
        parts = tuple(islice(_parts(data, 0, len(data)), len(_LAYOUT)))
    except ValueError:
        return "It is not a whole AVIF."
    return _layout_fault(parts, data) or _picture_fault({part.path: part for part in parts}, data)
