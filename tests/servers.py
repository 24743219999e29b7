"""Real servers on loopback, for tests of what a school with several machines uses. Each is started once a test run."""

import atexit
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

_PATIENCE = 30.0  # seconds for a server to answer on a busy machine
_numbers = count(1)


def free_port() -> int:
    """A port of this machine that nobody listens on, below those that Linux gives to whoever asks for any.

    One of those might be somebody else's before our server has opened it.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@cache
def postgres() -> str:
    """The address of a PostgreSQL server without a school, ending in a /; it ends with the test run."""
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="trips-pg-"))
    data, who = folder / "data", _not_root(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(
        [
            _program("initdb"),
            "-D",
            data,
            "-U",
            "school",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C",
        ],
        check=True,
        capture_output=True,
        **who,
    )
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off -c max_connections=300"
    server = subprocess.Popen(
        [_program("postgres"), "-D", data, *options.split()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **who,
    )
    atexit.register(_end, server, signal.SIGQUIT)  # waits for no connection
    base = f"postgresql://school@127.0.0.1:{port}/"
    _wait(server, port)
    _wait_until_open(base)
    return base


def postgres_database(template: str = "template1") -> str:
    """The address of a new database, like `template`."""
    name = f"school_{os.getpid()}_{next(_numbers)}"
    say(postgres() + "postgres", f"CREATE DATABASE {name} TEMPLATE {template}")
    return postgres() + name


def drop(database: str) -> None:
    """Delete a database that a test has done with, and cut whoever is left in it."""
    say(postgres() + "postgres", f"DROP DATABASE {database.rpartition('/')[2]} WITH (FORCE)")


@cache
def redis() -> str:
    """The address of a Redis server; it ends with the test run."""
    port = free_port()
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    atexit.register(_end, server)
    _wait(server, port)
    return f"redis://127.0.0.1:{port}/0"


S3_KEY, S3_SECRET = "oak", "acorns"


@cache
def s3() -> str:
    """The address of an S3 server that checks signatures; it ends with the test run."""
    for _ in range(3):  # one of its nine ports may have been taken meanwhile
        address = _start_s3()
        if address:
            return address
    raise AssertionError("the S3 server does not start")


def _start_s3() -> str:
    folder = Path(tempfile.mkdtemp(prefix="trips-s3-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    identity = {
        "name": "school",
        "credentials": [{"accessKey": S3_KEY, "secretKey": S3_SECRET}],
        "actions": ["Admin"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (folder / "data").mkdir()
    ports = {name: free_port() for name in ("master.port", "volume.port", "filer.port", "s3.port")}
    ports |= {f"{name}.grpc": free_port() for name in ports}
    said = "-ip=127.0.0.1 -ip.bind=127.0.0.1 -filer -s3 -s3.config=s3.json -dir=data -volume.max=60"
    more = "-master.volumeSizeLimitMB=64 -master.telemetry=false -s3.iam=false -s3.port.iceberg=0 -s3.port.lance=0"
    server = subprocess.Popen(
        [
            Path(sys.executable).parent / "weed",
            "server",
            *said.split(),
            *more.split(),
            *(f"-{name}={port}" for name, port in ports.items()),
        ],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    atexit.register(_end, server, signal.SIGKILL)
    address = f"http://127.0.0.1:{ports['s3.port']}"
    if _takes_objects(server, address):
        return address
    server.kill()
    return ""


def _takes_objects(server: subprocess.Popen[bytes], address: str) -> bool:
    """Whether all its parts have found each other: only then is a bucket made, and an object taken."""
    import boto3  # noqa: PLC0415 - only where a bucket is used
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    client = boto3.session.Session().client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id=S3_KEY,
        aws_secret_access_key=S3_SECRET,
        config=Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1}),
    )
    with closing(client):
        for _ in _patiently():
            if server.poll() is not None:
                return False
            try:
                with suppress(
                    client.exceptions.BucketAlreadyExists, client.exceptions.BucketAlreadyOwnedByYou
                ):
                    client.create_bucket(Bucket="first")
                client.put_object(Bucket="first", Key="one", Body=b"x")
            except (BotoCoreError, ClientError):
                continue
            return True
    return False


@dataclass(frozen=True)
class Ssh:
    """An SFTP server for the user who runs the tests: its port, its host key's line, and a private key that it takes."""

    port: int
    host_key: str
    key: Path


@cache
def ssh() -> Ssh:
    """An OpenSSH server that speaks SFTP only; it ends with the test run."""
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="trips-ssh-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("host", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # its own package's service makes it
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "key.pub",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "PasswordAuthentication": "no",
        "Subsystem": "sftp internal-sftp",
        "ForceCommand": "internal-sftp",
        "MaxStartups": "100",
    }
    (folder / "config").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    server = subprocess.Popen(
        [shutil.which("sshd") or "/usr/sbin/sshd", "-D", "-f", folder / "config"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    atexit.register(_end, server)
    _wait(server, port)
    return Ssh(port, " ".join((folder / "host.pub").read_text().split()[:2]), folder / "key")


def _not_root(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it is the user that came with its package."""
    if os.getuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": folder}


def _program(name: str) -> Path:
    """Debian keeps PostgreSQL's programs, but the clients, off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")) or [Path(shutil.which(name) or name)]
    return found[-1]


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in _patiently():
        assert server.poll() is None, "the server ended at once"
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError("the server does not answer")


def _wait_until_open(base: str) -> None:
    import psycopg  # noqa: PLC0415 - only where PostgreSQL is used

    for _ in _patiently():
        try:
            say(base + "postgres", "SELECT 1")
        except psycopg.OperationalError:
            continue
        return
    raise AssertionError("the server does not open")


def _patiently() -> Iterator[None]:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        yield
        time.sleep(0.05)


def say(address: str, sentence: str) -> None:
    """Say a sentence of SQL to a server."""
    import psycopg  # noqa: PLC0415 - only where PostgreSQL is used

    with closing(psycopg.connect(address, autocommit=True)) as connection:
        connection.execute(sentence)


def _end(server: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    """At once: xdist kills a worker that takes its time to end, and what it started would stay for ever."""
    server.send_signal(how)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()


def cut(server_address: str) -> None:
    """Every connection to that database is lost."""
    name = server_address.rpartition("/")[2]
    say(
        postgres() + "postgres",
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
    )
