"""The demo: the made-up school with its app, its worker and a practice X, started and ended together."""

import fcntl
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import click
import requests

from tripupdates.instance import add_settings, write_config
from tripupdates.practice import school, walkthrough
from tripupdates.practice.school import Logins
from tripupdates.practice.visitor import WentWrong
from tripupdates.settings import PREFIX, OddSettings, Settings
from tripupdates.supervisor import Child, together, watch

BASE, X_BASE, MAIL_PORT = "http://localhost:8000", "http://localhost:8001", 8002
ADDED = ("MAIL_URL", "VAPID_PRIVATE_KEY")
START_UP = 60.0  # seconds
CHILDREN = (["practice-x"], ["practice-mail"], ["serve"], ["worker"])


def prepare(instance: Path, environ: Mapping[str, str] = os.environ) -> None:
    """Settings for the made-up school, where the instance has none yet."""
    values = school.settings(BASE, X_BASE, MAIL_PORT)
    unset = {name: value for name, value in values.items() if PREFIX + name not in environ}
    write_config(instance, unset)
    if school.is_made_up(instance):  # from before there were mails and push: they are added
        add_settings(instance, {name: value for name, value in unset.items() if name in ADDED})


def run(given: Settings, logins: Logins, walkthrough_only: bool) -> int:
    """Start everything; walk the path once; stay until Ctrl-C, unless that was all. Returns the exit code.

    A walk-through beside a running demo of the same instance walks there. Where the ports are taken by others, the
    walk-through takes free ones; a demo that stays says what to do.
    """
    with _alone(given.instance) as alone:
        if not alone:
            if walkthrough_only:
                return _walk(given.instance, given.public_base_url, given.x_api_base, logins)
            raise OddSettings(f"The demo is running already, at {given.public_base_url}")
        base, x_base, mail = _addresses(given, walkthrough_only)
        moved = {"PUBLIC_BASE_URL": base, "X_API_BASE": x_base, "MAIL_URL": mail}
        environ = os.environ | {PREFIX + name: value for name, value in moved.items() if value}
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: stop.set())
        with together(CHILDREN, environ) as children:
            _wait_until_up(base, x_base, mail, children, stop)
            if stop.is_set():
                return 0
            walk_now = walkthrough_only or not (given.instance / "walked").exists()
            code = _walk(given.instance, base, x_base, logins) if walk_now else 0
            if walkthrough_only:
                return code
            _welcome(base, x_base, logins)
            watch(children, stop)
    return 0


@contextmanager
def _alone(instance: Path) -> Iterator[bool]:
    with (instance / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _addresses(given: Settings, may_move: bool) -> tuple[str, str, str]:
    """Where the app, the practice X and the practice mail server answer."""
    mail = school.mail_url(given.mail.port if given.mail else MAIL_PORT)
    wanted = {"PUBLIC_BASE_URL": given.public_base_url, "X_API_BASE": given.x_api_base, "MAIL_URL": mail}
    addresses = []
    for name, address in wanted.items():
        port = urlsplit(address).port or 80
        if _free(port):
            addresses.append(address)
        elif may_move:
            addresses.append(address.replace(f":{port}", f":{_some_free_port()}"))
        else:
            other = address.replace(f":{port}", f":{port + 10}")
            raise OddSettings(
                f"Port {port} is taken by another program. End that one, or choose another port: "
                f"{PREFIX}{name}='{other}' make run"
            )
    return addresses[0], addresses[1], addresses[2]


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _some_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(base: str, x_base: str, mail: str, children: list[Child], stop: threading.Event) -> None:
    until = time.monotonic() + START_UP
    while not stop.is_set():
        pages = all(_answers(address) for address in (f"{base}/healthz", f"{x_base}/"))
        if pages and not _free(urlsplit(mail).port or 25):
            return
        dead = [child for child in children if child.process.poll() is not None]
        if dead or time.monotonic() > until:
            raise OddSettings("The demo could not start; the lines above say why.")
        stop.wait(0.1)


def _answers(address: str) -> bool:
    session = requests.Session()
    session.trust_env = False
    try:
        return session.get(address, timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def _walk(instance: Path, base: str, x_base: str, logins: Logins) -> int:
    try:
        walkthrough.walk(base, x_base, logins, _say)
    except (WentWrong, requests.RequestException) as wrong:
        click.echo(f"  WRONG  {wrong}", err=True)
        return 1
    (instance / "walked").touch()
    return 0


def _say(step: str, saw: str) -> None:
    click.echo(f"  {step:20} {saw}")


def _welcome(base: str, x_base: str, logins: Logins) -> None:
    rows = [
        ("Staff (phone)", f"{base}/staff/", logins.people["staff"]),
        ("Headteacher", f"{base}/review/", logins.people["head"]),
        ("Office", f"{base}/office/", logins.people["office"]),
    ]
    click.echo(f"\n{school.NAME} is open.\n")
    for who, address, (email, password) in rows:
        click.echo(f"  {who:15} {address:38} {email}  {password}")
    click.echo(f"  {'Families':15} {base}/trips/{logins.slug}/   code {logins.code}")
    click.echo(f"  {'Public site':15} {base}/site/")
    click.echo(f"  {'Practice X':15} {x_base}/")
    click.echo(f"  {'Practice mails':15} {x_base}/practice/mail")
    click.echo("\nCtrl-C ends everything. Nothing here is public.")
