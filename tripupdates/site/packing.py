"""Every text packed once, as it is published, and not for each phone. Pure: the same bytes give the same bytes."""

import gzip
from collections.abc import Mapping
from hashlib import sha256

import brotli

from tripupdates.site.kinds import kind

QUALITY = 9  # of brotli: 11 takes fifteen times as long for a few more bytes in a hundred
KEPT = 2000

# A worker makes all pages anew for each update, and most are as they were: what packs is remembered by its hash.
_made: dict[bytes, tuple[bytes, bytes]] = {}


def packed(pages: Mapping[str, bytes]) -> dict[str, bytes]:
    """These files, and beside each text the same as `.br` and `.gz`."""
    made = dict(pages)
    for path, data in pages.items():
        if kind(path).text:
            made[f"{path}.br"], made[f"{path}.gz"] = _both(data)
    return made


def _both(data: bytes) -> tuple[bytes, bytes]:
    mark = sha256(data).digest()
    found = _made.get(mark)
    if found is None:
        found = bytes(brotli.compress(data, quality=QUALITY)), gzip.compress(data, 9, mtime=0)
        if len(_made) >= KEPT:
            _made.clear()
        _made[mark] = found
    return found
