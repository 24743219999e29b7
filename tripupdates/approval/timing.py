"""When an approved update goes out: now, at a time, or once the group has left the place. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tripupdates.vocabulary import Refused


@dataclass(frozen=True)
class When:
    """`at` is the moment, None for at once; `once_left` waits for somebody on the trip to say that they have left."""

    at: datetime | None = None
    once_left: bool = False

    @property
    def terms(self) -> dict[str, str]:
        """What an approver signs of it, besides what is approved."""
        if self.once_left:
            return {"when": "once the group has left"}
        return {"when": self.at.astimezone(UTC).isoformat()} if self.at else {}


NOW = When()
ONCE_LEFT = When(once_left=True)


def read(kind: str, moment: str, zone: ZoneInfo) -> When:
    """From a form: `now`, `left`, or `at` with a moment as a datetime field sends it, by the school's clock.

    Raises Refused for what is none of these, and for a time that the clocks jump over.
    """
    if kind in {"", "now"}:
        return NOW
    if kind == "left":
        return ONCE_LEFT
    if kind != "at":
        raise Refused("Choose when it goes out: now, at a time, or once the group has left.")
    try:
        at = datetime.fromisoformat(moment)
        at.astimezone(UTC)  # which the first and the last days that there are cannot always be
    except (ValueError, OverflowError) as error:
        raise Refused(
            "Choose the day and the time when it goes out, for example 2027-05-04T18:30."
        ) from error
    if at.tzinfo is not None:
        return When(at)
    local = at.replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != at:
        raise Refused("The clocks go forward that night, and there is no such time. Choose another.")
    return When(local)


def said(at: datetime, zone: ZoneInfo) -> str:
    """A moment as people at school say it: Friday 7 May, 15:30."""
    local = at.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B, %H:%M}"


def dated(at: datetime, zone: ZoneInfo) -> str:
    """A moment as it stands on paper that is kept: Friday 7 May 2027, 15:30."""
    local = at.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M}"


def check(when: When, now: datetime, latest: datetime) -> None:
    """Raise Refused for a moment that is over, or after the `latest` that makes sense for the trip."""
    if when.at is not None and when.at <= now:
        raise Refused("That time is over. Choose a later one, or send it now.")
    if when.at is not None and when.at > latest:
        raise Refused(
            "That is too long from now: at most two weeks, or two weeks after the trip. Choose an earlier time."
        )
