"""A camera that takes pictures of nowhere: for practice mode, the demo and the tests.

Its photos show a painted landscape with figures that have no faces, and carry everything a phone or an editor
may write into a file, all made up. Free text holds PLANTED, so that a search of any output shows a leak.
"""

import math
import struct
from collections.abc import Collection
from hashlib import sha256
from io import BytesIO

import piexif
import pillow_heif
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

PLANTED = b"PLANTED"
"""In every piece of free text that the camera writes; must be in nothing that we keep."""

EXTRAS = frozenset({"exif", "thumbnail", "maker note", "xmp", "comment", "profile", "trailer"})
"""What a photo can carry besides its pixels. "thumbnail" and "maker note" are parts of "exif"."""

_WORD = PLANTED.decode("ascii")
_SKIES = ("#4a90d9", "#5fb3e6", "#e8a15c", "#7d8fb3")
_HORIZONS = ("#dceefb", "#f4f7ee", "#fbe6c2", "#e9e4f0")
_HILLS = ("#6aa84f", "#4f8f4a", "#8a9a3b", "#3d7a5f", "#a3b565")
_COATS = ("#d94a4a", "#f2c230", "#3a6fc4", "#e67fb0", "#f28c38", "#7a4fb5")
_SKINS = ("#f1d3b8", "#d9a982", "#a97450", "#6e4a33")

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
) -> bytes:
    """A JPEG as from a phone. The same arguments give the same picture.

    `scene` picks the landscape; `size` is the stored width and height in pixels, as the sensor has them;
    `orientation` is EXIF's, 1 to 8 (written only with "exif" among the extras); `extras` come from EXTRAS.
    Raises ValueError for an orientation or an extra that does not exist.
    """
    unknown = set(extras) - EXTRAS
    if unknown or orientation not in range(1, 9):
        raise ValueError(f"no such extra or orientation: {sorted(unknown)} {orientation}")
    upright = size if orientation < 5 else size[::-1]
    picture = _landscape(scene, upright)
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


def take_png(scene: int = 1, size: tuple[int, int] = (1200, 900)) -> bytes:
    """A PNG with planted EXIF, XMP, texts, a colour profile and bytes after its end."""
    picture = _landscape(scene, size)
    texts = PngInfo()
    texts.add_text("Comment", f"{_WORD} comment")
    texts.add_text("Author", f"{_WORD} author", zip=True)
    texts.add_itxt("XML:com.adobe.xmp", xmp_packet().decode("utf-8"))
    buffer = BytesIO()
    exif = exif_block(picture, 1, EXTRAS)
    picture.save(buffer, "PNG", pnginfo=texts, exif=exif, icc_profile=display_p3(), compress_level=1)
    return buffer.getvalue() + _trailer()


def take_webp(scene: int = 1, size: tuple[int, int] = (1200, 900)) -> bytes:
    """A WebP with planted EXIF, XMP and a colour profile, and bytes after its end."""
    picture = _landscape(scene, size)
    buffer = BytesIO()
    exif = exif_block(picture, 1, EXTRAS)
    picture.save(buffer, "WEBP", method=0, exif=exif, xmp=xmp_packet(), icc_profile=display_p3())
    return buffer.getvalue() + _trailer()


def take_heic(scene: int = 1, size: tuple[int, int] = (1200, 900)) -> bytes:
    """A HEIC as from a phone, with planted EXIF, XMP and a colour profile."""
    picture = _landscape(scene, size)
    picture.info["icc_profile"] = display_p3()
    heif = pillow_heif.from_pillow(picture)
    buffer = BytesIO()
    heif.save(buffer, quality=70, exif=exif_block(picture, 1, EXTRAS), xmp=xmp_packet())
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


# Display P3: its colorants adapted to D50, and the sRGB curve (ICC registry, "Display P3").
_P3_TAGS = {
    b"wtpt": (0.96420, 1.0, 0.82491),
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def display_p3() -> bytes:
    """An ICC profile for Display P3, iPhones' colour space, with PLANTED in its name and copyright."""
    text = f"{_WORD} P3".encode("utf-16-be")
    named = b"mluc" + struct.pack(">4xII4sII", 1, 12, b"enGB", len(text), 28) + text
    curve = b"para" + struct.pack(">4xHxx5i", 3, *(_fixed(value) for value in _SRGB_CURVE))
    bodies = {b"desc": named, b"cprt": b"text\x00\x00\x00\x00" + PLANTED + b" copyright\x00"}
    bodies |= {
        tag: b"XYZ \x00\x00\x00\x00" + struct.pack(">3i", *map(_fixed, xyz)) for tag, xyz in _P3_TAGS.items()
    }
    bodies |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    table, data = struct.pack(">I", len(bodies)), b""
    for tag, body in bodies.items():
        table += struct.pack(">4sII", tag, 132 + 12 * len(bodies) + len(data), len(body))
        data += body + b"\x00" * (-len(body) % 4)
    header = struct.pack(">I4xI", 132 + 12 * len(bodies) + len(data), 0x04300000) + b"mntrRGB XYZ "
    header += struct.pack(">6H4s28x3i", 2031, 5, 14, 0, 0, 0, b"acsp", *map(_fixed, _P3_TAGS[b"wtpt"]))
    return header.ljust(128, b"\x00") + table + data


def _fixed(value: float) -> int:
    """A number as ICC's s15Fixed16."""
    return round(value * 65536)


def _landscape(scene: int, size: tuple[int, int]) -> Image.Image:
    """A sky, a sun, three rows of hills and a few figures, upright; another `scene`, another picture."""
    width, height = size
    dice = sha256(b"scene %d" % scene).digest()
    sky = Image.linear_gradient("L").resize(size, Image.Resampling.BILINEAR)
    pick = dice[0] % len(_SKIES)
    picture = Image.composite(
        Image.new("RGB", size, _HORIZONS[pick]), Image.new("RGB", size, _SKIES[pick]), sky
    )
    draw = ImageDraw.Draw(picture)
    sun, spot = min(size) // 12, (width * (40 + dice[1] // 2) // 255, height * (20 + dice[2] // 8) // 255)
    draw.ellipse((spot[0] - sun, spot[1] - sun, spot[0] + sun, spot[1] + sun), fill="#ffe9a0")
    for row in range(3):
        draw.polygon(_hill(size, row, dice[3 + row]), fill=_HILLS[(dice[6] + row) % len(_HILLS)])
    count = 2 + dice[7] % 4
    for number in range(count):
        _figure(draw, size, (number + 1) / (count + 1), dice[8 + number])
    return picture


def _hill(size: tuple[int, int], row: int, die: int) -> list[tuple[float, float]]:
    """The outline of one row of hills, the nearer the lower."""
    width, height = size
    level = height * (0.5 + 0.13 * row)
    swing = height * (0.09 - 0.02 * row)
    edge = [
        (
            width * step / 48,
            level - swing * math.sin(die + step * (0.12 + 0.05 * row)) * math.cos(die * 3 + step / 9),
        )
        for step in range(49)
    ]
    return [(0, height), *edge, (width, height)]


def _figure(draw: ImageDraw.ImageDraw, size: tuple[int, int], across: float, die: int) -> None:
    """Somebody in a bright coat: a round head without a face, a body, and a hat."""
    width, height = size
    head = min(size) * (0.028 + die / 255 * 0.012)
    x, y = width * across, height * (0.68 + die % 16 / 160)
    coat, skin, hat = (
        table[(die + step) % len(table)] for step, table in enumerate((_COATS, _SKINS, _COATS))
    )
    draw.rounded_rectangle((x - 1.6 * head, y + head, x + 1.6 * head, y + 6 * head), radius=head, fill=coat)
    draw.ellipse((x - head, y - head, x + head, y + head), fill=skin)
    draw.pieslice((x - head, y - 1.2 * head, x + head, y + 0.8 * head), 180, 360, fill=hat)
