"""Making PDFs for the tests: a document of one page, with room for whatever a test puts into it."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream, String

from tests.photos import planted as words
from tests.photos.pictures import quarters

SIZE = (120, 80)
ROWS = quarters(SIZE).tobytes()
BODY = b"BT /F1 12 Tf 50 700 Td (What everybody reads) Tj ET"


def page_of(pdf: Pdf) -> Object:
    """A page with a line of text, and room for more."""
    pdf.add_blank_page(page_size=(595, 842))
    page = pdf.pages[-1].obj
    page.Resources = Dictionary(
        Font=Dictionary(F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)),
        XObject=Dictionary(),
    )
    page.Contents = pdf.make_stream(BODY)
    return page


def document(plant: Callable[[Pdf, Object], object] = lambda pdf, page: None) -> bytes:
    """A document of one page, as `plant` leaves it."""
    with pikepdf.new() as pdf:
        plant(pdf, page_of(pdf))
        return written(pdf)


def written(pdf: Pdf) -> bytes:
    """Its bytes, with nothing added by the library."""
    buffer = BytesIO()
    pdf.save(buffer, fix_metadata_version=False, compress_streams=False, static_id=True)
    return buffer.getvalue()


def draw(pdf: Pdf, page: Object, more: bytes) -> None:
    """Add instructions to the page."""
    page.Contents = pdf.make_stream(page.Contents.read_bytes() + b"\n" + more)


def show(pdf: Pdf, page: Object, drawn: Object, at: bytes = b"120 0 0 80 300 300 cm") -> None:
    """Show a picture or a form on the page, under a name of its own."""
    name = f"/X{len(page.Resources.XObject.keys())}"
    page.Resources.XObject[name] = drawn
    draw(pdf, page, b"q " + at + b" " + name.encode() + b" Do Q")


def image(pdf: Pdf, data: bytes, **keys: Any) -> Stream:
    """A picture of 120 by 80 pixels; as it stands, or packed as the keys say."""
    usual = {"Width": SIZE[0], "Height": SIZE[1], "ColorSpace": Name.DeviceRGB, "BitsPerComponent": 8}
    return pdf.make_stream(data, Type=Name.XObject, Subtype=Name.Image, **(usual | keys))


def form(pdf: Pdf, instructions: bytes, **keys: Any) -> Stream:
    """Something drawn once, to be shown on pages."""
    return pdf.make_stream(
        instructions, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 100, 100]), **keys
    )


def annotation(pdf: Pdf, page: Object, kind: str, **keys: Any) -> Object:
    """Something that lies on the page."""
    made = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name(kind), Rect=Array([50, 600, 150, 620]), **keys)
    )
    page.Annots = Array([*page.get("/Annots", ()), made])
    return made


def said(place: str) -> String:
    """The word of a place, as a string of a PDF."""
    return String(words.word(place).decode())


def stream(pdf: Pdf, place: str, **keys: object) -> Stream:
    """A stream that holds the word of a place."""
    return pdf.make_stream(b"before " + words.word(place) + b" behind", **keys)


def metadata(pdf: Pdf, place: str) -> Stream:
    """An XMP packet that holds it."""
    return pdf.make_stream(
        words.xmp(b"<dc:source>" + words.word(place) + b"</dc:source>"), Type=Name.Metadata, Subtype=Name.XML
    )
