"""Claim: whatever bytes arrive, cleaning ends in clean pictures or in a refusal. `python -m bench.fuzz [seconds]`.

Coverage-guided (atheris), over the code that reads uploads and renditions: good photos of all five formats are spoilt,
and only Refused may come out. The pixels that are taken are fewer than in earnest, so that many more uploads are tried.
Without atheris: type `.venv/bin/pip install atheris`.
"""

import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 300
MOST_PIXELS = 1_000_000
_MOST_MEGABYTES = 1_500  # as the room's process has
_SLOWEST = 20  # seconds for one upload
_SIZE = (48, 36)


def table(seconds: int) -> str:
    """How many uploads were tried, how much memory that took, and what was found."""
    with tempfile.TemporaryDirectory() as folder:
        seeds, found = Path(folder, "seeds"), Path(folder, "found")
        seeds.mkdir()
        found.mkdir()
        for name, upload in _seeds().items():
            (seeds / name).write_bytes(upload)
        how = [f"-max_total_time={seconds}", f"-timeout={_SLOWEST}", f"-rss_limit_mb={_MOST_MEGABYTES}"]
        how += ["-max_len=16384", "-print_final_stats=1", f"-artifact_prefix={found}/", str(seeds)]
        command = [sys.executable, "-m", "bench.fuzz", "--inside", *how]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - ours
        findings = [f"{path.name}: {path.read_bytes()[:4000].hex()}" for path in sorted(found.iterdir())]
    stats = dict(re.findall(r"stat::(\w+):\s+(\d+)", done.stderr))
    rows = [
        f"| spoilt uploads in {seconds} s | cleaned all the same | taken for a clean rendition | peak memory | findings |",
        "|---|---|---|---|---|",
        f"| {stats.get('number_of_executed_units', '?')} | {done.stdout.count('c')} | {done.stdout.count('p')}"
        f" | {stats.get('peak_rss_mb', '?')} MB | {len(findings)} |",
    ]
    trouble = [] if not done.returncode else [done.stderr[-4000:]]
    return "\n".join([*rows, *findings, *trouble])


def _seeds() -> dict[str, bytes]:
    """Good photos, small, with everything in them that is read."""
    from tests.photos.pictures import quarters, saved  # noqa: PLC0415 - not needed inside
    from tripupdates.photos.clean import clean  # noqa: PLC0415
    from tripupdates.practice import camera  # noqa: PLC0415

    takes: dict[str, Callable[..., bytes]] = {
        "jpeg": camera.take,
        "png": camera.take_png,
        "webp": camera.take_webp,
        "heic": camera.take_heic,
        "avif": camera.take_avif,
    }
    kinds: dict[str, dict[str, Any]] = {
        "JPEG": {"progressive": True},
        "PNG": {"optimize": True},
        "WEBP": {"lossless": True},
        "MPO": {"save_all": True, "append_images": [quarters(_SIZE)]},
    }
    seeds = {name: take(size=_SIZE) for name, take in takes.items()}
    seeds |= {f"plain {kind}": saved(quarters(_SIZE), kind, **how) for kind, how in kinds.items()}
    seeds |= {
        f"plain {mode}": saved(quarters(_SIZE).convert(mode), "PNG") for mode in ("1", "L", "LA", "P", "RGBA")
    }
    seeds["plain CMYK"] = saved(quarters(_SIZE).convert("CMYK"), "JPEG")
    for rendition in clean(seeds["jpeg"]).renditions:
        seeds[rendition.name] = rendition.data
    return seeds


def _inside(arguments: list[str]) -> None:
    """In a process of its own, for the fuzzer never comes back."""
    import atheris  # noqa: PLC0415 - a need of this bench alone

    with atheris.instrument_imports(include=["tripupdates.photos", "piexif"]):
        from tripupdates.photos import clean, intake, proof, removed  # noqa: PLC0415
    from tripupdates.vocabulary import Refused  # noqa: PLC0415

    intake.MOST_PIXELS = MOST_PIXELS

    def one(data: bytes) -> None:
        upload = _put_right(data)
        proof.location_in(upload)
        proof.tags_in(upload)
        removed.end_of_picture(upload)
        for ask in (proof.prove, clean.clean):
            try:
                ask(upload)
            except Refused as refusal:
                if not refusal.title.endswith("."):
                    raise AssertionError("not a sentence") from refusal
            else:
                os.write(1, ask.__name__[:1].encode())  # counted outside; the fuzzer's end flushes nothing

    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()


def _put_right(data: bytes) -> bytes:
    """With a PNG's checksums and a WebP's length put right, so that the decoder reads on."""
    made, at = bytearray(data), 8
    if data.startswith(b"RIFF"):
        made[4:8] = struct.pack("<I", max(len(data) - 8, 0))
    while data.startswith(b"\x89PNG") and at + 12 <= len(made):
        end = at + 8 + int.from_bytes(made[at : at + 4], "big")
        if end + 4 > len(made):
            break
        made[end : end + 4] = struct.pack(">I", zlib.crc32(made[at + 4 : end]))
        at = end + 4
    return bytes(made)


if __name__ == "__main__":
    if "--inside" in sys.argv:
        _inside(sys.argv[2:])
    elif find_spec("atheris") is None:
        sys.exit("This bench needs atheris. Type: .venv/bin/pip install atheris")
    else:
        print(table(int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS))  # noqa: T201 - printing is what it is for
