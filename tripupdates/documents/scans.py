"""Pictures in black and white, packed as fax machines do (CCITT groups 3 and 4), unpacked to bits. Pure.

A fax's data need not say where it ends, so something could stand behind it: it is decoded, and written anew.
"""

import io
import struct

from PIL import Image

from tripupdates.documents.intake import DAMAGED, ODD_PICTURE
from tripupdates.documents.streams import Value
from tripupdates.vocabulary import Refused, TooLarge

MOST_PIXELS = 200_000_000  # A3 in 1,200 dpi


def bits(data: bytes, size: tuple[int, int], how: Value) -> bytes:
    """Rows of pixels as PDF wants them: one bit each, rows filled up to bytes. Raises Refused where it is damaged.

    ISO 32000-1, 7.4.6; the decoder is Pillow's, which gets a TIFF of one strip (TIFF 6.0, section 11).
    """
    given = {key: value for key, value in how.items() if isinstance(value, int)} if how is not None else {}
    width, height = given.get("/Columns", 1728), size[1]
    if given.get("/EncodedByteAlign", False):
        raise Refused(ODD_PICTURE)
    if width != size[0]:
        raise Refused(DAMAGED)
    if width * height > MOST_PIXELS:
        raise TooLarge(ODD_PICTURE)
    k = given.get("/K", 0)
    packing = 4 if k < 0 else 3
    entries = [(256, width), (257, height), (258, 1), (259, packing), (262, 0), (273, 0), (277, 1)]
    entries += [(278, height), (279, len(data))] + ([(292, int(k > 0))] if packing == 3 else [])
    first = 8 + 2 + 12 * len(entries) + 4
    directory = b"".join(
        struct.pack("<HHII", tag, 4, 1, first if tag == 273 else value) for tag, value in entries
    )
    tiff = struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + directory + bytes(4) + data
    try:
        with Image.open(io.BytesIO(tiff), formats=("TIFF",)) as image:
            rows = image.convert("1").tobytes()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused(DAMAGED) from error
    return bytes(byte ^ 0xFF for byte in rows) if given.get("/BlackIs1", False) else rows
