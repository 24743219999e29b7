"""The wire under other people's clients: one base address, time-outs, no redirects, no proxy from the environment, no chatter.

`tweepy.Client` knows no time-out and keeps its host in a local variable, and GOV.UK Notify's client follows redirects and
proxies, so each has its session replaced by this one.
"""

import logging
from collections.abc import Collection
from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

# What each of these would write to a log at these levels: texts, tokens, signatures, and what was wrong with a number.
TALKATIVE = {
    "oauthlib": logging.INFO,
    "requests_oauthlib": logging.INFO,
    "tweepy": logging.INFO,
    "urllib3": logging.INFO,
    "notifications_python_client": logging.CRITICAL,
}


class OneHost(requests.Session):
    """A session that sends what is addressed to one of `hosts` to `base`, and waits at most `timeout` seconds for each step."""

    def __init__(self, base: str, timeout: float, hosts: Collection[str]) -> None:
        """Also keeps the libraries above from writing to a log what must not stand there (law 10)."""
        super().__init__()
        # A proxy variable would carry the signature elsewhere, and hijack a loopback call.
        self.trust_env = False
        self._base, self._timeout, self._hosts = base.rstrip("/") + "/", timeout, tuple(hosts)
        for name, level in TALKATIVE.items():
            logger = logging.getLogger(name)
            logger.setLevel(max(logger.level, level))

    def request(  # type: ignore[override] # the few arguments that the clients give
        self, method: str | bytes, url: str | bytes, **kwargs: Any
    ) -> requests.Response:
        """As requests.Session.request; raises ValueError for an address that is not the channel's own.

        A redirect is an answer like any other: following it would turn a POST into a GET.
        """
        address = str(url)
        host = next((host for host in self._hosts if address.startswith(host)), None)
        if host is None:
            raise ValueError("an address that is not the channel's own")
        kwargs |= {"timeout": (self._timeout, self._timeout), "allow_redirects": False}
        return super().request(method, self._base + address.removeprefix(host), **kwargs)


def never_connected(error: BaseException | None) -> bool:
    """Whether this says for certain that not a byte has left."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0] if error is not None and error.args else None, "reason", None)
    return isinstance(error, requests.ConnectionError) and isinstance(reason, NewConnectionError)
