"""What the steps of the journey may use. `wiring` fills it; nothing else makes one, save a test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tripupdates.channels.contract import Channel as Place
from tripupdates.channels.email import Mail
from tripupdates.channels.push import Push
from tripupdates.photos.room import Room
from tripupdates.photos.store import PhotoStore
from tripupdates.policy.rules import SchoolWords
from tripupdates.settings import Settings
from tripupdates.site.target import Target
from tripupdates.vocabulary import Channel


@dataclass(frozen=True)
class House:
    """One school at work: its settings, its clock, its photos and where they are cleaned, and the places it publishes to.

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

    def now(self) -> datetime:
        """The time now, aware, in UTC."""
        return self.clock()

    def today(self) -> date:
        """Today's date at school."""
        return self.now().astimezone(self.settings.timezone).date()
