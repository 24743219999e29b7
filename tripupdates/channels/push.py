"""Web Push (RFC 8030, 8291, 8292): a few words for one phone, encrypted so that only that phone reads them."""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from py_vapid import Vapid
from requests.adapters import HTTPAdapter

from tripupdates.channels import vapid
from tripupdates.channels.contract import NotSent, RefusedByChannel
from tripupdates.channels.mail_url import LOOPBACK

TIMEOUT = 10.0  # seconds for each step
LIVES = timedelta(hours=4)  # a push service keeps it so long for a phone that is off
TRUSTED_FOR = timedelta(hours=12)  # RFC 8292 allows 24


class Gone(RefusedByChannel):
    """The push service knows this subscription no more (404, 410): it is to be forgotten."""


@dataclass(frozen=True)
class Words:
    """What the phone shows, and where a tap leads. No name, no text of an update."""

    title: str
    body: str
    path: str


@dataclass(frozen=True)
class Subscription:
    """Where to send, and the keys to encrypt with, as the browser gave them."""

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)


class _Private(OSError):
    """The name led to an address that is not public."""


class _Public:
    """A connection that ends where the other side has no public address, whatever a name resolves to (SSRF)."""

    def _new_conn(self) -> socket.socket:
        sock: socket.socket = super()._new_conn()  # type: ignore[misc] # urllib3's own connections have it
        if not ip_address(sock.getpeername()[0]).is_global:
            sock.close()
            raise _Private("not a public address")
        return sock


class _PublicHTTPS(_Public, urllib3.connection.HTTPSConnection):
    pass


class _PublicPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPS


class _PublicAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _PublicPool}


class _Wire(requests.Session):
    """No redirect, no proxy of the environment, nothing but public hosts unless this machine itself is meant."""

    def __init__(self, loopback: bool) -> None:
        super().__init__()
        self.trust_env = False
        if not loopback:
            self.mount("https://", _PublicAdapter())

    def post(self, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """A redirect is an answer like any other. Of the answer we need its status: a body that never ends keeps nobody."""
        with super().post(url, *args, allow_redirects=False, stream=True, **kwargs) as answer:
            pass
        answer.raw = BytesIO()  # the library reads the text of every answer
        return answer


class Push:
    """The push services that browsers name. `loopback` allows those on this machine, and plain HTTP to them."""

    def __init__(
        self, private_key: str, subject: str, loopback: bool = False, timeout: float = TIMEOUT
    ) -> None:
        self.public_key = vapid.public_key(private_key)
        self._key = Vapid.from_string(private_key)
        self._subject, self._loopback, self._timeout = subject, loopback, timeout

    def may_send_to(self, endpoint: str) -> bool:
        """Whether this can be a push service: HTTPS, by name or public address, with no user and on the usual port."""
        try:
            parts = urlsplit(endpoint)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if host in LOOPBACK:
            return self._loopback
        try:
            public = ip_address(host).is_global
        except ValueError:
            public = "." in host and not host.endswith((".localhost", ".local", ".internal"))
        return parts.scheme == "https" and port in {None, 443} and public and not parts.username

    def send(self, words: Words, to: Subscription, now: datetime) -> None:
        """Hand it to the push service. Raises Gone, RefusedByChannel, NotSent."""
        from pywebpush import WebPusher  # noqa: PLC0415 - 8 MB, for the one process that pushes

        if not self.may_send_to(to.endpoint):
            raise RefusedByChannel("This is not the address of a push service.")
        info = {"endpoint": to.endpoint, "keys": {"p256dh": to.p256dh, "auth": to.auth}}
        data = json.dumps({"title": words.title, "body": words.body, "path": words.path})
        try:
            with _Wire(self._loopback) as wire:
                answer = WebPusher(info, requests_session=wire).send(
                    data,
                    self._headers(to.endpoint, now),
                    ttl=int(LIVES.total_seconds()),
                    timeout=self._timeout,
                )
        except (requests.RequestException, _Private) as error:
            raise NotSent("The push service cannot be reached.") from error
        except (ValueError, IndexError, TypeError) as error:
            raise RefusedByChannel("The keys of this phone cannot be used.") from error
        _judge(answer.status_code, answer.headers, now)

    def _headers(self, endpoint: str, now: datetime) -> dict[str, str]:
        parts = urlsplit(endpoint)
        expires = int((now + TRUSTED_FOR).timestamp())
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "sub": self._subject, "exp": expires}
        signed: dict[str, str] = self._key.sign(claims)
        return signed | {"Urgency": "high"}


def _judge(status: int, headers: Mapping[str, str], now: datetime) -> None:
    if status in {200, 201, 202, 204}:
        return
    if status in {404, 410}:
        raise Gone("This phone does not take push messages any more.")
    if status == 429 or status >= 500:
        pause = headers.get("Retry-After", "")
        later = now + timedelta(seconds=int(pause)) if pause.isdecimal() and len(pause) < 6 else None
        raise NotSent("The push service asks to come back later.", later)
    raise RefusedByChannel("The push service refused the message.")
