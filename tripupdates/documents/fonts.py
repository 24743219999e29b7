"""Fonts inside a document, without what their makers' tools and licences wrote into them. The letters' shapes stay. Pure.

TrueType and OpenType lose whole tables (ISO 32000-1, 9.9 names those that a PDF needs); CFF and Type 1 keep their
length, and their notices become blanks.
"""

import re
import struct
from collections.abc import Iterator
from itertools import pairwise

from tripupdates.documents.intake import DAMAGED
from tripupdates.vocabulary import Refused

_TABLES = frozenset(
    (*b"head hhea hmtx maxp fpgm prep glyf loca cmap OS/2 post vhea vmtx VORG gasp".split(), b"cvt ", b"CFF ")
)
_MADE = slice(20, 36)  # of the table "head": when it was made and changed
_MOST_TABLES = 64


def plain(font: bytes) -> bytes:
    """The font, told by its first bytes, without words about it. Raises Refused for what is none."""
    if font[:4] in {b"\x00\x01\x00\x00", b"true", b"OTTO"}:
        return _sfnt(font)
    if font.startswith((b"%!", b"\x80\x01")):
        return _type1(font)
    if font[:1] == b"\x01" and len(font) > 4:
        return _cff(font)
    raise Refused(DAMAGED)


def _sfnt(font: bytes) -> bytes:
    count = int.from_bytes(font[4:6], "big")
    if count > _MOST_TABLES or len(font) < 12 + 16 * count:
        raise Refused(DAMAGED)
    bodies: dict[bytes, bytes] = {}
    for number in range(count):
        tag, _, start, length = struct.unpack_from(">4sIII", font, 12 + 16 * number)
        if tag in _TABLES:
            bodies[tag] = font[start : start + length]
    if b"head" in bodies:
        head = bytearray(bodies[b"head"])
        head[_MADE] = bytes(len(head[_MADE]))
        bodies[b"head"] = bytes(head)
    if b"CFF " in bodies:
        bodies[b"CFF "] = _cff(bodies[b"CFF "])
    power = max(len(bodies), 1).bit_length() - 1
    table = font[:4] + struct.pack(">4H", len(bodies), 16 << power, power, 16 * len(bodies) - (16 << power))
    data, first = b"", 12 + 16 * len(bodies)
    for tag, body in sorted(bodies.items()):
        padded = body + b"\x00" * (-len(body) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        table += struct.pack(">4sIII", tag, total, first + len(data), len(body))
        data += padded
    return table + data


# --- Type 1: the part in clear (Adobe Type 1 Font Format, 2.2) ---

_NOTICE = re.compile(rb"(/(?:Notice|Copyright|FullName|FamilyName|Weight|version)\s*\()((?:[^()\\]|\\.)*)\)")
_COMMENT = re.compile(rb"%[^\r\n]*")
_FIRST = b"%!PS-AdobeFont-1.0:"  # readers look for it


def _type1(font: bytes) -> bytes:
    clear = font.find(b"eexec")
    if clear < 0:
        raise Refused(DAMAGED)
    text = _NOTICE.sub(lambda found: found[1] + b" " * len(found[2]) + b")", font[:clear])
    first = text.find(b"%!")
    text = _COMMENT.sub(
        lambda found: (_FIRST if found.start() == first else b"")[: len(found[0])].ljust(len(found[0])), text
    )
    return text + font[clear:]


# --- CFF (Adobe Technical Note 5176) ---

_STRINGS = 391  # the standard strings; the font's own come after
_WORDS = frozenset(
    {0, 1, 2, 3, 4, 0x0C00, 0x0C15, 0x0C16}
)  # version, notice, names, weight, copyright, PostScript


def _cff(font: bytes) -> bytes:
    """Each string that the top dictionary uses for words alone becomes blanks."""
    try:
        _, at = _index(font, font[2])
        tops, at = _index(font, at)
        strings, _ = _index(font, at)
        sids = {sid for start, end in tops for sid in _words(font[start:end])}
    except (IndexError, struct.error) as error:
        raise Refused(DAMAGED) from error
    blank = bytearray(font)
    for sid in sids:
        if 0 <= sid - _STRINGS < len(strings):
            start, end = strings[sid - _STRINGS]
            blank[start:end] = b" " * (end - start)
    return bytes(blank)


def _index(font: bytes, at: int) -> tuple[list[tuple[int, int]], int]:
    """Where each entry of an INDEX begins and ends, and where the next one begins (section 5)."""
    (count,) = struct.unpack_from(">H", font, at)
    if count == 0:
        return [], at + 2
    size, table = font[at + 2], at + 3
    base = table + size * (count + 1) - 1
    if not 1 <= size <= 4 or base > len(font):
        raise IndexError("no INDEX")
    offsets = [
        base + int.from_bytes(font[table + size * n : table + size * (n + 1)], "big")
        for n in range(count + 1)
    ]
    if offsets != sorted(offsets) or offsets[-1] > len(font):
        raise IndexError("no INDEX")
    return list(pairwise(offsets)), offsets[-1]


def _words(top: bytes) -> Iterator[int]:
    """The strings that stand for words in a top dictionary (section 4: numbers, then an operator)."""
    at, last = 0, 0
    while at < len(top):
        first = top[at]
        if first <= 21:
            operator = first
            if first == 12:
                at += 1
                operator = 0x0C00 | top[at]
            if operator in _WORDS:
                yield last
            at += 1
        elif first == 30:  # a real number, in nibbles up to one that is F
            at += 1
            while (top[at] & 0x0F) != 0x0F and (top[at] >> 4) != 0x0F:
                at += 1
            at += 1
        else:
            last, at = _integer(top, at)


def _integer(top: bytes, at: int) -> tuple[int, int]:
    first = top[at]
    if first == 28:
        return struct.unpack_from(">h", top, at + 1)[0], at + 3
    if first == 29:
        return struct.unpack_from(">i", top, at + 1)[0], at + 5
    if 32 <= first <= 246:
        return first - 139, at + 1
    if first <= 250:
        return (first - 247) * 256 + top[at + 1] + 108, at + 2
    return -(first - 251) * 256 - top[at + 1] - 108, at + 2
