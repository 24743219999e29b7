"""What is different about a version: from the one sent before it, and by what an approver took out of it. Reads only."""

import uuid
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates.approval import records, rules
from tripupdates.approval.records import Update, Version
from tripupdates.people.records import Person
from tripupdates.trips.records import Pupil
from tripupdates.vocabulary import Channel


def taken_out(session: Session, update: Update, version: Version, names: Mapping[Channel, str]) -> str:
    """Who took which photos and places out of what was sent, as a sentence; '' where nobody did. `names` are of places."""
    sealed = version
    while sealed.submitted_by != update.author_id:
        before = records.version_before(session, sealed)
        if before is None:
            return ""
        sealed = before
    if sealed is version:
        return ""
    photos = list(records.photos_in_order(session, sealed))
    gone = [f"photo {photos.index(each) + 1}" for each in photos if each not in version.manifest["photos"]]
    left = version.manifest["channels"]
    gone += [
        names[channel]
        for channel in Channel
        if channel in sealed.manifest["channels"] and channel not in left
    ]
    return f"{session.get_one(Person, version.submitted_by).name} took out: {', '.join(gone)}."


def since_last(session: Session, version: Version) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """What changed in words and photos since the version sent before; empty where this is the first."""
    before = records.version_before(session, version)
    if before is None:
        return ()
    found = []
    for name, old, new in _passages(_Sent(session, before), _Sent(session, version)):
        if old != new:
            found.append((name, tuple(rules.changes(old, new))))
    return tuple(found)


class _Sent:
    """A version in words: its texts by channel, its photos, their alt texts, and who is in them."""

    def __init__(self, session: Session, version: Version) -> None:
        self._channels = version.manifest["channels"]
        self.groups = ", ".join(version.manifest.get("groups", ())) or "everybody"
        self.photos = records.photos_in_order(session, version)
        ids = {uuid.UUID(pupil) for what in self.photos.values() for pupil in what["pictured"]}
        pupils = session.scalars(sa.select(Pupil).where(Pupil.id.in_(ids)))
        self._names = {str(pupil.id): f"{pupil.forename} {pupil.surname}" for pupil in pupils}

    def text(self, channel: Channel) -> str:
        return str(self._channels.get(channel, {}).get("text", ""))

    def shown(self, channel: Channel, after: "_Sent") -> str:
        """Its photos on a channel, by their numbers in the version after it."""
        numbers = {photo: f"photo-{number}" for number, photo in enumerate(after.photos, 1)}
        shown = self._channels.get(channel, {}).get("photos", ())
        return " ".join(numbers.get(photo, "another-photo") for photo in self.photos if photo in shown)

    def alts(self) -> str:
        return " ".join(what["alt"] for what in self.photos.values())

    def pictured(self) -> str:
        return " / ".join(
            ", ".join(sorted(self._names[pupil] for pupil in what["pictured"])) or "nobody"
            for what in self.photos.values()
        )


def _passages(old: _Sent, new: _Sent) -> list[tuple[str, str, str]]:
    return [
        *((f"text {channel}", old.text(channel), new.text(channel)) for channel in Channel),
        *((f"photos {channel}", old.shown(channel, new), new.shown(channel, new)) for channel in Channel),
        ("groups", old.groups, new.groups),
        ("alt", old.alts(), new.alts()),
        ("pupils", old.pictured(), new.pictured()),
    ]
