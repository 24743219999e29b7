"""Finished files, handed over: by nginx where it stands in front and says so, else by ourselves."""

import hashlib
import os
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from flask import Response, request, send_file, send_from_directory
from werkzeug.exceptions import NotFound as NoSuchPage
from werkzeug.security import safe_join

from tripupdates.site.folder import Folder
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


def public_file(target: Target, path: str, seconds: int) -> Response:
    """A file of the public site. Raises NoSuchPage where there is none."""
    answer = _handed(target, path, seconds, by_nginx=False)
    answer.headers["Cache-Control"] = f"public, max-age={seconds}"
    return answer


def _handed(target: Target, path: str, seconds: int, by_nginx: bool) -> Response:
    if len(path) > LONGEST_PATH or any(part.startswith(".") for part in path.split("/")):
        raise NoSuchPage  # a marker, what is being written, or a way out, such as into another trip
    if not isinstance(target, Folder):
        return _fetched(target, path, seconds)
    place = safe_join(str(target.root), path)
    if place is None or not os.path.isfile(place):  # noqa: PTH113 - Path raises for a name that is too long
        raise NoSuchPage
    if by_nginx:
        answer = Response(mimetype=_kind(path))
        answer.headers["X-Accel-Redirect"] = BELOW + quote(path)
        return answer
    return _by_ourselves(target.root, path, seconds)


def _fetched(target: Target, path: str, seconds: int) -> Response:
    """A file from where several machines share them."""
    try:
        data = target.read(path)
    except FileNotFoundError:
        raise NoSuchPage from None
    mark = hashlib.sha256(data).hexdigest()
    return send_file(BytesIO(data), download_name=path.rpartition("/")[2], max_age=seconds, etag=mark)


def _by_ourselves(root: Path, path: str, seconds: int) -> Response:
    """Packed, where it lies there packed and the browser takes that."""
    if not (root / f"{path}.gz").is_file():
        return send_from_directory(root, path, max_age=seconds)
    packed = bool(request.accept_encodings["gzip"])
    answer = send_from_directory(
        root, f"{path}.gz" if packed else path, mimetype=_kind(path), max_age=seconds
    )
    answer.vary.add("Accept-Encoding")
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    return answer


KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
    ".avif": "image/avif",
}


def _kind(path: str) -> str:
    return KINDS.get(Path(path).suffix, "application/octet-stream")
