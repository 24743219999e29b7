"""What a valley does to a request: faults at the server's door, so that pages and service worker meet them alike."""

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
PAGE = b"<!doctype html><title>Free Wi-Fi</title><h1>Accept our terms</h1>"


class Signal:
    """Stands before an app. `fault(kind, times, method, part)` spoils the next matching requests under /api/.

    Kinds: `lost` (the app does it, the answer never comes), `last` (the same, and from then on nobody answers), `cut`
    (half of the body arrives), `none` (nobody answers), `hang` (nobody answers, and the line stays open), `portal`
    (somebody else answers 200, with a page), `filter` (somebody else says 403, in JSON), or a number (that status, with
    a page, as a proxy says it).
    """

    def __init__(self, app: Flask) -> None:
        self._inner: Wsgi = app.wsgi_app
        self._plans: list[dict[str, Any]] = []
        self.released = threading.Event()  # lets go of what hangs
        self.out = False  # nobody at all answers: no page, no file
        self.seen: Counter[str] = Counter()  # requests under /api/ that the app itself has dealt with
        app.wsgi_app = self  # type: ignore[method-assign] # as Flask's docs do

    def fault(self, kind: str | int, times: int = 1, method: str = "", part: str = "") -> None:
        self._plans.append({"kind": kind, "times": times, "method": method, "part": part})

    def clear(self) -> None:
        self._plans.clear()

    @property
    def left(self) -> int:
        """How many faults have not struck yet."""
        return sum(plan["times"] for plan in self._plans)

    def _strike(self, environ: dict[str, Any]) -> str | int | None:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        for plan in self._plans:
            if plan["times"] and plan["method"] in {"", method} and plan["part"] in path:
                plan["times"] -= 1
                return plan["kind"]  # type: ignore[no-any-return]
        return None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self.out:
            return _hang_up(environ, start_response)
        if not environ["PATH_INFO"].startswith("/api/"):
            return self._inner(environ, start_response)
        kind = self._strike(environ)
        if kind == "hang":
            self.released.wait(60)
        if kind in {"cut", "none", "hang"}:
            return _hang_up(environ, start_response, half=kind == "cut")
        if kind in {"portal", "filter"} or isinstance(kind, int):
            return _somebody_else(environ, start_response, kind)
        self.seen[f"{environ['REQUEST_METHOD']} {_short(environ['PATH_INFO'])}"] += 1
        if kind in {"lost", "last"}:
            self.out = kind == "last"
            b"".join(self._inner(environ, lambda *_: None))
            return _hang_up(environ, start_response)
        return self._inner(environ, start_response)


def _short(path: str) -> str:
    """Which kind of request: `update`, `photo`, or the last word of the address."""
    last = path.rsplit("/", 1)[-1]
    return "photo" if "/photos/" in path else last if last.isalpha() else "update"


def _somebody_else(environ: dict[str, Any], start_response: Any, kind: str | int) -> Iterable[bytes]:
    """A hotel's sign-in page, or a proxy: a page, and not ours."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if kind == "filter":
        start_response("403 Blocked", [("Content-Type", "application/json")])
        return [b'{"title": "Blocked by the filter."}']
    start_response("200 OK" if kind == "portal" else f"{kind} Trouble", [("Content-Type", "text/html")])
    return [PAGE]


def _hang_up(environ: dict[str, Any], start_response: Any, half: bool = False) -> Iterable[bytes]:
    """The connection breaks; perhaps after half of what was sent."""
    if half:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0) // 2)
    with contextlib.suppress(OSError):
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    start_response("500 Gone", [("Content-Type", "text/plain")])
    return [b""]
