"""A loopback GOV.UK Notify: tokens made from the key, templates, refusals as documented, receipts that come later, faults.

It serves practice mode, the demo and the tests; nothing leaves this machine. A page shows what families would have got.
"""

from collections.abc import Callable
from pathlib import Path

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.serving import make_server

from tripupdates.practice import service
from tripupdates.practice.notify_api import AFTER, BEFORE, CALLS, KINDS, why_not
from tripupdates.practice.notify_state import State

FOLDER = "practice-notify"


def create_practice_notify(folder: Path, key: str, prefix: str) -> Flask:
    """The practice Notify of one service, which puts `prefix` before texts; it remembers in `folder`."""
    state = State(folder, prefix=prefix)
    app = service.new_app(state)

    def signed(route: str, act: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
        """A call of the API: the fault that is due, the token, then the act."""

        def view(**arguments: str) -> ResponseReturnValue:
            fault = state.next_fault(route)
            refusal = BEFORE[fault.kind](fault) if fault is not None and fault.kind in BEFORE else None
            refusal = refusal or why_not(key, request)
            if refusal is not None:
                return refusal
            answer = act(state, **arguments)
            other = AFTER[fault.kind](fault) if fault is not None and fault.kind in AFTER else None
            return other or answer

        return view

    for method, rule, route, act in CALLS:
        app.add_url_rule(rule, f"{method} {rule}", signed(route, act), methods=[method])
    service.add_control(app, state, {(route, kind) for _, _, route, _ in CALLS for kind in KINDS})
    _add_pages(app, state)
    return app


def _add_pages(app: Flask, state: State) -> None:
    """What families would have got: for people, and for the walk-through."""

    def messages() -> ResponseReturnValue:
        shown = [(each, state.status(each)) for each in state.all()]
        return render_template("practice/messages.html", messages=shown)

    def as_json() -> ResponseReturnValue:
        found = [
            {"way": each.way, "to": each.to, "text": each.body, "subject": each.subject}
            | {"reference": each.reference, "status": state.status(each), "id": each.id, "stop": each.stop}
            for each in state.all()
        ]
        return jsonify(messages=found)

    app.add_url_rule("/", "messages", messages, methods=["GET"])
    app.add_url_rule("/practice/messages", "messages as JSON", as_json, methods=["GET"])


def serve(folder: Path, key: str, prefix: str, host: str, port: int) -> None:
    """Answer on this machine until the process ends."""
    make_server(host, port, create_practice_notify(folder, key, prefix), threaded=True).serve_forever()
