"""The school's account at X: its keys, a connection that signs with them, and whose account they open."""

from dataclasses import dataclass, field

import tweepy

from tripupdates.channels.contract import ChannelClosed
from tripupdates.channels.http import OneHost
from tripupdates.channels.x_answers import ASKING, before_the_post

HOSTS = ("https://api.twitter.com/", "https://api.x.com/")
WRONG_ACCOUNT = "The keys belong to another account at X than @{handle}, the school’s, so nothing is sent."


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


def connect(account: XAccount, timeout: float) -> tweepy.Client:
    """A client that waits at most `timeout` seconds for each step of an answer."""
    client = tweepy.Client(
        consumer_key=account.consumer_key,
        consumer_secret=account.consumer_secret,
        access_token=account.access_token,
        access_token_secret=account.access_token_secret,
        return_type=dict,
        wait_on_rate_limit=False,
    )
    client.session = OneHost(account.api_base, timeout, HOSTS)
    return client


def own_id(client: tweepy.Client, handle: str) -> str:
    """Ask X whose keys these are. Returns the account's id; raises ChannelClosed unless it is the school's, and NotSent."""
    with before_the_post(ASKING):
        data = client.get_me(user_auth=True)["data"]
        if str(data["username"]).casefold() != handle.casefold():
            raise ChannelClosed(WRONG_ACCOUNT.format(handle=handle))
        return str(data["id"])
