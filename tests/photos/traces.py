"""Looking for a word in a file the way somebody would who wants to find it."""

import base64
import json
import re
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

MOST_INFLATED = 2_000_000

# A zlib stream's first byte with the window sizes there are, or gzip's first two.
_STREAM = re.compile(rb"[\x08\x18\x28\x38\x48\x58\x68\x78]|\x1f\x8b")

_ALWAYS = {
    "SourceFile",
    "ExifTool:ExifToolVersion",
    "System:FileName",
    "System:Directory",
    "System:FileSize",
    "System:FileModifyDate",
    "System:FileAccessDate",
    "System:FileInodeChangeDate",
    "System:FilePermissions",
    "File:FileType",
    "File:FileTypeExtension",
    "File:MIMEType",
    "File:ImageWidth",
    "File:ImageHeight",
    "Composite:ImageSize",
    "Composite:Megapixels",
}
_JPEG = "File:EncodingProcess File:BitsPerSample File:ColorComponents File:YCbCrSubSampling JFIF:JFIFVersion"
_JPEG += " JFIF:ResolutionUnit JFIF:XResolution JFIF:YResolution"
_AVIF = "MajorBrand MinorVersion CompatibleBrands HandlerType ImageSpatialExtent ImagePixelDepth"
_AVIF += " AV1ConfigurationVersion SeqProfile SeqTier0 ChromaFormat ChromaSamplePosition InitialDelaySamples"
_AVIF += " ColorProfiles ColorPrimaries TransferCharacteristics MatrixCoefficients QuickTime_ColorRep_0x000a"
_AVIF += " MediaDataSize MediaDataOffset MediaData"
PLAIN = {
    ".jpg": _ALWAYS | set(_JPEG.split()),
    ".avif": _ALWAYS | {f"QuickTime:{tag}" for tag in _AVIF.split()} | {"Meta:PrimaryItemReference"},
}
"""Exactly what exiftool tells of a rendition: the file's own name, size and dates, and how the pixels are coded."""


def traces(data: bytes, words: Iterable[bytes]) -> set[tuple[bytes, str]]:
    """Which of `words` can be found, and how: as written, in UTF-16, backwards, swapped, in digits, and inflated."""
    found = set()
    layers = [("", data), *(("inflated, ", text) for text in inflated(data))]
    for word in words:
        for way, form in _forms(word):
            found |= {(word, layer + way) for layer, text in layers if form in text}
    return found


def _forms(word: bytes) -> Iterator[tuple[str, bytes]]:
    yield "as written", word
    yield "UTF-16 little-endian", b"".join(bytes([byte, 0]) for byte in word)
    yield "UTF-16 big-endian", b"".join(bytes([0, byte]) for byte in word)
    yield "backwards", word[::-1]
    for width in (2, 4):
        whole = word[: len(word) // width * width]
        parts = (whole[at : at + width][::-1] for at in range(0, len(whole), width))
        yield f"swapped by {width}", b"".join(parts)
    yield "hexadecimal", word.hex().encode()
    yield "HEXADECIMAL", word.hex().upper().encode()
    for before in range(3):  # base64 looks different by where in three bytes the word begins
        first, last = -(-before * 8 // 6), (before + len(word)) * 8 // 6  # digits that only the word decides
        yield f"base64 from {before}", base64.b64encode(bytes(before) + word)[first:last]


def inflated(data: bytes) -> list[bytes]:
    """What every sound zlib or gzip stream says that begins anywhere, cut short or not."""
    texts = []
    for found in _STREAM.finditer(data):
        at = found.start()
        if data[at] != 0x1F and int.from_bytes(data[at : at + 2], "big") % 31:
            continue
        try:
            text = zlib.decompressobj(wbits=47).decompress(data[at:], MOST_INFLATED)
        except zlib.error:
            continue
        if text:
            texts.append(text)
    return texts


def exiftool(*how: str | Path) -> bytes:
    """What exiftool answers."""
    return subprocess.run(["exiftool", *map(str, how)], capture_output=True, check=True).stdout


def told(folder: Path) -> dict[str, dict[str, str]]:
    """All that exiftool reads in the files of a folder, embedded ones and unknown tags too, by the file's name."""
    read = json.loads(exiftool("-a", "-G1", "-s", "-j", "-ee", "-U", folder))
    return {Path(one["SourceFile"]).name: {tag: str(value) for tag, value in one.items()} for one in read}
