"""A JPEG inside a document, laid bare: the picture's own segments, in the same order, and nothing else. Pure.

Lossless: no pixel is decoded. A document says by itself which colours the numbers mean, so a profile is not missed.
What stays is what `photos.proof`, which walks by itself, accepts: Adobe's APP14 (without it CMYK turns negative), tables,
the frame, scans. ITU-T T.81, annex B.
"""

import re
from collections.abc import Iterator

from tripupdates.documents.intake import DAMAGED
from tripupdates.vocabulary import Refused

_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_SOS, _ADOBE = 0xDA, 0xEE
_ADOBE_LENGTH = 12
_PICTURE = frozenset({0xDB, 0xC4, 0xDD, 0xC0, 0xC1, 0xC2, _SOS})  # tables, restarts, PDF's frames, scans
_SCAN = re.compile(rb"(?:[^\xff]|\xff\x00|\xff[\xd0-\xd7])*")  # data of a scan, with its restarts
_MOST_SEGMENTS = 5_000


def bare(jpeg: bytes) -> bytes:
    """The same picture without anything that tells of it. Raises Refused for what is no whole JPEG."""
    kept, adobe = [_SOI], False
    for marker, body, scan in _walked(jpeg):
        if marker == _ADOBE and body.startswith(b"Adobe") and not adobe:
            kept.append(_segment(_ADOBE, body[:_ADOBE_LENGTH].ljust(_ADOBE_LENGTH, b"\x00")))
            adobe = True
        elif marker in _PICTURE:
            kept += (_segment(marker, body), scan)
    return b"".join((*kept, _EOI))


def _walked(jpeg: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Each segment: its marker, its payload, and the data behind it where it begins a scan."""
    if not jpeg.startswith(_SOI):
        raise Refused(DAMAGED)
    at = len(_SOI)
    for _ in range(_MOST_SEGMENTS):
        start = at
        while jpeg[at : at + 1] == b"\xff":
            at += 1
        if at == start or at + 1 > len(jpeg):
            break
        marker = jpeg[at]
        if marker == _EOI[1]:
            return
        length = int.from_bytes(jpeg[at + 1 : at + 3], "big")
        body = jpeg[at + 3 : at + 1 + length]
        at += 1 + length
        if length < 2 or at >= len(jpeg):
            break
        scan = b""
        if marker == _SOS:
            found = _SCAN.match(jpeg, at)
            scan = found.group() if found else b""
            at += len(scan)
        yield marker, body, scan
    raise Refused(DAMAGED)


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body
