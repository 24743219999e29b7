"""Uploads that are not what they seem: two kinds in one, other kinds, headers that lie, and pictures made of pictures."""

import random
import struct
import zlib
from functools import partial

from PIL import Image

from tests.photos import heif
from tests.photos.bad import ROWS, WHOLE, Bad
from tests.photos.heif import Item, Reference
from tests.photos.pictures import chunk, png, quarters, saved, with_segment

# --- Two kinds of file in one: cleaned of the second ---

PICTURE = saved(quarters(), "JPEG")
POLYGLOTS: Bad = {
    "JPEG and ZIP": lambda: PICTURE + b"PK\x03\x04" + bytes(26) + b"PK\x05\x06" + bytes(18),
    "JPEG and HTML behind": lambda: PICTURE + b"<html><script>alert(1)</script></html>",
    "JPEG and HTML in a comment": lambda: with_segment(PICTURE, 0xFE, b"--><script>alert(1)</script><!--"),
    "JPEG and PHP in EXIF": lambda: with_segment(PICTURE, 0xE1, b"Exif\x00\x00<?php system($_GET[0]); ?>"),
    "JPEG and JavaScript in its first lengths": lambda: with_segment(PICTURE, 0xE0, b"/*" + bytes(0x2F28)),
    "JPEG and PDF": lambda: with_segment(PICTURE, 0xFE, b"%PDF-1.4\n1 0 obj<<>>endobj") + b"\n%%EOF",
    "JPEG and RAR": lambda: PICTURE + b"Rar!\x1a\x07\x01\x00" + bytes(40),
    "JPEG and a program": lambda: PICTURE + b"\x7fELF\x02\x01\x01" + bytes(100),
    "PNG and ZIP": lambda: WHOLE["PNG"] + b"PK\x03\x04" + bytes(26),
    "PNG and HTML": lambda: png(
        (16, 16), 8, 2, ROWS, before=chunk(b"tEXt", b"a\x00<script>alert(1)</script>")
    ),
    "WebP and ZIP": lambda: WHOLE["WebP"] + b"PK\x03\x04" + bytes(26),
    "HEIC and HTML": lambda: WHOLE["HEIC"] + b"<html><script>alert(1)</script></html>",
    "JPEG and JPEG": lambda: PICTURE + PICTURE,
}

# --- Other kinds of file, whatever they are called: refused ---

OTHER_KINDS: Bad = {
    name: partial(bytes, data)
    for name, data in {
        "nothing": b"",
        "one byte": b"\xff",
        "two bytes": b"\xff\xd8",
        "zeros": bytes(100_000),
        "noise": random.Random(1).randbytes(100_000),
        "text": b"Dear all, here are the photos",
        "GIF": saved(quarters(), "GIF"),
        "GIF of 190 megapixels": b"GIF89a" + struct.pack("<HHBBB", 13_800, 13_800, 0x80, 0, 0) + bytes(100),
        "GIF and a script": b"GIF89a/*" + bytes(100) + b"*/=1;alert(1)//",
        "PDF and a JPEG": b"%PDF-1.4\n1 0 obj<</Filter/DCTDecode>>stream\n" + PICTURE + b"\nendstream",
        "ZIP and a JPEG": b"PK\x03\x04" + bytes(26) + PICTURE,
        "HTML and a JPEG": b"<html><!--" + PICTURE,
        "line break and a JPEG": b"\n" + PICTURE,
        "BMP": saved(quarters(), "BMP"),
        "TIFF": saved(quarters(), "TIFF"),
        "TIFF of 4,000 megapixels": struct.pack(
            "<2sHIHHHIIHHII", b"II", 42, 8, 2, 256, 4, 1, 65_000, 257, 4, 1, 65_000
        ),
        "BigTIFF": b"II+\x00\x08\x00\x00\x00",
        "raw, Canon CR2": b"II*\x00\x10\x00\x00\x00CR\x02\x00",
        "raw, Canon CR3": heif.box(b"ftyp", b"crx ", bytes(4), b"crx isom"),
        "raw, Canon CRW": b"II\x1a\x00\x00\x00HEAPCCDR",
        "raw, Nikon and Sony": b"MM\x00*\x00\x00\x00\x08",
        "raw, Fujifilm": b"FUJIFILMCCD-RAW 0201",
        "raw, Olympus": b"IIRO\x08\x00\x00\x00",
        "raw, Panasonic": b"IIU\x00\x08\x00\x00\x00",
        "raw, Minolta": b"\x00MRM" + bytes(20),
        "raw, Sigma": b"FOVb" + bytes(20),
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "SVG with entities": b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "&b;&b;">]><svg>&a;</svg>',
        "SVG packed": b"\x1f\x8b\x08\x00" + zlib.compress(b"<svg/>"),
        "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file",
        "EPS with a preview": b"\xc5\xd0\xd3\xc6" + bytes(26),
        "web page": b"<!DOCTYPE html><html><body>Sign in to the Wi-Fi</body></html>",
        "web page in capitals": b"\xef\xbb\xbf  <HTML><HEAD>",
        "MP4": heif.box(b"ftyp", b"isom", bytes(4), b"isommp42") + heif.box(b"mdat", bytes(100)),
        "MOV": heif.box(b"wide") + heif.box(b"mdat", bytes(100)),
        "3GP": heif.box(b"ftyp", b"3gp4", bytes(4)),
        "WebM": b"\x1aE\xdf\xa3\x01\x00\x00\x00",
        "AVI": b"RIFF\x00\x01\x00\x00AVI LIST",
        "WAV": b"RIFF\x24\x00\x00\x00WAVEfmt ",
        "docx": b"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml word/document.xml",
        "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
        "Photoshop": b"8BPS\x00\x01",
        "JPEG XL": b"\xff\x0a\x00\x00",
        "JPEG 2000": b"\x00\x00\x00\x0cjP  \r\n\x87\n",
        "icon": saved(quarters((32, 32)), "ICO"),
        "PPM": saved(quarters(), "PPM"),
        "Targa": saved(quarters(), "TGA"),
        "PCX": saved(quarters(), "PCX"),
        "a JPEG's table of contents": b"\xff\xd8\xff\xd9",
        "a program": b"\x7fELF\x02\x01\x01",
        "pickle": b"\x80\x04\x95\x1e\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.",
        "shell": b"#!/bin/sh\nrm -rf /\n",
        "ImageMagick's script": b"push graphic-context\nfill 'url(https://x.example/\"|ls \"-la)'\n",
    }.items()
}

# --- Pictures that move: refused ---

_FRAMES = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
MOVING: Bad = {
    f"{kind} of {frames} frames": partial(
        saved, _FRAMES[0], kind, save_all=True, append_images=(_FRAMES * 20)[1:frames]
    )
    for kind in ("PNG", "WEBP", "AVIF", "GIF")
    for frames in (2, 40)
}

# --- Headers that lie: cleaned or refused ---


def _png_lengths(length: int) -> bytes:
    return WHOLE["PNG"][:33] + struct.pack(">I", length) + WHOLE["PNG"][37:]


def _webp_says(canvas: int) -> bytes:
    inside = b"WEBPVP8X" + struct.pack("<II", 10, 0x10) + (canvas | canvas << 24).to_bytes(6, "little")
    return b"RIFF" + struct.pack("<I", len(inside) + len(WHOLE["WebP"]) - 12) + inside + WHOLE["WebP"][12:]


def _jpeg_with(marker: int, change: bytes, at: int) -> bytes:
    place = PICTURE.index(bytes([0xFF, marker])) + at
    return PICTURE[:place] + change + PICTURE[place + len(change) :]


_MPF = struct.pack("<HHHI4s", 3, 0xB000, 7, 4, b"0100") + struct.pack("<HHII", 0xB001, 4, 1, 4_000_000)
_MPF += struct.pack("<HHII", 0xB002, 7, 64_000_000, 50) + bytes(4)
LIES: Bad = {
    **{
        f"PNG, a chunk of {length}": partial(_png_lengths, length)
        for length in (2**31 - 1, 2**31, 2**32 - 1, 0)
    },
    **{
        f"PNG of {size}": partial(png, size, 8, 2, ROWS)
        for size in ((0, 0), (16, 0), (15, 16), (17, 17), (2**31, 1))
    },
    **{f"PNG of depth {depth}": partial(png, (16, 16), depth, 2, ROWS) for depth in (0, 1, 3, 255)},
    **{f"PNG of kind {kind}": partial(png, (16, 16), 8, kind, ROWS) for kind in (1, 3, 5, 255)},
    "PNG with two headers": lambda: png((16, 16), 8, 2, ROWS, before=chunk(b"IHDR", bytes(13))),
    "PNG whose palette is too long": lambda: png((16, 16), 8, 3, ROWS, before=chunk(b"PLTE", bytes(3_000))),
    "PNG whose text is no text": lambda: png((16, 16), 8, 2, ROWS, before=chunk(b"iTXt", b"\xff" * 99)),
    "PNG whose profile is none": lambda: png(
        (16, 16), 8, 2, ROWS, before=chunk(b"iCCP", b"a\x00\x00" + bytes(99))
    ),
    "PNG whose EXIF is none": lambda: png((16, 16), 8, 2, ROWS, before=chunk(b"eXIf", b"\xff" * 99)),
    "PNG without data": lambda: png((16, 16), 8, 2, b""),
    **{
        f"JPEG of {size}": partial(_jpeg_with, 0xC0, struct.pack(">HH", *size), 5)
        for size in ((0, 9), (9, 0), (9_999, 9_999))
    },
    **{f"JPEG of {depth} bits": partial(_jpeg_with, 0xC0, bytes([depth]), 4) for depth in (0, 12, 16, 255)},
    **{
        f"JPEG of {parts} colours": partial(_jpeg_with, 0xC0, bytes([parts]), 9)
        for parts in (0, 1, 2, 4, 255)
    },
    **{
        f"JPEG, sampled {each:x}": partial(_jpeg_with, 0xC0, bytes([each]), 11)
        for each in (0x00, 0x44, 0x1F, 0xFF)
    },
    **{
        f"JPEG, a segment {marker:x} of {length}": partial(_jpeg_with, marker, struct.pack(">H", length), 2)
        for marker in (0xE0, 0xDB, 0xC0, 0xC4, 0xDA)
        for length in (0, 1, 2, 0xFFFF)
    },
    "JPEG of 4,000 lists of EXIF": lambda: (
        PICTURE[:2]
        + (b"\xff\xe1\x17\x78Exif\x00\x00" + b"II*\x00\x08\x00\x00\x00\xff\xff" * 599 + bytes(4)) * 4_000
        + PICTURE[2:]
    ),
    "JPEG of 4 million images": lambda: with_segment(PICTURE, 0xE2, b"MPF\x00II*\x00\x08\x00\x00\x00" + _MPF),
    "JPEG of 255 profiles": lambda: (
        PICTURE[:2]
        + b"".join(b"\xff\xe2\x00\x14ICC_PROFILE\x00" + bytes([n, 255]) + b"hide" for n in range(255))
        + PICTURE[2:]
    ),
    **{f"WebP of {size}": partial(_webp_says, size) for size in (0, 500, 16_383, 0xFFFFFF)},
    "WebP longer than it is": lambda: WHOLE["WebP"][:4] + b"\xff" * 4 + WHOLE["WebP"][8:],
    "WebP, a chunk longer than it is": lambda: WHOLE["WebP"][:16] + b"\xfe\xff\xff\xff" + WHOLE["WebP"][20:],
    "WebP, millions of chunks": lambda: (
        b"RIFF"
        + struct.pack("<I", len(WHOLE["WebP"]) - 8 + 16_000_000)
        + WHOLE["WebP"][8:]
        + b"LEAK\x00\x00\x00\x00" * 2_000_000
    ),
}


# --- HEIC and AVIF made of other pictures, in ways that no camera makes them: cleaned or refused ---


def made_of(brand: bytes) -> Bad:
    """Grids, overlays and copies that contain themselves, are too many, or lie; places beyond the file."""
    config, data = heif.coded(brand, (64, 64))
    large_config, large = heif.coded(brand, (2048, 2048))
    kind = b"av01" if brand == b"avif" else b"hvc1"
    alpha = heif.full(b"auxC", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\x00")
    clap = heif.box(b"clap", struct.pack(">8i", -5, 1, -5, 1, 2**31 - 1, 1, -(2**31), 1))
    turns = [heif.box(b"irot", b"\x01"), heif.box(b"imir", b"\x01")]
    properties = [
        heif.spatial(64, 64),
        config,
        heif.spatial(4096, 4096),
        heif.spatial(2048, 2048),
        large_config,
    ]
    properties += [alpha, heif.box(b"clap", bytes(32)), clap, *turns]
    one, big = Item(kind, data, (1, 2)), Item(kind, large, (4, 5))

    def grid(rows: int, columns: int, side: int = 64, shown: int = 1) -> Item:
        return Item(b"grid", heif.grid(rows, columns, columns * side, rows * side), (shown,))

    def of(items: list[Item], *dimg: tuple[int, list[int]], primary: int = 1) -> partial[bytes]:
        references = [Reference(b"dimg", source, targets) for source, targets in dimg]
        return partial(heif.file, items, properties, references, brand=brand, primary=primary)

    copy, many = Item(b"iden", b"", (1,)), range(1, 3_001)
    over = [
        Item(b"iovl", heif.overlay(side, side, count), (1,))
        for side, count in ((64, 2), (60_000, 1), (2_048, 1_000))
    ]
    return {
        "a grid of itself": of([grid(1, 1)], (1, [1])),
        "two grids of each other": of([grid(1, 1)] * 2, (1, [2]), (2, [1])),
        "two copies of each other": of([copy] * 2, (1, [2]), (2, [1])),
        "3,000 copies of copies": of([copy] * 3_000 + [one], *((at, [at + 1]) for at in many)),
        "eight grids of grids": of(
            [grid(2, 2, 64 << k) for k in range(8, 0, -1)] + [one],
            *((at, [at + 1] * 4) for at in range(1, 9)),
        ),
        "twenty overlays of overlays": of(
            [over[0]] * 20 + [one], *((at, [at + 1] * 2) for at in range(1, 21))
        ),
        "an overlay of 3,600 megapixels": of([over[1], one], (1, [2])),
        "an overlay of a thousand": of([over[2], big], (1, [2] * 1_000)),
        "a grid of 65,535 of one tile": of([grid(256, 256), one], (1, [2] * 65_535)),
        "a grid of 10,000 of one tile": of([grid(100, 100), one], (1, [2] * 10_000)),
        "a grid larger than it says": of([grid(200, 100, shown=1), one], (1, [2] * 20_000)),
        "a grid smaller than it says": of([grid(1, 1, shown=3), one], (1, [2])),
        "a grid without tiles": of([grid(3, 3)]),
        "a grid with too few tiles": of([grid(3, 3), one], (1, [2] * 8)),
        "a grid of tiles of two sizes": of([grid(1, 2), one, big], (1, [2, 3])),
        "a grid of no bytes": of([Item(b"grid", b"", (1,)), one], (1, [2])),
        "a picture larger than it says": of([Item(kind, large, (1, 5))]),
        "a picture smaller than it says": of([Item(kind, data, (3, 2))]),
        "a place beyond the file": of([Item(kind, data, (1, 2), at=(2**32 - 1, 30))]),
        "a length beyond the file": of([Item(kind, data, (1, 2), at=(0, 2**32 - 1))]),
        "the file's head for data": of([Item(kind, data, (1, 2), at=(0, 300))]),
        "no data": of([Item(kind, b"", (1, 2))]),
        "no codec": of([Item(kind, data, (1,))]),
        "no size": of([Item(kind, data, (2,))]),
        "no property 100": of([Item(kind, data, (1, 2, 100))]),
        "no first picture": of([one], primary=9),
        "a turn and a mirror": of([Item(kind, data, (1, 2, 9, 10))]),
        "a crop of nothing": of([Item(kind, data, (1, 2, 7))]),
        "a crop of less": of([Item(kind, data, (1, 2, 8))]),
        "an unknown kind": of([Item(b"what", data, (1, 2))]),
        "a mere text": of([Item(b"mime", data, (1, 2))]),
        "a JPEG inside that is none": of([Item(b"jpeg", b"\xff\xd8\xff" + bytes(60), (1,))]),
        "900 pictures": of([one] * 900),
    }
