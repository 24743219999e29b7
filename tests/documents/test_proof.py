"""The proof of a document: one byte that is not accounted for, and it is refused."""

import zlib
from collections.abc import Callable
from datetime import date

import pytest
from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from tests.documents.making import document
from tests.documents.pdfs import opened
from tests.documents.planted import PLACES
from tests.documents.planted_drawn import truetype
from tests.photos.pictures import quarters, saved, with_segment
from tripupdates.documents.clean import as_ours, clean
from tripupdates.documents.proof import prove
from tripupdates.documents.reading import read
from tripupdates.photos.profiles import display_p3
from tripupdates.practice.paper import newsletter
from tripupdates.vocabulary import Refused

TITLE = "The Puddle Post – “26” (\\)"
CLEAN = clean(newsletter("The Puddle Post", date(2026, 11, 26)), TITLE).data
OTHERS = {
    name: clean(document(PLACES[name]), TITLE).data
    for name in ("colours", "fonts", "inline photo", "structure")
}


def _faults(data: bytes, title: str = TITLE, pages: int = 2) -> tuple[str, ...]:
    with pytest.raises(Refused, match="did not pass our check for hidden data") as refused:
        prove(data, title, pages)
    return refused.value.reasons


def test_a_clean_document_passes() -> None:
    prove(CLEAN, TITLE, 2)
    for data in OTHERS.values():
        prove(data, TITLE, 1)


def test_its_title_and_pages_are_what_they_should_be() -> None:
    assert _faults(CLEAN, title="The Puddle Post") == ("It has another title.",)
    assert _faults(CLEAN, pages=3) == ("It has another number of pages.",)


@pytest.mark.parametrize("at", range(0, len(CLEAN), len(CLEAN) // 97))
def test_a_byte_too_many_is_found_wherever_it_is(at: int) -> None:
    with pytest.raises(Refused):
        prove(CLEAN[:at] + b"%" + CLEAN[at:], TITLE, 2)


@pytest.mark.parametrize(
    "data",
    [b"", CLEAN[:-1], CLEAN + b"\n", b" " + CLEAN, CLEAN + CLEAN, CLEAN.replace(b"%PDF-1.7", b"%PDF-1.0")],
    ids=["nothing", "cut", "longer", "later", "twice", "another kind"],
)
def test_what_is_not_written_as_ours_are_is_refused(data: bytes) -> None:
    assert _faults(data) == ("It is not written as our documents are.",)


def _changed(data: bytes, change: Callable[[Pdf], object]) -> bytes:
    """The same document with one thing changed, written exactly as ours are."""
    with opened(data) as pdf:
        change(pdf)
        return as_ours(pdf)


def _page(pdf: Pdf) -> Object:
    return pdf.pages[0].obj


def _packed(pdf: Pdf, data: bytes, keys: dict[str, object] | None = None) -> Object:
    stream = pdf.make_stream(b"", keys or {})
    stream.write(zlib.compress(data), filter=Name.FlateDecode)
    return stream


def _photo(pdf: Pdf) -> Object:
    return _page(pdf).Resources.XObject.Photo


def _redrawn(more: bytes) -> Callable[[Pdf], object]:
    def change(pdf: Pdf) -> None:
        _page(pdf).Contents = _packed(pdf, _page(pdf).Contents.read_bytes() + more)

    return change


def _rephotographed(change: Callable[[bytes], bytes]) -> Callable[[Pdf], object]:
    return lambda pdf: _photo(pdf).write(change(_photo(pdf).read_raw_bytes()), filter=Name.DCTDecode)


def _pixels(data: bytes, **keys: object) -> Callable[[Pdf], object]:
    def change(pdf: Pdf) -> None:
        usual = {"/Type": Name.XObject, "/Subtype": Name.Image, "/Width": 2, "/Height": 2}
        usual |= {"/ColorSpace": Name.DeviceGray, "/BitsPerComponent": 8} | keys
        _page(pdf).Resources.XObject.Photo = _packed(pdf, data, usual)

    return change


def _set(holder: Callable[[Pdf], Object], key: str, value: object) -> Callable[[Pdf], object]:
    return lambda pdf: holder(pdf).__setitem__(key, value)


def _root(pdf: Pdf) -> Object:
    return pdf.Root


def _link(pdf: Pdf) -> Object:
    return _page(pdf).Annots[0]


WORDS_THERE = "It holds words where none may be"
NO_NEED = "It holds a part that no page needs"
MORE = "Something in it is more than a"
CHANGES: dict[str, tuple[Callable[[Pdf], object], str]] = {
    "an author": (
        lambda pdf: pdf.docinfo.__setitem__("/Author", "Jane"),
        "It tells more about itself than its title.",
    ),
    "a packet": (
        lambda pdf: setattr(pdf.Root, "Metadata", pdf.make_stream(b"<x/>")),
        f"{NO_NEED} (Metadata).",
    ),
    "private data": (_set(_page, "/PieceInfo", Dictionary()), f"{NO_NEED} (PieceInfo)."),
    "a script": (
        _set(_root, "/OpenAction", Dictionary(S=Name.JavaScript, JS=String("x"))),
        f"{NO_NEED} (OpenAction).",
    ),
    "a script on a link": (
        lambda pdf: setattr(_link(pdf), "A", Dictionary(S=Name.Launch)),
        "It would do something by itself.",
    ),
    "a note": (_set(_link, "/Subtype", Name.Text), "Something lies on its pages that is no link."),
    "an address of another kind": (
        lambda pdf: setattr(_link(pdf).A, "URI", String("file:///C:/x")),
        f"{WORDS_THERE} (URI).",
    ),
    "words on a page": (_set(_page, "/Rotate", String("90")), f"{WORDS_THERE} (Rotate)."),
    "words in a list": (_set(_page, "/CropBox", Array([0, 0, 9, String("x")])), f"{WORDS_THERE} (CropBox)."),
    "a language that is none": (_set(_root, "/Lang", String("spoken by us")), f"{WORDS_THERE} (Lang)."),
    "a comment": (_redrawn(b"\n% Jane"), f"{MORE} drawing."),
    "words in an instruction": (_redrawn(b"\n(Jane) 0 g"), f"{MORE} drawing."),
    "an unknown instruction": (_redrawn(b"\n(Jane) own"), f"{MORE} drawing."),
    "a mark of a program": (_redrawn(b"\n/Own << /Note (Jane) >> BDC\nEMC"), f"{MORE} drawing."),
    "half an instruction": (_redrawn(b"\n(Jane)"), f"{MORE} drawing."),
    "a JPEG within": (
        _redrawn(
            b"\nBI /Width 2 /Height 2 /F [/AHx /DCT]\nID %s>\nEI"
            % saved(quarters(), "JPEG", comment=b"J").hex().encode()
        ),
        f"{MORE} drawing.",
    ),
    "a comment in a photo": (
        _rephotographed(lambda jpeg: with_segment(jpeg, 0xFE, b"54.4584 N")),
        "A picture in it still holds hidden data.",
    ),
    "something behind a photo": (
        _rephotographed(lambda jpeg: jpeg + b"x"),
        "A picture in it still holds hidden data.",
    ),
    "rows too many": (_pixels(bytes(5)), f"{MORE} picture."),
    "words among the pixels": (
        _pixels(b"Exif\x00\x00", **{"/Width": 9}),
        "It still holds a mark of hidden data.",
    ),
    "a stream behind its end": (
        lambda pdf: _page(pdf).Contents.write(zlib.compress(b"q\nQ") + b"Jane", filter=Name.FlateDecode),
        "A part of it is longer than it should be.",
    ),
    "a stream of another packing": (
        lambda pdf: _page(pdf).Contents.write(b"710a51>", filter=Name.ASCIIHexDecode),
        "A part of it is packed as none of ours is.",
    ),
    "a stream in two roles": (
        lambda pdf: _page(pdf).Contents.__setitem__("/Subtype", Name.Image),
        "A part of it is for nothing, or for more than one thing.",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_one_thing_that_must_not_be_there_is_found(what: str) -> None:
    change, fault = CHANGES[what]
    changed = _changed(CLEAN, change)
    assert fault in _faults(changed)


def test_an_object_that_is_for_nothing_is_found() -> None:
    """No library writes one, so it is laid by hand, with its line in the table."""
    body, table = CLEAN.split(b"xref\n", 1)
    lines, trailer = table.split(b"trailer ", 1)
    count = int(lines.split()[1])
    added = b"%d 0 obj\n<< /Type /Page >>\nendobj\n" % count
    lines = lines.replace(b"0 %d\n" % count, b"0 %d\n" % (count + 1), 1) + b"%010d 00000 n \n" % len(body)
    ends = trailer.rpartition(b"startxref\n")[0] + b"startxref\n%d\n%%%%EOF\n" % len(body + added)
    assert _faults(body + added + b"xref\n" + lines + b"trailer " + ends, pages=3) == (
        "It holds something that no page needs.",
    )


def _font(pdf: Pdf) -> Object:
    return _page(pdf).Resources.Font.F4


IN_OTHERS: dict[str, tuple[str, Callable[[Pdf], object], str]] = {
    "names in a font": (
        "fonts",
        lambda pdf: setattr(
            _font(pdf).DescendantFonts[0].FontDescriptor, "FontFile2", _packed(pdf, truetype())
        ),
        f"{MORE} font.",
    ),
    "a notice in a font": (
        "fonts",
        lambda pdf: setattr(
            _font(pdf).DescendantFonts[0].FontDescriptor,
            "FontFile2",
            _packed(pdf, b"%!PS-AdobeFont-1.0:\n/Notice (Jane) readonly def\neexec"),
        ),
        f"{MORE} font.",
    ),
    "a comment among letters": (
        "fonts",
        lambda pdf: setattr(_font(pdf), "ToUnicode", _packed(pdf, b"begincmap % Jane")),
        f"{MORE} letters.",
    ),
    "a named profile": (
        "colours",
        lambda pdf: setattr(
            _page(pdf).Resources.XObject.X0,
            "ColorSpace",
            Array([Name.ICCBased, _packed(pdf, display_p3("Jane"), {"/N": 3})]),
        ),
        f"{MORE} profile.",
    ),
    "a dated profile": (
        "colours",
        lambda pdf: setattr(
            _page(pdf).Resources.XObject.X0,
            "ColorSpace",
            Array([Name.ICCBased, _packed(pdf, display_p3("-", b"-"), {"/N": 3})]),
        ),
        f"{MORE} profile.",
    ),
    "a comment in a function": (
        "colours",
        lambda pdf: (
            _page(pdf)
            .Resources.ColorSpace.S1[3]
            .write(zlib.compress(b"{ % Jane\n }"), filter=Name.FlateDecode)
        ),
        f"{MORE} function.",
    ),
    "the title of a part": (
        "structure",
        lambda pdf: setattr(pdf.Root.StructTreeRoot.K[0], "T", String("Jane")),
        f"{NO_NEED} (T).",
    ),
    "the name of a part": (
        "structure",
        lambda pdf: setattr(pdf.Root.StructTreeRoot.K[0], "ID", String("Jane")),
        f"{WORDS_THERE} (ID).",
    ),
}


@pytest.mark.parametrize("what", IN_OTHERS)
def test_one_thing_too_many_is_found_in_fonts_colours_and_parts(what: str) -> None:
    case, change, fault = IN_OTHERS[what]
    assert fault in _faults(_changed(OTHERS[case], change), pages=1)


@pytest.mark.parametrize(
    "text",
    [b"1 0 obj", b"<< /A /B", b"<< /A 1 /A 2 >>", b"[ 1 2", b"(a", b"<0g>", b">>", b"<< 1 2 >>", b"[" * 200],
)
def test_what_cannot_be_read_is_refused_and_ends(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read(b"%PDF-1.7\n%\xbf\xf7\xa2\xfe\n1 0 obj\n" + text + b"\nendobj\nxref\n")
