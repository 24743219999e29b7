"""A loopback X: OAuth 1.0a signatures, request bodies as documented, duplicate refusal, faults on demand, a timeline.

It serves practice mode, the demo and the tests. Nothing on it is public. Sources: docs.x.com (API v2), RFC 5849.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, abort, jsonify, redirect, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue
from werkzeug.serving import make_server

from tripupdates.practice import mail, service, x_faults
from tripupdates.practice.x_api import CALLS, problem
from tripupdates.practice.x_signatures import Keys, gate, is_signed
from tripupdates.practice.x_state import State, Tweet

__all__ = ["Keys", "create_practice_x", "serve"]


def create_practice_x(folder: Path, keys: Keys, mails: Path | None = None) -> Flask:
    """The practice X of one account; it remembers in `folder`. `mails`: where the practice mail server keeps its mails."""
    state = State(folder)
    app = service.new_app(state)
    signatures = gate(keys, state)

    def signed(route: str, act: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
        """A call of the API: the fault that is due, the signature, then the act."""

        def view(**arguments: str) -> ResponseReturnValue:
            fault = state.next_fault(route)
            refusal = None if fault is None else x_faults.before(fault)
            if refusal is not None:
                return refusal
            if not is_signed(signatures, request):
                return problem(401, "Unauthorized", "Unauthorized")
            answer = act(state, keys, **arguments)
            return answer if fault is None else x_faults.after(fault, answer)

        return view

    for method, rule, route, act in CALLS:
        app.add_url_rule(rule, f"{method} {rule}", signed(route, act), methods=[method])
    service.add_control(app, state, {(route, kind) for _, _, route, _ in CALLS for kind in x_faults.KINDS})
    _add_posts(app, state)
    _add_timeline(app, state, keys)
    if mails is not None:
        mail.add_pages(app, mails)
    return app


def _add_posts(app: Flask, state: State) -> None:
    """For tests and the curious: what is there, and what was deleted."""

    def posts() -> ResponseReturnValue:
        return jsonify(posts=[_described(state, tweet) for tweet in state.all()])

    app.add_url_rule("/practice/posts", "posts", posts, methods=["GET"])


def _add_timeline(app: Flask, state: State, keys: Keys) -> None:
    """The pages that a person looks at."""

    def timeline() -> ResponseReturnValue:
        shown = [(tweet, [state.media[id_] for id_ in tweet.media]) for tweet in state.live()]
        has_mail = "mails" in app.view_functions
        return render_template("practice/timeline.html", handle=keys.handle, posts=shown, has_mail=has_mail)

    def one(handle: str, tweet_id: str) -> ResponseReturnValue:
        return redirect(f"/#post-{tweet_id}") if tweet_id in state.tweets else abort(404)

    def media(media_id: str) -> ResponseReturnValue:
        found = state.media.get(media_id) or abort(404)
        return send_from_directory(state.folder, found.file, mimetype=found.kind)

    for rule, view in (
        ("/", timeline),
        ("/<handle>/status/<tweet_id>", one),
        ("/practice/media/<media_id>", media),
    ):
        app.add_url_rule(rule, f"GET {rule}", view, methods=["GET"])


def _described(state: State, tweet: Tweet) -> dict[str, Any]:
    media = [state.media[id_] for id_ in tweet.media]
    return {
        "id": tweet.id,
        "text": tweet.text,
        "deleted": tweet.deleted,
        "media": [{"id": each.id, "alt_text": each.alt_text} for each in media],
    }


def serve(folder: Path, keys: Keys, host: str, port: int, mails: Path | None = None) -> None:
    """Answer on this machine until the process ends."""
    make_server(host, port, create_practice_x(folder, keys, mails), threaded=True).serve_forever()
