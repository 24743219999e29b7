"""JPEGs with planted words, as `planted` has them: by exiftool and ffmpeg, and segments and trailers laid by hand."""

import hashlib
import struct
import subprocess
from pathlib import Path

import imageio_ffmpeg
import piexif
from PIL import Image

from tests.photos import heif
from tests.photos.pictures import quarters, saved, with_segment
from tests.photos.planted import (
    SECONDS,
    SIZE,
    Maker,
    Planted,
    by_exiftool,
    exif_with_place,
    jpeg,
    profile_in,
    secret_jpeg,
    word,
    xmp,
)

_XMP, _EXTENDED = b"http://ns.adobe.com/xap/1.0/\x00", b"http://ns.adobe.com/xmp/extension/\x00"
_TAGS = "EXIF:Artist EXIF:ImageDescription EXIF:OwnerName EXIF:SerialNumber EXIF:LensModel EXIF:XPAuthor EXIF:Copyright"
_TAGS += (
    " EXIF:UserComment EXIF:HostComputer EXIF:GPSAreaInformation EXIF:GPSProcessingMethod EXIF:GPSMapDatum"
)
_XMP_TAGS = (
    "XMP-dc:Creator XMP-dc:Description XMP-aux:SerialNumber XMP-photoshop:City XMP-iptcExt:PersonInImage"
)
_XMP_TAGS += " XMP-mwg-rs:RegionName XMP-xmpMM:DocumentID XMP-exif:GPSMapDatum"
_IPTC_TAGS = "IPTC:Caption-Abstract IPTC:City IPTC:Sub-location IPTC:By-line IPTC:Keywords IPTC:Credit"


def place_in_numbers(order: str) -> Maker:
    """A GPS position, as phones write it."""
    name = f"GPS {order == '<'}"
    numbers = struct.pack(">II", *SECONDS)
    planted = jpeg(exif=exif_with_place(name, order))
    return lambda _: Planted(planted, (numbers, word(f"{name} description")), (word(f"{name} description"),))


def maker_note_and_thumbnail(_: Path) -> Planted:
    """What only a camera writes: bytes of its own, and a small JPEG with metadata of its own."""
    note, inside = word("maker note"), word("thumbnail")
    block = piexif.dump(
        {
            "0th": {piexif.ImageIFD.Make: b"Practice"},
            "Exif": {piexif.ExifIFD.MakerNote: note + b" 54.4584 N"},
            "1st": {piexif.ImageIFD.Compression: 6},
            "thumbnail": saved(quarters((160, 120)), "JPEG", comment=inside),
        }
    )
    return Planted(jpeg(exif=block), (note, inside), (note,))


def extended_xmp(_: Path) -> Planted:
    """XMP too long for a segment: the rest in two more, named by its hash."""
    first, second = word("extended XMP"), word("extended XMP, end")
    rest = xmp(f"<dc:source>{first.decode()}{' ' * 70_000}{second.decode()}</dc:source>".encode())
    name = hashlib.md5(rest, usedforsecurity=False).hexdigest().upper().encode()
    main = xmp(b"<xmpNote:HasExtendedXMP>" + name + b"</xmpNote:HasExtendedXMP>")
    upload = jpeg()
    for at in (60_000, 0):
        head = _EXTENDED + name + struct.pack(">II", len(rest), at)
        upload = with_segment(upload, 0xE1, head + rest[at : at + 60_000])
    return Planted(with_segment(upload, 0xE1, _XMP + main), (first, second), (first, second))


def photoshop(_: Path) -> Planted:
    """Resources as Photoshop writes them: IPTC, a caption, and an address."""
    caption, address, city = word("8BIM caption"), word("8BIM address"), word("8BIM IPTC")
    resources = (
        (0x03F0, bytes([len(caption)]) + caption),
        (0x040B, address),
        (0x0404, struct.pack(">BBBH", 0x1C, 2, 90, len(city)) + city),
    )
    body = b"".join(
        struct.pack(">4sHHI", b"8BIM", number, 0, len(data)) + data + bytes(len(data) % 2)
        for number, data in resources
    )
    upload = with_segment(jpeg(), 0xED, b"Photoshop 3.0\x00" + body)
    return Planted(upload, (caption, address, city), (caption, address, city))


def jfxx(_: Path) -> Planted:
    """JFIF's own thumbnails (JFIF 1.02): a JPEG, and one of plain colours whose bytes are a word."""
    inside, colours = word("JFXX JPEG"), word("JFXX colours").ljust(27, b"!")
    plain = b"JFXX\x00\x13\x03\x03" + colours
    upload = jpeg()
    for body in (plain, b"JFXX\x00\x10" + secret_jpeg("JFXX JPEG")):
        upload = upload[:20] + with_segment(upload[:2] + upload[20:], 0xE0, body)[2:]
    return Planted(upload, (inside, colours))


def content_credentials(_: Path) -> Planted:
    """C2PA's box (JUMBF, ISO/IEC 19566-5) in APP11: who edited what."""
    label, claim = word("C2PA label"), word("C2PA claim")
    described = heif.box(
        b"jumd", b"json\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71", b"\x03", label, b"\x00"
    )
    inner = heif.box(b"jumb", described, heif.box(b"json", b'{"author": "' + claim + b'"}'))
    store = heif.box(b"jumd", b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71", b"\x03c2pa\x00")
    upload = with_segment(jpeg(), 0xEB, b"JP\x00\x01\x00\x00\x00\x01" + heif.box(b"jumb", store, inner))
    return Planted(upload, (label, claim), (claim,))


def every_segment(_: Path) -> Planted:
    """All application segments there are, most with no meaning at all, and words where no segment is."""
    upload, words = jpeg(), []
    for number in range(1, 16):
        words.append(word(f"APP{number}"))
        upload = with_segment(upload, 0xE0 + number, words[-1] + bytes(4))
    words += [word("between segments"), word("after the end")]
    at = upload.index(b"\xff\xdb")
    return Planted(upload[:at] + words[-2] + upload[at:] + words[-1], tuple(words))


def second_image(_: Path) -> Planted:
    """Two photos in one file (MPF, CIPA DC-007): the second has a place of its own."""
    words = (word("MPF second"), word("MPF second description"))
    return Planted(_mpf(jpeg(), secret_jpeg("MPF second")), words, words)


def ultra_hdr(_: Path) -> Planted:
    """Android's Ultra HDR: a gain map behind the photo, said in MPF and XMP, with XMP of its own."""
    words = tuple(map(word, ("Ultra HDR", "gain map XMP", "gain map", "gain map description")))
    gain = with_segment(
        secret_jpeg("gain map"), 0xE1, _XMP + xmp(b"<dc:source>" + words[1] + b"</dc:source>")
    )
    main = with_segment(jpeg(), 0xE1, _XMP + xmp(b"<dc:source>" + words[0] + b"</dc:source>"))
    return Planted(_mpf(main, gain), words, (words[0], *words[2:]))


def _mpf(first: bytes, second: bytes) -> bytes:
    """The first JPEG with an index of both, then the second. The index adds 90 bytes; its places count from byte 10."""
    images = ((0x030000, len(first) + 90, 0), (0, len(second), len(first) + 90 - 10))
    directory = struct.pack("<HHHI4s", 3, 0xB000, 7, 4, b"0100")
    directory += struct.pack("<HHII", 0xB001, 4, 1, 2) + struct.pack("<HHII", 0xB002, 7, 32, 50) + bytes(4)
    entries = b"".join(struct.pack("<IIIHH", *image, 0, 0) for image in images)
    return with_segment(first, 0xE2, b"MPF\x00II*\x00\x08\x00\x00\x00" + directory + entries) + second


def video(folder: Path) -> bytes:
    """A second of film as phones put it behind a photo, with its own place and comment, by ffmpeg."""
    path = folder / "film.mov"
    told = [f"-metadata:g {key}={word(f'film {key}').decode()}" for key in ("title", "comment")]
    how = f"-f lavfi -i color=c=green:s=64x48:d=0.2 -brand mp42 -metadata location=+54.4584-003.0964/ {' '.join(told)}"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", *how.split(), str(path)]
    subprocess.run(command, check=True, timeout=60)
    film = path.read_bytes()
    path.unlink()
    return film


FILM_WORDS = (word("film title"), word("film comment"), b"+54.4584-003.0964")


def motion_photo(folder: Path) -> Planted:
    """Android's Motion Photo: XMP says that a film follows, and it does."""
    film = video(folder)
    motion = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
        b' xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" GCamera:MotionPhoto="1" GCamera:MicroVideo="1"'
        b' GCamera:MicroVideoOffset="%d"/></rdf:RDF>' % len(film)
    )
    return Planted(with_segment(jpeg(), 0xE1, _XMP + motion) + film, FILM_WORDS)


def samsung_trailer(folder: Path) -> Planted:
    """Samsung's: named blocks behind the photo, then their directory, and one of them is a film."""
    name, text = word("Samsung name"), word("Samsung block")
    blocks = [
        struct.pack("<HHI", 0, kind, len(key)) + key + data
        for kind, key, data in ((0x0A01, name, text), (0x0A30, b"MotionPhoto_Data", video(folder)))
    ]
    directory, behind = b"", 0
    for kind, block in zip((0x0A30, 0x0A01), reversed(blocks), strict=True):
        behind += len(block)
        directory = struct.pack("<HHII", 0, kind, behind, len(block)) + directory
    head = b"SEFH" + struct.pack("<II", 106, 2) + directory
    tail = head + struct.pack("<I", len(head)) + b"SEFT"
    return Planted(jpeg() + b"".join(blocks) + tail, (name, text, *FILM_WORDS))


def cmyk(_: Path) -> Planted:
    """From a print shop: four inks, Adobe's mark, EXIF and a comment."""
    words = (word("CMYK"), word("CMYK description"))
    picture = Image.new("CMYK", SIZE, (0, 200, 100, 10))
    made = saved(picture, "JPEG", exif=exif_with_place("CMYK", ">"), comment=words[0])
    assert b"Adobe" in made
    return Planted(made, words, words)


JPEGS: dict[str, Maker] = {
    "EXIF": by_exiftool(jpeg(), ".jpg", _TAGS),
    "EXIF in a progressive JPEG": by_exiftool(
        jpeg(progressive=True), ".jpg", f"{_TAGS} {_XMP_TAGS} Comment", label="progressive"
    ),
    "GPS, big-endian": place_in_numbers(">"),
    "GPS, little-endian": place_in_numbers("<"),
    "maker note and thumbnail": maker_note_and_thumbnail,
    "XMP": by_exiftool(
        jpeg(), ".jpg", _XMP_TAGS, "-XMP-exif:GPSLatitude=54.4584", "-XMP-exif:GPSLongitude=-3.0964"
    ),
    "extended XMP": extended_xmp,
    "IPTC": by_exiftool(jpeg(), ".jpg", _IPTC_TAGS),
    "Photoshop": photoshop,
    "ICC": profile_in("JPEG", b"ICCLEAK"),
    "comment": by_exiftool(jpeg(), ".jpg", "Comment"),
    "JFXX": jfxx,
    "C2PA": content_credentials,
    "every segment": every_segment,
    "MPF": second_image,
    "Ultra HDR": ultra_hdr,
    "Motion Photo": motion_photo,
    "Samsung trailer": samsung_trailer,
    "CMYK": cmyk,
}
