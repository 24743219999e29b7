"""A camera that takes pictures of nowhere: for practice mode, the demo and the tests.

Its photos show a painted landscape with figures that have no faces, or with drawn people who have, and carry
everything a phone or an editor may write into a file, all made up. Free text holds PLANTED, so that a search of
any output shows a leak.
"""

import struct
from collections.abc import Collection
from io import BytesIO

import piexif
import pillow_heif
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tripupdates.photos import profiles
from tripupdates.practice.scenery import painted

PLANTED = b"PLANTED"
"""In every piece of free text that the camera writes; must be in nothing that we keep."""

EXTRAS = frozenset({"exif", "thumbnail", "maker note", "xmp", "comment", "profile", "trailer"})
"""What a photo can carry besides its pixels. "thumbnail" and "maker note" are parts of "exif"."""

_WORD = PLANTED.decode("ascii")

# Stored so that EXIF's Orientation turns it upright again: the opposite of what a viewer does.
_STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def take(
    scene: int = 1,
    size: tuple[int, int] = (4032, 3024),
    orientation: int = 1,
    extras: Collection[str] = EXTRAS,
    people: int = 0,
) -> bytes:
    """A JPEG as from a phone. The same arguments give the same picture.

    `scene` picks the landscape; `size` is the stored width and height in pixels, as the sensor has them;
    `orientation` is EXIF's, 1 to 8 (written only with "exif" among the extras); `extras` come from EXTRAS;
    `people` is how many stand in front with faces (`scenery.painted`).
    Raises ValueError for an orientation, an extra or a number of people that there cannot be.
    """
    unknown = set(extras) - EXTRAS
    if unknown or orientation not in range(1, 9):
        raise ValueError(f"no such extra or orientation: {sorted(unknown)} {orientation}")
    upright = size if orientation < 5 else size[::-1]
    picture = painted(scene, upright, people)
    if orientation in _STORED:
        picture = picture.transpose(_STORED[orientation])
    options: dict[str, object] = {}
    if "exif" in extras:
        options["exif"] = exif_block(picture, orientation, extras)
    if "xmp" in extras:
        options["xmp"] = xmp_packet()
    if "comment" in extras:
        options["comment"] = PLANTED + b" comment"
    if "profile" in extras:
        options["icc_profile"] = display_p3()
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=85, **options)
    return buffer.getvalue() + (_trailer() if "trailer" in extras else b"")


def take_png(scene: int = 1, size: tuple[int, int] = (1200, 900), people: int = 0) -> bytes:
    """A PNG with planted EXIF, XMP, texts, a colour profile and bytes after its end."""
    picture = painted(scene, size, people)
    texts = PngInfo()
    texts.add_text("Comment", f"{_WORD} comment")
    texts.add_text("Author", f"{_WORD} author", zip=True)
    texts.add_itxt("XML:com.adobe.xmp", xmp_packet().decode("utf-8"))
    buffer = BytesIO()
    exif = exif_block(picture, 1, EXTRAS)
    picture.save(buffer, "PNG", pnginfo=texts, exif=exif, icc_profile=display_p3(), compress_level=1)
    return buffer.getvalue() + _trailer()


def take_webp(scene: int = 1, size: tuple[int, int] = (1200, 900), people: int = 0) -> bytes:
    """A WebP with planted EXIF, XMP and a colour profile, and bytes after its end."""
    picture = painted(scene, size, people)
    buffer = BytesIO()
    exif = exif_block(picture, 1, EXTRAS)
    picture.save(buffer, "WEBP", method=0, exif=exif, xmp=xmp_packet(), icc_profile=display_p3())
    return buffer.getvalue() + _trailer()


def take_heic(scene: int = 1, size: tuple[int, int] = (1200, 900), people: int = 0) -> bytes:
    """A HEIC as from a phone, with planted EXIF, XMP and a colour profile."""
    picture = painted(scene, size, people)
    picture.info["icc_profile"] = display_p3()
    heif = pillow_heif.from_pillow(picture)
    buffer = BytesIO()
    heif.save(buffer, quality=70, exif=exif_block(picture, 1, EXTRAS), xmp=xmp_packet())
    return buffer.getvalue()


def take_avif(scene: int = 1, size: tuple[int, int] = (1200, 900), people: int = 0) -> bytes:
    """An AVIF as an editor writes it, with planted EXIF, XMP and a colour profile."""
    picture = painted(scene, size, people)
    buffer = BytesIO()
    exif = exif_block(picture, 1, EXTRAS)
    picture.save(buffer, "AVIF", speed=10, exif=exif, xmp=xmp_packet(), icc_profile=display_p3())
    return buffer.getvalue()


def exif_block(picture: Image.Image, orientation: int, extras: Collection[str]) -> bytes:
    """EXIF as a phone writes it, GPS and all; every name is made up. `extras` as for `take`."""
    zeroth = {
        piexif.ImageIFD.Make: PLANTED + b" Cameras",
        piexif.ImageIFD.Model: PLANTED + b" One",
        piexif.ImageIFD.Orientation: orientation,
        piexif.ImageIFD.Software: PLANTED + b" 1.0",
        piexif.ImageIFD.DateTime: b"2031:05:14 10:20:30",
        piexif.ImageIFD.Artist: PLANTED + b" Artist",
        piexif.ImageIFD.Copyright: PLANTED + b" Copyright",
        piexif.ImageIFD.ImageDescription: PLANTED + b" caption",
    }
    exif: dict[int, object] = {
        piexif.ExifIFD.DateTimeOriginal: b"2031:05:14 10:20:30",
        piexif.ExifIFD.ExposureTime: (1, 250),
        piexif.ExifIFD.CameraOwnerName: PLANTED + b" Owner",
        piexif.ExifIFD.BodySerialNumber: PLANTED + b"-000123",
        piexif.ExifIFD.UserComment: b"ASCII\x00\x00\x00" + PLANTED,
    }
    if "maker note" in extras:
        exif[piexif.ExifIFD.MakerNote] = b"PRACTICE\x00GPS 54.5 N 3.1 W " + PLANTED
    place = {
        piexif.GPSIFD.GPSVersionID: (2, 3, 0, 0),
        piexif.GPSIFD.GPSLatitudeRef: b"N",
        piexif.GPSIFD.GPSLatitude: ((54, 1), (27, 1), (3012, 100)),
        piexif.GPSIFD.GPSLongitudeRef: b"W",
        piexif.GPSIFD.GPSLongitude: ((3, 1), (5, 1), (4711, 100)),
        piexif.GPSIFD.GPSAreaInformation: b"ASCII\x00\x00\x00" + PLANTED,
    }
    parts: dict[str, object] = {"0th": zeroth, "Exif": exif, "GPS": place}
    if "thumbnail" in extras:
        parts |= {"1st": {piexif.ImageIFD.Compression: 6}, "thumbnail": _thumbnail(picture)}
    block: bytes = piexif.dump(parts)
    return block


def xmp_packet() -> bytes:
    """XMP as an editor writes it: a place, a maker, a serial number, a caption and a history."""
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"'
        ' exif:GPSLatitude="54,27.502N" exif:GPSLongitude="3,5.785W"'
        f' aux:SerialNumber="{_WORD}-000123" aux:OwnerName="{_WORD} Owner">'
        f"<dc:description>{_WORD} caption</dc:description><xmpMM:History>{_WORD} history</xmpMM:History>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def _thumbnail(picture: Image.Image) -> bytes:
    """What cameras keep inside the EXIF: a small JPEG of its own, here with a comment of its own."""
    buffer = BytesIO()
    picture.resize((160, 120)).save(buffer, "JPEG", comment=PLANTED + b" thumbnail")
    return buffer.getvalue()


def _trailer() -> bytes:
    """What phones put behind the picture: the box of a short video, and where it was taken."""
    place = b"+54.4584-003.0964/" + PLANTED
    box = struct.pack(">I4s", 12 + len(place), b"\xa9xyz") + struct.pack(">HH", len(place), 0x15C7) + place
    return struct.pack(">I4s4sI", 16, b"ftyp", b"mp42", 0) + box


def display_p3() -> bytes:
    """An ICC profile for Display P3, iPhones' colour space, with PLANTED in its name and copyright."""
    return profiles.display_p3(f"{_WORD} P3", PLANTED + b" copyright")
