"""The messages of a trip as values: what they may be, what seals them, and the time that is filled in."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripupdates.approval.wordings import (
    DEFAULTS,
    Message,
    check_approver,
    digest,
    fill,
    problems,
    read,
    recognise,
)
from tripupdates.vocabulary import Channel, Forbidden, Refused, Role

TRIP, OTHER = UUID(int=1), UUID(int=2)
EVERYWHERE = (Channel.FAMILIES, Channel.WEBSITE, Channel.X)
TIMED = Message("delayed", "Delayed, now expected at {time}")
PLAIN = Message("arrived", "Arrived safely")


def _with(**texts: str) -> tuple[Message, ...]:
    return read(DEFAULTS | texts)


def test_what_a_school_begins_with_is_in_order() -> None:
    assert problems(read(DEFAULTS)) == []
    assert [each.key for each in read(DEFAULTS) if each.needs_time] == [
        "next_update",
        "setting_off",
        "delayed",
    ]


def test_each_message_is_on_one_line_whatever_was_typed() -> None:
    assert _with(arrived="  Arrived\r\n  safely ")[0].text == "Arrived safely"


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {key: text for key, text in DEFAULTS.items() if key != "delayed"},
        DEFAULTS | {"goodbye": "Bye"},
    ],
)
def test_there_are_exactly_these(texts: dict[str, str]) -> None:
    with pytest.raises(Refused, match="All the messages"):
        read(texts)


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ({"arrived": "  "}, "On arrival: write the message."),
        ({"arrived": "a" * 281}, "On arrival: write at most 280 characters."),
        ({"setting_off": "Setting off home"}, "On the way home: write {time} once, where the time goes."),
        ({"delayed": "At {time}, no, {time}"}, "When it gets late: write {time} once, where the time goes."),
        ({"all_well": "Lights out at {time}"}, "At bedtime: this message has no time, so take {time} out."),
        (
            {"all_well": "All {well}"},
            "At bedtime: take out the curly brackets, save those of {time}.",
        ),
        (
            {"delayed": "Expected at {time}, {TIME}"},
            "When it gets late: take out the curly brackets, save those of {time}.",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(texts: dict[str, str], problem: str) -> None:
    assert problems(_with(**texts)) == [problem]


def test_280_characters_are_not_too_many() -> None:
    assert problems(_with(arrived="a" * 280)) == []


def test_the_order_of_channels_and_messages_does_not_matter_to_the_seal() -> None:
    backwards = dict(reversed(DEFAULTS.items()))
    assert digest(TRIP, EVERYWHERE, read(DEFAULTS)) == digest(TRIP, EVERYWHERE[::-1], read(backwards))


def test_any_change_breaks_the_seal() -> None:
    seals = [
        digest(TRIP, EVERYWHERE, read(DEFAULTS)),
        digest(OTHER, EVERYWHERE, read(DEFAULTS)),
        digest(TRIP, (Channel.FAMILIES,), read(DEFAULTS)),
        digest(TRIP, EVERYWHERE, _with(arrived="Arrived safely.")),
        digest(TRIP, EVERYWHERE, _with(arrived="All well, lights out", all_well="Arrived safely")),
        digest(TRIP, (), ()),
    ]
    assert len(set(seals)) == len(seals)


@pytest.mark.parametrize("time", ["00:00", "09:05", "18:30", "23:59"])
def test_a_time_is_filled_in(time: str) -> None:
    assert fill(TIMED, time) == f"Delayed, now expected at {time}"


@pytest.mark.parametrize(
    "time", [None, "", "24:00", "9:05", "18:60", "18.30", "18:30\n", " 18:30", "١٨:٣٠", "18:30 or so"]
)
def test_what_is_no_time_is_refused(time: str | None) -> None:
    with pytest.raises(Refused, match="Say at what time"):
        fill(TIMED, time)


@given(st.text(max_size=8))
def test_nothing_but_a_time_gets_into_the_words(time: str) -> None:
    try:
        words = fill(TIMED, time)
    except Refused:
        return
    hour, minute = words.removeprefix("Delayed, now expected at ").split(":")
    assert (len(hour), len(minute), int(hour) < 24, int(minute) < 60) == (2, 2, True, True)


def test_a_message_without_a_time_goes_out_as_it_is() -> None:
    assert fill(PLAIN, None) == fill(PLAIN, "") == "Arrived safely"
    with pytest.raises(Refused, match="says no time"):
        fill(PLAIN, "18:30")


@pytest.mark.parametrize("role", [Role.STAFF, Role.OFFICE])
def test_only_an_approver_approves_messages(role: Role) -> None:
    with pytest.raises(Forbidden, match="Only the headteacher"):
        check_approver(role, accompanies=False)


def test_nobody_on_the_trip_approves_its_messages() -> None:
    with pytest.raises(Forbidden, match="You are on this trip"):
        check_approver(Role.APPROVER, accompanies=True)
    check_approver(Role.APPROVER, accompanies=False)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Arrived safely", ("arrived", "")),
        ("Delayed, now expected at 19:05", ("delayed", "19:05")),
        ("Delayed, now expected at 25:05", ("", "")),
        ("Delayed, now expected at ", ("", "")),
        ("Arrived safely, all of us", ("", "")),
    ],
)
def test_a_text_is_recognised_by_the_message_that_makes_it(text: str, found: tuple[str, str]) -> None:
    assert recognise(read(DEFAULTS), text) == found


def test_a_message_is_recognised_whatever_surrounds_its_time() -> None:
    assert recognise((Message("delayed", "{time} it will be"),), "19:05 it will be") == ("delayed", "19:05")
