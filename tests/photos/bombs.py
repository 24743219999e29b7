"""Small files that swell: as many pixels as one likes, coded by hand in a few bytes."""

import struct
import zlib

from tests.photos.pictures import chunk


def segment(marker: int, body: bytes) -> bytes:
    """One segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _one_code(kind: int, symbol: int) -> bytes:
    """A Huffman table in which the bit 0 stands for `symbol`."""
    return segment(0xC4, bytes([kind, 1, *bytes(15), symbol]))


def grey_jpeg(width: int, height: int, scans: int = 0) -> bytes:
    """A whole grey JPEG of any size: baseline, or progressive with that many scans after the first.

    A block of a baseline costs two bits; a scan of a progressive one costs two bytes for 32,767 blocks, and the decoder
    goes through all of them again.
    """
    blocks = -(-width // 8) * -(-height // 8)
    frame = struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0)
    head = b"\xff\xd8" + segment(0xDB, bytes([0, *[1] * 64])) + segment(0xC2 if scans else 0xC0, frame)
    head += _one_code(0x00, 0)  # the DC difference is nothing
    if not scans:
        head += _one_code(0x10, 0)  # nothing follows in this block
        return head + segment(0xDA, bytes([1, 1, 0, 0, 63, 0])) + bytes(-(-blocks * 2 // 8)) + b"\xff\xd9"
    first = segment(0xDA, bytes([1, 1, 0, 0, 0, 0])) + bytes(-(-blocks // 8))
    nothing = (
        -(-blocks // 32_767) * 15
    )  # bits: the code, and a run of 32,767 blocks in which there is nothing
    code = "011111111111111" * (nothing // 15)
    code += "1" * (-len(code) % 8)
    run = int(code, 2).to_bytes(len(code) // 8, "big").replace(b"\xff", b"\xff\x00")
    again = segment(0xDA, bytes([1, 1, 0, 1, 63, 0])) + run
    return head + first + _one_code(0x10, 0xE0) + again * scans + b"\xff\xd9"


def swollen_png(width: int, height: int, depth: int, kind: int, channels: int, before: bytes = b"") -> bytes:
    """A whole black PNG of any size and kind."""
    row = 1 + -(-width * channels * depth // 8)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    palette = chunk(b"PLTE", bytes(768)) if kind == 3 else b""
    data = chunk(b"IDAT", swollen(row * height)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + palette + before + data


def swollen(length: int) -> bytes:
    """A zlib stream of that many zeros, without making them: the same megabyte again and again."""
    packer = zlib.compressobj(9, wbits=-15)
    megabyte = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = zlib.compressobj(9, wbits=-15)
    end = rest.compress(bytes(length % 1_000_000)) + rest.flush()
    return b"\x78\x9c" + megabyte * (length // 1_000_000) + end + struct.pack(">HH", length % 65_521, 1)
