"""X (Twitter) through tweepy and API v2. Media first, so that only the post itself can be ambiguous.

X has no idempotency key: after anything but a clear answer to the post, the outcome is unknown and the outbox looks it
up on the school's own timeline. Sources: docs.x.com (API v2: posts, media, users), tweepy 4.17.
"""

import base64
import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import tweepy

from tripupdates.channels.contract import NotSent, Picture, Post, Sent, TransportError
from tripupdates.channels.weight import has_address
from tripupdates.channels.x_account import XAccount, connect, own_id
from tripupdates.channels.x_answers import (
    ASKING,
    SENDING,
    STILL_THERE,
    TOO_SLOW,
    UNCLEAR,
    before_the_post,
    the_post,
)
from tripupdates.channels.x_terms import Call
from tripupdates.channels.x_words import shows

LOOK_BACK = timedelta(seconds=5)  # clocks differ a little
MOST_PAGES = 10
LONGEST_QUESTION = 8.0  # seconds for each step, while a person waits for a page

NOT_AN_ADDRESS = "That is neither the number of a post nor its address. Open the post on X, copy its address, and paste it here."
NOT_OURS = "That is the address of a post by another account than @{handle}. Look for the school’s own post."


class X:
    """Satisfies `contract.Channel[Post]` and `contract.Named[Post]`.

    `meter` is told what X is asked: before each request that changes something, after each that reads, with how many
    posts came back.
    """

    def __init__(
        self,
        account: XAccount,
        timeout: float = 30.0,
        settle: timedelta = timedelta(seconds=75),
        misses_needed: int = 2,
        meter: Callable[[Call, int], None] = lambda _call, _times: None,
    ) -> None:
        self.settle, self.misses_needed = settle, misses_needed
        self._media_time = 4 * timeout
        self.longest = timedelta(seconds=self._media_time + 2 * timeout)
        self._account, self._timeout, self._meter = account, timeout, meter
        self._client = connect(account, timeout)
        self._user_id = ""

    def publish(self, message: Post) -> Sent:
        """Post it. Raises NotSent, ChannelClosed or RefusedByChannel while nothing is there; OutcomeUnknown after."""
        begun = time.monotonic()
        self._me()
        with before_the_post(SENDING):
            media = [self._upload(picture) for picture in message.pictures]
        if time.monotonic() - begun > self._media_time:
            raise NotSent(TOO_SLOW)  # somebody who took us for dead may be looking for the post by now
        self._meter(Call.LINKED if has_address(message.text) else Call.POST, 1)
        with the_post():
            answer = self._client.create_tweet(
                text=message.text, media_ids=media or None, reply_settings="mentionedUsers"
            )
            return self._sent(str(int(answer["data"]["id"])))  # an odd id is no clear answer

    def look_up(self, message: Post, since: datetime, known: Collection[str]) -> Sent | None:
        """Find the post on the school's own timeline, by its words. Raises NotSent or ChannelClosed."""
        user_id = self._me()
        with before_the_post(ASKING):
            for post in self._timeline(user_id, since - LOOK_BACK):
                if shows(post["text"], message.text) and str(post["id"]) not in known:
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

    def named(self, said: str) -> Sent:
        """The post that somebody names by its number, or its address. Raises ValueError with a sentence where it is none."""
        hosts = "|".join(
            re.escape(host) for host in ("x.com", "twitter.com", urlsplit(self._account.web).netloc)
        )
        found = re.fullmatch(
            rf"(?:(?:https?://)?(?:www\.|mobile\.)?(?:{hosts})/(\w+)/status/)?([1-9][0-9]{{0,19}})(?:[/?#]\S*)?",
            said.strip(),
            re.ASCII | re.IGNORECASE,
        )
        if found is None:
            raise ValueError(NOT_AN_ADDRESS)
        if found[1] and found[1].casefold() != self._account.handle.casefold():
            raise ValueError(NOT_OURS.format(handle=self._account.handle))
        return self._sent(found[2])

    def confirm(self, message: Post, sent: Sent) -> bool:
        """Whether X shows this post, with these words. Raises NotSent or ChannelClosed where X cannot be asked."""
        client = self._for_a_person()
        with before_the_post(ASKING):
            shown = self._read(client, sent.remote_id)
            return shown is not None and shows(shown["text"], message.text)

    def check_account(self) -> None:
        """Ask X now whose keys these are. Raises ChannelClosed unless they are the school's, NotSent where X cannot be asked."""
        own_id(self._for_a_person(), self._account.handle)
        self._meter(Call.LOOK, 1)

    def _for_a_person(self) -> tweepy.Client:
        """A connection for a question that somebody waits for: the worker's own may be busy, and waits longer."""
        return connect(self._account, min(self._timeout, LONGEST_QUESTION))

    def _sent(self, remote_id: str) -> Sent:
        return Sent(remote_id, f"{self._account.web}/{self._account.handle}/status/{remote_id}")

    def _me(self) -> str:
        """The account's id, once it is known to be the school's."""
        if not self._user_id:
            self._user_id = own_id(self._client, self._account.handle)
            self._meter(Call.LOOK, 1)
        return self._user_id

    def _upload(self, picture: Picture) -> str:
        """POST /2/media/upload and /2/media/metadata. X has changed this encoding before; it is only here."""
        self._meter(Call.UPLOAD, 1)
        body = {"media": base64.b64encode(picture.jpeg).decode(), "media_category": "tweet_image"}
        media = str(self._call("POST", "/2/media/upload", body)["id"])
        if picture.alt:
            self._meter(Call.ALT, 1)
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
            posts = page.get("data") or ()
            self._meter(Call.LOOK, len(posts))
            yield from posts
            if "errors" in page:
                raise NotSent(UNCLEAR)
            token = page["meta"].get("next_token")
            if not token:
                return
            more = {"pagination_token": token}
        raise NotSent(UNCLEAR)

    def _take_down(self, remote_id: str) -> None:
        """Delete without looking first: a post so new that X does not show it yet must go as well."""
        self._meter(Call.DELETE, 1)
        with before_the_post(ASKING):
            with suppress(tweepy.NotFound):  # gone already; the look says so
                self._client.delete_tweet(remote_id)
            if self._read(self._client, remote_id) is not None:
                raise NotSent(STILL_THERE)

    def _read(self, client: tweepy.Client, remote_id: str) -> dict[str, Any] | None:
        """A post as X shows it; None where X says Not Found, by a 404, or by a 200 that holds only errors of that type."""
        try:
            answer = client.get_tweet(remote_id, user_auth=True)
        except tweepy.NotFound:
            return None
        if answer.get("data"):
            self._meter(Call.LOOK, 1)
            post: dict[str, Any] = answer["data"]
            return post
        kinds = [str(error.get("type", "")) for error in answer.get("errors", ())]
        if kinds and all(kind.endswith("/resource-not-found") for kind in kinds):
            return None
        raise NotSent(UNCLEAR)
