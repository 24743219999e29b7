"""What an upload is, told by its content and never by its name, and refused kindly before a decoder can be hurt. Pure."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO

from PIL import Image
from pillow_heif import register_heif_opener

from tripupdates.photos.lists import lists_too_long
from tripupdates.photos.proof import SOS, segments
from tripupdates.photos.removed import end_of_picture
from tripupdates.vocabulary import Refused, TooLarge

MOST_BYTES = 30_000_000
MOST_PIXELS = 120_000_000  # phones with 108 megapixels fit; checked from the header, before decoding
MOST_SCANS = 100  # an honest progressive JPEG has about 10; hundreds are minutes of work in a small file

_KINDLY = "Please send a still picture: a JPEG, PNG, WebP, HEIC or AVIF photo."
_SCREENSHOT = f"{_KINDLY} A screenshot of it will do."
DAMAGED = "This photo is damaged, or only part of it arrived. Please send it again, or choose another."
TOO_MANY_BYTES = "This file is too large: the most is 30 MB. Please send a smaller copy of the photo."
TOO_MANY_PIXELS = "This photo is too large: the most is 120 megapixels. Please send a smaller copy of it."
_MOVING = f"This is a moving picture. {_SCREENSHOT}"

# The first bytes of what we take, and the one decoder that may open it: EPS above all is never tried. An MPO is a JPEG.
_KINDS = (
    (rb"\xff\xd8\xff", "JPEG"),
    (rb"\x89PNG\r\n\x1a\n", "PNG"),
    (rb"RIFF....WEBP", "WEBP"),
    (rb"....ftyp(?:avif|mif1....(?:....){0,6}avif)", "AVIF"),
    (rb"....ftyp(?:hei[cxms]|mif1)", "HEIF"),
)

# What people send by mistake, told by its first bytes: what to call it, and what to do.
_STRANGERS = (
    (rb"\Z", "This file is empty.", _KINDLY),
    (rb"GIF8", "This is a GIF.", _SCREENSHOT),
    (rb"....ftyp(?:hev[cxms]|msf1|avis)", "This is a moving picture.", _SCREENSHOT),
    (
        rb"....ftyp(?!avif|hei[cxms]|mif1)|RIFF....AVI |\x1aE\xdf\xa3|....(?:moov|mdat|wide)",
        "This is a video.",
        f"{_KINDLY} Pause the video and take a screenshot.",
    ),
    (rb"%PDF", "This is a PDF document.", _SCREENSHOT),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "This is a PostScript drawing.", _SCREENSHOT),
    (
        rb"II\*\x00|MM\x00\*|II\+\x00|MM\x00\+|IIRO|IIU\x00|FUJIFILMCCD-RAW|\x00MRM",
        "This is a TIFF or a raw camera file.",
        f"{_KINDLY} Export it as a JPEG first, or take a screenshot of it.",
    ),
    (rb"BM....\x00\x00\x00\x00", "This is a BMP picture.", _SCREENSHOT),
    (rb"\xff\x0a|\x00\x00\x00\x0cJXL ", "This is a JPEG XL picture.", _SCREENSHOT),
    (rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51", "This is a JPEG 2000 picture.", _SCREENSHOT),
    (rb"8BPS", "This is a Photoshop file.", f"{_KINDLY} Export it as a JPEG first."),
    (rb"PK\x03\x04", "This is a zip file or an office document.", _KINDLY),
    (rb"(?:\xef\xbb\xbf)?\s*<(?i:!doctype html|html)", "This is a web page.", _SCREENSHOT),
    (
        rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|svg|!--|!DOCTYPE svg)",
        "This is a drawing (SVG), not a photo.",
        _SCREENSHOT,
    ),
)


def kind_of(upload: bytes) -> str:
    """Pillow's name for the format, when all that can be said before decoding has been: size, kind, whether whole.

    Raises TooLarge above 30 MB, and Refused, saying what it is and what to send instead.
    """
    if len(upload) > MOST_BYTES:
        raise TooLarge(TOO_MANY_BYTES)
    for pattern, name, advice in _STRANGERS:
        if re.match(pattern, upload, re.DOTALL):
            raise Refused(f"{name} {advice}")
    kind = next((kind for pattern, kind in _KINDS if re.match(pattern, upload, re.DOTALL)), None)
    if kind is None:
        raise Refused(f"This is not a picture that we can read. {_KINDLY}")
    if end_of_picture(upload) is None:
        raise Refused(DAMAGED)
    if _keeps_busy(upload, kind):
        raise Refused(f"This photo is stored in a way that we do not take. {_SCREENSHOT}")
    return kind


def _keeps_busy(upload: bytes, kind: str) -> bool:
    """Whether a small file is made to keep a decoder busy: in hundreds of scans, or with thousands of items."""
    if kind == "JPEG":
        return sum(segment.marker == SOS for segment in segments(upload)) > MOST_SCANS
    return kind in {"AVIF", "HEIF"} and lists_too_long(upload)


@cache
def _learn_heic() -> None:
    """Teach Pillow HEIC, once and only when first needed; thumbnails and second images are left alone."""
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS


@contextmanager
def damage_refused() -> Iterator[None]:
    """Whatever a decoder complains of, the photo is refused (law 5)."""
    try:
        yield
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError) as error:
        raise TooLarge(TOO_MANY_PIXELS) from error
    except Exception as error:  # decoders complain in every type there is
        raise Refused(DAMAGED) from error


def opened(upload: bytes) -> Image.Image:
    """The picture, its header read and judged, nothing decoded yet.

    Raises as `kind_of` does; TooLarge above 120 megapixels; Refused for a moving picture and a broken header.
    """
    kind = kind_of(upload)
    _learn_heic()
    with damage_refused():
        image = Image.open(BytesIO(upload), formats=(kind,))
        moving = kind in {"PNG", "WEBP", "AVIF"} and getattr(image, "is_animated", False)
    if image.width * image.height > MOST_PIXELS:
        raise TooLarge(TOO_MANY_PIXELS)
    if moving:
        raise Refused(_MOVING)
    return image
