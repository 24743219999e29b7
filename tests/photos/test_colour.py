"""A wide-gamut photo looks after cleaning as it did before: against a reference that knows nothing of our conversion."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from tests.photos.pictures import chunk, largest, saved
from tripupdates.photos import colour
from tripupdates.photos.clean import clean
from tripupdates.photos.profiles import display_p3, profile_of
from tripupdates.practice import camera

# CSS Color 4: linear sRGB to XYZ, and linear Display P3 to XYZ (both D65).
SRGB = np.array(
    [[0.4123908, 0.3575843, 0.1804808], [0.2126390, 0.7151687, 0.0721923], [0.0193308, 0.1191948, 0.9505322]]
)
P3 = np.array(
    [[0.4865709, 0.2656677, 0.1982173], [0.2289746, 0.6917385, 0.0792869], [0.0, 0.0451134, 1.0439444]]
)
WHITE = np.array([0.9504559, 1.0, 1.0890578])


def _linear(values: Any) -> Any:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _curved(values: Any) -> Any:
    values = np.clip(values, 0, 1)
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)


def _lab(srgb: Any) -> Any:
    """CIE L*a*b* of sRGB numbers from 0 to 255."""
    ratio = _linear(srgb / 255) @ SRGB.T / WHITE
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1
    )


def delta_e(one: Any, other: Any) -> float:
    """The mean difference of two pictures as the eye sees it: CIE 1976, stricter than its successors in strong colours."""
    return float(np.sqrt(((_lab(one) - _lab(other)) ** 2).sum(-1)).mean())


def _meant() -> Any:
    """Soft gradients through all of sRGB, skin and sky and strong colours, as sRGB numbers from 0 to 255."""
    down, across = np.mgrid[0:480, 0:640]
    red = 40 + 200 * across / 639
    green = 30 + 200 * down / 479
    blue = 128 + 100 * np.sin(across / 90) * np.cos(down / 70)
    picture = np.stack([red, green, blue], axis=-1)
    for number, patch in enumerate(
        [(224, 172, 140), (110, 74, 51), (255, 0, 0), (0, 255, 0), (0, 0, 255), (90, 160, 230)]
    ):
        picture[60:180, 20 + 100 * number : 100 + 100 * number] = patch
    return np.round(picture)


MEANT = _meant()
IN_P3 = Image.fromarray(
    np.round(255 * _curved(_linear(MEANT / 255) @ SRGB.T @ np.linalg.inv(P3).T)).astype(np.uint8), "RGB"
)


def _heic(**options: object) -> bytes:
    buffer = BytesIO()
    picture = IN_P3.copy()
    if "icc_profile" in options:
        picture.info["icc_profile"] = options.pop("icc_profile")
    pillow_heif.from_pillow(picture).save(buffer, quality=95, chroma=444, **options)
    return buffer.getvalue()


def _avif_said_in_numbers() -> bytes:
    plain = saved(IN_P3, "AVIF", quality=100, subsampling="4:4:4", speed=9)
    return plain.replace(b"nclx\x00\x01\x00\x0d", b"nclx\x00\x0c\x00\x0d")


def _png_said_in_numbers() -> bytes:
    plain = saved(IN_P3, "PNG")
    at = plain.index(b"IDAT") - 4
    return plain[:at] + chunk(b"cICP", b"\x0c\x0d\x00\x01") + plain[at:]


P3_PHOTOS: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: saved(IN_P3, "JPEG", quality=97, subsampling=0, icc_profile=camera.display_p3()),
    "PNG": lambda: saved(IN_P3, "PNG", icc_profile=camera.display_p3()),
    "WebP": lambda: saved(IN_P3, "WEBP", lossless=True, icc_profile=camera.display_p3()),
    "HEIC": lambda: _heic(icc_profile=camera.display_p3()),
    "AVIF": lambda: saved(IN_P3, "AVIF", quality=100, subsampling="4:4:4", icc_profile=camera.display_p3()),
    "HEIC, said in numbers": lambda: _heic(
        color_primaries=12, transfer_characteristics=13, matrix_coefficients=6, full_range_flag=1
    ),
    "AVIF, said in numbers": _avif_said_in_numbers,
    "PNG, said in numbers": _png_said_in_numbers,
}


def _seen(upload: bytes) -> Any:
    return np.asarray(largest(clean(upload)).convert("RGB"), dtype=np.float64)


# What was meant, computed without our conversion and encoded as every rendition is: so the encoder's loss is in both.
IN_SRGB = Image.fromarray(MEANT.astype(np.uint8), "RGB")
REFERENCE = _seen(saved(IN_SRGB, "PNG"))


@pytest.mark.parametrize("kind", P3_PHOTOS)
def test_a_display_p3_photo_keeps_its_colours_and_no_profile(kind: str) -> None:
    upload = P3_PHOTOS[kind]()
    # AVIF turns colours to brightness and back in whole numbers, which alone costs 0.9; so does its reference's.
    avif = saved(IN_SRGB, "AVIF", quality=100, subsampling="4:4:4") if kind.startswith("AVIF") else None
    assert delta_e(_seen(upload), _seen(avif) if avif else REFERENCE) < 1
    assert all("icc_profile" not in Image.open(BytesIO(each.data)).info for each in clean(upload).renditions)


def test_without_the_conversion_the_difference_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colour, "in_srgb", lambda image, _: image.convert("RGB"))
    assert delta_e(_seen(P3_PHOTOS["PNG"]()), REFERENCE) > 4


def test_an_srgb_photo_is_left_as_it_is() -> None:
    assert delta_e(REFERENCE, MEANT) < 1.3  # what JPEG takes


def test_words_inside_the_pixels_are_no_claim_about_colours() -> None:
    upload = saved(Image.new("RGB", (64, 64), "red"), "JPEG", comment=b"colrnclx\x00\x0c\x00\x0d")
    assert profile_of(upload, Image.open(BytesIO(upload))) is None


def test_an_embedded_profile_counts_before_numbers() -> None:
    upload = _avif_said_in_numbers()
    image = Image.open(BytesIO(upload))
    assert profile_of(upload, image) == display_p3()
    image.info["icc_profile"] = b"its own"
    assert profile_of(upload, image) == b"its own"
