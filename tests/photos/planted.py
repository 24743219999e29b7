"""Uploads with a word planted in each place where a phone, an editor or a website writes something into a photo.

Made in the test run by exiftool, ffmpeg, Pillow and pillow-heif, and laid by hand where none of them writes it. Each
word stands for its place alone, so that a leak says where it came from.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from tests.photos.pictures import quarters, saved
from tests.photos.traces import exiftool
from tripupdates.practice import camera


@dataclass(frozen=True)
class Planted:
    """An upload, every word in it, and those of them that exiftool reads there too."""

    upload: bytes
    words: tuple[bytes, ...]
    read: tuple[bytes, ...] = ()

    @property
    def suffix(self) -> str:
        """What such a file is called, for exiftool passes over names that it does not know."""
        starts = {b"\xff\xd8": ".jpg", b"\x89P": ".png", b"RI": ".webp"}
        return starts.get(self.upload[:2], ".avif" if self.upload[8:12] == b"avif" else ".heic")


Maker = Callable[[Path], Planted]
"""Given a folder to work in, makes an upload."""

SIZE = (600, 450)


def word(place: str) -> bytes:
    """The word for a place: long enough that it is nowhere by chance."""
    return f"LeakFrom{''.join(filter(str.isalnum, place))}Zq".encode()


def by_exiftool(upload: bytes, suffix: str, tags: str, *more: str, label: str = "") -> Maker:
    """The upload as exiftool writes it with a word in each of `tags`, all of which it must read again."""

    def make(folder: Path) -> Planted:
        path = folder / f"by_exiftool{suffix}"
        path.write_bytes(upload)
        words = {tag: word(f"{suffix} {label} {tag}") for tag in tags.split()}
        exiftool(
            "-q",
            *(f"-{tag}={text.decode()}" for tag, text in words.items()),
            *more,
            path,
            "-o",
            f"{path}.out",
        )
        made = Path(f"{path}.out").read_bytes()
        for left in (path, Path(f"{path}.out")):
            left.unlink()
        return Planted(made, tuple(words.values()), tuple(words.values()))

    return make


def jpeg(**options: object) -> bytes:
    """A plain JPEG."""
    return saved(quarters(SIZE), "JPEG", **options)


def secret_jpeg(place: str) -> bytes:
    """A small JPEG with a word of its own, in its comment and with its EXIF's place."""
    return saved(quarters((32, 24)), "JPEG", comment=word(place), exif=exif_with_place(place, "<"))


SECONDS = (0x30A5B7C1, 0x00F4240B)  # of latitude: no camera's, so that its bytes are a word


def exif_with_place(place: str, order: str) -> bytes:
    """EXIF with a place in numbers, in either order of bytes."""
    exif = Image.Exif()
    exif.endian = order
    exif[0x010E] = word(f"{place} description").decode()
    gps = exif.get_ifd(0x8825)
    gps[1], gps[3] = "N", "W"
    gps[2] = tuple(IFDRational(*pair) for pair in ((54, 1), (27, 1), SECONDS))
    gps[4] = tuple(IFDRational(*pair) for pair in ((3, 1), (5, 1), SECONDS))
    return exif.tobytes()


def xmp(inside: bytes) -> bytes:
    """A packet that exiftool takes, with this inside."""
    return (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"'
        b' xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"'
        b' hdrgm:Version="1.0">' + inside + b"</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def profile(tag: bytes) -> bytes:
    """A colour profile with another name than the practice camera's: seven letters."""
    return camera.display_p3().replace(b"PLANTED", tag).replace(_wide(b"PLANTED"), _wide(tag))


def _wide(text: bytes) -> bytes:
    return text.decode().encode("utf-16-be")


def profile_in(kind: str, tag: bytes) -> Maker:
    """A colour profile whose name and copyright tell something."""
    words = (tag + b" copyright", tag + b" P3")
    return lambda _: Planted(saved(quarters(SIZE), kind, icc_profile=profile(tag)), words, words)
