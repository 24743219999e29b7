"""The process in which pages are made with a school's own templates. Started by `room`.

What comes in: the site and the look, pickled by us. What goes out: a line of JSON for each page and its bytes, and a last line
that says how many; or one line about the template that cannot be filled.
"""

import pickle
import signal
from types import FrameType
from typing import Any, BinaryIO

from jinja2 import TemplateError

from tripupdates.confined.child import answering, say
from tripupdates.site.public import pages
from tripupdates.site.render import BrokenTemplate

MOST_SECONDS = 60  # of processor time: twenty years of a school take ours a quarter of it
MOST_WAITING = 200  # seconds by the clock, should its parent have died
TOO_SLOW = "it comes to no end"


def main() -> None:
    """Make pages, answer."""
    signal.signal(signal.SIGXCPU, _enough)
    answering(_make, MOST_SECONDS, MOST_WAITING, TOO_SLOW)


def _enough(number: int, frame: FrameType | None) -> None:
    """The time is up, and two seconds are left to say in which line. What does not stop for this is ended by the kernel."""
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    raise TemplateError(TOO_SLOW)


def _make(answer: BinaryIO, request: dict[str, Any], upload: bytes) -> None:
    site, look = pickle.loads(upload)  # noqa: S301 - pickled by our own parent a moment ago
    try:
        made = pages(site, look)
    except BrokenTemplate as broken:
        say(answer, {"broken": [broken.name, broken.line, broken.why[:1000]]})
        return
    for path, data in made.items():
        say(answer, {"path": path, "bytes": len(data)})
        answer.write(data)
    say(answer, {"pages": len(made)})


if __name__ == "__main__":
    main()
