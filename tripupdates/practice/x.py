"""A loopback X: OAuth 1.0a signatures, request bodies as documented, duplicate refusal, faults on demand, a timeline.

It serves practice mode, the demo and the tests. Nothing on it is public. Sources: docs.x.com (API v2), RFC 5849.
"""

import base64
import binascii
import html
import io
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, jsonify, redirect, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue
from oauthlib.oauth1 import RequestValidator, ResourceEndpoint
from PIL import Image, UnidentifiedImageError
from werkzeug.serving import make_server

from tripupdates.channels.weight import weigh
from tripupdates.practice.x_faults import AFTER, BEFORE, after, before, invalid, problem
from tripupdates.practice.x_state import Fault, State, Tweet
from tripupdates.settings import folder_of_ours

USER_ID = "1600000000000000001"
MOST_MEDIA_BYTES = 5_000_000
REPLY_SETTINGS = {"following", "mentionedUsers", "subscribers", "verified"}
TIMESTAMP_WINDOW = 600
CSP = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@dataclass(frozen=True)
class Keys:
    """The one account that this X knows."""

    handle: str
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    access_token_secret: str = field(repr=False)


class _Signatures(RequestValidator):
    """What oauthlib asks to check a signature against our one account."""

    enforce_ssl = False  # loopback only
    client_key_length = access_token_length = nonce_length = (8, 80)
    dummy_client = dummy_access_token = "nobody-at-all-0123456789"  # noqa: S105 - it opens nothing
    safe_characters = set(map(chr, range(33, 127)))  # noqa: RUF012 - as the base has it

    def __init__(self, keys: Keys, state: State) -> None:
        super().__init__()
        self._keys, self._state = keys, state

    def get_client_secret(self, client_key: str, request: Any) -> str:
        return self._keys.consumer_secret

    def get_access_token_secret(self, client_key: str, token: str, request: Any) -> str:
        return self._keys.access_token_secret

    def validate_client_key(self, client_key: str, request: Any) -> bool:
        return client_key == self._keys.consumer_key

    def validate_access_token(self, client_key: str, token: str, request: Any) -> bool:
        return token == self._keys.access_token

    def validate_realms(self, *_args: Any, **_more: Any) -> bool:
        return True

    def validate_timestamp_and_nonce(
        self,
        client_key: str,
        timestamp: Any,
        nonce: str,
        request: Any,
        request_token: str | None = None,
        access_token: str | None = None,
    ) -> bool:
        with self._state.lock:
            used = (timestamp, nonce) in self._state.nonces
            self._state.nonces.add((timestamp, nonce))
        return not used and abs(time.time() - int(timestamp)) < TIMESTAMP_WINDOW


def create_practice_x(folder: Path, keys: Keys) -> Flask:
    """The practice X of one account; it remembers in `folder`."""
    app = Flask(__name__, template_folder=str(folder_of_ours("templates")), static_folder=None)
    state = State(folder)
    signatures = ResourceEndpoint(_Signatures(keys, state))

    def signed(route: str, act: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
        """A call of the API: the fault that is due, the signature, then the act."""

        def view(**arguments: str) -> ResponseReturnValue:
            fault = state.next_fault(route)
            refusal = None if fault is None else before(fault)
            if refusal is not None:
                return refusal
            if not _is_signed(signatures):
                return problem(401, "Unauthorized", "Unauthorized")
            answer = act(state, keys, **arguments)
            return answer if fault is None else after(fault, answer)

        return view

    for method, rule, route, act in _API:
        app.add_url_rule(rule, f"{method} {rule}", signed(route, act), methods=[method])
    _add_control(app, state)
    _add_timeline(app, state, keys)
    app.before_request(_only_this_machine)
    app.after_request(_safe)
    return app


def _is_signed(signatures: ResourceEndpoint) -> bool:
    address = f"{request.scheme}://{request.host}{request.environ['RAW_URI']}"
    valid, _ = signatures.validate_protected_resource_request(
        address,
        request.method,
        body=None,
        headers={"Authorization": request.headers.get("Authorization", "")},
    )
    return bool(valid)


def _me(state: State, keys: Keys) -> ResponseReturnValue:
    return jsonify(data={"id": USER_ID, "name": keys.handle, "username": keys.handle})


def _upload(state: State, keys: Keys) -> ResponseReturnValue:
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or set(body) != {"media", "media_category"}:
        return invalid("The body must hold media and media_category, and nothing else.")
    if body["media_category"] != "tweet_image":
        return invalid("media_category must be tweet_image.")
    try:
        data = base64.b64decode(body["media"], validate=True)
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as image:
            kind = image.get_format_mimetype() or ""
    except (binascii.Error, TypeError, UnidentifiedImageError):
        return invalid("media is no picture.")
    if len(data) > MOST_MEDIA_BYTES:
        return problem(413, "Payload Too Large", "media is larger than 5,000,000 bytes.")
    id_ = state.add_media(data, kind)
    return jsonify(data={"id": id_, "media_key": f"3_{id_}", "size": len(data), "expires_after_secs": 86400})


def _metadata(state: State, keys: Keys) -> ResponseReturnValue:
    match request.get_json(silent=True):
        case {"id": str(id_), "metadata": {"alt_text": {"text": str(text)}}} if id_ in state.media:
            if len(text) > 1000:
                return invalid("alt_text is longer than 1000 characters.")
            state.set_alt(id_, text)
            return jsonify(data={"id": id_, "associated_metadata": {"alt_text": {"text": text}}})
    return invalid("The body must hold the id of a media and its metadata.")


def _post(state: State, keys: Keys) -> ResponseReturnValue:
    body: Any = request.get_json(silent=True)
    wrong = _wrong_with_post(state, body)
    if wrong:
        return invalid(wrong)
    text, media = body["text"], body.get("media", {}).get("media_ids", [])
    if state.is_duplicate(text):
        return problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
    id_ = state.add_tweet(text, media)
    answer = jsonify(data={"id": id_, "text": text, "edit_history_tweet_ids": [id_]})
    answer.status_code = 201
    return answer


def _wrong_with_post(state: State, body: Any) -> str:
    if not isinstance(body, dict) or not isinstance(body.get("text"), str) or not body["text"]:
        return "The body must hold a text."
    if set(body) - {"text", "media", "reply_settings"}:
        return "The body holds something that is not allowed."
    if body.get("reply_settings", "following") not in REPLY_SETTINGS:
        return "reply_settings is not one of those allowed."
    media = body.get("media", {"media_ids": []})
    if not isinstance(media, dict) or set(media) != {"media_ids"}:
        return "media must hold media_ids."
    ids = media["media_ids"]
    if not isinstance(ids, list) or len(ids) > 4 or any(id_ not in state.media for id_ in ids):
        return "Your media IDs are invalid."
    return "" if weigh(body["text"]).fits else "The text is too long."


def _shown(tweet: Tweet) -> dict[str, Any]:
    """As a timeline shows it: escaped, with a link to its own pictures at the end."""
    text = html.escape(tweet.text, quote=False)
    if tweet.media:
        text += f" https://t.co/{tweet.id[-10:]}"
    return {"id": tweet.id, "text": text, "edit_history_tweet_ids": [tweet.id]}


def _timeline(state: State, keys: Keys, user_id: str) -> ResponseReturnValue:
    if user_id != USER_ID:
        return problem(404, "Not Found", "There is no such user.")
    try:
        start = request.args.get("start_time", "2010-11-06T00:00:00Z")
        since = datetime.strptime(start, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        size = int(request.args.get("max_results", "10"))
        skip = int(request.args.get("pagination_token", "0"))
    except ValueError:
        return invalid("A parameter is not as documented.")
    if not 5 <= size <= 100 or set(request.args) - {"start_time", "max_results", "pagination_token"}:
        return invalid("A parameter is not as documented.")
    found = [tweet for tweet in state.live() if tweet.at >= since]
    page = [_shown(tweet) for tweet in found[skip : skip + size]]
    meta: dict[str, Any] = {"result_count": len(page)}
    if skip + size < len(found):
        meta["next_token"] = str(skip + size)
    return jsonify(data=page, meta=meta) if page else jsonify(meta=meta)


def _get(state: State, keys: Keys, tweet_id: str) -> ResponseReturnValue:
    tweet = state.tweets.get(tweet_id)
    if tweet is None or tweet.deleted:
        error = {
            "title": "Not Found Error",
            "type": "https://api.twitter.com/2/problems/resource-not-found",
            "resource_id": tweet_id,
        }
        return jsonify(errors=[error])
    return jsonify(data=_shown(tweet))


def _delete(state: State, keys: Keys, tweet_id: str) -> ResponseReturnValue:
    tweet = state.tweets.get(tweet_id)
    if tweet is None or tweet.deleted:
        return problem(404, "Not Found", "There is no such post.")
    state.delete(tweet_id)
    return jsonify(data={"deleted": True})


_API: tuple[tuple[str, str, str, Callable[..., ResponseReturnValue]], ...] = (
    ("GET", "/2/users/me", "me", _me),
    ("POST", "/2/media/upload", "media", _upload),
    ("POST", "/2/media/metadata", "metadata", _metadata),
    ("POST", "/2/tweets", "tweets", _post),
    ("GET", "/2/users/<user_id>/tweets", "timeline", _timeline),
    ("GET", "/2/tweets/<tweet_id>", "get", _get),
    ("DELETE", "/2/tweets/<tweet_id>", "delete", _delete),
)


def _add_control(app: Flask, state: State) -> None:
    """For tests and the curious: what is there, what was asked, what shall go wrong."""

    def posts() -> ResponseReturnValue:
        return jsonify(posts=[_described(state, tweet) for tweet in reversed(state.tweets.values())])

    def log() -> ResponseReturnValue:
        return jsonify(dict(state.requests))

    def faults() -> ResponseReturnValue:
        plan = request.get_json()
        if plan["kind"] not in BEFORE | AFTER:
            return invalid("There is no such fault.")
        state.plan(plan["route"], Fault(plan["kind"], plan.get("seconds", 60)), plan.get("times", 1))
        return jsonify(planned=True)

    def clear() -> ResponseReturnValue:
        state.faults.clear()
        return jsonify(planned=False)

    for method, rule, view in (
        ("GET", "/practice/posts", posts),
        ("GET", "/practice/log", log),
        ("POST", "/practice/faults", faults),
        ("DELETE", "/practice/faults", clear),
    ):
        app.add_url_rule(rule, f"{method} {rule}", view, methods=[method])


def _add_timeline(app: Flask, state: State, keys: Keys) -> None:
    """The pages that a person looks at."""

    def timeline() -> ResponseReturnValue:
        shown = [(tweet, [state.media[id_] for id_ in tweet.media]) for tweet in state.live()]
        return render_template("practice/timeline.html", handle=keys.handle, posts=shown)

    def one(handle: str, tweet_id: str) -> ResponseReturnValue:
        return redirect(f"/#post-{tweet_id}") if tweet_id in state.tweets else abort(404)

    def media(media_id: str) -> ResponseReturnValue:
        found = state.media.get(media_id) or abort(404)
        return send_from_directory(state.folder, found.file, mimetype=found.kind)

    def style() -> ResponseReturnValue:
        return send_from_directory(folder_of_ours("static") / "css", "practice.css")

    for rule, view in (
        ("/", timeline),
        ("/<handle>/status/<tweet_id>", one),
        ("/practice/media/<media_id>", media),
        ("/practice/practice.css", style),
    ):
        app.add_url_rule(rule, f"GET {rule}", view, methods=["GET"])


def _only_this_machine() -> None:
    if not ip_address(request.remote_addr or "").is_loopback:
        abort(403)


def _safe(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = CSP
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _described(state: State, tweet: Tweet) -> dict[str, Any]:
    media = [state.media[id_] for id_ in tweet.media]
    return {
        "id": tweet.id,
        "text": tweet.text,
        "deleted": tweet.deleted,
        "media": [{"id": each.id, "alt_text": each.alt_text} for each in media],
    }


def serve(folder: Path, keys: Keys, host: str, port: int) -> None:
    """Answer on this machine until the process ends."""
    make_server(host, port, create_practice_x(folder, keys), threaded=True).serve_forever()
