"""What the practice services on this machine share: who may ask, what is logged, what goes wrong on demand."""

import socket
import time
from collections.abc import Collection
from ipaddress import ip_address
from typing import Any, cast

from flask import Flask, Response, abort, jsonify, request, send_from_directory
from flask.typing import ResponseReturnValue

from tripupdates.practice.memory import Fault, Memory
from tripupdates.settings import folder_of_ours

CSP = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def reset(_fault: Fault) -> Response:
    """Cut the connection, as a failing network does."""
    wire = cast(socket.socket, request.environ["werkzeug.socket"])
    wire.shutdown(socket.SHUT_RDWR)
    return Response(status=204)  # it goes nowhere


def slow(fault: Fault) -> None:
    """Keep whoever asks waiting."""
    time.sleep(fault.seconds)


def new_app(memory: Memory) -> Flask:
    """An app that only this machine may ask, with our look for people."""
    app = Flask(__name__, template_folder=str(folder_of_ours("templates")), static_folder=None)
    app.extensions["state"] = memory
    app.before_request(_only_this_machine)
    app.after_request(_safe)
    app.add_url_rule("/practice/practice.css", "style", _style, methods=["GET"])
    return app


def _style() -> ResponseReturnValue:
    return send_from_directory(folder_of_ours("static") / "css", "practice.css")


def add_control(app: Flask, memory: Memory, known: Collection[tuple[str, str]]) -> None:
    """For tests and the curious: what was asked, and what shall go wrong. `known` are the routes and kinds of faults."""

    def log() -> ResponseReturnValue:
        return jsonify(dict(memory.requests))

    def faults() -> ResponseReturnValue:
        plan: Any = request.get_json()
        if (plan.get("route"), plan.get("kind")) in known:
            fault = Fault(plan["kind"], float(plan.get("seconds", 60)))
            memory.plan(plan["route"], fault, int(plan.get("times", 1)))
            return jsonify(planned=True)
        return jsonify(planned=False, why="There is no such route or fault."), 400

    def clear() -> ResponseReturnValue:
        memory.faults.clear()
        return jsonify(planned=False)

    for method, rule, view in (
        ("GET", "/practice/log", log),
        ("POST", "/practice/faults", faults),
        ("DELETE", "/practice/faults", clear),
    ):
        app.add_url_rule(rule, f"{method} {rule}", view, methods=[method])


def _only_this_machine() -> None:
    if not ip_address(request.remote_addr or "").is_loopback:
        abort(403)


def _safe(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = CSP
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
