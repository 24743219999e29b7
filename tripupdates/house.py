"""What the steps of the journey may use. `wiring` fills it; nothing else makes one, save a test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tripupdates.channels.contract import Channel as Place
from tripupdates.channels.email import Mail
from tripupdates.channels.push import Push
from tripupdates.documents.room import PaperRoom
from tripupdates.photos.room import Room
from tripupdates.photos.store import PhotoStore
from tripupdates.policy.rules import SchoolWords
from tripupdates.settings import Settings
from tripupdates.site.target import Target
from tripupdates.vocabulary import (
    BY_HAND,
    CHANNEL_NAMES,
    OFFERED,
    PICTURED,
    SHORT_NAMES,
    TO_FAMILIES,
    Channel,
    Kind,
)


@dataclass(frozen=True)
class House:
    """One school at work: its settings, its clock, its photos and where they are cleaned, and the places it publishes to.
    PDFs are cleaned in `paper`, and lie beside the photos.

    `places` are those that a worker reaches, each in a lane of its own; `channels` has those of people as well.
    `pages` holds where the channels made of pages write them, for those who hand pages out or look whether all is gone.
    `mail` and `push` are how its own people are told; None where it has no mail server, or no key for push.
    """

    settings: Settings
    clock: Callable[[], datetime]
    photos: PhotoStore
    room: Room
    places: Mapping[Channel, Place[Any]]
    pages: Mapping[Channel, Target]
    words: SchoolWords
    mail: Mail | None = None
    push: Push | None = None
    paper: PaperRoom = field(default_factory=PaperRoom)

    @property
    def by_hand(self) -> frozenset[Channel]:
        """The school's places that only people reach."""
        return BY_HAND if self.settings.class_app else frozenset()

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Every place of this school, in the order of the vocabulary."""
        return tuple(channel for channel in Channel if channel in self.places or channel in self.by_hand)

    @property
    def pictured(self) -> tuple[Channel, ...]:
        """The school's places with pictures: consent is asked for each of them."""
        return tuple(channel for channel in PICTURED if channel in self.channels)

    def offered(self, kind: Kind, about_trip: bool = True) -> tuple[Channel, ...]:
        """Where this kind of update can appear. Families' numbers and addresses were given for their trip alone."""
        return tuple(
            channel
            for channel in OFFERED[kind]
            if channel in self.channels and (about_trip or channel not in TO_FAMILIES)
        )

    @property
    def names(self) -> dict[Channel, str]:
        """What people at this school call its channels."""
        return CHANNEL_NAMES | self._own_names

    @property
    def short_names(self) -> dict[Channel, str]:
        """The same, for headings of narrow columns and tabs."""
        return SHORT_NAMES | self._own_names

    @property
    def _own_names(self) -> dict[Channel, str]:
        return {Channel.APP: self.settings.class_app} if self.settings.class_app else {}

    def now(self) -> datetime:
        """The time now, aware, in UTC."""
        return self.clock()

    def today(self) -> date:
        """Today's date at school."""
        return self.now().astimezone(self.settings.timezone).date()
