"""May this photo appear there? Pure, and the only place that says so (laws 1, 2 and 3)."""

from collections.abc import Collection, Mapping
from uuid import UUID

from tripupdates.vocabulary import Channel

# A picture of one pupil alone is for the families only: "pupils only in group images" (the school's policy).
GROUP_IMAGES_ONLY = frozenset({Channel.WEBSITE, Channel.X})

UNANSWERED = "Nobody has said yet who is in this photo."
NO_CONSENT = "This photo cannot be shown here."
ALONE = "Only group pictures can go here, and one pupil alone is in this one."

Consents = Mapping[UUID, Collection[Channel]]


def can_be_shown(consents: Consents, pupil: UUID, channel: Channel) -> bool:
    """Whether a yes is on record for this pupil and channel. No record is a no (law 1)."""
    return channel in consents.get(pupil, ())


def barrier(pictured: Collection[UUID] | None, consents: Consents, channel: Channel) -> str | None:
    """Why a photo may not appear on a channel, or None where it may.

    `pictured` are the pupils in it; None means that nobody has answered yet (law 2). The sentence never tells which
    pupil is the reason (law 9).
    """
    if pictured is None:
        return UNANSWERED
    if not all(can_be_shown(consents, pupil, channel) for pupil in pictured):
        return NO_CONSENT
    if len(set(pictured)) == 1 and channel in GROUP_IMAGES_ONLY:
        return ALONE
    return None


def may_appear(pictured: Collection[UUID] | None, consents: Consents, channel: Channel) -> bool:
    """Whether a photo may appear on a channel."""
    return barrier(pictured, consents, channel) is None
