"""E-mail, by the school's own mail server. Gets a finished letter; says precisely what became of it."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from tripupdates.channels.contract import (
    NeedsPerson,
    NotSent,
    OutcomeUnknown,
    RefusedByChannel,
    TransportError,
)
from tripupdates.channels.mail_url import MailServer, one_address

TIMEOUT = 20.0  # seconds for each step
WIRE = (smtplib.SMTPException, OSError)


class ServerDown(NotSent):
    """The mail server could not be spoken to: that is nobody's address, and holds for everyone."""


class ServerRefuses(NeedsPerson):
    """The mail server does not take mail from us: a person must mend the settings."""


class AddressRefused(RefusedByChannel):
    """The mail server says that there is no such address, or takes nothing for it."""


@dataclass(frozen=True)
class Letter:
    """One mail to one person: plain text, and the same as HTML. `id` names this mail, for good.

    `stop` is an address by which whoever reads it asks for no more, '' where there is no such thing.
    """

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    at: datetime
    id: str
    stop: str = field(default="", repr=False)


class Mail:
    """The school's mail server."""

    def __init__(self, server: MailServer, name: str, timeout: float = TIMEOUT) -> None:
        """`name` is who the mails say that they are from."""
        self._server, self._name, self._timeout = server, " ".join(name.split()), timeout

    def check(self) -> None:
        """Greet the server, sign in, and leave. Raises ServerDown or ServerRefuses."""
        with self._connected() as smtp:
            smtp.noop()

    def send(self, letter: Letter) -> None:
        """Hand one letter over; returns once the server has taken it. Raises a TransportError that says what is known."""
        try:
            message = self._message(letter)
        except ValueError as error:
            raise AddressRefused("The address is not an e-mail address.") from error
        with self._connected() as smtp:
            _hand_over(smtp, self._server.sender, letter.to, message.as_bytes())

    def _message(self, letter: Letter) -> EmailMessage:
        """Every header is one line: the policy refuses anything else, with ValueError."""
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(self._name, addr_spec=self._server.sender)
        message["To"] = one_address(letter.to)
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(letter.at)
        message["Message-ID"] = f"<{letter.id}@{self._server.sender.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        if letter.stop:
            message["List-Unsubscribe"] = f"<{letter.stop}>"
            if letter.stop.startswith("https:"):  # RFC 8058: mail programs then have a button of their own
                message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        return message

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        try:
            smtp = self._connect()
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            raise ServerRefuses(
                "The mail server does not let us in: its user, password or encryption is not right."
            ) from error
        except WIRE as error:
            raise ServerDown("The mail server cannot be reached.") from error
        try:
            yield smtp
        except smtplib.SMTPServerDisconnected as error:
            raise ServerDown("The mail server hung up.") from error
        except OSError as error:  # every other smtplib error is one as well, and was told apart by now
            raise ServerDown("The mail server stopped answering.") from error
        finally:
            _leave(smtp)

    def _connect(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        smtp: smtplib.SMTP
        if server.secure == "tls":
            smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
        try:
            smtp.ehlo_or_helo_if_needed()
            if server.secure == "starttls":
                smtp.starttls(context=context)
                smtp.ehlo()
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp


def _leave(smtp: smtplib.SMTP) -> None:
    """What was said is said: a server that hangs up at the goodbye has taken the letter all the same."""
    try:
        smtp.quit()
    except WIRE:
        smtp.close()


def _hand_over(smtp: smtplib.SMTP, sender: str, to: str, data: bytes) -> None:
    """The three steps of RFC 5321, each with its own meaning: a 4xx may do later, a 5xx never will."""
    code, _ = smtp.mail(sender)
    if code >= 400:
        raise _no(code, ServerRefuses("The mail server takes no mail from this sender."))
    code, _ = smtp.rcpt(one_address(to))
    if code >= 400:
        raise _no(code, AddressRefused("The mail server refuses this address."))
    try:
        code, _ = smtp.data(data)
    except smtplib.SMTPDataError as error:  # it did not even want the text
        raise _no(error.smtp_code, RefusedByChannel("The mail server refused the mail.")) from error
    except WIRE as error:
        raise OutcomeUnknown("The mail server hung up before it said whether it took the mail.") from error
    if code >= 400:
        raise _no(code, RefusedByChannel("The mail server refused the mail."))


def _no(code: int, for_good: TransportError) -> TransportError:
    return for_good if code >= 500 else NotSent("The mail server asks to come back later.")
