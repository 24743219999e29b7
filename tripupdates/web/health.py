"""What machines ask: is it alive, can it work, how much of what. None of it is about a person.

`/healthz` and `/readyz` are open to anyone, for whoever watches is often another machine, and they say nothing but
whether named parts work. How long something waits, and the figures, would tell a stranger what the school does just
now: only programs on this machine hear them.
"""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST

from tripupdates.database import fresh
from tripupdates.health import figures as counted
from tripupdates.health import ready as readiness
from tripupdates.health.ready import Check
from tripupdates.web.guard import ANYONE, allow, house
from tripupdates.web.nearby import is_nearby

KEPT = timedelta(seconds=5)  # anybody may ask, however often: stores far away are not asked each time

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@allow(ANYONE)
def alive() -> ResponseReturnValue:
    """Alive. It asks nothing of anybody, so that a slow disk does not look like death."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
@allow(ANYONE)
def ready() -> ResponseReturnValue:
    """Each check by its name; 200 where all are well, else 503."""
    found = _checks()
    well = all(check.ok for check in found)
    answer = jsonify(ready=well, checks={check.name: _said(check) for check in found})
    answer.status_code = 200 if well else 503
    return answer


def _checks() -> list[Check]:
    kept: dict[str, tuple[datetime, list[Check]]] = current_app.extensions.setdefault("readiness", {})
    now = house().now()
    if "last" not in kept or not timedelta(0) <= now - kept["last"][0] < KEPT:
        kept["last"] = now, readiness.checks(house())
    return kept["last"][1]


def _said(check: Check) -> dict[str, Any]:
    more = {"said": check.said} if check.said is not None and is_nearby(request.environ) else {}
    return {"ok": check.ok} | more


@bp.get("/metrics")
@allow(ANYONE)
def figures() -> ResponseReturnValue:
    """For Prometheus on this machine; for everybody else there is no such page."""
    if not is_nearby(request.environ):
        abort(404)
    return Response(counted.exposition(house(), fresh()), content_type=CONTENT_TYPE_LATEST)
