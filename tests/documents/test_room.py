"""The paper room: what happens in there stays in there, and nothing that comes out of it is believed."""

import json
import subprocess
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.confined import instead
from tests.documents.making import annotation, document
from tripupdates.documents import intake, room
from tripupdates.documents.clean import clean
from tripupdates.documents.room import PaperRoom, Prepared
from tripupdates.photos.clean import clean as clean_photo
from tripupdates.practice import camera
from tripupdates.practice.paper import newsletter
from tripupdates.vocabulary import Busy, Refused, TooLarge

TITLE = "The Puddle Post – 26 November 2026"
PAPER = newsletter("The Puddle Post", date(2026, 11, 26), photo=(320, 240))


@cache
def _prepared() -> Prepared:
    return PaperRoom().prepare(PAPER, TITLE)


def test_a_document_comes_out_as_it_does_without_a_process_of_its_own_with_its_cover() -> None:
    prepared = _prepared()
    assert prepared.document == clean(PAPER, TITLE)
    assert [(each.format, each.width, each.height) for each in prepared.cover] == [
        (kind, *size) for kind in ("AVIF", "JPEG") for size in ((339, 480), (679, 960), (1131, 1600))
    ]


def test_what_can_be_told_from_its_first_bytes_needs_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "run", pytest.fail)
    with pytest.raises(Refused, match="This is not a PDF"):
        PaperRoom().prepare(b"Dear parents", TITLE)


def test_a_refusal_in_there_is_told_out_here_in_the_same_words() -> None:
    with pytest.raises(Refused) as refused:
        PaperRoom().prepare(PAPER.replace(b"/Filter /DCTDecode", b"/Filter /JPXDecode"), TITLE)
    assert (type(refused.value), refused.value.title) == (Refused, intake.ODD_PICTURE)


def test_one_that_cleaning_would_change_is_refused() -> None:
    """A note that somebody wrote on the page is seen, and has no picture of its own that could be kept."""
    marked = document(lambda pdf, page: annotation(pdf, page, "/Square", C=[1, 0, 0]))
    with pytest.raises(Refused, match="without changing what it shows"):
        PaperRoom().prepare(marked, TITLE)


DEATHS = {
    "a crash": "sys.stdin.buffer.read(); os.kill(os.getpid(), signal.SIGSEGV)",
    "no answer": "sys.stdin.buffer.read()",
    "no JSON": "print('hello')",
    "nothing in it": "print('{}')",
    "words for pages": "print(json.dumps({'renditions': [], 'removed': [], 'pages': 'two', 'bytes': 1}))",
    "no cover": "print(json.dumps({'renditions': [], 'removed': [], 'pages': 1, 'bytes': 0}))",
    "not our words": "print(json.dumps({'renditions': [], 'removed': ['54.4584 N'], 'pages': 1, 'bytes': 0}))",
    "more bytes than there is room for": "while True: os.write(1, bytes(1_000_000))",
}


@pytest.mark.parametrize("code", DEATHS.values(), ids=DEATHS.keys())
def test_whatever_becomes_of_the_process_costs_one_upload(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", instead(code))
    with pytest.raises(Refused) as refused:
        PaperRoom().prepare(PAPER, TITLE)
    assert refused.value.title == intake.DAMAGED


def _answering(tmp_path: Path, document: bytes, **changes: object) -> Callable[..., Any]:
    """A child that answers with this document and a sound cover, whatever it was sent."""
    jpeg = clean_photo(camera.take(size=(60, 80))).jpegs[-1].data
    first = {"renditions": [[60, 80, "JPEG", len(jpeg)]], "removed": [], "pages": 2}
    first |= {"bytes": len(document), "cropped": []}
    (tmp_path / "answer").write_bytes(json.dumps(first | changes).encode() + b"\n" + jpeg + document)
    return instead(f"sys.stdout.buffer.write(open({str(tmp_path / 'answer')!r}, 'rb').read())")


def test_a_reader_that_was_taken_over_cannot_smuggle_anything_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine = clean(PAPER, TITLE).data
    monkeypatch.setattr(subprocess, "Popen", _answering(tmp_path, fine))
    assert PaperRoom().prepare(PAPER, TITLE).document.data == fine
    for smuggled in (PAPER, fine + b"% Jane", clean(PAPER, "Jane").data):
        monkeypatch.setattr(subprocess, "Popen", _answering(tmp_path, smuggled))
        with pytest.raises(Refused, match="did not pass our check"):
            PaperRoom().prepare(PAPER, TITLE)


@pytest.mark.parametrize(
    "changes",
    [
        {"pages": 61},
        {"pages": 0},
        {"pages": "2"},
        {"bytes": 5},
        {"bytes": "5"},
        {"removed": None},
        {"cropped": [3]},
        {"cropped": ["54.4584 N"]},
        {"cropped": [[1]]},
    ],
)
def test_its_numbers_are_what_they_are(
    changes: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "Popen", _answering(tmp_path, clean(PAPER, TITLE).data, **changes))
    with pytest.raises(Refused) as refused:
        PaperRoom().prepare(PAPER, TITLE)
    assert refused.value.title == intake.DAMAGED


def test_too_much_work_is_told_so_and_too_long_by_the_clock_may_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(subprocess, "Popen", instead("signal.alarm(1); signal.pause()"))
    with pytest.raises(TooLarge, match="too large inside"):
        PaperRoom().prepare(PAPER, TITLE)
    monkeypatch.setattr(room, "PATIENCE", 0.2)
    monkeypatch.setattr(subprocess, "Popen", instead("time.sleep(60)"))
    with pytest.raises(Busy, match="in a minute"):
        PaperRoom().prepare(PAPER, TITLE)


def test_one_is_in_hand_one_waits_and_the_next_is_told_to_come_back() -> None:
    crowded = PaperRoom()
    assert (crowded.turns.at_once, crowded.turns.in_line) == (1, 2)
    for _ in range(room.IN_LINE):
        assert crowded.turns.line.acquire(blocking=False)
    with pytest.raises(Busy):
        crowded.prepare(PAPER, TITLE)
