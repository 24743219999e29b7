"""The calls of the practice X: what each takes and answers, as X documents it (docs.x.com, API v2)."""

import base64
import html
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from PIL import Image
from twitter_text import extract_urls_with_indices

from tripupdates.channels.weight import weigh
from tripupdates.practice.x_signatures import Keys
from tripupdates.practice.x_state import State, Tweet

USER_ID = "1600000000000000001"
MOST_MEDIA_BYTES = 5_000_000
MOST_MEDIA = 4
MOST_ALT = 1000
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
REPLY_SETTINGS = ("following", "mentionedUsers", "subscribers", "verified")


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """An error as X words it: RFC 7807, with a detail."""
    answer = jsonify(title=title, detail=detail, type="about:blank", status=status, **more)
    answer.status_code = status
    return answer


def invalid(detail: str) -> Response:
    """A 400: the request is not as documented."""
    return problem(400, "Invalid Request", detail, errors=[{"message": detail, "parameters": {}}])


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
    except (TypeError, ValueError):
        return invalid("media is not base64.")
    if len(data) > MOST_MEDIA_BYTES:
        return problem(413, "Payload Too Large", "media is larger than 5,000,000 bytes.")
    kind = _kind(data)
    if not kind:
        return invalid("media is no picture.")
    id_ = state.add_media(data, kind)
    return jsonify(data={"id": id_, "media_key": f"3_{id_}", "size": len(data), "expires_after_secs": 86400})


def _kind(data: bytes) -> str:
    """The media type of a picture that X takes; '' for anything else."""
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as image:
            image.load()  # one that is cut off is none
            return image.get_format_mimetype() or ""
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return ""


def _metadata(state: State, keys: Keys) -> ResponseReturnValue:
    match request.get_json(silent=True):
        case {"id": str(id_), "metadata": {"alt_text": {"text": str(text)}}} if id_ in state.media:
            if len(text) > MOST_ALT:
                return invalid(f"alt_text is longer than {MOST_ALT} characters.")
            state.set_alt(id_, text)
            return jsonify(data={"id": id_, "associated_metadata": {"alt_text": {"text": text}}})
    return invalid("The body must hold the id of a media and its metadata.")


def _post(state: State, keys: Keys) -> ResponseReturnValue:
    body: Any = request.get_json(silent=True)
    wrong = _wrong_with_post(state, body)
    if wrong:
        return invalid(wrong)
    text, media = body["text"], body.get("media", {}).get("media_ids", [])
    with state.lock:
        if state.is_duplicate(text):
            return problem(403, "Forbidden", DUPLICATE)
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
    here = list(state.media)  # a list, for an id could be anything
    if not isinstance(ids, list) or len(ids) > MOST_MEDIA or any(id_ not in here for id_ in ids):
        return "Your media IDs are invalid."
    return "" if weigh(body["text"]).fits else "The text is too long."


def _shown(tweet: Tweet) -> dict[str, Any]:
    """As a timeline shows it: escaped, each address shortened, with a link to its own pictures at the end."""
    parts, done = [], 0
    for number, found in enumerate(extract_urls_with_indices(tweet.text)):
        start, end = found["indices"]
        parts += [html.escape(tweet.text[done:start], quote=False), _short_link(tweet, number)]
        done = end
    text = "".join(parts) + html.escape(tweet.text[done:], quote=False)
    if tweet.media:
        text += " " + _short_link(tweet, 9)
    return {"id": tweet.id, "text": text, "edit_history_tweet_ids": [tweet.id]}


def _short_link(tweet: Tweet, number: int) -> str:
    return f"https://t.co/{number}{tweet.id[-9:]}"


def _timeline(state: State, keys: Keys, user_id: str) -> ResponseReturnValue:
    if user_id != USER_ID:
        return problem(404, "Not Found Error", "There is no such user.")
    try:
        start = request.args.get("start_time", "2010-11-06T00:00:00Z")
        since = datetime.strptime(start, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        size = int(request.args.get("max_results", "10"))
        skip = int(request.args.get("pagination_token", "0"))
    except ValueError:
        return invalid("A parameter is not as documented.")
    if (
        not 5 <= size <= 100
        or skip < 0
        or set(request.args) - {"start_time", "max_results", "pagination_token"}
    ):
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
        return problem(404, "Not Found Error", "There is no such post.")
    state.delete(tweet_id)
    return jsonify(data={"deleted": True})


# Method, address, the name by which faults and the log know it, and what it does.
CALLS: tuple[tuple[str, str, str, Callable[..., ResponseReturnValue]], ...] = (
    ("GET", "/2/users/me", "me", _me),
    ("POST", "/2/media/upload", "media", _upload),
    ("POST", "/2/media/metadata", "metadata", _metadata),
    ("POST", "/2/tweets", "tweets", _post),
    ("GET", "/2/users/<user_id>/tweets", "timeline", _timeline),
    ("GET", "/2/tweets/<tweet_id>", "get", _get),
    ("DELETE", "/2/tweets/<tweet_id>", "delete", _delete),
)
