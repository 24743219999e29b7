"""When this computer can keep nothing: its disk is full or closed to writing, or its database does not answer.

Then nothing is acknowledged, nothing is sent, and people read why (see `web.errors`); what was kept before stays.
"""

import errno

from sqlalchemy.exc import DBAPIError, OperationalError

FULL = (
    "The school’s computer is full, so nothing new can be kept just now. What was saved before is safe. "
    "Please tell the school office."
)
CLOSED = (
    "The school’s computer cannot write anything down just now, so nothing was saved or sent. What was saved before is "
    "safe. Please tell the school office."
)
_FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_CLOSED_DISK = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE})
# https://www.sqlite.org/rescode.html, the last byte: busy, locked, read-only, I/O error, cannot be opened.
_SQLITE_FULL, _SQLITE_CLOSED = 13, frozenset({5, 6, 8, 10, 14})
# https://www.postgresql.org/docs/15/errcodes-appendix.html: disk full; read-only transaction.
_PG_FULL, _PG_READ_ONLY = "53100", "25006"


def why_not(error: BaseException) -> str | None:
    """What to tell people where this error means that nothing can be kept now; None where it means something else."""
    if isinstance(error, DBAPIError):
        return _of_database(error)
    if isinstance(error, OSError):
        if error.errno in _FULL_DISK:
            return FULL
        return CLOSED if error.errno in _CLOSED_DISK else None
    return None


def _of_database(error: DBAPIError) -> str | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        known = code & 0xFF
        return FULL if known == _SQLITE_FULL else CLOSED if known in _SQLITE_CLOSED else None
    state = getattr(error.orig, "sqlstate", None)
    if state == _PG_FULL:
        return FULL
    # A server that went away has no code to say so.
    gone = isinstance(error, OperationalError) or error.connection_invalidated
    return CLOSED if gone or state == _PG_READ_ONLY else None
