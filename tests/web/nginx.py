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
load_module /usr/lib/nginx/modules/ngx_http_brotli_static_module.so;
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


def configured(folder: Path, port: int, app: str, school: School, workers: int = 1) -> Path:
    """The example with this machine's addresses in the place of its own, and no certificate. Returns the file."""
    given = school.house.settings
    servers = re.sub(r" *ssl_certificate.*\n", "", EXAMPLE)
    for said, here in (
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{port};"),
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("http://127.0.0.1:8000", app),
        ("/var/lib/tripupdates/families/", f"{given.families}/"),
        ("/var/lib/tripupdates/site/", f"{given.site}/"),
    ):
        assert said in servers, said
        servers = servers.replace(said, here)
    return written(folder, servers, workers)


def mounted(
    folder: Path, port: int, site: Path, below: str, bare: Path | None = None, workers: int = 1
) -> Path:
    """A server of the school's own, with what the example has for the public site, below an address of its own.

    `bare` is a folder that is handed out below /bare/ with nothing said.
    """
    maps = re.search(r"map \$uri \$site_keeps.*?(?=server \{)", EXAMPLE, re.DOTALL)
    location = re.search(r"    location \^~ /site/ \{.*?\n    \}\n", EXAMPLE, re.DOTALL)
    assert maps is not None
    assert location is not None
    assert location[0].count(" /site/") == 2
    here = location[0].replace(" /site/", f" {below}").replace("/var/lib/tripupdates/site/", f"{site}/")
    own = "location / { return 200 'the present website'; }"
    own += f" location /bare/ {{ alias {bare}/; }}" if bare else ""
    return written(folder, f"{maps[0]} server {{ listen 127.0.0.1:{port}; {own} {here} }}", workers)


def written(folder: Path, servers: str, workers: int = 1) -> Path:
    """A whole configuration around these servers, all of it in a folder of its own."""
    temp = "\n".join(f"{name}_temp_path {folder}/{name};" for name in TEMP)
    user = "user root;" if os.getuid() == 0 else ""  # else it could not read the folders of the tests
    whole = AROUND.format(user=user, workers=workers, folder=folder, temp=temp, servers=servers)
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
    place = configured(folder, port, f"http://127.0.0.1:{app.server_port}", school)
    try:
        with running(place, port) as base:
            yield base
    finally:
        app.shutdown()
        thread.join()
        app.server_close()
