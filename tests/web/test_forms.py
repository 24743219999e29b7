"""What the staff's form says about a photo, and how remarks, reasons and changes are laid out."""

import uuid

import pytest
from werkzeug.datastructures import MultiDict

from tripupdates.photos.answers import Face
from tripupdates.photos.boxes import Box
from tripupdates.photos.records import Photo
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


PHOTO = Photo(
    id=uuid.UUID(int=9),
    alt="Rafts.",
    looked=True,
    counted=False,
    marked=[Face(Box(0.1, 0.2, 0.1, 0.1), found=True).stored],
    renditions=[{"name": "a.jpg", "width": 1600, "height": 1200}],
    pupils=[],
)
BOX = "0.1 0.2 0.1 0.1"


def _form(*fields: tuple[str, str], alt: str = "Rafts.") -> MultiDict[str, str]:
    return MultiDict([(f"{name}-{PHOTO.id}", value) for name, value in (("alt", alt), *fields)])


@pytest.mark.parametrize(
    "fields",
    [
        [("pupil", str(ADA)), ("pupil", "garbled")],
        [("box", BOX), ("face", "nobody")],
        [("box", "0.1 0.2 0.1"), ("face", "adult")],
        [("box", "a b c d"), ("face", "adult")],
        [("box", "nan 0 1 1"), ("face", "adult")],
        [("box", BOX)],
    ],
    ids=["a pupil", "an answer", "half a box", "letters", "no number", "a box without an answer"],
)
def test_what_did_not_arrive_as_our_page_made_it_is_asked_again(fields: list[tuple[str, str]]) -> None:
    with pytest.raises(Refused, match="Photo 2: not all that you chose arrived"):
        forms.pictured(forms.typed(_form(*fields), PHOTO), 2)


def test_the_faces_of_a_form_are_read_with_their_answers() -> None:
    said = forms.typed(_form(("box", BOX), ("face", "adult"), ("box", ""), ("face", str(ADA))), PHOTO)
    assert said.faces == (Face(Box(0.1, 0.2, 0.1, 0.1), "adult"), Face(None, str(ADA)))
    assert forms.faces(said, PHOTO, 1) == list(said.faces)


def test_a_mark_made_by_hand_can_be_taken_away() -> None:
    said = forms.typed(_form(("box", BOX), ("face", "adult"), ("box", BOX), ("face", "take_away")), PHOTO)
    assert [face.who for face in said.faces] == ["adult"]


BLIND = Photo(
    id=PHOTO.id, alt="", looked=False, counted=False, marked=[], renditions=PHOTO.renditions, pupils=[]
)


def test_where_nobody_looked_the_number_of_people_makes_as_many_places() -> None:
    said = forms.typed(_form(("people", "2")), BLIND)
    assert forms.faces(said, BLIND, 1) == [Face(None), Face(None)]
    assert forms.faces(forms.typed(_form(("people", "0")), BLIND), BLIND, 1) == []
    assert forms.faces(forms.typed(_form(("people", "")), BLIND), BLIND, 1) is None


@pytest.mark.parametrize("people", ["many", "-1", "2.5", "1000"])
def test_a_number_of_people_that_is_none_is_asked_again(people: str) -> None:
    with pytest.raises(Refused, match="Photo 3: write as a number how many people"):
        forms.faces(forms.typed(_form(("people", people)), BLIND), BLIND, 3)


def test_a_tap_marks_a_face_around_that_place() -> None:
    tapped = forms.tapped(_form(("tap", "")) | {f"tap-{PHOTO.id}.x": "150", f"tap-{PHOTO.id}.y": "45"}, PHOTO)
    assert tapped is not None
    assert tapped.box == Box(0.46, 0.1467, 0.08, 0.1067)
    corner = forms.tapped({f"tap-{PHOTO.id}.x": "0", f"tap-{PHOTO.id}.y": "9999"}, PHOTO)
    assert corner is not None
    assert corner.box is not None
    assert Box.read(corner.box.values) == corner.box
    assert forms.tapped({f"tap-{PHOTO.id}.x": "left"}, PHOTO) is None


def test_percent_to_cut_off_leave_a_box() -> None:
    cut = {f"cut-left-{PHOTO.id}": "20", f"cut-top-{PHOTO.id}": " 10 ", f"cut-right-{PHOTO.id}": ""}
    assert forms.crop(cut, PHOTO, 1) == Box(0.2, 0.1, 0.8, 0.9)


@pytest.mark.parametrize(
    ("left", "right", "why"),
    [("half", "0", "in percent"), ("-5", "0", "in percent"), ("60", "40", "cut everything off")],
)
def test_percent_that_make_no_sense_are_asked_again(left: str, right: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        forms.crop({f"cut-left-{PHOTO.id}": left, f"cut-right-{PHOTO.id}": right}, PHOTO, 1)


@pytest.mark.parametrize(
    ("action", "deed"),
    [
        ("save", ("save", "", None)),
        (f"crop-{PHOTO.id}", ("crop", str(PHOTO.id), None)),
        (f"cover-{PHOTO.id}:{BOX}", ("cover", str(PHOTO.id), Box(0.1, 0.2, 0.1, 0.1))),
        (f"cover-{PHOTO.id}:rubbish", ("cover", str(PHOTO.id), None)),
    ],
)
def test_a_button_says_what_to_do_with_which_face(action: str, deed: tuple[str, str, Box | None]) -> None:
    assert forms.deed(action) == deed


@pytest.mark.parametrize(
    ("reason", "place"),
    [
        ("Write something first: every update has words, photos are extra.", "text"),
        ("Choose at least one place for it to appear.", "places"),
        ("The school has not set up X (Twitter). Take it off this update.", "places"),
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
