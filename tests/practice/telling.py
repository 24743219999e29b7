"""The wire of the tests: a mail server that keeps its mails, and a push service that decrypts what it is given."""

import base64
import json
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask, request
from werkzeug.serving import make_server

from tests.factories import School
from tripupdates.channels.mail_url import MailServer
from tripupdates.practice.mail import Box, Server
from tripupdates.telling import choices

VAPID = "8AaHV_UTIWvK4ygxStvBvnL-KAhV6lW0xtYYg1SJwlo"


def packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@contextmanager
def running_mail(folder: Path, **how: Any) -> Iterator[tuple[Box, MailServer]]:
    """A mail server on a free port, for as long as the block lasts."""
    box = Box(folder)
    server = Server(box, **how)
    server.start()
    try:
        yield box, MailServer("127.0.0.1", server.port, "plain", "trips@puddle-lane.example")
    finally:
        server.stop()


@dataclass
class Phone:
    """A browser's end of a subscription: the keys that decrypt."""

    path: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def keys(self) -> dict[str, str]:
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return {"p256dh": packed(point), "auth": packed(self.auth)}


@dataclass
class PushService:
    """What was pushed to each path, and what is answered next."""

    base: str = ""
    answers: deque[int] = field(default_factory=deque)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def take(self, path: str) -> tuple[str, int, dict[str, str]]:
        status = self.answers.popleft() if self.answers else 201
        self.got.append((path, {key.lower(): value for key, value in request.headers}, request.get_data()))
        headers = {"Location": f"{self.base}/elsewhere"} if status in {301, 307} else {}
        return "", status, headers | ({"Retry-After": "120"} if status == 429 else {})

    def words(self, phone: Phone) -> list[dict[str, str]]:
        """What this phone would show."""
        return [
            json.loads(http_ece.decrypt(body, private_key=phone.key, auth_secret=phone.auth))
            for path, _, body in self.got
            if path == phone.path
        ]


@contextmanager
def running_push() -> Iterator[PushService]:
    """A push service on a free port, for as long as the block lasts."""
    service, app = PushService(), Flask(__name__)
    app.add_url_rule("/<path:path>", "push", service.take, methods=["GET", "POST"])
    server = make_server("127.0.0.1", 0, app, threaded=True)
    service.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()


def with_phone(school: School, service: PushService, who: str = "head", name: str = "Green phone") -> Phone:
    """A phone of somebody's takes push messages from now on."""
    phone = Phone(path=f"{who}-{name}".replace(" ", "-"))
    address = f"{service.base}/{phone.path}"
    choices.add_phone(school.house, school.people[who], name, address, **phone.keys)
    return phone
