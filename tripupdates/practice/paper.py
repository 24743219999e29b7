"""A made-up newsletter as a word processor saves it: tagged, with links, and with everything that tells of its makers.

For the demo and the tests. Its photos come straight from the practice camera, place and all; free text in what a reader
does not see holds `camera.PLANTED`.
"""

from datetime import date
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, String
from PIL import Image

from tripupdates.practice import camera

WIDTH, HEIGHT = 595, 842  # A4 in points
_LEFT, _WORD = 56, camera.PLANTED.decode()
WEB, MAIL = "https://www.puddle-lane.example/calendar", "mailto:office@puddle-lane.example"

_PAGES = (
    (
        (
            "The autumn term is nearly over, and it has been a busy one.",
            "Our choir sang in the market hall, in two parts.",
        ),
        "A painted hill with a castle on it, under a blue sky",
    ),
    (
        (
            "Next week: the book fair opens on Tuesday at 3 pm.",
            "Wellington boots with no name wait in the office.",
        ),
        "A painted valley with a river",
    ),
)


def newsletter(name: str, dated: date, photo: tuple[int, int] = (800, 600)) -> bytes:
    """A PDF of two pages with a photo of this size on each. The same arguments give the same document."""
    with pikepdf.new() as pdf:
        tree = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        whole = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=tree))
        parts: list[Object] = []
        parents: list[Object] = []
        for number, (lines, shown) in enumerate(_PAGES, 1):
            heading = f"{name}, {dated.day} {dated:%B %Y}" if number == 1 else "What is coming"
            page = _page(pdf, number, heading, lines, camera.take(number, size=photo))
            made = [
                _part(pdf, page, whole, *each)
                for each in enumerate((Name.H1, *(Name.P,) * len(lines), Name.Figure))
            ]
            made[-1].Alt = String(shown)
            parts += made
            parents.append(Array(made))
        whole.K = Array(parts)
        tree.K = Array([whole])
        nums = [each for number, held in enumerate(parents) for each in (number, held)]
        tree.ParentTree = Dictionary(Nums=Array(nums))
        pdf.Root.StructTreeRoot, pdf.Root.Lang = tree, String("en-GB")
        pdf.Root.MarkInfo = Dictionary(Marked=True)
        _tell_on_its_makers(pdf)
        written = BytesIO()
        pdf.save(written, deterministic_id=True, fix_metadata_version=False)
        return written.getvalue()


def _page(pdf: Pdf, number: int, heading: str, lines: tuple[str, ...], photo: bytes) -> Object:
    texts = [b"/H1 << /MCID 0 >> BDC BT /F1 22 Tf %d 760 Td %s Tj ET EMC" % (_LEFT, _said(heading))]
    for at, line in enumerate(lines):
        place = (at + 1, _LEFT, 715 - 20 * at, _said(line))
        texts.append(b"/P << /MCID %d >> BDC BT /F2 13 Tf %d %d Td %s Tj ET EMC" % place)
    picture = b"/Figure << /MCID %d >> BDC q 480 0 0 360 %d 290 cm /Photo Do Q EMC" % (len(lines) + 1, _LEFT)
    contents = b"\n".join((b"% " + camera.PLANTED, *texts, picture))
    image = pdf.make_stream(
        photo,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=_size(photo)[0],
        Height=_size(photo)[1],
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    fonts = {
        name: Dictionary(
            Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(face), Encoding=Name.WinAnsiEncoding
        )
        for name, face in (("/F1", "/Helvetica-Bold"), ("/F2", "/Helvetica"))
    }
    pdf.pages.append(
        pikepdf.Page(pdf.make_indirect(Dictionary(Type=Name.Page, MediaBox=Array([0, 0, WIDTH, HEIGHT]))))
    )
    page = pdf.pages[-1].obj
    page.Contents = pdf.make_stream(contents)
    page.Resources = Dictionary(Font=Dictionary(fonts), XObject=Dictionary(Photo=image))
    page.StructParents = number - 1
    page.Annots = Array([_link(pdf, address, 711 - 20 * at) for at, address in enumerate((WEB, MAIL))])
    return page


def _size(photo: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(photo)) as image:
        return image.size


def _said(text: str) -> bytes:
    return String(text).unparse()


def _part(pdf: Pdf, page: Object, whole: Object, number: int, kind: Name) -> Object:
    return pdf.make_indirect(Dictionary(Type=Name.StructElem, S=kind, P=whole, Pg=page, K=number))


def _link(pdf: Pdf, address: str, at: int) -> Object:
    action = Dictionary(S=Name.URI, URI=String(address))
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=Array([_LEFT, at, _LEFT + 200, at + 14]),
            Border=Array([0, 0, 0]),
            Contents=String(address),
            A=action,
        )
    )


def _tell_on_its_makers(pdf: Pdf) -> None:
    """What word processors add without being asked."""
    pdf.docinfo = pdf.make_indirect(
        Dictionary(
            Author=String(f"{_WORD} author"),
            Creator=String(f"{_WORD} program"),
            CreationDate=String("D:20261124101112Z"),
        )
    )
    packet = (
        b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/">%s</x:xmpmeta><?xpacket end="w"?>'
        % camera.PLANTED
    )
    pdf.Root.Metadata = pdf.make_stream(packet, Type=Name.Metadata, Subtype=Name.XML)
