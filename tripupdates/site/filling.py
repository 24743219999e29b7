"""Filling the templates of pages: ours, and those that a school puts in their place. Pure.

A school's own templates are filled in Jinja's sandbox: whoever designs its pages sees what the pages show, and can
reach nothing else of the computer that holds pupils' names. Ours are filled there too, so that one page looks alike
whoever wrote it.
"""

import textwrap
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    FunctionLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tripupdates.site.feed import printable

NO_MEMORY = "it needs more memory than there is"
OWN = "templates/site/"  # what the school's own are called, as in its instance folder

FEW = 3  # templates that a sentence can name
GIST = 160  # letters that those show of a page

Fill = Callable[..., bytes]


class BrokenTemplate(Exception):
    """A template of the school's own cannot be filled: its name, the line (0 where none is known), and what is wrong there."""

    def __init__(self, name: str, line: int, why: str) -> None:
        super().__init__(f"{name}, line {line}: {why}")
        self.name, self.line, self.why = name, line, why


@dataclass(frozen=True)
class Look:
    """What the public site is made with: our templates' folder, the school's own by name, styles, icon and its picture.

    `css` is for every page, `frame_css` for the one that others show in a frame; `icon` is an SVG, `picture` a PNG.
    """

    templates: Path
    css: bytes = field(repr=False)
    frame_css: bytes = field(repr=False)
    icon: bytes = field(repr=False)
    picture: bytes = field(repr=False)
    own: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def names(self) -> str:
        """The school's own, for where nobody can say which is to blame: a few by name, many by their folder."""
        few = " and ".join(OWN + name for name in sorted(self.own))
        return few if len(self.own) <= FEW else f"{OWN} (one of {len(self.own)} files)"


def environment(templates: Path, own: Mapping[str, str] | None = None, sandbox: bool = False) -> Environment:
    """What fills templates in this folder, and `own` before them. It is kept: a template is compiled once, not at each update."""
    return _environment(templates, tuple(sorted((own or {}).items())), sandbox)


@lru_cache(maxsize=4)
def _environment(templates: Path, texts: tuple[tuple[str, str], ...], sandbox: bool) -> Environment:
    own = dict(texts)
    loaders: list[BaseLoader] = [FileSystemLoader(templates)]
    if own:
        loaders.insert(0, FunctionLoader(lambda name: (own[name], OWN + name, None) if name in own else None))
    kind = ImmutableSandboxedEnvironment if sandbox else Environment
    made = kind(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "day": day,
        "clock": clock,
        "moment": moment,
        "printable": printable,
        "stamped": lambda at: at.isoformat(timespec="seconds"),
        "size": size,
        "gist": gist,
    }
    return made


def in_the_sandbox(look: Look) -> Fill:
    """What fills a template of the public site. Raises BrokenTemplate where one of the school's own is to blame."""
    made = environment(look.templates, look.own, sandbox=True)

    def fill(template: str, **values: Any) -> bytes:
        try:
            return made.get_template(template).render(values).encode()
        except Exception as error:
            if look.own:
                _blame(look, error)
            raise  # there are only ours: what is wrong is wrong in the program

    return fill


def _blame(look: Look, error: Exception) -> NoReturn:
    """Find the line in the school's own. Where ours stumbled, over what is missing in those, they are all named."""
    if isinstance(error, TemplateSyntaxError):
        raise BrokenTemplate(error.filename or "", error.lineno, error.message or "") from error
    lines = [(frame.filename, frame.lineno or 0) for frame in traceback.extract_tb(error.__traceback__)]
    own = [line for line in lines if line[0].startswith(OWN)]
    name, line = own[-1] if own else (look.names, 0)
    if isinstance(error, TemplateNotFound):
        raise BrokenTemplate(name, line, f"there is no template {error.name}") from error
    # What Jinja says is about the template; what else was raised could hold words of a page, which no log may hold.
    why = error.message if isinstance(error, TemplateError) else None
    why = NO_MEMORY if isinstance(error, MemoryError) else why
    raise BrokenTemplate(name, line, why or type(error).__name__) from error


def named(folder: str, data: bytes, suffix: str) -> str:
    """Where a file stands that is named after its bytes, so that a browser may keep it for ever."""
    return f"{folder}/{sha256(data).hexdigest()[:16]}.{suffix}"


def day(on: date) -> str:
    """Tuesday 4 May."""
    return f"{on:%A} {on.day} {on:%B}"


def clock(at: datetime) -> str:
    """18:40."""
    return f"{at:%H:%M}"


def moment(at: datetime) -> str:
    """With the day: a finished page cannot know which day it is read on."""
    return f"{at:%a %H:%M}"


def size(bytes_: int) -> str:
    """As people read it: 3.4 MB."""
    return f"{bytes_ / 1e6:.1f} MB" if bytes_ >= 1e6 else f"{max(1, round(bytes_ / 1000))} kB"


def gist(text: str) -> str:
    """What a search engine or a chat shows of a text: its beginning, on one line, cut between words."""
    return textwrap.shorten(printable(text), GIST, placeholder=" …")
