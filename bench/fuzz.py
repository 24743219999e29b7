"""Claim: whatever arrives, it ends clean or in a refusal. `python -m bench.fuzz [photos|newsletters] [seconds]`.

Coverage-guided (atheris), over the code that reads uploads and what is made of them: good ones are spoilt, and only Refused may
come out. Without atheris: type `.venv/bin/pip install atheris`.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

SECONDS = 300
KINDS = {  # and whose code is watched
    "photos": ["tripupdates.photos", "piexif"],
    "newsletters": ["tripupdates.documents"],
}
_CRASHED = "libFuzzer: deadly signal"  # in a library: one of our exceptions is told in other words
_MOST_MEGABYTES = 1_500  # as the room's process has
_SLOWEST = 20  # seconds for one upload


def table(kind: str, seconds: int) -> str:
    """How many uploads of a kind were tried, how much memory that took, and what was found."""
    with tempfile.TemporaryDirectory() as folder:
        seeds, found = Path(folder, "seeds"), Path(folder, "found")
        seeds.mkdir()
        found.mkdir()
        for name, upload in import_module(f"bench.fuzz_{kind}").seeds().items():
            (seeds / name).write_bytes(upload)
        runs = list(_runs(kind, seconds, seeds, found))
        findings = [f"{path.name}: {path.read_bytes()[:4000].hex()}" for path in sorted(found.iterdir())]
    tried, memory = (_figures(runs, f"stat::{name}") for name in ("number_of_executed_units", "peak_rss_mb"))
    ended, shown = sum(_CRASHED in run.stderr for run in runs), "".join(run.stdout for run in runs)
    rows = [
        f"| spoilt {kind} in {seconds} s | cleaned | taken for clean | ended their process | peak memory | other findings |",
        "|---|---|---|---|---|---|",
        f"| {sum(tried)} | {shown.count('c')} | {shown.count('p')} | {ended} | {max(memory)} MB | {len(findings) - ended} |",
    ]
    return "\n".join([*rows, *findings, *(run.stderr[-4000:] for run in runs if run.returncode)])


def _runs(kind: str, seconds: int, seeds: Path, found: Path) -> Iterator[subprocess.CompletedProcess[str]]:
    """One run of the fuzzer after the other: what ends its process is what the room is there for, so it goes on after that."""
    end, longest = time.monotonic() + seconds, import_module(f"bench.fuzz_{kind}").LONGEST
    while (left := round(end - time.monotonic())) > 0:
        how = [f"-max_total_time={left}", f"-timeout={_SLOWEST}", f"-rss_limit_mb={_MOST_MEGABYTES}"]
        how += [f"-max_len={longest}", "-print_final_stats=1", f"-artifact_prefix={found}/", str(seeds)]
        command = [sys.executable, "-m", "bench.fuzz", "--inside", kind, *how]
        run = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - ours
        yield run
        if run.returncode and _CRASHED not in run.stderr:
            return


def _figures(runs: list[subprocess.CompletedProcess[str]], name: str) -> list[int]:
    return [int(each) for run in runs for each in re.findall(rf"{name}:\s+(\d+)", run.stderr)] or [0]


def _inside(kind: str, arguments: list[str]) -> None:
    """In a process of its own, for the fuzzer never comes back."""
    import atheris  # noqa: PLC0415 - a need of this bench alone

    with atheris.instrument_imports(include=KINDS[kind]):
        tried = import_module(f"bench.fuzz_{kind}")
    from tripupdates.vocabulary import Refused  # noqa: PLC0415

    def one(data: bytes) -> None:
        for ask in tried.ask(data):
            try:
                os.write(1, ask().encode())  # counted outside; the fuzzer's end flushes nothing
            except Refused as refusal:
                if not refusal.title.endswith((".", ".)")):
                    raise AssertionError("not a sentence") from refusal

    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()


def _asked(words: list[str]) -> tuple[str, int]:
    """The kind and the seconds that were typed."""
    kind = words.pop(0) if words and words[0] in KINDS else "photos"
    return kind, int(words[0]) if words else SECONDS


if __name__ == "__main__":
    if "--inside" in sys.argv:
        _inside(sys.argv[2], sys.argv[3:])
    elif find_spec("atheris") is None:
        sys.exit("This bench needs atheris. Type: .venv/bin/pip install atheris")
    else:
        print(table(*_asked(sys.argv[1:])))  # noqa: T201 - printing is what it is for
