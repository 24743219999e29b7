"""A real nginx on loopback, with the example of `deploy/` and nothing else, in front of a school."""

import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from werkzeug.serving import make_server

from tests.factories import School
from tests.servers import free_port

EXAMPLE = (Path(__file__).parent.parent.parent / "deploy" / "nginx.conf").read_text("utf-8")
AROUND = """{user}
daemon off;
worker_processes {workers};
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    {temp}
    {servers}
}}
"""
TEMP = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def configured(folder: Path, port: int, app: str, families: Path, more: str = "", workers: int = 1) -> Path:
    """The example with this machine's addresses in the place of its own, and no certificate. Returns the file."""
    servers = re.sub(r" *ssl_certificate.*\n", "", EXAMPLE)
    for said, here in (
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{port};"),
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("http://127.0.0.1:8000", app),
        ("/var/lib/tripupdates/families/", f"{families}/"),
    ):
        assert said in servers, said
        servers = servers.replace(said, here)
    temp = "\n".join(f"{name}_temp_path {folder}/{name};" for name in TEMP)
    user = "user root;" if os.getuid() == 0 else ""  # else it could not read the folders of the tests
    whole = AROUND.format(user=user, workers=workers, folder=folder, temp=temp, servers=servers + more)
    place = folder / "nginx.conf"
    place.write_text(whole, "utf-8")
    return place


@contextmanager
def running(configuration: Path, port: int) -> Iterator[str]:
    """Run it for as long as the block lasts. Returns its address."""
    command = ["nginx", "-p", str(configuration.parent), "-e", "stderr", "-c", str(configuration)]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        while b":%04X " % port not in Path("/proc/net/tcp").read_bytes():
            assert server.poll() is None, "nginx ended at once"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


@contextmanager
def in_front_of(school: School, folder: Path) -> Iterator[str]:
    """nginx before a school's app. Returns its address."""
    app = make_server("127.0.0.1", 0, school.app, threaded=True)
    thread = threading.Thread(target=app.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    port = free_port()
    place = configured(folder, port, f"http://127.0.0.1:{app.server_port}", school.house.settings.families)
    try:
        with running(place, port) as base:
            yield base
    finally:
        app.shutdown()
        thread.join()
        app.server_close()
