"""What a run of thousands of tests need not work out again: each has an app and an engine of its own, and all are alike.

Nothing here changes what is done, only how often it is prepared: the code that werkzeug writes for each of our addresses,
and the SQL that SQLAlchemy writes for each of our statements.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from werkzeug.routing import Rule

_write = Rule._compile_builder  # the costly part of making an app
_written: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}


def _builder(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    key = (self.rule, self.subdomain, self.host, str(self.defaults), self.merge_slashes, append_unknown)
    if key not in _written:
        _written[key] = _write(self, append_unknown)
    return _written[key]


def prepare_once() -> None:
    """From now on in this process."""
    Rule._compile_builder = _builder  # type: ignore[method-assign] # the point


_first: dict[str, sa.Engine] = {}


def share_statements(engine: sa.Engine) -> None:
    """Let engines of one kind write each statement once between them, as one engine does for all its sessions."""
    if engine.url.query:
        return  # in a schema of its own, which its dialect remembers
    first = _first.get(engine.dialect.name)
    if first is None:
        with engine.connect():  # its dialect asks the server what it can
            _first[engine.dialect.name] = engine
        return
    engine.dialect = engine.pool._dialect = first.dialect
    engine._compiled_cache = first._compiled_cache  # keyed by the dialect
