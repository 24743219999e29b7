"""The practice camera writes what phones write, so that the other tests have something to lose."""

import time
from collections.abc import Callable
from io import BytesIO

import piexif
import pillow_heif
import pytest
from PIL import Image, ImageOps

from tests.photos.pictures import colour_at, near
from tripupdates.photos.proof import location_in
from tripupdates.practice import camera, drawn_people


def test_a_photo_of_twelve_megapixels_is_quick_to_take() -> None:
    begun = time.process_time()
    photo = camera.take()
    assert time.process_time() - begun < 2  # 0.2 s where nothing else runs
    assert Image.open(BytesIO(photo)).size == (4032, 3024)


def test_every_extra_is_there_when_asked_for_and_only_then() -> None:
    bare = camera.take(size=(64, 48), extras=set())
    assert camera.PLANTED not in bare
    assert not location_in(bare)
    for extra in ("exif", "xmp", "comment", "profile", "trailer"):
        assert camera.PLANTED in camera.take(size=(64, 48), extras={extra})


@pytest.mark.parametrize("take", [camera.take_png, camera.take_webp, camera.take_heic, camera.take_avif])
def test_every_other_format_has_people_and_planted_metadata_too(take: Callable[..., bytes]) -> None:
    file = BytesIO(take(1, size=(320, 240), people=2))
    photo = pillow_heif.open_heif(file).to_pillow() if take is camera.take_heic else Image.open(file)
    assert camera.PLANTED in photo.info["exif"]
    assert camera.PLANTED in photo.info["icc_profile"]
    assert "PLANTED caption" in str(photo.info.get("xmp") or photo.info["XML:com.adobe.xmp"])
    jpeg = Image.open(BytesIO(camera.take(1, size=(320, 240), people=2)))
    for left, top, wide, high in drawn_people.heads(2, (320, 240)):
        coat, beside = (left + wide * 0.25, top + high * 2.5), (left + wide * 3, top + high * 2.5)
        assert near(colour_at(photo, *coat), colour_at(jpeg, *coat), 24)
        assert not near(colour_at(photo, *coat), colour_at(photo, *beside), 48)


def test_an_avif_is_an_avif_with_a_place_in_it() -> None:
    photo = camera.take_avif(size=(64, 48))
    assert Image.open(BytesIO(photo)).format == "AVIF"
    assert piexif.load(Image.open(BytesIO(photo)).info["exif"])["GPS"][piexif.GPSIFD.GPSLatitudeRef] == b"N"
    assert location_in(photo)


def test_the_exif_names_an_owner_a_camera_and_a_place() -> None:
    exif = piexif.load(camera.take(size=(64, 48)))
    assert exif["Exif"][piexif.ExifIFD.CameraOwnerName] == b"PLANTED Owner"
    assert exif["Exif"][piexif.ExifIFD.BodySerialNumber] == b"PLANTED-000123"
    assert exif["GPS"][piexif.GPSIFD.GPSLatitude] == ((54, 1), (27, 1), (3012, 100))
    assert b"PLANTED" in exif["Exif"][piexif.ExifIFD.MakerNote]
    assert b"PLANTED thumbnail" in exif["thumbnail"]


def test_each_scene_is_another_picture_and_the_same_scene_the_same() -> None:
    photos = [camera.take(scene, size=(64, 48)) for scene in (1, 2, 3, 4, 1)]
    assert len(set(photos)) == 4
    assert photos[0] == photos[-1]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_taken_any_way_is_upright_once_turned(orientation: int) -> None:
    photo = Image.open(BytesIO(camera.take(size=(64, 64), orientation=orientation)))
    upright = ImageOps.exif_transpose(photo)
    straight = Image.open(BytesIO(camera.take(size=(64, 64))))
    for place in ((0.05, 0.05), (0.95, 0.05), (0.05, 0.95), (0.95, 0.95)):
        assert near(colour_at(upright, *place), colour_at(straight, *place), 16)


def test_the_size_is_the_sensors_whichever_way_it_is_held() -> None:
    assert Image.open(BytesIO(camera.take(size=(64, 48), orientation=6))).size == (64, 48)


@pytest.mark.parametrize(("orientation", "extras"), [(0, set()), (9, set()), (1, {"smell"})])
def test_what_no_camera_has_is_an_error(orientation: int, extras: set[str]) -> None:
    with pytest.raises(ValueError, match="no such extra or orientation"):
        camera.take(size=(64, 48), orientation=orientation, extras=extras)
