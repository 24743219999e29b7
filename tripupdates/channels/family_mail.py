"""E-mail to families by the school's own mail server, where it has no service at GOV.UK Notify.

A mail server can never be asked whether it took a mail. So one whose fate is unknown is sent once more, with the same
Message-ID, by which mail programs show two copies as one; and never a third time.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tripupdates.channels.contract import (
    ChannelClosed,
    NeedsPerson,
    Note,
    NotSent,
    NoWayToLook,
    RefusedByChannel,
    Sent,
)
from tripupdates.channels.email import Letter, Mail, ServerDown

A_MINUTE = timedelta(minutes=1)
CANNOT_LOOK = (
    "Nobody can find out any more whether the mail server took the mail. It may have arrived, even twice."
)
CANNOT_RECALL = "A mail that the mail server has taken cannot be called back."
NOT_LET_IN = "{} Somebody must mend MAIL_URL in the settings, then press “Try again”."


@dataclass(frozen=True)
class FamilyMail:
    """Satisfies `contract.Channel[Note]`. `clock` says when a mail was written."""

    mail: Mail
    clock: Callable[[], datetime]
    settle: timedelta = timedelta(0)  # there is nothing to wait for
    longest: timedelta = timedelta(minutes=2)
    misses_needed: int = 1

    def publish(self, message: Note) -> Sent:
        """Hand it over, once. Raises NotSent, ChannelClosed or RefusedByChannel while nothing left; OutcomeUnknown after."""
        now = self.clock()
        letter = Letter(
            message.to, message.subject, message.text, message.html, now, message.reference, message.stop
        )
        try:
            self.mail.send(letter)
        except ServerDown as no:  # for everybody, not for this address
            raise NotSent(no.title, now + A_MINUTE) from no
        except NeedsPerson as no:
            raise ChannelClosed(NOT_LET_IN.format(no.title)) from no
        return Sent("", "")

    def look_up(self, message: Note, since: datetime, known: Collection[str]) -> Sent | None:
        """Raises NoWayToLook."""
        raise NoWayToLook(CANNOT_LOOK)

    def remove(self, message: Note | None, remote_ids: Sequence[str]) -> None:
        """Nobody can: nothing orders it. Raises RefusedByChannel."""
        raise RefusedByChannel(CANNOT_RECALL)
