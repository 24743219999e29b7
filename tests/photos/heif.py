"""HEIC and AVIF files laid out by hand, box by box: what no encoder at hand writes, and what none should."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import pillow_heif
from PIL import Image

from tests.photos.pictures import saved


def box(kind: bytes, *body: bytes) -> bytes:
    """One box (ISO/IEC 14496-12, 4.2)."""
    inside = b"".join(body)
    return struct.pack(">I4s", len(inside) + 8, kind) + inside


def full(kind: bytes, *body: bytes, version: int = 0, flags: int = 0) -> bytes:
    """A box with a version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *body)


@dataclass(frozen=True)
class Item:
    """One item: its kind, its bytes, the properties that it has (from 1), its name, and what follows that.

    `at` says where its data lies instead of where it does, as (offset from the file's start, length).
    """

    kind: bytes
    data: bytes = b""
    properties: Sequence[int] = ()
    name: bytes = b""
    more: bytes = b""
    at: tuple[int, int] | None = None


@dataclass(frozen=True)
class Reference:
    """That one item refers to others, by their numbers (from 1)."""

    kind: bytes
    source: int
    targets: Sequence[int]


def file(
    items: Sequence[Item],
    properties: Sequence[bytes],
    references: Sequence[Reference] = (),
    *,
    brand: bytes = b"heic",
    primary: int = 1,
    handler: bytes = b"",
    more: bytes = b"",
) -> bytes:
    """A file of these items, with `more` boxes between its head and its data. Equal data is laid down once."""
    head = box(b"ftyp", brand, bytes(4), b"mif1", brand)
    length = len(head + _meta(items, properties, references, primary, handler, {}) + more) + 8
    places: dict[bytes, int] = {}
    data = b""
    for item in items:
        if item.data not in places:
            places[item.data] = length + len(data)
            data += item.data
    return head + _meta(items, properties, references, primary, handler, places) + more + box(b"mdat", data)


def _meta(
    items: Sequence[Item],
    properties: Sequence[bytes],
    references: Sequence[Reference],
    primary: int,
    handler: bytes,
    places: dict[bytes, int],
) -> bytes:
    located = [item.at or (places.get(item.data, 0), len(item.data)) for item in items]
    infes = (
        full(b"infe", struct.pack(">HH4s", number, 0, item.kind), item.name + b"\x00", item.more, version=2)
        for number, item in enumerate(items, 1)
    )
    uses = (
        struct.pack(">HB", number, len(item.properties)) + bytes(item.properties)
        for number, item in enumerate(items, 1)
    )
    ilocs = (
        struct.pack(">HHHII", number, 0, 1, *place) for number, place in enumerate(located, 1)
    )  # version 0: no construction method, one extent each
    irefs = (
        box(each.kind, struct.pack(f">HH{len(each.targets)}H", each.source, len(each.targets), *each.targets))
        for each in references
    )
    return full(
        b"meta",
        full(b"hdlr", bytes(4), b"pict", bytes(12), handler + b"\x00"),
        full(b"pitm", struct.pack(">H", primary)),
        full(b"iloc", b"\x44\x00", struct.pack(">H", len(items)), *ilocs),
        full(b"iinf", struct.pack(">H", len(items)), *infes),
        full(b"iref", *irefs) if references else b"",
        box(
            b"iprp",
            box(b"ipco", *properties),
            full(b"ipma", struct.pack(">I", len(items)), *uses),
        ),
    )


def spatial(width: int, height: int) -> bytes:
    """The property that says how large an image is."""
    return full(b"ispe", struct.pack(">II", width, height))


def grid(rows: int, columns: int, width: int, height: int) -> bytes:
    """The data of a grid item (ISO/IEC 23008-12, 6.6.2.3), with sizes in 32 bits."""
    return struct.pack(">BBBBII", 0, 1, rows - 1, columns - 1, width, height)


def overlay(width: int, height: int, images: int) -> bytes:
    """The data of an overlay item (6.6.2.2): everything at the upper left, on white."""
    return struct.pack(">BB4HII", 0, 1, *[0xFFFF] * 4, width, height) + bytes(8 * images)


@cache
def coded(brand: bytes, size: tuple[int, int], colour: str = "green") -> tuple[bytes, bytes]:
    """A flat picture's codec property, and its coded data: HEVC for "heic", AV1 for "avif"."""
    picture = Image.new("RGB", size, colour)
    if brand == b"avif":
        whole, config = saved(picture, "AVIF", quality=60, speed=9), b"av1C"
    else:
        pillow_heif.register_heif_opener()
        whole, config = saved(picture, "HEIF", quality=60), b"hvcC"
    at = whole.index(config) - 4
    length = int.from_bytes(whole[at : at + 4], "big")
    return whole[at : at + length], whole[whole.index(b"mdat") + 4 :]
