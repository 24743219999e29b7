"""The wire under other people’s clients: one base address, whatever the environment says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.practice.running import Running, running_x
from tripupdates.channels.http import OneHost
from tripupdates.channels.x_account import HOSTS


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Running]:
    with running_x(tmp_path) as peer:
        yield peer


@pytest.mark.parametrize("host", ["https://api.x.com", "https://api.twitter.com"])
def test_both_names_of_xs_interface_lead_to_the_one_that_is_set(peer: Running, host: str) -> None:
    assert OneHost(peer.base, 1, HOSTS).request("GET", f"{host}/practice/log").json() == {}


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/", "https://api.x.com.elsewhere.example/", "http://api.x.com/"]
)
def test_an_address_that_is_not_xs_is_never_called(peer: Running, address: str) -> None:
    with pytest.raises(ValueError, match="not the channel's own"):
        OneHost(peer.base, 1, HOSTS).request("GET", address)
