"""Pictures for the tests of the photo room, made by hand where Pillow cannot make what an upload may hold."""

import struct
import zlib
from io import BytesIO

from PIL import Image

from tripupdates.photos.renditions import Cleaned

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 180, 30), (30, 30, 220), (230, 220, 30)
NAMES = {RED: "R", GREEN: "G", BLUE: "B", YELLOW: "Y"}

Colour = tuple[int, int, int]


def quarters(size: tuple[int, int] = (120, 80)) -> Image.Image:
    """Red and green above, blue and yellow below."""
    width, height = size
    picture = Image.new("RGB", size, RED)
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    picture.paste(YELLOW, (width // 2, height // 2, width, height))
    return picture


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    """The picture's bytes in a format that Pillow writes."""
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def largest(cleaned: Cleaned) -> Image.Image:
    """The largest rendition, decoded."""
    return Image.open(BytesIO(cleaned.renditions[-1].data))


def colour_at(picture: Image.Image, across: float = 0.5, down: float = 0.5) -> Colour:
    """The colour at a place given in parts of the whole."""
    x, y = int((picture.width - 1) * across), int((picture.height - 1) * down)
    red, green, blue = picture.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes()
    return red, green, blue


def near(one: Colour, other: Colour, by: int = 6) -> bool:
    """Whether two colours are the same but for what JPEG does to them."""
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def corners(picture: Image.Image) -> str:
    """The letters of the colours in the four quarters: above left, above right, below left, below right."""
    places = ((0.15, 0.15), (0.85, 0.15), (0.15, 0.85), (0.85, 0.85))
    found = [colour_at(picture, *place) for place in places]
    return "".join(
        next((name for known, name in NAMES.items() if near(known, one, 25)), "?") for one in found
    )


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    size: tuple[int, int],
    depth: int,
    colour_type: int,
    rows: bytes,
    *,
    before: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """A PNG with the header it is told, whatever `rows` (with filter bytes) hold; chunks before and after."""
    header = struct.pack(">IIBBBBB", *size, depth, colour_type, 0, 0, 0)
    data = chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(rows)) + after + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """The JPEG with one more segment right after its start."""
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + jpeg[2:]
