"""No sockets beyond loopback, in any test."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pytest_socket import socket_allow_hosts

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.factories import School
    from tests.practice.running import Running


MEMORY, ROOM = Path("/dev/shm"), 2 * 2**30

if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    # A school that is gone in a second need not reach a disk, whose fsync is most of what it waits for.
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: Python need not go through it for rubbish again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture(autouse=True)
def _only_loopback() -> None:
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test marked `both_engines` runs on SQLite and on PostgreSQL."""
    if "school" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_engines"):
        metafunc.parametrize("engine", ["sqlite", "postgresql"])


@pytest.fixture
def engine() -> str:
    """SQLite, where nobody says otherwise."""
    return "sqlite"


@pytest.fixture
def school(tmp_path: Path, engine: str) -> "Iterator[School]":
    """A made-up school in a folder of its own."""
    from tests.factories import on_a_server, open_school  # noqa: PLC0415 - a test of a pure room needs no app

    changes: dict[str, Any] = {"database_url": on_a_server()} if engine == "postgresql" else {}
    with open_school(tmp_path, **changes) as school:
        yield school


@pytest.fixture
def clerk(school: "School") -> "FlaskClient":
    """The browser of somebody at the office."""
    return school.client("office")


@pytest.fixture
def beside_x(tmp_path: Path, engine: str) -> "Iterator[tuple[School, Running]]":
    """A made-up school that speaks to a practice X, and that X."""
    from tests.with_x import school_with_x  # noqa: PLC0415 - as above

    with school_with_x(tmp_path, engine) as both:
        yield both


@pytest.fixture
def x(beside_x: "tuple[School, Running]") -> "Running":
    """The practice X beside the school."""
    return beside_x[1]
