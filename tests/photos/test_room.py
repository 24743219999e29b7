"""The photo room: what happens in there stays in there, and nothing that comes out of it is believed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.confined import instead
from tests.photos.pictures import quarters, saved, with_segment
from tripupdates.confined.child import MOST_MEMORY
from tripupdates.photos import child, room
from tripupdates.photos.boxes import Box
from tripupdates.photos.clean import clean
from tripupdates.photos.intake import DAMAGED
from tripupdates.photos.room import AT_ONCE, BUSY, IN_LINE, Room
from tripupdates.practice import camera
from tripupdates.vocabulary import Busy, Refused, TooLarge

UPLOAD = saved(quarters(), "JPEG")
BLIND = Room(look=False)


def test_a_photo_comes_out_as_it_does_without_a_process_of_its_own() -> None:
    upload = camera.take(size=(1700, 1300), orientation=6)
    assert BLIND.prepare(upload).cleaned == clean(upload)
    crop, face = Box(0.1, 0.2, 0.5, 0.5), Box(0.3, 0.3, 0.1, 0.1)
    assert BLIND.prepare(upload, crop, [face]).cleaned == clean(upload, crop, [face])


def test_faces_are_looked_for_where_they_should_be_and_else_nobody_says_that_there_are_none() -> None:
    assert Room(look=True).prepare(UPLOAD).faces == ()
    assert BLIND.prepare(UPLOAD).faces is None


@pytest.mark.parametrize("upload", [b"GIF89a", UPLOAD[:200], b""])
def test_what_can_be_told_from_its_first_bytes_needs_no_process(
    upload: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "run", pytest.fail)
    with pytest.raises(Refused):
        BLIND.prepare(upload)


def test_a_refusal_in_there_is_told_out_here_in_the_same_words() -> None:
    broken = bytearray(saved(quarters((400, 300)), "PNG"))
    broken[60:80] = bytes(20)
    with pytest.raises(Refused) as inside:
        clean(bytes(broken))
    with pytest.raises(Refused) as outside:
        BLIND.prepare(bytes(broken))
    assert (type(outside.value), outside.value.title) == (type(inside.value), inside.value.title)


DEATHS = {
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "a crash in the decoder": "sys.stdin.buffer.read(); os.kill(os.getpid(), signal.SIGSEGV)",
    "no answer": "sys.stdin.buffer.read()",
    "never reads": "pass",
    "half a line": "sys.stdin.buffer.read(); sys.stdout.write('{')",
    "no JSON": "sys.stdin.buffer.read(); print('hello')",
    "a list": "sys.stdin.buffer.read(); print('[]')",
    "no renditions": "sys.stdin.buffer.read(); print(json.dumps({'renditions': [], 'removed': []}))",
    "numbers for renditions": "sys.stdin.buffer.read(); print(json.dumps({'renditions': [1, 2], 'removed': []}))",
    "less than it says": "print(json.dumps({'renditions': [[9, 9, 'JPEG', 999]], 'removed': []}))",
    "another format": "print(json.dumps({'renditions': [[9, 9, 'SVG', 0]], 'removed': []}))",
    "a negative length": "print(json.dumps({'renditions': [[9, 9, 'JPEG', -1]], 'removed': []}))",
    "words for sizes": "print(json.dumps({'renditions': [['9', 9, 'JPEG', 0]], 'removed': []}))",
    "reasons that are none": "print(json.dumps({'refused': 'This is it.', 'reasons': 5}))",
    "a title that is none": "print(json.dumps({'refused': ['This is it.']}))",
    "a title that cannot be shown": "print(json.dumps({'refused': chr(0xD800) + chr(0)}))",
    "a title that never ends": "print(json.dumps({'refused': 'No. ' * 1000}))",
    "lists in lists": "print('[' * 60_000)",
    "a length beyond numbers": "print('{\"removed\": [], \"renditions\": [[9, 9, \"JPEG\", 1' + '0' * 4000 + ']]}')",
    "a width beyond reason": "print(json.dumps({'renditions': [[9**9, 9, 'JPEG', 1]], 'removed': []}) + 'x')",
    "thousands of renditions": "print(json.dumps({'renditions': [[9, 9, 'JPEG', 1]] * 3000, 'removed': []}))",
    "more bytes than there is room for": "while True: os.write(1, bytes(1_000_000))",
    "a very long line": "print('[' * 10_000_000)",
}


@pytest.mark.parametrize("code", DEATHS.values(), ids=DEATHS.keys())
def test_whatever_becomes_of_the_process_costs_one_upload_and_the_next_is_fine(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "Popen", instead(code))
        with pytest.raises(Refused) as refusal:
            BLIND.prepare(camera.take(size=(600, 400)))
    assert refusal.value.title == DAMAGED
    assert len(BLIND.prepare(UPLOAD).cleaned.renditions) == 2


def _answering(
    tmp_path: Path, *renditions: tuple[str, bytes], faces: object = (), removed: object = ()
) -> Callable[..., Any]:
    """A child that answers with these renditions, whatever it was sent."""
    sizes = [[9, 9, kind, len(data)] for kind, data in renditions]
    first = json.dumps({"renditions": sizes, "removed": removed}).encode() + b"\n"
    last = json.dumps({"faces": faces}).encode() + b"\n"
    (tmp_path / "answer").write_bytes(first + b"".join(data for _, data in renditions) + last)
    return instead(
        f"sys.stdin.buffer.read(); sys.stdout.buffer.write(open({str(tmp_path / 'answer')!r}, 'rb').read())"
    )


def test_a_decoder_that_was_taken_over_cannot_smuggle_anything_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine = clean(UPLOAD).jpegs[0].data
    monkeypatch.setattr(
        subprocess, "Popen", _answering(tmp_path, ("JPEG", fine), faces=[[0.1, 0.1, 0.2, 0.2]])
    )
    assert BLIND.prepare(UPLOAD).cleaned.renditions[0].data == fine
    for smuggled in (with_segment(fine, 0xFE, b"54.4584 N 3.0964 W"), fine + b"more", UPLOAD[:-2]):
        monkeypatch.setattr(subprocess, "Popen", _answering(tmp_path, ("JPEG", smuggled)))
        with pytest.raises(Refused, match="did not pass our check"):
            BLIND.prepare(UPLOAD)


def test_what_was_removed_is_told_in_our_own_words_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine = clean(UPLOAD).jpegs[0].data
    answer = _answering(tmp_path, ("JPEG", fine), removed=["thumbnail", "location"])
    monkeypatch.setattr(subprocess, "Popen", answer)
    assert BLIND.prepare(UPLOAD).cleaned.removed == ("location", "thumbnail")
    for removed in (["location", "54.4584 N 3.0964 W"], "location", 7, [["location"]], None):
        monkeypatch.setattr(subprocess, "Popen", _answering(tmp_path, ("JPEG", fine), removed=removed))
        with pytest.raises(Refused) as refusal:
            BLIND.prepare(UPLOAD)
        assert refusal.value.title == DAMAGED


def test_a_rendition_is_what_it_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    avif, jpeg = (each.data for each in clean(UPLOAD).renditions)
    for wrong in ([("JPEG", avif)], [("AVIF", jpeg), ("JPEG", jpeg)], [("AVIF", avif)]):
        monkeypatch.setattr(subprocess, "Popen", _answering(tmp_path, *wrong))
        with pytest.raises(Refused) as refusal:
            BLIND.prepare(UPLOAD)
        assert refusal.value.title == DAMAGED


def test_a_photo_that_takes_too_much_work_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    work = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 3))\nwhile True: pass"
    for code in (work, "signal.alarm(1); signal.pause()"):
        monkeypatch.setattr(subprocess, "Popen", instead(code))
        with pytest.raises(TooLarge, match="takes us too long"):
            BLIND.prepare(UPLOAD)


@pytest.mark.parametrize("faces", [None, 7, "nobody", [[0, 0, 2, 2]], [["a"] * 4], [None], {"a": 1}])
def test_faces_that_are_none_count_as_not_looked_for(
    faces: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine = clean(UPLOAD).jpegs[0].data
    monkeypatch.setattr(subprocess, "Popen", _answering(tmp_path, ("JPEG", fine), faces=faces))
    assert Room(look=True).prepare(UPLOAD).faces is None


def test_a_photo_that_takes_too_long_by_the_clock_is_given_up_and_may_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "PATIENCE", 0.5)
    monkeypatch.setattr(subprocess, "Popen", instead("time.sleep(60)"))
    begun = time.monotonic()
    with pytest.raises(Busy, match="in a minute"):
        BLIND.prepare(UPLOAD)
    assert time.monotonic() - begun < 10


def test_two_are_in_hand_two_wait_and_the_next_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (AT_ONCE, IN_LINE) == (2, 4)
    go, inside, most = threading.Event(), [], []
    lock = threading.Lock()
    answer = b'{"refused": "Enough."}\n'

    def slow(*_: object) -> bytes:
        with lock:
            inside.append(1)
            most.append(len(inside))
        go.wait(20)
        with lock:
            inside.pop()
        return answer

    monkeypatch.setattr(room, "run", slow)
    crowded, told = Room(look=False), []

    def visit() -> None:
        try:
            crowded.prepare(UPLOAD)
        except Refused as refused:
            told.append(refused.title)

    visitors = [threading.Thread(target=visit) for _ in range(IN_LINE)]
    for visitor in visitors:
        visitor.start()
    while crowded.turns.line._value:
        time.sleep(0.01)
    with pytest.raises(Busy) as busy:
        crowded.prepare(UPLOAD)
    assert (busy.value.title, busy.value.status) == (BUSY, 503)
    go.set()
    for visitor in visitors:
        visitor.join()
    assert (max(most), told) == (AT_ONCE, ["Enough."] * IN_LINE)
    with pytest.raises(Refused, match="Enough"):
        crowded.prepare(UPLOAD)


def test_who_waits_too_long_for_a_turn_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LONGEST_WAIT", 0.05)
    crowded = Room(look=False)
    for _ in range(AT_ONCE):
        assert crowded.turns.turns.acquire(blocking=False)
    with pytest.raises(Busy):
        crowded.prepare(UPLOAD)
    assert crowded.turns.line._value == IN_LINE


SNOOP = """
import resource
sys.stdin.buffer.read()
names = sorted(os.environ)
print(json.dumps({"refused": " ".join(names), "reasons": sorted(os.listdir("/proc/self/fd"))}))
"""


def test_the_process_gets_no_key_and_no_open_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRIPUPDATES_SECRET_KEY", "s" * 40)
    monkeypatch.setenv("HOME", str(tmp_path))
    handle = os.open(tmp_path / "database", os.O_CREAT | os.O_RDWR)
    monkeypatch.setattr(subprocess, "Popen", instead(SNOOP))
    with pytest.raises(Refused) as told:
        BLIND.prepare(UPLOAD)
    os.close(handle)
    assert set(told.value.title.split()) <= {
        "PYTHONPATH",
        "OPENBLAS_NUM_THREADS",
        "MALLOC_ARENA_MAX",
        "LC_CTYPE",
    }
    assert set(told.value.reasons) <= {"0", "1", "2", "3"}  # 3 is the listing itself


LIMITED = """
import resource, signal
from tripupdates.confined import child
child.limit(20, 60)
{deed}
"""


@pytest.mark.parametrize(
    ("deed", "ending", "words"),
    [
        ("bytes(child.MOST_MEMORY)", 1, b"MemoryError"),
        ("open(os.devnull + '-not', 'wb').write(b'x' * 9999)", 1, b"File too large"),
        ("resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass", -signal.SIGKILL, b""),
        ("signal.alarm(1)\nsignal.pause()", -signal.SIGALRM, b""),
        ("raise SystemExit(open('/proc/self/oom_score_adj').read())", 1, b"1000"),
    ],
    ids=["memory", "files", "processor time", "time by the clock", "first to go"],
)
def test_the_limits_hold(deed: str, ending: int, words: bytes, tmp_path: Path) -> None:
    deed = deed.replace("os.devnull + '-not'", repr(str(tmp_path / "written")))
    done = subprocess.run(
        [sys.executable, "-c", LIMITED.format(deed=deed)], capture_output=True, timeout=30, check=False
    )
    assert (done.returncode, words in done.stderr) == (ending, True)


def test_the_limits_are_those_of_the_facts() -> None:
    assert (MOST_MEMORY, child.MOST_SECONDS) == (1_500_000_000, 20)
