"""Nothing that a program, a camera or a person leaves in a PDF besides its pages is in what we keep, however it is looked for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest
from pikepdf import Dictionary, Pdf

from tests.documents.making import document
from tests.documents.pdfs import streams_of
from tests.documents.planted import PLACES, behind_the_back
from tests.photos import planted as in_photos
from tests.photos.traces import told, traces
from tripupdates.documents import grammar, look, pictures
from tripupdates.documents.clean import clean
from tripupdates.documents.cleaned import Cleaned
from tripupdates.documents.proof import prove
from tripupdates.photos.proof import location_in
from tripupdates.vocabulary import Refused

TITLE = "Puddle Lane Junior School: newsletter of 26 November 2026"
HISTORY = "behind the back"


@dataclass(frozen=True)
class Matrix:
    """Every upload with the words in it, what was made of it, and what exiftool reads in that."""

    uploads: dict[str, bytes]
    words: dict[str, frozenset[bytes]]
    cleaned: dict[str, Cleaned]
    told_after: dict[str, dict[str, str]]

    @property
    def every_word(self) -> frozenset[bytes]:
        return frozenset().union(*self.words.values())


def _listening(patch: pytest.MonkeyPatch, make: Callable[[], bytes]) -> tuple[bytes, frozenset[bytes]]:
    """What is made, and the words that were planted meanwhile."""
    heard: set[bytes] = set()
    word = in_photos.word

    def listened(place: str) -> bytes:
        heard.add(word(place))
        return word(place)

    with patch.context() as patched:
        patched.setattr(in_photos, "word", listened)
        return make(), frozenset(heard)


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    made = {}
    with pytest.MonkeyPatch.context() as patch:
        for case, plant in PLACES.items():
            made[case] = _listening(patch, partial(document, plant))
        made[HISTORY] = _listening(patch, lambda: behind_the_back(document()))
    uploads = {case: upload for case, (upload, _) in made.items()}
    words = {case: heard for case, (_, heard) in made.items()}
    cleaned = {case: clean(upload, TITLE) for case, upload in uploads.items()}
    folder = tmp_path_factory.mktemp("after")
    for case, one in cleaned.items():
        (folder / f"{case}.pdf").write_bytes(one.data)
    yield Matrix(uploads, words, cleaned, told(folder))


CASES = (*PLACES, HISTORY)


@pytest.mark.parametrize("case", CASES)
def test_every_word_is_in_the_upload(case: str, matrix: Matrix) -> None:
    words = matrix.words[case]
    assert {text for text, _ in traces(matrix.uploads[case], words)} == words
    assert len(words) > 0


@pytest.mark.parametrize("case", CASES)
def test_no_word_of_any_upload_is_in_what_is_kept(case: str, matrix: Matrix) -> None:
    data = matrix.cleaned[case].data
    layers = [data, *streams_of(data)]
    assert len(layers) >= 2
    assert set().union(*(traces(each, matrix.every_word) for each in layers)) == set()
    assert not any(map(location_in, layers))


@pytest.mark.parametrize("case", CASES)
def test_it_passes_the_proof_and_looks_and_reads_as_before(case: str, matrix: Matrix) -> None:
    prove(matrix.cleaned[case].data, TITLE, 1)
    look.check_same(matrix.uploads[case], matrix.cleaned[case].data)


ALWAYS = {"PDFVersion", "Linearized", "PageCount", "Title", "Language"}


@pytest.mark.parametrize("case", CASES)
def test_exiftool_tells_its_title_its_language_and_how_many_pages_and_nothing_else(
    case: str, matrix: Matrix
) -> None:
    read = matrix.told_after[f"{case}.pdf"]
    ours = {tag.removeprefix("PDF:") for tag in read if not tag.startswith(("System:", "File:", "ExifTool:"))}
    assert ours - {"SourceFile", "TaggedPDF"} == ALWAYS
    assert (read["PDF:Title"], read["PDF:Language"], read["PDF:PageCount"]) == (TITLE, "en-GB", "1")


def test_there_are_as_many_places_as_we_say(matrix: Matrix) -> None:
    assert len(CASES) == 30
    assert len(matrix.every_word) == 180


# --- A cleaner that is broken on purpose ---


def _lets_stay(kind: str, key: str, shape: str) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setitem(grammar.GRAMMAR, kind, {**grammar.GRAMMAR[kind], key: shape})


def _never_lays_bare(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pictures, "bare", bytes)


def _keeps_rows_behind(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pictures, "pixels", lambda found, picture, colours: found.data)


def _keeps_the_file(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("tripupdates.documents.clean._copied", _everything)


def _everything(old: Pdf, new: Pdf, title: str) -> set[str]:
    new.pages.extend(old.pages)
    new.docinfo["/Title"], new.Root.Lang = title, "en-GB"
    new.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    return set()


BROKEN: dict[str, tuple[str, Callable[[pytest.MonkeyPatch], None]]] = {
    "key of a page": ("programs", _lets_stay("page", "XYZQ_Own", "text")),
    "private data": ("programs", _lets_stay("page", "LastModified", "text")),
    "title of a part": ("structure", _lets_stay("part", "T", "text")),
    "name of a link": ("addresses", _lets_stay("link", "NM", "text")),
    "key of a picture": ("odd keys", _lets_stay("picture", "ID", "text")),
    "family of a font": ("fonts", _lets_stay("descriptor", "FontFamily", "text")),
    "JPEG as it was": ("photos", _never_lays_bare),
    "JPEG within": ("inline photo", _never_lays_bare),
    "behind the rows": ("rows", _keeps_rows_behind),
    "whole pages": ("photos", _keeps_the_file),
    "whole pages with instructions": ("instructions", _keeps_the_file),
    "whole pages with scripts": ("scripts", _keeps_the_file),
    "whole pages with packets": ("packets", _keeps_the_file),
    "whole pages with colours": ("colours", _keeps_the_file),
}


@pytest.mark.parametrize("way", BROKEN)
def test_a_cleaner_that_leaks_is_found_by_this_search_and_stopped_by_the_proof(
    way: str, matrix: Matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, breaks = BROKEN[way]
    breaks(monkeypatch)
    leaked = clean(matrix.uploads[case], TITLE)
    layers = [leaked.data, *streams_of(leaked.data)]
    assert set().union(*(traces(each, matrix.words[case]) for each in layers)) != set()
    with pytest.raises(Refused, match="did not pass our check"):
        prove(leaked.data, TITLE, 1)
