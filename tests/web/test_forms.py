"""What the staff's form says about a photo, and how remarks, reasons and changes are laid out."""

import uuid

import pytest
from werkzeug.datastructures import MultiDict

from tripupdates.vocabulary import Refused
from tripupdates.web import forms
from tripupdates.web.forms import NOBODY, THESE, PhotoForm

ADA, BRAM = uuid.UUID(int=1), uuid.UUID(int=2)


def _said(who: str, *ticked: uuid.UUID) -> PhotoForm:
    return PhotoForm("", who, frozenset(ticked))


@pytest.mark.parametrize(
    ("said", "pictured"),
    [
        (_said(""), None),
        (_said(NOBODY), []),
        (_said(THESE, BRAM, ADA), [ADA, BRAM]),
        (_said("", ADA), [ADA]),
    ],
)
def test_only_an_answer_is_an_answer(said: PhotoForm, pictured: list[uuid.UUID] | None) -> None:
    assert forms.pictured(said, 1) == pictured


@pytest.mark.parametrize("said", [_said(NOBODY, ADA), _said(THESE)])
def test_half_an_answer_is_asked_again(said: PhotoForm) -> None:
    with pytest.raises(Refused, match=r"^Photo 3: "):
        forms.pictured(said, 3)


def test_what_is_no_id_is_passed_over() -> None:
    assert forms.uuids([str(ADA), "", "nobody", str(BRAM)]) == [ADA, BRAM]


@pytest.mark.parametrize(
    ("reason", "place"),
    [
        ("Write something first: every update has words, photos are extra.", "text"),
        ("Choose at least one place for it to appear.", "places"),
        ("The school has not set up X. Take X off this update.", "places"),
        ("The text for X is 20 characters too long. Write a shorter one for X.", "for-x"),
        ("Photo 2: say who is in it, or that no pupil is.", "photo-2"),
        ("Photo 2 cannot be shown in any of the places you chose. Use another photo.", "photo-2"),
        ("“Ada” in the text: Take it out.", "text"),
        ("“Ada” in the text for X: Take it out.", "for-x"),
        ("“Ada” in the alt text of photo 4: Take it out.", "photo-4"),
        ("“Photo 3” in the text: Take it out.", "text"),
        ("holiday.mp4: This is a video.", ""),
    ],
)
def test_a_reason_leads_to_the_place_where_it_is_mended(reason: str, place: str) -> None:
    assert forms.mended_at(reason) == place


def test_the_same_remark_is_made_once_with_every_key() -> None:
    found = [
        {"where": where, "code": "upsetting", "excerpt": excerpt, "key": key}
        for where, excerpt, key in [
            ("text", "ambulance", "a"),
            ("x_text", "ambulance", "b"),
            ("text", "Ambulance", "c"),
            ("text", "hospital", "d"),
        ]
    ]
    assert [remark.keys for remark in forms.same_remarks(found)] == [("a", "c"), ("b",), ("d",)]


def test_a_reason_counts_for_every_key_of_its_field() -> None:
    sent = MultiDict([("override-a c", "A museum."), ("override-b", ""), ("digest", "x")])
    assert forms.overrides(sent) == {"a": "A museum.", "c": "A museum.", "b": ""}


def test_a_change_that_is_alike_in_several_places_is_told_once() -> None:
    lake, other = (("gone", "lake"), ("new", "pond")), (("new", "soup"),)
    changes = [("text families", lake), ("text website", lake), ("text x", other), ("alt", lake)]
    assert forms.same_changes(changes) == [
        ("Text: Families’ page, School website", lake),
        ("Text: X (Twitter)", other),
        ("Alt texts", lake),
    ]
