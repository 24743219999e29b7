"""What every channel promises, and the only things it is ever given.

A channel gets a finished message. It never sees records, requests or consent, and it never decides to try again:
it says precisely what happened, and the outbox decides (law 6).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar, runtime_checkable

from tripupdates.vocabulary import Receipt

M_contra = TypeVar("M_contra", contravariant=True)


@dataclass(frozen=True)
class Picture:
    """A cleaned photo, ready to publish: JPEG bytes without metadata, and its alt text (at most 1,000 characters)."""

    jpeg: bytes = field(repr=False)
    alt: str = field(repr=False)


@dataclass(frozen=True)
class Post:
    """One short message with at most four pictures, for a channel that takes posts (X)."""

    text: str = field(repr=False)
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Tree:
    """Everything that should stand on a channel made of pages: no more and no less.

    `pages` maps a path below the channel's root to its bytes. `photos` maps a path to the name of a rendition in the
    photo store; `read` fetches those bytes when, and only when, the channel lacks them. `entry` leads from the root to
    the update that this is about. `gone` are paths that a removal takes away or rewrites, for caches to forget.
    `plain` says why the school's own templates were not used where they should be; '' where nothing is wrong.
    """

    pages: Mapping[str, bytes] = field(repr=False)
    photos: Mapping[str, str] = field(repr=False)
    read: Callable[[str], bytes] = field(repr=False)
    entry: str = ""
    gone: tuple[str, ...] = ()
    plain: str = ""


@dataclass(frozen=True)
class Note:
    """A message to one number or address. `reference` is our own name for it, for good; nobody else has the same.

    `subject`, `html` and `stop`, the address by which whoever reads it asks for no more, are for e-mail alone. A note that
    is only looked for needs its reference.
    """

    to: str = field(repr=False)
    text: str = field(repr=False)
    subject: str = field(repr=False)
    reference: str
    html: str = field(default="", repr=False)
    stop: str = field(default="", repr=False)


@dataclass(frozen=True)
class Sent:
    """It is there. `remote_id` is the channel's own name for it, '' where it has none; `link` leads to it."""

    remote_id: str
    link: str


class TransportError(Exception):
    """Sending did not simply work. `title` is a sentence for staff; it holds no text, name or secret."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.title = title


class NotSent(TransportError):
    """Nothing was published, and it may be tried again.

    Where the channel named a time, nothing of this kind can be done there before `not_before`.
    """

    def __init__(self, title: str, not_before: datetime | None = None) -> None:
        super().__init__(title)
        self.not_before = not_before


class RefusedByChannel(TransportError):
    """The channel understood and said no. Sending the same again cannot help."""


class NeedsPerson(TransportError):
    """Nothing was published, and nothing will be until a person has mended something (credentials, credits)."""


class ChannelClosed(NeedsPerson):
    """Nothing at all can be published here until a person has mended the account: credentials, credits."""


class OutcomeUnknown(TransportError):
    """Bytes left, and no trustworthy answer came back. It may be there: look it up before any second try."""


class NoWayToLook(TransportError):
    """This channel can never be asked what became of an attempt. It may be sent once more under the same name, and no more."""


@dataclass(frozen=True)
class Fate:
    """What a channel says of a message that it has. `parts` is how many it charges for; None where it does not say."""

    receipt: Receipt
    parts: int | None = None


class Channel(Protocol[M_contra]):
    """How the outbox speaks to a place. `M_contra` is the kind of message it takes."""

    @property
    def settle(self) -> timedelta:
        """How long after an unknown outcome a look-up can first be trusted."""
        ...

    @property
    def longest(self) -> timedelta:
        """How long an attempt can last before its outcome is settled one way or the other."""
        ...

    @property
    def misses_needed(self) -> int:
        """How many look-ups must find nothing before it may be sent again."""
        ...

    def publish(self, message: M_contra) -> Sent:
        """Put it there, once. Raises a TransportError that says exactly what is known."""
        ...

    def look_up(self, message: M_contra, since: datetime, known: Collection[str]) -> Sent | None:
        """Find what an attempt made at or after `since` may have left; `known` are remote ids of other updates.

        None means looked and not found. Raises NotSent where looking was not possible now, NeedsPerson where a
        person must mend something first, NoWayToLook where looking never tells.
        """
        ...

    def remove(self, message: M_contra, remote_ids: Sequence[str]) -> None:
        """Make it gone and confirm that it is. Returns only when confirmed; raises a TransportError otherwise."""
        ...


@runtime_checkable
class Named(Protocol[M_contra]):
    """A place where what was published has a name that a person can read off: they may tell us which it is."""

    def named(self, said: str) -> Sent:
        """What somebody names. Raises ValueError with a sentence where that is no name of something of ours."""
        ...

    def confirm(self, message: M_contra, sent: Sent) -> bool:
        """Whether it is there, and says this. Raises a TransportError where that cannot be asked now."""
        ...


@runtime_checkable
class Receipts(Protocol):
    """A channel that says later whether a message reached its phone, or its inbox."""

    @property
    def tells_after(self) -> timedelta:
        """How long after a message was handed over there can first be something to say."""
        ...

    def fate(self, remote_id: str) -> Fate:
        """What is known by now. Raises a TransportError where it cannot be asked."""
        ...
