"""Pictures inside a document, packed anew: exactly their pixels, and nothing behind or beside them. Pure."""

import zlib
from collections.abc import Callable

from pikepdf import Array, Name, Stream

from tripupdates.documents import profiles, scans
from tripupdates.documents.intake import DAMAGED, TOO_MUCH
from tripupdates.documents.jpegs import bare
from tripupdates.documents.removed import CAMERA, PLACE
from tripupdates.documents.streams import MOST_UNPACKED, Unpacked, Value, plain
from tripupdates.photos.proof import location_in
from tripupdates.vocabulary import Refused, TooLarge

_NUMBERS = {"/DeviceGray": 1, "/CalGray": 1, "/Indexed": 1, "/Separation": 1, "/G": 1, "/I": 1}
_NUMBERS |= {"/DeviceRGB": 3, "/CalRGB": 3, "/Lab": 3, "/RGB": 3, "/DeviceCMYK": 4, "/CMYK": 4}
_PLAIN_JPEG = (
    40  # bytes that a JPEG may lose without having told anything: its JFIF segment, and what fills up
)

Tell = Callable[[str], None]
Packed = tuple[bytes, Name]


def numbers_of(colours: Value) -> int:
    """How many numbers a pixel has in these colours. Raises Refused where that cannot be told."""
    name = colours[0] if isinstance(colours, Array) and len(colours) else colours
    if isinstance(colours, Array) and name == Name.ICCBased and isinstance(colours[1], Stream):
        count = colours[1].get("/N") or profiles.components(plain(colours[1]))
        if isinstance(count, int):
            return count
    if isinstance(colours, Array) and name == Name.DeviceN and isinstance(colours[1], Array):
        return len(colours[1])
    count = _NUMBERS.get(str(name)) if isinstance(name, Name) else None
    if count is None:
        raise Refused(DAMAGED)
    return count


def packed(found: Unpacked, picture: Value, colours: Value, tell: Tell) -> Packed:
    """The bytes and the filter of a picture whose dictionary says the rest, in these colours (as in the document).

    `tell` hears in words what is lost. Raises Refused where it is damaged, TooLarge.
    """
    if found.packing == "DCTDecode":
        return bare_jpeg(found.data, tell), Name.DCTDecode
    return zlib.compress(pixels(found, picture, colours)), Name.FlateDecode


def bare_jpeg(jpeg: bytes, tell: Tell) -> bytes:
    """The JPEG alone; `tell` hears what it had on it."""
    left = bare(jpeg)
    if len(jpeg) - len(left) > _PLAIN_JPEG:
        tell(CAMERA)
    if location_in(jpeg):
        tell(PLACE)
    return left


def pixels(found: Unpacked, picture: Value, colours: Value) -> bytes:
    """The rows of a picture that is not packed, or as a fax: as many bytes as its size says, at most."""
    width, height = picture.get("/Width"), picture.get("/Height")
    if not (isinstance(width, int) and isinstance(height, int) and width > 0 and height > 0):
        raise Refused(DAMAGED)
    if found.packing == "CCITTFaxDecode":
        return scans.bits(found.data, (width, height), found.how)
    stencil = bool(picture.get("/ImageMask", False))
    depth, numbers = (1, 1) if stencil else (picture.get("/BitsPerComponent"), numbers_of(colours))
    if depth not in {1, 2, 4, 8, 16}:
        raise Refused(DAMAGED)
    most = height * ((width * depth * numbers + 7) // 8)
    if most > MOST_UNPACKED:
        raise TooLarge(TOO_MUCH)
    return found.data[:most]
