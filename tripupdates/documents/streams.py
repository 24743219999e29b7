"""What a stream says, unpacked: the layers of packing that hold anything but pictures come off one after the other. Pure.

Sizes are kept in hand: a few bytes can swell to gigabytes.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from tripupdates.documents.intake import DAMAGED, ODD_PICTURE, TOO_MUCH
from tripupdates.vocabulary import Refused, TooLarge

MOST_UNPACKED = 200_000_000  # bytes of one stream; a page of A4 in 600 dpi and four colours is 140 million
_MOST_LAYERS = 5
_SHORT = {"/Fl": "/FlateDecode", "/LZW": "/LZWDecode", "/A85": "/ASCII85Decode", "/AHx": "/ASCIIHexDecode"}
_SHORT |= {"/RL": "/RunLengthDecode", "/CCF": "/CCITTFaxDecode", "/DCT": "/DCTDecode"}
_PLAIN = frozenset({"/FlateDecode", "/LZWDecode", "/ASCII85Decode", "/ASCIIHexDecode", "/RunLengthDecode"})

Value = Any
"""A value of a document: an Object, or a number or truth as Python has them; None where there is none."""


@dataclass(frozen=True)
class Unpacked:
    """Bytes, and how a picture in them is packed still: "DCTDecode", "CCITTFaxDecode", or ''. `how` are its parameters."""

    data: bytes
    packing: str = ""
    how: Value = None


def unpacked(stream: Stream) -> Unpacked:
    """The bytes of a stream. Raises TooLarge where they swell, Refused where they are broken or packed as we cannot read."""
    return peeled(stream.read_raw_bytes(), stream.get("/Filter"), stream.get("/DecodeParms"))


def plain(stream: Stream) -> bytes:
    """The bytes of a stream that holds no picture. Raises as `unpacked` does, and Refused for a picture."""
    found = unpacked(stream)
    if found.packing:
        raise Refused(DAMAGED)
    return found.data


def peeled(data: bytes, filters: Value, parameters: Value) -> Unpacked:
    """The same for bytes with their filters and parameters as a stream or a picture within a page names them."""
    layers = [_SHORT.get(name, name) for name in map(str, _listed(filters))]
    hows = _listed(parameters)
    if len(layers) > _MOST_LAYERS:
        raise Refused(DAMAGED)
    for number, layer in enumerate(layers):
        how = hows[number] if number < len(hows) and isinstance(hows[number], Dictionary) else None
        if layer in {"/DCTDecode", "/CCITTFaxDecode"}:
            if number + 1 < len(layers):
                raise Refused(DAMAGED)
            return Unpacked(data, layer[1:], how)
        if layer in {"/JPXDecode", "/JBIG2Decode"}:
            raise Refused(ODD_PICTURE)
        if layer not in _PLAIN:
            raise Refused(DAMAGED)
        data = _inflated(data) if layer == "/FlateDecode" and how is None else _by_qpdf(data, layer, how)
    return Unpacked(data)


def _listed(value: Value) -> list[Value]:
    if value is None:
        return []
    return list(value.as_list()) if isinstance(value, Array) else [value]


def _inflated(data: bytes) -> bytes:
    """What a zlib stream says; one that breaks off says what it said so far, as all readers take it."""
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(data, MOST_UNPACKED)
    except zlib.error:
        text = _as_far_as_it_goes(data)
    if inflate.unconsumed_tail:
        raise TooLarge(TOO_MUCH)
    return text


def _as_far_as_it_goes(data: bytes) -> bytes:
    inflate, text = zlib.decompressobj(), bytearray()
    for at in range(0, len(data), 256):
        try:
            text += inflate.decompress(data[at : at + 256], MOST_UNPACKED)
        except zlib.error:
            break
        if len(text) > MOST_UNPACKED:
            raise TooLarge(TOO_MUCH)
    return bytes(text)


def _by_qpdf(data: bytes, layer: str, how: Value) -> bytes:
    """By the library, one layer at a time: what it unpacks to is limited by the memory of the process alone."""
    with pikepdf.new() as scratch:
        stream = Stream(scratch, data)
        stream.Filter = Name(layer)
        if how is not None:
            stream.DecodeParms = Dictionary(
                {key: value for key, value in how.items() if isinstance(value, int)}
            )
        try:
            return stream.read_bytes(pikepdf.StreamDecodeLevel.specialized)
        except pikepdf.PdfError as error:
            raise Refused(DAMAGED) from error
