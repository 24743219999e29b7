"""Counting what X is asked, each in a commit of its own: a worker that dies on the wire has counted what it was about to do."""

from datetime import datetime

from tripupdates.channels.x_terms import Call
from tripupdates.database import transaction
from tripupdates.outbox import calls


def count(at: datetime, call: Call, times: int) -> None:
    """Write it down. The caller has no transaction open; where this cannot be written, X is not asked (law 6)."""
    if times:
        with transaction() as session:
            calls.note(session, at, call, times)
