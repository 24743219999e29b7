"""What a message says, in a mail and on a phone: how many, and where to look. Never a name, a text, a photo or a token.

Whoever reads over a shoulder, or reads a mail on its way, learns nothing of a child.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from tripupdates.settings import folder_of_ours
from tripupdates.vocabulary import News, Stage

SECURITY = {
    News.NEW_SIGN_IN: "Somebody signed in to your account with a phone or computer that was not used before.",
    News.PASSWORD_CHANGED: "The password of your account was changed.",
    News.PASSKEY_ADDED: "A passkey was added to your account.",
    News.PASSKEY_REMOVED: "A passkey was removed from your account.",
    News.PASSKEY_COPIED: "One of your passkeys was used as if there were two of it. It does not open your account any more.",
    News.CODES_CHANGED: "The app that makes sign-in codes for your account was set up or taken away.",
    News.ACCOUNT_CLOSED: "Your account was closed by the school. You are signed out everywhere.",
}
TROUBLES = {
    News.NEEDS_PERSON: (
        "An update is stuck on its way, and goes on only when somebody has looked at it.",
        "{count} updates are stuck on their way, and go on only when somebody has looked at them.",
    ),
    News.CHANNEL_SHUT: (
        "A place takes nothing from the school just now; the page says why, and what somebody must mend. What is approved "
        "for it waits.",
    ),
    News.NOT_GONE: (
        "Something that must come down is not confirmed gone after 15 minutes. The computer keeps trying; the page says "
        "what stands in its way.",
        "{count} things that must come down are not confirmed gone after 15 minutes. The computer keeps trying; the "
        "page says what stands in its way.",
    ),
    News.WORKER_SILENT: (
        "The program that publishes and removes has not been heard of for 5 minutes: nothing goes out, and nothing "
        "comes down. Please tell whoever looks after the computer now.",
    ),
}
DOWN_BY_HAND = {
    News.TAKE_OUT: (
        "Only a person can delete it, in the app where it was posted. Please do so now, then say on the page that it "
        "is gone."
    ),
    News.STILL_OUT: (
        "It was asked for two hours ago, and nobody has said yet that it is gone. Please look now, delete it, and say "
        "so on the page."
    ),
}
POLICY = {
    News.POLICY_DUE: "The page for parents about how the school posts is to be looked at again within the next 30 days.",
    News.POLICY_OVERDUE: "The day by which the school wanted to look again at its page for parents about how it posts is over.",
}
IF_NOT_YOU = "If that was you, there is nothing to do. If not, tell the school office at once."
DECIDED = {
    News.APPROVED: ("was approved and is on its way", "were approved and are on their way"),
    News.SENT_BACK: ("was sent back to you, with a reason", "were sent back to you, with a reason"),
    News.REJECTED: ("was rejected, with a reason", "were rejected, with a reason"),
}
NOTHING_BY_MAIL = "Nothing is decided by opening the link. You may be asked to sign in first."


@dataclass(frozen=True)
class Told:
    """One notice, as far as a message needs it."""

    news: News
    about: UUID | None
    made_at: datetime
    stage: Stage = Stage.FIRST


@dataclass(frozen=True)
class Said:
    """A message in words. `path` is the page it leads to, below the school's address; '' for none."""

    title: str
    lines: tuple[str, ...]
    label: str
    path: str


def compose(subject: str, told: Sequence[Told], waiting: Sequence[UUID], when: str) -> Said:
    """Put the news into words. `waiting` is all that waits for this person now; `when` is a moment, as the school says it."""
    if subject == "waiting":
        return _waiting(told, waiting)
    if subject == "decided":
        return _decided(told)
    if subject == "trouble":
        return _trouble(told, when)
    if subject in _MORE:
        return _MORE[subject](told)
    if subject == "test":
        line = f"You asked for this on {when}. The school can reach you this way."
        return Said("This is the test you asked for", (line,), "How I am told", "/staff/me/telling")
    kinds = list(dict.fromkeys(each.news for each in told))
    lines = tuple(SECURITY[news] for news in kinds)
    after = () if kinds == [News.ACCOUNT_CLOSED] else (IF_NOT_YOU,)
    return Said("A change to your account", (*lines, f"That was on {when}.", *after), "", "")


def _waiting(told: Sequence[Told], waiting: Sequence[UUID]) -> Said:
    count = len(waiting)
    one = count == 1
    title = (
        "An update is waiting for your decision" if one else f"{count} updates are waiting for your decision"
    )
    stages = {each.stage for each in told}
    if stages == {Stage.REMINDER}:
        title = f"Reminder: {title[0].lower()}{title[1:]}"
    first = "Nobody has decided on it yet." if one else "Nobody has decided on them yet."
    lines = [first] if Stage.FIRST not in stages else []
    lines.append("Nothing is published until you, or another approver, have looked at it.")
    path = f"/review/{waiting[0]}" if one else "/review/"
    return Said(title, (*lines, NOTHING_BY_MAIL), "Look at it" if one else "Look at them", path)


def _urgent(told: Sequence[Told]) -> Said:
    """What families must know now. It waits for one of those who read this."""
    updates = list(dict.fromkeys(each.about for each in told))
    path = f"/review/{updates[0]}" if len(updates) == 1 else "/review/"
    again = {each.stage for each in told} == {Stage.REMINDER}
    title = "Urgent: a notice to families waits for a second person"
    lines = ("It goes out everywhere as soon as you, or another approver, have approved it.", NOTHING_BY_MAIL)
    return Said(f"Reminder: {title}" if again else title, lines, "Look at it now", path)


def _trouble(told: Sequence[Told], when: str) -> Said:
    """Told once: the page says where it stands by now."""
    kinds = [each.news for each in told]
    found = [(news, kinds.count(news)) for news in TROUBLES if news in kinds]
    lines = (TROUBLES[news][min(count, len(TROUBLES[news])) - 1].format(count=count) for news, count in found)
    return Said(
        "Trip Updates needs somebody’s help", (*lines, f"That was on {when}."), "Look at it", "/office/"
    )


def _by_hand(told: Sequence[Told]) -> Said:
    count = len({each.about for each in told})
    title = (
        "An update waits to be posted by hand" if count == 1 else f"{count} updates wait to be posted by hand"
    )
    line = "Approved, and for hours nobody has said that it is posted. Post it, or say on the page what came of it."
    return Said(title, (line,), "Look at it" if count == 1 else "Look at them", "/hand/")


def _down_by_hand(told: Sequence[Told]) -> Said:
    kinds = {each.news for each in told}
    lines = tuple(line for news, line in DOWN_BY_HAND.items() if news in kinds)
    return Said("Something must be taken down by hand", lines, "See what, and say so", "/hand/")


def _policy(told: Sequence[Told]) -> Said:
    lines = (POLICY[told[-1].news],)
    return Said("The page on how you post is to be looked at", lines, "Look at it", "/office/policy")


_MORE: dict[str, Callable[[Sequence[Told]], Said]] = {
    "urgent": _urgent,
    "down by hand": _down_by_hand,
    "by hand": _by_hand,
    "policy": _policy,
}


def _decided(told: Sequence[Told]) -> Said:
    updates = {each.about: each.news for each in told}  # the latest word on each
    if len(updates) == 1:
        ((about, news),) = updates.items()
        return Said(f"Your update {DECIDED[news][0]}", (), "Look at it", f"/staff/updates/{about}")
    kinds = list(updates.values())
    lines = tuple(
        f"{kinds.count(news)} {DECIDED[news][0 if kinds.count(news) == 1 else 1]}."
        for news in DECIDED
        if news in kinds
    )
    return Said("News of your updates", lines, "My trips", "/staff/")


def letter(said: Said, base_url: str, school: str, stop: str = "") -> tuple[str, str]:
    """The mail's two bodies: plain text, and HTML. `stop` is the address by which a family asks for no more, '' for none."""
    about = {"said": said, "link": base_url + said.path if said.path else "", "school": school, "stop": stop}
    text, html = (
        _templates().get_template(f"messages/letter.{kind}").render(about) for kind in ("txt", "html")
    )
    return text, html


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(folder_of_ours("templates")),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
