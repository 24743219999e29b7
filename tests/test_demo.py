"""The two commands of a newcomer, as processes: the walk-through, and a demo that ends with everything it started."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parent.parent
STEPS = [
    "signed in",
    "trip code",
    "words checked",
    "photo cleaned",
    "consent checked",
    "pupils answered",
    "sent to the head",
    "head told",
    "proven clean",
    "approved",
    "delivered: families",
    "delivered: website",
    "delivered: x",
    "seen by parents",
    "consent withdrawn",
    "takedown confirmed",
    "two taps",
    "message seen",
    "texts sent",
    "receipt seen",
    "school news",
    "urgent notice",
    "newsletter cleaned",
    "newsletter proven",
    "newsletter on site",
    "newsletter announced",
    "handed over",
    "taken down by hand",
]


def _ports(count: int) -> list[int]:
    """So many free ports, no two of them the same."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An instance and ports of our own."""
    base, x, notify, mail = _ports(4)
    return os.environ | {
        "TRIPUPDATES_INSTANCE": str(tmp_path / "instance"),
        "TRIPUPDATES_PUBLIC_BASE_URL": f"http://localhost:{base}",
        "TRIPUPDATES_X_API_BASE": f"http://localhost:{x}",
        "TRIPUPDATES_NOTIFY_BASE_URL": f"http://localhost:{notify}",
        "TRIPUPDATES_MAIL_URL": f"smtp://localhost:{mail}?from=trips@puddle-lane.example",
    }


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "tripupdates", *words]


@contextmanager
def _running(environ: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A demo that stays, once it has printed its addresses."""
    with log.open("wb") as out:
        demo = subprocess.Popen(_command("demo"), env=environ, stdout=out, stderr=out, start_new_session=True)
        try:
            _until(lambda: "Ctrl-C ends everything" in log.read_text(), "the demo is open", log)
            yield demo
        finally:
            demo.kill()
            demo.wait()


def _until(true: object, what: str, log: Path) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        if callable(true) and true():
            return
        time.sleep(0.1)
    pytest.fail(f"waited for: {what}\n{log.read_text()}")


def _processes(instance: str) -> list[int]:
    """Those that work on this instance, by their environment."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                mine = f"TRIPUPDATES_INSTANCE={instance}".encode() in (folder / "environ").read_bytes()
                alive = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
            except (PermissionError, FileNotFoundError, ProcessLookupError):
                continue
            if mine and alive:
                found.append(int(folder.name))
    return found


@pytest.mark.timeout(400)
def test_the_walk_through_sees_every_step_and_a_demo_walks_again_stays_and_leaves_nothing_behind(
    environ: dict[str, str], tmp_path: Path
) -> None:
    instance, base = environ["TRIPUPDATES_INSTANCE"], environ["TRIPUPDATES_PUBLIC_BASE_URL"]
    walked = subprocess.run(
        _command("demo", "--walkthrough"), env=environ, capture_output=True, text=True, check=False
    )
    assert walked.returncode == 0, walked.stdout + walked.stderr
    assert set(STEPS) <= _seen(walked.stdout)
    assert "Traceback" not in walked.stderr
    assert _processes(instance) == []
    (Path(instance) / "walked").unlink()  # as if it had never been walked to the end
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    with _running(environ, first) as demo:
        assert set(STEPS) <= _seen(first.read_text())
        assert requests.get(f"{base}/site/", timeout=10).status_code == 200
        demo.kill()
        demo.wait()
        _until(lambda: not _processes(instance), "everything has ended", first)
    with _running(environ, second) as demo:
        assert not set(STEPS) & _seen(second.read_text())  # it does not walk once more
        logins = [re.findall(r"\S+@\S+  \S+|code \S+", log.read_text()) for log in (first, second)]
        assert logins[0] == logins[1]
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=30) == 0
        assert _processes(instance) == []


def _seen(printed: str) -> set[str]:
    return {line[2:22].strip() for line in printed.splitlines()}


def test_a_port_that_is_taken_is_told_in_one_line(environ: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        mine = environ | {"TRIPUPDATES_PUBLIC_BASE_URL": f"http://localhost:{port}"}
        told = subprocess.run(_command("demo"), env=mine, capture_output=True, text=True, check=False)
    assert (told.returncode, f"Port {port} is taken" in told.stderr, "Traceback" in told.stderr) == (
        1,
        True,
        False,
    )


def test_the_wheel_has_templates_static_files_and_migrations_inside(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "inside")
    script = (
        "import tripupdates, tripupdates.cli, tripupdates.settings as s;"
        "assert tripupdates.__file__.startswith({0!r}), tripupdates.__file__;"
        "assert str(s.folder_of_ours('templates')).startswith({0!r});"
        "tripupdates.cli.main(['init'])"
    ).format(str(tmp_path / "inside"))
    environ = {
        "PYTHONPATH": str(tmp_path / "inside"),
        "TRIPUPDATES_INSTANCE": str(tmp_path / "instance"),
        "PATH": os.environ["PATH"],
    }
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    names = {str(path.relative_to(tmp_path / "inside")) for path in (tmp_path / "inside").rglob("*")}
    for needed in (
        "templates/site/trip.html",
        "static/css/app.css",
        "static/js/compose.js",
        "templates/staff/home.html",
    ):
        assert f"tripupdates/{needed}" in names
