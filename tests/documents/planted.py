"""PDFs with a word planted in each place where a program, a camera or a person can leave something that no reader sees.

Each place is one small function that writes its word into a sound document of one page; each word stands for its place
alone, so that a leak says where it came from. What a reader does see has words too, which must stay.
"""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream, String

from tests.photos.pictures import quarters, saved, with_segment
from tests.photos.planted import exif_with_place, word, xmp
from tripupdates.photos.profiles import display_p3

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
    return String(word(place).decode())


def stream(pdf: Pdf, place: str, **keys: object) -> Stream:
    """A stream that holds the word of a place."""
    return pdf.make_stream(b"before " + word(place) + b" behind", **keys)


def metadata(pdf: Pdf, place: str) -> Stream:
    """An XMP packet that holds it."""
    return pdf.make_stream(
        xmp(b"<dc:source>" + word(place) + b"</dc:source>"), Type=Name.Metadata, Subtype=Name.XML
    )


# --- the document as a whole ---


def about(pdf: Pdf, page: Object) -> None:
    pdf.docinfo = pdf.make_indirect(
        Dictionary(Author=said("author"), CreationDate=said("date"), Own=said("own key"))
    )


def packets(pdf: Pdf, page: Object) -> None:
    pdf.Root.Metadata, page.Metadata = metadata(pdf, "XMP of document"), metadata(pdf, "XMP of page")
    show(pdf, page, image(pdf, ROWS, Metadata=metadata(pdf, "XMP of picture")))
    show(pdf, page, form(pdf, b"0 0 9 9 re f", Metadata=metadata(pdf, "XMP of form")))


def programs(pdf: Pdf, page: Object) -> None:
    private = Dictionary(Maker=Dictionary(LastModified=String("D:20310514"), Private=said("private of page")))
    pdf.Root.PieceInfo = Dictionary(Maker=Dictionary(Private=stream(pdf, "private of document")))
    page.PieceInfo, page.LastModified = private, said("last modified")
    pdf.Root["/XYZQ_Own"] = Dictionary(Key=said("own key of document"))
    page["/XYZQ_Own"] = said("own key of page")
    page.Resources["/XYZQ_Own"] = said("own key of resources")
    show(
        pdf,
        page,
        form(pdf, b"9 9 9 9 re f", PieceInfo=Dictionary(Maker=Dictionary(Private=said("private of form")))),
    )


def files(pdf: Pdf, page: Object) -> None:
    inside = stream(pdf, "attached file", Type=Name.EmbeddedFile)
    spec = pdf.make_indirect(
        Dictionary(Type=Name.Filespec, F=said("file name"), Desc=said("file words"), EF=Dictionary(F=inside))
    )
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([said("name of file"), spec])))
    pdf.Root.AF, page.AF = Array([spec]), Array([spec])
    pinned = Dictionary(
        Type=Name.Filespec, F=said("pinned name"), EF=Dictionary(F=stream(pdf, "pinned file"))
    )
    annotation(pdf, page, "/FileAttachment", FS=pinned)


def scripts(pdf: Pdf, page: Object) -> None:
    def script(place: str) -> Dictionary:
        return Dictionary(S=Name.JavaScript, JS=said(place))

    pdf.Root.Names = Dictionary(
        JavaScript=Dictionary(Names=Array([said("name of script"), script("script")]))
    )
    pdf.Root.OpenAction = script("script at opening")
    pdf.Root.AA, page.AA = Dictionary(WC=script("script at closing")), Dictionary(O=script("script of page"))
    annotation(pdf, page, "/Link", A=script("script of link"), AA=Dictionary(E=script("script near link")))


def deeds(pdf: Pdf, page: Object) -> None:
    for kind, key in (
        ("Launch", "F"),
        ("GoToR", "F"),
        ("SubmitForm", "F"),
        ("ImportData", "F"),
        ("Named", "N"),
    ):
        annotation(
            pdf, page, "/Link", A=Dictionary({"/S": Name(f"/{kind}"), f"/{key}": said(f"deed {kind}")})
        )
    chained = Dictionary(S=Name.JavaScript, JS=said("second deed"))
    annotation(pdf, page, "/Link", A=Dictionary(S=Name.URI, URI=String("https://a.example/"), Next=chained))


def addresses(pdf: Pdf, page: Object) -> None:
    for place, address in (
        ("password in address", "https://user:{}@a.example/"),
        ("file address", "file:///C:/{}"),
        ("subject", "mailto:office@a.example?subject={}"),
        ("script address", "javascript:{}"),
    ):
        annotation(
            pdf, page, "/Link", A=Dictionary(S=Name.URI, URI=String(address.format(word(place).decode())))
        )
    link = annotation(pdf, page, "/Link", A=Dictionary(S=Name.URI, URI=String("https://a.example/kept")))
    link.NM, link.M, link.T, link.PA = (
        said("name of link"),
        said("date of link"),
        said("title of link"),
        said("PA"),
    )


def notes(pdf: Pdf, page: Object) -> None:
    note = annotation(pdf, page, "/Text", Contents=said("note"), T=said("who noted"), RC=said("rich note"))
    annotation(pdf, page, "/Popup", Parent=note, Contents=said("popup"))


def media(pdf: Pdf, page: Object) -> None:
    annotation(pdf, page, "/Sound", Sound=stream(pdf, "sound", R=8000))
    annotation(pdf, page, "/Movie", Movie=Dictionary(F=said("movie")))
    annotation(pdf, page, "/Screen", A=Dictionary(S=Name.Rendition, JS=said("rendition")))
    annotation(pdf, page, "/RichMedia", RichMediaContent=Dictionary(Assets=said("rich media")))
    annotation(pdf, page, "/3D", **{"3DD": stream(pdf, "three dimensions")})


def fields(pdf: Pdf, page: Object) -> None:
    shown = form(pdf, b"BT /F1 9 Tf 2 4 Td (Shown in a field) Tj ET", Resources=page.Resources)
    shown.BBox = Array([0, 0, 100, 20])
    field = annotation(
        pdf,
        page,
        "/Widget",
        FT=Name.Btn,
        Ff=65_536,
        T=said("field"),
        TU=said("help"),
        AP=Dictionary(N=shown),
        F=4,
    )
    hidden = pdf.make_indirect(Dictionary(FT=Name.Tx, T=said("hidden field"), V=said("hidden value")))
    pdf.Root.AcroForm = Dictionary(Fields=Array([field, hidden]), DA=said("appearance"))


def signature(pdf: Pdf, page: Object) -> None:
    value = Dictionary(
        Type=Name.Sig, Reason=said("reason"), Location=said("place of signing"), Name=said("signer")
    )
    field = annotation(pdf, page, "/Widget", FT=Name.Sig, T=said("signature"), V=value)
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)


def thumbnail(pdf: Pdf, page: Object) -> None:
    page.Thumb = stream(pdf, "thumbnail", Width=1, Height=1, ColorSpace=Name.DeviceGray, BitsPerComponent=8)


def layers(pdf: Pdf, page: Object) -> None:
    layer = pdf.make_indirect(
        Dictionary(
            Type=Name.OCG,
            Name=said("layer"),
            Usage=Dictionary(CreatorInfo=Dictionary(Creator=said("creator"))),
        )
    )
    pdf.Root.OCProperties = Dictionary(
        OCGs=Array([layer]), D=Dictionary(Order=Array([layer]), Name=said("view"))
    )
    page.Resources.Properties = Dictionary(L1=layer)
    draw(pdf, page, b"/OC /L1 BDC BT /F1 9 Tf 50 500 Td (On a layer) Tj ET EMC")
    show(pdf, page, form(pdf, b"1 1 3 3 re f", OC=layer))


def outside(pdf: Pdf, page: Object) -> None:
    """Keys of the document that pages do not need."""
    pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(P=said("page label"))]))
    pdf.Root.OutputIntents = Array([Dictionary(S=Name.GTS_PDFX, Info=said("output intent"))])
    pdf.Root.Threads = Array([Dictionary(I=Dictionary(Author=said("thread")))])
    pdf.Root.URI = Dictionary(Base=said("base"))
    pdf.Root.Extensions = Dictionary(OWN=Dictionary(BaseVersion=Name("/1.7"), URL=said("extension")))
    pdf.Root.ViewerPreferences = Dictionary(Own=said("preference"))
    pdf.Root.DPartRoot = Dictionary(DPM=Dictionary(Own=said("part")))
    pdf.Root.Legal = Dictionary(Attestation=said("attestation"))
    pdf.Root.Dests = Dictionary({f"/{word('old place').decode()}": Array([page, Name.Fit])})
    page.Dur, page.Hid = 3, said("key of page")
    page.BoxColorInfo = Dictionary(Own=said("box colours"))


def outline(pdf: Pdf, page: Object) -> None:
    root = pdf.make_indirect(Dictionary(Type=Name.Outlines, Count=1, Own=said("key of outline")))
    first = Dictionary(
        Title=String("A heading"), Parent=root, Dest=said("named place"), Own=said("key of item")
    )
    second = Dictionary(
        Title=String("Another"), Parent=root, A=Dictionary(S=Name.Launch, F=said("launch of item"))
    )
    first, second = pdf.make_indirect(first), pdf.make_indirect(second)
    first.Next, second.Prev, root.First, root.Last = second, first, first, second
    pdf.Root.Outlines = root
    pdf.Root.Names = Dictionary(Dests=Dictionary(Names=Array([said("named place"), Array([page, Name.Fit])])))


def structure(pdf: Pdf, page: Object) -> None:
    tree = pdf.make_indirect(
        Dictionary(Type=Name.StructTreeRoot, ClassMap=Dictionary(Own=Dictionary(V=said("class"))))
    )
    part = pdf.make_indirect(
        Dictionary(Type=Name.StructElem, S=Name.P, P=tree, Pg=page, K=0, T=said("title of part"))
    )
    part.Alt = String(f"C:\\Users\\{word('path').decode()}\\photo.jpg")
    part.ActualText, part.ID = String("What is read aloud"), said("name of part")
    own = Dictionary(
        O=Name.UserProperties, P=Array([Dictionary(N=said("user property"), V=said("user value"))])
    )
    part.A = Array([own, Dictionary(O=Name.Table, Headers=Array([said("name of part")]), Scope=Name.Row)])
    tree.K, tree.ParentTree = Array([part]), Dictionary(Nums=Array([0, Array([part])]))
    tree.IDTree = Dictionary(Names=Array([said("name of part"), part]))
    pdf.Root.StructTreeRoot, page.StructParents = tree, 0
    pdf.Root.MarkInfo = Dictionary(Marked=True, Own=said("mark info"))
    draw(pdf, page, b"/P << /MCID 0 >> BDC BT /F1 9 Tf 50 400 Td (Marked) Tj ET EMC")


# --- instructions ---


def _hiding(place: str) -> bytes:
    """Instructions with words in every place among them where no reader looks."""
    places = {
        key: word(f"{place} {key}")
        for key in ("comment", "point", "mark", "unknown", "too many", "last", "alt")
    }
    return b"""%% %(comment)b
/Own << /Note (%(point)b) >> DP /Own MP
/Span << /Own (%(mark)b) /Alt (/Users/%(alt)b/picture.jpg) >> BDC 1 1 2 2 re f EMC
BX (%(unknown)b) own EX
(%(too many)b) 0 0 0 rg
0 g (%(last)b)""" % {key.encode(): value for key, value in places.items()}


def instructions(pdf: Pdf, page: Object) -> None:
    draw(pdf, page, _hiding("page"))


def forms(pdf: Pdf, page: Object) -> None:
    inner = form(
        pdf, _hiding("inner form"), Name=Name(f"/{word('name of form').decode()}"), Own=said("key of form")
    )
    show(
        pdf,
        page,
        form(pdf, b"/In Do\n" + _hiding("form"), Resources=Dictionary(XObject=Dictionary(In=inner))),
    )


def patterns(pdf: Pdf, page: Object) -> None:
    tile = pdf.make_stream(
        b"1 0 0 rg 0 0 5 5 re f\n" + _hiding("pattern"),
        Type=Name.Pattern,
        PatternType=1,
        PaintType=1,
        TilingType=1,
        BBox=Array([0, 0, 10, 10]),
        XStep=10,
        YStep=10,
        Resources=Dictionary(),
    )
    page.Resources.Pattern = Dictionary(P1=tile)
    draw(pdf, page, b"/Pattern cs /P1 scn 300 600 60 60 re f")


def glyphs(pdf: Pdf, page: Object) -> None:
    glyph = pdf.make_stream(b"600 0 d0 0 0 500 500 re f\n" + _hiding("glyph"))
    page.Resources.Font.F3 = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=Array([0, 0, 600, 600]),
        FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
        CharProcs=Dictionary(a=glyph),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name.a])),
        FirstChar=97,
        LastChar=97,
        Widths=Array([600]),
        Resources=Dictionary(),
        Name=Name(f"/{word('name of font').decode()}"),
    )
    draw(pdf, page, b"BT /F3 20 Tf 50 300 Td (a) Tj ET")


def properties(pdf: Pdf, page: Object) -> None:
    page.Resources.Properties = Dictionary(M1=Dictionary(MCID=0, Own=said("listed mark")))
    draw(pdf, page, b"/Span /M1 BDC 5 5 2 2 re f EMC")


# --- pictures ---


def photo(place: str) -> bytes:
    """A JPEG with a word in each of its places, and its own place in numbers."""
    jpeg = saved(
        quarters(SIZE),
        "JPEG",
        comment=word(f"{place} comment"),
        exif=exif_with_place(place, ">"),
        icc_profile=display_p3("P", word(f"{place} profile")),
    )
    for marker, body in (
        (0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + xmp(word(f"{place} packet"))),
        (0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + word(f"{place} IPTC")),
        (0xE5, word(f"{place} APP5")),
        (0xEE, b"Adobe\x00\x64\x00\x00\x00\x00\x01" + word(f"{place} behind Adobe")),
    ):
        jpeg = with_segment(jpeg, marker, body)
    return jpeg + word(f"{place} behind the end")


def photos(pdf: Pdf, page: Object) -> None:
    show(pdf, page, image(pdf, photo("JPEG"), Filter=Name.DCTDecode))
    packed = zlib.compress(photo("packed JPEG"))
    show(
        pdf,
        page,
        image(pdf, packed, Filter=Array([Name.FlateDecode, Name.DCTDecode])),
        b"120 0 0 80 300 200 cm",
    )
    mask = image(pdf, saved(quarters(SIZE).convert("L"), "JPEG", comment=word("mask")), Filter=Name.DCTDecode)
    mask.ColorSpace = Name.DeviceGray
    show(pdf, page, image(pdf, ROWS, SMask=mask), b"120 0 0 80 300 100 cm")


def inline_photo(pdf: Pdf, page: Object) -> None:
    digits = photo("JPEG within").hex().encode()
    draw(
        pdf,
        page,
        b"q 60 0 0 40 50 200 cm BI /W 120 /H 80 /BPC 8 /CS /RGB /F [/AHx /DCT] ID %s>\nEI Q" % digits,
    )


def rows(pdf: Pdf, page: Object) -> None:
    show(pdf, page, image(pdf, ROWS + word("behind rows")))
    show(pdf, page, image(pdf, zlib.compress(ROWS) + word("behind packed rows"), Filter=Name.FlateDecode))
    predicted = b"".join(b"\x00" + ROWS[at : at + 360] for at in range(0, len(ROWS), 360)) + word(
        "behind predicted"
    )
    how = Dictionary(Predictor=15, Colors=3, BitsPerComponent=8, Columns=120)
    show(pdf, page, image(pdf, zlib.compress(predicted), Filter=Name.FlateDecode, DecodeParms=how))
    draw(
        pdf,
        page,
        b"q 9 0 0 9 50 250 cm BI /W 1 /H 1 /BPC 8 /CS /G /F /AHx ID 7f%s> EI Q"
        % word("behind a pixel").hex().encode(),
    )


def odd_keys(pdf: Pdf, page: Object) -> None:
    other = image(pdf, ROWS, Own=said("key of other picture"))
    show(
        pdf,
        page,
        image(
            pdf,
            ROWS,
            Alternates=Array([Dictionary(Image=other)]),
            OPI=Dictionary(F=said("proxy")),
            ID=said("web capture"),
            Measure=Dictionary(X=said("measure")),
            PtData=Dictionary(XPTS=said("places of points")),
        ),
    )


def palette(pdf: Pdf, page: Object) -> None:
    colours = String(bytes(6) + word("behind palette"))
    listed = Array([Name.Indexed, Name.DeviceRGB, 1, colours])
    show(pdf, page, image(pdf, bytes(15 * 80), ColorSpace=listed, BitsPerComponent=1))


def fax(pdf: Pdf, page: Object) -> None:
    strip = _fax_of(quarters(SIZE).convert("1"))
    how = Dictionary(K=-1, Columns=SIZE[0], Rows=SIZE[1])
    picture = image(
        pdf, strip + word("behind fax"), Filter=Name.CCITTFaxDecode, DecodeParms=how, BitsPerComponent=1
    )
    picture.ColorSpace = Name.DeviceGray
    show(pdf, page, picture)


def _fax_of(picture: object) -> bytes:
    """The group 4 data that Pillow writes into a TIFF, without the TIFF."""
    tiff = saved(picture, "TIFF", compression="group4")  # type: ignore[arg-type]
    (first,) = struct.unpack_from("<I", tiff, 4)
    (count,) = struct.unpack_from("<H", tiff, first)
    entries = (struct.unpack_from("<HHII", tiff, first + 2 + 12 * number) for number in range(count))
    tags = {tag: value for tag, _, _, value in entries}
    return tiff[tags[273] : tags[273] + tags[279]]


def colours(pdf: Pdf, page: Object) -> None:
    profile = display_p3(word("name of profile").decode(), word("notice of profile"))
    picture = image(pdf, ROWS)
    picture.ColorSpace = Array([Name.ICCBased, pdf.make_stream(profile, N=3, Own=said("key of profile"))])
    show(pdf, page, picture)
    tint = pdf.make_stream(
        b"{ 0 0 0 %% %s\n 4 -1 roll }" % word("comment of function"),
        FunctionType=4,
        Domain=Array([0, 1]),
        Range=Array([0, 1] * 4),
    )
    spot = Array([Name.DeviceN, Array([Name.Spot]), Name.DeviceCMYK, tint, Dictionary(Own=said("attribute"))])
    page.Resources.ColorSpace = Dictionary(S1=spot)
    page.Resources.ExtGState = Dictionary(G1=Dictionary(HT=Dictionary(HalftoneName=said("halftone")), CA=1))
    draw(pdf, page, b"/G1 gs /S1 cs 0.5 scn 400 600 30 30 re f")


# --- fonts ---


def fonts(pdf: Pdf, page: Object) -> None:
    letters = pdf.make_stream(
        b"%%!PS %s\n1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfchar <61> <0061> endbfchar"
        % word("comment of letters"),
        Own=said("key of letters"),
    )
    system = Dictionary(
        Registry=String("Adobe"), Ordering=String(word("ordering").decode() + "!"), Supplement=0
    )
    page.Resources.Font.F4 = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=Name("/Own"),
        Encoding=Name("/Identity-H"),
        ToUnicode=letters,
        DescendantFonts=Array(
            [
                Dictionary(
                    Type=Name.Font,
                    Subtype=Name.CIDFontType2,
                    BaseFont=Name("/Own"),
                    CIDSystemInfo=system,
                    FontDescriptor=Dictionary(
                        Type=Name.FontDescriptor,
                        FontName=Name("/Own"),
                        Flags=4,
                        FontFamily=said("family"),
                        CharSet=said("set of letters"),
                        Style=Dictionary(Panose=said("style")),
                        FontFile2=pdf.make_stream(truetype(), Metadata=metadata(pdf, "XMP of font")),
                    ),
                )
            ]
        ),
    )


def truetype() -> bytes:
    """The tables of a font with no letters, and some that tell of it."""
    tables = {
        b"head": bytes(54),
        b"maxp": bytes(6),
        b"name": word("font names"),
        b"DSIG": word("font signature"),
    }
    directory, data = struct.pack(">IHHHH", 0x00010000, len(tables), 0, 0, 0), b""
    for tag, body in tables.items():
        directory += struct.pack(">4sIII", tag, 0, 12 + 16 * len(tables) + len(data), len(body))
        data += body + b"\x00" * (-len(body) % 4)
    return directory + data


PLACES: dict[str, Callable[[Pdf, Object], None]] = {
    each.__name__.replace("_", " "): each
    for each in (
        *(
            about,
            packets,
            programs,
            files,
            scripts,
            deeds,
            addresses,
            notes,
            media,
            fields,
            signature,
            thumbnail,
        ),
        *(layers, outside, outline, structure, instructions, forms, patterns, glyphs, properties, photos),
        *(inline_photo, rows, odd_keys, palette, fax, colours, fonts),
    )
}


# --- the file around it ---


def behind_the_back(data: bytes) -> bytes:
    """Words between the objects, in an object that nothing uses, in the trailer, and in a version that was replaced."""
    unused = b"99 0 obj\n(" + word("unused object") + b")\nendobj\n% " + word("between objects") + b"\n"
    older = data.replace(b"What everybody reads", word("older version"))
    start = len(older) + len(unused)
    number = _number_of(data)
    newer = b"%d 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (number, len(BODY), BODY)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, start)
    trailer = (
        b"trailer << /Size 100 /Root 1 0 R /Prev %d /Own (%s) /ID [<%s><%s>] >>\nstartxref\n%d\n%%%%EOF\n"
        % (
            older.rfind(b"xref\n0"),
            word("trailer"),
            *(word("identifier").hex().encode(),) * 2,
            start + len(newer),
        )
    )
    return older + unused + newer + table + trailer


def _number_of(data: bytes) -> int:
    """The number of the object that holds the page's instructions."""
    before = data[: data.index(b"What everybody reads")]
    return int(before[: before.rindex(b" 0 obj")].rpartition(b"\n")[2])
