"""Claim: a photo becomes its seven proven files in about the time that libvips takes to make the same files unproven.

`make bench` takes a picture of the practice camera with grain; `python -m bench.photos FILE...` takes your own.
"""

import io
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageChops, ImageOps

from tripupdates.photos import colour, renditions
from tripupdates.photos.clean import clean
from tripupdates.photos.renditions import AVIF_QUALITY, AVIF_SPEED, EDGES, FINEST_EDGE, QUALITY, SUFFIXES
from tripupdates.photos.room import AT_ONCE, Room
from tripupdates.practice import camera

RUNS = 5
MISSING = "libvips is missing. Type: sudo apt-get install libvips42 && .venv/bin/pip install pyvips"

Files = dict[tuple[str, int], bytes]  # format and long edge


def ours(upload: bytes) -> Files:
    """The product's own function: upright, sRGB, seven files, each proven."""
    return {(each.format, max(each.width, each.height)): each.data for each in clean(upload).renditions}


def vips(upload: bytes) -> Files:
    """The peer: libvips, shrinking while it loads and each size from the one before, with all its threads; nothing proven."""
    import pyvips  # noqa: PLC0415 - only the peer's process needs it

    made: Files = {}
    picture = pyvips.Image.thumbnail_buffer(
        upload, FINEST_EDGE, height=FINEST_EDGE, size="down", export_profile="srgb"
    )
    picture = picture.copy_memory()
    for edge in (FINEST_EDGE, *reversed(EDGES)):
        if edge < FINEST_EDGE:
            picture = picture.thumbnail_image(edge, height=edge, size="down").copy_memory()
            made["AVIF", edge] = picture.heifsave_buffer(
                compression="av1", Q=AVIF_QUALITY, effort=9 - AVIF_SPEED, strip=True
            )
        made["JPEG", edge] = picture.jpegsave_buffer(
            Q=QUALITY, interlace=True, optimize_coding=True, strip=True
        )
    return made


def limit(upload: bytes) -> Files:
    """No faster than this: the decoder and the encoders alone; sizes, colours and proof cost nothing here."""
    picture = _reference(upload, FINEST_EDGE)
    sizes = [picture, *(_reference(upload, edge) for edge in EDGES)]
    jobs = [
        (one.copy(), kind)
        for one in sizes
        for kind in SUFFIXES
        if kind == "JPEG" or max(one.size) <= EDGES[-1]
    ]
    begun = time.perf_counter()
    image: Image.Image = Image.open(io.BytesIO(upload))
    if image.format in {"JPEG", "MPO"}:
        image.draft(None, picture.size)
    image.load()
    with ThreadPoolExecutor(2) as encoders:
        list(encoders.map(lambda job: _encode(*job), jobs))
    print(f"limit {time.perf_counter() - begun}")  # noqa: T201 - read by the parent
    return {}


def _encode(picture: Image.Image, kind: str) -> None:
    options: dict[str, Any] = (
        {"quality": AVIF_QUALITY, "speed": AVIF_SPEED, "subsampling": "4:2:0", "max_threads": 1}
        if kind == "AVIF"
        else {"quality": QUALITY, "progressive": True, "optimize": True}
    )
    picture.save(io.BytesIO(), kind, **options)


WAYS: dict[str, Callable[[bytes], Files]] = {"ours": ours, "vips": vips, "limit": limit}


def _reference(upload: bytes, edge: int) -> Image.Image:
    """The whole picture decoded, turned upright, in sRGB, and made small in one step, without a second thought."""
    pillow_heif.register_heif_opener()
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(upload)))
    small = colour.in_srgb(image, image.info.get("icc_profile"))
    small.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    return small


def ssim(one: Image.Image, other: Image.Image) -> float:
    """Structural similarity of brightness, 8 by 8 windows (Wang 2004): 1 is the same."""
    first, second = (np.asarray(each.convert("L"), dtype=np.float64) for each in (one, other))
    high, wide = (side // 8 * 8 for side in first.shape)

    def windows(values: Any) -> Any:
        return values[:high, :wide].reshape(high // 8, 8, wide // 8, 8).swapaxes(1, 2).reshape(-1, 64)

    a, b = windows(first), windows(second)
    mean_a, mean_b = a.mean(1), b.mean(1)
    together = ((a - mean_a[:, None]) * (b - mean_b[:, None])).mean(1)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    above = (2 * mean_a * mean_b + c1) * (2 * together + c2)
    below = (mean_a**2 + mean_b**2 + c1) * (a.var(1) + b.var(1) + c2)
    return float((above / below).mean())


def _once(way: str, file: Path, out: Path | None = None) -> dict[str, float]:
    """Seconds by the clock and of both cores, and MB above base, in a process of its own; `out` keeps its files."""
    command = [sys.executable, "-m", "bench.photos", "--run", way, str(file), *([str(out)] if out else [])]
    done = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603 - our own module
    words = done.stdout.split()
    return dict(zip(words[::2], map(float, words[1::2]), strict=True))


def _table(name: str, file: Path, folder: Path) -> str:
    runs = [{way: _once(way, file) for way in WAYS} for _ in range(RUNS)]
    looks = {way: _looks(file, way, folder) for way in ("ours", "vips")}
    rows = [
        f"| {name} | seconds | of both cores | MB above base | SSIM of JPEG, AVIF at 1600 px | kB of all |",
        "|---|---|---|---|---|---|",
    ]
    for way, words in (("ours", "cleaned and proven (ours)"), ("vips", "libvips, nothing proven")):
        middle = {key: statistics.median(run[way][key] for run in runs) for key in ("wall", "cpu", "peak")}
        rows.append(
            f"| {words} | {middle['wall']:.2f} | {middle['cpu']:.2f} | {middle['peak']:.0f} | {looks[way]} |"
        )
    least = statistics.median(run["limit"]["limit"] for run in runs)
    rows.append(f"| decoder and encoders alone | {least:.2f} | | | | |")
    ratios = [
        statistics.median(run["ours"][key] / run["vips"][key] for run in runs)
        for key in ("wall", "cpu", "peak")
    ]
    rows.append(
        "| ours to libvips, median of pairs | " + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " | | |"
    )
    return "\n".join(rows)


def _looks(file: Path, way: str, folder: Path) -> str:
    out = folder / way
    out.mkdir(exist_ok=True)
    _once(way, file, out)
    reference = _reference(file.read_bytes(), 1600)
    found = [
        ssim(Image.open(out / f"1600{suffix}").convert("RGB"), reference) for suffix in (".jpg", ".avif")
    ]
    size = sum(path.stat().st_size for path in out.iterdir())
    return f"{found[0]:.3f}, {found[1]:.3f} | {size // 1000}"


def grainy(size: tuple[int, int], **options: Any) -> Image.Image:
    """A practice picture with a sensor's grain and fine texture: smooth paint would flatter every encoder."""
    picture = Image.open(io.BytesIO(camera.take(1, size, extras=frozenset(), people=4))).convert("RGB")
    grain = Image.merge("RGB", [Image.effect_noise(size, 14) for _ in "RGB"])
    leaves = Image.effect_noise((size[0] // 6, size[1] // 6), 50).resize(size, Image.Resampling.BICUBIC)
    return ImageChops.add(ImageChops.add(picture, grain, 1, -128), leaves.convert("RGB"), 1, -128)


def _write(folder: Path) -> dict[str, Path]:
    files = {"a 12-megapixel JPEG": folder / "grain.jpg", "a 12-megapixel HEIC": folder / "grain.heic"}
    picture = grainy((4032, 3024))
    picture.save(files["a 12-megapixel JPEG"], quality=92, icc_profile=camera.display_p3())
    picture.info["icc_profile"] = camera.display_p3()
    pillow_heif.from_pillow(picture).save(files["a 12-megapixel HEIC"], quality=70)
    return files


def _row(folder: Path) -> str:
    """Twenty photos one after the other through the room, each in its guarded process, as many at once as it takes."""
    upload = (folder / "grain.jpg").read_bytes()
    room = Room(look=False)
    begun = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as hands:
        list(hands.map(lambda _: room.prepare(upload), range(20)))
    spent = time.perf_counter() - begun
    return (
        f"Twenty such JPEGs in a row through the room, each in a guarded process: {spent / 20:.2f} s a photo."
    )


def _peaks(folder: Path) -> str:
    rows = ["| megapixels | baseline, MB | progressive, MB | seconds of both cores |", "|---|---|---|---|"]
    for million, size in ((12, (4032, 3024)), (48, (8064, 6048)), (108, (12000, 9000))):
        picture, cells, spent = grainy(size), [], 0.0
        for progressive in (False, True):
            file = folder / "large.jpg"
            picture.save(file, quality=75, progressive=progressive)
            Room(look=False).prepare(file.read_bytes())  # it fits the limits of the room
            run = _once("ours", file)
            cells.append(f"{run['whole']:.0f}")
            spent = max(spent, run["cpu"])
        rows.append(f"| {million} | {' | '.join(cells)} | {spent:.1f} |")
    return "\n".join(rows)


def table(files: dict[str, Path] | None = None) -> str:
    """Medians of runs side by side, as tables in Markdown."""
    try:
        import pyvips  # noqa: F401, PLC0415 - only to say what is missing
    except (ImportError, OSError) as error:
        raise SystemExit(MISSING) from error
    with TemporaryDirectory() as name:
        folder = Path(name)
        parts = [_table(words, file, folder) for words, file in (files or _write(folder)).items()]
        if not files:
            parts += [_row(folder), _peaks(folder)]
        return "\n\n".join(parts)


def _peak() -> float:
    """The most memory that this program has held, in MB (ru_maxrss would count its parent's too)."""
    line = next(
        each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmHWM")
    )
    return int(line.split()[1]) / 1024


def _run(way: str, file: Path, out: Path | None) -> None:
    upload = file.read_bytes()
    if way == "vips":
        import pyvips  # noqa: F401, PLC0415 - its start is not its work
    base, used = _peak(), resource.getrusage(resource.RUSAGE_SELF)
    begun = time.perf_counter()
    made = WAYS[way](upload)
    wall, now = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    print(f"wall {wall} cpu {cpu} peak {_peak() - base} whole {_peak()}")  # noqa: T201 - read by the parent
    for (kind, edge), data in made.items() if out else ():
        (Path(str(out)) / f"{edge}{renditions.SUFFIXES[kind]}").write_bytes(data)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        _run(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]) if len(sys.argv) > 4 else None)
    else:
        print(table({Path(name).name: Path(name) for name in sys.argv[1:]}))  # noqa: T201
