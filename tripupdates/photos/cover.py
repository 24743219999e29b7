"""Covering a person: a solid shape over head and shoulders, drawn into the pixels before any rendition is made.

Solid, for blurred and pixelated faces have been recognised again (facts/photos.md, "Covering"). Pure.
"""

from PIL import Image, ImageDraw

from tripupdates.photos.boxes import Box

COLOUR = "#5d6872"  # one flat grey: nothing of the person is left in it

# In widths and heights of the face box, from its middle: detectors clip forehead and chin, and hair and neck tell too.
_HEAD = (-0.95, -1.05, 0.95, 0.95)
_SHOULDERS = (-1.45, 0.6, 1.45, 1.8)


def cover(picture: Image.Image, face: Box) -> None:
    """Draw the shape over the person whose face is at `face`, into `picture` itself (RGB)."""
    draw = ImageDraw.Draw(picture)
    width, height = face.width * picture.width, face.height * picture.height
    middle = face.centre[0] * picture.width, face.centre[1] * picture.height
    for left, top, right, bottom in (_SHOULDERS, _HEAD):
        shape = (
            middle[0] + left * width,
            middle[1] + top * height,
            middle[0] + right * width,
            middle[1] + bottom * height,
        )
        draw.rounded_rectangle(shape, radius=0.6 * width, fill=COLOUR)
