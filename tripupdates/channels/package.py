"""A finished message as one file, for a place where people post by hand: the words, and the pictures as JPEGs. Pure."""

import zipfile
from io import BytesIO

from tripupdates.channels.contract import Post

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # a zip wants a date; this one tells nothing of when
SHOWN = "What the pictures show, for people who cannot see them:"


def zipped(post: Post) -> bytes:
    """The same message makes the same bytes: `text.txt` with words and alt texts, and photo-1.jpg, photo-2.jpg ..."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        _add(package, "text.txt", _words(post).encode())
        for number, picture in enumerate(post.pictures, 1):
            _add(package, name_of(number), picture.jpeg)
    return file.getvalue()


def name_of(number: int) -> str:
    """What a picture's file is called."""
    return f"photo-{number}.jpg"


def _add(package: zipfile.ZipFile, name: str, data: bytes) -> None:
    package.writestr(zipfile.ZipInfo(name, FIRST_DAY), data)  # stored as it is: a JPEG does not get smaller


def _words(post: Post) -> str:
    alts = [f"{name_of(number)}: {picture.alt}" for number, picture in enumerate(post.pictures, 1)]
    return "\n".join([post.text, *(["", SHOWN, *alts] if alts else []), ""])
