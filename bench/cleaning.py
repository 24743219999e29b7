"""Claim: cleaning a photo, proof included, costs about what Pillow alone takes to make the same sizes by full decoding."""

import io
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageOps

from tripupdates.photos.clean import EDGES, FINEST_EDGE, clean
from tripupdates.practice.camera import take

RUNS = 5


def ours(upload: bytes) -> None:
    """The product's own function: decode, upright, sRGB, four sizes, each proven."""
    clean(upload)


def pillow(upload: bytes) -> None:
    """The peer: the usual few lines with Pillow, the same sizes and quality, nothing proven."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(upload))).convert("RGB")
    for edge in (*EDGES, FINEST_EDGE):
        small = image.copy()
        small.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        small.save(io.BytesIO(), "JPEG", quality=80, progressive=True)


WAYS: dict[str, Callable[[bytes], None]] = {"ours": ours, "pillow": pillow}


def _once(way: str, upload: bytes) -> tuple[float, float]:
    """Seconds, and MB above what the process had before, in a process of its own."""
    command = [sys.executable, "-m", "bench.cleaning", way]
    done = subprocess.run(command, input=upload, capture_output=True, check=True)  # noqa: S603 - our own module
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def table() -> str:
    """Medians of paired runs, as a table in Markdown."""
    upload = take(1, size=(4032, 3024))
    runs = [{way: _once(way, upload) for way in WAYS} for _ in range(RUNS)]
    rows = [
        "| a 12-megapixel JPEG to 480, 960, 1600 and 2048 px | seconds | MB above base |",
        "|---|---|---|",
    ]
    for way, name in (
        ("ours", "cleaned and proven (ours)"),
        ("pillow", "Pillow alone, full decode, nothing proven"),
    ):
        seconds = statistics.median(run[way][0] for run in runs)
        megabytes = statistics.median(run[way][1] for run in runs)
        rows.append(f"| {name} | {seconds:.2f} | {megabytes:.0f} |")
    speed = statistics.median(run["ours"][0] / run["pillow"][0] for run in runs)
    memory = statistics.median(run["ours"][1] / run["pillow"][1] for run in runs)
    rows.append(f"| ratio, median of {RUNS} pairs | {speed:.2f} | {memory:.2f} |")
    return "\n".join(rows)


def _peak() -> float:
    """The most memory that this program has held, in MB (ru_maxrss would count its parent's too)."""
    line = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    photo = sys.stdin.buffer.read()
    base, started = _peak(), time.perf_counter()
    WAYS[sys.argv[1]](photo)
    print(time.perf_counter() - started, _peak() - base)  # noqa: T201 - read by the parent
