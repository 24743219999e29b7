"""What an upload is, told by its content and never by its name, and refused kindly before anything opens it. Pure."""

import re

from tripupdates.vocabulary import Refused, TooLarge

MOST_BYTES = 20_000_000
MOST_PAGES = 60

_AGAIN = "Please save it again as a PDF from the program in which it was made, and send that."
_AS_PDF = "Please open it and save it as a PDF (in Word: File, Save as, PDF), and send that."
EMPTY = f"This file is empty. {_AGAIN}"
NOT_A_PDF = f"This is not a PDF. {_AS_PDF}"
DAMAGED = f"This PDF is damaged, or only part of it arrived. {_AGAIN}"
SOMETHING_ELSE = f"Something that is not a PDF stands before or behind this one in the same file. {_AGAIN}"
TOO_MANY_BYTES = (
    "This PDF is too large: the most is 20 MB. Please save it with smaller pictures (in Word: “Minimum size”; "
    "elsewhere: “for screens”, or “reduced size”)."
)
TOO_MANY_PAGES = f"This PDF has too many pages: the most is {MOST_PAGES}. Please send it in parts."
TOO_MUCH = (
    "This PDF is too large inside: its pictures and drawings take us too long to open. Please save it with smaller "
    "pictures (“for screens”, or “reduced size”)."
)
PASSWORD = "This PDF asks for a password. Please save it again without one."  # noqa: S105 - a sentence
FORM = "This is a form that only one program can show. Please print it to PDF, and send that."
BUNDLE = "This is a bundle of files, and not one document. Please send the newsletter in it by itself."
HIDDEN_LAYERS = (
    "Some layers of this PDF are switched off, and still in it. Please save it with the layers that you want only, or "
    "print it to PDF."
)
NOT_BLACKED_OUT = "Parts of this PDF are marked to be blacked out, and are not yet. Please finish that first, then save it again."
ODD_PICTURE = (
    "A picture in this PDF is stored in a way that we cannot clean (JPEG 2000 or JBIG2, as scanners do). "
    f"{_AGAIN} Or print it to PDF."
)
CHANGED = (
    "This PDF could not be cleaned without changing what it shows. Please print it to PDF (in the print window, choose "
    "“Save as PDF” or “Microsoft Print to PDF”), and send that."
)
NOT_PROVEN = (
    "This PDF did not pass our check for hidden data and was not kept. Please print it to PDF, and send that."
)

_PICTURE = (
    "This is a picture. Please send the newsletter as a PDF, so that it can be read aloud and searched."
)
_STRANGERS = (
    (rb"\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|....ftyp|II\*\x00|MM\x00\*|BM", _PICTURE),
    (
        rb"PK\x03\x04|\xd0\xcf\x11\xe0",
        f"This is a Word, Publisher or Pages document, or a zip file. {_AS_PDF}",
    ),
    (rb"%!PS", f"This is a PostScript file. {_AS_PDF}"),
    (rb"\s*<(?i:!doctype html|html)", f"This is a web page. {_AS_PDF}"),
)
_FIRST = re.compile(rb"%PDF-[12]\.\d[ \t]*[\r\n]")
_END = b"%%EOF"
_WITHIN = 1024  # bytes from the front in which some readers still look for a PDF's first line


def check(upload: bytes) -> None:
    """Raise Refused or TooLarge, saying what it is and what to do, for all but one whole PDF and nothing else."""
    if not upload:
        raise Refused(EMPTY)
    if len(upload) > MOST_BYTES:
        raise TooLarge(TOO_MANY_BYTES)
    if not _FIRST.match(upload):
        if b"%PDF-" in upload[:_WITHIN]:
            raise Refused(SOMETHING_ELSE)
        kind = (sentence for pattern, sentence in _STRANGERS if re.match(pattern, upload, re.DOTALL))
        raise Refused(next(kind, NOT_A_PDF))
    end = upload.rfind(_END)
    if end < 0:
        raise Refused(DAMAGED)
    if upload[end + len(_END) :].strip(b"\r\n\t \x00"):
        raise Refused(SOMETHING_ELSE)
