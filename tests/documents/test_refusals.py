"""What is not one whole, plain PDF is refused, in a sentence that says what to do."""

import zlib
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from tests.documents.making import annotation, document, draw, image, page_of, show, written
from tests.photos.pictures import quarters, saved
from tripupdates.documents import content, intake, streams
from tripupdates.documents.clean import clean
from tripupdates.vocabulary import Refused, TooLarge

SOUND = document()


def _refusal(upload: bytes) -> Refused:
    with pytest.raises(Refused) as refused:
        clean(upload, "T")
    return refused.value


@pytest.mark.parametrize(
    ("upload", "sentence"),
    {
        b"": intake.EMPTY,
        saved(quarters(), "JPEG"): "This is a picture.",
        saved(quarters(), "PNG"): "This is a picture.",
        b"PK\x03\x04 word": "This is a Word, Publisher or Pages document",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "This is a Word, Publisher or Pages document",
        b"%!PS-Adobe-3.0\n": "This is a PostScript file.",
        b"<!DOCTYPE html><p>": "This is a web page.",
        b"Dear parents": intake.NOT_A_PDF,
        b"%PDF-9.9\nno": intake.SOMETHING_ELSE,
        b"GIF89a" + SOUND: intake.SOMETHING_ELSE,
        b"\n" + SOUND: intake.SOMETHING_ELSE,
        SOUND + b"PK\x03\x04": intake.SOMETHING_ELSE,
        SOUND + b"<script>": intake.SOMETHING_ELSE,
        SOUND[:-7]: intake.DAMAGED,
        b"%PDF-1.7\n%%EOF": intake.DAMAGED,
    }.items(),
    ids=lambda value: repr(value[:24]),
)
def test_what_can_be_told_from_its_bytes(upload: bytes, sentence: str) -> None:
    assert _refusal(upload).title.startswith(sentence)


def test_blank_bytes_behind_the_end_are_no_harm() -> None:
    assert clean(SOUND + b"\r\n\x00\x00 \n", "T").pages == 1


def test_one_that_is_too_large_is_refused_before_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pikepdf, "open", pytest.fail)
    with pytest.raises(TooLarge, match="the most is 20 MB"):
        clean(SOUND.replace(b"\n", b"\n" + bytes(intake.MOST_BYTES), 1), "T")


def test_sixty_pages_are_taken_and_one_more_is_not() -> None:
    with pikepdf.new() as pdf:
        for _ in range(intake.MOST_PAGES):
            page_of(pdf)
        assert clean(written(pdf), "T").pages == 60
        page_of(pdf)
        with pytest.raises(TooLarge, match="too many pages"):
            clean(written(pdf), "T")


def _locked(owner: str, user: str) -> bytes:
    buffer = BytesIO()
    with pikepdf.open(BytesIO(SOUND)) as pdf:
        pdf.save(buffer, encryption=pikepdf.Encryption(owner=owner, user=user))
    return buffer.getvalue()


def test_one_that_asks_for_a_password_is_refused_and_one_that_only_forbids_printing_is_not() -> None:
    assert _refusal(_locked("owner", "reader")).title == intake.PASSWORD
    cleaned = clean(_locked("owner", ""), "T")
    with pikepdf.open(BytesIO(cleaned.data)) as pdf:
        assert not pdf.is_encrypted


def _form(pdf: Pdf, page: Object) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_stream(b"<xdp/>"))


def _bundle(pdf: Pdf, page: Object) -> None:
    pdf.Root.Collection = Dictionary(Type=Name.Collection)


def _layer_off(pdf: Pdf, page: Object) -> None:
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Names of the ill")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))


def _layers_off(pdf: Pdf, page: Object) -> None:
    pdf.Root.OCProperties = Dictionary(OCGs=Array([]), D=Dictionary(BaseState=Name.OFF))


def _to_black_out(pdf: Pdf, page: Object) -> None:
    annotation(pdf, page, "/Redact")


def _no_page(pdf: Pdf, page: Object) -> None:
    del pdf.pages[0]


def _picture(**keys: object) -> object:
    return lambda pdf, page: show(pdf, page, image(pdf, keys.pop("data", bytes(99)), **keys))  # type: ignore[arg-type]


ODD = {
    "XFA": (_form, intake.FORM),
    "portfolio": (_bundle, intake.BUNDLE),
    "a layer is off": (_layer_off, intake.HIDDEN_LAYERS),
    "layers are off": (_layers_off, intake.HIDDEN_LAYERS),
    "to be blacked out": (_to_black_out, intake.NOT_BLACKED_OUT),
    "no page": (_no_page, intake.DAMAGED),
    "JPEG 2000": (_picture(Filter=Name.JPXDecode), intake.ODD_PICTURE),
    "JBIG2": (_picture(Filter=Name.JBIG2Decode), intake.ODD_PICTURE),
    "JPEG 2000 packed": (
        _picture(data=zlib.compress(b"x"), Filter=Array([Name.FlateDecode, Name.JPXDecode])),
        intake.ODD_PICTURE,
    ),
    "a JPEG that is none": (_picture(Filter=Name.DCTDecode), intake.DAMAGED),
    "half a JPEG": (_picture(data=saved(quarters(), "JPEG")[:-40], Filter=Name.DCTDecode), intake.DAMAGED),
    "an unknown packing": (_picture(Filter=Name.Own), intake.DAMAGED),
    "packed ten times": (_picture(Filter=Array([Name.ASCIIHexDecode] * 10)), intake.DAMAGED),
    "no size": (_picture(Width=Name.Own), intake.DAMAGED),
    "unknown colours": (_picture(ColorSpace=Name.Own), intake.DAMAGED),
    "a size beyond reason": (_picture(Width=100_000, Height=100_000), intake.TOO_MUCH),
}


@pytest.mark.parametrize("kind", ODD)
def test_what_we_cannot_clean_is_refused(kind: str) -> None:
    plant, sentence = ODD[kind]
    assert _refusal(document(plant)).title == sentence  # type: ignore[arg-type]


def test_what_swells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST_UNPACKED", 10_000)
    bomb = zlib.compress(bytes(20_000), 9)
    assert len(bomb) < 100
    swelling = document(lambda pdf, page: show(pdf, page, image(pdf, bomb, Filter=Name.FlateDecode)))
    assert _refusal(swelling).title == intake.TOO_MUCH
    broken = bomb[:-6] + b"broken"
    swelling = document(lambda pdf, page: show(pdf, page, image(pdf, broken, Filter=Name.FlateDecode)))
    assert _refusal(swelling).title == intake.TOO_MUCH


def test_a_page_with_too_much_drawn_on_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MOST", 1_000)
    assert (
        _refusal(document(lambda pdf, page: draw(pdf, page, b"0 0 m 1 1 l S " * 99))).title == intake.TOO_MUCH
    )


@pytest.mark.parametrize("part", range(1, 20))
def test_one_that_was_cut_anywhere_is_refused(part: int) -> None:
    with pytest.raises(Refused):
        clean(SOUND[: len(SOUND) * part // 20], "T")


def test_one_that_refers_to_itself_ends() -> None:
    def circles(pdf: Pdf, page: Object) -> None:
        inner = pdf.make_stream(b"/X0 Do", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
        inner.Resources = page.Resources
        show(pdf, page, inner)
        colours = pdf.make_indirect(Array([Name.Pattern]))
        colours.append(colours)
        page.Resources.ColorSpace = Dictionary(C1=colours)

    assert _refusal(document(circles)).title == intake.DAMAGED
