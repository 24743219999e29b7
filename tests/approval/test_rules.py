"""The seal, and who may approve (law 4)."""

from typing import Any
from uuid import UUID

import pytest

from tripupdates.approval.rules import (
    ManifestPhoto,
    changes,
    check_approver,
    digest,
    manifest,
    photos_by_channel,
    shown_renditions,
)
from tripupdates.vocabulary import Channel, Forbidden, Role

UPDATE, TRIP, PHOTO, ADA, BRAM = (UUID(int=number) for number in range(1, 6))
AUTHOR, HEAD = UUID(int=11), UUID(int=12)


def _manifest(**changed: Any) -> dict[str, Any]:
    photo: dict[str, Any] = {
        "id": PHOTO,
        "alt": "Rafts on the pond.",
        "pictured": (BRAM, ADA),
        "renditions": ({"name": "a.jpg", "width": 480, "height": 360},),
        "channels": (Channel.FAMILIES,),
    }
    texts = {Channel.FAMILIES: "Rafts!", Channel.X: "Rafts!"} | changed.pop("texts", {})
    widest = dict.fromkeys(texts, 2048) | changed.pop("widest", {})
    number = changed.pop("number", 1)
    return manifest(UPDATE, TRIP, number, texts, [ManifestPhoto(**(photo | changed))], widest)


def test_the_same_version_has_the_same_digest_whatever_the_order_of_its_pupils() -> None:
    assert digest(_manifest()) == digest(_manifest(pictured=(ADA, BRAM)))


@pytest.mark.parametrize(
    "change",
    [
        {"texts": {Channel.X: "Rafts"}},
        {"texts": {Channel.WEBSITE: "Rafts!"}},
        {"alt": "A raft on the pond."},
        {"pictured": (ADA,)},
        {"renditions": ({"name": "b.jpg", "width": 480, "height": 360},)},
        {"channels": (Channel.FAMILIES, Channel.X)},
        {"number": 2},
        {"faces": ({"box": [0.1, 0.1, 0.1, 0.1], "is": str(ADA), "found": True},)},
        {"covered": 1},
        {"widest": {Channel.X: 960}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_change_breaks_the_seal(change: dict[str, Any]) -> None:
    assert digest(_manifest(**change)) != digest(_manifest())


SIZES = tuple(
    {"name": f"{edge}.{suffix}", "width": edge, "height": edge // 2}
    for suffix in ("avif", "jpg")
    for edge in (480, 960, 1600)
)


@pytest.mark.parametrize(
    ("widest", "shown"),
    [
        (2048, "480.avif 960.avif 1600.avif 480.jpg 960.jpg 1600.jpg"),
        (960, "480.avif 960.avif 480.jpg 960.jpg"),
        (100, "480.jpg"),
    ],
)
def test_a_channel_shows_no_photo_larger_than_was_sealed_and_always_one(widest: int, shown: str) -> None:
    sealed = _manifest(renditions=SIZES, widest={Channel.X: widest})
    assert " ".join(each["name"] for each in shown_renditions(sealed, PHOTO, Channel.X)) == shown


def test_a_version_from_before_there_was_a_limit_shows_all() -> None:
    sealed = _manifest(renditions=SIZES)
    del sealed["channels"][Channel.X]["widest"]
    assert shown_renditions(sealed, PHOTO, Channel.X) == [dict(each) for each in SIZES]


def test_a_manifest_says_which_photos_go_where_and_who_is_in_them() -> None:
    assert photos_by_channel(_manifest()) == {
        Channel.FAMILIES: {PHOTO: frozenset({ADA, BRAM})},
        Channel.X: {},
    }


def test_the_head_may_approve() -> None:
    check_approver(Role.APPROVER, HEAD, AUTHOR, accompanies=False, deputy=False)


@pytest.mark.parametrize("role", [Role.STAFF, Role.OFFICE])
def test_nobody_but_an_approver_may_approve(role: Role) -> None:
    with pytest.raises(Forbidden):
        check_approver(role, HEAD, AUTHOR, accompanies=False, deputy=False)


def test_a_deputy_for_the_trip_may_approve() -> None:
    check_approver(Role.STAFF, HEAD, AUTHOR, accompanies=False, deputy=True)


@pytest.mark.parametrize("role", [Role.APPROVER, Role.STAFF])
def test_nobody_approves_their_own_update(role: Role) -> None:
    with pytest.raises(Forbidden, match="You wrote this update"):
        check_approver(role, AUTHOR, AUTHOR, accompanies=False, deputy=True)


def test_an_approver_on_the_trip_does_not_approve_its_updates() -> None:
    with pytest.raises(Forbidden):
        check_approver(Role.APPROVER, HEAD, AUTHOR, accompanies=True, deputy=False)
    with pytest.raises(Forbidden):
        check_approver(Role.STAFF, HEAD, AUTHOR, accompanies=True, deputy=True)


def test_what_changed_is_told_word_by_word() -> None:
    assert changes("We had soup for supper", "We had warm bread for supper") == [
        ("same", "We had"),
        ("gone", "soup"),
        ("new", "warm bread"),
        ("same", "for supper"),
    ]
