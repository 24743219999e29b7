"""A made-up school beside a practice X, with X as it is wired in a real one: what it is asked is counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.factories import School, on_a_server, open_school
from tests.practice.running import Running, running_x
from tripupdates import metering
from tripupdates.channels.x import X
from tripupdates.channels.x_account import XAccount
from tripupdates.vocabulary import Channel

SETTLE = timedelta(seconds=60)


@contextmanager
def school_with_x(folder: Path, engine: str = "sqlite", **changes: Any) -> Iterator[tuple[School, Running]]:
    """Both, for as long as the block lasts. Its clock begins now, for look-ups compare with the peer's clock."""
    server: dict[str, Any] = {"database_url": on_a_server()} if engine == "postgresql" else {}
    home = folder / "school"
    home.mkdir()
    with running_x(folder / "x") as x:
        named = {"x_api_base": x.base, "x_handle": x.keys.handle}
        with open_school(home, **(server | named | changes)) as school:
            speak_to(school, x)
            school.clock.now = datetime.now(UTC)
            yield school, x


def speak_to(school: School, x: Running, **other: str) -> None:
    """Let the school speak to this X, with other keys or for another handle where some are given."""
    given = {
        "handle": x.keys.handle,
        "consumer_key": x.keys.consumer_key,
        "consumer_secret": x.keys.consumer_secret,
        "access_token": x.keys.access_token,
        "access_token_secret": x.keys.access_token_secret,
    }
    school.house.places[Channel.X] = X(  # type: ignore[index] # a dict underneath
        XAccount(x.base, **(given | other)),
        timeout=1.0,
        settle=SETTLE,
        misses_needed=2,
        meter=lambda call, times: metering.count(school.clock(), call, times),
    )
