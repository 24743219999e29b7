"""Uploads that nobody should send, by kind: name to bytes, made when asked for."""

import random
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from tests.photos import heif
from tests.photos.bombs import grey_jpeg, swollen, swollen_png
from tests.photos.heif import Item, Reference
from tests.photos.pictures import chunk, png, quarters, saved
from tripupdates.practice import camera

Bad = Mapping[str, Callable[[], bytes]]

WHOLE: Mapping[str, bytes] = {
    "JPEG": camera.take(size=(200, 150), extras=camera.EXTRAS - {"trailer"}),
    "PNG": saved(
        quarters((90, 60)), "PNG", icc_profile=camera.display_p3(), exif=camera.exif_block(quarters(), 6, ())
    ),
    "WebP": saved(quarters((90, 60)), "WEBP", icc_profile=camera.display_p3()),
    "HEIC": camera.take_heic(size=(256, 192)),
    "AVIF": saved(quarters((90, 60)), "AVIF", speed=9, exif=camera.exif_block(quarters(), 1, ())),
}
"""A good photo in each format, to be spoilt."""

ROWS = (b"\x00" + bytes(48)) * 16


def cut(whole: bytes) -> Bad:
    """Cut short at every twentieth."""
    return {f"{part} %": partial(bytes, whole[: len(whole) * part // 100]) for part in range(0, 100, 5)}


def flipped(whole: bytes, times: int = 25) -> Bad:
    """With one to forty bits the other way round, at places that are the same each time."""

    def flip(seed: int) -> bytes:
        dice = random.Random(seed)
        spoilt = bytearray(whole)
        for _ in range(dice.choice((1, 1, 2, 4, 40))):
            spoilt[dice.randrange(len(spoilt))] ^= 1 << dice.randrange(8)
        return bytes(spoilt)

    return {f"seed {seed}": partial(flip, seed) for seed in range(times)}


def chunks_repaired(whole: bytes, times: int = 15) -> Bad:
    """A PNG with bits flipped inside its chunks and every checksum put right, so that the decoder goes on."""

    def spoil(seed: int) -> bytes:
        dice, made = random.Random(seed), whole[:8]
        for kind, body in _chunks(whole):
            spoilt = bytearray(body)
            if spoilt and dice.random() < 0.5:
                spoilt[dice.randrange(len(spoilt))] ^= 1 << dice.randrange(8)
            made += chunk(kind, bytes(spoilt))
        return made

    return {f"seed {seed}": partial(spoil, seed) for seed in range(times)}


def _chunks(whole: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(whole):
        length, kind = struct.unpack_from(">I4s", whole, at)
        yield kind, whole[at + 8 : at + 8 + length]
        at += 12 + length


# --- More pixels than we take, or than there is room for: all told that they are too large ---

BOMBS: Bad = {
    "PNG of 121 megapixels": lambda: swollen_png(11_000, 11_000, 1, 0, 1),
    "PNG of 169 megapixels": lambda: swollen_png(13_000, 13_000, 1, 0, 1),
    "PNG of 900 megapixels": lambda: swollen_png(30_000, 30_000, 1, 0, 1),
    "PNG of 900 megapixels, and no data": lambda: png((30_000, 30_000), 16, 6, b""),
    "PNG of 2^31 - 1 a side": lambda: png((2**31 - 1, 2**31 - 1), 16, 6, b""),
    "JPEG of 1,600 megapixels, and all of them": lambda: grey_jpeg(40_000, 40_000),
    "JPEG of 4,000 megapixels": lambda: _jpeg_of(65_000, 65_000),
    "progressive JPEG of 169 megapixels in 50 scans": lambda: grey_jpeg(13_000, 13_000, 50),
    "WebP of 268 megapixels": lambda: _webp_of(16_383, 16_383),
    "AVIF of 190 megapixels": lambda: mosaic(b"avif", 16_384, 11_600),
    "AVIF of 268 megapixels": lambda: mosaic(b"avif", 16_384, 16_384),
    "HEIC of 190 megapixels": lambda: mosaic(b"heic", 16_384, 11_600),
    "HEIC of 1,000 megapixels": lambda: mosaic(b"heic", 32_000, 32_000),
}


def _jpeg_of(width: int, height: int) -> bytes:
    """A small JPEG whose header claims another size."""
    jpeg = bytearray(saved(quarters(), "JPEG"))
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(jpeg)


def _webp_of(width: int, height: int) -> bytes:
    """A small lossless WebP whose header claims another size."""
    webp = bytearray(saved(quarters(), "WEBP", lossless=True))
    at = webp.index(b"VP8L") + 9
    webp[at : at + 4] = struct.pack("<I", (width - 1) | (height - 1) << 14)
    return bytes(webp)


def mosaic(brand: bytes, width: int, height: int) -> bytes:
    """A HEIC or AVIF as phones lay it: a grid of tiles, here all the same, so that it is small."""
    config, data = heif.coded(brand, (2048, 2048))
    columns, rows = -(-width // 2048), -(-height // 2048)
    whole = Item(b"grid", heif.grid(rows, columns, width, height), (3,))
    tiles = [Item(_kind(brand), data, (1, 2))] * (rows * columns)
    properties = [heif.spatial(2048, 2048), config, heif.spatial(width, height)]
    return heif.file(
        [whole, *tiles], properties, [Reference(b"dimg", 1, range(2, rows * columns + 2))], brand=brand
    )


def _kind(brand: bytes) -> bytes:
    return b"av01" if brand == b"avif" else b"hvc1"


# --- As many pixels as we take, in the forms that cost most: cleaned, or refused for want of room ---

HEAVY: Bad = {
    "PNG, 16-bit RGBA": lambda: swollen_png(11_900, 10_000, 16, 6, 4),
    "PNG, 16-bit grey": lambda: swollen_png(11_900, 10_000, 16, 0, 1, chunk(b"tRNS", b"\x00\x01")),
    "PNG, a colour see-through": lambda: swollen_png(11_900, 10_000, 8, 2, 3, chunk(b"tRNS", bytes(6))),
    "PNG, one pixel high": lambda: swollen_png(119_000_000, 1, 1, 0, 1),
    "JPEG in a hundred scans": lambda: grey_jpeg(11_900, 10_000, 98),
    "AVIF": lambda: mosaic(b"avif", 8_192, 14_500),
    "HEIC": lambda: mosaic(b"heic", 8_192, 14_500),
}

# --- Small files that swell or keep busy otherwise: refused ---


def _text_bomb(kind: bytes, head: bytes) -> Callable[[], bytes]:
    return lambda: png((16, 16), 8, 2, ROWS, before=chunk(kind, head + swollen(200_000_000)))


BUSY: Bad = {
    "PNG, zTXt of 200 MB": _text_bomb(b"zTXt", b"name\x00\x00"),
    "PNG, iTXt of 200 MB": _text_bomb(b"iTXt", b"name\x00\x01\x00\x00\x00"),
    "PNG, iCCP of 200 MB": _text_bomb(b"iCCP", b"name\x00\x00"),
    "PNG, 15,000 texts of 900 kB": lambda: png(
        (16, 16), 8, 2, ROWS, before=chunk(b"zTXt", b"a\x00\x00" + zlib.compress(bytes(900_000))) * 15_000
    ),
    "PNG, a million chunks": lambda: png((16, 16), 8, 2, ROWS, before=chunk(b"prIv", b"") * 1_000_000),
    "JPEG, 500 scans of 36 megapixels": lambda: grey_jpeg(6_000, 6_000, 500),
    "JPEG, a million segments": lambda: b"\xff\xd8" + b"\xff\xe1\x00\x02" * 1_000_000 + grey_jpeg(8, 8)[2:],
    "JPEG, 20 MB of FF": lambda: b"\xff\xd8" + b"\xff" * 20_000_000,
    "HEIC, millions of boxes": lambda: WHOLE["HEIC"] + b"\x00\x00\x00\x08free" * 3_000_000,
    "AVIF, 60,000 items": lambda: _same_item(b"avif", 60_000),
    "HEIC, 60,000 items": lambda: _same_item(b"heic", 60_000),
}


def _same_item(brand: bytes, times: int) -> bytes:
    config, data = heif.coded(brand, (64, 64))
    return heif.file([Item(_kind(brand), data, (1, 2))] * times, [heif.spatial(64, 64), config], brand=brand)
