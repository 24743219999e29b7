"""The policy of this school as it is in force, and its reviews: who looked at it, when, and by when again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from tripupdates import audit
from tripupdates.consent.rules import GROUP_IMAGES_ONLY
from tripupdates.database import transaction
from tripupdates.house import House
from tripupdates.people.signing_in import Caller
from tripupdates.policy import page, records
from tripupdates.policy.page import School, Section
from tripupdates.policy.records import PolicyReview
from tripupdates.settings import FULL_EDGE
from tripupdates.trips.records import AFTER_TRIP, KEEP_UNSENT
from tripupdates.vocabulary import Channel, Forbidden, Kind, News, Refused, Role

YEAR = timedelta(days=365)
LATEST = 3 * YEAR
LONGEST_NOTE = 1000

NEVER = "Nobody has looked at the page for parents about how the school posts. Look at it, and say so."
CHANGED = (
    "The rules in force have changed since the page on how the school posts was looked at. Look at it again."
)
DUE = "The page on how the school posts is to be looked at again by {day}."
OVERDUE = "The page on how the school posts was to be looked at again by {day}."


@dataclass(frozen=True)
class Policy:
    """The policy as parents read it, with the days of its last review and of the next; None where there never was one."""

    reviewed: date | None
    due: date | None
    rules: tuple[Section, ...]


def policy(house: House, session: Session) -> Policy:
    """What stands on the website."""
    review, rules = records.latest(session), page.sections(school(house))
    return Policy(review.reviewed_on, review.next_due, rules) if review else Policy(None, None, rules)


def reviewed_at(session: Session) -> datetime | None:
    """When the policy was last reviewed: from then on its page must say so."""
    review = records.latest(session)
    return None if review is None else review.at


def school(house: House) -> School:
    """What is in force, from the settings and from the places that there are."""
    settings = house.settings
    public = {settings.widest(channel) for channel in (Channel.WEBSITE, Channel.X)}
    return School(
        channels=house.channels,
        names=house.names,
        kinds=frozenset(kind for kind in Kind if house.offered(kind)),
        group_only=tuple(channel for channel in house.pictured if channel in GROUP_IMAGES_ONLY),
        urgent=house.offered(Kind.URGENT),
        handle=settings.x_handle,
        hides_faces=settings.public_faces == "families",
        edge=min(public) if min(public) < FULL_EDGE else 0,
        signed_only=settings.unsigned_approvals == "refused",
        form_days=AFTER_TRIP.days,
        unsent_days=KEEP_UNSENT.days,
    )


def digest(house: House) -> str:
    """Which page stands there now."""
    return page.digest(page.sections(school(house)))


def history(session: Session) -> Sequence[PolicyReview]:
    """All reviews, the newest first."""
    return records.every(session)


def to_do(house: House, session: Session) -> str:
    """What the office should know of the review, as a sentence; '' where nothing is to be done."""
    review = records.latest(session)
    if review is None:
        return NEVER
    day = f"{review.next_due.day} {review.next_due:%B %Y}"
    match page.reminder(review.next_due, house.today()):
        case (News.POLICY_OVERDUE, _):
            return OVERDUE.format(day=day)
        case (News.POLICY_DUE, _):
            return DUE.format(day=day)
    return "" if review.digest == digest(house) else CHANGED


def record(house: House, caller: Caller, next_due: date, note: str, seen: str) -> None:
    """Somebody has looked at the page whose digest was on it. The same again on the same day changes nothing.

    Raises Forbidden; Refused where the next day is not within three years from tomorrow, the note is too long, or the page
    is another one by now.
    """
    if caller.role not in {Role.OFFICE, Role.APPROVER}:
        raise Forbidden("Only the office and the headteacher review the policy.")
    note, today = " ".join(note.split()), house.today()
    if not today < next_due <= today + LATEST:
        raise Refused("Choose a day for the next look that is still to come, within three years.")
    if len(note) > LONGEST_NOTE:
        raise Refused(f"The note can have at most {LONGEST_NOTE} characters.")
    if seen != digest(house):
        raise Refused("The rules in force have changed since you opened this page. Look at it again.")
    with transaction() as session:
        review = PolicyReview(
            reviewed_on=today, next_due=next_due, note=note, digest=seen, by=caller.id, at=house.now()
        )
        if _same(records.latest(session), review):
            return
        session.add(review)
        session.flush()
        audit.note(session, house.now(), caller.id, "reviewed policy", review.id)


def _same(last: PolicyReview | None, review: PolicyReview) -> bool:
    """Whether that was said already: a double tap."""
    return last is not None and all(
        getattr(last, name) == getattr(review, name)
        for name in ("reviewed_on", "next_due", "note", "digest", "by")
    )
