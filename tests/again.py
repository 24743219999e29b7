"""What a run of thousands of tests need not work out again: each has an app and an engine of its own, and all are alike.

Nothing here changes what is done, only how often it is prepared: the functions that werkzeug writes for each address, the
code that Jinja writes for each template, and the SQL that SQLAlchemy writes for each statement.
"""

from types import CodeType
from typing import Any, ClassVar

import sqlalchemy as sa
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule


class _Templates(BytecodeCache):
    """Jinja asks by the template's own text."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self.known[bucket.key, bucket.checksum] = bucket.code


templates = _Templates()


class _Address(Rule):
    _builders: ClassVar[dict[tuple[str, str, bool], Any]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        about = (repr(self), repr((self._trace, self.defaults)), append_unknown)
        if about not in self._builders:
            self._builders[about] = super()._compile_builder(append_unknown)
        return self._builders[about]


Flask.url_rule_class = _Address

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
