"""Looking into PDFs for the tests."""

from io import BytesIO

import pikepdf
from pikepdf import Pdf, Stream, StreamDecodeLevel


def opened(data: bytes) -> Pdf:
    """The document, as pikepdf reads it."""
    return pikepdf.open(BytesIO(data))


def streams_of(data: bytes) -> list[bytes]:
    """What every stream in it says, unpacked as far as the library can without decoding pictures."""
    with opened(data) as pdf:
        streams = [each for each in pdf.objects if isinstance(each, Stream)]
        return [_unpacked(each) for each in streams]


def _unpacked(stream: Stream) -> bytes:
    try:
        return stream.read_bytes(StreamDecodeLevel.specialized)
    except pikepdf.PdfError:  # a picture
        return stream.read_raw_bytes()
