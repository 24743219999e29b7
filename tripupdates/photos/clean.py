"""From an upload's bytes to fresh pictures that hold pixels and nothing else (law 5). Pure: bytes to bytes.

What goes in is refused unless it is a whole, still picture of a sensible size. What comes out was drawn
anew: the pixels are copied into an image that never knew the upload, encoded, and proven by `proof.prove`,
which shares no code with the encoder. Callers that face the open internet run this in a child process with
limits of its own.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageCms
from pillow_heif import register_heif_opener

from tripupdates.photos.proof import SOS, prove, segments, tags_in
from tripupdates.photos.removed import end_of_picture, exif_of, what_was_in
from tripupdates.vocabulary import Refused, TooLarge

MOST_BYTES = 30_000_000
MOST_PIXELS = 60_000_000  # phones with 48 megapixels fit; checked from the header, before decoding
MOST_SCANS = 100  # an honest progressive JPEG has about 10; hundreds are minutes of work in a small file
EDGES = (480, 960, 1600)  # long edges in pixels: old phones, pages, and full view
FINEST_EDGE = 2048  # only where the photo is that large; the one that X gets
QUALITY = 80  # even 2048 by 2048 pixels of noise stay under the 5 MB that X takes: a test holds it to that

_KINDLY = "Please send a still picture: a JPEG, PNG, WebP or HEIC photo."
_DAMAGED = "This photo is damaged, or only part of it arrived. Please send it again, or choose another."
_TOO_MANY_BYTES = "This file is too large: the most is 30 MB. Please send a smaller copy of the photo."
_TOO_MANY_PIXELS = "This photo is too large: the most is 60 megapixels. Please send a smaller copy of it."
_MOVING = f"This is a moving picture. {_KINDLY}"

_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")  # an MPO opens as JPEG; all else, EPS above all, is never tried
_KNOWN = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP|....ftyp(?:hei[cxms]|mif1)", re.DOTALL)

# What people send by mistake, told by its first bytes, and what to call it.
_STRANGERS = (
    (rb"\Z", "This file is empty."),
    (rb"GIF8", "This is a GIF."),
    (rb"....ftyp(?:hev[cxms]|msf1|avis)", "This is a moving picture."),
    (rb"....ftyp(?:avif|mif1....(?:....){0,4}avif)", "This is an AVIF picture."),
    (rb"....ftyp(?!hei[cxms]|mif1)|RIFF....AVI |\x1aE\xdf\xa3|....(?:moov|mdat|wide)", "This is a video."),
    (rb"%PDF", "This is a PDF document."),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "This is a PostScript drawing."),
    (rb"II\*\x00|MM\x00\*|II\+\x00|MM\x00\+", "This is a TIFF or a raw camera file."),
    (rb"BM....\x00\x00\x00\x00", "This is a BMP picture."),
    (rb"\xff\x0a|\x00\x00\x00\x0cJXL ", "This is a JPEG XL picture."),
    (rb"PK\x03\x04", "This is a zip file or an office document."),
    (rb"(?:\xef\xbb\xbf)?\s*<(?i:!doctype html|html)", "This is a web page."),
    (rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|svg|!--|!DOCTYPE svg)", "This is a drawing (SVG), not a photo."),
)

# How to turn stored pixels upright, by the value of EXIF's Orientation (CIPA DC-008, 4.6.5.1.6).
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = ("0th", 0x0112)


@dataclass(frozen=True)
class Rendition:
    """One size of a cleaned photo: pixels wide and high, "JPEG", and the proven bytes."""

    width: int
    height: int
    format: str
    data: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """The name it is stored and published under: the SHA-256 of its bytes, which tells nothing."""
        return f"{sha256(self.data).hexdigest()}.jpg"


@dataclass(frozen=True)
class Cleaned:
    """A photo fit to keep: renditions by ascending size, at least one, and what was taken out, in words."""

    renditions: tuple[Rendition, ...]
    removed: tuple[str, ...]

    @property
    def width(self) -> int:
        """Pixels across the largest rendition."""
        return self.renditions[-1].width

    @property
    def height(self) -> int:
        """Pixels down the largest rendition."""
        return self.renditions[-1].height


def clean(upload: bytes) -> Cleaned:
    """Make proven, upright sRGB JPEGs without metadata from a JPEG, PNG, WebP or HEIC photo.

    The long edges are 480, 960 and 1600 pixels, and 2048 where the photo is that large; never more than the
    photo has. The same upload gives the same bytes. Raises TooLarge above 30 MB or 60 megapixels, and
    Refused for any other kind of file, a moving or damaged picture, or a rendition that `proof.prove` does
    not pass.
    """
    _refuse_by_bytes(upload)
    image = _opened(upload)
    long_edge = max(image.size)
    wanted = (*EDGES, FINEST_EDGE) if long_edge >= FINEST_EDGE else EDGES
    sizes = [_fitted(image.size, edge) for edge in sorted({min(edge, long_edge) for edge in wanted})]
    with _damage_refused():
        _load(image, sizes[-1])
        largest = _fresh(image, sizes[-1])
    turn = _turn(image)
    pictures = _smaller_and_smaller(largest, sizes[:-1])
    renditions = [_rendition(picture if turn is None else picture.transpose(turn)) for picture in pictures]
    return Cleaned(tuple(reversed(renditions)), what_was_in(upload, image))


def _refuse_by_bytes(upload: bytes) -> None:
    """All that can be said before a decoder sees the bytes: size, kind, whether whole, and scan bombs."""
    if len(upload) > MOST_BYTES:
        raise TooLarge(_TOO_MANY_BYTES)
    for pattern, name in _STRANGERS:
        if re.match(pattern, upload, re.DOTALL):
            raise Refused(f"{name} {_KINDLY}")
    if not _KNOWN.match(upload):
        raise Refused(f"This is not a picture that we can read. {_KINDLY}")
    if end_of_picture(upload) is None:
        raise Refused(_DAMAGED)
    if upload.startswith(b"\xff\xd8"):
        scans = sum(segment.marker == SOS for segment in segments(upload))
        if scans > MOST_SCANS:
            raise Refused(f"This photo is stored in a way that we do not take. {_KINDLY}")


@cache
def _learn_heic() -> None:
    """Teach Pillow HEIC, once and only when first needed; thumbnails and second images are left alone."""
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


@contextmanager
def _damage_refused() -> Iterator[None]:
    """Whatever a decoder complains of, the photo is refused (law 5)."""
    try:
        yield
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError) as error:
        raise TooLarge(_TOO_MANY_PIXELS) from error
    except Exception as error:  # decoders complain in every type there is
        raise Refused(_DAMAGED) from error


def _opened(upload: bytes) -> Image.Image:
    """The picture, its header read and judged, nothing decoded yet."""
    _learn_heic()
    with _damage_refused():
        image = Image.open(BytesIO(upload), formats=_FORMATS)
        moving = image.format in {"PNG", "WEBP"} and getattr(image, "is_animated", False)
    if image.width * image.height > MOST_PIXELS:
        raise TooLarge(_TOO_MANY_PIXELS)
    if moving:
        raise Refused(_MOVING)
    return image


def _load(image: Image.Image, size: tuple[int, int]) -> None:
    """Decode, and a large JPEG only as finely as `size` needs.

    Not for HEIC: its `draft` would take the embedded thumbnail, which need not show the same picture.
    """
    if image.format in {"JPEG", "MPO"}:
        image.draft(None, size)
    image.load()


def _fitted(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """`size` made smaller so that its long edge is `edge` pixels; at least one pixel each way."""
    long_edge = max(size)
    width, height = (max(1, (side * edge + long_edge // 2) // long_edge) for side in size)
    return width, height


def _fresh(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The loaded picture at `size`, in sRGB, in a new image that carries nothing over."""
    small = _plain(image).resize(size, Image.Resampling.LANCZOS)
    colours = _in_srgb(_on_white(small), image.info.get("icc_profile"))
    fresh = Image.new("RGB", size)
    fresh.paste(colours)
    return fresh


def _turn(image: Image.Image) -> Image.Transpose | None:
    """What turns the stored pixels upright. A HEIC is upright already: its decoder sets the tag back to 1."""
    return _UPRIGHT.get(tags_in(exif_of(image)).get(_ORIENTATION, 1))


def _plain(image: Image.Image) -> Image.Image:
    """The same picture in 8-bit grey, RGB or CMYK, or grey or RGB with transparency."""
    if image.mode.startswith("I"):
        return _eight_bits(image)
    if "transparency" in image.info and image.mode in {"1", "L", "P", "RGB"}:
        return image.convert("RGBA")
    wanted = {"1": "L", "L": "L", "LA": "LA", "PA": "RGBA", "RGBA": "RGBA", "CMYK": "CMYK"}.get(
        image.mode, "RGB"
    )
    return image if wanted == image.mode else image.convert(wanted)


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit grey as 8-bit grey; with transparency where the file names a grey as see-through."""
    wide = image.convert("I")
    grey = wide.point([value // 256 for value in range(65_536)], "L")
    clear = image.info.get("transparency")
    if not isinstance(clear, int):
        return grey
    return Image.merge(
        "LA", (grey, wide.point([0 if value == clear else 255 for value in range(65_536)], "L"))
    )


def _on_white(image: Image.Image) -> Image.Image:
    """Without transparency: composited on white, so that colours hidden beneath it do not come to light."""
    if image.mode not in {"LA", "RGBA"}:
        return image
    solid = Image.new("L" if image.mode == "LA" else "RGB", image.size, "white")
    solid.paste(image.convert(solid.mode), mask=image.getchannel("A"))
    return solid


def _in_srgb(image: Image.Image, profile: object) -> Image.Image:
    """Colours as the embedded ICC profile means them, in sRGB.

    A profile that is missing, broken or for another kind of picture is taken as sRGB: better dull than none.
    """
    if not isinstance(profile, bytes) or not profile:
        return image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image.convert("RGB")
    return converted or image.convert("RGB")


def _smaller_and_smaller(largest: Image.Image, sizes: list[tuple[int, int]]) -> Iterator[Image.Image]:
    """The picture itself, then at each size from the last to the first, each made from the one before.

    Half the work of starting over from the largest, at 43 dB and better (facts/photos.md).
    """
    picture = largest
    yield picture
    for size in reversed(sizes):
        picture = picture.resize(size, Image.Resampling.LANCZOS)
        yield picture


def _rendition(picture: Image.Image) -> Rendition:
    """Encoded as progressive JPEG, and proven."""
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY, progressive=True, optimize=True)
    data = buffer.getvalue()
    prove(data)
    return Rendition(picture.width, picture.height, "JPEG", data)
