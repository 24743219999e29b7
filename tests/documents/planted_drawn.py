"""Words planted in what a PDF draws: among its instructions, in its pictures, colours and fonts."""

import struct
import zlib

from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from tests.documents.making import ROWS, SIZE, draw, form, image, metadata, said, show
from tests.photos import planted as words
from tests.photos.pictures import quarters, saved, with_segment
from tests.photos.planted import exif_with_place, xmp
from tripupdates.photos.profiles import display_p3

# --- instructions ---


def _hiding(place: str) -> bytes:
    """Instructions with words in every place among them where no reader looks."""
    places = {
        key: words.word(f"{place} {key}")
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
        pdf,
        _hiding("inner form"),
        Name=Name(f"/{words.word('name of form').decode()}"),
        Own=said("key of form"),
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
        Name=Name(f"/{words.word('name of font').decode()}"),
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
        comment=words.word(f"{place} comment"),
        exif=exif_with_place(place, ">"),
        icc_profile=display_p3("P", words.word(f"{place} profile")),
    )
    for marker, body in (
        (0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + xmp(words.word(f"{place} packet"))),
        (0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + words.word(f"{place} IPTC")),
        (0xE5, words.word(f"{place} APP5")),
        (0xEE, b"Adobe\x00\x64\x00\x00\x00\x00\x01" + words.word(f"{place} behind Adobe")),
    ):
        jpeg = with_segment(jpeg, marker, body)
    return jpeg + words.word(f"{place} behind the end")


def photos(pdf: Pdf, page: Object) -> None:
    show(pdf, page, image(pdf, photo("JPEG"), Filter=Name.DCTDecode))
    packed = zlib.compress(photo("packed JPEG"))
    show(
        pdf,
        page,
        image(pdf, packed, Filter=Array([Name.FlateDecode, Name.DCTDecode])),
        b"120 0 0 80 300 200 cm",
    )
    mask = image(
        pdf, saved(quarters(SIZE).convert("L"), "JPEG", comment=words.word("mask")), Filter=Name.DCTDecode
    )
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
    show(pdf, page, image(pdf, ROWS + words.word("behind rows")))
    show(
        pdf, page, image(pdf, zlib.compress(ROWS) + words.word("behind packed rows"), Filter=Name.FlateDecode)
    )
    predicted = b"".join(b"\x00" + ROWS[at : at + 360] for at in range(0, len(ROWS), 360)) + words.word(
        "behind predicted"
    )
    how = Dictionary(Predictor=15, Colors=3, BitsPerComponent=8, Columns=120)
    show(pdf, page, image(pdf, zlib.compress(predicted), Filter=Name.FlateDecode, DecodeParms=how))
    draw(
        pdf,
        page,
        b"q 9 0 0 9 50 250 cm BI /W 1 /H 1 /BPC 8 /CS /G /F /AHx ID 7f%s> EI Q"
        % words.word("behind a pixel").hex().encode(),
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
    colours = String(bytes(6) + words.word("behind palette"))
    listed = Array([Name.Indexed, Name.DeviceRGB, 1, colours])
    show(pdf, page, image(pdf, bytes(15 * 80), ColorSpace=listed, BitsPerComponent=1))


def fax(pdf: Pdf, page: Object) -> None:
    strip = _fax_of(quarters(SIZE).convert("1"))
    how = Dictionary(K=-1, Columns=SIZE[0], Rows=SIZE[1])
    picture = image(
        pdf, strip + words.word("behind fax"), Filter=Name.CCITTFaxDecode, DecodeParms=how, BitsPerComponent=1
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
    profile = display_p3(words.word("name of profile").decode(), words.word("notice of profile"))
    picture = image(pdf, ROWS)
    picture.ColorSpace = Array([Name.ICCBased, pdf.make_stream(profile, N=3, Own=said("key of profile"))])
    show(pdf, page, picture)
    tint = pdf.make_stream(
        b"{ 0 0 0 %% %s\n 4 -1 roll }" % words.word("comment of function"),
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
        % words.word("comment of letters"),
        Own=said("key of letters"),
    )
    system = Dictionary(
        Registry=String("Adobe"), Ordering=String(words.word("ordering").decode() + "!"), Supplement=0
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
        b"name": words.word("font names"),
        b"DSIG": words.word("font signature"),
    }
    directory, data = struct.pack(">IHHHH", 0x00010000, len(tables), 0, 0, 0), b""
    for tag, body in tables.items():
        directory += struct.pack(">4sIII", tag, 0, 12 + 16 * len(tables) + len(data), len(body))
        data += body + b"\x00" * (-len(body) % 4)
    return directory + data


EACH = (
    *(instructions, forms, patterns, glyphs, properties, photos, inline_photo, rows, odd_keys, palette, fax),
    *(colours, fonts),
)
