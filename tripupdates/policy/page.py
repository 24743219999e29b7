"""The policy as parents read it: sections of sentences, each there only where its rule is in force at this school. Pure.

Also when somebody must be reminded to look at it again.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from tripupdates.vocabulary import PUBLIC, TO_FAMILIES, Channel, Kind, News

SOON, VERY_SOON, WEEK = 30, 7, 7  # days


@dataclass(frozen=True)
class School:
    """What is in force at a school. `channels` are its places, `names` what it calls them, `handle` is without @.

    `group_only` are places where no pupil is shown alone; `urgent` those of urgent news; `edge` is the longest edge of
    public pictures in pixels, 0 where they have the full size. `form_days` is how long after a trip the families' page
    and the parents' form open, `unsent_days` how long photos are kept that were never approved.
    """

    channels: tuple[Channel, ...]
    names: Mapping[Channel, str]
    kinds: frozenset[Kind]
    group_only: tuple[Channel, ...]
    urgent: tuple[Channel, ...]
    handle: str
    hides_faces: bool
    edge: int
    signed_only: bool
    form_days: int
    unsent_days: int

    def has(self, channel: Channel) -> bool:
        """Whether the school has this place."""
        return channel in self.channels

    def named(self, channels: tuple[Channel, ...]) -> str:
        """These places by their names, joined as inside a sentence: the school website, SeeSaw and e-mail."""
        names = [self._inside(channel) for channel in channels]
        return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

    def _inside(self, channel: Channel) -> str:
        name = self.names[channel]
        if channel in {Channel.X, Channel.APP}:
            return name
        small = name[0].lower() + name[1:]
        return small if channel in TO_FAMILIES else f"the {small}"


@dataclass(frozen=True)
class Section:
    """A heading and its sentences."""

    heading: str
    sentences: tuple[str, ...]


# Every clause of `phrases.CLAUSES`, in a parent's words.
CLAUSES = {
    "account": "Only the school’s own accounts and pages are used, never anybody’s own.",
    "authors": "Only staff of the school write there.",
    "text_first": "Every update is words first; pictures are extra.",
    "images": "Pictures show what is done, or the place.",
    "group_images": (
        "A pupil is in a picture only where their parents have said yes, for this trip and for that place. No answer counts "
        "as a no."
    ),
    "names": "No pupil is named.",
    "staff": "Nothing is told about members of staff.",
    "personal": "Nothing personal is told about anybody.",
    "contact": "No telephone numbers or addresses are given, and nothing that tells where pupils sleep.",
    "upsetting": "Nothing upsetting is posted.",
    "opinions": "No opinion is given about a pupil or a member of staff.",
    "debate": "We do not ask for opinions, and start no debate.",
    "mentions": "We mention nobody’s account.",
    "accounts": "Nobody’s personal account is named.",
}
WORDS = (
    "text_first",
    "names",
    "staff",
    "personal",
    "contact",
    "upsetting",
    "opinions",
    "debate",
    "mentions",
    "accounts",
)


def sections(school: School) -> tuple[Section, ...]:
    """The whole page, without headings that have nothing under them."""
    parts = (
        ("Where we post", _places(school)),
        ("Who writes, and who approves", _people(school)),
        ("What we write", (CLAUSES[name] for name in WORDS)),
        ("Pictures", _pictures(school)),
        ("Asking you, and changing your mind", _parents(school)),
        ("How long things stay", _staying(school)),
        ("Messages to you", _messages(school)),
        ("Urgent news", _urgent(school)),
        ("Newsletters", _newsletters(school)),
        ("Answers and questions", _replies(school)),
    )
    found = (Section(heading, tuple(sentences)) for heading, sentences in parts)
    return tuple(section for section in found if section.sentences)


def digest(page: tuple[Section, ...]) -> str:
    """Which page somebody looked at: SHA-256 over it as JSON, in hex."""
    said = [[section.heading, *section.sentences] for section in page]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _places(school: School) -> Iterator[str]:
    yield CLAUSES["account"]
    about = {
        Channel.FAMILIES: "{}: each trip has a page that opens with the code in the letter home. Search engines cannot find it.",
        Channel.WEBSITE: "{}: anybody can read it.",
        Channel.X: f"{{}}: the school’s account is @{school.handle}, and anybody can read it.",
        Channel.APP: "{}: our staff post there by hand, and only what was approved.",
    }
    yield from (
        about[channel].format(school.names[channel]) for channel in school.channels if channel in about
    )


def _people(school: School) -> Iterator[str]:
    yield CLAUSES["authors"]
    yield (
        "Before anybody outside school sees an update, the headteacher or a deputy has read it and approved exactly that: "
        "somebody who did not write it, and is not on the trip."
    )
    if Kind.URGENT in school.kinds:
        yield (
            "Urgent news alone may go out with the word of the headteacher or deputy who wrote it, where nobody else is at "
            "hand; why is written down."
        )
    if Kind.MESSAGE in school.kinds:
        yield (
            "Short messages of how a trip stands, such as that the group has arrived, are approved word for word before the "
            "trip; staff on the trip then send them."
        )
    if school.signed_only:
        yield "Every approval is signed by the person who gives it, so that it can be proven later."
    else:
        yield "It is written down who approved what and when, and whether that was signed."
    what = "everything but urgent news" if Kind.URGENT in school.kinds else "everything"
    yield f"In an emergency {what} is held, until the headteacher, a deputy or the office lifts that."


def _pictures(school: School) -> Iterator[str]:
    yield CLAUSES["images"]
    yield CLAUSES["group_images"]
    if alone := school.group_only:
        yield f"On {school.named(alone)} pupils appear in groups only, never one alone."
    public = tuple(channel for channel in school.channels if channel in PUBLIC)
    if school.hides_faces and public:
        yield f"On {school.named(public)} no face is shown that can be recognised."
    if school.edge and public:
        yield f"On {school.named(public)} pictures are small: at most {school.edge} pixels."
    yield "Passers-by and other children are cropped away or covered."
    yield (
        "The details that cameras hide in a picture, such as where it was taken, are removed, and the camera’s own file is "
        "not kept."
    )
    yield "Nobody’s face is recognised by a computer. It may point out where there are faces; staff say whose they are."
    if {Kind.NEWS, Kind.NOTICE} & school.kinds:
        yield "Pictures with news of the school itself show no pupil."


def _parents(school: School) -> Iterator[str]:
    yield "You are asked for each trip, and for each place by itself. Nothing is ticked beforehand."
    yield (
        "You can change your mind at any time, and need give no reason: with the link to your form, if you "
        f"have one, until {school.form_days} days after the trip; and by telling the school office."
    )
    yield "After a no, pictures come down everywhere at once, and we can tell you when each place has confirmed that."
    if school.has(Channel.APP):
        name = school.names[Channel.APP]
        yield f"In {name} our staff delete them by hand. They count as still there until one of us has looked."
    yield "Copies that other people have already saved cannot be called back."


def _staying(school: School) -> Iterator[str]:
    if school.has(Channel.FAMILIES):
        yield f"A trip’s page for families is closed {school.form_days} days after its last day."
    if public := tuple(channel for channel in school.channels if channel in PUBLIC):
        yield f"What is on {school.named(public)} stays until the school takes it down."
    yield "Photos of updates that are rejected or taken down are deleted at once."
    yield f"Photos that were never approved are deleted {school.unsent_days} days after the trip."
    yield "Who approved what, and what parents answered, is kept as a record."
    if {Kind.NOTICE, Kind.URGENT} & school.kinds:
        yield "A notice leaves the top of our pages by itself when its time is over."


def _messages(school: School) -> Iterator[str]:
    if ways := tuple(channel for channel in TO_FAMILIES if school.has(channel)):
        named = school.named(ways)
        yield f"By {named} you hear how a trip stands and what is urgent, and are asked about pictures; nothing else."
        yield "There is never a picture in them."
        yield "They go to the contacts that you gave for the trip, and you can stop them at any time."
        yield (
            f"Those numbers and addresses are deleted {school.form_days} days after the trip. That somebody wants no messages "
            "is kept, in a form from which nobody reads the number or address."
        )


def _urgent(school: School) -> Iterator[str]:
    if Kind.URGENT not in school.kinds or not school.urgent:
        return
    yield (
        "What cannot wait, such as a closure or a late coach, comes from the headteacher or a deputy alone, in every way "
        f"we have: {school.named(tuple(each for each in school.urgent if each not in TO_FAMILIES))}."
    )
    if ways := tuple(each for each in school.urgent if each in TO_FAMILIES):
        yield f"Where it is about a trip, its families get it by {school.named(ways)} as well."
    if Channel.X in school.urgent:
        yield f"If the school’s own pages cannot be reached, look at @{school.handle} on {school.names[Channel.X]}."


def _newsletters(school: School) -> Iterator[str]:
    if Kind.NEWSLETTER in school.kinds:
        yield (
            "Whoever puts up a newsletter declares that they have looked through all of it: names and pictures of pupils "
            "only with their parents’ yes."
        )


def _replies(school: School) -> Iterator[str]:
    if school.has(Channel.X):
        yield f"Nobody can reply to our posts on {school.names[Channel.X]}."
    yield "If you have a question, please speak to the school office."


def reminder(due: date, today: date) -> tuple[News, int] | None:
    """Which reminder is in order, with a number that is another one for each: a month before, a week before, each week after."""
    left = (due - today).days
    if left > SOON:
        return None
    if left >= 0:
        return News.POLICY_DUE, 1 if left > VERY_SOON else 2
    return News.POLICY_OVERDUE, 3 + (-left - 1) // WEEK
