"""The demo: the made-up school with its app, its worker, a practice X and a practice Notify, started and ended together."""

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
from tripupdates.setting_checks import OddSettings
from tripupdates.settings import PREFIX, Settings
from tripupdates.supervisor import Child, together, watch

BASE, X_BASE, MAIL_PORT = "http://localhost:8000", "http://localhost:8001", 8002
NOTIFY_BASE = "http://localhost:8003"
ADDED = ("MAIL_URL", "VAPID_PRIVATE_KEY", "NOTIFY_API_KEY", "NOTIFY_BASE_URL")
START_UP = 60.0  # seconds
CHILDREN = (["practice-x"], ["practice-mail"], ["practice-notify"], ["serve"], ["worker"])


def prepare(instance: Path, environ: Mapping[str, str] = os.environ) -> None:
    """Settings for the made-up school, where the instance has none yet."""
    values = school.settings(BASE, X_BASE, NOTIFY_BASE, MAIL_PORT)
    unset = {name: value for name, value in values.items() if PREFIX + name not in environ}
    write_config(instance, unset)
    if school.is_made_up(instance):  # from before there were mails, push and texts: they are added
        add_settings(instance, {name: value for name, value in unset.items() if name in ADDED})


def run(given: Settings, logins: Logins, walkthrough_only: bool) -> int:
    """Start everything; walk the path once; stay until Ctrl-C, unless that was all. Returns the exit code.

    A walk-through beside a running demo of the same instance walks there. Where the ports are taken by others, the
    walk-through takes free ones; a demo that stays says what to do.
    """
    with _alone(given.instance) as alone:
        if not alone:
            if walkthrough_only:
                return _walk(given.instance, _wanted(given), logins)
            raise OddSettings(f"The demo is running already, at {given.public_base_url}")
        at = _addresses(given, walkthrough_only)
        environ = os.environ | {PREFIX + name: value for name, value in at.items()}
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: stop.set())
        with together(CHILDREN, environ) as children:
            _wait_until_up(at, children, stop)
            if stop.is_set():
                return 0
            walk_now = walkthrough_only or not (given.instance / "walked").exists()
            code = _walk(given.instance, at, logins) if walk_now else 0
            if walkthrough_only:
                return code
            _welcome(at, logins)
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


def _wanted(given: Settings) -> dict[str, str]:
    """Where the app, the practice X, the practice mail server and the practice Notify are to answer, by their settings."""
    return {
        "PUBLIC_BASE_URL": given.public_base_url,
        "X_API_BASE": given.x_api_base,
        "MAIL_URL": school.mail_url(given.mail.port if given.mail else MAIL_PORT),
        "NOTIFY_BASE_URL": given.notify_base_url,
    }


def _addresses(given: Settings, may_move: bool) -> dict[str, str]:
    """The same, on other ports where these are taken. Raises OddSettings where they must not move."""
    addresses = {}
    for name, address in _wanted(given).items():
        port = urlsplit(address).port or 80
        if _free(port):
            addresses[name] = address
        elif may_move:
            addresses[name] = address.replace(f":{port}", f":{_some_free_port()}")
        else:
            other = address.replace(f":{port}", f":{port + 10}")
            raise OddSettings(
                f"Port {port} is taken by another program. End that one, or choose another port: "
                f"{PREFIX}{name}='{other}' make run"
            )
    return addresses


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


def _wait_until_up(at: Mapping[str, str], children: list[Child], stop: threading.Event) -> None:
    until = time.monotonic() + START_UP
    asked = [f"{at['PUBLIC_BASE_URL']}/healthz", f"{at['X_API_BASE']}/", f"{at['NOTIFY_BASE_URL']}/"]
    while not stop.is_set():
        if all(map(_answers, asked)) and not _free(urlsplit(at["MAIL_URL"]).port or 25):
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


def _walk(instance: Path, at: Mapping[str, str], logins: Logins) -> int:
    try:
        walkthrough.walk(at["PUBLIC_BASE_URL"], at["X_API_BASE"], at["NOTIFY_BASE_URL"], logins, _say)
    except (WentWrong, requests.RequestException) as wrong:
        click.echo(f"  WRONG  {wrong}", err=True)
        return 1
    (instance / "walked").touch()
    return 0


def _say(step: str, saw: str) -> None:
    click.echo(f"  {step:20} {saw}")


def _welcome(at: Mapping[str, str], logins: Logins) -> None:
    base, x_base = at["PUBLIC_BASE_URL"], at["X_API_BASE"]
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
    click.echo(f"  {'Practice Notify':15} {at['NOTIFY_BASE_URL']}/")
    click.echo("\nCtrl-C ends everything. Nothing here is public.")
