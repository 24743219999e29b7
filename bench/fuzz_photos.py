"""What `bench.fuzz` tries on photos: good ones of all five formats are spoilt, and read like uploads and like renditions.

The pixels that are taken are fewer than in earnest, so that many more uploads are tried.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from tests.photos.pictures import quarters, saved
from tripupdates.photos import clean, intake, proof, removed
from tripupdates.practice import camera

LONGEST = 16_384  # bytes
_MOST_PIXELS = 1_000_000
_SIZE = (48, 36)


def seeds() -> dict[str, bytes]:
    """Good photos, small, with everything in them that is read."""
    takes: dict[str, Callable[..., bytes]] = {
        "jpeg": camera.take,
        "png": camera.take_png,
        "webp": camera.take_webp,
        "heic": camera.take_heic,
        "avif": camera.take_avif,
    }
    kinds: dict[str, dict[str, Any]] = {
        "JPEG": {"progressive": True},
        "PNG": {"optimize": True},
        "WEBP": {"lossless": True},
        "MPO": {"save_all": True, "append_images": [quarters(_SIZE)]},
    }
    made = {name: take(size=_SIZE) for name, take in takes.items()}
    made |= {f"plain {kind}": saved(quarters(_SIZE), kind, **how) for kind, how in kinds.items()}
    made |= {
        f"plain {mode}": saved(quarters(_SIZE).convert(mode), "PNG") for mode in ("1", "L", "LA", "P", "RGBA")
    }
    made["plain CMYK"] = saved(quarters(_SIZE).convert("CMYK"), "JPEG")
    for rendition in clean.clean(made["jpeg"]).renditions:
        made[rendition.name] = rendition.data
    return made


def ask(data: bytes) -> Iterator[Callable[[], str]]:
    """What is asked of an upload; each ask ends in a letter, or in Refused."""
    intake.MOST_PIXELS = _MOST_PIXELS
    upload = _put_right(data)
    proof.location_in(upload)
    proof.tags_in(upload)
    removed.end_of_picture(upload)
    yield lambda: _proven(upload)
    yield lambda: _cleaned(upload)


def _proven(upload: bytes) -> str:
    proof.prove(upload)
    return "p"


def _cleaned(upload: bytes) -> str:
    clean.clean(upload)
    return "c"


def _put_right(data: bytes) -> bytes:
    """With a PNG's checksums and a WebP's length put right, so that the decoder reads on."""
    made, at = bytearray(data), 8
    if data.startswith(b"RIFF"):
        made[4:8] = struct.pack("<I", max(len(data) - 8, 0))
    while data.startswith(b"\x89PNG") and at + 12 <= len(made):
        end = at + 8 + int.from_bytes(made[at : at + 4], "big")
        if end + 4 > len(made):
            break
        made[end : end + 4] = struct.pack(">I", zlib.crc32(made[at + 4 : end]))
        at = end + 4
    return bytes(made)
