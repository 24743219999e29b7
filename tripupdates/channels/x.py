"""X (Twitter) through tweepy and API v2. Media first, so that only the post itself can be ambiguous.

X has no idempotency key: after anything but a clear answer to the post, the outcome is unknown and the outbox looks it
up on the school's own timeline. Sources: docs.x.com (API v2: posts, media, users), tweepy 4.17.
"""

import base64
import html
import re
import time
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
import tweepy
from urllib3.exceptions import NewConnectionError

from tripupdates.channels.contract import (
    ChannelClosed,
    NotSent,
    OutcomeUnknown,
    Picture,
    Post,
    RefusedByChannel,
    Sent,
    TransportError,
)
from tripupdates.channels.http import OneHost

LOOK_BACK = timedelta(seconds=5)  # clocks differ a little
LONGEST_WAIT = timedelta(hours=24)  # no reset of a limit lies further ahead
MOST_PAGES = 10
SHORT_LINK = r"https://t\.co/[A-Za-z0-9]+"  # what X makes of an address, and adds at the end for pictures

NO_CONNECTION = "X could not be reached. We try again."
TOO_SLOW = "The pictures took too long on their way to X, so nothing was posted. We try again."
NO_ANSWER = "X gave no clear answer. We look whether it arrived."
UNCLEAR = "X gave no clear answer. We ask again."
STILL_THERE = "X still shows the post. We try again."
BUSY = "X asks us to wait before posting again."
NO_CREDITS = (
    "The school’s account has no credits left at X. Somebody must top them up at X, then press “Try again”."
)
NOT_LET_IN = (
    "X does not accept the school’s keys. Somebody must renew them in the settings, then press “Try again”."
)
WRONG_ACCOUNT = "The keys belong to another account at X than the school’s, so nothing was sent."
REFUSED = "X refused this post. Change its words or pictures, and write it as a new update."

# What tweepy raises for an odd body, besides its own errors: the request itself was sent.
_ODD = (AttributeError, TypeError, KeyError, ValueError)


@dataclass(frozen=True)
class XAccount:
    """The school's account: where X's interface is, its handle without @, its keys, and where people read X."""

    api_base: str
    handle: str
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    access_token_secret: str = field(repr=False)
    web: str = "https://x.com"


class X:
    """Satisfies `contract.Channel[Post]`."""

    def __init__(
        self,
        account: XAccount,
        timeout: float = 30.0,
        settle: timedelta = timedelta(seconds=75),
        misses_needed: int = 2,
    ) -> None:
        self.settle, self.misses_needed = settle, misses_needed
        self._media_time = 4 * timeout
        self.longest = timedelta(seconds=self._media_time + 2 * timeout)
        self._handle, self._web = account.handle, account.web
        self._client = tweepy.Client(
            consumer_key=account.consumer_key,
            consumer_secret=account.consumer_secret,
            access_token=account.access_token,
            access_token_secret=account.access_token_secret,
            return_type=dict,
            wait_on_rate_limit=False,
        )
        self._client.session = OneHost(account.api_base, timeout)
        self._user_id = ""

    def publish(self, message: Post) -> Sent:
        """Post it. Raises NotSent, ChannelClosed or RefusedByChannel while nothing is there; OutcomeUnknown after."""
        begun = time.monotonic()
        self._me()
        with _before_the_post(_MEANINGS):
            media = [self._upload(picture) for picture in message.pictures]
        if time.monotonic() - begun > self._media_time:
            raise NotSent(TOO_SLOW)  # somebody who took us for dead may be looking for the post by now
        with _the_post():
            answer = self._client.create_tweet(
                text=message.text, media_ids=media or None, reply_settings="mentionedUsers"
            )
            return self._sent(str(int(answer["data"]["id"])))  # an odd id is no clear answer

    def look_up(self, message: Post, since: datetime, known: Collection[str]) -> Sent | None:
        """Find the post on the school's own timeline, by its words. Raises NotSent or ChannelClosed."""
        user_id = self._me()
        with _before_the_post(_ASKING):
            for post in self._timeline(user_id, since - LOOK_BACK):
                if _shows(post["text"], message.text) and str(post["id"]) not in known:
                    return self._sent(str(post["id"]))
        return None

    def remove(self, message: Post | None, remote_ids: Sequence[str]) -> None:
        """Delete posts, then see that each is gone. Raises NotSent or ChannelClosed while that is not certain.

        One that resists does not keep the others up.
        """
        problems = []
        for remote_id in remote_ids:
            try:
                self._take_down(remote_id)
            except TransportError as problem:
                problems.append(problem)
        if problems:
            raise problems[0]

    def _sent(self, remote_id: str) -> Sent:
        return Sent(remote_id, f"{self._web}/{self._handle}/status/{remote_id}")

    def _me(self) -> str:
        """The account's id, once it is known to be the school's."""
        if not self._user_id:
            with _before_the_post(_ASKING):
                data = self._client.get_me(user_auth=True)["data"]
                if str(data["username"]).casefold() != self._handle.casefold():
                    raise ChannelClosed(WRONG_ACCOUNT)
                self._user_id = str(data["id"])
        return self._user_id

    def _upload(self, picture: Picture) -> str:
        """POST /2/media/upload and /2/media/metadata. X has changed this encoding before; it is only here."""
        body = {"media": base64.b64encode(picture.jpeg).decode(), "media_category": "tweet_image"}
        media = str(self._call("POST", "/2/media/upload", body)["id"])
        if picture.alt:
            alt = {"id": media, "metadata": {"alt_text": {"text": picture.alt}}}
            self._call("POST", "/2/media/metadata", alt)
        return media

    def _call(self, method: str, route: str, body: dict[str, Any] | None = None) -> Any:
        """The data of a clear answer. Raises KeyError where there is none, whatever the status says."""
        return self._client.request(method, route, json=body, user_auth=True).json()["data"]

    def _timeline(self, user_id: str, since: datetime) -> Iterator[dict[str, Any]]:
        """Every post since then. Raises NotSent where X does not show all: what was not seen is no miss."""
        start = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        more: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            page = self._client.get_users_tweets(
                user_id, start_time=start, max_results=100, user_auth=True, **more
            )
            yield from page.get("data") or ()
            if "errors" in page:
                raise NotSent(UNCLEAR)
            token = page["meta"].get("next_token")
            if not token:
                return
            more = {"pagination_token": token}
        raise NotSent(UNCLEAR)

    def _take_down(self, remote_id: str) -> None:
        """Delete without looking first: a post so new that X does not show it yet must go as well."""
        with _before_the_post(_ASKING):
            with suppress(tweepy.NotFound):  # gone already; the look says so
                self._client.delete_tweet(remote_id)
            if self._is_there(remote_id):
                raise NotSent(STILL_THERE)

    def _is_there(self, remote_id: str) -> bool:
        """X says Not Found by a 404, or by a 200 that holds only errors of that type."""
        try:
            answer = self._client.get_tweet(remote_id, user_auth=True)
        except tweepy.NotFound:
            return False
        if answer.get("data"):
            return True
        kinds = [str(error.get("type", "")) for error in answer.get("errors", ())]
        if kinds and all(kind.endswith("/resource-not-found") for kind in kinds):
            return False
        raise NotSent(UNCLEAR)


def _shows(shown: str, text: str) -> bool:
    """Whether a timeline shows this text. X escapes it, shortens its addresses, and adds a link to its pictures."""
    words, wanted = _words(html.unescape(shown)), _words(text)
    if len(words) == len(wanted) + 1 and re.fullmatch(SHORT_LINK, words[-1]):
        words.pop()
    return len(words) == len(wanted) and all(map(_same_word, words, wanted))


def _same_word(shown: str, wanted: str) -> bool:
    """Where X shows a short link, any address will do: X finds some where we see none ("the tower.It was")."""
    if shown == wanted:
        return True
    around = re.split(SHORT_LINK, shown)
    is_link = len(around) > 1 and "." in wanted.strip(".")
    return is_link and wanted.startswith(around[0]) and wanted.endswith(around[-1])


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text).split()


@contextmanager
def _before_the_post(meanings: "Meanings") -> Iterator[None]:
    """While nothing can have been posted: whatever goes wrong, it may be tried again, or a person must help."""
    try:
        yield
    except TransportError:
        raise
    except tweepy.HTTPException as error:
        raise _meaning(error, meanings) or NotSent(UNCLEAR) from None
    except (tweepy.TweepyException, *_ODD):
        raise NotSent(UNCLEAR) from None
    except requests.RequestException:
        raise NotSent(NO_CONNECTION) from None


@contextmanager
def _the_post() -> Iterator[None]:
    """Around the post itself: only a recognised 4xx, or a connection that never was, says that nothing is there."""
    try:
        yield
    except tweepy.HTTPException as error:
        raise _meaning(error, _MEANINGS) or OutcomeUnknown(NO_ANSWER) from None
    except requests.ConnectTimeout:
        raise NotSent(NO_CONNECTION) from None
    except requests.ConnectionError as error:
        if _never_connected(error):
            raise NotSent(NO_CONNECTION) from None
        raise OutcomeUnknown(NO_ANSWER) from None
    except (requests.RequestException, tweepy.TweepyException, *_ODD):
        raise OutcomeUnknown(NO_ANSWER) from None


def _never_connected(error: requests.ConnectionError) -> bool:
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, NewConnectionError)


def _meaning(error: tweepy.HTTPException, meanings: "Meanings") -> TransportError | None:
    """What a status says for certain; None where it says nothing (5xx, redirects, a duplicate)."""
    say = meanings.get(error.response.status_code)
    return None if say is None or _is_duplicate(error) else say(error)


def _is_duplicate(error: tweepy.HTTPException) -> bool:
    """A refusal as duplicate is no proof either way: ours may be the one that is there."""
    return error.response.status_code == 403 and "duplicate content" in error.response.text.casefold()


def _wait(error: tweepy.HTTPException) -> TransportError:
    """The later of the resets that X names; a daily cap has a header of its own."""
    now = datetime.now(UTC)
    names = ("x-rate-limit-reset", "x-user-limit-24hour-reset", "x-app-limit-24hour-reset")
    spent = [
        name for name in names if error.response.headers.get(name.replace("reset", "remaining"), "0") == "0"
    ]
    times = [_moment(error.response.headers.get(name, "")) for name in spent]
    sane = [time for time in times if time is not None and now < time <= now + LONGEST_WAIT]
    return NotSent(BUSY, max(sane) if sane else None)


def _moment(seconds: str) -> datetime | None:
    sane = seconds.isascii() and seconds.isdigit() and len(seconds) < 12
    return datetime.fromtimestamp(int(seconds), UTC) if sane else None


Meanings = Mapping[int, Callable[[tweepy.HTTPException], TransportError]]

# What a status means for any question: looking and removing refuse no post.
_ASKING: Meanings = {
    401: lambda _: ChannelClosed(NOT_LET_IN),
    402: lambda _: ChannelClosed(NO_CREDITS),
    403: lambda _: ChannelClosed(NOT_LET_IN),
    429: _wait,
}
# What it means for a picture or a post.
_MEANINGS: Meanings = {
    **_ASKING,
    400: lambda _: RefusedByChannel(REFUSED),
    404: lambda _: ChannelClosed(NOT_LET_IN),
    413: lambda _: RefusedByChannel(REFUSED),
    422: lambda _: RefusedByChannel(REFUSED),
}
