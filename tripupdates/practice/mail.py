"""A loopback mail server: takes every mail, keeps it in a folder, and shows it. It serves practice mode and the tests.

Nothing leaves this machine. A test can plan refusals: the next mails are answered with what it says.
"""

import os
import socket
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask, abort, jsonify, render_template
from flask.typing import ResponseReturnValue

FOLDER = "practice-mail"
MOST_SHOWN = 100


@dataclass
class Box:
    """What the server takes, and where it keeps it. `answers` to the next steps ("rcpt", "data") are planned by tests."""

    folder: Path
    answers: dict[str, deque[str]] = field(default_factory=dict)
    hangs_up: bool = False  # takes the mail, and is gone before it says so

    def plan(self, step: str, *answers: str) -> None:
        """Answer the next times with these, for example "451 later"."""
        self.answers.setdefault(step, deque()).extend(answers)

    def _planned(self, step: str) -> str | None:
        waiting = self.answers.get(step)
        return waiting.popleft() if waiting else None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take whoever it is for."""
        planned = self._planned("rcpt")
        if planned:
            return planned
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail, flushed to the disk before the answer."""
        planned = self._planned("data")
        if planned:
            return planned
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.eml"
        partial = self.folder / f"{name}.part"
        with partial.open("wb") as file:
            file.write(envelope.original_content or b"")
            file.flush()
            os.fsync(file.fileno())
        partial.rename(self.folder / name)
        if self.hangs_up:
            _hang_up(server)
        return "250 Kept"

    def mails(self) -> list[EmailMessage]:
        """Every mail, in the order in which they came."""
        return [_read(path) for path in _files(self.folder)]


def _hang_up(server: SMTP) -> None:
    if server.transport is not None:
        server.transport.close()


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.eml"))


def _read(path: Path) -> EmailMessage:
    found = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(found, EmailMessage)  # noqa: S101 - what this policy makes
    return found


def _shown(path: Path) -> dict[str, str]:
    mail = _read(path)
    bodies = {kind: mail.get_body((kind,)) for kind in ("plain", "html")}
    text, html = (body.get_content() if body is not None else "" for body in bodies.values())
    return {
        "name": path.stem,
        "to": str(mail["To"]),
        "subject": str(mail["Subject"]),
        "date": str(mail["Date"]),
        "text": text,
        "html": html,
    }


class Server(Controller):
    """The server in a thread of its own; `port` 0 takes a free one."""

    def __init__(self, box: Box, host: str = "127.0.0.1", port: int = 0, **how: Any) -> None:
        if port == 0:
            with socket.socket() as probe:
                probe.bind((host, 0))
                port = probe.getsockname()[1]
        super().__init__(box, hostname=host, port=port, **how)


def serve(folder: Path, host: str, port: int) -> None:
    """Answer on this machine until the process ends."""
    server = Server(Box(folder), "127.0.0.1" if host == "localhost" else host, port)
    server.start()
    threading.Event().wait()


def add_pages(app: Flask, folder: Path) -> None:
    """The mails as a person reads them, on the practice X's server."""

    def mails() -> ResponseReturnValue:
        found = [_shown(path) for path in reversed(_files(folder)[-MOST_SHOWN:])]
        return render_template("practice/mails.html", mails=found)

    def one(name: str) -> ResponseReturnValue:
        found = {path.stem: path for path in _files(folder)}
        return str(_shown(found[name])["html"]) if name in found else abort(404)

    def as_json() -> ResponseReturnValue:
        return jsonify(mails=[_shown(path) for path in _files(folder)])

    pages: list[tuple[str, str, Callable[..., ResponseReturnValue]]] = [
        ("/practice/mail", "mails", mails),
        ("/practice/mail/<name>", "mail", one),
        ("/practice/mails", "mails as JSON", as_json),
    ]
    for rule, endpoint, view in pages:
        app.add_url_rule(rule, endpoint, view, methods=["GET"])
