"""The proof lets nothing through that is not picture, and finds a place wherever one can be written."""

import json
import shutil
import struct
import subprocess
import time
import zlib
from collections.abc import Callable

import piexif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.photos.pictures import chunk, png, quarters, saved, with_segment
from tripupdates.photos import proof
from tripupdates.photos.clean import clean
from tripupdates.photos.proof import SOS, location_in, prove, segments, tags_in
from tripupdates.practice import camera
from tripupdates.vocabulary import Refused

CLEAN = clean(saved(quarters((300, 200)), "PNG")).renditions[-1].data
EXIF = camera.exif_block(quarters(), 1, camera.EXTRAS)


def test_a_clean_rendition_passes() -> None:
    prove(CLEAN)


def _longer(marker: int) -> Callable[[], bytes]:
    """The clean rendition with four bytes hidden at the end of its first such segment."""

    def make() -> bytes:
        segment = next(one for one in segments(CLEAN) if one.marker == marker)
        length = struct.pack(">H", segment.end - segment.body + 6)
        return (
            CLEAN[: segment.body - 2]
            + length
            + CLEAN[segment.body : segment.end]
            + b"HIDE"
            + CLEAN[segment.end :]
        )

    return make


DIRTY: dict[str, tuple[Callable[[], bytes], str]] = {
    "a comment": (lambda: with_segment(CLEAN, 0xFE, b"hello"), "a part that is not picture"),
    "EXIF": (lambda: with_segment(CLEAN, 0xE1, EXIF), "a part that is not picture"),
    "XMP": (
        lambda: with_segment(CLEAN, 0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + camera.xmp_packet()),
        "a part that is not picture",
    ),
    "a colour profile": (
        lambda: with_segment(CLEAN, 0xE2, b"ICC_PROFILE\x00\x01\x01" + camera.display_p3()),
        "a part that is not picture",
    ),
    "Photoshop's": (
        lambda: with_segment(CLEAN, 0xED, b"Photoshop 3.0\x008BIM"),
        "a part that is not picture",
    ),
    "content credentials": (lambda: with_segment(CLEAN, 0xEB, b"JP\x00\x01"), "a part that is not picture"),
    "a second JFIF": (
        lambda: with_segment(CLEAN, 0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
        "a part that is not picture",
    ),
    "a JFXX thumbnail": (
        lambda: CLEAN[:20] + b"\xff\xe0\x00\x0aJFXX\x00\x10\x00\x00" + CLEAN[20:],
        "a part that is not picture",
    ),
    "a JFIF thumbnail": (lambda: CLEAN[:18] + b"\x01\x01" + CLEAN[20:], "longer than it should be"),
    "a long JFIF": (_longer(0xE0), "longer than it should be"),
    "bytes in a table of numbers": (_longer(0xDB), "longer than it should be"),
    "bytes in a table of codes": (_longer(0xC4), "longer than it should be"),
    "bytes in the frame": (_longer(0xC2), "longer than it should be"),
    "bytes in a scan's head": (_longer(SOS), "longer than it should be"),
    "an odd Adobe part": (
        lambda: CLEAN[:20] + b"\xff\xee\x00\x10Adobe\x00HIDDEN!!" + CLEAN[20:],
        "longer than it should be",
    ),
    "a long restart interval": (
        lambda: CLEAN[:20] + b"\xff\xdd\x00\x06\x00\x00HI" + CLEAN[20:],
        "longer than it should be",
    ),
    "one byte after": (lambda: CLEAN + b"\x00", "after the end"),
    "a second image": (lambda: CLEAN + CLEAN, "after the end"),
    "one byte before": (lambda: b"\x00" + CLEAN, "a part that is not picture"),
    "bytes between parts": (lambda: CLEAN[:20] + b"hidden" + CLEAN[20:], "bytes between its parts"),
    "padding before a part": (lambda: CLEAN[:20] + b"\xff" + CLEAN[20:], "bytes between its parts"),
    "padding before the end": (lambda: CLEAN[:-2] + b"\xff" + CLEAN[-2:], "bytes between its parts"),
    "a mark in the scan": (lambda: CLEAN[:-2] + b"GPSLatitude" + CLEAN[-2:], "a mark of hidden data"),
    "no end": (lambda: CLEAN[:-2], "not a whole JPEG"),
    "nothing": (lambda: b"", "not a whole JPEG"),
    "another format": (lambda: saved(quarters(), "PNG"), "not a whole JPEG"),
}


@pytest.mark.parametrize(("dirty", "fault"), DIRTY.values(), ids=DIRTY.keys())
def test_a_rendition_with_anything_else_in_it_is_refused(dirty: Callable[[], bytes], fault: str) -> None:
    with pytest.raises(Refused) as refusal:
        prove(dirty())
    assert refusal.value.title.startswith("This photo did not pass our check")
    assert fault in " ".join(refusal.value.reasons)


def test_checks_that_share_nothing_each_find_exif(monkeypatch: pytest.MonkeyPatch) -> None:
    with_exif = with_segment(CLEAN, 0xE1, EXIF)
    with pytest.raises(Refused) as refusal:
        prove(with_exif)
    assert refusal.value.reasons == (
        "It holds a part that is not picture.",
        "It still holds a mark of hidden data.",
    )
    monkeypatch.setattr(proof, "_structural_fault", lambda data: None)
    monkeypatch.setattr(proof, "_mark_fault", lambda data: None)
    with pytest.raises(Refused) as refusal:
        prove(with_exif)
    assert refusal.value.reasons == ("It still holds camera data.",)


def test_exif_that_claims_to_be_gigabytes_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "piexif", None)
    claim = struct.pack("<2sHIHHHIII", b"II", 42, 8, 1, 0x010F, 2, 0xFFFFFFFF, 8, 0)
    with pytest.raises(Refused, match="did not pass our check"):
        prove(with_segment(CLEAN, 0xE1, b"Exif\x00\x00" + claim))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.binary(max_size=60), st.floats(0, 1))
def test_bytes_put_in_anywhere_end_in_a_verdict(more: bytes, share: float) -> None:
    at = int(len(CLEAN) * share)
    try:
        prove(CLEAN[:at] + more + CLEAN[at:])
    except Refused as refusal:
        assert refusal.reasons


def _raw_profile(exif: bytes) -> bytes:
    """EXIF as ImageMagick writes it into a PNG: hexadecimal digits after three lines of head."""
    return f"\nexif\n{len(exif):8}\n{exif.hex()}\n".encode()


ROWS = (b"\x00" + bytes(48)) * 16
PLACES: dict[str, bytes] = {
    "EXIF": saved(quarters(), "JPEG", exif=EXIF),
    "XMP": saved(quarters(), "JPEG", xmp=camera.xmp_packet()),
    "a second image": CLEAN + saved(quarters(), "JPEG", exif=EXIF),
    "a video after the end": camera.take(size=(64, 48), extras={"trailer"}),
    "PNG's EXIF": saved(quarters(), "PNG", exif=EXIF),
    "PNG's compressed XMP": png(
        (16, 16),
        8,
        2,
        ROWS,
        after=chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x01\x00\x00\x00" + zlib.compress(camera.xmp_packet())),
    ),
    "PNG's raw profile": png(
        (16, 16),
        8,
        2,
        ROWS,
        after=chunk(b"zTXt", b"Raw profile type exif\x00\x00" + zlib.compress(_raw_profile(EXIF))),
    ),
    "WebP": saved(quarters(), "WEBP", exif=EXIF),
    "HEIC": camera.take_heic(size=(64, 48)),
}


@pytest.mark.parametrize("upload", PLACES.values(), ids=PLACES.keys())
def test_a_place_is_found_wherever_it_is_written(upload: bytes) -> None:
    assert location_in(upload)


def test_no_place_is_found_where_there_is_none() -> None:
    empty = piexif.dump(
        {"0th": {piexif.ImageIFD.Make: b"Practice"}, "GPS": {piexif.GPSIFD.GPSVersionID: (2, 3, 0, 0)}}
    )
    for upload in (
        b"",
        b"II*\x00",
        CLEAN,
        saved(quarters(), "JPEG", exif=empty),
        saved(quarters(), "PNG"),
        png((1, 1), 8, 0, b"\x00\x00", after=chunk(b"zTXt", b"a\x00\x00broken")),
    ):
        assert not location_in(upload)


def test_texts_behind_a_pngs_end_are_nobodys_and_are_not_swelled() -> None:
    told = chunk(b"zTXt", b"a\x00\x00" + zlib.compress(camera.xmp_packet()))
    assert location_in(png((16, 16), 8, 2, ROWS, after=told))
    swollen = chunk(b"zTXt", b"a\x00\x00" + zlib.compress(bytes(1_000_000)))
    begun = time.process_time()
    assert not location_in(png((16, 16), 8, 2, ROWS) + swollen * 10_000 + told)
    assert time.process_time() - begun < 1


def test_exif_that_points_at_itself_is_read_once() -> None:
    loop = struct.pack("<2sHIHHHIII", b"II", 42, 8, 1, 0x8769, 4, 1, 8, 8)
    assert tags_in(loop) == {("0th", 0x8769): 8, ("Exif", 0x8769): 8, ("1st", 0x8769): 8}


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary(max_size=80), st.integers(0, len(EXIF)))
def test_broken_exif_never_stops_the_reader(noise: bytes, keep: int) -> None:
    tags_in(EXIF[:keep] + noise)
    tags_in(b"II*\x00" + noise)


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not on this machine")
def test_exiftool_finds_nothing_but_the_picture() -> None:
    uploads = (camera.take(size=(600, 450)), camera.take_heic(size=(300, 200)))
    assert all(_exiftool_groups(upload) >= {"GPS", "XMP-exif"} for upload in uploads)
    plain = {"ExifTool", "System", "File", "Composite"}
    found = [
        (each.format, _exiftool_groups(each.data)) for upload in uploads for each in clean(upload).renditions
    ]
    own = {"JPEG": {"JFIF"}, "AVIF": {"QuickTime", "Meta"}}  # AVIF's own boxes: brands, size, codec
    assert all(groups <= plain | own[kind] for kind, groups in found)
    assert len(found) == 6


def _exiftool_groups(data: bytes) -> set[str]:
    """The kinds of metadata that exiftool sees in these bytes."""
    run = subprocess.run(
        ["exiftool", "-json", "-a", "-ee", "-U", "-G1", "-"], input=data, capture_output=True, check=True
    )
    return {key.split(":")[0] for key in json.loads(run.stdout)[0] if ":" in key}
