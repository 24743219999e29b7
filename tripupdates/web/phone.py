"""What makes the pages of accompanying staff an app on their phone: manifest, service worker, shell.

The shell is a page without anybody's name, trip or token: the service worker keeps it on the phone, and the scripts on
it fill in what the phone knows (static/js/phone/store.js).
"""

import hashlib
import json
from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tripupdates.web.guard import ANYONE, POSTING, allow, house

bp = Blueprint("phone", __name__)

FILES = ("css/app.css", "icon.svg", "js/weigh.js", "js/phone/*.js", "vendor/idb/idb.js")
WORKER = "js/phone/sw.js"  # itself not kept: the browser looks whether there is a newer one
COLOUR, PAPER = "#0b6152", "#f7f5f0"


def shell_page(template: str) -> str:
    """A page with nothing personal on it, as the service worker keeps it."""
    return render_template(template, as_shell=True, me=None, hold=None)


def asks_for_shell() -> bool:
    """Whether the service worker fetches a page to keep."""
    return request.args.get("shell") == "1"


@bp.get("/staff/outbox")
@allow(*POSTING)
def outbox() -> ResponseReturnValue:
    """What is on this phone, and what became of what was sent: the page that the installed app opens."""
    return shell_page("staff/outbox.html") if asks_for_shell() else render_template("staff/outbox.html")


@bp.get("/sw.js")
@allow(ANYONE)
def service_worker() -> ResponseReturnValue:
    """The service worker, at the root so that it serves every page; another one whenever a file of the shell is."""
    static = Path(current_app.static_folder or "")
    files = sorted(path for pattern in FILES for path in static.glob(pattern))
    kept = [path for path in files if path.relative_to(static).as_posix() != WORKER]
    worker = (static / WORKER).read_text("utf-8")
    pages = {url_for("staff.new"): "staff/new.html", url_for("phone.outbox"): "staff/outbox.html"}
    seal = hashlib.sha256(worker.encode())
    for path in kept:
        seal.update(path.read_bytes())
    for template in pages.values():
        seal.update(shell_page(template).encode())
    shell = [url_for("static", filename=path.relative_to(static).as_posix()) for path in kept]
    head = {
        "VERSION": seal.hexdigest()[:16],
        "PAGES": list(pages),
        "FILES": [*shell, url_for("phone.manifest")],
    }
    lines = [f"const {name} = {json.dumps(value)};\n" for name, value in head.items()]
    answer = Response("".join(lines) + worker, mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@bp.get("/manifest.webmanifest")
@allow(ANYONE)
def manifest() -> ResponseReturnValue:
    """What a phone needs to put the app on its home screen (https://www.w3.org/TR/appmanifest/)."""
    icons = [
        {"src": url_for("static", filename="icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        *(
            {
                "src": url_for("static", filename=f"icon-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": "any maskable",
            }
            for size in (192, 512)
        ),
    ]
    answer = jsonify(
        id="/staff/outbox",
        name=f"Trip Updates, {house().settings.school_name}",
        short_name="Trip Updates",
        lang="en-GB",
        start_url=url_for("phone.outbox"),
        scope="/",
        display="standalone",
        theme_color=COLOUR,
        background_color=PAPER,
        icons=icons,
    )
    answer.mimetype = "application/manifest+json"
    answer.headers["Cache-Control"] = "no-cache"
    return answer
