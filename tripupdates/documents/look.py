"""What a document looks like and says, by another reader than the one that cleans: its pages drawn, its words in order.

With it the proof tells that cleaning changed nothing that anybody sees; and it draws the cover. Two versions of a page are
compared at a few hundred pixels: what a cleaner can lose is a letter, a line or a picture, not a shade.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2 as pdfium
from PIL import Image, ImageChops
from pypdfium2 import raw

from tripupdates.documents.intake import CHANGED, DAMAGED
from tripupdates.vocabulary import Refused

COVER_EDGE = 1600  # pixels: the largest size that pages show in each format
COMPARED_EDGE = 600  # pixels: the smallest print is four of them high
MOST_DIFFERENCE = 8  # of 255, in any colour of any pixel: a rounding of colours, not the edge of a letter
# Ways to draw letters. Filled forms are always drawn the second way, and what is transparent always the first, until they
# are part of the page: so what looks the same in either way is the same.
_LETTERS = (None, "lcd")
# Annotations that are no part of a page for whoever reads it: notes, attached files, what plays, printers' marks.
_ASIDE = frozenset(
    (
        raw.FPDF_ANNOT_TEXT,
        raw.FPDF_ANNOT_POPUP,
        raw.FPDF_ANNOT_FILEATTACHMENT,
        raw.FPDF_ANNOT_SOUND,
        raw.FPDF_ANNOT_MOVIE,
        raw.FPDF_ANNOT_SCREEN,
        raw.FPDF_ANNOT_PRINTERMARK,
        raw.FPDF_ANNOT_TRAPNET,
        raw.FPDF_ANNOT_WATERMARK,
        raw.FPDF_ANNOT_THREED,
        raw.FPDF_ANNOT_RICHMEDIA,
    )
)


@contextmanager
def opened(data: bytes) -> Iterator[pdfium.PdfDocument]:
    """The document, as pdfium reads it. Raises Refused where it cannot."""
    with _closed_after(lambda: pdfium.PdfDocument(data)) as document:
        with _complaints_refused():
            document.init_forms()
        yield document


@contextmanager
def page_of(document: pdfium.PdfDocument, number: int) -> Iterator[pdfium.PdfPage]:
    """One of its pages, from 0 on. Raises Refused where it cannot be read."""
    with _closed_after(lambda: document[number]) as page:
        yield page


@contextmanager
def _closed_after(get: Callable[[], Any]) -> Iterator[Any]:
    with _complaints_refused():
        part = get()
    try:
        yield part
    finally:
        part.close()


@contextmanager
def _complaints_refused() -> Iterator[None]:
    try:
        yield
    except pdfium.PdfiumError as error:
        raise Refused(DAMAGED) from error


def cover(data: bytes) -> Image.Image:
    """The first page, as a picture whose long edge is COVER_EDGE pixels."""
    with opened(data) as document:
        return _drawn(document, 0, COVER_EDGE, None)


def check_same(before: bytes, after: bytes) -> None:
    """Raise Refused unless both have as many pages, and each shows and says the same in both.

    What was drawn onto a page or filled in may be part of it afterwards: then its words come after the page's own.
    """
    with opened(before) as old, opened(after) as new:
        if len(old) != len(new):
            raise Refused(CHANGED)
        for number in range(len(old)):
            if _words(new, number)[: len(words := _words(old, number))] != words:
                raise Refused(CHANGED)
            if not any(
                _alike(*(_drawn(each, number, COMPARED_EDGE, how) for each in (old, new))) for how in _LETTERS
            ):
                raise Refused(CHANGED)


def _alike(one: Image.Image, other: Image.Image) -> bool:
    if one.size != other.size:
        return False
    apart = ImageChops.difference(one, other)
    return max(max(band.tobytes(), default=0) for band in apart.split()) <= MOST_DIFFERENCE


def _drawn(document: pdfium.PdfDocument, number: int, edge: int, letters: str | None) -> Image.Image:
    """A page as a picture, its letters drawn in one of the ways that there are."""
    with page_of(document, number) as page:
        _set_aside(page)
        bitmap = page.render(
            scale=edge / max(*page.get_size(), 1), optimize_mode=letters, limit_image_cache=True
        )
        try:
            drawn: Image.Image = bitmap.to_pil()
            return drawn.convert("RGB")
        finally:
            bitmap.close()


def _words(document: pdfium.PdfDocument, number: int) -> str:
    with page_of(document, number) as page:
        text = page.get_textpage()
        try:
            return str(text.get_text_range())
        finally:
            text.close()


def _set_aside(page: pdfium.PdfPage) -> None:
    """Take what is no part of the page off it, in memory."""
    for number in reversed(range(raw.FPDFPage_GetAnnotCount(page))):
        annotation = raw.FPDFPage_GetAnnot(page, number)
        kind = raw.FPDFAnnot_GetSubtype(annotation)
        raw.FPDFPage_CloseAnnot(annotation)
        if kind in _ASIDE:
            raw.FPDFPage_RemoveAnnot(page, number)
