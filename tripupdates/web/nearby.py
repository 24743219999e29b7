"""Whether a request comes from a program on this very machine, not through a proxy.

Found out before the proxy's headers are believed, so nobody can claim it. Such a program (Prometheus, a health check)
asks `http://127.0.0.1:8000`, whatever the school's name is.
"""

from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
MARK = "tripupdates.nearby"
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_PROXIED = tuple(
    f"HTTP_{name}" for name in "X_FORWARDED_FOR X_FORWARDED_PROTO X_REAL_IP FORWARDED VIA".split()
)


def marking(app: WSGIApplication, host: str) -> WSGIApplication:
    """The app with a mark on what machines ask from nearby; `host` is the name under which the app answers them."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> object:
        nearby = environ.get("REMOTE_ADDR") in _LOOPBACK and not any(name in environ for name in _PROXIED)
        if nearby and environ.get("PATH_INFO") in PATHS:
            environ |= {MARK: True, "HTTP_HOST": host}
        return app(environ, start)

    return answer  # type: ignore[return-value] # whatever the app gives back


def is_nearby(environ: WSGIEnvironment) -> bool:
    """Whether this request bears the mark."""
    return environ.get(MARK) is True
