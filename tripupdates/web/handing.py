"""Finished files, handed over: by nginx where it stands in front and says so, else by ourselves."""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from flask import Response, request, send_file, send_from_directory
from werkzeug.exceptions import NotFound as NoSuchPage
from werkzeug.security import safe_join

from tripupdates.site.folder import Folder
from tripupdates.site.kinds import PACKED, kind, packing
from tripupdates.site.target import Target

# nginx says "nginx" here on what it passes on, and hands out what is BELOW by itself (deploy/nginx.conf). Whoever else
# says so gets no file; what is named is never for the asker to choose.
ASKS, BELOW = "X-Finished-Files", "/finished/"


LONGEST_PATH = 500  # ours are far shorter, and no disk or bucket must complain


def families_file(target: Target, path: str, seconds: int) -> Response:
    """A file of the families' pages, which a browser may keep for so long. Raises NoSuchPage where there is none."""
    answer = _handed(target, path, seconds, by_nginx=request.headers.get(ASKS) == "nginx")
    answer.headers["Cache-Control"] = f"private, max-age={seconds}"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def public_file(target: Target, path: str) -> Response:
    """A file of the public site, which caches may keep as its kind says. Raises NoSuchPage where there is none."""
    answer = _handed(target, path, kind(path).age, by_nginx=False)
    answer.headers["Cache-Control"] = f"public, {kind(path).caching}"
    return answer


def _handed(target: Target, path: str, seconds: int, by_nginx: bool) -> Response:
    if len(path) > LONGEST_PATH or any(part.startswith(".") for part in path.split("/")):
        raise NoSuchPage  # a marker, what is being written, or a way out, such as into another trip
    if not isinstance(target, Folder):
        return _best(partial(_fetched, target), path, seconds)
    place = safe_join(str(target.root), path)
    if place is None or not os.path.isfile(place):  # noqa: PTH113 - Path raises for a name that is too long
        raise NoSuchPage
    if by_nginx:
        answer = Response(mimetype=kind(path).mime)
        answer.headers["X-Accel-Redirect"] = BELOW + quote(path)
        return answer
    return _best(partial(_sent, target.root), path, seconds)


def _fetched(target: Target, path: str, mime: str, seconds: int) -> Response:
    """A file from where several machines share them."""
    try:
        data = target.read(path)
    except FileNotFoundError:
        raise NoSuchPage from None
    mark = hashlib.sha256(data).hexdigest()
    return send_file(BytesIO(data), mimetype=mime, max_age=seconds, etag=mark)


def _sent(root: Path, path: str, mime: str, seconds: int) -> Response:
    """A file from a folder of this computer."""
    return send_from_directory(root, path, mimetype=mime, max_age=seconds)


def _best(bring: Callable[[str, str, int], Response], path: str, seconds: int) -> Response:
    """A text packed as the browser likes it best, where it lies there packed; else as it is."""
    what = kind(path)
    if not what.text or packing(path):
        return bring(path, what.mime, seconds)
    for suffix, encoding in PACKED.items():
        if request.accept_encodings[encoding]:
            with suppress(NoSuchPage):
                return _vary(bring(path + suffix, what.mime, seconds), encoding)
    return _vary(bring(path, what.mime, seconds))


def _vary(answer: Response, encoding: str = "") -> Response:
    answer.vary.add("Accept-Encoding")
    if encoding:
        answer.headers["Content-Encoding"] = encoding
    return answer
