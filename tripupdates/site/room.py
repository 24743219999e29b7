"""The press: the public site is made here, and with a school's own templates in a process of its own (`child`).

The sandbox keeps a template from reaching anything; the limits on time and memory keep it from never ending, for everything
that must come down from the website waits in the same line.
"""

import io
import pickle
from typing import NoReturn

from tripupdates.confined.keeper import Work, line_of, run
from tripupdates.site.public import finished, pages
from tripupdates.site.render import BrokenTemplate, Look, Rendered, Site
from tripupdates.vocabulary import Refused

PATIENCE = 180  # seconds by the clock: three times what it may take, on a computer that has much in hand
LONGEST_ANSWER = 100_000_000  # bytes: twenty years of a school are a quarter of it
BUSY = (
    "The computer has too much in hand to make the website’s pages with the school’s own templates just now."
)
TOO_MUCH = "it takes too long, needs too much memory, or makes pages that are too large"
WORK = Work("tripupdates.site.child", LONGEST_ANSWER, BUSY, TOO_MUCH, TOO_MUCH)


def website(site: Site, look: Look) -> Rendered:
    """Everything on the public site, as `public.website` gives it, and raising as it does.

    Also raises BrokenTemplate where the school's own templates take too much, and Busy where the computer has no time.
    """
    return finished(site, _in_a_room(site, look) if look.own else pages(site, look))


def _in_a_room(site: Site, look: Look) -> dict[str, bytes]:
    try:
        answer = run(WORK, {}, pickle.dumps((site, look)), PATIENCE)
    except Refused as no:
        if no.title == BUSY:
            raise
        _too_much(look)
    return _read(io.BytesIO(answer), look)


def _read(answer: io.BytesIO, look: Look) -> dict[str, bytes]:
    """The pages of an answer that came to its end."""
    made: dict[str, bytes] = {}
    while "path" in (line := line_of(answer)):
        made[line["path"]] = answer.read(line["bytes"])
    if "broken" in line:
        raise BrokenTemplate(*line["broken"])
    if line.get("pages") != len(made):
        _too_much(look)
    return made


def _too_much(look: Look) -> NoReturn:
    """It ended without a word, so nobody can say in which of them."""
    raise BrokenTemplate(look.names, 0, TOO_MUCH)
