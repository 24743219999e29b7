"""Made-up people for the practice camera's pictures: plainly drawn, with faces that a face detector finds.

Nobody is drawn after anybody. Sizes, shades and hair were tuned on CenterFace (threshold 0.3), which finds drawn
faces best when they are 24 to 50 pixels high: hence `_FACE`, which makes them that high in a picture of 640 pixels,
also after others were cropped away. Measure again before you change them.
"""

from hashlib import sha256

from PIL import Image, ImageChops, ImageDraw, ImageFilter

MOST = 6
"""More people than this would stand too close to be cropped away one by one."""

COATS = ("#d94a4a", "#f2c230", "#3a6fc4", "#e67fb0", "#f28c38", "#7a4fb5")
SKINS = ("#f1d3b8", "#d9a982", "#a97450", "#6e4a33")

Box = tuple[float, float, float, float]

_HAIR = (  # by skin, and darker than it, so that brows show
    ("#7a4a24", "#8e3f1f", "#3b281d"),
    ("#4a2d1a", "#1d1512"),
    ("#2b1d17", "#14100f"),
    ("#1d1512", "#0f0c0b"),
)
_TROUSERS = ("#2f3e5c", "#4a4038", "#35523f", "#5b3a4e")
_FACE = 0.056  # of the long edge, from crown to chin
_SHORT, _LONG, _BUNS, _CURLS = range(4)
_TALL = (1.0, 0.91, 0.96, 0.88, 0.98, 0.93)  # nobody is as tall as the next

# One person's own sheet. The head is an oval about _MIDDLE; everything else hangs on it.
_SHEET = (540, 1400)
_MIDDLE = (270, 190)
_OVAL = (100, 132)


def heads(people: int, size: tuple[int, int]) -> tuple[Box, ...]:
    """Where the heads of `people` are in an upright picture of `size`, from the left.

    Each is left, top, width and height, in parts of the picture: the oval from crown to chin, without hair.
    Raises ValueError for fewer than none or more than MOST.
    """
    width, height = size
    found = []
    for left, top, scale in _places(people, size):
        x, y = left + (_MIDDLE[0] - _OVAL[0]) * scale, top + (_MIDDLE[1] - _OVAL[1]) * scale
        found.append((x / width, y / height, 2 * _OVAL[0] * scale / width, 2 * _OVAL[1] * scale / height))
    return tuple(found)


def draw_people(picture: Image.Image, people: int, scene: int) -> None:
    """Put `people` into the foreground, each in a strip of the width that is theirs alone.

    The same arguments draw the same people. Raises ValueError for fewer than none or more than MOST.
    """
    for number, (left, top, scale) in enumerate(_places(people, picture.size)):
        sheet = _person(number, sha256(b"people %d" % scene).digest())
        sheet = sheet.resize((max(1, round(_SHEET[0] * scale)), max(1, round(_SHEET[1] * scale))))
        picture.paste(sheet, (round(left), round(top)), sheet)


def _places(people: int, size: tuple[int, int]) -> list[tuple[float, float, float]]:
    """Left, top and scale of each person's sheet."""
    if people not in range(MOST + 1):
        raise ValueError(f"no room for so many people: {people}")
    width, height = size
    places = []
    for number in range(people):
        strip = width / people
        scale = min(_FACE * max(size) / (2 * _OVAL[1]), 0.6 * height / _SHEET[1], 0.96 * strip / _SHEET[0])
        scale *= _TALL[number]
        feet = height * (0.86 + 0.1 * _TALL[number])
        places.append((strip * (number + 0.5) - scale * _SHEET[0] / 2, feet - scale * _SHEET[1], scale))
    return places


def _person(number: int, dice: bytes) -> Image.Image:
    """Somebody in a bright coat and boots, smiling."""
    pick = (dice[0] + number) % len(SKINS)
    skin, hairs = SKINS[pick], _HAIR[pick]
    hair = hairs[dice[1 + number] % len(hairs)]
    coat = COATS[(dice[7] + number) % len(COATS)]
    trousers = _TROUSERS[dice[8 + number] % len(_TROUSERS)]
    style = (dice[14] + number) % (_CURLS + 1)
    sheet = Image.new("RGBA", _SHEET)
    draw = ImageDraw.Draw(sheet)
    if style == _LONG:  # falls behind the shoulders
        draw.rounded_rectangle(_about(0, 0.35, 1.2, 1.2), 60, fill=hair)
    _body(draw, skin, coat, trousers, boots=COATS[(dice[9] + number * 2) % len(COATS)])
    _head(sheet, skin, hair, style)
    _features(draw, skin, hair)
    return sheet


def _about(across: float, down: float, wide: float, high: float) -> Box:
    """A box about a point of the face; all in half widths and half heights of the head's oval."""
    (x, y), (half_width, half_height) = _MIDDLE, _OVAL
    return (
        x + (across - wide) * half_width,
        y + (down - high) * half_height,
        x + (across + wide) * half_width,
        y + (down + high) * half_height,
    )


def _body(draw: ImageDraw.ImageDraw, skin: str, coat: str, trousers: str, boots: str) -> None:
    x = _MIDDLE[0]
    draw.rectangle((x - 40, 270, x + 40, 380), fill=_shade(skin, 0.8))
    for side in (-1, 1):
        leg = x + side * 68
        draw.rectangle((leg - 52, 880, leg + 52, 1300), fill=trousers)
        draw.rounded_rectangle((leg - 60, 1180, leg + 60, 1390), 30, fill=boots)
        draw.line((x + side * 146, 420, x + side * 206, 800), fill=_shade(coat, 0.85), width=92)
        draw.ellipse((x + side * 208 - 42, 770, x + side * 208 + 42, 866), fill=skin)
    draw.rounded_rectangle((x - 200, 345, x + 200, 520), 85, fill=coat)
    draw.rounded_rectangle((x - 160, 400, x + 160, 960), 40, fill=coat)
    draw.rounded_rectangle((x - 75, 330, x + 75, 385), 27, fill=_shade(coat, 0.7))
    draw.line((x, 385, x, 955), fill=_shade(coat, 0.7), width=8)


def _head(sheet: Image.Image, skin: str, hair: str, style: int) -> None:
    """Hair behind, ears, the face with soft shadows on it, and hair in front."""
    draw = ImageDraw.Draw(sheet)
    if style == _BUNS:
        for side in (-1, 1):
            draw.ellipse(_about(side * 0.95, -0.95, 0.42, 0.32), fill=hair)
    draw.ellipse(_about(0, -0.22, 1.12, 0.95), fill=hair)
    for side in (-1, 1):
        draw.ellipse(_about(side * 0.98, 0.05, 0.13, 0.2), fill=skin)
    draw.ellipse(_about(0, 0, 1, 1), fill=skin)
    sheet.paste(_shade(skin, 0.55), (0, 0), _shadows())
    if style == _CURLS:
        for step in range(-4, 5):
            draw.ellipse(_about(step * 0.26, -0.78 + step * step * 0.028, 0.27, 0.24), fill=hair)
    else:
        draw.pieslice(_about(0, -0.54, 1.04, 0.56), 180, 360, fill=hair)


def _shadows() -> Image.Image:
    """Where light does not fall on a face: its rim, the eyes' hollows, under the nose and under the lip."""
    dark = Image.new("L", _SHEET, 100)
    draw = ImageDraw.Draw(dark)
    draw.ellipse(_about(0, 0, 0.8, 0.85), fill=0)
    for side in (-1, 1):
        draw.ellipse(_about(side * 0.42, -0.06, 0.34, 0.2), fill=130)
    draw.ellipse(_about(0, 0.33, 0.24, 0.07), fill=100)
    draw.ellipse(_about(0, 0.78, 0.3, 0.04), fill=100)
    face = Image.new("L", _SHEET)
    ImageDraw.Draw(face).ellipse(_about(0, 0, 1, 1), fill=255)
    return ImageChops.multiply(dark.filter(ImageFilter.GaussianBlur(10)), face)


def _features(draw: ImageDraw.ImageDraw, skin: str, hair: str) -> None:
    """Eyes, brows, a nose and a smile."""
    for side in (-0.42, 0.42):
        draw.ellipse(_about(side, -0.02, 0.21, 0.09), fill="#f5f5f5")
        draw.ellipse(_about(side, -0.02, 0.1, 0.09), fill="#281914")
        draw.arc(_about(side, -0.02, 0.25, 0.12), 190, 350, fill=_shade(hair, 0.7), width=5)
        draw.arc(_about(side, -0.12, 0.3, 0.16), 205, 335, fill=hair, width=7)
    left, top, right, bottom = _about(0, 0.16, 0.16, 0.16)
    draw.polygon(
        ((left + 11, top), (left, bottom), (right, bottom), (right - 11, top)), fill=_shade(skin, 0.9)
    )
    for side in (-0.09, 0.09):
        draw.ellipse(_about(side, 0.32, 0.06, 0.04), fill=_shade(skin, 0.68))
    draw.chord(_about(0, 0.54, 0.42, 0.18), 0, 180, fill="#aa3c3c")
    draw.chord(_about(0, 0.525, 0.34, 0.095), 0, 180, fill="#f5f0eb")


def _shade(colour: str, light: float) -> str:
    """The colour, darker: `light` is what is left of it."""
    return "#" + "".join(f"{int(part * light):02x}" for part in bytes.fromhex(colour[1:]))
