"""Which colours a picture's numbers mean: its embedded ICC profile, or Display P3 where it says so in numbers. Pure.

Phones and screenshots say Display P3 either way. Other wide spaces (BT.2020, and the brightness of HDR) are not
known here: such a picture keeps its numbers and looks duller than it was meant.
"""

import re
import struct

from PIL import Image

# ITU-T H.273: colour primaries 12 are Display P3's, transfer 13 is sRGB's curve. As two shorts in a colr box of type
# nclx (ISO/IEC 14496-12, 12.1.5), as two bytes in a PNG's cICP chunk (PNG 3, 11.3.2.6).
_NCLX = re.compile(rb"colrnclx\x00\x0c\x00\x0d")
_CICP = re.compile(rb"\x00\x00\x00\x04cICP\x0c\x0d")
_HEAD = 65_536  # bytes: both stand before the pixels


def profile_of(upload: bytes, image: Image.Image) -> bytes | None:
    """The ICC profile by which `upload`, opened as `image`, is to be read; None for sRGB."""
    embedded = image.info.get("icc_profile")
    if isinstance(embedded, bytes) and embedded:
        return embedded
    said = {"PNG": _CICP, "HEIF": _NCLX, "AVIF": _NCLX}.get(image.format or "")
    return display_p3() if said is not None and said.search(upload[:_HEAD]) else None


# Display P3: its colorants adapted to D50, and the sRGB curve (ICC registry, "Display P3").
_P3_TAGS = {
    b"wtpt": (0.96420, 1.0, 0.82491),
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def display_p3(name: str = "P3", copyright_: bytes = b"none") -> bytes:
    """An ICC profile (version 4, ICC.1:2022) for Display P3, under a name of ASCII letters."""
    text = name.encode("utf-16-be")
    named = b"mluc" + struct.pack(">4xII4sII", 1, 12, b"enGB", len(text), 28) + text
    curve = b"para" + struct.pack(">4xHxx5i", 3, *(_fixed(value) for value in _SRGB_CURVE))
    bodies = {b"desc": named, b"cprt": b"text\x00\x00\x00\x00" + copyright_ + b"\x00"}
    bodies |= {
        tag: b"XYZ \x00\x00\x00\x00" + struct.pack(">3i", *map(_fixed, xyz)) for tag, xyz in _P3_TAGS.items()
    }
    bodies |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    table, data = struct.pack(">I", len(bodies)), b""
    for tag, body in bodies.items():
        table += struct.pack(">4sII", tag, 132 + 12 * len(bodies) + len(data), len(body))
        data += body + b"\x00" * (-len(body) % 4)
    header = struct.pack(">I4xI", 132 + 12 * len(bodies) + len(data), 0x04300000) + b"mntrRGB XYZ "
    header += struct.pack(">6H4s28x3i", 2031, 5, 14, 0, 0, 0, b"acsp", *map(_fixed, _P3_TAGS[b"wtpt"]))
    return header.ljust(128, b"\x00") + table + data


def _fixed(value: float) -> int:
    """A number as ICC's s15Fixed16."""
    return round(value * 65536)
