"""A cleaned document shows, says and leads where it did; and what was in it is told."""

from datetime import date

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream, String

from tests.documents.making import annotation, document, draw, image, show
from tests.documents.pdfs import opened
from tests.documents.planted import PLACES, behind_the_back
from tests.photos.pictures import quarters, saved
from tripupdates.documents import look, removed
from tripupdates.documents.clean import clean
from tripupdates.documents.proof import prove
from tripupdates.practice.paper import MAIL, WEB, newsletter
from tripupdates.vocabulary import Refused

PAPER = newsletter("The Puddle Post", date(2026, 11, 26))
TITLE = "Newsletter of “Puddle Lane”, 26 November 2026"


def test_a_newsletter_keeps_its_pages_words_links_and_the_order_in_which_it_is_read() -> None:
    cleaned = clean(PAPER, TITLE)
    look.check_same(PAPER, cleaned.data)
    prove(cleaned.data, TITLE, 2)
    assert cleaned.pages == 2
    with opened(cleaned.data) as pdf:
        links = [str(link.A.URI) for page in pdf.pages for link in page.obj.Annots]
        whole = pdf.Root.StructTreeRoot.K[0]
        parts = [(str(part.S), str(part.get("/Alt", ""))) for part in whole.K]
        by_page = pdf.Root.StructTreeRoot.ParentTree.Nums
        assert links == [WEB, MAIL, WEB, MAIL]
        assert parts[:4] == [
            ("/H1", ""),
            ("/P", ""),
            ("/P", ""),
            ("/Figure", "A painted hill with a castle on it, under a blue sky"),
        ]
        assert [by_page[1][0].objgen, by_page[3][3].objgen] == [whole.K[0].objgen, whole.K[7].objgen]
        assert whole.K[4].Pg.objgen == pdf.pages[1].obj.objgen
        assert pdf.Root.MarkInfo == Dictionary(Marked=True)


def test_it_says_its_title_and_language_to_whoever_hears_it() -> None:
    with opened(clean(PAPER, TITLE).data) as pdf:
        assert dict(pdf.docinfo) == {"/Title": String(TITLE)}
        assert pdf.Root.ViewerPreferences == Dictionary(DisplayDocTitle=True)
        assert str(pdf.Root.Lang) == "en-GB"
    welsh = document(lambda pdf, page: setattr(pdf.Root, "Lang", String("cy")))
    with opened(clean(welsh, TITLE).data) as pdf:
        assert str(pdf.Root.Lang) == "cy"


def test_the_same_again_gives_the_same_file_and_a_clean_one_loses_nothing_more() -> None:
    once = clean(PAPER, TITLE)
    assert clean(PAPER, TITLE) == once
    again = clean(once.data, TITLE)
    assert again.data == once.data
    assert again.removed == (removed.INFO,)  # its title, which it gets again
    assert clean(PAPER, "Another").name != once.name


@pytest.mark.parametrize(
    ("case", "told"),
    {
        "about": (removed.INFO,),
        "packets": (removed.XMP,),
        "programs": (removed.PRIVATE,),
        "files": (removed.FILES,),
        "scripts": (removed.SCRIPTS, removed.ACTIONS),
        "deeds": (removed.ACTIONS,),
        "notes": (removed.NOTES,),
        "media": (removed.MEDIA,),
        "fields": (removed.FIELDS,),
        "signature": (removed.FIELDS, removed.SIGNATURE),
        "thumbnail": (removed.THUMBNAILS,),
        "layers": (removed.LAYERS,),
        "photos": (removed.PLACE, removed.CAMERA),
        "rows": (),
    }.items(),
)
def test_what_was_in_it_is_told_by_its_kind(case: str, told: tuple[str, ...]) -> None:
    assert clean(document(PLACES[case]), TITLE).removed == told


def test_earlier_versions_are_told_of_and_where_it_opens_is_no_news() -> None:
    assert clean(behind_the_back(document()), TITLE).removed == (removed.VERSIONS,)
    opens = document(lambda pdf, page: setattr(pdf.Root, "OpenAction", Array([page, Name.Fit])))
    assert clean(opens, TITLE).removed == ()


def test_a_field_that_was_filled_in_is_part_of_the_page() -> None:
    with look.opened(clean(document(PLACES["fields"]), TITLE).data) as pdf:
        assert "Shown in a field" in pdf[0].get_textpage().get_text_range()
        assert pdf.get_formtype() == 0


def test_headings_of_a_table_are_still_found_under_new_names() -> None:
    with opened(clean(document(PLACES["structure"]), TITLE).data) as pdf:
        part = pdf.Root.StructTreeRoot.K[0]
        assert str(part.ID) == str(part.A[0].Headers[0]) == "part000000"
        assert pdf.Root.StructTreeRoot.IDTree.Names[1].objgen == part.objgen
        assert str(part.ActualText) == "What is read aloud"
        assert "/Alt" not in part  # the name of a file on somebody's computer


def test_the_outline_leads_to_pages_and_nowhere_else() -> None:
    with opened(clean(document(PLACES["outline"]), TITLE).data) as pdf:
        first = pdf.Root.Outlines.First
        assert (str(first.Title), first.Dest[0].objgen) == ("A heading", pdf.pages[0].obj.objgen)
        assert first.Parent.objgen == first.Next.Parent.objgen == pdf.Root.Outlines.objgen
        assert "/A" not in first.Next


def _kept(*addresses: str) -> list[str]:
    """The addresses of links that are left of these."""

    def plant(pdf: Pdf, page: Object) -> None:
        for address in addresses:
            annotation(pdf, page, "/Link", A=Dictionary(S=Name.URI, URI=String(address)))

    with opened(clean(document(plant), TITLE).data) as pdf:
        return [str(each.A.URI) for each in pdf.pages[0].obj.Annots]


def test_links_to_the_web_and_to_write_or_call_stay_and_tell_nobody_anything() -> None:
    assert _kept(
        "https://a.example",
        "http://a.example/b?c=d#e",
        "mailto:office@a.example?subject=Hello",
        "tel:+44 20 7946 0000",
        "https://name:secret@a.example/",
        "ftp://a.example/",
        "file:///C:/plan.doc",
        "javascript:alert(1)",
        "https://a.example/\n",
        "https://",
        "mailto:",
    ) == [
        "https://a.example",
        "http://a.example/b?c=d#e",
        "mailto:office@a.example",
        "tel:+44 20 7946 0000",
        "https://a.example/",
    ]


# --- pictures look as they did ---


def _cmyk(pdf: Pdf, page: Object) -> None:
    jpeg = saved(quarters((120, 80)).convert("CMYK"), "JPEG")
    picture = image(pdf, jpeg, Filter=Name.DCTDecode, ColorSpace=Name.DeviceCMYK)
    picture.Decode = Array([1, 0] * 4)  # Adobe's way: the numbers are turned round
    show(pdf, page, picture)


def _grey_mask(pdf: Pdf, page: Object) -> None:
    mask = image(pdf, bytes(range(120)) * 80, ColorSpace=Name.DeviceGray)
    show(pdf, page, image(pdf, quarters((120, 80)).tobytes(), SMask=mask))


def _stencil(pdf: Pdf, page: Object) -> None:
    picture = image(pdf, b"\xaa" * 15 * 80, ImageMask=True, BitsPerComponent=1)
    del picture.ColorSpace
    show(pdf, page, picture)


def _colour_key(pdf: Pdf, page: Object) -> None:
    show(pdf, page, image(pdf, quarters((120, 80)).tobytes(), Mask=Array([200, 255, 0, 60, 0, 60])))


def _run_lengths(pdf: Pdf, page: Object) -> None:
    rows = b"".join(bytes((257 - 120, value)) for value in range(80)) + b"\x80"
    show(pdf, page, image(pdf, rows, ColorSpace=Name.DeviceGray, Filter=Name.RunLengthDecode))


def _shading(pdf: Pdf, page: Object) -> None:
    ramp = Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 0, 0]), C1=Array([0, 0, 1]), N=1)
    page.Resources.Shading = Dictionary(
        S1=Dictionary(
            ShadingType=2,
            ColorSpace=Name.DeviceRGB,
            Coords=Array([0, 0, 595, 0]),
            Function=ramp,
            Extend=Array([True, True]),
        )
    )
    draw(pdf, page, b"q 50 300 300 200 re W n /S1 sh Q")


def _too_many_operands(pdf: Pdf, page: Object) -> None:
    draw(pdf, page, b"1 0 0 rg (more) 300 300 50 50 re f")


SHOWN = {
    "operands too many": _too_many_operands,
    "CMYK": _cmyk,
    "soft mask": _grey_mask,
    "stencil": _stencil,
    "colour key": _colour_key,
    "run lengths": _run_lengths,
    "shading": _shading,
    **{name: PLACES[name] for name in ("palette", "fax", "colours", "patterns", "glyphs", "inline photo")},
}


@pytest.mark.parametrize("kind", SHOWN)
def test_what_is_drawn_looks_exactly_as_before(kind: str) -> None:
    upload = document(SHOWN[kind])
    cleaned = clean(upload, TITLE)
    look.check_same(upload, cleaned.data)
    prove(cleaned.data, TITLE, 1)
    before, after = (look.cover(each).tobytes() for each in (upload, cleaned.data))
    assert before == after
    assert len(set(before)) > 2  # something is there to be seen


def test_a_photo_keeps_every_byte_of_its_pixels() -> None:
    jpeg = saved(quarters((120, 80)), "JPEG")
    with opened(
        clean(
            document(lambda pdf, page: show(pdf, page, image(pdf, jpeg, Filter=Name.DCTDecode))), TITLE
        ).data
    ) as pdf:
        (kept,) = [
            each for each in pdf.objects if isinstance(each, Stream) and each.get("/Subtype") == Name.Image
        ]
        assert kept.read_raw_bytes() == jpeg[:2] + jpeg[20:]  # without its 18 bytes of JFIF


def test_what_is_packed_twice_is_packed_once() -> None:
    assert len(clean(PAPER, TITLE).data) < len(PAPER)


def test_a_cleaner_that_loses_a_picture_a_page_or_a_dot_is_told() -> None:
    upload = document(PLACES["photos"])
    cleaned = clean(upload, TITLE).data
    with pytest.raises(Refused, match="without changing what it shows"):
        look.check_same(upload, clean(document(), TITLE).data)
    with pytest.raises(Refused, match="without changing what it shows"):
        look.check_same(PAPER, cleaned)
    with pytest.raises(Refused, match="without changing what it shows"):
        look.check_same(document(lambda pdf, page: draw(pdf, page, b"0 g 500 800 2 2 re f")), document())


def test_words_that_can_no_longer_be_read_aloud_are_told() -> None:
    spoken = document(
        lambda pdf, page: draw(
            pdf, page, b"BT /F1 12 Tf 3 Tr 50 100 Td (seen by nobody, heard by some) Tj ET"
        )
    )
    with pytest.raises(Refused, match="without changing what it shows"):
        look.check_same(spoken, document())


def test_the_cover_is_the_first_page() -> None:
    cover = look.cover(clean(PAPER, TITLE).data)
    assert (cover.mode, cover.size) == ("RGB", (1131, 1600))
    assert cover.getpixel((565, 620)) != (255, 255, 255)


def test_nothing_of_the_library_stays_behind() -> None:
    assert pikepdf.__version__.encode() not in clean(PAPER, TITLE).data
    assert b"pikepdf" not in clean(PAPER, TITLE).data
