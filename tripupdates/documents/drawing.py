"""How what is drawn is carried over: pages and forms, pictures, colours, fonts. Rules for `copying`. Pure.

Clauses are those of ISO 32000-1.
"""

import re
import zlib

from pikepdf import Array, ContentStreamInlineImage, Dictionary, Name, Object, Page, Stream, String

from tripupdates.documents import fonts, pictures, profiles
from tripupdates.documents.content import Within, check_size, redrawn
from tripupdates.documents.copying import Copy
from tripupdates.documents.reading_order import text
from tripupdates.documents.streams import Value, peeled, plain, unpacked

_DRAWN = frozenset({"form", "tiling", "glyph"})
_WORD = re.compile(r"[A-Za-z0-9-]{1,20}")
_COMMENT = re.compile(rb"%[^\r\n]*")
_OF_INLINE = ("/Width", "/Height", "/BitsPerComponent", "/ImageMask", "/Decode", "/Interpolate")
_DEVICES = {1: Name.DeviceGray, 3: Name.DeviceRGB, 4: Name.DeviceCMYK}
# 8.6: what stands in an array of colours behind its first name.
_COLOURS = {
    "/Indexed": ("colours", "plain", "table"),
    "/Separation": ("plain", "colours", "function"),
    "/DeviceN": ("plain", "colours", "function"),
    "/Pattern": ("colours",),
    **dict.fromkeys(("/CalGray", "/CalRGB", "/Lab"), ("calibrated",)),
}


def instructions(copy: Copy, old: Page | Stream, resources: Object | None) -> bytes:
    """The instructions of a page, or of what is drawn on one, anew."""
    return redrawn(old, Within(lambda said: text(copy, said), lambda image: _within(copy, image, resources)))


def pour(copy: Copy, old: Stream, new: Object, kind: str) -> tuple[bytes, Name]:
    """The bytes of a stream for its new one, and how they are packed."""
    if kind == "picture":
        how = old.get("/DecodeParms")
        how = how[0] if isinstance(how, Array) and len(how) else how
        data, packing = pictures.packed(unpacked(old), old, old.get("/ColorSpace"), copy.told.add)
        if packing == Name.DCTDecode and isinstance(how, Dictionary) and "/ColorTransform" in how:
            new.DecodeParms = Dictionary(ColorTransform=int(how.ColorTransform))
        return data, packing
    return zlib.compress(_poured(copy, old, kind)), Name.FlateDecode


def _poured(copy: Copy, old: Stream, kind: str) -> bytes:
    data = plain(old)
    if kind in _DRAWN:
        check_size([data])
        return instructions(copy, old, old.get("/Resources"))
    if kind == "program":
        return fonts.plain(data)
    if kind == "numbers of glyphs":
        return data[: 2 * 65_536]
    return _COMMENT.sub(b"", data) if kind == "letters" or old.get("/FunctionType") == 4 else data


def _drawn(copy: Copy, old: Value) -> Value:
    """8.8: a picture or a form; programs for printers stay behind."""
    kinds = {"/Image": "picture", "/Form": "form"}
    kind = kinds.get(str(old.get("/Subtype"))) if isinstance(old, Stream) else None
    return copy.value(old, kind) if kind else None


def _pattern(copy: Copy, old: Value) -> Value:
    return copy.value(old, "tiling" if isinstance(old, Stream) else "shaded")


def _mask(copy: Copy, old: Value) -> Value:
    return copy.value(old, "plain" if isinstance(old, Array) else "picture")


def _function(copy: Copy, old: Value) -> Value:
    if isinstance(old, Array):
        return Array(copy.several(old, "function"))
    return copy.value(old, "plain" if isinstance(old, Name) else "numbers")


def _colours(copy: Copy, old: Value) -> Value:
    """8.6: a name, or an array that begins with one."""
    if isinstance(old, Name):
        return copy.value(old, "plain")
    if not isinstance(old, Array) or len(old) < 2:
        return None
    name = str(old[0])
    rest: list[Value] = list(old)[1:]
    if name == "/ICCBased":
        return _profile(copy, rest[0])
    kinds = _COLOURS.get(name, ())
    made = [copy.value(*pair) for pair in zip(rest, kinds, strict=False)]
    if not kinds or None in made or len(made) < len(kinds):
        return None
    if name == "/Indexed" and isinstance(rest[1], int):
        made[2] = String(bytes(made[2])[: (rest[1] + 1) * pictures.numbers_of(rest[0])])
    return Array([Name(name), *made])


def _profile(copy: Copy, old: Value) -> Value:
    """A profile without words; where it is none, the colours by how many numbers they have."""
    if not isinstance(old, Stream):
        return None
    known = copy.known(old, "profile")
    if known is None:
        data = plain(old)
        count: Value = old.get("/N")
        smaller = profiles.reduced(data)
        if smaller is None or count != profiles.components(data):
            return _DEVICES.get(count)
        known = copy.packed(smaller)
        copy.begin(old, "profile", known)
    return Array([Name.ICCBased, known])


def _table(_: Copy, old: Value) -> Value:
    if isinstance(old, Stream):
        return String(plain(old))
    return String(bytes(old)) if isinstance(old, String) else None


def _within(copy: Copy, image: ContentStreamInlineImage, resources: Object | None) -> bytes:
    """8.9.7: a picture among the instructions, its bytes in digits, so that no reader can mistake where they end."""
    said: Value = image.iimage.obj
    colours = said.get("/ColorSpace")
    listed = resources.get("/ColorSpace") if isinstance(resources, Dictionary) else None
    by_name = (
        listed.get(str(colours)) if isinstance(listed, Dictionary) and isinstance(colours, Name) else None
    )
    found = peeled(image.iimage.read_raw_bytes(), said.get("/Filter"), said.get("/DecodeParms"))
    if found.packing == "DCTDecode":
        data, packing = pictures.bare_jpeg(found.data, copy.told.add), b"[/AHx /DCT]"
    else:
        data, packing = pictures.pixels(found, said, colours if by_name is None else by_name), b"/AHx"
    kinds = {"/ColorSpace": "colours", **dict.fromkeys(_OF_INLINE, "plain")}
    made = {key: copy.value(said[key], kind) for key, kind in kinds.items() if key in said}
    words = [b"%s %s" % (key.encode(), _written(value)) for key, value in made.items() if value is not None]
    return b"BI %s /F %s\nID %s>\nEI" % (b" ".join(words), packing, data.hex().encode())


def _written(value: Value) -> bytes:
    if isinstance(value, Object):
        return value.unparse()
    return str(value).lower().encode() if isinstance(value, bool) else str(value).encode()


def _sized_font(copy: Copy, old: Value) -> Value:
    """8.4.5: a font and its size, within a state of drawing."""
    if not isinstance(old, Array) or len(old) != 2:
        return None
    font = copy.value(old[0], "font")
    return None if font is None else Array([font, copy.value(old[1], "plain")])


def _encoding(copy: Copy, old: Value) -> Value:
    """9.6.6 and 9.7.5: which letter a number is."""
    if isinstance(old, Name):
        return copy.value(old, "plain")
    return copy.value(old, "letters" if isinstance(old, Stream) else "differences")


def _glyph_map(copy: Copy, old: Value) -> Value:
    return copy.value(old, "plain" if isinstance(old, Name) else "numbers of glyphs")


def _word(_: Copy, old: Value) -> Value:
    """9.7.3: whose letters these are, such as Adobe's for Japan."""
    fits = isinstance(old, String) and _WORD.fullmatch(str(old))
    return String(str(old) if fits else "Identity")


RULES = {
    "drawn": _drawn,
    "pattern": _pattern,
    "mask": _mask,
    "function": _function,
    "colours": _colours,
    "table": _table,
    "sized font": _sized_font,
    "encoding": _encoding,
    "glyph map": _glyph_map,
    "word": _word,
}
