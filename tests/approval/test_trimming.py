"""Taking photos and places out of a version: nothing else changes, and something must be left."""

from typing import Any

import pytest

from tripupdates.approval.trimming import findings_left, trimmed
from tripupdates.vocabulary import NotFound, Refused

MANIFEST: dict[str, Any] = {
    "update": "u",
    "trip": "t",
    "number": 1,
    "photos": {"a": {"alt": "A."}, "b": {"alt": "B."}},
    "channels": {
        "families": {"text": "Words.", "photos": ["a", "b"], "widest": 2048},
        "x": {"text": "Other words.", "photos": ["b"], "widest": 960},
    },
}


def finding(where: str) -> dict[str, Any]:
    return {"key": where, "where": where, "severity": "ask"}


def test_a_photo_is_left_out_everywhere_and_nothing_else_changes() -> None:
    assert trimmed(MANIFEST, 2, ["b"], []) == MANIFEST | {
        "number": 2,
        "photos": {"a": {"alt": "A."}},
        "channels": {
            "families": {"text": "Words.", "photos": ["a"], "widest": 2048},
            "x": {"text": "Other words.", "photos": [], "widest": 960},
        },
    }


def test_with_a_place_go_the_photos_that_then_stand_nowhere() -> None:
    left = trimmed(MANIFEST, 3, [], ["families"])
    assert (list(left["channels"]), list(left["photos"]), left["number"]) == (["x"], ["b"], 3)


@pytest.mark.parametrize(("photos", "channels"), [([], []), ([], ["families", "x"])])
def test_nothing_taken_out_and_nothing_left_are_refused(photos: list[str], channels: list[str]) -> None:
    with pytest.raises(Refused):
        trimmed(MANIFEST, 2, photos, channels)


@pytest.mark.parametrize(("photos", "channels"), [(["c"], []), ([], ["website"])])
def test_what_is_not_in_it_cannot_be_taken_out(photos: list[str], channels: list[str]) -> None:
    with pytest.raises(NotFound):
        trimmed(MANIFEST, 2, photos, channels)


def test_remarks_about_what_is_left_stay_with_the_photos_new_number() -> None:
    findings = [finding(where) for where in ("text", "x_text", "alt 1", "alt 2")]
    left = findings_left(findings, ["a", "b"], trimmed(MANIFEST, 2, ["a"], []), x_text=True)
    assert [(each["key"], each["where"]) for each in left] == [
        ("text", "text"),
        ("x_text", "x_text"),
        ("alt 2", "alt 1"),
    ]


@pytest.mark.parametrize(
    ("channels", "x_text", "where"),
    [
        (["x"], True, ["text"]),
        (["families"], True, ["x_text"]),
        (["families"], False, ["text"]),
    ],
)
def test_remarks_go_with_the_place_whose_words_they_are_about(
    channels: list[str], x_text: bool, where: list[str]
) -> None:
    findings = [finding("text")] + ([finding("x_text")] if x_text else [])
    left = findings_left(findings, ["a", "b"], trimmed(MANIFEST, 2, [], channels), x_text)
    assert [each["where"] for each in left] == where


def test_words_that_only_the_class_app_shows_keep_their_remarks() -> None:
    manifest = MANIFEST | {"channels": {"app": {"text": "Words.", "photos": [], "widest": 2048}}}
    assert [each["where"] for each in findings_left([finding("text")], [], manifest, True)] == ["text"]
