"""Handing out a file of the store to somebody who may see it."""

from io import BytesIO

from flask import Response, send_file

from tripupdates.vocabulary import NotFound
from tripupdates.web.guard import house

KINDS = {"pdf": "application/pdf", "jpg": "image/jpeg", "avif": "image/avif"}
AGE = 300  # seconds: what is withdrawn must fade from caches


def handed(name: str, called: str, missing: str) -> Response:
    """The file of this name, `called` so where somebody saves it. Raises NotFound with `missing` where it is gone."""
    try:
        data = BytesIO(house().photos.read(name))
    except FileNotFoundError:
        raise NotFound(missing) from None
    kind = name.rpartition(".")[2]
    answer = send_file(data, mimetype=KINDS[kind], max_age=AGE, etag=name, download_name=f"{called}.{kind}")
    answer.cache_control.public, answer.cache_control.private = False, True
    return answer
