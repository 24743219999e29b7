"""Uploads with planted words, as `planted` has them, in the other formats: PNG, WebP, HEIC and AVIF."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pillow_heif

from tests.photos import heif
from tests.photos.pictures import chunk, png, quarters, saved
from tests.photos.planted import (
    SECONDS,
    SIZE,
    Maker,
    Planted,
    by_exiftool,
    exif_with_place,
    profile,
    profile_in,
    secret_jpeg,
    word,
    xmp,
)

_TAGS = "EXIF:Artist EXIF:ImageDescription EXIF:OwnerName EXIF:GPSAreaInformation XMP-dc:Creator XMP-exif:GPSMapDatum"
_NUMBERS = struct.pack(">II", *SECONDS)


def png_texts(_: Path) -> Planted:
    """A word in each kind of text there is, plain and compressed, before and after the picture, and behind the end."""
    places = ("tEXt", "zTXt", "iTXt", "iTXt inflated", "raw profile", "eXIf", "prIv", "behind")
    words = {place: word(f"PNG {place}") for place in places}
    raw = b"\nexif\n%8d\n%s\n" % (len(words["raw profile"]), words["raw profile"].hex().encode())
    before = (
        chunk(b"tEXt", b"Comment\x00" + words["tEXt"])
        + chunk(b"zTXt", b"Author\x00\x00" + zlib.compress(words["zTXt"]))
        + chunk(b"eXIf", exif_with_place("PNG eXIf", ">").removeprefix(b"Exif\x00\x00"))
        + chunk(b"prIv", words["prIv"])
    )
    after = (
        chunk(b"iTXt", b"Title\x00\x00\x00en\x00Title\x00" + words["iTXt"])
        + chunk(b"iTXt", b"Description\x00\x01\x00en\x00\x00" + zlib.compress(words["iTXt inflated"]))
        + chunk(b"zTXt", b"Raw profile type exif\x00\x00" + zlib.compress(raw))
    )
    rows = (b"\x00" + bytes(48)) * 16
    made = png((16, 16), 8, 2, rows, before=before, after=after) + words["behind"]
    del words["eXIf"]
    read = (*(words[place] for place in places[:4]), word("PNG eXIf description"))
    return Planted(made, (*words.values(), _NUMBERS, word("PNG eXIf description")), read)


def png_surplus(_: Path) -> Planted:
    """More compressed data than the picture has rows, and a colour that nobody sees in a palette."""
    surplus, palette = word("PNG surplus"), word("PNG palette").ljust(30, b"!")
    made = png(
        (16, 16), 8, 3, (b"\x00" + bytes(16)) * 16 + surplus, before=chunk(b"PLTE", bytes(3) + palette)
    )
    return Planted(made, (surplus, palette))


def webp_chunks(_: Path) -> Planted:
    """EXIF, XMP and a profile by Pillow, a chunk of nobody's, and bytes behind the end."""
    unknown, behind, source = word("WebP unknown"), word("WebP behind"), word("WebP XMP")
    made = saved(
        quarters(SIZE),
        "WEBP",
        exif=exif_with_place("WebP EXIF", "<"),
        xmp=xmp(b"<dc:source>" + source + b"</dc:source>"),
        icc_profile=profile(b"WEBPICC"),
    )
    inside = made[8:] + b"LEAK" + struct.pack("<I", len(unknown)) + unknown + bytes(len(unknown) % 2)
    made = b"RIFF" + struct.pack("<I", len(inside)) + inside + behind
    words = (
        unknown,
        behind,
        source,
        _NUMBERS,
        word("WebP EXIF description"),
        b"WEBPICC copyright",
        b"WEBPICC P3",
    )
    return Planted(made, words, words[-3:])


def heic_by_library(_: Path) -> Planted:
    """Two photos in one HEIC by pillow-heif, each with EXIF and XMP, the first with a profile."""
    pair = pillow_heif.from_pillow(quarters((128, 64)))
    pair.add_from_pillow(quarters((128, 64)))
    for place, image in zip(("HEIC first", "HEIC second"), pair, strict=True):
        image.info["exif"] = exif_with_place(place, ">")
        image.info["xmp"] = xmp(b"<dc:source>" + word(f"{place} XMP") + b"</dc:source>")
        if place == "HEIC first":
            image.info["icc_profile"] = profile(b"HEICICC")
    buffer = BytesIO()
    pair.save(buffer, quality=60)
    words = [word(f"HEIC {which} {what}") for which in ("first", "second") for what in ("description", "XMP")]
    icc = (b"HEICICC copyright", b"HEICICC P3")
    return Planted(buffer.getvalue(), (*words, _NUMBERS, *icc), (words[0], *icc))


def by_hand(brand: bytes) -> Maker:
    """Boxes as phones write them: a depth map or gain map with XMP of its own, a thumbnail, a tagged region, names."""
    name = brand.decode()
    places = (
        "handler",
        "item",
        "user description",
        "auxiliary",
        "XMP",
        "uuid",
        "free",
        "URI",
        "behind",
        "thumbnail",
    )
    words = {place: word(f"{name} {place}") for place in places}
    config, data = heif.coded(brand, (64, 64))
    small_config, small = heif.coded(brand, (16, 16), "red")
    kind = b"av01" if brand == b"avif" else b"hvc1"
    described = heif.full(b"udes", b"en\x00Name\x00", words["user description"], b"\x00tags\x00")
    auxiliary = heif.full(b"auxC", b"urn:com:apple:photo:2020:aux:", words["auxiliary"], b"\x00")
    properties = [heif.spatial(64, 64), config, described, heif.spatial(16, 16), small_config, auxiliary]
    exif = b"\x00\x00\x00\x06Exif\x00\x00" + exif_with_place(name, "<").removeprefix(b"Exif\x00\x00")
    packet = xmp(b"<dc:source>" + words["XMP"] + b"</dc:source>")
    items = [
        heif.Item(kind, data, (1, 2, 3), words["item"]),
        heif.Item(kind, small, (4, 5, 6)),
        heif.Item(kind, small, (4, 5)),
        heif.Item(b"Exif", exif),
        heif.Item(b"mime", packet, more=b"application/rdf+xml\x00"),
        heif.Item(b"uri ", b"nothing", more=words["URI"] + b"\x00"),
        heif.Item(b"jpeg", secret_jpeg(f"{name} thumbnail"), (4,)),
    ]
    references = [
        heif.Reference(b"auxl", 2, [1]),
        heif.Reference(b"thmb", 3, [1]),
        heif.Reference(b"cdsc", 4, [1]),
        heif.Reference(b"cdsc", 5, [2]),
    ]
    more = heif.box(b"free", words["free"]) + heif.box(b"uuid", bytes(range(16)), words["uuid"])
    made = heif.file(items, properties, references, brand=brand, handler=words["handler"], more=more)
    made += heif.box(b"free", words["behind"])
    read = (word(f"{name} description"),)
    return lambda _: Planted(made, (*words.values(), *read, _NUMBERS), read)


def _heic() -> bytes:
    buffer = BytesIO()
    pillow_heif.from_pillow(quarters((128, 64))).save(buffer, quality=60)
    return buffer.getvalue()


def avif_by_library(_: Path) -> Planted:
    """EXIF, XMP and a profile, as an editor writes them."""
    source = word("AVIF XMP")
    made = saved(
        quarters((128, 64)),
        "AVIF",
        speed=9,
        exif=exif_with_place("AVIF EXIF", ">"),
        xmp=xmp(b"<dc:source>" + source + b"</dc:source>"),
        icc_profile=profile(b"AVIFICC"),
    )
    words = (source, _NUMBERS, word("AVIF EXIF description"), b"AVIFICC copyright", b"AVIFICC P3")
    return Planted(made, words, words[-3:])


_PNG_TAGS = f"{_TAGS} PNG:Comment PNG:Author PNG:Description PNG:Source"
OTHERS: dict[str, Maker] = {
    "PNG": png_texts,
    "PNG surplus": png_surplus,
    "PNG by exiftool": by_exiftool(saved(quarters(SIZE), "PNG"), ".png", _PNG_TAGS),
    "PNG by exiftool, compressed": by_exiftool(
        saved(quarters(SIZE), "PNG"), ".png", _PNG_TAGS, "-z", label="compressed"
    ),
    "PNG with a profile": profile_in("PNG", b"ICCINPN"),
    "WebP": webp_chunks,
    "WebP by exiftool": by_exiftool(saved(quarters(SIZE), "WEBP"), ".webp", _TAGS),
    "HEIC": heic_by_library,
    "HEIC by exiftool": by_exiftool(_heic(), ".heic", _TAGS),
    "HEIC by hand": by_hand(b"heic"),
    "AVIF": avif_by_library,
    "AVIF by exiftool": by_exiftool(saved(quarters((128, 64)), "AVIF", speed=9), ".avif", _TAGS),
    "AVIF by hand": by_hand(b"avif"),
}
