"""GOV.UK Notify, for text messages or for e-mail: a finished note goes to one number or address, and what became of it is said.

Notify keeps our reference with each message, so an unknown outcome is looked up by it. The client turns a read time-out
into the same error as a 503, with no response in it, and is not thread-safe: each lane has a `Notify` of its own.
Sources: docs.notifications.service.gov.uk (Python client: errors, limits, statuses), notifications-python-client 13.
"""

import math
import re
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient

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
from tripupdates.channels.http import OneHost, never_connected
from tripupdates.vocabulary import Channel, Receipt

HOST = "https://api.notifications.service.gov.uk"
TEMPLATE = "Trip Updates"
TYPES = {Channel.TEXT: "sms", Channel.EMAIL: "email"}
KEPT = timedelta(days=3)  # the least that a service may choose; a week unless it says otherwise
A_MINUTE = timedelta(minutes=1)

NO_CONNECTION = "GOV.UK Notify could not be reached. We try again."
NO_ANSWER = "GOV.UK Notify gave no clear answer. We look whether it has the message."
UNCLEAR = "GOV.UK Notify gave no clear answer. We ask again."
BUSY = "GOV.UK Notify asks us to wait a minute."
FULL = "The school has sent as many messages as GOV.UK Notify takes in a day. We go on after midnight."
NOT_LET_IN = (
    "GOV.UK Notify does not accept the school’s key, or this computer’s clock is wrong. Somebody must renew the key in the "
    "settings, or set the clock, then press “Try again”."
)
MAKE = {
    Channel.TEXT: (
        f"GOV.UK Notify has no template for this. Sign in there, make a text message template named “{TEMPLATE}” whose "
        "message is ((message)) and nothing else, then press “Try again”."
    ),
    Channel.EMAIL: (
        f"GOV.UK Notify has no template for this. Sign in there, make an email template named “{TEMPLATE}” whose subject is "
        "((subject)) and whose message is ((message)), each with nothing else, then press “Try again”."
    ),
}
CHANGED = "The template at GOV.UK Notify was changed meanwhile. We try again."
BAD = {
    Channel.TEXT: "GOV.UK Notify says that this is no mobile number.",
    Channel.EMAIL: "GOV.UK Notify says that this is no e-mail address.",
}
ABROAD = "GOV.UK Notify refused it: it is a number abroad, and texts to those may not be turned on there."
ODD = (
    "GOV.UK Notify refused it, and not because of the number or address. Sign in there to see whether the service may send, "
    "then say here what now."
)
NOT_LIVE = (
    "GOV.UK Notify sends nothing to families yet: the school’s service there is in trial mode, its key is for the team only, "
    "or it may not send this way. Ask there to go live, or put a live key into the settings, then press “Try again”."
)
# The kind is the same for whatever else is wrong, so here the words count. Were they to change, a person is asked.
SERVICE = re.compile(r"trial mode|team-only|not allowed to send")
TOO_LONG_AGO = "GOV.UK Notify keeps messages for some days only, so nobody can find out any more whether it has this one."
CANNOT_RECALL = "What GOV.UK Notify has taken cannot be called back."

# What the client, or a look into its answer, raises for an odd body: the request itself was sent.
_ODD = (AttributeError, TypeError, KeyError, ValueError, IndexError)

RECEIPTS = {
    "delivered": Receipt.DELIVERED,
    "permanent-failure": Receipt.PERMANENT,
    "temporary-failure": Receipt.TEMPORARY,
    "technical-failure": Receipt.TECHNICAL,
    "sent": Receipt.UNKNOWN,  # abroad: some countries' networks never say
}


@dataclass(frozen=True)
class NotifyAccount:
    """The school's service at GOV.UK Notify: where its interface is, and its key."""

    base: str
    key: str = field(repr=False)


class Notify:
    """Satisfies `contract.Channel[Note]` and `contract.Receipts`, for one of the two ways."""

    def __init__(
        self,
        way: Channel,
        account: NotifyAccount,
        timeout: float = 10.0,
        settle: timedelta = timedelta(seconds=75),
        misses_needed: int = 2,
        tells_after: timedelta = timedelta(seconds=10),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.settle, self.misses_needed = settle, misses_needed
        self.tells_after, self._clock = tells_after, clock
        self.longest = timedelta(
            seconds=6 * timeout
        )  # three requests: the template, the note, and once more the template
        self._way = way
        self._client = NotificationsAPIClient(account.key, base_url=HOST)
        self._client.request_session = OneHost(account.base, timeout, (HOST + "/",))
        self._template = ""

    def publish(self, message: Note) -> Sent:
        """Hand it over, once. Raises OutcomeUnknown where it may be there; any other error while nothing has left."""
        template = self._template = self._template or self._find_template()
        try:
            with _after_it_left(self._clock()):
                return self._taken(self._send(template, message))
        except _Wrong as wrong:
            if wrong.about_the_recipient:
                raise RefusedByChannel(BAD[self._way]) from None
            if wrong.about_the_service:
                raise ChannelClosed(NOT_LIVE) from None
        self._template = ""  # if there is none any more, it is looked for the next time as well
        self._template = self._find_template()
        if self._template != template:
            raise NotSent(CHANGED)
        if self._way is Channel.TEXT and not message.to.startswith("+44"):
            raise RefusedByChannel(ABROAD)
        raise NeedsPerson(ODD)

    def look_up(self, message: Note, since: datetime, known: Collection[str]) -> Sent | None:
        """Find it by its reference. Raises NotSent, ChannelClosed, or NeedsPerson where it may be forgotten there."""
        with _asking(self._clock()):
            found = self._client.get_all_notifications(reference=message.reference)["notifications"]
            ours = [each for each in found if each["reference"] == message.reference]
            if ours:
                return self._taken(ours[-1])
        if self._clock() - since > KEPT:
            raise NeedsPerson(TOO_LONG_AGO)
        return None

    def remove(self, message: Note | None, remote_ids: Sequence[str]) -> None:
        """Nobody can: nothing orders it. Raises RefusedByChannel."""
        raise RefusedByChannel(CANNOT_RECALL)

    def fate(self, remote_id: str) -> Fate:
        """Whether it reached its phone, or its inbox. Raises NotSent or ChannelClosed."""
        with _asking(self._clock()):
            try:
                return _fate(self._client.get_notification_by_id(remote_id))
            except APIError as error:
                if error.status_code == 404:  # kept for some days only
                    return Fate(Receipt.UNKNOWN)
                raise

    def _find_template(self) -> str:
        """Its id, by its name and by what must stand in it. Raises NotSent or ChannelClosed."""
        with _asking(self._clock()):
            found = self._client.get_all_templates(template_type=TYPES[self._way])["templates"]
            fit = [str(each["id"]) for each in found if each["name"] == TEMPLATE and self._fits(each)]
        if not fit:
            raise ChannelClosed(MAKE[self._way])
        return fit[0]

    def _fits(self, template: Mapping[str, Any]) -> bool:
        subject = template["subject"] if self._way is Channel.EMAIL else "((subject))"
        return (template["body"].strip(), subject.strip()) == ("((message))", "((subject))")

    def _send(self, template: str, note: Note) -> Any:
        if self._way is Channel.TEXT:
            return self._client.send_sms_notification(
                note.to, template, {"message": note.text}, reference=note.reference
            )
        return self._client.send_email_notification(
            note.to,
            template,
            {"message": note.text, "subject": note.subject},
            reference=note.reference,
            one_click_unsubscribe_url=note.stop if note.stop.startswith("https:") else None,
        )

    @staticmethod
    def _taken(answer: Mapping[str, Any]) -> Sent:
        return Sent(str(uuid.UUID(answer["id"])), "")  # an odd id is no clear answer


def _fate(answer: Mapping[str, Any]) -> Fate:
    receipt = RECEIPTS.get(answer["status"], Receipt.WAITING)
    cost = (answer.get("cost_details") or {}) if answer.get("is_cost_data_ready") else {}
    if receipt is Receipt.TECHNICAL:
        return Fate(receipt, 0)
    if "billable_sms_fragments" not in cost:
        return Fate(receipt)
    return Fate(
        receipt, math.ceil(cost["billable_sms_fragments"] * cost.get("international_rate_multiplier", 1))
    )


class _Wrong(Exception):
    """A 400: `about_the_recipient`, `about_the_service`, so for all, or about the template or the message."""

    def __init__(self, about_the_recipient: bool, about_the_service: bool) -> None:
        super().__init__()
        self.about_the_recipient, self.about_the_service = about_the_recipient, about_the_service


@contextmanager
def _asking(now: datetime) -> Iterator[None]:
    """While nothing is sent: whatever goes wrong, it may be tried again, or a person must help."""
    try:
        yield
    except TransportError:
        raise
    except APIError as error:
        raise _meaning(error, now) or NotSent(UNCLEAR) from None
    except _ODD:
        raise NotSent(UNCLEAR) from None


@contextmanager
def _after_it_left(now: datetime) -> Iterator[None]:
    """Around the message itself: only a recognised 4xx, or a connection that never was, says that nothing is there."""
    try:
        yield
    except APIError as error:
        if error.status_code == 400:
            raise _Wrong(
                "ValidationError" in _kinds(error), bool(SERVICE.search(str(error.message)))
            ) from None
        raise _meaning(error, now) or OutcomeUnknown(NO_ANSWER) from None
    except _ODD:
        raise OutcomeUnknown(NO_ANSWER) from None


def _meaning(error: APIError, now: datetime) -> TransportError | None:
    """What an answer says for certain of any request; None where it says nothing (5xx, time-outs, redirects)."""
    if never_connected(error.__cause__):
        return NotSent(NO_CONNECTION, now + A_MINUTE)
    if error.status_code in {401, 403, 404}:
        return ChannelClosed(NOT_LET_IN)
    if error.status_code != 429:
        return None
    if "TooManyRequestsError" in _kinds(error):  # limits of a day end at midnight
        return NotSent(
            FULL, datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(0, 1), UTC)
        )
    return NotSent(BUSY, now + A_MINUTE)


def _kinds(error: APIError) -> set[str]:
    """The kinds of what was wrong. Notify's words may change, its kinds do not."""
    said = error.message
    return (
        {str(each.get("error")) for each in said if isinstance(each, dict)}
        if isinstance(said, list)
        else set()
    )
