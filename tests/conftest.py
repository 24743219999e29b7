"""No sockets beyond loopback, in any test."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_socket import socket_allow_hosts

if TYPE_CHECKING:
    from tests.factories import School


@pytest.fixture(autouse=True)
def _only_loopback() -> None:
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture
def school(tmp_path: Path) -> "Iterator[School]":
    """A made-up school in a folder of its own."""
    from tests.factories import open_school  # noqa: PLC0415 - a test of a pure room needs no app

    with open_school(tmp_path) as school:
        yield school
