"""The files made of a cleaned photo: sizes, formats, names. Each is encoded once, and proven. Pure."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO

from PIL import Image

from tripupdates.photos.proof import prove

EDGES = (480, 960, 1600)  # long edges in pixels: old phones, pages, and full view; these also as AVIF
FINEST_EDGE = 2048  # JPEG only, where the photo is that large; the one that X gets
QUALITY = 80  # even 2048 by 2048 pixels of noise stay under the 5 MB that X takes: a test holds it to that
AVIF_QUALITY = (
    70  # a fifth smaller than that JPEG or less, at an SSIM lower by 0.002 to 0.004: bench/photos.py
)
AVIF_SPEED = 9  # on two cores anything slower costs more than it saves (facts/photos.md, "Encoders")
SUFFIXES = {"JPEG": ".jpg", "AVIF": ".avif"}
_AVIF_ENCODERS = 2


@dataclass(frozen=True)
class Rendition:
    """One file of a cleaned photo: pixels wide and high, "JPEG" or "AVIF", and the proven bytes."""

    width: int
    height: int
    format: str
    data: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """The name it is stored and published under: the SHA-256 of its bytes, which tells nothing."""
        return f"{sha256(self.data).hexdigest()}{SUFFIXES[self.format]}"


@dataclass(frozen=True)
class Cleaned:
    """A photo fit to keep: AVIF and then JPEG renditions, each by ascending size; and what was taken out, in words.

    The last rendition is the largest JPEG, of which there is always one.
    """

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

    @property
    def jpegs(self) -> tuple[Rendition, ...]:
        """The renditions that every browser and X can show."""
        return tuple(rendition for rendition in self.renditions if rendition.format == "JPEG")


def fitted(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """`size` made smaller so that its long edge is `edge` pixels; at least one pixel each way."""
    long_edge = max(size)
    width, height = (max(1, (side * edge + long_edge // 2) // long_edge) for side in size)
    return width, height


def render(largest: Image.Image) -> tuple[Rendition, ...]:
    """Every rendition of an upright sRGB picture whose long edge is FINEST_EDGE or less, each proven.

    Raises Refused where a rendition holds anything but pixels.
    """
    pictures, avifs = [], []
    # libavif lets go of Python's lock and works beside us on the other core; Pillow's JPEG encoder does not.
    with ThreadPoolExecutor(_AVIF_ENCODERS) as encoders:
        for picture in _smaller_and_smaller(largest):
            pictures.append(picture)
            if max(picture.size) <= EDGES[-1]:
                # A copy, for Pillow keeps the encoder's options on the picture, where threads would mix them up.
                avifs.append(encoders.submit(_encoded, picture.copy(), "AVIF"))
        jpegs = [_encoded(picture, "JPEG") for picture in pictures]
    made = [*(avif.result() for avif in avifs), *jpegs]
    return tuple(sorted(made, key=lambda each: (each.format, each.width, each.height)))


def _smaller_and_smaller(largest: Image.Image) -> Iterator[Image.Image]:
    """The picture itself, then at each size below it, each made from the one before.

    Half the work of starting over from the largest, at 43 dB and better (facts/photos.md).
    """
    picture = largest
    yield picture
    for edge in sorted((edge for edge in EDGES if edge < max(largest.size)), reverse=True):
        picture = picture.resize(fitted(largest.size, edge), Image.Resampling.BICUBIC)
        yield picture


def _encoded(picture: Image.Image, kind: str) -> Rendition:
    """In one format, and proven."""
    buffer = BytesIO()
    if kind == "AVIF":
        picture.save(
            buffer, "AVIF", quality=AVIF_QUALITY, speed=AVIF_SPEED, subsampling="4:2:0", max_threads=1
        )
    else:
        picture.save(buffer, "JPEG", quality=QUALITY, progressive=True, optimize=True)
    data = buffer.getvalue()
    prove(data)
    return Rendition(picture.width, picture.height, kind, data)
