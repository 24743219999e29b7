"""X over a real loopback socket: every answer means precisely one thing, and a post is asked for exactly once."""

import io
import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from tests.practice.running import KEYS, Running, running_x
from tripupdates.channels.contract import (
    ChannelClosed,
    NotSent,
    OutcomeUnknown,
    Picture,
    Post,
    RefusedByChannel,
    TransportError,
)
from tripupdates.channels.x import X
from tripupdates.channels.x_account import XAccount

POST = Post("We climbed the castle tower & rested.")


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Running]:
    with running_x(tmp_path) as peer:
        yield peer


def _account(peer: Running) -> XAccount:
    keys = peer.keys
    return XAccount(
        peer.base,
        keys.handle,
        keys.consumer_key,
        keys.consumer_secret,
        keys.access_token,
        keys.access_token_secret,
    )


@pytest.fixture
def x(peer: Running) -> X:
    return X(_account(peer), timeout=1)


def _picture(alt: str = "A tower.") -> Picture:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(data, "JPEG")
    return Picture(data.getvalue(), alt)


def test_a_post_with_pictures_and_alt_texts_is_there_once(x: X, peer: Running) -> None:
    sent = x.publish(replace(POST, pictures=(_picture("One."), _picture("Two."))))
    (post,) = peer.posts()
    assert (post["id"], post["text"]) == (sent.remote_id, POST.text)
    assert [media["alt_text"] for media in post["media"]] == ["One.", "Two."]
    assert sent.link == f"https://x.com/PuddleLaneTest/status/{sent.remote_id}"


AFTER_THE_POST = [
    ("400", RefusedByChannel),
    ("401", ChannelClosed),
    ("402", ChannelClosed),
    ("403", ChannelClosed),
    ("404", ChannelClosed),
    ("409", OutcomeUnknown),
    ("413", RefusedByChannel),
    ("422", RefusedByChannel),
    ("429", NotSent),
    ("duplicate", OutcomeUnknown),
    ("500_before", OutcomeUnknown),
    ("500_after", OutcomeUnknown),
    ("timeout_before", OutcomeUnknown),
    ("timeout_after", OutcomeUnknown),
    ("reset_before", OutcomeUnknown),
    ("reset_after", OutcomeUnknown),
    ("unreadable_after", OutcomeUnknown),
    ("errors_only", OutcomeUnknown),
    ("redirect", OutcomeUnknown),
]


@pytest.mark.parametrize(("kind", "outcome"), AFTER_THE_POST)
def test_each_answer_to_the_post_means_one_thing_and_it_is_asked_once(
    x: X, peer: Running, kind: str, outcome: type[TransportError]
) -> None:
    peer.fault("tweets", kind, seconds=1.5 if "timeout" in kind else 60)
    with pytest.raises(TransportError) as raised:
        x.publish(POST)
    assert type(raised.value) is outcome
    assert peer.count("tweets") == 1


@pytest.mark.parametrize("route", ["me", "media", "metadata"])
@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("401", ChannelClosed),
        ("402", ChannelClosed),
        ("429", NotSent),
        ("500_after", NotSent),
        ("reset_after", NotSent),
        ("timeout_after", NotSent),
        ("unreadable_after", NotSent),
        ("errors_only", NotSent),
    ],
)
def test_before_the_post_nothing_is_ever_unknown(
    x: X, peer: Running, route: str, kind: str, outcome: type[TransportError]
) -> None:
    peer.fault(route, kind, seconds=1.5 if "timeout" in kind else 60)
    with pytest.raises(TransportError) as raised:
        x.publish(replace(POST, pictures=(_picture(),)))
    assert type(raised.value) is outcome
    assert peer.count("tweets") == 0


def test_a_limit_names_the_time_to_wait_for(x: X, peer: Running) -> None:
    peer.fault("tweets", "429", seconds=600)
    with pytest.raises(NotSent) as raised:
        x.publish(POST)
    assert raised.value.not_before is not None
    assert timedelta(minutes=9) < raised.value.not_before - datetime.now(UTC) <= timedelta(minutes=10)


def test_the_cap_of_a_day_is_waited_for_though_another_header_names_an_earlier_time(
    x: X, peer: Running
) -> None:
    peer.fault("tweets", "429_day", seconds=7200)
    with pytest.raises(NotSent) as raised:
        x.publish(POST)
    assert raised.value.not_before is not None
    assert timedelta(minutes=119) < raised.value.not_before - datetime.now(UTC) <= timedelta(hours=2)


def test_a_reset_in_the_far_future_is_not_believed(x: X, peer: Running) -> None:
    peer.fault("tweets", "429", seconds=10**6)
    with pytest.raises(NotSent) as raised:
        x.publish(POST)
    assert raised.value.not_before is None


def test_nobody_at_home_is_not_sent(x: X, peer: Running) -> None:
    peer.stop()
    with pytest.raises(NotSent):
        x.publish(POST)


def test_the_peer_gone_between_check_and_post_is_not_sent(x: X, peer: Running) -> None:
    x.publish(Post("Another one."))  # the account is known now: the next call is the post itself
    peer.stop()
    with pytest.raises(NotSent):
        x.publish(POST)


def test_a_connection_that_never_comes_about_is_not_sent(x: X, peer: Running) -> None:
    x.publish(Post("Another one."))
    address = (str(peer.server.server_address[0]), peer.server.server_port)
    peer.stop()
    with _deaf(address), pytest.raises(NotSent, match="could not be reached"):
        x.publish(POST)


@contextmanager
def _deaf(address: tuple[str, int]) -> Iterator[None]:
    """Somebody who lets nobody in: the queue at the door is full."""
    with ExitStack() as open_sockets:
        door = open_sockets.enter_context(socket.socket())
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)
        door.listen(0)
        for _ in range(3):
            waiting = open_sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        yield


def test_the_account_is_checked_once_and_its_handle_may_be_written_otherwise(peer: Running) -> None:
    x = X(replace(_account(peer), handle="puddlelanetest"), timeout=1)
    x.publish(POST)
    x.publish(Post("Another one."))
    assert peer.count("me") == 1


def test_another_accounts_keys_post_nothing(peer: Running) -> None:
    x = X(replace(_account(peer), handle="AnotherSchool"), timeout=1)
    with pytest.raises(ChannelClosed, match="another account"):
        x.publish(POST)
    assert peer.posts() == []


@pytest.mark.parametrize("key", ["consumer_key", "consumer_secret", "access_token", "access_token_secret"])
def test_a_wrong_key_needs_a_person(peer: Running, key: str) -> None:
    x = X(replace(_account(peer), **{key: "wrong-wrong-wrong-wrong"}), timeout=1)
    with pytest.raises(ChannelClosed):
        x.publish(POST)
    assert peer.posts() == []


@pytest.mark.parametrize("pictures", [(), (_picture(),)])
@pytest.mark.parametrize(
    "text",
    [
        "We climbed the castle tower & rested.",
        "Fish &amp; chips, <hot>",
        "We climbed the tower.It was windy.",
        "“castle.example.com” (see https://castle.example.com/a?b=1&c=2)",
        "castle.example.com",
        "  Two\nlines,\n\nand   an e\u0301  ",
    ],
)
def test_looking_finds_the_post_though_the_timeline_shows_it_otherwise(
    x: X, text: str, pictures: tuple[Picture, ...]
) -> None:
    started = datetime.now(UTC)
    sent = x.publish(Post(text, pictures))
    assert x.look_up(Post(text, pictures), started, ()) == sent


@pytest.mark.parametrize(
    "other",
    [
        "We climbed the castle tower & sang.",
        "We climbed the castle tower & rested. Then",
        "We climbed the castle tower & castle.example.com",
        "We climbed the castle.example.com tower & rested.",
        "castle.example.com",
    ],
)
def test_looking_does_not_take_another_post_for_ours(x: X, other: str) -> None:
    started = datetime.now(UTC)
    x.publish(Post(other, (_picture(),)))
    assert x.look_up(POST, started, ()) is None


def test_looking_passes_over_what_is_known_to_be_another_update(x: X) -> None:
    started = datetime.now(UTC)
    sent = x.publish(POST)
    assert x.look_up(POST, started, {sent.remote_id}) is None


def test_looking_passes_over_what_was_there_before_the_attempt(x: X) -> None:
    x.publish(POST)
    assert x.look_up(POST, datetime.now(UTC) + timedelta(minutes=1), ()) is None


def test_looking_goes_on_over_pages(x: X) -> None:
    started = datetime.now(UTC)
    sent = x.publish(POST)
    for number in range(105):
        x.publish(Post(f"Update number {number}."))
    assert x.look_up(POST, started, ()) == sent


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("400", NotSent),
        ("401", ChannelClosed),
        ("402", ChannelClosed),
        ("403", ChannelClosed),
        ("404", NotSent),
        ("429", NotSent),
        ("500_before", NotSent),
        ("redirect", NotSent),
        ("reset_after", NotSent),
        ("unreadable_after", NotSent),
        ("errors_only", NotSent),
    ],
)
def test_looking_that_fails_is_no_miss(x: X, peer: Running, kind: str, outcome: type[TransportError]) -> None:
    peer.fault("timeline", kind)
    with pytest.raises(TransportError) as raised:
        x.look_up(POST, datetime.now(UTC), ())
    assert type(raised.value) is outcome


def test_removing_is_done_when_it_is_seen_to_be_gone(x: X, peer: Running) -> None:
    sent = x.publish(POST)
    x.remove(None, [sent.remote_id])
    assert peer.posts() == []
    x.remove(None, [sent.remote_id])  # gone already is gone


@pytest.mark.parametrize("route", ["get", "delete"])
@pytest.mark.parametrize("kind", ["500_before", "reset_before", "429", "401", "400", "unreadable_after"])
def test_removing_without_a_clear_answer_is_not_done(x: X, peer: Running, route: str, kind: str) -> None:
    sent = x.publish(POST)
    peer.fault(route, kind)
    with pytest.raises((NotSent, ChannelClosed)):
        x.remove(None, [sent.remote_id])


def test_a_post_that_is_still_seen_is_not_gone_whatever_the_answer_was(x: X, peer: Running) -> None:
    sent = x.publish(POST)
    peer.fault("delete", "404")
    with pytest.raises(NotSent, match="still shows"):
        x.remove(None, [sent.remote_id])


def test_an_error_that_is_not_not_found_is_no_proof_that_a_post_is_gone(x: X, peer: Running) -> None:
    sent = x.publish(POST)
    peer.fault("get", "errors_only")
    with pytest.raises(NotSent, match="no clear answer"):
        x.remove(None, [sent.remote_id])


def test_one_post_that_resists_does_not_keep_the_others_up(x: X, peer: Running) -> None:
    first, second = x.publish(POST), x.publish(Post("Another one."))
    peer.fault("delete", "500_before")
    with pytest.raises(NotSent):
        x.remove(None, [first.remote_id, second.remote_id])
    assert [post["id"] for post in peer.posts()] == [first.remote_id]


def test_a_proxy_in_the_environment_is_ignored(x: X, peer: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    x.publish(POST)
    assert len(peer.posts()) == 1


@pytest.mark.parametrize("fault", ["", "401", "500_after", "reset_after", "unreadable_after"])
def test_no_secret_and_no_text_gets_into_a_log_or_an_error(
    x: X, peer: Running, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.DEBUG)
    said = ""
    if fault:
        peer.fault("tweets", fault)
    try:
        x.publish(POST)
    except TransportError as error:
        said = f"{error!r} {error} {error.__cause__!r}"
    seen = said + caplog.text + repr(x) + repr(_account(peer)) + repr(POST)
    secrets = (KEYS.consumer_key, KEYS.consumer_secret, KEYS.access_token, KEYS.access_token_secret)
    for secret in (*secrets, "oauth_signature", "castle tower"):
        assert secret not in seen
