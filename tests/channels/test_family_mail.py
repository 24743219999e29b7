"""E-mail to families by the school's own server, over a real loopback socket: what each answer means, and its headers."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import MONDAY
from tests.practice.telling import running_mail
from tripupdates.channels.contract import (
    ChannelClosed,
    Note,
    NotSent,
    NoWayToLook,
    OutcomeUnknown,
    RefusedByChannel,
    Sent,
    TransportError,
)
from tripupdates.channels.email import Mail
from tripupdates.channels.family_mail import FamilyMail
from tripupdates.channels.mail_url import MailServer
from tripupdates.practice.mail import Box

STOP = "https://trips.puddle-lane.example/messages/stop/abc"
NOTE = Note("rose@home.example", "Arrived", "Arrived (Castle)", "one", "<p>Arrived", STOP)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[tuple[Box, FamilyMail]]:
    with running_mail(tmp_path) as (box, server):
        yield box, FamilyMail(Mail(server, "Puddle Lane"), lambda: MONDAY)


def test_a_mail_says_how_to_stop_by_its_headers_too(box: tuple[Box, FamilyMail]) -> None:
    kept, mails = box
    assert mails.publish(NOTE) == Sent("", "")
    (mail,) = kept.mails()
    assert (mail["To"], mail["Subject"]) == ("rose@home.example", "Arrived (Castle)")
    assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) == (
        f"<{STOP}>",
        "List-Unsubscribe=One-Click",
    )
    assert mail["Message-ID"] == "<one@puddle-lane.example>"


def test_a_mail_program_is_offered_one_click_only_over_https(box: tuple[Box, FamilyMail]) -> None:
    kept, mails = box
    mails.publish(Note("a@home.example", "x", "x", "one", "<p>x", "http://localhost/messages/stop/abc"))
    (mail,) = kept.mails()
    assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) == (
        "<http://localhost/messages/stop/abc>",
        None,
    )


@pytest.mark.parametrize(
    ("step", "answer", "outcome"),
    [
        ("rcpt", "550 no such user", RefusedByChannel),
        ("rcpt", "451 later", NotSent),
        ("data", "554 refused", RefusedByChannel),
        ("data", "451 later", NotSent),
    ],
)
def test_each_answer_means_one_thing(
    box: tuple[Box, FamilyMail], step: str, answer: str, outcome: type[TransportError]
) -> None:
    kept, mails = box
    kept.plan(step, answer)
    with pytest.raises(outcome) as raised:
        mails.publish(NOTE)
    assert getattr(raised.value, "not_before", None) is None  # of this address alone: nobody else waits
    assert kept.mails() == []


def test_where_the_server_hangs_up_nobody_can_ever_know(box: tuple[Box, FamilyMail]) -> None:
    kept, mails = box
    kept.hangs_up = True
    with pytest.raises(OutcomeUnknown):
        mails.publish(NOTE)
    with pytest.raises(NoWayToLook):
        mails.look_up(NOTE, MONDAY, ())
    with pytest.raises(RefusedByChannel, match="cannot be called back"):
        mails.remove(None, [])


def test_a_server_that_is_away_is_waited_for_by_all() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = MailServer("127.0.0.1", port, "plain", "trips@puddle-lane.example")
    with pytest.raises(NotSent) as raised:
        FamilyMail(Mail(server, "Puddle Lane", timeout=1), lambda: MONDAY).publish(NOTE)
    assert raised.value.not_before == MONDAY + timedelta(minutes=1)


def test_a_server_that_does_not_let_us_in_is_a_persons(tmp_path: Path) -> None:
    with running_mail(tmp_path) as (_, server):
        odd = MailServer(server.host, server.port, "plain", server.sender, "user", "wrong")
        with pytest.raises(ChannelClosed, match="MAIL_URL"):
            FamilyMail(Mail(odd, "Puddle Lane"), lambda: MONDAY).publish(NOTE)
