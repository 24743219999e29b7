"""An update's story in plain words, read from the audit's lines and the rows they are about.

Names are looked up when it is read, for the audit holds ids only. No pupil is ever named in it (law 9). Every event that
the program can write about an update has its sentence in `SENTENCES`; a test goes through the code.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tripupdates import audit
from tripupdates.approval import deputies, doors
from tripupdates.approval.records import Decision, Update, Version
from tripupdates.approval.signed import of_version
from tripupdates.audit import SYSTEM, Line
from tripupdates.house import House
from tripupdates.outbox import queue
from tripupdates.people.records import Person
from tripupdates.people.signing_in import Caller
from tripupdates.vocabulary import (
    TO_FAMILIES,
    Channel,
    DeliveryState,
    NotFound,
    Order,
    Role,
    SendingState,
    Way,
)

ALONE = "sent urgent notice alone"

# {who} did it, {whom} was told; {channel} is the place; {version}, {signed} and {why} come from the rows.
SENTENCES = {
    "began update": "{who} began it.",
    "sent from phone": "{who}’s phone sent its words.",
    "added photo": "{who} added a photo.",
    "removed photo": "{who} took a photo out.",
    "said who is in photo": "{who} said who is in a photo, or described it.",
    "changed photo’s pixels": "{who} cropped a photo, or covered somebody in it.",
    "attached newsletter": "{who} added the newsletter’s PDF, and answers for the pupils in it.",
    "dated newsletter": "{who} gave it another date.",
    "unsent photos deleted": "Its photos were deleted: it was not published within two weeks of the trip.",
    "sent to head": "{who} sent it to be approved{version}.",
    "opened for change, approval void": "{who} opened it to change it. What was said before about it no longer counts.",
    "took something out": "{who} took a photo or a place out{version}.",
    "took suggested words": "{who} took the suggested words.",
    "group has left": "{who} said that the group has left: it goes out now.",
    "sent before its time": "{who} let it go out now.",
    "approve": "{who} approved exactly what was sent{version}, {signed}.{why}",
    "return": "{who} sent it back.{why}",
    ALONE: "{who} sent it without a second person{version}, {signed}.{why}",
    "reject": "{who} rejected it, and its photos were deleted.{why}",
    "returned, consent gone": "It went back to its author: a photo in it may no longer be shown.",
    "sent approved message": "{who} sent a message that had been approved before the trip.",
    "stopped": "{channel}: it was stopped before it was sent.",
    "removal ordered": "{channel}: it must come down.",
    "taken down": "{who} took it down everywhere, and its photos were deleted.{why}",
    "handed over": "{channel}: {who} took words and pictures out, to post them by hand.",
    "said it is there": "{channel}: {who} said that it is there.",
    "said it is not there": "{channel}: {who} said that it is not there. It waits to go out again.",
    "left it out": "{channel}: {who} said that it is not there, and left it out.",
    "said it is gone": "{channel}: {who} said that it is gone.",
    "tried again": "{channel}: {who} said to try again.",
}
DELIVERED = {
    (Order.PUBLISH, DeliveryState.SENDING): "{channel}: on its way.",
    (Order.PUBLISH, DeliveryState.CHECKING): "{channel}: looking whether it arrived.",
    (Order.PUBLISH, DeliveryState.SENT): "{channel}: it is there.",
    (
        Order.PUBLISH,
        DeliveryState.PENDING,
    ): "{channel}: that did not work, or it was held. It is tried again.",
    (Order.PUBLISH, DeliveryState.UNSURE): "{channel}: nobody knows yet whether it arrived. It is looked up.",
    (Order.PUBLISH, DeliveryState.REFUSED): "{channel}: the answer was no.",
    (Order.PUBLISH, DeliveryState.NEEDS_PERSON): "{channel}: a person must look at it.",
    (Order.REMOVE, DeliveryState.SENDING): "{channel}: being removed.",
    (Order.REMOVE, DeliveryState.SENT): "{channel}: confirmed gone.",
    (Order.REMOVE, DeliveryState.PENDING): "{channel}: it could not be removed yet. It is tried again.",
}
SENTENCES |= {f"{order} {state}": words for (order, state), words in DELIVERED.items()}
WAYS = {Way.EMAIL: "by e-mail", Way.PUSH: "on a phone"}
SENTENCES |= {f"told by {way}": f"{{whom}} was told {words}." for way, words in WAYS.items()}
SENTENCES |= {
    f"telling by {way}: {state}": f"{{whom}} could not be told {words}{then}."
    for way, words in WAYS.items()
    for state, then in (
        (SendingState.PENDING, " yet, it is tried again"),
        (SendingState.FAILED, ""),
        (SendingState.STOPPED, ""),
    )
}
# Events that are about something else than one update.
ELSEWHERE = frozenset(
    {
        "trouble began",
        "trouble over",
        "signed in",
        "backed up",
        "restored",
        "paused channel",
        "checked account",
        "reviewed policy",
        "tried channel again",
        "helped back in",
        "added passkey",
        "renamed passkey",
        "removed passkey",
        "passkey counted backwards",
        "set up sign-in codes",
        "took sign-in codes away",
        "signed approval",
        "unsigned approval",
        "added phone for push",
        "removed phone for push",
        "set how to be told",
        "set who is told",
        "signed out",
        "changed password",
        "gave new password",
        "added person",
        "opened account",
        "closed account",
        "made trip",
        "set staff",
        "appointed deputy",
        "ended deputy",
        "changed trip code",
        "imported register",
        "added contact",
        "changed contact",
        "removed contact",
        "deleted contacts",
        "wants no messages",
        "wants messages again",
        "consent given",
        "consent refused",
        "made consent links",
        "stopped consent links",
        "parent sent form",
        "mailing consent link",
        "mailed consent link",
        "consent link not mailed",
        "asked families",
        "sending consent link",
        "sent consent link",
        "consent link not sent",
        "approved messages",
        "stopped messages",
        "held everything",
        "lifted hold",
        "deleted draft",
        "sealed",
    }
)


@dataclass(frozen=True)
class Told:
    """One thing that happened, as a sentence; `times` where it happened several times on end; `link` to where it is."""

    at: datetime
    text: str
    link: str = ""
    times: int = 1


def story(house: House, session: Session, caller: Caller, update_id: uuid.UUID) -> tuple[Update, list[Told]]:
    """What happened to an update, in order. For its author, the office and who decides on it; raises NotFound for others."""
    update = session.get(Update, update_id)
    if update is None or not _may_read(house, session, caller, update):
        raise NotFound("There is no such update, or it is not yours.")
    lines = [line for line in audit.about(session, update_id) if line.event in SENTENCES]
    people = _names(session, lines)
    return update, _together([(_spread(line), _tell(house, session, update, line, people)) for line in lines])


def _may_read(house: House, session: Session, caller: Caller, update: Update) -> bool:
    decides = deputies.stands_in(session, caller.id, update.trip_id, house.now())
    if decides or caller.role in {Role.APPROVER, Role.OFFICE}:
        return True
    return update.author_id == caller.id and doors.may_post(session, caller, update)


def _names(session: Session, lines: Iterable[Line]) -> dict[str, str]:
    ids = {uuid.UUID(line.by) for line in lines if line.by != SYSTEM} | {
        uuid.UUID(_whom(line)) for line in lines if _whom(line)
    }
    rows = session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {str(who): name for who, name in rows} | {SYSTEM: "The school’s computer"}


def _whom(line: Line) -> str:
    """The id of the person who was told, where somebody was."""
    return line.subject.split()[-2] if line.event.startswith(("told by", "telling by")) else ""


def _tell(house: House, session: Session, update: Update, line: Line, people: dict[str, str]) -> Told:
    words = line.subject.split()
    place = next((word for word in words if word in set(Channel)), "")
    version = next((_version(session, update, word) for word in words if len(word) == 64), None)
    number = f" (version {version.number})" if version is not None else ""
    text = SENTENCES[line.event].format(
        who=people.get(line.by, "Somebody"),
        whom=people.get(_whom(line), "Somebody"),
        signed="and signed it"
        if version and of_version(session, version.id)
        else "not signed with a passkey",
        channel=house.names[Channel(place)] if place else "",
        version=number,
        why=_why(session, update, line, version),
    )
    link = (
        _link(session, update, Channel(place))
        if line.event == f"{Order.PUBLISH} {DeliveryState.SENT}"
        else ""
    )
    return Told(line.at, text, link)


def _version(session: Session, update: Update, digest: str) -> Version | None:
    return session.scalar(sa.select(Version).where(Version.update_id == update.id, Version.digest == digest))


def _why(session: Session, update: Update, line: Line, version: Version | None) -> str:
    """The reason that was given in words, as a sentence of its own; '' where there was none."""
    if line.event == "taken down":
        return f" “{update.taken_down_because}”"
    made = session.get(Decision, version.id) if version is not None else None
    if made is None or line.event not in {made.move, ALONE if made.alone else made.move}:
        return ""
    reasons = [made.reason, made.alone, *dict.fromkeys(made.overrides.values())]
    return "".join(f" “{reason}”" for reason in reasons if reason)


def _link(session: Session, update: Update, channel: Channel) -> str:
    if channel in TO_FAMILIES:
        return ""
    found = [row.link for row in queue.of_update(session, update.id, Order.PUBLISH) if row.channel == channel]
    return found[-1] if found else ""


def _spread(line: Line) -> bool:
    """Whether it happens once for each family: then it is told once for all."""
    return not set(TO_FAMILIES).isdisjoint(line.subject.split())


def _together(told: Sequence[tuple[bool, Told]]) -> list[Told]:
    """The same on end is told once, at its last time; what is spread over families once, whatever came in between."""
    found: list[Told] = []
    for spread, each in told:
        same = [one for one in (found if spread else found[-1:]) if one.text == each.text]
        for one in same:
            found.remove(one)
        found.append(replace(each, times=each.times + sum(one.times for one in same)))
    return found
