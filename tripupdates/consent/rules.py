"""May this photo appear there? Pure, and the only place that says so (laws 1, 2 and 3)."""

from collections.abc import Collection, Mapping
from uuid import UUID

from tripupdates.vocabulary import PICTURED, PUBLIC, Channel

# A picture of one pupil alone is for the families of its trip only: "pupils only in group images" (the school's policy).
GROUP_IMAGES_ONLY = frozenset({Channel.WEBSITE, Channel.X, Channel.APP})

NO_PICTURES = "No pictures go there."
UNANSWERED = "Nobody has said yet who is in this photo."
NO_CONSENT = "This photo cannot be shown here."
NO_FACES = "No faces are shown here, and some can be seen in this one."
ALONE = "Only group pictures can go here, and one pupil alone is in this one."

Consents = Mapping[UUID, Collection[Channel]]


def can_be_shown(consents: Consents, pupil: UUID, channel: Channel) -> bool:
    """Whether a yes is on record for this pupil and channel. No record is a no (law 1)."""
    return channel in consents.get(pupil, ())


def barrier(
    pictured: Collection[UUID] | None, consents: Consents, channel: Channel, faces_to_hide: int = 0
) -> str | None:
    """Why a photo may not appear on a channel, or None where it may.

    `pictured` are the pupils in it; None means that nobody has answered yet (law 2). `faces_to_hide` counts the faces
    that can be seen, where the school shows none in public; 0 where it does. The sentence never tells which pupil is
    the reason (law 9).
    """
    if channel not in PICTURED:
        return NO_PICTURES
    if pictured is None:
        return UNANSWERED
    if not all(can_be_shown(consents, pupil, channel) for pupil in pictured):
        return NO_CONSENT
    if faces_to_hide and channel in PUBLIC:
        return NO_FACES
    if len(set(pictured)) == 1 and channel in GROUP_IMAGES_ONLY:
        return ALONE
    return None


def may_appear(
    pictured: Collection[UUID] | None, consents: Consents, channel: Channel, faces_to_hide: int = 0
) -> bool:
    """Whether a photo may appear on a channel. As `barrier`."""
    return barrier(pictured, consents, channel, faces_to_hide) is None
