"""The words of the trade: who may act, the states an update and a delivery go through, and how we refuse.

Imports nothing of ours, so that every room may speak it.
"""

from enum import StrEnum


class Role(StrEnum):
    """What a person at school may do. Pupils and parents have no accounts (law 8)."""

    STAFF = "staff"
    APPROVER = "approver"
    OFFICE = "office"


class Channel(StrEnum):
    """A way by which something approved reaches people outside."""

    FAMILIES = "families"
    WEBSITE = "website"
    X = "x"
    APP = "app"  # the class app, such as SeeSaw, that only people can post to: somebody hands it over
    TEXT = "text"
    EMAIL = "email"


# Channels made of pages: rendered whole from what is approved now, so a photo can leave and the words stay.
PAGES = frozenset({Channel.FAMILIES, Channel.WEBSITE})
# Channels that show pictures. Consent is asked for each (law 1); on the others no pupil is ever pictured.
PICTURED = (Channel.FAMILIES, Channel.WEBSITE, Channel.X, Channel.APP)
# Where only people can post, and take down. No worker goes there: what is due waits for somebody at school.
BY_HAND = frozenset({Channel.APP})
# Where anybody in the world looks. A school may decide to show no face there.
PUBLIC = frozenset({Channel.WEBSITE, Channel.X})
# Channels that go to each family for itself, in words alone: ready messages and urgent notices.
TO_FAMILIES = (Channel.TEXT, Channel.EMAIL)

CHANNEL_NAMES = {
    Channel.FAMILIES: "Families’ page",
    Channel.WEBSITE: "School website",
    Channel.X: "X (Twitter)",
    Channel.APP: "Class app",
    Channel.TEXT: "Text message",
    Channel.EMAIL: "E-mail",
}
SHORT_NAMES = CHANNEL_NAMES | {
    Channel.FAMILIES: "Families",
    Channel.WEBSITE: "Website",
    Channel.X: "X",
    Channel.TEXT: "Text",
}


class Kind(StrEnum):
    """What an update is. Only the first two are always about a trip."""

    TRIP = "trip"  # posted by accompanying staff
    MESSAGE = "message"  # one of the ready messages that were approved before the trip
    NEWS = "news"  # of the school
    NOTICE = "notice"  # of the school, for a while
    URGENT = "urgent"  # a closure, a late coach: of the school or a trip, everywhere at once, for a while
    NEWSLETTER = "newsletter"


# What has a title, and is written for the school rather than from a trip; what is so for a while; what may have photos.
OF_THE_SCHOOL = frozenset({Kind.NEWS, Kind.NOTICE, Kind.URGENT, Kind.NEWSLETTER})
LASTING = frozenset({Kind.NOTICE, Kind.URGENT})
WITH_PHOTOS = frozenset({Kind.TRIP, Kind.MESSAGE, Kind.NEWS})

# Where each kind can appear. The policy: text messages and e-mails carry news of how a trip stands, and what is urgent.
OFFERED: dict[Kind, tuple[Channel, ...]] = {
    Kind.TRIP: PICTURED,
    Kind.MESSAGE: (Channel.FAMILIES, Channel.WEBSITE, Channel.X, *TO_FAMILIES),
    Kind.NEWS: (Channel.WEBSITE, Channel.X, Channel.APP),
    Kind.NOTICE: (Channel.WEBSITE, Channel.X),
    Kind.URGENT: (Channel.FAMILIES, Channel.WEBSITE, Channel.X, *TO_FAMILIES),
    Kind.NEWSLETTER: (Channel.WEBSITE, Channel.X),
}
KIND_NAMES = {
    Kind.TRIP: "Trip update",
    Kind.MESSAGE: "Ready message",
    Kind.NEWS: "School news",
    Kind.NOTICE: "Notice",
    Kind.URGENT: "Urgent notice",
    Kind.NEWSLETTER: "Newsletter",
}


class UpdateState(StrEnum):
    """Where an update stands on its path. What became of each delivery is told by its own state."""

    DRAFT = "draft"
    WAITING = "waiting"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    TAKEN_DOWN = "taken_down"


class Move(StrEnum):
    """What can be done to an update."""

    EDIT = "edit"
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    TAKE_DOWN = "take_down"


MOVES: dict[tuple[UpdateState, Move], UpdateState] = {
    (UpdateState.DRAFT, Move.EDIT): UpdateState.DRAFT,
    (UpdateState.RETURNED, Move.EDIT): UpdateState.DRAFT,
    (UpdateState.WAITING, Move.EDIT): UpdateState.DRAFT,
    (UpdateState.APPROVED, Move.EDIT): UpdateState.DRAFT,  # only while nothing has been sent: see journey
    (UpdateState.DRAFT, Move.SUBMIT): UpdateState.WAITING,
    (UpdateState.RETURNED, Move.SUBMIT): UpdateState.WAITING,
    (UpdateState.WAITING, Move.APPROVE): UpdateState.APPROVED,
    (UpdateState.WAITING, Move.RETURN): UpdateState.RETURNED,
    (UpdateState.WAITING, Move.REJECT): UpdateState.REJECTED,
    (UpdateState.APPROVED, Move.TAKE_DOWN): UpdateState.TAKEN_DOWN,
}


class Order(StrEnum):
    """What the outbox is asked to do with an update on a channel."""

    PUBLISH = "publish"
    REMOVE = "remove"


class DeliveryState(StrEnum):
    """Where one order stands. Every change is one UPDATE that names the state it expects (law 6)."""

    PENDING = "pending"  # to be done when due
    SENDING = "sending"  # the attempt is written down; the wire may have been touched
    UNSURE = "unsure"  # nobody knows whether it arrived: to be looked up
    CHECKING = "checking"  # being looked up
    SENT = "sent"  # confirmed: live, or gone
    REFUSED = "refused"  # the channel said no, for good
    STOPPED = "stopped"  # we took it back before it was sent
    NEEDS_PERSON = "needs_person"  # only a person can go on


class Deed(StrEnum):
    """What somebody at school did, or said, about an order whose end no program can see."""

    OPENED = "opened"  # took words and pictures out, to post them by hand
    THERE = "there"  # said that it is there
    NOT_THERE = "not_there"  # said that it is not, and that it goes out yet
    LEFT_OUT = "left_out"  # said that it is not, and stays out
    GONE = "gone"  # said that it was taken down


class Receipt(StrEnum):
    """What is known of a message after it was handed over: whether it reached a phone, or an inbox."""

    WAITING = "waiting"  # it is asked for
    DELIVERED = "delivered"
    PERMANENT = "permanent-failure"  # no such number or address, or it takes nothing from us
    TEMPORARY = "temporary-failure"  # switched off, or full, for three days
    TECHNICAL = "technical-failure"  # between the service and the networks; it is not charged
    UNKNOWN = "not-known"  # nobody said within three days, or nobody will


class News(StrEnum):
    """What a person at school is told by e-mail, and on their phone where they wish."""

    WAITING = "waiting"  # an update waits for a decision
    URGENT = "urgent"  # an urgent notice waits for a second person, now
    APPROVED = "approved"  # an update of theirs was decided on
    SENT_BACK = "sent_back"
    REJECTED = "rejected"
    TEST = "test"  # they asked whether they can be told at all
    NEW_SIGN_IN = "new_sign_in"  # somebody signed in as them with a device not seen before
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a word, not a password
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_COPIED = "passkey_copied"  # one of theirs was used as if there were two of it
    CODES_CHANGED = "codes_changed"  # the app that makes their sign-in codes was set up, or taken away
    ACCOUNT_CLOSED = "account_closed"
    NEEDS_PERSON = "needs_person"  # for the office: an order goes on only when somebody looks at it
    CHANNEL_SHUT = "channel_shut"  # nothing is published there until somebody has mended the account
    NOT_GONE = "not_gone"  # a removal is not confirmed after a quarter of an hour
    WORKER_SILENT = "worker_silent"  # nothing is delivered or removed
    TAKE_OUT = "take_out"  # something must be taken down by hand, now
    STILL_OUT = "still_out"  # and nobody has said yet that it is gone
    HAND_OVER = "hand_over"  # something approved has waited long for somebody to post it by hand
    POLICY_DUE = "policy_due"  # for the office: the policy is to be looked at again within a month
    POLICY_OVERDUE = "policy_overdue"


class Way(StrEnum):
    """How a person is told."""

    EMAIL = "email"
    PUSH = "push"


class Stage(StrEnum):
    """Why it is this person's turn to hear that something waits."""

    FIRST = "first"
    REMINDER = "reminder"
    DEPUTIES = "deputies"


class SendingState(StrEnum):
    """Where one mail or push stands. An attempt is written down before the wire."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"  # the mail server, or the push service, has it
    FAILED = "failed"  # given up, or refused for good
    STOPPED = "stopped"  # there was nothing left to tell


class Severity(StrEnum):
    """What a finding in the words of an update means for its author."""

    STOP = "stop"  # cannot be submitted
    ASK = "ask"  # the approver must give a reason to let it pass
    NOTE = "note"  # worth a look


class Refused(Exception):
    """The software says no, kindly. `title` is one sentence that a teacher understands; nothing was changed.

    `reasons` holds further sentences where there is more than one thing to mend. `status` is the HTTP answer.
    """

    status = 422

    def __init__(self, title: str, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(title)
        self.title = title
        self.reasons = reasons


class NotFound(Refused):
    """It does not exist, or this person may not know that it does."""

    status = 404


class Forbidden(Refused):
    """This person may not do this."""

    status = 403


class Conflict(Refused):
    """Someone was quicker, or what was seen is no longer what is there."""

    status = 409


class TooLarge(Refused):
    """More bytes or pixels than we take."""

    status = 413


class Busy(Refused):
    """Too much at once: the same again in a minute will do."""

    status = 503
