"""How a message fares that goes to each family for itself, in one line for each way: counts, and never a family. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from tripupdates.vocabulary import Channel, DeliveryState, Receipt

NOBODY = {
    Channel.TEXT: "Nobody to send it to: no family had a number here",
    Channel.EMAIL: "Nobody to send it to: no family had an address here",
}
STILL = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNSURE, DeliveryState.CHECKING)
NOT_DELIVERED = {
    Receipt.PERMANENT: {
        Channel.TEXT: "not delivered: number not in use, or it takes none",
        Channel.EMAIL: "not delivered: no such address, or it takes none",
    },
    Receipt.TEMPORARY: {
        Channel.TEXT: "not delivered: phone switched off for three days",
        Channel.EMAIL: "not delivered: inbox full, or away for three days",
    },
    Receipt.TECHNICAL: dict.fromkeys(
        (Channel.TEXT, Channel.EMAIL), "not delivered: a fault between GOV.UK Notify and the networks"
    ),
    Receipt.UNKNOWN: dict.fromkeys(
        (Channel.TEXT, Channel.EMAIL), "sent, and nobody says whether they arrived"
    ),
}
UNSETTLED = {
    DeliveryState.REFUSED: "refused",
    DeliveryState.STOPPED: "not sent",
    DeliveryState.NEEDS_PERSON: "needs a person",
}


class Alike(Protocol):
    """So many orders that stand alike; `problem` is a sentence."""

    @property
    def state(self) -> DeliveryState: ...
    @property
    def receipt(self) -> Receipt | None: ...
    @property
    def problem(self) -> str: ...
    @property
    def count(self) -> int: ...


@dataclass(frozen=True)
class Summary:
    """`state` is for the phone, as of any place; `words` and `problem` are for people."""

    state: str
    words: str
    problem: str


def summary(channel: Channel, found: Iterable[Alike]) -> Summary:
    """One way's line. Nothing ordered at all is told as well."""
    rows = [each for each in found if each.count]
    total = sum(each.count for each in rows)
    if not total:
        return Summary("stopped", NOBODY[channel], "")
    states, receipts = Counter[DeliveryState](), Counter[Receipt]()
    for each in rows:
        states[each.state] += each.count
        if each.receipt is not None:
            receipts[each.receipt] += each.count
    sent = states[DeliveryState.SENT]
    said = [f"{sent} of {total} sent"]
    if receipts[Receipt.DELIVERED]:
        said.append(f"{receipts[Receipt.DELIVERED]} delivered")
    said += [f"{receipts[each]} {words[channel]}" for each, words in NOT_DELIVERED.items() if receipts[each]]
    said += [f"{states[each]} {words}" for each, words in UNSETTLED.items() if states[each]]
    return Summary(_state(states), ", ".join(said), _problems(rows))


def _state(states: Counter[DeliveryState]) -> str:
    """Under way while any is; then what is worst for whoever looks: a person's task, then whether anything went out."""
    if any(states[each] for each in STILL):
        return "waiting"
    order = (DeliveryState.NEEDS_PERSON, DeliveryState.SENT, DeliveryState.REFUSED)
    return next((each.value for each in order if states[each]), DeliveryState.STOPPED.value)


def _problems(rows: Iterable[Alike]) -> str:
    """Each reason once, the most frequent first."""
    why = Counter[str]()
    for each in rows:
        if each.problem and each.state is not DeliveryState.SENT:
            why[each.problem] += each.count
    return " ".join(f"{count}: {problem}" for problem, count in why.most_common())
