"""Any picture's pixels as plain 8-bit sRGB, with nothing hidden beneath them. Pure."""

from io import BytesIO

from PIL import Image, ImageCms


def plain(image: Image.Image) -> Image.Image:
    """The same picture in 8-bit grey, RGB or CMYK, or grey or RGB with transparency."""
    if image.mode.startswith("I"):
        return _eight_bits(image)
    if "transparency" in image.info and image.mode in {"1", "L", "P", "RGB"}:
        return image.convert("RGBA")
    wanted = {"1": "L", "L": "L", "LA": "LA", "PA": "RGBA", "RGBA": "RGBA", "CMYK": "CMYK"}.get(
        image.mode, "RGB"
    )
    return image if wanted == image.mode else image.convert(wanted)


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit grey as 8-bit grey; with transparency where the file names a grey as see-through."""
    wide = image.convert("I")
    grey = wide.point([value // 256 for value in range(65_536)], "L")
    clear = image.info.get("transparency")
    if not isinstance(clear, int):
        return grey
    return Image.merge(
        "LA", (grey, wide.point([0 if value == clear else 255 for value in range(65_536)], "L"))
    )


def on_white(image: Image.Image) -> Image.Image:
    """Without transparency: composited on white, so that colours hidden beneath it do not come to light."""
    if image.mode not in {"LA", "RGBA"}:
        return image
    solid = Image.new("L" if image.mode == "LA" else "RGB", image.size, "white")
    solid.paste(image.convert(solid.mode), mask=image.getchannel("A"))
    return solid


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as the ICC profile means them, in sRGB.

    A profile that is missing, broken or for another kind of picture is taken as sRGB: better dull than none.
    """
    if not profile:
        return image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image.convert("RGB")
    return converted or image.convert("RGB")
