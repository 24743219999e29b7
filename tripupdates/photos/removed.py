"""What a photo carried besides its pixels, in a teacher's words and without the values.

Shown to staff after each upload ("we took out: location, date and time"), so that they learn what phones
write down. Nothing here decides: `clean` drops everything, named or not.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from tripupdates.photos.proof import APP0, APP1, APP2, APP13, COM, location_in, segments, tags_in

_NO_TAGS: frozenset[int] = frozenset()
_NO_BLOCKS: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sign:
    """One thing to tell, and what gives it away: EXIF tags, a pattern in the XMP, or a kind of block."""

    words: str
    tags: frozenset[int] = _NO_TAGS
    xmp: bytes | None = None
    blocks: frozenset[str] = _NO_BLOCKS


# Tag numbers: CIPA DC-008 (Exif 3.0) tables 4 to 15, and the XP tags that Windows writes. In the order shown.
_SIGNS = (
    Sign("location", blocks=frozenset({"location"})),
    Sign(
        "date and time",
        frozenset({0x0132, 0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9290, 0x9291, 0x9292}),
        rb"CreateDate|ModifyDate|MetadataDate|DateTime|DateCreated",
        frozenset({"date"}),
    ),
    Sign(
        "camera make and model",
        frozenset({0x010F, 0x0110, 0xA433, 0xA434}),
        rb"tiff:Make|tiff:Model|aux:Lens",
    ),
    Sign("camera serial number", frozenset({0xA431, 0xA435, 0xA420}), rb"SerialNumber|ImageUniqueID"),
    Sign(
        "owner’s name",
        frozenset({0xA430, 0x013B, 0x8298, 0x9C9D}),
        rb"OwnerName|dc:creator|dc:rights|Artist",
    ),
    Sign("thumbnail", blocks=frozenset({"thumbnail"})),
    Sign("editing history", xmp=rb"xmpMM:History|photoshop:History", blocks=frozenset({"editing"})),
    Sign("XMP data", xmp=rb"."),
    Sign("maker note", frozenset({0x927C})),
    Sign(
        "caption or comment",
        frozenset({0x010E, 0x9286, 0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F}),
        rb"dc:description|dc:title|dc:subject|UserComment",
        frozenset({"comment"}),
    ),
    Sign("camera settings", blocks=frozenset({"settings"})),
    Sign("colour profile", blocks=frozenset({"profile"})),
    Sign("second image", blocks=frozenset({"second"})),
    Sign("other hidden data", blocks=frozenset({"other"})),
    Sign("data after the end of the image", blocks=frozenset({"trailer"})),
)
WORDS = tuple(sign.words for sign in _SIGNS)
"""All that can be told, in the order in which it is."""
_TOLD_TAGS: frozenset[int] = frozenset().union(*(sign.tags for sign in _SIGNS))
# Pointers, and what only says how the pixels lie: no news to anyone.
_DULL_TAGS = frozenset({0x8769, 0x8825, 0xA005, 0x0112, 0x011A, 0x011B, 0x0128, 0x0213, 0x9000, 0xA000})


def what_was_in(upload: bytes, image: Image.Image) -> tuple[str, ...]:
    """Plain words for what `upload`, loaded as `image`, held besides its pixels; in a fixed order.

    Never a value, only the kind. Never raises on broken metadata: what cannot be read is not named.
    """
    tags = {tag for name, tag in tags_in(exif_of(image)) if name in {"0th", "Exif"}}
    xmp = _xmp_of(upload, image)
    blocks = _blocks(upload, image)
    if tags - _TOLD_TAGS - _DULL_TAGS:
        blocks |= {"settings"}
    return tuple(
        sign.words
        for sign in _SIGNS
        if sign.tags & tags or sign.blocks & blocks or (sign.xmp and re.search(sign.xmp, xmp, re.DOTALL))
    )


def exif_of(image: Image.Image) -> bytes:
    """The EXIF block that Pillow found in the file, as bytes, b"" where there is none."""
    exif = image.info.get("exif")
    return exif if isinstance(exif, bytes) else b""


def end_of_picture(upload: bytes) -> int | None:
    """Where the picture ends by its own account, in bytes from the start; None where it is cut short.

    `upload` is a JPEG, PNG, WebP or HEIC by its first bytes. What follows the end is no picture.
    """
    if upload.startswith(b"\xff\xd8"):
        return _end_of_jpeg(upload, 0)
    if upload.startswith(b"\x89PNG"):
        return _end_of_png(upload)
    if upload.startswith(b"RIFF"):
        end = 8 + int.from_bytes(upload[4:8], "little")
        return end if end <= len(upload) else None
    return _end_of_heic(upload)


def _end_of_jpeg(upload: bytes, start: int) -> int | None:
    try:
        return max(segment.end for segment in segments(upload, start))
    except ValueError:
        return None


_MOST_CHUNKS = 20_000  # 30 MB in chunks of 4 kB are 7,500; more is made to keep us busy


def _end_of_png(upload: bytes) -> int | None:
    """Walk the chunks to IEND (PNG, 5.3)."""
    at = 8
    for _ in range(_MOST_CHUNKS):
        if at + 12 > len(upload):
            return None
        length, kind = struct.unpack_from(">I4s", upload, at)
        at += 12 + length
        if kind == b"IEND":
            return at if at <= len(upload) else None
    return None


_MOST_BOXES = 1_000  # a photo has about five on top; millions are made to keep us busy
_HEIC_BOXES = frozenset({b"ftyp", b"meta", b"mdat", b"free", b"skip", b"moov", b"uuid", b"wide"})


def _end_of_heic(upload: bytes) -> int | None:
    """Walk the top boxes (ISO/IEC 14496-12, 4.2); one that no still picture has is where it ended."""
    at = 0
    for _ in range(_MOST_BOXES):
        if at + 8 > len(upload):
            return at if at <= len(upload) else None
        size, kind = struct.unpack_from(">I4s", upload, at)
        if kind not in _HEIC_BOXES:
            return at
        if size == 1 and at + 16 <= len(upload):
            size = int.from_bytes(upload[at + 8 : at + 16], "big")
        if size == 0:  # by the standard: to the end of the file
            return len(upload)
        if size < 8:
            return None
        at += size
    return None


def _text(value: object) -> bytes:
    """Metadata that Pillow gives as text or bytes, as bytes."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    return value if isinstance(value, bytes) else b""


def _xmp_of(upload: bytes, image: Image.Image) -> bytes:
    """All XMP in one: what Pillow found, and a JPEG's extended packets, which it does not read."""
    packets = [_text(image.info.get("xmp")) or _text(image.info.get("XML:com.adobe.xmp"))]
    packets += [
        body
        for marker, body in _jpeg_parts(upload)
        if marker == APP1 and body.startswith(b"http://ns.adobe.com/")
    ]
    return b"\n".join(filter(None, packets))


def _jpeg_parts(upload: bytes) -> Iterator[tuple[int, bytes]]:
    """The segments of a JPEG as (marker, payload), up to where it breaks; none for other formats."""
    if not upload.startswith(b"\xff\xd8"):
        return
    try:
        for segment in segments(upload):
            yield segment.marker, upload[segment.body : segment.end]
    except ValueError:
        return  # the parts before the break are still true


# A JPEG segment's marker and how its payload begins, and what kind of block that makes it.
_JPEG_BLOCKS = (
    (COM, b"", "comment"),
    (APP0, b"JFXX", "thumbnail"),
    (APP2, b"MPF\x00", "second"),
    (APP13, b"", "editing"),
    (0xEB, b"", "editing"),  # APP11: content credentials (C2PA), which tell who edited what
)


# APP3 to APP15 without those above and Adobe's: each maker writes into them what it likes.
_UNKNOWN = frozenset(range(0xE3, 0xF0)) - {0xEB, APP13, 0xEE}


def _blocks(upload: bytes, image: Image.Image) -> frozenset[str]:
    """The kinds of block in the file, by the names that _SIGNS uses."""
    info = image.info
    found = {
        kind
        for marker, body in _jpeg_parts(upload)
        for wanted, start, kind in _JPEG_BLOCKS
        if marker == wanted and body.startswith(start)
    }
    exif = tags_in(exif_of(image))
    if any(marker in _UNKNOWN for marker, _ in _jpeg_parts(upload)):
        found.add("other")
    other = {
        "location": location_in(upload),
        "date": image.format == "PNG" and b"\x00\x00\x00\x07tIME" in upload,
        "thumbnail": ("1st", 0x0201) in exif or bool(info.get("thumbnails")),
        "comment": image.format == "PNG" and any(_is_caption(key, value) for key, value in info.items()),
        "profile": bool(info.get("icc_profile")),
        "second": bool(info.get("aux") or info.get("depth_images")) or getattr(image, "n_frames", 1) > 1,
        "trailer": _has_trailer(upload),
    }
    return frozenset(found | {kind for kind, there in other.items() if there})


def _is_caption(key: object, value: object) -> bool:
    """Whether this is a text of a PNG's that was not already told as XMP or EXIF."""
    return isinstance(value, str) and not str(key).startswith(("XML:com.adobe.xmp", "Raw profile type"))


def _has_trailer(upload: bytes) -> bool:
    """Whether anything but padding follows the picture and the further JPEGs that phones put behind it."""
    end = end_of_picture(upload)
    for _ in range(8):
        if end is None or not upload.startswith(b"\xff\xd8", end):
            break
        end = _end_of_jpeg(upload, end)
    return end is not None and bool(upload[end:].strip(b"\x00"))
