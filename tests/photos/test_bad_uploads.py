"""The worst that can be sent, through the real room: each ends in a cleaned photo or in a kind refusal."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.photos.bad import BOMBS, BUSY, HEAVY, WHOLE, Bad, chunks_repaired, cut, flipped
from tests.photos.bad_kinds import LIES, MOVING, OTHER_KINDS, POLYGLOTS, made_of
from tripupdates.photos.intake import DAMAGED, TOO_MANY_PIXELS
from tripupdates.photos.proof import prove
from tripupdates.photos.room import AT_ONCE, TOO_SLOW, Prepared, Room
from tripupdates.photos.room import BUSY as BUSY_NOW
from tripupdates.vocabulary import Busy, Refused, TooLarge

ROOM = Room(look=False)
CLEANED = "cleaned"


def _became(make: Callable[[], bytes]) -> str:
    """What became of an upload: cleaned, or the words of a kind refusal; anything else is an accident, and is named."""
    try:
        prepared = ROOM.prepare(make())
    except Busy:
        raise
    except Refused as refusal:
        kind = refusal.title.startswith("This ") and "lease " in refusal.title and refusal.title.endswith(".")
        fits = type(refusal) is (TooLarge if refusal.title in {TOO_MANY_PIXELS, TOO_SLOW} else Refused)
        return refusal.title if kind and fits else f"ACCIDENT: {refusal!r}"
    except Exception as error:  # whatever it is, the test shall tell of which upload
        return f"ACCIDENT: {error!r}"
    return CLEANED if _sound(prepared) else "ACCIDENT: not sound"


def _sound(prepared: Prepared) -> bool:
    for each in prepared.cleaned.renditions:
        prove(each.data)
    return prepared.cleaned.renditions[-1].format == "JPEG"


def _became_all(bad: Bad) -> dict[str, str]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(bad, pool.map(_became, bad.values()), strict=True))


def _wrong(bad: Bad, fine: Callable[[str], bool]) -> dict[str, str]:
    return {name: words for name, words in _became_all(bad).items() if not fine(words)}


def _any_end(words: str) -> bool:
    return not words.startswith("ACCIDENT")


def _refused(words: str) -> bool:
    return _any_end(words) and words != CLEANED


FLIPPED: Mapping[str, Bad] = {
    **{kind: flipped(whole) for kind, whole in WHOLE.items()},
    "PNG, checksums put right": chunks_repaired(WHOLE["PNG"]),
}
MADE_OF: Mapping[str, Bad] = {"HEIC": made_of(b"heic"), "AVIF": made_of(b"avif")}
CUT: Mapping[str, Bad] = {kind: cut(whole) for kind, whole in WHOLE.items()}


def test_there_are_hundreds_of_cases() -> None:
    families = [BOMBS, HEAVY, BUSY, POLYGLOTS, OTHER_KINDS, MOVING, LIES]
    families += [*CUT.values(), *FLIPPED.values(), *MADE_OF.values()]
    assert sum(map(len, families)) == 480


def test_the_good_photos_that_are_spoilt_here_are_good() -> None:
    assert _wrong({kind: bytes(whole).__bytes__ for kind, whole in WHOLE.items()}, CLEANED.__eq__) == {}


def test_too_many_pixels_are_told_at_once() -> None:
    uploads = {name: make() for name, make in BOMBS.items()}
    begun = time.monotonic()
    became = _became_all({name: upload.__bytes__ for name, upload in uploads.items()})
    assert became == dict.fromkeys(BOMBS, TOO_MANY_PIXELS)
    assert time.monotonic() - begun < 10  # 1 s where nothing else runs


def test_as_many_pixels_as_we_take_are_cleaned_or_found_too_large() -> None:
    assert _wrong(HEAVY, {CLEANED, TOO_MANY_PIXELS, TOO_SLOW}.__contains__) == {}


def test_files_that_swell_or_keep_busy_are_refused() -> None:
    assert _wrong(BUSY, _refused) == {}


def test_of_two_files_in_one_only_the_picture_is_kept() -> None:
    uploads = {name: make() for name, make in POLYGLOTS.items()}
    secrets = [b"PK\x03\x04", b"script", b"system(", b"%PDF", b"Rar!", b"\x7fELF"]
    for upload in uploads.values():
        cleaned = ROOM.prepare(upload).cleaned
        assert not any(secret in each.data for secret in secrets for each in cleaned.renditions)


def test_other_kinds_of_file_are_refused() -> None:
    assert _wrong(OTHER_KINDS, _refused) == {}


def test_moving_pictures_are_refused() -> None:
    assert (
        _wrong(MOVING, lambda words: words.startswith(("This is a moving picture.", "This is a GIF."))) == {}
    )


@pytest.mark.parametrize("bad", CUT.values(), ids=CUT.keys())
def test_a_photo_cut_short_is_refused(bad: Bad) -> None:
    assert _wrong(bad, _refused) == {}


@pytest.mark.parametrize("bad", FLIPPED.values(), ids=FLIPPED.keys())
def test_a_photo_with_bits_flipped_is_cleaned_or_refused(bad: Bad) -> None:
    assert _wrong(bad, _any_end) == {}


def test_headers_that_lie_are_cleaned_or_refused() -> None:
    assert _wrong(LIES, _any_end) == {}


@pytest.mark.parametrize("bad", MADE_OF.values(), ids=MADE_OF.keys())
def test_pictures_made_of_pictures_are_cleaned_or_refused(bad: Bad) -> None:
    assert _wrong(bad, _any_end) == {}


# --- The room when the decoder is not ours any more ---


def _instead(code: str) -> Callable[..., Any]:
    """A child that first opens and cleans the upload as ours does, and then does something else."""
    real = subprocess.Popen
    begin = "import json, os, signal, sys, time\nfrom tripupdates.photos.clean import clean\n"
    begin += "sys.stdin.buffer.readline()\nupload = sys.stdin.buffer.read()\nphoto = clean(upload)\n"

    def start(command: list[str], **how: Any) -> Any:
        return real([sys.executable, "-c", begin + code], **how)

    return start


@pytest.mark.parametrize("number", ["SIGKILL", "SIGSEGV", "SIGABRT", "SIGBUS"])
def test_a_decoder_that_dies_costs_one_upload_and_the_next_is_cleaned(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "Popen", _instead(f"os.kill(os.getpid(), signal.{number})"))
        assert _became(WHOLE["HEIC"].__bytes__) == DAMAGED
    assert _became(WHOLE["HEIC"].__bytes__) == CLEANED


SMUGGLE = """
import io
from PIL import Image
exif = Image.open(io.BytesIO(upload)).info["exif"]
made = {each.format: each.data for each in photo.renditions}
if KIND in made:
    file = io.BytesIO()
    Image.new("RGB", (64, 64)).save(file, KIND, exif=exif)
    made[KIND] = file.getvalue()
sizes = [[64, 64, kind, len(data)] for kind, data in made.items()]
print(json.dumps({"renditions": sizes, "removed": []}), flush=True)
sys.stdout.buffer.write(b"".join(made.values()))
"""


@pytest.mark.parametrize("kind", ["AVIF", "JPEG", "neither"])
def test_a_decoder_that_was_taken_over_cannot_carry_the_uploads_exif_out(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "Popen", _instead(f"KIND = {kind!r}{SMUGGLE}"))
    became = _became(WHOLE["JPEG"].__bytes__)
    assert became.startswith(
        CLEANED if kind == "neither" else "This photo did not pass our check for hidden data"
    )


def test_of_five_uploads_at_once_four_are_cleaned_and_one_is_told_to_come_back() -> None:
    together, slow = threading.Barrier(5), HEAVY["JPEG in a hundred scans"]()

    def send(_: int) -> str:
        together.wait()
        try:
            return _became(slow.__bytes__)
        except Busy as busy:
            return busy.title

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(send, range(5))) == sorted([BUSY_NOW, *[CLEANED] * 4])
