"""A mail server that is not there."""

import socket
from dataclasses import replace

from tests.factories import School
from tripupdates.channels.email import Mail
from tripupdates.channels.mail_url import MailServer
from tripupdates.house import House


def with_dead_mail(school: School) -> House:
    """The school's house, with a mail server where nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = MailServer("127.0.0.1", port, "plain", "trips@puddle-lane.example")
    return replace(school.house, mail=Mail(server, "Puddle Lane", timeout=2))
