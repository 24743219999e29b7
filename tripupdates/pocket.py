"""What accompanying staff carry on the phone, so that it can help them where there is no signal. Reads only.

The rules go along as data: the phone says at once what the school would say, and the school decides.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates import prices
from tripupdates.approval import in_force, records, view, wordings
from tripupdates.approval.doors import LONGEST_TEXT, LONGEST_X_TEXT
from tripupdates.approval.records import Update
from tripupdates.channels.weight import X_LIMIT
from tripupdates.consent import records as consents
from tripupdates.consent.rules import (
    ALONE,
    GROUP_IMAGES_ONLY,
    NO_CONSENT,
    NO_FACES,
    UNANSWERED,
    Consents,
)
from tripupdates.house import House
from tripupdates.outbox import holds
from tripupdates.people.signing_in import Caller
from tripupdates.photos.answers import OTHERS
from tripupdates.photos.intake import MOST_BYTES
from tripupdates.picturing import LONGEST_ALT, MOST_PHOTOS
from tripupdates.trips import records as trips
from tripupdates.trips.records import Trip
from tripupdates.vocabulary import PICTURED, Kind, UpdateState

MOST_UPDATES = 30  # the newest: what was sent last is what is looked for


def contents(house: House, session: Session, caller: Caller) -> dict[str, Any]:
    """Everything: who it is, the rules, the trips that have not ended yet, and how this person's updates fare."""
    mine = [
        each for each in trips.of_person(session, caller.id) if (house.today() - each.ends).days <= KEEP_DAYS
    ]
    return {
        "me": {"id": str(caller.id), "name": caller.name},
        "today": house.today().isoformat(),
        "rules": _rules(house),
        "held": present.at.isoformat() if (present := holds.present(session)) else None,
        "trips": [trip(house, session, each) for each in mine],
        "updates": _updates(house, session, caller),
    }


KEEP_DAYS = 1  # after a trip's last day; the phone forgets its pupils then (static/js/phone/school.js)


def _rules(house: House) -> dict[str, Any]:
    return {
        "most_photos": MOST_PHOTOS,
        "most_bytes": MOST_BYTES,
        "longest_text": LONGEST_TEXT,
        "longest_x_text": LONGEST_X_TEXT,
        "longest_alt": LONGEST_ALT,
        "x_limit": X_LIMIT,
        "keep_days": KEEP_DAYS,
        "group_only": sorted(GROUP_IMAGES_ONLY.intersection(house.pictured)),
        "by_hand": sorted(house.by_hand),
        "no_faces": [channel for channel in PICTURED if house.settings.hides_faces(channel)],
        "sentences": {
            "unanswered": UNANSWERED,
            "no_consent": NO_CONSENT,
            "no_faces": NO_FACES,
            "alone": ALONE,
        },
        "channel_names": {channel: house.names[channel] for channel in house.channels},
        "others": OTHERS,
    }


def trip(house: House, session: Session, trip: Trip) -> dict[str, Any]:
    """A trip with its groups and pupils, each with where they can be shown; never why not (law 9)."""
    given = consents.current(session, trip.id)
    return {
        "slug": trip.slug,
        "name": trip.name,
        "starts": trip.starts.isoformat(),
        "ends": trip.ends.isoformat(),
        "channels": house.pictured,
        "groups": [{"id": str(group.id), "name": group.name} for group in trip.groups],
        "pupils": [
            {
                "id": str(pupil.id),
                "forename": pupil.forename,
                "surname": pupil.surname,
                "class": pupil.class_name,
                "group": str(pupil.group_id) if pupil.group_id else None,
                "can_show": {channel: channel in given.get(pupil.id, ()) for channel in house.pictured},
            }
            for pupil in trip.pupils
        ],
        "messages": in_force.for_phone(house, session, trip),
        "message_costs": _costs(house, session, trip),
    }


def _costs(house: House, session: Session, trip: Trip) -> list[str]:
    """What one ready message takes that goes to families by text or e-mail, in sentences, as things stood at school."""
    now = in_force.standing(house, session, trip)
    texts = [] if now.why_not else wordings.samples(now.messages)
    costs = prices.of_messages(house, session, trip, now.channels, texts) if texts else {}
    return [f"{house.names[way]}: {cost.words}" for way, cost in costs.items()]


def _updates(house: House, session: Session, caller: Caller) -> list[dict[str, Any]]:
    newest = _newest(house, session, caller)
    given = {trip: consents.current(session, trip) for trip in {each.trip_id for each in newest}}
    return [_update(house, session, each, given[each.trip_id]) for each in newest]


def _newest(house: House, session: Session, caller: Caller) -> list[Update]:
    mine = sa.and_(Update.author_id == caller.id, Update.kind.in_((Kind.TRIP, Kind.MESSAGE)))
    query = sa.select(Update).where(mine).order_by(Update.changed_at.desc())
    found = records.at_a_glance(session, session.scalars(query.limit(MOST_UPDATES)).all())
    one_of_each_trip = {update.trip_id: update for update in found}
    seen = {trip for trip, update in one_of_each_trip.items() if view.may_see(house, session, caller, update)}
    return [update for update in found if update.trip_id in seen]


def _update(house: House, session: Session, update: Update, given: Consents) -> dict[str, Any]:
    """Where it stands: of what was published, each place; of what was not, what is in the way."""
    version = update.version
    status = view.status(house, session, update, given)
    unsent = version is None or update.state in {UpdateState.DRAFT, UpdateState.RETURNED}
    return {
        "id": str(update.id),
        "trip": update.trip.slug if update.trip else None,
        "words": update.text[:120],
        "state": update.state,
        "changed_at": update.changed_at.isoformat(),
        "returned_because": status.returned_because or None,
        "blocks": list(status.blocks) if unsent else [],
        "delivery": [
            {
                "channel": each.channel,
                "state": each.state,
                "words": each.words,
                "link": each.link or None,
                "by_hand": each.by_hand,
            }
            for each in status.deliveries
        ],
    }
