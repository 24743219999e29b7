"""X over a real loopback socket: every answer means precisely one thing, and a post is asked for exactly once."""

import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from tests.practice.running import KEYS, Running, running_x
from tripupdates.channels.contract import (
    NeedsPerson,
    NotSent,
    OutcomeUnknown,
    Picture,
    Post,
    RefusedByChannel,
    TransportError,
)
from tripupdates.channels.x import X, XAccount, _shows

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
    ("401", NeedsPerson),
    ("402", NeedsPerson),
    ("403", NeedsPerson),
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
        ("401", NeedsPerson),
        ("402", NeedsPerson),
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


def test_another_accounts_keys_post_nothing(peer: Running) -> None:
    x = X(replace(_account(peer), handle="AnotherSchool"), timeout=1)
    with pytest.raises(NeedsPerson, match="another account"):
        x.publish(POST)
    assert peer.posts() == []


@pytest.mark.parametrize("key", ["consumer_key", "consumer_secret", "access_token", "access_token_secret"])
def test_a_wrong_key_needs_a_person(peer: Running, key: str) -> None:
    x = X(replace(_account(peer), **{key: "wrong-wrong-wrong-wrong"}), timeout=1)
    with pytest.raises(NeedsPerson):
        x.publish(POST)
    assert peer.posts() == []


def test_looking_finds_the_post_though_the_timeline_shows_it_otherwise(x: X) -> None:
    started = datetime.now(UTC)
    sent = x.publish(replace(POST, pictures=(_picture(),)))
    assert x.look_up(POST, started, ()) == sent


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("See castle.example.com for more.", "See https://t.co/abcDEF123 for more."),
        ("See https://castle.example.com/a?b=c", "See https://t.co/abcDEF123"),
        ("Up the tower.It was high.", "Up the https://t.co/abcDEF123 was high."),
        ("Soup & bread", "Soup &amp; bread https://t.co/pictures01"),
        ("(castle.example.com)", "(https://t.co/abcDEF123)"),
    ],
)
def test_a_text_is_known_again_however_x_writes_its_addresses(text: str, shown: str) -> None:
    assert _shows(shown, text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Soup and bread", "Soup and cake"),
        ("Soup and bread", "Soup and bread and cake"),
        ("Soup and bread", "Soup and https://t.co/abcDEF123"),
        ("Soup", "Soup https://t.co/one https://t.co/two"),
        ("Soup at last.", "Soup at https://t.co/abcDEF123"),
    ],
)
def test_another_text_is_not_taken_for_it(text: str, shown: str) -> None:
    assert not _shows(shown, text)


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
    ("kind", "outcome"), [("500_before", NotSent), ("401", NeedsPerson), ("429", NotSent)]
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
@pytest.mark.parametrize("kind", ["500_before", "reset_before", "429", "401"])
def test_removing_without_a_clear_answer_is_not_done(x: X, peer: Running, route: str, kind: str) -> None:
    sent = x.publish(POST)
    peer.fault(route, kind)
    with pytest.raises((NotSent, NeedsPerson)):
        x.remove(None, [sent.remote_id])


def test_a_proxy_in_the_environment_is_ignored(x: X, peer: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    x.publish(POST)
    assert len(peer.posts()) == 1


@pytest.mark.parametrize("fault", ["", "401", "500_after", "reset_after", "unreadable_after"])
def test_no_secret_and_no_text_gets_into_a_log_or_an_error(
    x: X, peer: Running, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.INFO)
    said = ""
    if fault:
        peer.fault("tweets", fault)
    try:
        x.publish(POST)
    except TransportError as error:
        said = f"{error!r} {error} {error.__cause__!r}"
    seen = said + caplog.text + repr(x) + repr(_account(peer)) + repr(POST)
    for secret in (KEYS.consumer_secret, KEYS.access_token_secret, KEYS.access_token, "castle tower"):
        assert secret not in seen


def test_an_address_that_is_not_xs_is_never_called(x: X) -> None:
    call: Callable[..., object] = x._client.session.request
    with pytest.raises(ValueError, match="not the channel's own"):
        call("GET", "https://elsewhere.example/")
