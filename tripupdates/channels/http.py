"""The wire under tweepy: one base address, time-outs, no redirects, no proxy from the environment.

`tweepy.Client` knows no time-out and keeps its host in a local variable, so its session is replaced by this one.
"""

from typing import Any

import requests

TWEEPY_HOST = "https://api.twitter.com"


class OneHost(requests.Session):
    """A session that sends what tweepy addresses to its own host to `base`, and waits at most `timeout` seconds."""

    def __init__(self, base: str, timeout: float) -> None:
        super().__init__()
        self.trust_env = (
            False  # a proxy variable would carry the signature elsewhere, and hijack a loopback call
        )
        self._base, self._timeout = base, timeout

    def request(  # type: ignore[override] # the few arguments that tweepy gives
        self, method: str | bytes, url: str | bytes, **kwargs: Any
    ) -> requests.Response:
        """As requests.Session.request. A redirect is an answer like any other: following it would turn a POST into a GET."""
        address = str(url)
        if not address.startswith(TWEEPY_HOST):
            raise ValueError("an address that is not the channel's own")
        kwargs |= {"timeout": (self._timeout, self._timeout), "allow_redirects": False}
        return super().request(method, self._base + address.removeprefix(TWEEPY_HOST), **kwargs)
