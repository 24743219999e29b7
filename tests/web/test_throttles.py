"""Throttles that several web processes share through a real Redis."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from flask import Flask

from tests import servers
from tests.factories import Browser, School, open_school
from tripupdates.app import create_app
from tripupdates.web.guard import limiter


def _guess(school: School, times: int, process: Flask | None = None) -> list[int]:
    """Type wrong trip codes, at this web process of the school."""
    base = school.house.settings.public_base_url
    client = Browser(process or school.app)
    at = f"/trips/{school.slug}/code"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(at, base_url=base).text)
    assert token is not None
    forms = [{"csrf_token": token[1], "code": f"guess-{number}"} for number in range(times)]
    return [client.post(at, data=form, base_url=base).status_code for form in forms]


def test_web_processes_count_together_under_the_schools_own_name(tmp_path: Path) -> None:
    with open_school(tmp_path, ratelimit_storage_uri=servers.redis()) as school:
        assert _guess(school, 6) == [422] * 6
        another = create_app(school.house.settings, school.house)  # it has counted nothing itself
        assert _guess(school, 6, another) == [422] * 4 + [429] * 2
    with redis.Redis.from_url(servers.redis()) as server:
        keys = [key.decode() for key in server.scan_iter()]
    assert keys
    assert all("/localhost/" in key for key in keys), keys  # other schools have other names


@pytest.fixture
def forgetful() -> Iterator[None]:
    """The one limiter of this process must not believe its store dead in the tests that follow."""
    yield
    limiter._storage_dead = False


@pytest.mark.usefixtures("forgetful")
@pytest.mark.filterwarnings("ignore:Rate limit storage unreachable")
def test_a_redis_that_is_away_locks_nobody_out_and_lets_nobody_guess(tmp_path: Path) -> None:
    nobody = f"redis://127.0.0.1:{servers.free_port()}/0"
    with open_school(tmp_path, ratelimit_storage_uri=nobody) as school:
        assert _guess(school, 11) == [422] * 10 + [429]
