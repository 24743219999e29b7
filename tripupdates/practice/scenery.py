"""The landscapes that the practice camera takes pictures of: sky, sun, hills, and whoever stands in them."""

import math
from hashlib import sha256

from PIL import Image, ImageDraw

from tripupdates.practice.drawn_people import COATS, SKINS, draw_people

_SKIES = ("#4a90d9", "#5fb3e6", "#e8a15c", "#7d8fb3")
_HORIZONS = ("#dceefb", "#f4f7ee", "#fbe6c2", "#e9e4f0")
_HILLS = ("#6aa84f", "#4f8f4a", "#8a9a3b", "#3d7a5f", "#a3b565")


def painted(scene: int, size: tuple[int, int], people: int = 0) -> Image.Image:
    """An upright picture; another `scene`, another picture, and the same scene the same.

    With `people`, so many stand in front, and have faces (`drawn_people`). With none, a few figures without faces
    do: nobody whom a face detector would find.
    """
    dice = sha256(b"scene %d" % scene).digest()
    picture = _landscape(dice, size)
    if people:
        draw_people(picture, people, scene)
        return picture
    draw = ImageDraw.Draw(picture)
    count = 2 + dice[7] % 4
    for number in range(count):
        _figure(draw, size, (number + 1) / (count + 1), dice[8 + number])
    return picture


def _landscape(dice: bytes, size: tuple[int, int]) -> Image.Image:
    """A sky, a sun and three rows of hills."""
    width, height = size
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
    coat, skin, hat = (table[(die + step) % len(table)] for step, table in enumerate((COATS, SKINS, COATS)))
    draw.rounded_rectangle((x - 1.6 * head, y + head, x + 1.6 * head, y + 6 * head), radius=head, fill=coat)
    draw.ellipse((x - head, y - head, x + head, y + head), fill=skin)
    draw.pieslice((x - head, y - 1.2 * head, x + head, y + 0.8 * head), 180, 360, fill=hat)
