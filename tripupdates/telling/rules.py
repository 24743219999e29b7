"""Who is to be told, and when: values in, values out. The time comes in as an argument.

A head at a dinner hears once of what waits, not once per update; at night nobody is rung whose hours are quiet, and the
deputies do not wait for that.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tripupdates.vocabulary import News, Stage, Way

GATHER = timedelta(seconds=3)  # a phone that finds signal sends all it has, one after another
GAP = timedelta(minutes=5)  # between two messages to somebody for whom what they were told of still waits
GIVE_UP = {Way.EMAIL: timedelta(hours=24), Way.PUSH: timedelta(hours=1)}
LONGEST_PAUSE = timedelta(minutes=5)
SHORTEST, LONGEST = 1, 24 * 60  # minutes that an office can set
REMIND_AFTER, DEPUTIES_AFTER = 15, 30  # minutes, unless the office says otherwise
REMIND_OF_URGENT = 2  # minutes; everybody is told at once then, and at night as well

DECISIONS = frozenset({News.APPROVED, News.SENT_BACK, News.REJECTED})
TROUBLES = frozenset({News.NEEDS_PERSON, News.CHANNEL_SHUT, News.NOT_GONE, News.WORKER_SILENT})
DOWN_BY_HAND = frozenset({News.TAKE_OUT, News.STILL_OUT})
POLICY = frozenset({News.POLICY_DUE, News.POLICY_OVERDUE})
# Subjects that know neither pause nor quiet hours.
AT_ONCE = frozenset({"security", "test", "trouble", "urgent", "down by hand"})


def subject_of(news: News) -> str:
    """What kind of message a piece of news goes into.

    "waiting", "urgent", "decided", "trouble", "down by hand", "by hand", "policy", "test" or "security".
    """
    if news in {News.WAITING, News.URGENT, News.TEST}:
        return news.value
    for kinds, subject in _SUBJECTS.items():
        if news in kinds:
            return subject
    return "security"


_SUBJECTS = {
    TROUBLES: "trouble",
    DOWN_BY_HAND: "down by hand",
    frozenset({News.HAND_OVER}): "by hand",
    POLICY: "policy",
    DECISIONS: "decided",
}


@dataclass(frozen=True)
class Plan:
    """Whose turn it is for one trip: `first` at once, again after `remind_after`; `others` after `deputies_after`."""

    first: tuple[UUID, ...]
    others: tuple[UUID, ...]
    remind_after: timedelta
    deputies_after: timedelta


def plan(approvers: Sequence[UUID], chosen: UUID | None, remind_after: int, deputies_after: int) -> Plan:
    """The person chosen first and then the rest; where nobody is chosen, or they cannot decide on it, all at once."""
    first = (chosen,) if chosen is not None and chosen in approvers else tuple(approvers)
    others = tuple(each for each in approvers if each not in first)
    return Plan(first, others, timedelta(minutes=remind_after), timedelta(minutes=deputies_after))


def wanted(
    plan: Plan, since: datetime, now: datetime, told: Mapping[UUID, datetime], reachable: Collection[UUID]
) -> frozenset[tuple[UUID, Stage]]:
    """Everything that is to be ordered by now about an update that waits since then.

    `told` is when each of them first heard of it: a reminder counts from there, so nobody is reminded of what quiet
    hours still hold back. The others are counted from the beginning; at once where nobody can reach the first.
    """
    found = {(person, Stage.FIRST) for person in plan.first}
    found |= {
        (person, Stage.REMINDER)
        for person in plan.first
        if person in told and told[person] + plan.remind_after <= now
    }
    if since + plan.deputies_after <= now or not set(plan.first) & set(reachable):
        found |= {(person, Stage.DEPUTIES) for person in plan.others}
    return frozenset(found)


def quiet_until(start: time | None, end: time | None, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When somebody's quiet hours end, None outside them. They may span midnight; from and to alike is none at all."""
    if start is None or end is None or start == end:
        return None
    local = now.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    inside = start <= clock < end if start < end else clock >= start or clock < end
    if not inside:
        return None
    day = local.date() if clock < end else local.date() + timedelta(days=1)
    until = datetime.combine(day, end, tzinfo=zone)
    return until if until > now else until.replace(fold=1)  # the hour that comes twice


def due(
    subject: str, made: Sequence[datetime], told_and_waiting: datetime | None, quiet: datetime | None
) -> datetime:
    """When a message about this news may leave, `made` then. See AT_ONCE."""
    first = min(made)
    if subject in AT_ONCE:
        return first
    moment = first + GATHER
    if subject == "waiting" and told_and_waiting is not None:
        moment = max(moment, told_and_waiting + GAP)
    return moment if quiet is None else max(moment, quiet)


def ways(news: Collection[News], has_push: bool, all_by_mail: bool) -> frozenset[Way]:
    """By which ways: e-mail always; a mere approval only by push, where there is one, unless mail is wanted as well."""
    if has_push and not all_by_mail and set(news) == {News.APPROVED}:
        return frozenset({Way.PUSH})
    if set(news) == {News.APPROVED} and not all_by_mail:
        return frozenset()
    return frozenset({Way.EMAIL, Way.PUSH}) if has_push else frozenset({Way.EMAIL})


def next_try(attempts: int, now: datetime) -> datetime:
    """After a failure: 10 s, doubled up to five minutes."""
    return now + min(timedelta(seconds=5 * 2 ** min(attempts, 10)), LONGEST_PAUSE)


def gives_up(way: Way, since: datetime, now: datetime) -> bool:
    """Whether it has been tried for long enough."""
    return now - since > GIVE_UP[way]
