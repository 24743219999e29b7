"""What the programs write down while they run: a line of JSON for each event, or a plain line where a person watches.

Law 10: ids, never names, texts, tokens or addresses. So an error is told by its kind and the lines it came through, not
by its message; and of what a library says we keep the words it was written with, not what it put into them.
"""

import json
import logging
import re
import sys
import threading
import traceback
from copy import copy
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from flask import g, has_request_context

OURS = "tripupdates"
REQUESTS = "tripupdates.requests"  # a line for each request
# At DEBUG tweepy logs bodies and tokens.
NOISY = "pikepdf tweepy urllib3 requests_oauthlib oauthlib PIL werkzeug alembic mail.log".split()
_SIGNAL = re.compile(r"SIG[A-Z0-9]{2,8}")
_PLAIN = re.compile(r"[A-Za-z ]+")  # not "Invalid request from ip=…: …", which gunicorn has filled in already


def begin(machines: bool) -> None:
    """Write to stderr from now on: for machines a line of JSON for each event, requests too; else what a person reads."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines() if machines else Plain("%(asctime)s %(name)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(REQUESTS).setLevel(logging.INFO if machines else logging.WARNING)
    if machines:
        logging.captureWarnings(True)
        sys.excepthook = _last_words
        threading.excepthook = _last_words_of_a_thread


class Plain(logging.Formatter):
    """A line for a person; an error's kind and lines below it."""

    def format(self, record: logging.LogRecord) -> str:
        """As ever, but with our own words for an error, even where another handler has put its own there."""
        ours = copy(record)
        ours.exc_text = None
        return super().format(ours)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        """Its kind and where; never its message."""
        kind, where = told(ei)
        return "\n".join((kind, *(f"  {line}" for line in where)))


class Lines(logging.Formatter):
    """One JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, message; the request's id inside one; what an event adds as `about`; an error's kind and lines."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": at, "level": record.levelname.lower(), "logger": record.name}
        message = _message(record)
        if message:
            line["message"] = message
        else:
            line["at"] = f"{record.pathname}:{record.lineno}"
        if has_request_context() and "request_id" in g:
            line["request"] = g.request_id
        line |= getattr(record, "about", {})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"], line["where"] = told(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def told(error: Any) -> tuple[str, list[str]]:
    """An error's kind, and the file:line of each step that led there, the last step last."""
    kind, _, trace = error
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins."), frames


def _message(record: logging.LogRecord) -> str:
    """Ours as it is. Of others only the words before anything was put into them, but for numbers and signals.

    '' where that cannot be told apart.
    """
    put_in = record.args if isinstance(record.args, tuple) else (None,)
    if record.name.split(".")[0] == OURS or (put_in and all(map(_is_nobodys, put_in))):
        return record.getMessage()
    plain = record.name.startswith("gunicorn") and _PLAIN.fullmatch(str(record.msg))
    return str(record.msg) if record.args or plain else ""


def _is_nobodys(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and _SIGNAL.fullmatch(value) is not None)


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger(OURS).critical("ended by an error", exc_info=(kind, error, trace))


def _last_words_of_a_thread(given: threading.ExceptHookArgs) -> None:
    error = given.exc_value or given.exc_type()
    logging.getLogger(OURS).critical(
        "a thread ended by an error", exc_info=(given.exc_type, error, given.exc_traceback)
    )
