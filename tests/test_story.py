"""The story of an update: every event has a sentence, names are looked up, no pupil is named, others may not read it."""

import ast
from pathlib import Path

import pytest

from tests.factories import (
    EVERYWHERE,
    PUPILS,
    School,
    all_consent,
    approved,
    consent,
    draft,
    put_on_trip,
    send,
    waiting,
    wordings,
    work,
)
from tripupdates import journey, office, story, takedown
from tripupdates.approval.records import Version
from tripupdates.database import fresh
from tripupdates.vocabulary import Channel, Move, NotFound

PACKAGE = Path(story.__file__).parent


def _noted() -> set[object]:
    """Every word in the code that becomes an event of the audit: said there, or given the name `event` before."""
    found: set[object] = set()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        said = [
            node.args[3]
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and (ast.unparse(node.func), len(node.args) > 3) == ("audit.note", True)
        ]
        said += [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in {"event", "EVENT"}
        ]
        said += [
            word
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "_append"
            for word in node.args[-1:]
        ]
        for each in said:
            choices = (each.body, each.orelse) if isinstance(each, ast.IfExp) else (each,)
            found |= {word.value for word in choices if isinstance(word, ast.Constant)}
    return found


def test_every_event_that_the_code_can_write_has_a_sentence_or_is_about_something_else() -> None:
    known = {*story.SENTENCES, *story.ELSEWHERE}
    assert {"began update", "closed account", "consent refused", "stopped messages"} <= _noted()
    assert _noted() - known == set()  # those put together from an order and a state: see `open_school`


def test_the_moves_that_are_decided_have_a_sentence() -> None:
    assert {Move.APPROVE, Move.RETURN, Move.REJECT} <= story.SENTENCES.keys()


def _told(school: School, update: object, who: str = "head") -> list[str]:
    _, told = story.story(school.house, fresh(), school.people[who], update)  # type: ignore[arg-type] # an id
    return [each.text for each in told]


def test_it_tells_the_whole_way_in_order(school: School) -> None:
    all_consent(school)
    update = waiting(school, ("Ada", "Bram"))
    journey.send_back(school.house, school.head, update, school.digest(update), "Say where.")
    journey.submit(school.house, school.author, update)
    journey.approve(school.house, school.head, update, school.digest(update))
    work(school)
    takedown.take_down(school.house, school.deputy, update, "A parent has asked.")
    work(school)
    assert _told(school, update) == [
        "Ms Author Sample began it.",
        "Ms Author Sample added a photo.",
        "Ms Author Sample said who is in a photo, or described it.",
        "Ms Author Sample sent it to be approved (version 1).",
        "Mrs Head Sample sent it back. “Say where.”",
        "Ms Author Sample sent it to be approved (version 2).",
        "Mrs Head Sample approved exactly what was sent (version 2), not signed with a passkey.",
        "Families’ page: on its way.",
        "Families’ page: it is there.",
        "School website: on its way.",
        "School website: it is there.",
        "Families’ page: it must come down.",
        "School website: it must come down.",
        "X (Twitter): it was stopped before it was sent.",
        "Mr Deputy Sample took it down everywhere, and its photos were deleted. “A parent has asked.”",
        "Families’ page: being removed.",
        "Families’ page: confirmed gone.",
        "School website: being removed.",
        "School website: confirmed gone.",
    ]


def test_reasons_for_remarks_are_told_with_the_approval(school: School) -> None:
    update = waiting(school, text="The ambulance museum was shut, so we drew an ambulance.")
    version = school.update(update).version_id
    assert version is not None
    findings = fresh().get_one(Version, version).findings
    reasons = {each["key"]: "It is a museum." for each in findings}
    journey.approve(school.house, school.head, update, school.digest(update), reasons)
    assert _told(school, update)[-1] == (
        "Mrs Head Sample approved exactly what was sent (version 1), not signed with a passkey. “It is a museum.”"
    )


def test_a_message_in_two_taps_has_its_story(school: School) -> None:
    update = send(school, wordings(school, (Channel.FAMILIES,)))
    assert _told(school, update) == [
        "Ms Author Sample began it.",
        "Ms Author Sample sent a message that had been approved before the trip.",
    ]


def test_the_same_on_end_is_told_once(school: School) -> None:
    update = draft(school)
    for text in ("A.", "B.", "C."):
        journey.submit(school.house, school.author, update)
        journey.save_draft(school.house, school.author, update, school.slug, text, None, EVERYWHERE)
    _, told = story.story(school.house, fresh(), school.author, update)
    assert len(told) == 7
    assert {each.times for each in told} == {1}


def test_no_pupil_is_named_when_a_consent_has_gone(school: School) -> None:
    all_consent(school)
    update = waiting(school, ("Ada", "Bram"))
    consent(school, {"Ada": (Channel.X,)}, yes=False)
    told = " ".join(_told(school, update, "author"))
    assert "It went back to its author: a photo in it may no longer be shown." in told
    assert not any(name.split()[0] in told for name in PUPILS)


@pytest.mark.parametrize("who", ["colleague", "stranger"])
def test_staff_read_the_story_of_their_own_updates_only(school: School, who: str) -> None:
    update = approved(school)
    with pytest.raises(NotFound):
        story.story(school.house, fresh(), school.people[who], update)
    assert school.client(who).get(f"/review/{update}/story").status_code == 404


def test_the_author_no_longer_on_the_trip_reads_it_no_more(school: School) -> None:
    update = approved(school)
    assert school.client("author").get(f"/review/{update}/story").status_code == 200
    office.set_staff(school.house, school.office, school.slug, [school.colleague.id])
    assert school.client("author").get(f"/review/{update}/story").status_code == 404


@pytest.mark.parametrize(("who", "page"), [("head", "/review/{}"), ("author", "/staff/updates/{}")])
def test_the_pages_of_an_update_lead_to_its_story(school: School, who: str, page: str) -> None:
    update = approved(school)
    work(school)
    client = school.client(who)
    assert f'href="/review/{update}/story"' in client.get(page.format(update)).text
    text = client.get(f"/review/{update}/story").text
    assert "School website: it is there." in text
    assert f'href="{school.delivery(update, Channel.WEBSITE).link}"' in text


def test_the_office_reads_it_too(school: School) -> None:
    put_on_trip(school)
    assert school.client("office").get(f"/review/{approved(school)}/story").status_code == 200
