"""An AVIF passes only as our encoder writes it; whatever is put in, on, after or around it is a fault."""

import struct
import time
from collections.abc import Callable
from io import BytesIO

import pillow_heif
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.photos.pictures import quarters, saved
from tripupdates.photos.proof_avif import fault_in_avif
from tripupdates.practice import camera


def _encoded(picture: Image.Image, quality: int = 60, **options: object) -> bytes:
    """The picture's bytes as a rendition would have them."""
    return saved(picture, "AVIF", quality=quality, speed=9, subsampling="4:2:0", **options)


def _noise(size: tuple[int, int]) -> Image.Image:
    return Image.effect_noise(size, 80).convert("RGB")


PICTURE = _encoded(quarters((300, 200)))
CODED = PICTURE[275:]
LENGTH = len(CODED)
HEAD, FRAME = CODED[:14], CODED[17:]  # delimiter and sequence header; the payload of the frame


# --- An AVIF made by hand, to be made wrong by hand ---


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _obu(kind: int, payload: bytes) -> bytes:
    """An OBU with its length in as few bytes as can say it."""
    length, rest = b"", len(payload)
    while rest > 0x7F:
        length, rest = length + bytes([rest & 0x7F | 0x80]), rest >> 7
    return bytes([kind << 3 | 2]) + length + bytes([rest]) + payload


_BRANDS = b"avif\0\0\0\0avifmif1miafMA1B"
_HANDLER = b"\0" * 8 + b"pict" + bytes(12)
_INFE = _box(b"infe", b"\x02\0\0\0\0\x01\0\0av01Color\0")
_ISPE = struct.pack(">4xII", 300, 200)
_PIXI = b"\0\0\0\0\x03\x08\x08\x08"
_AV1C = b"\x81\0\x0c\0"
_COLR = b"nclx\0\x01\0\x0d\0\x06\x80"
_IPMA = b"\0\0\0\0\0\0\0\x01\0\x01\x04\x01\x02\x83\x04"


def _avif(
    *,
    brands: bytes = _BRANDS,
    handler: bytes = _HANDLER + b"\0",
    items: bytes = b"\0\x01" + _INFE,
    ispe: bytes = _ISPE,
    pixi: bytes = _PIXI,
    av1c: bytes = _AV1C,
    colr: bytes = _COLR,
    more_properties: bytes = b"",
    more_meta: bytes = b"",
    coded: bytes = CODED,
    extents: Callable[[int], list[tuple[int, int]]] | None = None,
    before_mdat: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """An AVIF whose lengths and offsets fit what it is told to hold. `extents` gets where mdat's data begins."""
    boxes = {b"ispe": ispe, b"pixi": pixi, b"av1C": av1c, b"colr": colr}
    properties = b"".join(_box(kind, body) for kind, body in boxes.items()) + more_properties

    def meta(at: int) -> bytes:
        places = extents(at) if extents else [(at, len(coded))]
        iloc = b"\0\0\0\0\x44\0\0\x01\0\x01\0\0" + struct.pack(">H", len(places))
        return _box(
            b"meta",
            b"\0\0\0\0"
            + _box(b"hdlr", handler)
            + _box(b"pitm", b"\0\0\0\0\0\x01")
            + _box(b"iloc", iloc + b"".join(struct.pack(">II", *place) for place in places))
            + _box(b"iinf", b"\0\0\0\0" + items)
            + _box(b"iprp", _box(b"ipco", properties) + _box(b"ipma", _IPMA))
            + more_meta,
        )

    ftyp = _box(b"ftyp", brands)
    at = len(ftyp) + len(meta(8)) + len(before_mdat) + 8
    return ftyp + meta(at) + before_mdat + _box(b"mdat", coded) + after


def _with_sequence(payload: bytes) -> bytes:
    """An AVIF with this payload in its sequence header."""
    return _avif(coded=CODED[:2] + _obu(1, payload) + _obu(6, FRAME))


def test_the_one_made_by_hand_is_what_our_encoder_writes() -> None:
    assert _avif() == PICTURE == _avif(coded=HEAD + _obu(6, FRAME)) == _with_sequence(HEAD[4:])


# --- What passes ---


@pytest.mark.parametrize("quality", [1, 60, 100])
@pytest.mark.parametrize("make", [quarters, _noise], ids=["flat", "noise"])
@pytest.mark.parametrize("size", [(2, 1), (1, 2), (17, 33), (480, 360), (1025, 513)])
def test_what_our_encoder_writes_passes(
    size: tuple[int, int], make: Callable[[tuple[int, int]], Image.Image], quality: int
) -> None:
    assert fault_in_avif(_encoded(make(size), quality)) is None


@pytest.mark.parametrize("size", [(1, 1), (1, 2048), (2048, 1), (1600, 1200), (2048, 2048), (4096, 2200)])
def test_the_smallest_and_the_largest_pass(size: tuple[int, int]) -> None:
    assert fault_in_avif(_encoded(Image.new("RGB", size, "teal"))) is None


# --- What does not ---

NOT_PICTURE, WORDY = (
    "It holds a part that is not picture.",
    "One of its parts does not say just what it should.",
)
NOT_WHOLE, AFTER = "It is not a whole AVIF.", "It goes on after the end of the picture."
OUTSIDE, SIZE = "It holds bytes outside the picture.", "Its size is none that a picture can have."
IN_DATA, DATA_BROKEN = "Its picture holds a part that is not picture.", "Its picture is not whole."
DATA_HEAD = "The head of its picture does not say just what it should."
EXIF = camera.exif_block(quarters(), 1, camera.EXTRAS)


def _heif_frame_of_exif() -> bytes:
    """What pillow-heif writes as AVIF's sister format, under AVIF's brands: its wheel has no AVIF encoder."""
    buffer = BytesIO()
    pillow_heif.from_pillow(quarters()).save(buffer, exif=EXIF)
    return _box(b"ftyp", _BRANDS) + buffer.getvalue()[int.from_bytes(buffer.getvalue()[:4], "big") :]


SAVED: dict[str, bytes] = {
    "EXIF": _encoded(quarters(), exif=EXIF),
    "XMP": _encoded(quarters(), xmp=camera.xmp_packet()),
    "a colour profile": _encoded(quarters(), icc_profile=camera.display_p3()),
    "transparency": _encoded(Image.new("RGBA", (64, 48), (200, 10, 40, 128))),
    "a second frame": _encoded(quarters(), save_all=True, append_images=[quarters().rotate(180)]),
    "HEIF with EXIF": _heif_frame_of_exif(),
}


@pytest.mark.parametrize("dirty", SAVED.values(), ids=SAVED.keys())
def test_what_an_encoder_adds_is_refused(dirty: bytes) -> None:
    assert fault_in_avif(dirty) in {NOT_PICTURE, WORDY}


_EXIF_ITEM = b"\0\x02" + _INFE + _box(b"infe", b"\x02\0\0\0\0\x02\0\0Exif\0")
_MIME = _box(b"infe", b"\x02\0\0\0\0\x01\0\0mime\0application/rdf+xml\0")
_SECOND = b"\0\x02" + _INFE + _INFE.replace(b"\0\x01\0\0av01", b"\0\x02\0\0av01")
DIRTY: dict[str, tuple[bytes, str]] = {
    "a byte after the end": (_avif(after=b"\0"), AFTER),
    "a free box after the end": (_avif(after=_box(b"free", b"hidden")), AFTER),
    "a second mdat": (_avif(after=_box(b"mdat", b"hidden")), AFTER),
    "a second picture": (PICTURE + PICTURE, AFTER),
    "a byte before": (b"\0" + PICTURE, NOT_WHOLE),
    "an mdat before mdat": (_avif(before_mdat=_box(b"mdat", b"hidden")), AFTER),
    "a second meta": (_avif(before_mdat=_box(b"meta", bytes(4))), NOT_PICTURE),
    "a free box": (_avif(before_mdat=_box(b"free", b"hidden")), NOT_PICTURE),
    "a uuid box": (_avif(before_mdat=_box(b"uuid", bytes(16) + b"<x:xmpmeta")), NOT_PICTURE),
    "a free box in meta": (_avif(more_meta=_box(b"free", b"hidden")), NOT_PICTURE),
    "a uuid box in meta": (_avif(more_meta=_box(b"uuid", bytes(20))), NOT_PICTURE),
    "data in meta": (_avif(more_meta=_box(b"idat", b"hidden")), NOT_PICTURE),
    "a reference": (_avif(more_meta=_box(b"iref", bytes(4))), NOT_PICTURE),
    "a turn": (_avif(more_properties=_box(b"irot", b"\x01")), NOT_PICTURE),
    "a second size": (_avif(more_properties=_box(b"ispe", _ISPE)), NOT_PICTURE),
    "bytes in meta": (_avif(more_meta=b"hidden"), NOT_WHOLE),
    "an Exif item": (_avif(items=_EXIF_ITEM), NOT_PICTURE),
    "an XMP item in the picture's place": (_avif(items=b"\0\x01" + _MIME), WORDY),
    "another picture's item": (_avif(items=_SECOND), NOT_PICTURE),
    "an item's other name": (_avif(items=b"\0\x01" + _box(b"infe", _INFE[8:-6] + b"6 High Rd\0")), WORDY),
    "an item's longer name": (_avif(items=b"\0\x01" + _box(b"infe", _INFE[8:] + b"hidden\0")), WORDY),
    "a handler with a name": (_avif(handler=_HANDLER + b"hidden\0"), WORDY),
    "a handler of film": (_avif(handler=_HANDLER.replace(b"pict", b"vide") + b"\0"), WORDY),
    "an unknown brand": (_avif(brands=_BRANDS.replace(b"miaf", b"hide")), WORDY),
    "a brand more": (_avif(brands=_BRANDS + b"avif"), WORDY),
    "a brand's version": (_avif(brands=_BRANDS.replace(bytes(4), b"hide")), WORDY),
    "a long ispe": (_avif(ispe=_ISPE + b"hidden"), WORDY),
    "a long pixi": (_avif(pixi=_PIXI + b"\x08"), WORDY),
    "a long colr": (_avif(colr=_COLR + b"\0"), WORDY),
    "a colour profile": (_avif(colr=b"prof" + camera.display_p3()), WORDY),
    "a restricted profile": (_avif(colr=b"rICC" + camera.display_p3()), WORDY),
    "a metadata OBU in av1C": (_avif(av1c=_AV1C + _obu(5, b"\x04hidden")), WORDY),
    "the sequence header in av1C": (_avif(av1c=_AV1C + HEAD[2:]), WORDY),
    "a gap at mdat's start": (_avif(coded=b"hide" + CODED, extents=lambda at: [(at + 4, LENGTH)]), OUTSIDE),
    "a gap at mdat's end": (_avif(coded=CODED + b"hide", extents=lambda at: [(at, LENGTH)]), OUTSIDE),
    "two extents": (_avif(extents=lambda at: [(at, 14), (at + 14, LENGTH - 14)]), WORDY),
    "an overlap": (_avif(extents=lambda at: [(at - 8, LENGTH + 8)]), OUTSIDE),
    "a picture past the end": (_avif(extents=lambda at: [(at, LENGTH + 1)]), OUTSIDE),
    "no width": (_avif(ispe=struct.pack(">4xII", 0, 200)), SIZE),
    "no height": (_avif(ispe=struct.pack(">4xII", 300, 0)), SIZE),
    "a width past all pictures": (_avif(ispe=struct.pack(">4xII", 16_385, 200)), SIZE),
    "a height past all pictures": (_avif(ispe=struct.pack(">4xII", 300, 16_385)), SIZE),
    "another size than is coded": (_avif(ispe=struct.pack(">4xII", 300, 199)), DATA_HEAD),
    "another level than is coded": (_avif(av1c=b"\x81\x01\x0c\0"), DATA_HEAD),
    "a metadata OBU": (_avif(coded=HEAD + _obu(5, b"\x04hidden\x80") + _obu(6, FRAME)), IN_DATA),
    "a metadata OBU at the end": (_avif(coded=CODED + _obu(5, b"\x04hidden\x80")), IN_DATA),
    "a padding OBU": (_avif(coded=HEAD + _obu(15, b"hidden\x80") + _obu(6, FRAME)), IN_DATA),
    "a tile list": (_avif(coded=HEAD + _obu(8, FRAME)), IN_DATA),
    "a reserved OBU": (_avif(coded=HEAD + _obu(9, b"hidden") + _obu(6, FRAME)), IN_DATA),
    "a second frame": (_avif(coded=CODED + _obu(6, FRAME)), IN_DATA),
    "a frame's header alone": (_avif(coded=HEAD + _obu(3, FRAME)), IN_DATA),
    "a second sequence header": (_avif(coded=HEAD + HEAD[2:] + _obu(6, FRAME)), IN_DATA),
    "a layered OBU": (_avif(coded=HEAD + b"\x36" + _obu(6, FRAME)[1:]), IN_DATA),
    "no frame": (_avif(coded=HEAD), IN_DATA),
    "an empty frame": (_avif(coded=HEAD + _obu(6, b"")), DATA_BROKEN),
    "nothing coded": (_avif(coded=b""), IN_DATA),
    "a byte after the frame": (_avif(coded=CODED + b"\x32"), DATA_BROKEN),
    "an OBU past the end": (_avif(coded=CODED[:-1]), DATA_BROKEN),
    "a length with bytes to spare": (_avif(coded=b"\x12\x80\0" + CODED[2:]), DATA_BROKEN),
    "a length without an end": (_avif(coded=b"\x12" + b"\xff" * 9 + CODED[2:]), DATA_BROKEN),
    "a delimiter that says something": (_avif(coded=_obu(2, b"hidden") + CODED[2:]), DATA_HEAD),
    "a byte after a sequence header": (_with_sequence(HEAD[4:] + b"\0"), DATA_HEAD),
    "many after a sequence header": (_with_sequence(HEAD[4:] + bytes(100)), DATA_HEAD),
    "film grain": (_with_sequence(HEAD[4:-1] + b"\xc0"), DATA_HEAD),  # 40 without
    "only the first boxes": (PICTURE[: 32 + 235], NOT_WHOLE),
    "nothing": (b"", NOT_WHOLE),
    "a JPEG": (saved(quarters(), "JPEG"), NOT_WHOLE),
    "a box to the end of the file": (_box(b"ftyp", _BRANDS) + b"\0\0\0\0meta" + PICTURE[40:], NOT_WHOLE),
    "a box with a long length": (_avif().replace(b"\0\0\0\x10pixi", b"\0\0\0\x01pixi"), NOT_WHOLE),
}


@pytest.mark.parametrize(("dirty", "fault"), DIRTY.values(), ids=DIRTY.keys())
def test_a_file_with_anything_else_in_it_is_refused(dirty: bytes, fault: str) -> None:
    assert fault_in_avif(dirty) == fault


def test_a_file_cut_anywhere_is_refused() -> None:
    assert all(fault_in_avif(PICTURE[:end]) for end in range(len(PICTURE)))


def test_every_bit_before_the_coded_pixels_counts_but_the_switches_of_six_coding_tools() -> None:
    free = []
    for at in range((len(PICTURE) - len(FRAME)) * 8):
        changed = bytearray(PICTURE)
        changed[at // 8] ^= 0x80 >> at % 8
        if fault_in_avif(bytes(changed)) is None:
            free.append(at - (275 + 4) * 8)
    # Counted from the sequence header's start: 10 bits, two lengths of 4, a width of 9 bits, a height of 8.
    assert free == [35, 36, 37, 38, 39, 40]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(min_size=1, max_size=60), st.integers(0, len(PICTURE) - len(FRAME)))
def test_bytes_put_in_before_the_coded_pixels_are_refused(more: bytes, at: int) -> None:
    assert fault_in_avif(PICTURE[:at] + more + PICTURE[at:])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=400))
@example(b"\0\0\0\x08meta")
@example(b"\0\0\0\x10meta\0\0\0\0\0\0\0\0")
def test_no_bytes_stop_the_proof(noise: bytes) -> None:
    assert fault_in_avif(noise)
    assert fault_in_avif(_box(b"ftyp", _BRANDS) + _box(b"meta", noise))
    assert fault_in_avif(_avif(coded=noise))
    assert fault_in_avif(_with_sequence(noise))


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.integers(0, len(PICTURE) - 1), st.integers(0, 255))
def test_a_changed_byte_ends_in_a_verdict(at: int, byte: int) -> None:
    assert fault_in_avif(PICTURE[:at] + bytes([byte]) + PICTURE[at + 1 :]) in {
        None, NOT_PICTURE, WORDY, NOT_WHOLE, AFTER, OUTSIDE, SIZE, IN_DATA, DATA_BROKEN, DATA_HEAD,
    }  # fmt: skip


CROWDS: dict[str, Callable[[], bytes]] = {
    "boxes": lambda: _box(b"free", b"") * 3_500_000,
    "boxes in meta": lambda: _avif(more_meta=_box(b"free", b"") * 3_500_000),
    "boxes after the end": lambda: PICTURE + _box(b"free", b"") * 3_500_000,
    "OBUs": lambda: _avif(coded=b"\x12\0" * 14_000_000),
    "a long sequence header": lambda: _with_sequence(bytes(28_000_000)),
}


@pytest.mark.parametrize("make", CROWDS.values(), ids=CROWDS.keys())
def test_thirty_megabytes_made_to_keep_us_busy_do_not(make: Callable[[], bytes]) -> None:
    crowd = make()
    began = time.process_time()
    assert fault_in_avif(crowd)
    assert time.process_time() - began < 0.5
