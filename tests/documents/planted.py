"""Words planted in each place of a PDF where a program or a person can leave something that no reader sees.

Each place is one small function that writes its word into a sound document of one page; each word stands for its place
alone, so that a leak says where it came from. What is drawn has its places in `planted_drawn`.
"""

from collections.abc import Callable

from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from tests.documents import planted_drawn
from tests.documents.making import BODY, ROWS, annotation, draw, form, image, metadata, said, show, stream
from tests.photos import planted as words


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
            pdf,
            page,
            "/Link",
            A=Dictionary(S=Name.URI, URI=String(address.format(words.word(place).decode()))),
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
    pdf.Root.Dests = Dictionary({f"/{words.word('old place').decode()}": Array([page, Name.Fit])})
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
    part.Alt = String(f"C:\\Users\\{words.word('path').decode()}\\photo.jpg")
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
        *(layers, outside, outline, structure, *planted_drawn.EACH),
    )
}


# --- the file around it ---


def behind_the_back(data: bytes) -> bytes:
    """Words between the objects, in an object that nothing uses, in the trailer, and in a version that was replaced."""
    unused = (
        b"99 0 obj\n("
        + words.word("unused object")
        + b")\nendobj\n% "
        + words.word("between objects")
        + b"\n"
    )
    older = data.replace(b"What everybody reads", words.word("older version"))
    start = len(older) + len(unused)
    number = _number_of(data)
    newer = b"%d 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (number, len(BODY), BODY)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, start)
    trailer = (
        b"trailer << /Size 100 /Root 1 0 R /Prev %d /Own (%s) /ID [<%s><%s>] >>\nstartxref\n%d\n%%%%EOF\n"
        % (
            older.rfind(b"xref\n0"),
            words.word("trailer"),
            *(words.word("identifier").hex().encode(),) * 2,
            start + len(newer),
        )
    )
    return older + unused + newer + table + trailer


def _number_of(data: bytes) -> int:
    """The number of the object that holds the page's instructions."""
    before = data[: data.index(b"What everybody reads")]
    return int(before[: before.rindex(b" 0 obj")].rpartition(b"\n")[2])
