"""What cleaning does not take, and how it says so."""

import struct
import time
import warnings
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Literal

import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.photos import heif
from tests.photos.pictures import chunk, png, quarters, saved, with_segment
from tripupdates.photos.clean import clean
from tripupdates.photos.intake import MOST_BYTES
from tripupdates.photos.lists import lists_too_long
from tripupdates.photos.proof import SOS, segments
from tripupdates.practice import camera
from tripupdates.vocabulary import Refused, TooLarge

KINDLY = " Please send a still picture: a JPEG, PNG, WebP, HEIC or AVIF photo."
SCREENSHOT = KINDLY + " A screenshot of it will do."
PAUSE = KINDLY + " Pause the video and take a screenshot."
EXPORT = KINDLY + " Export it as a JPEG first, or take a screenshot of it."

STRANGERS = {
    "nothing": (b"", "This file is empty.", KINDLY),
    "GIF": (saved(quarters(), "GIF"), "This is a GIF.", SCREENSHOT),
    "BMP": (saved(quarters(), "BMP"), "This is a BMP picture.", SCREENSHOT),
    "TIFF": (saved(quarters(), "TIFF"), "This is a TIFF or a raw camera file.", EXPORT),
    "raw from a Canon": (b"II*\x00\x10\x00\x00\x00CR\x02", "This is a TIFF or a raw camera file.", EXPORT),
    "raw from a Fujifilm": (b"FUJIFILMCCD-RAW 0201", "This is a TIFF or a raw camera file.", EXPORT),
    "raw from an Olympus": (b"IIRO\x08\x00\x00\x00", "This is a TIFF or a raw camera file.", EXPORT),
    "PDF": (b"%PDF-1.7\n1 0 obj", "This is a PDF document.", SCREENSHOT),
    "EPS": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9", "This is a PostScript drawing.", SCREENSHOT),
    "SVG": (
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        "This is a drawing (SVG), not a photo.",
        SCREENSHOT,
    ),
    "SVG with a declaration": (
        b"<?xml version='1.0'?>\n<svg/>",
        "This is a drawing (SVG), not a photo.",
        SCREENSHOT,
    ),
    "web page": (b"<!DOCTYPE html><html></html>", "This is a web page.", SCREENSHOT),
    "film from a phone": (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00", "This is a video.", PAUSE),
    "film from an iPhone": (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00", "This is a video.", PAUSE),
    "AVI": (b"RIFF\x00\x01\x00\x00AVI LIST", "This is a video.", PAUSE),
    "WebM": (b"\x1aE\xdf\xa3\x01\x00\x00\x00", "This is a video.", PAUSE),
    "moving AVIF": (b"\x00\x00\x00\x1cftypavis\x00\x00\x00\x00", "This is a moving picture.", SCREENSHOT),
    "moving HEIC": (b"\x00\x00\x00\x1cftyphevc\x00\x00\x00\x00", "This is a moving picture.", SCREENSHOT),
    "JPEG XL": (b"\xff\x0a\x00\x00", "This is a JPEG XL picture.", SCREENSHOT),
    "JPEG 2000": (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "This is a JPEG 2000 picture.", SCREENSHOT),
    "Photoshop": (b"8BPS\x00\x01", "This is a Photoshop file.", KINDLY + " Export it as a JPEG first."),
    "Word document": (b"PK\x03\x04\x14\x00", "This is a zip file or an office document.", KINDLY),
    "text": (b"Dear all, here are the photos", "This is not a picture that we can read.", KINDLY),
}


@pytest.mark.parametrize(("upload", "name", "advice"), STRANGERS.values(), ids=STRANGERS.keys())
def test_another_kind_of_file_is_refused_by_its_name_with_what_to_do(
    upload: bytes, name: str, advice: str
) -> None:
    with pytest.raises(Refused) as refusal:
        clean(upload)
    assert refusal.value.title == name + advice


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_a_moving_picture_is_refused(kind: str) -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    with pytest.raises(Refused) as refusal:
        clean(saved(frames[0], kind, save_all=True, append_images=frames[1:]))
    assert refusal.value.title == "This is a moving picture." + SCREENSHOT


def test_more_than_thirty_megabytes_are_refused() -> None:
    with pytest.raises(TooLarge, match="the most is 30 MB"):
        clean(b"\xff\xd8\xff".ljust(MOST_BYTES + 1, b"\x00"))


def _jpeg_of_size(width: int, height: int) -> bytes:
    """A small JPEG whose header claims another size."""
    jpeg = bytearray(saved(quarters(), "JPEG"))
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(jpeg)


def _webp_of_size(width: int, height: int) -> bytes:
    """A small lossless WebP whose header claims another size."""
    webp = bytearray(saved(quarters(), "WEBP", lossless=True))
    at = webp.index(b"VP8L") + 9
    webp[at : at + 4] = struct.pack("<I", (width - 1) | (height - 1) << 14)
    return bytes(webp)


def _heic_of_size(width: int, height: int) -> bytes:
    """A small HEIC whose header claims another size."""
    buffer = BytesIO()
    pillow_heif.from_pillow(quarters((128, 64))).save(buffer)
    heic = buffer.getvalue()
    return heic.replace(
        b"ispe\x00\x00\x00\x00\x00\x00\x00\x80\x00\x00\x00\x40",
        b"ispe" + struct.pack(">III", 0, width, height),
    )


BOMBS: dict[str, Callable[[], bytes]] = {
    "PNG of 121 megapixels": lambda: png((11_000, 11_000), 8, 2, b""),
    "PNG of 169 megapixels": lambda: png((13_000, 13_000), 1, 0, bytes(1626 * 13_000)),
    "PNG of 900 megapixels": lambda: png((30_000, 30_000), 8, 2, b""),
    "JPEG of 4,000 megapixels": lambda: _jpeg_of_size(65_000, 65_000),
    "WebP of 268 megapixels": lambda: _webp_of_size(16_383, 16_383),
    "HEIC of 400 megapixels": lambda: _heic_of_size(20_000, 20_000),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
@pytest.mark.parametrize("action", ["error", "ignore"])
def test_a_picture_of_too_many_pixels_is_refused_quickly(
    bomb: Callable[[], bytes], action: Literal["error", "ignore"]
) -> None:
    upload = bomb()
    begun = time.process_time()
    with warnings.catch_warnings(), pytest.raises(TooLarge, match="the most is 120 megapixels"):
        warnings.simplefilter(action, Image.DecompressionBombWarning)
        clean(upload)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP"])
def test_text_that_swells_is_not_swelled(kind: bytes) -> None:
    swollen = chunk(kind, b"name\x00\x00" + zlib.compress(bytes(40_000_000)))
    upload = png((16, 16), 8, 2, (b"\x00" + bytes(48)) * 16, before=swollen)
    begun = time.process_time()
    with pytest.raises(Refused, match="This photo is damaged"):
        clean(upload)
    assert time.process_time() - begun < 1


def test_a_jpeg_of_hundreds_of_scans_is_refused() -> None:
    jpeg = saved(quarters(), "JPEG", progressive=True)
    walked = list(segments(jpeg))
    last = [number for number, segment in enumerate(walked) if segment.marker == SOS][-1]
    scan = jpeg[walked[last].start : walked[last + 1].start]
    with pytest.raises(Refused, match="stored in a way that we do not take"):
        clean(jpeg[:-2] + scan * 200 + jpeg[-2:])


@pytest.mark.parametrize(
    "filler", [b"\xff", b"\xff\x00", b"\xff\x01", b"\xff\xe1\x00\x02", b"\xff\xd0", b"\x00"]
)
def test_a_file_made_to_keep_us_busy_does_not(filler: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(Refused):
        clean(b"\xff\xd8\xff\xe0" + filler * (10_000_000 // len(filler)))
    assert time.process_time() - begun < 1


def test_a_png_of_a_million_empty_parts_does_not_keep_us_busy() -> None:
    begun = time.process_time()
    with pytest.raises(Refused):
        clean(png((16, 16), 8, 2, (b"\x00" + bytes(48)) * 16, before=chunk(b"prIv", b"") * 1_000_000))
    assert time.process_time() - begun < 1


def test_a_heic_of_a_million_empty_boxes_does_not_keep_us_busy() -> None:
    whole = camera.take_heic(size=(64, 48))
    assert clean(whole + b"\x00\x00\x00\x08free" * 100).renditions
    begun = time.process_time()
    with pytest.raises(Refused, match="This photo is damaged"):
        clean(whole + b"\x00\x00\x00\x08free" * 3_500_000)
    assert time.process_time() - begun < 0.5


def _with_items(brand: bytes, kind: bytes, items: int) -> bytes:
    config, data = heif.coded(brand, (64, 64))
    each = heif.Item(kind, data, (1, 2))
    return heif.file([each] * items, [heif.spatial(64, 64), config], brand=brand)


@pytest.mark.parametrize(("brand", "kind"), [(b"avif", b"av01"), (b"heic", b"hvc1")])
def test_a_photo_of_tens_of_thousands_of_items_does_not_keep_us_busy(brand: bytes, kind: bytes) -> None:
    assert clean(_with_items(brand, kind, 600)).renditions
    begun = time.process_time()
    with pytest.raises(Refused, match="stored in a way that we do not take"):
        clean(_with_items(brand, kind, 60_000))
    assert time.process_time() - begun < 1.5  # most of it to make the file


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_broken_boxes_do_not_stop_the_reading_of_lists(noise: bytes) -> None:
    assert not lists_too_long(noise)
    assert not lists_too_long(heif.box(b"meta", bytes(4), heif.box(b"iprp", noise)))
    assert lists_too_long(heif.box(b"meta", bytes(4), heif.box(b"iinf", bytes(70_000)), noise))
    assert lists_too_long(heif.box(b"meta", bytes(4), heif.box(b"iprp", heif.box(b"ipma", bytes(70_000)))))


def test_a_photo_with_a_million_beginnings_of_exif_behind_it_is_cleaned_as_quickly() -> None:
    upload = saved(quarters(), "JPEG") + b"II*\x00\x08\x00\x00\x00\xff\xff" * 1_000_000
    begun = time.process_time()
    assert clean(upload).removed == ("data after the end of the image",)
    assert time.process_time() - begun < 2


WHOLE = {
    "JPEG": camera.take(size=(200, 150), extras=camera.EXTRAS - {"trailer"}),
    "progressive": saved(quarters(), "JPEG", progressive=True),
    "PNG": saved(quarters((90, 60)), "PNG"),
    "WebP": saved(quarters((90, 60)), "WEBP"),
    "HEIC": camera.take_heic(size=(256, 192)),
}


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE.keys())
def test_the_whole_file_is_taken(whole: bytes) -> None:
    assert clean(whole).renditions


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE.keys())
@settings(max_examples=40, deadline=None, derandomize=True)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_short_anywhere_is_refused(whole: bytes, share: float) -> None:
    with pytest.raises(Refused):
        clean(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE.keys())
@pytest.mark.parametrize("missing", [1, 2, 3, 8, 12, 13])
def test_a_file_without_its_last_bytes_is_refused(whole: bytes, missing: int) -> None:
    with pytest.raises(Refused):
        clean(whole[:-missing])


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE.keys())
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
)
@given(
    damage=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6)
)
def test_a_damaged_file_is_cleaned_or_refused_and_nothing_else(
    whole: bytes, damage: list[tuple[float, int]]
) -> None:
    upload = bytearray(whole)
    for share, value in damage:
        upload[int(len(whole) * share)] = value
    try:
        cleaned = clean(bytes(upload))
    except Refused:
        return
    assert all(camera.PLANTED not in rendition.data for rendition in cleaned.renditions)


def test_a_name_says_nothing_and_the_content_decides() -> None:
    """There is no name among the arguments: an EPS called .jpg is still an EPS."""
    with pytest.raises(Refused, match="PostScript"):
        clean(b"\xc5\xd0\xd3\xc6 a PostScript file with a preview")


def test_a_jpeg_with_a_script_in_its_comment_is_cleaned_of_it() -> None:
    cleaned = clean(with_segment(saved(quarters(), "JPEG"), 0xFE, b"<script>alert(1)</script>"))
    assert all(b"script" not in rendition.data for rendition in cleaned.renditions)
