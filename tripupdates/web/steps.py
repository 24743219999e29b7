"""Taking a step that a form asks for: what is refused is told on the page where it was asked, what is done leads on."""

from collections.abc import Callable

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from tripupdates.vocabulary import NotFound, Refused


def take(
    step: Callable[[], None], told: Callable[[Refused], ResponseReturnValue], done: str, to: str
) -> ResponseReturnValue:
    """Take it, say that it is `done`, and go on `to` another page; `told` is the page that says why not.

    What is not there has no page to say it on: NotFound goes on to whoever called.
    """
    try:
        step()
    except NotFound:
        raise
    except Refused as refused:
        return told(refused)
    flash(done)
    return redirect(to)
