"""A practice X, or a practice Notify, on a free loopback port, in a thread of the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import requests
from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from tripupdates.practice.notify import create_practice_notify
from tripupdates.practice.notify_state import State
from tripupdates.practice.x import Keys, create_practice_x

KEYS = Keys(
    handle="PuddleLaneTest",
    consumer_key="consumer-key-of-the-tests",
    consumer_secret="consumer-SECRET-of-the-tests",
    access_token="access-token-of-the-tests",
    access_token_secret="access-SECRET-of-the-tests",
)


NOTIFY_KEY = "puddle_lane-7c1f7a0e-5a1b-4a55-9d3e-0f6d6d2a1c11-1b0f4b7e-93d3-4c59-8f0f-52d4a9e0c7aa"


@dataclass
class Answering:
    """A practice service that answers at `base`."""

    base: str
    server: BaseWSGIServer
    thread: threading.Thread

    def _call(self, method: str, path: str, **how: Any) -> Any:
        session = requests.Session()
        session.trust_env = False
        with session.request(method, self.base + path, timeout=10, **how) as answer:
            assert answer.status_code == 200, answer.text
            return answer.json()

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


@dataclass
class Running(Answering):
    """A practice X."""

    keys: Keys

    def posts(self) -> list[dict[str, Any]]:
        """Posts that are there now, the newest first."""
        return [post for post in self._call("GET", "/practice/posts")["posts"] if not post["deleted"]]


@dataclass
class RunningNotify(Answering):
    """A practice Notify. `state` is what it remembers, for tests that change its service."""

    state: State

    def messages(self, way: str = "sms") -> list[dict[str, Any]]:
        """What it took, the newest first."""
        return [each for each in self._call("GET", "/practice/messages")["messages"] if each["way"] == way]

    def texts(self) -> list[tuple[str, str]]:
        """Number and words of each text, in the order in which they came."""
        return [(each["to"], each["text"]) for each in reversed(self.messages())]


@contextmanager
def _served(app: Flask) -> Iterator[Answering]:
    """Run one for as long as the block lasts."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Answering(f"http://127.0.0.1:{server.server_port}", server, thread)
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def running_x(folder: Path, keys: Keys = KEYS) -> Iterator[Running]:
    """A practice X."""
    with _served(create_practice_x(folder, keys)) as found:
        yield Running(found.base, found.server, found.thread, keys)


@contextmanager
def running_notify(folder: Path, key: str = NOTIFY_KEY, prefix: str = "") -> Iterator[RunningNotify]:
    """A practice Notify."""
    app = create_practice_notify(folder, key, prefix)
    with _served(app) as found:
        yield RunningNotify(found.base, found.server, found.thread, cast(State, app.extensions["state"]))
