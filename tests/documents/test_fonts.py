"""Fonts keep their letters and lose what their makers wrote into them."""

import struct
from io import BytesIO

import pytest
from PIL import ImageFont

from tests.documents.planted_drawn import truetype
from tripupdates.documents.fonts import plain
from tripupdates.vocabulary import Refused


def _tables(font: bytes) -> dict[bytes, bytes]:
    found = {}
    for number in range(int.from_bytes(font[4:6], "big")):
        tag, _, start, length = struct.unpack_from(">4sIII", font, 12 + 16 * number)
        found[tag] = font[start : start + length]
    return found


def test_a_truetype_font_keeps_its_letters_and_loses_its_names_and_dates() -> None:
    dated = truetype().replace(bytes(54), bytes(20) + b"MadeWhenAndChanged"[:16] + bytes(18), 1)
    before, after = _tables(dated), _tables(plain(dated))
    assert set(before) == {b"head", b"maxp", b"name", b"DSIG"}
    assert after == {b"head": bytes(54), b"maxp": bytes(6)}


def test_a_real_font_still_draws_every_letter_alike() -> None:
    shipped = ImageFont.load_default(24)
    assert isinstance(shipped, ImageFont.FreeTypeFont)
    data = shipped.font_bytes
    whole, bare = (ImageFont.truetype(BytesIO(each), 24) for each in (data, plain(data)))
    for (
        letter
    ) in "Zwölf Boxkämpfer, jagen!":  # each alone: how letters stand together is the document's own business
        assert bytes(bare.getmask(letter)) == bytes(whole.getmask(letter))
    assert len(plain(data)) < len(data)


def _index(*entries: bytes) -> bytes:
    if not entries:
        return bytes(2)
    offsets, at = b"", 1
    for entry in (*entries, b""):
        offsets += at.to_bytes(2, "big")
        at += len(entry)
    return struct.pack(">HB", len(entries), 2) + offsets + b"".join(entries)


def _cff(top: bytes, *strings: bytes) -> bytes:
    return b"\x01\x00\x04\x02" + _index(b"Face") + _index(top) + _index(*strings) + _index()


def test_words_in_a_cff_font_become_blanks_and_letters_names_stay() -> None:
    number = b"\x1e\x12\x3f"  # 1.23 as a real number, which is stepped over
    top = b"\xf8\x1b\x01" + number + b"\x1c\x01\x88\x0c\x00" + b"\x1d\x00\x00\x01\x89\x02" + b"\x8b\x0f"
    font = _cff(top, b"Notice of Jane", b"Copyright Jane", b"Jane Sans", b"a.alternate")
    blank = plain(font)
    assert len(blank) == len(font)
    assert b"Jane" not in blank
    assert b"a.alternate" in blank


def test_words_in_a_type_1_font_become_blanks() -> None:
    clear = b"%!PS-AdobeFont-1.0: JaneSans 001.000\n%%CreationDate: today\n/Notice (by Jane \\(c\\)) readonly def\n"
    font = clear + b"/FontName /JaneSans def\ncurrentfile eexec\x00\x01%rest"
    blank = plain(font)
    assert len(blank) == len(font)
    assert blank.startswith(b"%!PS-AdobeFont-1.0:   ")
    assert b"today" not in blank
    assert b"by Jane" not in blank
    assert blank.endswith(b"/FontName /JaneSans def\ncurrentfile eexec\x00\x01%rest")


@pytest.mark.parametrize(
    "font",
    [
        b"",
        b"no font",
        b"%!PS no end",
        b"\x01\x00\x04",
        b"\x01\x00\x04\x02\x00\x05\x09",
        b"\x00\x01\x00\x00\xff\xff",
        b"ttcf",
    ],
)
def test_what_is_no_font_is_refused(font: bytes) -> None:
    with pytest.raises(Refused, match="damaged"):
        plain(font)
