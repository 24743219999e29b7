"""One line for each way, whatever became of sixty messages."""

from dataclasses import dataclass

import pytest

from tripupdates.approval.families import Summary, summary
from tripupdates.vocabulary import Channel, DeliveryState, Receipt

SENT, PENDING = DeliveryState.SENT, DeliveryState.PENDING


@dataclass(frozen=True)
class Row:
    count: int
    state: DeliveryState
    receipt: Receipt | None = None
    problem: str = ""


@pytest.mark.parametrize(
    ("rows", "state", "words", "problem"),
    [
        ([], "stopped", "Nobody to send it to: no family had a number here", ""),
        ([Row(60, PENDING)], "waiting", "0 of 60 sent", ""),
        ([Row(59, SENT, Receipt.WAITING), Row(1, DeliveryState.CHECKING)], "waiting", "59 of 60 sent", ""),
        (
            [
                Row(57, SENT, Receipt.DELIVERED),
                Row(1, SENT, Receipt.PERMANENT),
                Row(2, DeliveryState.REFUSED, problem="Not a number."),
            ],
            "sent",
            "58 of 60 sent, 57 delivered, 1 not delivered: number not in use, or it takes none, 2 refused",
            "2: Not a number.",
        ),
        (
            [
                Row(3, DeliveryState.NEEDS_PERSON, problem="Odd."),
                Row(1, DeliveryState.STOPPED, problem="Wants none."),
            ],
            "needs_person",
            "0 of 4 sent, 1 not sent, 3 needs a person",
            "3: Odd. 1: Wants none.",
        ),
        ([Row(2, DeliveryState.REFUSED)], "refused", "0 of 2 sent, 2 refused", ""),
        ([Row(2, DeliveryState.STOPPED)], "stopped", "0 of 2 sent, 2 not sent", ""),
    ],
)
def test_the_line_of_text_messages(rows: list[Row], state: str, words: str, problem: str) -> None:
    assert summary(Channel.TEXT, rows) == Summary(state, words, problem)


def test_an_inbox_is_no_phone() -> None:
    rows = [Row(1, SENT, Receipt.PERMANENT), Row(1, SENT, Receipt.TEMPORARY), Row(1, SENT)]
    assert summary(Channel.EMAIL, rows).words == (
        "3 of 3 sent, 1 not delivered: no such address, or it takes none, "
        "1 not delivered: inbox full, or away for three days"
    )
