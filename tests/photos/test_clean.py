"""What comes out of cleaning: the right pixels, upright, in sRGB, in the right sizes, and nothing else."""

import random
from collections.abc import Callable
from io import BytesIO
from typing import IO

import piexif
import pillow_heif
import pytest
from PIL import Image, ImageCms

from tests.photos.pictures import (
    BLUE,
    GREEN,
    RED,
    Colour,
    chunk,
    colour_at,
    corners,
    largest,
    near,
    png,
    quarters,
    saved,
    with_segment,
)
from tripupdates.photos.clean import clean
from tripupdates.photos.proof import location_in, prove
from tripupdates.practice import camera
from tripupdates.vocabulary import Refused

CAMERAS = {
    "JPEG": lambda: camera.take(size=(1000, 750)),
    "PNG": lambda: camera.take_png(size=(400, 300)),
    "WebP": lambda: camera.take_webp(size=(400, 300)),
    "HEIC": lambda: camera.take_heic(size=(400, 300)),
}


@pytest.mark.parametrize("take", CAMERAS.values(), ids=CAMERAS.keys())
def test_no_planted_secret_is_left_in_any_rendition(take: Callable[[], bytes]) -> None:
    upload = take()
    assert camera.PLANTED in upload
    assert location_in(upload)
    for rendition in clean(upload).renditions:
        assert camera.PLANTED not in rendition.data
        assert camera.PLANTED.decode().encode("utf-16-be") not in rendition.data
        assert not location_in(rendition.data)
        prove(rendition.data)


def test_an_encoder_that_leaks_is_caught_before_anything_is_handed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = Image.SAVE["JPEG"]

    def leaky(image: Image.Image, file: IO[bytes], name: str | bytes) -> None:
        image.encoderinfo["comment"] = b"left over"
        honest(image, file, name)

    upload = saved(quarters(), "PNG")
    monkeypatch.setitem(Image.SAVE, "JPEG", leaky)
    with pytest.raises(Refused, match="did not pass our check"):
        clean(upload)


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [(1, "RGBY"), (2, "GRYB"), (3, "YBGR"), (4, "BYRG"), (5, "RBGY"), (6, "BRYG"), (7, "YGBR"), (8, "GYRB")],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_comes_out_upright(kind: str, orientation: int, expected: str) -> None:
    exif = piexif.dump({"0th": {piexif.ImageIFD.Orientation: orientation}})
    picture = largest(clean(saved(quarters(), kind, exif=exif)))
    assert corners(picture) == expected
    assert picture.size == ((120, 80) if orientation < 5 else (80, 120))


@pytest.mark.parametrize("orientation", range(2, 9))
def test_the_practice_camera_held_any_way_gives_the_same_picture(orientation: int) -> None:
    held = largest(clean(camera.take(size=(480, 480), orientation=orientation)))
    straight = largest(clean(camera.take(size=(480, 480))))
    for place in ((0.1, 0.1), (0.9, 0.1), (0.1, 0.95), (0.9, 0.95), (0.5, 0.3)):
        assert near(colour_at(held, *place), colour_at(straight, *place), 12)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_heic_is_turned_once_and_not_twice(orientation: int) -> None:
    buffer = BytesIO()
    exif = piexif.dump({"0th": {piexif.ImageIFD.Orientation: orientation}})
    pillow_heif.from_pillow(quarters((128, 64))).save(buffer, quality=90, exif=exif)
    seen = pillow_heif.open_heif(BytesIO(buffer.getvalue())).to_pillow()
    assert corners(largest(clean(buffer.getvalue()))) == corners(seen)


def test_an_orientation_that_does_not_exist_is_taken_as_upright() -> None:
    exif = piexif.dump({"0th": {piexif.ImageIFD.Orientation: 77}})
    assert corners(largest(clean(saved(quarters(), "JPEG", exif=exif)))) == "RGBY"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((4100, 600), [(480, 70), (960, 141), (1600, 234), (2048, 300)]),
        ((300, 2048), [(70, 480), (141, 960), (234, 1600), (300, 2048)]),
        ((2047, 100), [(480, 23), (960, 47), (1600, 78), (2047, 100)]),
        ((1000, 500), [(480, 240), (960, 480), (1000, 500)]),
        ((480, 300), [(480, 300)]),
        ((9, 7), [(9, 7)]),
        ((1, 1), [(1, 1)]),
        ((3000, 1), [(480, 1), (960, 1), (1600, 1), (2048, 1)]),
    ],
)
def test_renditions_are_never_larger_than_the_photo(
    size: tuple[int, int], expected: list[tuple[int, int]]
) -> None:
    cleaned = clean(saved(quarters(size), "JPEG"))
    avif = [each for each in expected if max(each) <= 1600]
    assert [(rendition.width, rendition.height) for rendition in cleaned.jpegs] == expected
    assert [Image.open(BytesIO(rendition.data)).size for rendition in cleaned.renditions] == avif + expected
    assert (cleaned.width, cleaned.height) == expected[-1]


def test_a_rendition_is_a_progressive_rgb_jpeg_named_by_its_hash() -> None:
    avif, rendition = clean(saved(quarters(), "PNG")).renditions
    picture = Image.open(BytesIO(rendition.data))
    assert (rendition.format, picture.format, picture.mode) == ("JPEG", "JPEG", "RGB")
    assert "progressive" in picture.info
    assert len(rendition.name) == 68
    assert rendition.name.endswith(".jpg")
    picture = Image.open(BytesIO(avif.data))
    assert (avif.format, picture.format, picture.mode, avif.name[-5:]) == ("AVIF", "AVIF", "RGB", ".avif")
    assert corners(picture) == "RGBY"


def test_the_same_upload_gives_the_same_bytes() -> None:
    upload = camera.take(size=(1700, 1000))
    assert clean(upload) == clean(upload)


def test_a_large_jpeg_is_decoded_coarsely_and_still_looks_the_same() -> None:
    picture = camera.take(size=(4400, 1100), extras=set())
    coarse = largest(clean(picture))
    fine = Image.open(BytesIO(picture)).convert("RGB").resize((2048, 512), Image.Resampling.LANCZOS)
    for across, down in ((0.05, 0.1), (0.5, 0.2), (0.3, 0.97), (0.95, 0.95)):
        assert near(colour_at(coarse, across, down), colour_at(fine, across, down), 8)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_taken(mode: str) -> None:
    if mode == "I;16":
        picture = Image.new("I;16", (40, 30), 0xC000)
    elif mode == "PA":
        picture = Image.new("RGBA", (40, 30), "white").convert("P")
    else:
        picture = Image.new("RGBA", (40, 30), "white").convert(mode)
    cleaned = clean(saved(picture, "PNG"))
    assert near(colour_at(largest(cleaned)), (192,) * 3 if mode == "I;16" else (255,) * 3)


def test_a_cmyk_jpeg_gets_its_colours() -> None:
    assert near(
        colour_at(largest(clean(saved(Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG")))), (254, 0, 0)
    )


def test_a_progressive_and_a_grey_jpeg_are_taken() -> None:
    assert corners(largest(clean(saved(quarters(), "JPEG", progressive=True)))) == "RGBY"
    assert near(colour_at(largest(clean(saved(Image.new("L", (64, 64), 90), "JPEG")))), (90, 90, 90))


def test_sixteen_bit_colour_keeps_its_upper_half() -> None:
    row = b"\x00" + b"\xc8\x12\x64\x34\x32\x56" * 16
    assert near(colour_at(largest(clean(png((16, 16), 16, 2, row * 16)))), (0xC8, 0x64, 0x32))


def test_sixteen_bit_colour_with_a_see_through_colour_is_taken() -> None:
    row = b"\x00" + b"\xc8\x12\x64\x34\x32\x56" * 16
    key = chunk(b"tRNS", b"\x01\x00\x02\x00\x03\x00")
    assert near(colour_at(largest(clean(png((16, 16), 16, 2, row * 16, before=key)))), (0xC8, 0x64, 0x32))


def test_colours_hidden_under_transparency_stay_hidden() -> None:
    hidden = Image.new("RGBA", (60, 40), (*RED, 0))
    hidden.paste((*BLUE, 255), (0, 0, 30, 40))
    picture = largest(clean(saved(hidden, "PNG")))
    assert near(colour_at(picture, 0.1), BLUE, 12)
    assert near(colour_at(picture, 0.95), (255, 255, 255))


@pytest.mark.parametrize(
    ("depth", "colour_type", "row", "key"),
    [
        (8, 0, b"\x00" + b"\x28" * 16, b"\x00\x28"),
        (16, 0, b"\x00" + b"\x28\x29" * 16, b"\x28\x29"),
        (8, 2, b"\x00" + bytes(RED) * 16, b"".join(bytes([0, value]) for value in RED)),
    ],
)
def test_a_colour_declared_see_through_becomes_white(
    depth: int, colour_type: int, row: bytes, key: bytes
) -> None:
    upload = png((16, 16), depth, colour_type, row * 16, before=chunk(b"tRNS", key))
    assert near(colour_at(largest(clean(upload))), (255, 255, 255))


def _p3_to_srgb(colour: Colour) -> Colour:
    """Display P3 to sRGB by hand: their curve is the same, and the matrix is that of CSS Color 4."""
    linear = [((value / 255 + 0.055) / 1.055) ** 2.4 for value in colour]
    matrix = ((1.22494, -0.22494, 0.0), (-0.04206, 1.04206, 0.0), (-0.01964, -0.07864, 1.09827))
    mixed = [sum(weight * value for weight, value in zip(row, linear, strict=True)) for row in matrix]
    red, green, blue = (round((1.055 * max(value, 0) ** (1 / 2.4) - 0.055) * 255) for value in mixed)
    return red, green, blue


@pytest.mark.parametrize("colour", [(200, 100, 100), (100, 170, 90), (128, 128, 128)])
def test_display_p3_becomes_srgb(colour: Colour) -> None:
    flat = Image.new("RGB", (64, 64), colour)
    heic = BytesIO()
    flat.info["icc_profile"] = camera.display_p3()
    pillow_heif.from_pillow(flat).save(heic, quality=95)
    for upload in (
        saved(flat, "PNG", icc_profile=camera.display_p3()),
        saved(flat, "WEBP", lossless=True, icc_profile=camera.display_p3()),
        heic.getvalue(),
    ):
        assert near(colour_at(largest(clean(upload))), _p3_to_srgb(colour), 4)


def test_a_broken_profile_or_one_for_another_kind_of_picture_is_taken_as_srgb() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (b"no profile at all", camera.display_p3()[:150], lab):
        upload = saved(Image.new("RGB", (64, 64), GREEN), "PNG", icc_profile=profile)
        assert near(colour_at(largest(clean(upload))), GREEN)


def test_even_the_most_detailed_photo_stays_under_the_five_megabytes_that_x_takes() -> None:
    dice = random.Random(1)
    noise = [Image.frombytes("1", (2048, 2048), dice.randbytes(2048 * 256)).convert("L") for _ in "RGB"]
    cleaned = clean(saved(Image.merge("RGB", noise), "PNG", compress_level=1))
    assert [rendition.width for rendition in cleaned.jpegs] == [480, 960, 1600, 2048]
    assert all(len(rendition.data) <= 5_000_000 for rendition in cleaned.renditions)


def test_of_two_images_in_one_file_only_the_first_is_kept() -> None:
    second = Image.new("RGB", (120, 80), "white")
    heic = BytesIO()
    pair = pillow_heif.from_pillow(quarters((128, 64)))
    pair.add_from_pillow(second.resize((128, 64)))
    pair.save(heic, quality=90)
    mpo = saved(quarters(), "MPO", save_all=True, append_images=[second])
    for upload in (mpo, heic.getvalue()):
        cleaned = clean(upload)
        assert corners(largest(cleaned)) == "RGBY"
        assert cleaned.removed == ("second image",)


@pytest.mark.filterwarnings("ignore:Image appears to be a malformed MPO")
def test_a_broken_list_of_second_images_does_no_harm() -> None:
    upload = with_segment(saved(quarters(), "JPEG"), 0xE2, b"MPF\x00II*\x00\x08\x00\x00\x00nonsense")
    assert corners(largest(clean(upload))) == "RGBY"


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("keep", [6, 10, 14, 20, 26, 60, 200])
def test_a_photo_with_broken_exif_is_still_cleaned(keep: int) -> None:
    exif = camera.exif_block(quarters(), 1, camera.EXTRAS)[:keep]
    cleaned = clean(with_segment(saved(quarters(), "JPEG"), 0xE1, exif.ljust(6, b"\x00")))
    assert corners(largest(cleaned)) == "RGBY"


def test_what_follows_the_picture_is_not_kept() -> None:
    for tail in (b"PK\x03\x04 a zip file", b"<script>alert(1)</script>"):
        cleaned = clean(saved(quarters(), "JPEG") + tail)
        assert tail not in cleaned.renditions[-1].data
        assert cleaned.removed == ("data after the end of the image",)
