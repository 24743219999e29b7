"""GOV.UK Notify over a real loopback socket: every answer means precisely one thing, and a message is handed over once."""

import logging
import socket
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from tests.practice.running import NOTIFY_KEY, RunningNotify, running_notify
from tripupdates.channels import notify
from tripupdates.channels.contract import (
    ChannelClosed,
    Fate,
    NeedsPerson,
    Note,
    NotSent,
    OutcomeUnknown,
    RefusedByChannel,
    Sent,
    TransportError,
)
from tripupdates.channels.notify import Notify, NotifyAccount
from tripupdates.practice.notify_state import Template, whole
from tripupdates.vocabulary import Channel, Receipt

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[RunningNotify]:
    with running_notify(tmp_path) as peer:
        yield peer


def _way(peer: RunningNotify, way: Channel = Channel.TEXT, key: str = NOTIFY_KEY) -> Notify:
    return Notify(way, NotifyAccount(peer.base, key), timeout=0.5)


@pytest.fixture
def texts(peer: RunningNotify) -> Notify:
    return _way(peer)


def _note(to: str = "+447700900123", **more: str) -> Note:
    return Note(
        **({"to": to, "text": "Arrived safely", "subject": "", "reference": str(uuid.uuid4())} | more)
    )


def test_a_text_goes_to_its_number_once_with_our_reference(texts: Notify, peer: RunningNotify) -> None:
    note = _note()
    sent = texts.publish(note)
    (message,) = peer.messages()
    assert (message["id"], message["to"], message["text"]) == (sent.remote_id, note.to, "Arrived safely")
    assert message["reference"] == note.reference
    texts.publish(_note())
    assert (peer.count("templates"), peer.count("send")) == (1, 2)  # the template is asked for once


def test_a_mail_has_its_subject_and_a_way_to_stop_only_over_https(peer: RunningNotify) -> None:
    mails = _way(peer, Channel.EMAIL)
    for stop in ("http://localhost/stop/x", "https://trips.puddle-lane.example/stop/x"):
        mails.publish(_note("family@home.example", subject="Castle Residential", stop=stop))
    found = peer.messages("email")
    assert [(each["to"], each["subject"], each["stop"]) for each in found] == [
        ("family@home.example", "Castle Residential", "https://trips.puddle-lane.example/stop/x"),
        ("family@home.example", "Castle Residential", ""),
    ]


AFTER_IT_LEFT = [
    ("400", ChannelClosed),
    ("team_only", ChannelClosed),
    ("other", NeedsPerson),
    ("bad_number", RefusedByChannel),
    ("401", ChannelClosed),
    ("403", ChannelClosed),
    ("404", ChannelClosed),
    ("409", OutcomeUnknown),
    ("429", NotSent),
    ("429_day", NotSent),
    ("500_before", OutcomeUnknown),
    ("500_after", OutcomeUnknown),
    ("timeout_before", OutcomeUnknown),
    ("timeout_after", OutcomeUnknown),
    ("reset_before", OutcomeUnknown),
    ("reset_after", OutcomeUnknown),
    ("unreadable_after", OutcomeUnknown),
    ("odd_after", OutcomeUnknown),
    ("redirect", OutcomeUnknown),
]


@pytest.mark.parametrize(("kind", "outcome"), AFTER_IT_LEFT)
def test_each_answer_to_a_message_means_one_thing_and_it_is_handed_over_once(
    texts: Notify, peer: RunningNotify, kind: str, outcome: type[TransportError]
) -> None:
    peer.fault("send", kind, seconds=0.8 if "timeout" in kind else 60)
    with pytest.raises(TransportError) as raised:
        texts.publish(_note())
    assert type(raised.value) is outcome
    assert peer.count("send") == 1


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("403", ChannelClosed),
        ("404", ChannelClosed),
        ("429", NotSent),
        ("500_after", NotSent),
        ("timeout_after", NotSent),
        ("reset_after", NotSent),
        ("unreadable_after", NotSent),
        ("odd_after", NotSent),
        ("redirect", NotSent),
    ],
)
@pytest.mark.parametrize("route", ["templates", "list", "get"])
def test_where_nothing_is_handed_over_nothing_is_ever_unknown(
    texts: Notify, peer: RunningNotify, route: str, kind: str, outcome: type[TransportError]
) -> None:
    peer.fault(route, kind, seconds=0.8 if "timeout" in kind else 60)
    if (route, kind) == ("get", "404"):  # it keeps messages for some days: then nobody knows
        assert texts.fate(str(uuid.uuid4())) == Fate(Receipt.UNKNOWN)
        return
    with pytest.raises(TransportError) as raised:
        if route == "templates":
            texts.publish(_note())
        elif route == "list":
            texts.look_up(_note(), LONG_AGO, ())
        else:
            texts.fate(texts.publish(_note()).remote_id)
    assert type(raised.value) is outcome
    assert peer.count("send") == (route == "get")


@pytest.mark.parametrize("way", [Channel.TEXT, Channel.EMAIL])
@pytest.mark.parametrize(
    "odd",
    [
        [],
        [Template("Trip updates", way, "((message))", "((subject))") for way in ("sms", "email")],
        [
            Template("Trip Updates", way, "Dear ((name)), ((message))", "((subject))")
            for way in ("sms", "email")
        ],
    ],
)
def test_a_template_that_is_missing_is_told_with_what_to_make(
    peer: RunningNotify, way: Channel, odd: list[Template]
) -> None:
    peer.state.templates = odd
    with pytest.raises(ChannelClosed) as raised:
        _way(peer, way).publish(_note())
    assert raised.value.title == notify.MAKE[way]
    assert "“Trip Updates”" in raised.value.title
    assert peer.count("send") == 0


def test_a_template_that_was_changed_meanwhile_is_looked_for_again(
    texts: Notify, peer: RunningNotify
) -> None:
    texts.publish(_note())
    peer.state.templates = []
    with pytest.raises(ChannelClosed):
        texts.publish(_note())
    peer.state.templates = [Template("Trip Updates", "sms", "((message)) ")]
    texts.publish(_note())
    peer.state.templates = whole()
    with pytest.raises(NotSent):
        texts.publish(_note())
    texts.publish(_note())
    assert len(peer.messages()) == 3


def test_a_number_abroad_or_out_of_the_ordinary_keeps_nobody_else_waiting(
    texts: Notify, peer: RunningNotify
) -> None:
    for number in ("+33612345678", "+442079460000"):  # one of them not turned on, the other no mobile
        with pytest.raises(RefusedByChannel):
            texts.publish(_note(number))
    texts.publish(_note())
    assert len(peer.messages()) == 1


def test_limits_are_waited_for_a_minute_or_until_midnight(texts: Notify, peer: RunningNotify) -> None:
    now = datetime.now(UTC)
    for kind, least, most in (("429", 59, 62), ("429_day", 0, 24 * 3600 + 120)):
        peer.fault("send", kind)
        with pytest.raises(NotSent) as raised:
            texts.publish(_note())
        assert raised.value.not_before is not None
        wait = raised.value.not_before - now
        assert timedelta(seconds=least) < wait < timedelta(seconds=most)
        assert kind == "429" or raised.value.not_before.time() == time(0, 1)


def test_another_key_is_not_let_in(peer: RunningNotify) -> None:
    with pytest.raises(ChannelClosed):
        _way(peer, key=NOTIFY_KEY[:-1] + "b").publish(_note())


@pytest.mark.parametrize("kind", ["500_after", "timeout_after", "reset_after", "unreadable_after"])
def test_what_arrived_without_an_answer_is_found_by_its_reference(
    texts: Notify, peer: RunningNotify, kind: str
) -> None:
    texts.publish(_note())
    note = _note()
    peer.fault("send", kind, seconds=0.8)
    with pytest.raises(OutcomeUnknown):
        texts.publish(note)
    arrived = peer.messages()[0]["id"]
    assert texts.look_up(note, LONG_AGO, ()) == Sent(arrived, "")
    now = datetime.now(UTC)
    assert texts.look_up(_note(), now - notify.KEPT + timedelta(minutes=1), ()) is None
    with pytest.raises(NeedsPerson, match="keeps messages for some days only"):
        texts.look_up(_note(), now - notify.KEPT, ())


def test_a_service_that_cannot_be_reached_is_waited_for_and_nothing_is_in_doubt(
    texts: Notify, peer: RunningNotify
) -> None:
    texts.publish(_note())
    peer.stop()
    peer.server.server_close()
    with pytest.raises(NotSent) as raised:
        texts.publish(_note())
    assert raised.value.not_before is not None


@pytest.mark.parametrize(
    ("number", "receipt"),
    [
        ("+447700900123", Receipt.DELIVERED),
        ("+447700900002", Receipt.PERMANENT),
        ("+447700900003", Receipt.TEMPORARY),
        ("+447700900004", Receipt.TECHNICAL),
        ("+447700900005", Receipt.UNKNOWN),
    ],
)
def test_what_became_of_a_text_is_asked_for(
    texts: Notify, peer: RunningNotify, number: str, receipt: Receipt
) -> None:
    peer.state.ends |= {"+447700900004": "technical-failure", "+447700900005": "sent"}
    sent = texts.publish(_note(number, text="a" * 161))
    assert texts.fate(sent.remote_id) == Fate(Receipt.WAITING)
    peer.state.arrives_after = timedelta(0)
    assert texts.fate(sent.remote_id) == Fate(receipt, 0 if receipt is Receipt.TECHNICAL else 2)


def test_nobody_can_call_a_message_back(texts: Notify) -> None:
    with pytest.raises(RefusedByChannel, match="cannot be called back"):
        texts.remove(None, ["x"])


def test_no_number_text_or_key_is_logged_or_shown(
    texts: Notify, peer: RunningNotify, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    note = _note(text="Arrived at the secret castle", html="<p>secret castle")
    texts.publish(note)
    peer.fault("send", "bad_number")
    with pytest.raises(RefusedByChannel):
        texts.publish(note)
    texts.look_up(note, LONG_AGO, ())
    ours = " ".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("werkzeug")
    )
    shown = ours + repr(note) + repr(NotifyAccount(peer.base, NOTIFY_KEY))
    for secret in ("447700900123", "secret castle", NOTIFY_KEY[-36:], note.reference[:8] + "/"):
        assert secret not in shown


def test_no_redirect_and_no_proxy_is_followed(peer: RunningNotify, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as proxy:
        proxy.bind(("127.0.0.1", 0))
        proxy.listen()
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        _way(peer).publish(_note())
    assert len(peer.messages()) == 1
