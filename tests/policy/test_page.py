"""The policy as parents read it: a sentence stands there while its rule is in force, and not a day longer."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tripupdates.policy import phrases
from tripupdates.policy.page import CLAUSES, School, digest, reminder, sections
from tripupdates.vocabulary import CHANNEL_NAMES, TO_FAMILIES, Channel, Kind

FULL = School(
    channels=tuple(Channel),
    names=CHANNEL_NAMES | {Channel.APP: "SeeSaw"},
    kinds=frozenset(Kind),
    group_only=(Channel.WEBSITE, Channel.X, Channel.APP),
    urgent=(Channel.FAMILIES, Channel.WEBSITE, Channel.X, *TO_FAMILIES),
    handle="PuddleLaneTest",
    hides_faces=True,
    edge=960,
    signed_only=True,
    form_days=14,
    unsent_days=15,
)
ONLY_PAGES = (Channel.FAMILIES, Channel.WEBSITE)


def _said(school: School) -> set[str]:
    return {sentence for section in sections(school) for sentence in section.sentences}


def _without(*channels: Channel) -> School:
    """The same school without some of its places."""
    left = tuple(channel for channel in FULL.channels if channel not in channels)
    return replace(
        FULL,
        channels=left,
        group_only=tuple(channel for channel in FULL.group_only if channel in left),
        urgent=tuple(channel for channel in FULL.urgent if channel in left),
    )


def test_every_clause_of_the_policy_is_told_to_parents_in_their_words() -> None:
    assert CLAUSES.keys() == phrases.CLAUSES.keys()
    assert set(CLAUSES.values()) <= _said(FULL)


# What changes, and the sentences that go with it; none of them may be told of a school without it.
RULES: tuple[tuple[dict[str, Any], tuple[str, ...]], ...] = (
    (
        {"hides_faces": False},
        ("On the school website and X (Twitter) no face is shown that can be recognised.",),
    ),
    ({"edge": 0}, ("On the school website and X (Twitter) pictures are small: at most 960 pixels.",)),
    (
        {"signed_only": False},
        ("Every approval is signed by the person who gives it, so that it can be proven later.",),
    ),
    (
        {"group_only": ()},
        ("On the school website, X (Twitter) and SeeSaw pupils appear in groups only, never one alone.",),
    ),
    (
        {"kinds": frozenset(Kind) - {Kind.MESSAGE}},
        (
            "Short messages of how a trip stands, such as that the group has arrived, are approved word for word before "
            "the trip; staff on the trip then send them.",
        ),
    ),
    (
        {"kinds": frozenset(Kind) - {Kind.NEWSLETTER}},
        (
            "Whoever puts up a newsletter declares that they have looked through all of it: names and pictures of pupils "
            "only with their parents’ yes.",
        ),
    ),
    (
        {"kinds": frozenset(Kind) - {Kind.NEWS, Kind.NOTICE}},
        ("Pictures with news of the school itself show no pupil.",),
    ),
    (
        {"kinds": frozenset(Kind) - {Kind.URGENT, Kind.NOTICE}},
        (
            "Urgent news alone may go out with the word of the headteacher or deputy who wrote it, where nobody else is at "
            "hand; why is written down.",
            "In an emergency everything but urgent news is held, until the headteacher, a deputy or the office lifts that.",
            "A notice leaves the top of our pages by itself when its time is over.",
            "What cannot wait, such as a closure or a late coach, comes from the headteacher or a deputy alone, in every "
            "way we have: the families’ page, the school website and X (Twitter).",
            "Where it is about a trip, its families get it by text message and e-mail as well.",
            "If the school’s own pages cannot be reached, look at @PuddleLaneTest on X (Twitter).",
        ),
    ),
)


@pytest.mark.parametrize(("change", "gone"), RULES)
def test_a_sentence_goes_with_its_rule(change: dict[str, Any], gone: tuple[str, ...]) -> None:
    assert set(gone) <= _said(FULL)
    assert _said(FULL) - _said(replace(FULL, **change)) >= set(gone)
    assert not set(gone) & _said(replace(FULL, **change))


@pytest.mark.parametrize(
    ("channel", "gone"),
    [
        (Channel.X, "X (Twitter): the school’s account is @PuddleLaneTest, and anybody can read it."),
        (Channel.X, "Nobody can reply to our posts on X (Twitter)."),
        (Channel.APP, "SeeSaw: our staff post there by hand, and only what was approved."),
        (
            Channel.APP,
            "In SeeSaw our staff delete them by hand. They count as still there until one of us has looked.",
        ),
        (
            Channel.TEXT,
            "By text message and e-mail you hear how a trip stands and what is urgent, and are asked about pictures; "
            "nothing else.",
        ),
        (Channel.FAMILIES, "A trip’s page for families is closed 14 days after its last day."),
    ],
)
def test_a_place_that_the_school_has_not_is_not_told_of(channel: Channel, gone: str) -> None:
    assert gone in _said(FULL)
    left = _said(_without(channel))
    assert gone not in left
    name = FULL.names[channel]
    assert not [sentence for sentence in left if name.casefold() in sentence.casefold()]


def test_without_texts_and_mails_there_is_no_heading_about_them() -> None:
    headings = {section.heading for section in sections(_without(*TO_FAMILIES))}
    assert "Messages to you" in {section.heading for section in sections(FULL)}
    assert "Messages to you" not in headings
    assert all(section.sentences for section in sections(FULL))


def test_an_approval_without_a_passkey_is_told_as_such() -> None:
    said = "It is written down who approved what and when, and whether that was signed."
    assert (said in _said(FULL), said in _said(replace(FULL, signed_only=False))) == (False, True)


def test_the_days_are_those_of_the_rules() -> None:
    told = " ".join(_said(replace(FULL, form_days=21, unsent_days=9)))
    assert "closed 21 days after its last day" in told
    assert "if you have one, until 21 days after the trip" in told
    assert "never approved are deleted 9 days after the trip" in told


def test_another_rule_is_another_page() -> None:
    page = digest(sections(FULL))
    assert page == digest(sections(replace(FULL)))
    others = {digest(sections(replace(FULL, **change))) for change, _ in RULES}
    assert len(others | {page}) == len(RULES) + 1


DUE = date(2027, 9, 1)


def test_reminders_come_a_month_before_a_week_before_and_each_week_after() -> None:
    told = {
        left: found and (found[0].value, found[1])
        for left in (31, 30, 8, 7, 0, -1, -7, -8, -14, -15)
        for found in [reminder(DUE, DUE - timedelta(days=left))]
    }
    assert told == {
        31: None,
        30: ("policy_due", 1),
        8: ("policy_due", 1),
        7: ("policy_due", 2),
        0: ("policy_due", 2),
        -1: ("policy_overdue", 3),
        -7: ("policy_overdue", 3),
        -8: ("policy_overdue", 4),
        -14: ("policy_overdue", 4),
        -15: ("policy_overdue", 5),
    }
