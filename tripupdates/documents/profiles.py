"""A colour profile inside a document, reduced to what its colours need: no name, no maker, no date, no words. Pure.

ICC.1:2022: header of 128 bytes (7.2), table of tags (7.3). A profile's texts can hold anything.
"""

import struct

_NEEDED = frozenset(
    b"rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC wtpt bkpt chad A2B0 A2B1 A2B2 B2A0 B2A1 B2A2".split()
)
_NUMBERS = frozenset((b"XYZ ", b"curv", b"para", b"mft1", b"mft2", b"mAB ", b"mBA ", b"sf32"))
_MOST_TAGS = 100
_HEADER, _ENTRY = 128, 12
# Of the header stay: version, class, spaces, "acsp", intent and illuminant. Size is written anew; the rest tells of the maker.
_KEPT = ((8, 24), (36, 40), (64, 80))
_COMPONENTS = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4, b"Lab ": 3}


def components(profile: bytes) -> int | None:
    """How many numbers a colour has by the profile's own word; None where it is none that we know."""
    return _COMPONENTS.get(profile[16:20]) if profile[36:40] == b"acsp" else None


def reduced(profile: bytes) -> bytes | None:
    """The same colours; None where it is no whole profile."""
    if len(profile) < _HEADER + 4 or components(profile) is None:
        return None
    count = int.from_bytes(profile[_HEADER : _HEADER + 4], "big")
    if count > _MOST_TAGS:
        return None
    bodies: dict[bytes, bytes] = {}
    for number in range(count):
        at = _HEADER + 4 + _ENTRY * number
        name, start, length = struct.unpack_from(">4sII", profile.ljust(at + _ENTRY, b"\x00"), at)
        body = profile[start : start + length]
        if name in _NEEDED and body[:4] in _NUMBERS and len(body) == length:
            bodies[name] = body
    return _written(profile, {b"desc": _named(profile), b"cprt": b"text\x00\x00\x00\x00-\x00"} | bodies)


def _named(profile: bytes) -> bytes:
    """A description is asked for by the standard: a dash, in the form of the profile's version."""
    if profile[8] >= 4:
        return b"mluc" + struct.pack(">4xII4sII", 1, 12, b"enGB", 2, 28) + b"\x00-"
    return b"desc" + struct.pack(">4xI2s", 2, b"-\x00") + bytes(78)


def _written(profile: bytes, bodies: dict[bytes, bytes]) -> bytes:
    """One table for all; a body that several tags share stands there once."""
    places: dict[bytes, int] = {}
    table, data = struct.pack(">I", len(bodies)), b""
    first = _HEADER + 4 + _ENTRY * len(bodies)
    for name, body in bodies.items():
        if body not in places:
            places[body] = first + len(data)
            data += body + b"\x00" * (-len(body) % 4)
        table += struct.pack(">4sII", name, places[body], len(body))
    header = bytearray(_HEADER)
    for start, end in _KEPT:
        header[start:end] = profile[start:end]
    header[0:4] = (first + len(data)).to_bytes(4, "big")
    return bytes(header) + table + data
