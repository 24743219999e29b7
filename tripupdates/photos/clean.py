"""From an upload's bytes to fresh pictures that hold pixels and nothing else (law 5). Pure: bytes to bytes.

What goes in is refused unless it is a whole, still picture of a sensible size. What comes out was drawn
anew: the pixels are copied into an image that never knew the upload, encoded, and proven by `proof.prove`,
which shares no code with the encoder. Steps of the journey go through `room.Room`, which runs this in a process
of its own with limits.
"""

from collections.abc import Sequence

from PIL import Image

from tripupdates.photos import colour
from tripupdates.photos.boxes import Box
from tripupdates.photos.cover import cover
from tripupdates.photos.intake import damage_refused, opened
from tripupdates.photos.profiles import profile_of
from tripupdates.photos.proof import tags_in
from tripupdates.photos.removed import exif_of, what_was_in
from tripupdates.photos.renditions import FINEST_EDGE, Cleaned, fitted, render
from tripupdates.vocabulary import Refused

SMALLEST_SIDE = 0.1  # of the photo: less is a slip of the thumb, and shows nothing

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


def clean(upload: bytes, crop: Box | None = None, covers: Sequence[Box] = ()) -> Cleaned:
    """Make proven, upright sRGB pictures without metadata from a JPEG, PNG, WebP, HEIC or AVIF photo.

    The long edges are 480, 960 and 1600 pixels, as AVIF and JPEG, and 2048 as JPEG where the photo is that large;
    never more than the photo has. `covers` are faces to draw a shape over, then only `crop` is kept; both in parts of
    the upright photo. The same arguments give the same bytes. Raises TooLarge above 30 MB or 120 megapixels, and
    Refused for any other kind of file, a moving or damaged picture, a crop of next to nothing, or a rendition that
    `proof.prove` does not pass.
    """
    image = opened(upload)
    with damage_refused():
        picture = _fresh(image, profile_of(upload, image))
    removed = what_was_in(upload, image)
    del image  # its pixels are the largest thing in memory
    if covers or crop:
        picture = _redrawn(picture, crop, covers)
    return Cleaned(render(picture), removed)


def _fresh(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture with a long edge of 2048 pixels at most, upright, in sRGB, in a new image that carries nothing over."""
    size = fitted(image.size, min(FINEST_EDGE, max(image.size)))
    turn = _UPRIGHT.get(tags_in(exif_of(image)).get(_ORIENTATION, 1))
    _load(image, size)
    small = colour.plain(image).resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    colours = colour.in_srgb(colour.on_white(small), profile)
    fresh = Image.new("RGB", size)
    fresh.paste(colours)
    return fresh if turn is None else fresh.transpose(turn)


def _load(image: Image.Image, size: tuple[int, int]) -> None:
    """Decode, and a large JPEG only as finely as `size` needs.

    Not for HEIC: its `draft` would take the embedded thumbnail, which need not show the same picture.
    """
    if image.format in {"JPEG", "MPO"}:
        image.draft(None, size)
    image.load()


def _redrawn(picture: Image.Image, crop: Box | None, covers: Sequence[Box]) -> Image.Image:
    """With faces covered, then cropped, before any rendition is made of it."""
    for face in covers:
        cover(picture, face)
    if crop is None:
        return picture
    if min(crop.width, crop.height) < SMALLEST_SIDE:
        raise Refused("The part that you chose is too small. Keep more of the photo, or choose another.")
    return picture.crop(crop.pixels(picture.size))
