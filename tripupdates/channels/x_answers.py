"""What X's answers mean: for a question, while nothing can have been posted, and for the post itself.

Sources: docs.x.com (API v2), tweepy 4.17. Only a recognised 4xx says that nothing is there.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import requests
import tweepy

from tripupdates.channels.contract import (
    ChannelClosed,
    NotSent,
    OutcomeUnknown,
    RefusedByChannel,
    TransportError,
)
from tripupdates.channels.http import never_connected

LONGEST_WAIT = timedelta(hours=24)  # no reset of a limit lies further ahead

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
REFUSED = "X refused this post. Change its words or pictures, and write it as a new update."

# What tweepy raises for an odd body, besides its own errors: the request itself was sent.
_ODD = (AttributeError, TypeError, KeyError, ValueError)


Meanings = Mapping[int, Callable[[tweepy.HTTPException], TransportError]]


@contextmanager
def before_the_post(meanings: Meanings) -> Iterator[None]:
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
def the_post() -> Iterator[None]:
    """Around the post itself: only a recognised 4xx, or a connection that never was, says that nothing is there."""
    try:
        yield
    except tweepy.HTTPException as error:
        raise _meaning(error, SENDING) or OutcomeUnknown(NO_ANSWER) from None
    except (requests.RequestException, tweepy.TweepyException, *_ODD) as error:
        if never_connected(error):
            raise NotSent(NO_CONNECTION) from None
        raise OutcomeUnknown(NO_ANSWER) from None


def _meaning(error: tweepy.HTTPException, meanings: Meanings) -> TransportError | None:
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


# What a status means for any question: looking and removing refuse no post.
ASKING: Meanings = {
    401: lambda _: ChannelClosed(NOT_LET_IN),
    402: lambda _: ChannelClosed(NO_CREDITS),
    403: lambda _: ChannelClosed(NOT_LET_IN),
    429: _wait,
}
# What it means for a picture or a post.
SENDING: Meanings = {
    **ASKING,
    400: lambda _: RefusedByChannel(REFUSED),
    404: lambda _: ChannelClosed(NOT_LET_IN),
    413: lambda _: RefusedByChannel(REFUSED),
    422: lambda _: RefusedByChannel(REFUSED),
}
