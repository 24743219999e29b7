"""Boxes on a picture, in parts of it: where a face is, what to keep of a photo. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Self

from tripupdates.vocabulary import Refused


@dataclass(frozen=True, slots=True)
class Box:
    """Left, top, width and height, each from 0 to 1, in parts of the upright picture's width and height."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def read(cls, values: object) -> Self:
        """From four numbers as JSON gives them. Raises Refused for what is no box on the picture."""
        if not isinstance(values, Sequence) or isinstance(values, str | bytes) or len(values) != 4:
            raise Refused("A box is four numbers: left, top, width and height, each from 0 to 1.")
        numbers = [
            value for value in values if isinstance(value, int | float) and not isinstance(value, bool)
        ]
        if len(numbers) != 4 or not all(isfinite(number) and 0 <= number <= 1 for number in numbers):
            raise Refused("A box is four numbers: left, top, width and height, each from 0 to 1.")
        box = cls(*(round(float(number), 4) for number in numbers))
        if box.width <= 0 or box.height <= 0 or box.right > 1.001 or box.bottom > 1.001:
            raise Refused("That box does not lie on the picture. Draw it again.")
        return box

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.height

    @property
    def values(self) -> list[float]:
        """As JSON holds it."""
        return [self.left, self.top, self.width, self.height]

    def overlap(self, other: "Box") -> float:
        """The part that two boxes share of what they cover together: 0 apart, 1 the same."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        if across <= 0 or down <= 0:
            return 0.0
        shared = across * down
        return shared / (self.width * self.height + other.width * other.height - shared)

    def holds(self, across: float, down: float) -> bool:
        """Whether a point lies in it."""
        return self.left <= across <= self.right and self.top <= down <= self.bottom

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return self.left + self.width / 2, self.top + self.height / 2

    def seen_in(self, crop: "Box") -> "Box | None":
        """What is left of it on the picture cropped to `crop`, in parts of that; None where nothing is."""
        left, top = max(self.left, crop.left), max(self.top, crop.top)
        right, bottom = min(self.right, crop.right), min(self.bottom, crop.bottom)
        if right <= left or bottom <= top:
            return None
        return Box(
            round((left - crop.left) / crop.width, 4),
            round((top - crop.top) / crop.height, 4),
            round((right - left) / crop.width, 4),
            round((bottom - top) / crop.height, 4),
        )

    def beside(self) -> "Box":
        """The largest part of the picture, over its whole height or else its whole width, in which it is not.

        A person is cut away by the side, for the body is below the face; above or below only where that leaves more
        than twice as much.
        """
        upright = max(
            (Box(0, 0, self.left, 1), Box(self.right, 0, 1 - self.right, 1)), key=lambda box: box.width
        )
        lying = max(
            (Box(0, 0, 1, self.top), Box(0, self.bottom, 1, 1 - self.bottom)), key=lambda box: box.height
        )
        found = lying if lying.height > 2 * upright.width else upright
        return Box(*(round(value, 4) for value in found.values))

    def pixels(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """Left, top, right and lower edge on a picture of `size` pixels, at least one pixel each way."""
        width, height = size
        left, top = min(int(self.left * width), width - 1), min(int(self.top * height), height - 1)
        right = max(left + 1, min(width, round(self.right * width)))
        bottom = max(top + 1, min(height, round(self.bottom * height)))
        return left, top, right, bottom
