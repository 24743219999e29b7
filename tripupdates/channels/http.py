"""The wire under tweepy: one base address, time-outs, no redirects, no proxy from the environment, no chatter.

`tweepy.Client` knows no time-out and keeps its host in a local variable, so its session is replaced by this one.
"""

import logging
from typing import Any

import requests

HOSTS = ("https://api.twitter.com/", "https://api.x.com/")
TALKATIVE = ("oauthlib", "requests_oauthlib", "tweepy", "urllib3")


class OneHost(requests.Session):
    """A session that sends what is addressed to X to `base`, and waits at most `timeout` seconds for each step."""

    def __init__(self, base: str, timeout: float) -> None:
        """Also keeps the libraries above from writing texts, tokens and signatures to a log at DEBUG (law 10)."""
        super().__init__()
        # A proxy variable would carry the signature elsewhere, and hijack a loopback call.
        self.trust_env = False
        self._base, self._timeout = base.rstrip("/") + "/", timeout
        for name in TALKATIVE:
            logger = logging.getLogger(name)
            logger.setLevel(max(logger.level, logging.INFO))

    def request(  # type: ignore[override] # the few arguments that tweepy gives
        self, method: str | bytes, url: str | bytes, **kwargs: Any
    ) -> requests.Response:
        """As requests.Session.request; raises ValueError for an address that is not X's.

        A redirect is an answer like any other: following it would turn a POST into a GET.
        """
        address = str(url)
        host = next((host for host in HOSTS if address.startswith(host)), None)
        if host is None:
            raise ValueError("an address that is not the channel's own")
        kwargs |= {"timeout": (self._timeout, self._timeout), "allow_redirects": False}
        return super().request(method, self._base + address.removeprefix(host), **kwargs)
