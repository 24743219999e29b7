"""The sentences that are sent most, as the head approves them before a trip: what they may be, and their seal. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from tripupdates.approval import rules
from tripupdates.vocabulary import Channel, Forbidden, Refused, Role

TIME = "{time}"
LONGEST = 280
SAMPLE_TIME = "18:30"  # every time is as long as this one, on X too
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")

# What a school begins with, and when each is meant to be sent.
DEFAULTS = {
    "arrived": "Arrived safely",
    "all_well": "All well, lights out",
    "next_update": "Next update by {time}",
    "setting_off": "Setting off home, expected at {time}",
    "delayed": "Delayed, now expected at {time}",
}
OCCASIONS = {
    "arrived": "On arrival",
    "all_well": "At bedtime",
    "next_update": "When families will hear next",
    "setting_off": "On the way home",
    "delayed": "When it gets late",
}
TIMED = frozenset({"next_update", "setting_off", "delayed"})


@dataclass(frozen=True)
class Message:
    """One sentence by its key; `{time}` stands where the time goes."""

    key: str
    text: str

    @property
    def needs_time(self) -> bool:
        """Whether a time must be said with it."""
        return TIME in self.text

    @property
    def stored(self) -> dict[str, str]:
        """As kept in the records, and as the phone gets it."""
        return {"key": self.key, "text": self.text}


def read(texts: Mapping[str, str]) -> tuple[Message, ...]:
    """The messages, in their order, each on one line. Raises Refused where one is missing or there are others."""
    if set(texts) != set(DEFAULTS):
        raise Refused("All the messages must be there, and no others. Open the page again.")
    return tuple(Message(key, " ".join(texts[key].split())) for key in DEFAULTS)


def problems(messages: Collection[Message]) -> list[str]:
    """What is wrong with the form of these messages, in sentences for the head."""
    found = []
    for message in messages:
        occasion, text = OCCASIONS[message.key], message.text
        if not text:
            found.append(f"{occasion}: write the message.")
        elif len(text) > LONGEST:
            found.append(f"{occasion}: write at most {LONGEST} characters.")
        elif message.key in TIMED and text.count(TIME) != 1:
            found.append(f"{occasion}: write {TIME} once, where the time goes.")
        elif message.key not in TIMED and TIME in text:
            found.append(f"{occasion}: this message has no time, so take {TIME} out.")
        elif set("{}") & set(text.replace(TIME, "")):
            found.append(f"{occasion}: take out the curly brackets, save those of {TIME}.")
    return found


def digest(trip: UUID, channels: Collection[str], messages: Collection[Message]) -> str:
    """The seal over what may be sent without another look: which trip, where it appears, and the sentences (law 4)."""
    return rules.digest(
        {
            "trip": str(trip),
            "channels": [channel.value for channel in Channel if channel in channels],
            "messages": [message.stored for message in messages],
        }
    )


def fill(message: Message, time: str | None) -> str:
    """The words that go out. `time` is HH:MM by 24 hours. Raises Refused: none where one is needed, odd, or too many."""
    if not message.needs_time:
        if time:
            raise Refused("This message says no time. Send it without one.")
        return message.text
    if not time or not _CLOCK.fullmatch(time):
        raise Refused("Say at what time, in hours and minutes, for example 18:30.")
    return message.text.replace(TIME, time)


def samples(messages: Collection[Message]) -> list[str]:
    """The words of each as they would go out, with some time or other."""
    return [fill(each, SAMPLE_TIME if each.needs_time else None) for each in messages]


def recognise(messages: Collection[Message], text: str) -> tuple[str, str]:
    """Which of these messages a text is, and the time that was filled in ('' where it says none); ('', '') for no one."""
    for message in messages:
        before, _, after = message.text.partition(TIME)
        time = text.removeprefix(before).removesuffix(after) if message.needs_time else ""
        if (_CLOCK.fullmatch(time) or not message.needs_time) and fill(message, time) == text:
            return message.key, time
    return "", ""


def check_approver(role: Role, accompanies: bool) -> None:
    """Raise Forbidden unless this person may approve messages of a trip: an approver, and not on it."""
    if role is not Role.APPROVER:
        raise Forbidden("Only the headteacher or a deputy can approve a trip’s messages.")
    if accompanies:
        raise Forbidden("You are on this trip, so somebody at school must approve its messages.")
