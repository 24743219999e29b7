"""A practice X on a free loopback port, in a thread of the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from werkzeug.serving import BaseWSGIServer, make_server

from tripupdates.practice.x import Keys, create_practice_x

KEYS = Keys(
    handle="PuddleLaneTest",
    consumer_key="consumer-key-of-the-tests",
    consumer_secret="consumer-SECRET-of-the-tests",
    access_token="access-token-of-the-tests",
    access_token_secret="access-SECRET-of-the-tests",
)


@dataclass
class Running:
    """A practice X that answers at `base`."""

    base: str
    keys: Keys
    server: BaseWSGIServer
    thread: threading.Thread

    def _call(self, method: str, path: str, **how: Any) -> Any:
        session = requests.Session()
        session.trust_env = False
        with session.request(method, self.base + path, timeout=10, **how) as answer:
            assert answer.status_code == 200, answer.text
            return answer.json()

    def posts(self) -> list[dict[str, Any]]:
        """Posts that are there now, the newest first."""
        return [post for post in self._call("GET", "/practice/posts")["posts"] if not post["deleted"]]

    def count(self, route: str) -> int:
        """How many requests a route has had."""
        return int(self._call("GET", "/practice/log").get(route, 0))

    def fault(self, route: str, kind: str, times: int = 1, seconds: float = 60) -> None:
        """Let the next calls of a route go wrong."""
        plan = {"route": route, "kind": kind, "times": times, "seconds": seconds}
        self._call("POST", "/practice/faults", json=plan)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._call("DELETE", "/practice/faults")

    def stop(self) -> None:
        """Go away: connections are refused once this returns, for the thread that ends closes the door."""
        self.server.shutdown()
        self.thread.join()


@contextmanager
def running_x(folder: Path, keys: Keys = KEYS) -> Iterator[Running]:
    """Run one for as long as the block lasts."""
    server = make_server("127.0.0.1", 0, create_practice_x(folder, keys), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Running(f"http://127.0.0.1:{server.server_port}", keys, server, thread)
    finally:
        server.shutdown()
        thread.join()
