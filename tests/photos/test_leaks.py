"""Nothing that any tool writes into a photo is in anything that we keep, however it is looked for (law 5)."""

import base64
import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest
from PIL import Image

from tests.photos.planted import Planted, exif_with_place, jpeg, profile, word, xmp
from tests.photos.planted_jpegs import JPEGS
from tests.photos.planted_others import OTHERS
from tests.photos.traces import PLAIN, told, traces
from tripupdates.photos import renditions
from tripupdates.photos.clean import clean
from tripupdates.photos.proof import location_in, prove
from tripupdates.photos.renditions import Cleaned
from tripupdates.vocabulary import Refused

MAKERS = JPEGS | OTHERS


@dataclass(frozen=True)
class Matrix:
    """Every upload, what was made of it, and what exiftool reads in both."""

    planted: dict[str, Planted]
    cleaned: dict[str, Cleaned]
    told_before: dict[str, dict[str, str]]
    told_after: dict[str, dict[str, str]]

    @property
    def words(self) -> set[bytes]:
        return {text for one in self.planted.values() for text in one.words}


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    work, before, after = (tmp_path_factory.mktemp(name) for name in ("work", "before", "after"))
    planted = {case: make(work) for case, make in MAKERS.items()}
    cleaned = {case: clean(one.upload) for case, one in planted.items()}
    for case, one in planted.items():
        (before / f"{case}{one.suffix}").write_bytes(one.upload)
    for photo in cleaned.values():
        _written(photo, after)
    yield Matrix(planted, cleaned, told(before), told(after))


def _written(photo: Cleaned, folder: Path) -> None:
    for each in photo.renditions:
        (folder / each.name).write_bytes(each.data)


@pytest.mark.parametrize("case", MAKERS)
def test_every_word_is_in_the_upload_and_exiftool_reads_there_what_it_can(case: str, matrix: Matrix) -> None:
    planted = matrix.planted[case]
    assert {text for text, _ in traces(planted.upload, planted.words)} == set(planted.words)
    read = " ".join(matrix.told_before[f"{case}{planted.suffix}"].values())
    assert [text for text in planted.read if text.decode() not in read] == []


@pytest.mark.parametrize("case", MAKERS)
def test_no_word_of_any_upload_is_in_any_rendition(case: str, matrix: Matrix) -> None:
    found = [traces(each.data, matrix.words) for each in matrix.cleaned[case].renditions]
    assert len(found) >= 2
    assert set().union(*found) == set()
    assert not any(location_in(each.data) for each in matrix.cleaned[case].renditions)


@pytest.mark.parametrize("case", MAKERS)
def test_exiftool_tells_of_a_rendition_how_its_pixels_are_coded_and_nothing_else(
    case: str, matrix: Matrix
) -> None:
    for each in matrix.cleaned[case].renditions:
        read = matrix.told_after[each.name]
        assert set(read) == PLAIN[Path(each.name).suffix]
        assert read["Composite:ImageSize"] == f"{each.width}x{each.height}"


def test_there_are_as_many_places_as_we_say(matrix: Matrix) -> None:
    assert len(MAKERS) == 32
    assert len(matrix.words) == 182
    assert {one.suffix for one in matrix.planted.values()} == {".jpg", ".png", ".webp", ".heic", ".avif"}


HIDDEN: dict[str, Callable[[bytes], bytes]] = {
    "as written": bytes,
    "UTF-16 little-endian": lambda text: text.decode().encode("utf-16-le"),
    "UTF-16 big-endian": lambda text: text.decode().encode("utf-16-be"),
    "backwards": lambda text: text[::-1],
    "swapped by 4": lambda text: b"".join(text[at : at + 4][::-1] for at in range(0, len(text), 4)),
    "HEXADECIMAL": lambda text: text.hex().upper().encode(),
    "base64 from 2": lambda text: base64.b64encode(b"by" + text),
    "inflated, as written": lambda text: zlib.compress(b"much" * 99 + text),
    "inflated, UTF-16 big-endian": lambda text: gzip.compress(text.decode().encode("utf-16-be")),
}


@pytest.mark.parametrize(("way", "hide"), HIDDEN.items(), ids=HIDDEN.keys())
def test_the_search_finds_a_word_however_it_is_hidden(way: str, hide: Callable[[bytes], bytes]) -> None:
    text = word("somewhere")
    assert traces(b"\xff\xd8 before" + hide(text) + b"after", [text, word("elsewhere")]) == {(text, way)}


# --- A cleaner that is broken on purpose ---

BROKEN = [
    ("JPEG", "exif"),
    ("JPEG", "icc_profile"),
    ("JPEG", "comment"),
    ("JPEG", "xmp"),
    ("AVIF", "exif"),
    ("AVIF", "icc_profile"),
    ("AVIF", "xmp"),
]
CARRIED: dict[str, tuple[bytes, bytes]] = {
    "exif": (exif_with_place("EXIF carried over", "<"), word("EXIF carried over description")),
    "icc_profile": (profile(b"CARRIED"), b"CARRIED P3"),
    "comment": (word("comment carried over"), word("comment carried over")),
    "xmp": (xmp(b"<dc:source>" + word("XMP carried over") + b"</dc:source>"), word("XMP carried over")),
}


@pytest.fixture
def leaky(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """One encoder writes something that the upload had; the word that it leaks."""
    kind, option = request.param
    carried, text = CARRIED[option]
    honest = Image.SAVE.get(kind) or pytest.fail("Pillow has not started")

    def broken(image: Image.Image, file: IO[bytes], name: str | bytes) -> None:
        image.encoderinfo[option] = carried
        honest(image, file, name)

    monkeypatch.setitem(Image.SAVE, kind, broken)
    return text


@pytest.mark.parametrize("leaky", BROKEN, indirect=True, ids=" ".join)
def test_a_cleaner_that_leaks_is_found_by_this_search_and_by_exiftool_where_no_proof_stops_it(
    leaky: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(renditions, "prove", lambda data: None)
    leaked = clean(jpeg())
    _written(leaked, tmp_path)
    caught = [each for each in leaked.renditions if traces(each.data, [leaky])]
    assert len(caught) == 2
    assert len({each.format for each in caught}) == 1
    read = told(tmp_path)
    assert {each.name for each in caught} == {
        name for name in read if set(read[name]) != PLAIN[Path(name).suffix]
    }
    for each in leaked.renditions:
        if each in caught:
            with pytest.raises(Refused, match="did not pass our check"):
                prove(each.data)
        else:
            prove(each.data)


@pytest.mark.parametrize("leaky", BROKEN, indirect=True, ids=" ".join)
def test_a_cleaner_that_leaks_hands_nothing_out(leaky: bytes) -> None:
    with pytest.raises(Refused, match="did not pass our check"):
        clean(jpeg())
