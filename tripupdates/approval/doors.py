"""The doors that the steps of the journey go through: whose update it is, what may change, who decides on what.

Each takes the step's own session and commits nothing.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tripupdates import audit
from tripupdates.approval import deputies, records, rules
from tripupdates.approval.records import Decision, Update, Version
from tripupdates.consent import records as consents
from tripupdates.consent.rules import may_appear
from tripupdates.documents import rules as newsletter
from tripupdates.house import House
from tripupdates.outbox import holds, queue
from tripupdates.people.records import Person
from tripupdates.people.signing_in import Caller
from tripupdates.photos.records import Photo
from tripupdates.telling.orders import tell_author
from tripupdates.trips import records as trips
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import (
    CHANNEL_NAMES,
    KIND_NAMES,
    MOVES,
    OF_THE_SCHOOL,
    OFFERED,
    PAGES,
    Channel,
    Conflict,
    DeliveryState,
    Forbidden,
    Kind,
    Move,
    NotFound,
    Refused,
    Role,
    TooLarge,
    UpdateState,
)

LONGEST_TEXT = 5000
LONGEST_X_TEXT = 1000
LONGEST_REASON = 1000
FEWEST_LETTERS = 4  # of a reason in words
CHANGED_ELSEWHERE = "This update was changed elsewhere meanwhile. Nothing was overwritten: look at both."
NO_SUCH_UPDATE = "There is no such update, or it is not yours."


def tidy(text: str) -> str:
    """One kind of line end, no blanks at the ends: what is compared, sealed and published is the same text."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def trip_of(session: Session, caller: Caller, slug: str) -> Trip:
    """A trip that the caller accompanies. Raises NotFound."""
    found = trips.by_slug(session, slug)
    if found is None or not trips.accompanies(session, caller.id, found.id):
        raise NotFound("There is no such trip, or you are not on it.")
    return found


def words(text: str, x_text: str | None, channels: Collection[str], kind: Kind = Kind.TRIP) -> dict[str, Any]:
    """The words and places of an update in the form in which they are kept. Raises TooLarge, Refused."""
    text, x_text = tidy(text), tidy(x_text or "") or None
    if len(text) > LONGEST_TEXT or len(x_text or "") > LONGEST_X_TEXT:
        raise TooLarge(f"The text can have at most {LONGEST_TEXT} characters, and {LONGEST_X_TEXT} for X.")
    return {"text": text, "x_text": x_text, "channels": [channel.value for channel in chosen(channels, kind)]}


def chosen(names: Collection[str], kind: Kind) -> tuple[Channel, ...]:
    """Channels by name, in the order of the vocabulary. Raises Refused for one where this kind does not go."""
    if unknown := set(names) - set(Channel):
        raise Refused(f"There is no channel called {sorted(map(str, unknown))[0]!r}.")
    if others := [channel for channel in Channel if channel in set(names) - set(OFFERED[kind])]:
        raise Refused(f"{CHANNEL_NAMES[others[0]]} is no place for this: {KIND_NAMES[kind]}.")
    return tuple(channel for channel in Channel if channel in names)


def groups_of(trip: Trip, ids: Collection[str]) -> list[str]:
    """Groups of a trip by id, in their order; all of them is everybody, and so none. Raises Refused for others."""
    there = [str(group.id) for group in trip.groups]
    if set(ids) - set(there):
        raise Refused("One of these groups is not on this trip. Choose the groups again.")
    return [] if set(ids) == set(there) else [each for each in there if each in ids]


def begin(
    session: Session,
    house: House,
    caller: Caller,
    update_id: uuid.UUID,
    trip: Trip | None,
    said: Mapping[str, Any],
    kind: Kind = Kind.TRIP,
) -> Update:
    """A new draft with these `words`, under the id that the phone made; about the school where there is no trip."""
    now = house.now()
    update = Update(
        id=update_id,
        kind=kind,
        trip_id=trip.id if trip else None,
        author_id=caller.id,
        state=UpdateState.DRAFT,
        revision=uuid.uuid4(),
        created_at=now,
        changed_at=now,
        **said,
    )
    session.add(update)
    audit.note(session, now, caller.id, "began update", update_id)
    return update


def own(session: Session, caller: Caller, update_id: uuid.UUID) -> Update:
    """The caller's own update, while they may post it. Raises NotFound: nobody learns of others."""
    update = session.get(Update, update_id)
    if update is None or update.author_id != caller.id or not may_post(session, caller, update):
        raise NotFound(NO_SUCH_UPDATE)
    return update


def check_of_a_trip(update: Update) -> None:
    """Raise Conflict for what was begun for the school: it is written on its own page, in its own places."""
    if update.kind in OF_THE_SCHOOL:
        raise Conflict("This was begun as something else. Start a new one.")


def may_post(session: Session, caller: Caller, update: Update) -> bool:
    """Whether the caller may post updates such as this one: on a trip, who accompanies it; for the school, all its staff.

    What is urgent is for the headteacher and deputies.
    """
    if update.kind is Kind.URGENT:
        return caller.role is Role.APPROVER
    return update.trip_id is None or trips.accompanies(session, caller.id, update.trip_id)


def photo_of(update: Update, photo_id: uuid.UUID) -> Photo:
    """A photo of this update. Raises NotFound."""
    for photo in update.photos:
        if photo.id == photo_id:
            return photo
    raise NotFound("There is no such photo in this update. Add it again.")


def go(session: Session, house: House, update: Update, how: Move, **values: object) -> None:
    """Move it on as the table allows. Raises Conflict where it cannot, or somebody was quicker."""
    to = MOVES.get((update.state, how))
    if to is None or not records.move(session, update, to, house.now(), **values):
        raise Conflict("This update has moved on meanwhile. Open it again to see where it stands.")


def open_for_change(
    session: Session, house: House, caller: Caller, update: Update, revision: uuid.UUID | None = None
) -> None:
    """Any edit voids what was approved (law 4), and is refused once any of it may have left.

    It makes another revision: `revision` where a phone has named it. What a phone said of the one before is void. A ready
    message that is changed is none any more: it goes on as an ordinary update, so by no text and no mail.
    """
    number = revision or uuid.uuid4()
    if update.state is UpdateState.DRAFT:
        update.changed_at, update.revision, update.sent = house.now(), number, {}
        return
    if (update.state, Move.EDIT) not in MOVES:
        raise Conflict("This update is finished and cannot be changed. Write a new one instead.")
    if update.state is UpdateState.APPROVED:
        for delivery in queue.publishing(session, update.version_id, Channel):
            stopped = {
                "state": DeliveryState.STOPPED,
                "settled_at": house.now(),
                "problem": "The update was changed.",
            }
            tried = delivery.channel in PAGES and delivery.attempts > 0  # some pages may stand already
            if tried or not queue.settle(session, delivery.id, DeliveryState.PENDING, **stopped):
                raise Conflict(
                    "This update is already being published. Ask the head to take it down, or write a new one."
                )
        session.expire_all()
    if update.kind is Kind.MESSAGE:
        update.kind = Kind.TRIP
        update.channels = [each.value for each in update.chosen if each in OFFERED[Kind.TRIP]]
    audit.note(session, house.now(), caller.id, "opened for change, approval void", update.id)
    go(session, house, update, Move.EDIT, revision=number, sent={})


def for_decision(
    session: Session, house: House, caller: Caller, update_id: uuid.UUID
) -> tuple[Update, Version]:
    """The update and its sealed version, for somebody who may decide on it. Raises NotFound, Forbidden."""
    update = session.get(Update, update_id)
    version = None if update is None else records.latest_version(session, update)
    if update is None or version is None:
        raise NotFound("There is no such update waiting.")
    if not session.get_one(Person, caller.id).active:  # a request can wait for its turn while somebody leaves
        raise Forbidden("Your account was closed meanwhile, so nothing was decided.")
    on_trip = trips.accompanies(session, caller.id, update.trip_id)
    deputy = deputies.stands_in(session, caller.id, update.trip_id, house.now())
    rules.check_approver(caller.role, caller.id, update.author_id, on_trip, deputy)
    return update, version


def repeats(session: Session, caller: Caller, version: Version, move: Move, digest: str) -> bool:
    """Whether this very person already decided this very thing: a double tap changes nothing."""
    made = session.get(Decision, version.id)
    return made is not None and (made.by, made.move, made.digest) == (caller.id, move, digest)


def check_seen(update: Update, version: Version, digest: str) -> None:
    """Raise Conflict unless it waits, and is what the approver had in view (law 4)."""
    if update.state is UpdateState.APPROVED:
        raise Conflict("Somebody else has already approved this update.")
    if update.state is not UpdateState.WAITING:
        raise Conflict("This update is not waiting any more: its author has it back, or it was decided.")
    if version.digest != digest:
        raise Conflict("This update has changed since you opened it. Look at it again before you decide.")


def check_not_over(update: Update, at: datetime) -> None:
    """Raise Conflict where a notice would be over by the time it goes out: old news is no news."""
    if update.expires_at is not None and update.expires_at <= at:
        raise Conflict(
            "It would be over by the time it goes out. Send it back, so that its author can choose a later end."
        )


def reasons(version: Version, overrides: Mapping[str, str]) -> dict[str, str]:
    """The approver's reason, by its key, for each remark of the policy that asks for one. Raises Refused."""
    asks = [finding["key"] for finding in version.findings if finding["severity"] == "ask"]
    given = {key: overrides.get(key, "").strip() for key in asks}
    if any(sum(map(str.isalpha, reason)) < FEWEST_LETTERS for reason in given.values()):
        raise Refused("Give a reason in words for each remark that asks for one, or send the update back.")
    return {key: reason[:LONGEST_REASON] for key, reason in given.items()}


def check_not_held(session: Session) -> None:
    """Raise Conflict while everything is on hold."""
    if holds.present(session) is not None:
        raise Conflict("Everything is on hold. Nothing can go out until the hold is lifted.")


def check_consent_still(session: Session, house: House, update: Update, version: Version) -> None:
    """Raise Conflict where a photo may no longer appear where the version shows it (law 3)."""
    document = version.manifest.get("document")
    if document and document["declared"] != newsletter.declaration(
        house.settings.hides_faces(Channel.WEBSITE)
    ):
        raise Conflict(
            "The school now shows no pupil’s face in public. Send the newsletter back to its author."
        )
    now = consents.current(session, update.trip_id)
    faces = rules.faces_seen(version.manifest)
    for channel, photos in rules.photos_by_channel(version.manifest).items():
        to_hide = faces if house.settings.hides_faces(channel) else {}
        if not all(may_appear(who, now, channel, to_hide.get(photo, 0)) for photo, who in photos.items()):
            raise Conflict("A photo in this update may no longer be shown. Send it back to its author.")


def decide(
    session: Session,
    house: House,
    caller: Caller,
    update: Update,
    version: Version,
    move: Move,
    reason: str,
    overrides: dict[str, str],
    suggested: dict[str, str] | None = None,
) -> None:
    """Write down what was decided about a version, once, and move its update on. Raises Conflict."""
    go(session, house, update, move)
    session.add(
        Decision(
            version_id=version.id,
            move=move,
            digest=version.digest,
            reason=reason,
            overrides=overrides,
            suggested=suggested or {},
            by=caller.id,
            at=house.now(),
        )
    )
    audit.note(session, house.now(), caller.id, move.value, update.id, version.digest)
    tell_author(session, house.now(), update, move)


def give_back(session: Session, house: House, update: Update, version: Version, reason: str) -> None:
    """Return an update that waits to its author by nobody's decision: something else took the ground from under it."""
    session.add(
        Decision(
            version_id=version.id,
            move=Move.RETURN,
            digest=version.digest,
            reason=reason,
            overrides={},
            by=None,
            at=house.now(),
        )
    )
    records.move(session, update, MOVES[UpdateState.WAITING, Move.RETURN], house.now())
    tell_author(session, house.now(), update, Move.RETURN)
