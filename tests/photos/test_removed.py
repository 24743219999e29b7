"""What staff are told about what was in a photo: the kinds, exactly, and never a value."""

import struct

import piexif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.photos.pictures import chunk, png, quarters, saved, with_segment
from tripupdates.photos.clean import clean
from tripupdates.photos.removed import end_of_picture, what_was_in
from tripupdates.practice import camera

EVERYTHING = (
    "location",
    "date and time",
    "camera make and model",
    "camera serial number",
    "owner’s name",
    "thumbnail",
    "editing history",
    "XMP data",
    "maker note",
    "caption or comment",
    "camera settings",
    "colour profile",
    "data after the end of the image",
)


def test_a_photo_from_the_practice_camera_held_everything() -> None:
    assert clean(camera.take(size=(320, 240))).removed == EVERYTHING
    assert clean(camera.take_png(size=(64, 48))).removed == EVERYTHING
    assert clean(camera.take_webp(size=(64, 48))).removed == EVERYTHING
    assert clean(camera.take_heic(size=(64, 48))).removed == EVERYTHING[:-1]


def test_nothing_is_told_of_a_photo_that_held_nothing() -> None:
    assert clean(camera.take(size=(64, 48), extras=set())).removed == ()
    assert clean(saved(quarters(), "PNG")).removed == ()
    assert clean(saved(quarters(), "WEBP")).removed == ()


def _exif(**parts: dict[int, object]) -> bytes:
    """A JPEG with just these EXIF entries; `zeroth` stands for the main directory."""
    named = {"0th": parts.get("zeroth", {}), "Exif": parts.get("exif", {}), "GPS": parts.get("gps", {})}
    return saved(quarters(), "JPEG", exif=piexif.dump(named))


def _xmp(attribute: str) -> bytes:
    return saved(quarters(), "JPEG", xmp=f'<x:xmpmeta xmlns:x="adobe:ns:meta/" {attribute}/>'.encode())


ROWS = (b"\x00" + bytes(48)) * 16
ONE_EACH: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "GPS": (_exif(gps={piexif.GPSIFD.GPSLatitudeRef: b"N"}), ("location",)),
    "GPS in XMP": (_xmp('exif:GPSLatitude="1,2N"'), ("location", "XMP data")),
    "date": (_exif(exif={piexif.ExifIFD.DateTimeOriginal: b"2031:05:14 10:20:30"}), ("date and time",)),
    "date in XMP": (_xmp('xmp:CreateDate="2031"'), ("date and time", "XMP data")),
    "date in PNG": (png((16, 16), 8, 2, ROWS, before=chunk(b"tIME", bytes(7))), ("date and time",)),
    "make": (_exif(zeroth={piexif.ImageIFD.Make: b"Practice"}), ("camera make and model",)),
    "serial": (_exif(exif={piexif.ExifIFD.BodySerialNumber: b"1"}), ("camera serial number",)),
    "owner": (_exif(exif={piexif.ExifIFD.CameraOwnerName: b"Somebody"}), ("owner’s name",)),
    "thumbnail": (with_segment(saved(quarters(), "JPEG"), 0xE0, b"JFXX\x00\x10"), ("thumbnail",)),
    "history": (_xmp('xmpMM:History="cropped"'), ("editing history", "XMP data")),
    "Photoshop": (with_segment(saved(quarters(), "JPEG"), 0xED, b"Photoshop 3.0\x00"), ("editing history",)),
    "extended XMP": (
        with_segment(saved(quarters(), "JPEG"), 0xE1, b"http://ns.adobe.com/xmp/extension/\x00dc:creator"),
        ("owner’s name", "XMP data"),
    ),
    "maker note": (_exif(exif={piexif.ExifIFD.MakerNote: b"secret"}), ("maker note",)),
    "comment": (saved(quarters(), "JPEG", comment=b"hello"), ("caption or comment",)),
    "text in PNG": (
        png((16, 16), 8, 2, ROWS, after=chunk(b"tEXt", b"Title\x00At the lake")),
        ("caption or comment",),
    ),
    "exposure": (_exif(exif={piexif.ExifIFD.ExposureTime: (1, 250)}), ("camera settings",)),
    "profile": (saved(quarters(), "JPEG", icc_profile=camera.display_p3()), ("colour profile",)),
    "tail": (saved(quarters(), "WEBP") + b"tail", ("data after the end of the image",)),
    "orientation only": (_exif(zeroth={piexif.ImageIFD.Orientation: 6}), ()),
    "padding": (saved(quarters(), "JPEG") + bytes(100), ()),
}


@pytest.mark.parametrize(("upload", "expected"), ONE_EACH.values(), ids=ONE_EACH.keys())
def test_each_kind_is_told_by_itself(upload: bytes, expected: tuple[str, ...]) -> None:
    assert clean(upload).removed == expected


def test_a_second_jpeg_behind_the_first_is_no_trailing_data_but_what_follows_it_is() -> None:
    pair = saved(quarters(), "MPO", save_all=True, append_images=[quarters()])
    assert clean(pair).removed == ("second image",)
    assert clean(pair + b"video").removed == ("second image", "data after the end of the image")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(max_size=120))
def test_broken_metadata_never_stops_the_list(noise: bytes) -> None:
    image = Image.new("RGB", (8, 8))
    image.info = {
        "exif": b"Exif\x00\x00MM\x00*" + noise,
        "xmp": noise,
        "icc_profile": noise,
        "thumbnails": [],
    }
    for head in (b"", b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n", b"RIFF", b"\x00\x00\x00\x08ftyp"):
        told = what_was_in(head + noise, image)
        assert list(told) == sorted(told, key=(*EVERYTHING[:12], "second image", EVERYTHING[12]).index)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_ends_where_it_says(kind: str) -> None:
    whole = saved(quarters(), kind)
    assert end_of_picture(whole) == end_of_picture(whole + b"more") == len(whole)
    assert end_of_picture(whole[:-1]) is None


def test_a_heic_ends_before_the_first_box_that_no_picture_has() -> None:
    whole = camera.take_heic(size=(64, 48))
    long_box = struct.pack(">I4sQ", 1, b"mdat", 24) + b"12345678"
    open_box = struct.pack(">I4s", 0, b"mdat") + b"to the end"
    assert end_of_picture(whole + b"\x00\x00\x00\x10sefdsomething") == len(whole)
    assert end_of_picture(whole + long_box) == len(whole) + 24
    assert end_of_picture(whole + open_box) == len(whole) + 18
    assert end_of_picture(whole + struct.pack(">I4s", 3, b"free")) is None
