"""Which files this process has read and found right: one more update need not read all photos of all trips again.

Whatever touches a file changes its inode's times, and nobody can set back the time of that change. A file system's clock
is coarse, so what was touched just now is read again the next time.
"""

import time
from collections.abc import Callable
from pathlib import Path

SETTLED = 2.0  # seconds after the last change

_right: dict[Path, tuple[str, tuple[int, ...]]] = {}


def holds(place: Path, name: str, look: Callable[[], bool]) -> bool:
    """Whether a file holds what is called `name`: `look` reads it, unless it did and nobody has touched the file since.

    Raises OSError where there is no such file.
    """
    said = place.lstat()  # before it is read: a change meanwhile shows the next time
    mark = (said.st_dev, said.st_ino, said.st_size, said.st_mtime_ns, said.st_ctime_ns)
    if _right.get(place) == (name, mark):
        return True
    _right.pop(place, None)
    if not look():
        return False
    if time.time() - said.st_ctime > SETTLED:
        _right[place] = (name, mark)
    return True
