"""The kinds of files on pages: what each is, and how long caches may keep it. One table for every way of handing out. Pure.

A page and a photo must fade soon, for a photo may be withdrawn; a style sheet is named after its bytes. nginx's example in
`deploy/` says the same, and a test compares them.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

PAGE_AGE, PHOTO_AGE, CSS_AGE = 60, 300, 31536000  # seconds


@dataclass(frozen=True)
class Kind:
    """`age` in seconds. What is `text` lies there packed as well."""

    mime: str
    age: int
    text: bool = False

    @property
    def caching(self) -> str:
        """As Cache-Control says it."""
        return f"max-age={self.age}" + (", immutable" if self.age == CSS_AGE else "")


KINDS = {
    ".html": Kind("text/html", PAGE_AGE, text=True),
    ".txt": Kind("text/plain", PHOTO_AGE, text=True),
    ".css": Kind("text/css", CSS_AGE, text=True),
    ".js": Kind("text/javascript", CSS_AGE, text=True),
    ".svg": Kind("image/svg+xml", PHOTO_AGE, text=True),
    ".xml": Kind("application/xml", PHOTO_AGE, text=True),
    ".json": Kind("application/feed+json", PHOTO_AGE, text=True),
    ".png": Kind("image/png", PHOTO_AGE),
    ".jpg": Kind("image/jpeg", PHOTO_AGE),
    ".avif": Kind("image/avif", PHOTO_AGE),
    ".pdf": Kind("application/pdf", PHOTO_AGE),
}
OTHER = Kind("application/octet-stream", PAGE_AGE)
PACKED = {".br": "br", ".gz": "gzip"}  # beside each text, the best first


def kind(path: str) -> Kind:
    """What a file is, packed or not."""
    return KINDS.get(PurePosixPath(unpacked(path)).suffix, OTHER)


def packing(path: str) -> str:
    """How a file is packed, as Content-Encoding says it; '' where it is not."""
    return PACKED.get(PurePosixPath(path).suffix, "")


def unpacked(path: str) -> str:
    """What a packed file is the packing of."""
    return path[: -len(PurePosixPath(path).suffix)] if packing(path) else path
