"""Finished files, handed over: by nginx where it stands in front and says so, else by ourselves."""

from pathlib import Path
from urllib.parse import quote

from flask import Response, request, send_from_directory
from werkzeug.exceptions import NotFound as NoSuchPage
from werkzeug.security import safe_join

# nginx says "nginx" here on what it passes on, and hands out what is BELOW by itself (deploy/nginx.conf). Whoever else
# says so gets no file; what is named is never for the asker to choose.
ASKS, BELOW = "X-Finished-Files", "/finished/"


def families_file(root: Path, path: str, seconds: int) -> Response:
    """A file of the families' pages, which a browser may keep for so long. Raises NoSuchPage where there is none."""
    place = safe_join(str(root), path)
    if place is None or any(part.startswith(".") for part in path.split("/")) or not Path(place).is_file():
        raise NoSuchPage
    if request.headers.get(ASKS) == "nginx":
        answer = Response(mimetype=_kind(path))
        answer.headers["X-Accel-Redirect"] = BELOW + quote(path)
    else:
        answer = _by_ourselves(root, path, seconds)
    answer.headers["Cache-Control"] = f"private, max-age={seconds}"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


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
