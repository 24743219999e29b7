"""Which pages show a part of a picture only, while all of it is in the file: who was cut off can be brought back by anybody.

Word processors crop a picture by showing less of it. Read with pdfium, from the clean document.
"""

import ctypes
from collections.abc import Iterator

import pypdfium2 as pdfium
from pypdfium2 import raw

from tripupdates.documents.look import opened, page_of

SHOWN = 0.85  # of a picture's area: a photo that bleeds off the paper loses less
_DEEPEST = 8  # drawings within drawings
_MOST_OBJECTS = 20_000  # of a page: a map; pictures beyond that are not looked at

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


def pages_with_cropped_pictures(data: bytes) -> tuple[int, ...]:
    """Their numbers, from 1 on. Raises Refused where the document cannot be read."""
    with opened(data) as document:
        return tuple(number + 1 for number in range(len(document)) if _has_one(document, number))


def _has_one(document: pdfium.PdfDocument, number: int) -> bool:
    with page_of(document, number) as page:
        paper: Box = page.get_cropbox()
        count = min(raw.FPDFPage_CountObjects(page), _MOST_OBJECTS)
        drawn = (raw.FPDFPage_GetObject(page, at) for at in range(count))
        return any(_shown(*each) < SHOWN for part in drawn for each in _pictures(part, paper))


def _pictures(part: object, paper: Box | None, depth: int = 0) -> Iterator[tuple[Box, list[Box]]]:
    """Where each picture lies, and what it is shown through. Within a drawing, the paper's edge is elsewhere."""
    kind = raw.FPDFPageObj_GetType(part)
    if kind == raw.FPDF_PAGEOBJ_IMAGE:
        yield _bounds(part), [*_windows(part), *([paper] if paper else [])]
    elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        for at in range(min(raw.FPDFFormObj_CountObjects(part), _MOST_OBJECTS)):
            yield from _pictures(raw.FPDFFormObj_GetObject(part, at), None, depth + 1)


def _shown(picture: Box, windows: list[Box]) -> float:
    """How much of it can be seen, as a part of 1."""
    whole = _area(picture)
    left, bottom, right, top = zip(picture, *windows, strict=True)
    return _area((max(left), max(bottom), min(right), min(top))) / whole if whole else 1.0


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _bounds(part: object) -> Box:
    sides = [ctypes.c_float() for _ in range(4)]
    raw.FPDFPageObj_GetBounds(part, *sides)
    left, bottom, right, top = (side.value for side in sides)
    return left, bottom, right, top


def _windows(part: object) -> Iterator[Box]:
    """The boxes around the shapes through which it is shown, in the same measures as its bounds."""
    clip = raw.FPDFPageObj_GetClipPath(part)
    for path in range(max(0, raw.FPDFClipPath_CountPaths(clip))):
        across, up = [], []
        for at in range(max(0, raw.FPDFClipPath_CountPathSegments(clip, path))):
            x, y = ctypes.c_float(), ctypes.c_float()
            if raw.FPDFPathSegment_GetPoint(raw.FPDFClipPath_GetPathSegment(clip, path, at), x, y):
                across.append(x.value)
                up.append(y.value)
        if across:
            yield min(across), min(up), max(across), max(up)
