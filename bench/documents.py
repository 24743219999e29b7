"""Claim: a newsletter of 20 MB is clean, compared page by page and proven in seconds, in less memory than a photo takes.

`python -m bench.documents` makes twelve pages with two 12-megapixel photos each, full of grain; `python -m bench.documents
FILE...` takes your own.
"""

import io
import re
import resource
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from tripupdates.documents import look
from tripupdates.documents.clean import clean
from tripupdates.documents.cropped import pages_with_cropped_pictures
from tripupdates.documents.proof import prove
from tripupdates.documents.room import PaperRoom
from tripupdates.photos.renditions import render
from tripupdates.practice import camera

PAGES, PHOTOS, SIZE = 12, 2, (4032, 3024)
TITLE = "A newsletter"


def heavy() -> bytes:
    """A newsletter as large as we take."""
    grain = Image.effect_noise(SIZE, 24).convert("RGB")
    with pikepdf.new() as pdf:
        for number in range(PAGES):
            pdf.add_blank_page(page_size=(595, 842))
            page, drawn = pdf.pages[-1].obj, b""
            page.Resources = Dictionary(XObject=Dictionary())
            for place in range(PHOTOS):
                scene = Image.open(io.BytesIO(camera.take(1 + number % 4, size=SIZE, extras=set())))
                taken = io.BytesIO()
                Image.blend(scene, grain, 0.125).save(taken, "JPEG", quality=76)
                page.Resources.XObject[f"/P{place}"] = pdf.make_stream(
                    taken.getvalue(),
                    Type=Name.XObject,
                    Subtype=Name.Image,
                    Width=SIZE[0],
                    Height=SIZE[1],
                    ColorSpace=Name.DeviceRGB,
                    BitsPerComponent=8,
                    Filter=Name.DCTDecode,
                )
                drawn += b"q 480 0 0 360 56 %d cm /P%d Do Q " % (430 - 390 * place, place)
            page.Contents, page.MediaBox = pdf.make_stream(drawn), Array([0, 0, 595, 842])
        written = io.BytesIO()
        pdf.save(written)
        return written.getvalue()


def table(*files: Path) -> str:
    """Seconds by the clock for each part, and memory of the process that opens it and of the one that proves it again."""
    rows = [
        "| PDF | MB | pages | cleaned | compared | first page, 6 files | proven | through the room | MB in there | MB outside |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, upload in [(path.name, path.read_bytes()) for path in files] or [
        ("photos full of grain", heavy())
    ]:
        found = subprocess.run(
            [sys.executable, "-m", "bench.documents", "--inside"],
            input=upload,
            capture_output=True,
            check=True,
        )
        rows.append(f"| {name} | {len(upload) / 1e6:.1f} | {found.stdout.decode().strip()} |")
    return "\n".join(rows)


def _measured(upload: bytes) -> str:
    """In a process of its own, so that its memory is its own."""
    begun = time.perf_counter()
    prepared = PaperRoom().prepare(upload, TITLE)
    room = time.perf_counter() - begun
    inside = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1000
    outside = _peak()
    marks = [time.perf_counter()]
    cleaned = clean(upload, TITLE)
    marks.append(time.perf_counter())
    look.check_same(upload, cleaned.data)
    pages_with_cropped_pictures(cleaned.data)
    marks.append(time.perf_counter())
    render(look.cover(cleaned.data))
    marks.append(time.perf_counter())
    prove(cleaned.data, TITLE, cleaned.pages)
    marks.append(time.perf_counter())
    parts = [f"{after - before:.2f} s" for before, after in pairwise(marks)]
    values = [prepared.document.pages, *parts, f"{room:.2f} s", inside, outside]
    return " | ".join(map(str, values))


def _peak() -> int:
    """MB at most so far; what `getrusage` says of oneself may be of the process that started this one."""
    return int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0]) // 1000


if __name__ == "__main__":
    if sys.argv[1:] == ["--inside"]:
        print(_measured(sys.stdin.buffer.read()))  # noqa: T201 - printing is what it is for
    else:
        print(table(*map(Path, sys.argv[1:])))  # noqa: T201 - printing is what it is for
