"""How long the lists are in which a HEIC or an AVIF says what it holds. Decoders search them once for every entry. Pure.

Boxes: ISO/IEC 14496-12, 4.2; the lists: 8.11 and ISO/IEC 23008-12, 9.3.
"""

import struct

MOST_LISTED = 65_536  # bytes of one list; a phone's photo of 108 megapixels in 500 tiles needs 12,000
_LISTS = frozenset({b"iloc", b"iinf", b"iref", b"ipma", b"grpl"})
_WITHIN = {b"meta": 4, b"iprp": 0}  # boxes that hold the lists, and how much stands in them first
_MOST_BOXES = 10_000


def lists_too_long(upload: bytes) -> bool:
    """Whether one of the lists is longer than a photo's can be, or there are too many boxes to tell.

    60,000 items in 2.4 MB keep an AVIF decoder busy for 19 seconds.
    """
    waiting = [(0, len(upload))]
    for _ in range(_MOST_BOXES):
        if not waiting:
            return False
        start, end = waiting.pop()
        kind, body, after = _box(upload, start, end)
        if kind in _LISTS and after - start > MOST_LISTED:
            return True
        if after < end:
            waiting.append((after, end))
        if kind in _WITHIN and body + _WITHIN[kind] < after:
            waiting.append((body + _WITHIN[kind], after))
    return True


def _box(upload: bytes, at: int, end: int) -> tuple[bytes, int, int]:
    """The kind of the box at a place, where its inside begins, and where it ends, which is at `end` for a broken one."""
    if at + 8 > end:
        return b"", end, end
    size, kind = struct.unpack_from(">I4s", upload, at)
    body = at + 8
    if size == 1 and at + 16 <= end:
        size, body = int.from_bytes(upload[body : body + 8], "big"), body + 8
    after = at + size
    return kind, body, after if body <= after <= end else end
