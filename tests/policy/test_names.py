"""Pupils and staff are found however they are written; their names as ordinary words are not."""

import pytest

from tests.policy.school import ASK, PUPILS, STOP, found
from tripupdates.policy.rules import check

# What is written, and the pupil's name in it.
STOPPED = (
    ("Rose fell in", "Rose"),
    ("Rose fell in!", "Rose"),
    ("well done Rose", "Rose"),
    ("Well done, Rose, what a climb.", "Rose"),
    ("Grace’s boat came first.", "Grace"),
    ("Grace's boat came first.", "Grace"),
    ("Rose B. was first up.", "Rose"),
    ("We cheered for Rose B", "Rose"),
    ("We cheered for Rose.", "Rose"),
    ("Then Rose jumped in.", "Rose"),
    ("Rose was brilliant.", "Rose"),
    ("Rose really loved it.", "Rose"),
    ("A big thank you to Mark.", "Mark"),
    ("Thank you May", "May"),
    ("Congratulations to our Hope!", "Hope"),
    ("A canoe with\nJoy in it.", "Joy"),
    ("Mark climbed the wall.", "Mark"),
    ("Will won the quiz.", "Will"),
    ("We sang with Joy.", "Joy"),
    ("A kite made by Daisy.", "Daisy"),
    ("Jack spotted a seal.", "Jack"),
    ("Today was led by Heath.", "Heath"),
    ("WELL DONE ROSE", "ROSE"),
    ("WELL DONE ROSE!!!", "ROSE"),
    ("ROSE FELL IN", "ROSE"),
    ("well done rose", "rose"),
    ("#WellDoneRose", "Rose"),
    ("Cleo was first.", "Cleo"),
    ("cleo was first", "cleo"),
    ("CLEO WAS FIRST", "CLEO"),
    ("Finn’s kite flew highest.", "Finn"),
    ("Finns kite flew highest.", "Finns"),
    ("Zoë led the way.", "Zoë"),
    ("Zoe led the way.", "Zoe"),
    ("Zoe\u0308 led the way.", "Zoe\u0308"),
    ("Jose led the way.", "Jose"),
    ("JOSÉ led the way.", "JOSÉ"),
    ("Bjorn led the way.", "Bjorn"),
    ("Mary-Jane led the way.", "Mary-Jane"),
    ("Mary Jane led the way.", "Mary Jane"),
    ("Jane led the way.", "Jane"),
    ("Mary led the way.", "Mary"),
    ("The Thistleburys waved.", "Thistleburys"),
    ("Smithering-Joneson to the front.", "Smithering-Joneson"),
    ("Smithering to the front.", "Smithering"),
    ("joneson to the front.", "joneson"),
    ("Ravi O'Brackish was there.", "Ravi O'Brackish"),
    ("Little O’Brackish was there.", "O’Brackish"),
    ("O Brackish was there.", "O Brackish"),
    ("OBrackish was there.", "OBrackish"),
    ("O'Brackish’s hat blew off.", "O'Brackish"),
    ("Rose Baker tied the knots.", "Rose Baker"),
    ("rose thistlebury tied the knots", "rose thistlebury"),
    ("Rose  Baker tied the knots.", "Rose  Baker"),
    ("Rose\nBaker tied the knots.", "Rose\nBaker"),
    ("Rose\u200b Baker tied the knots.", "Rose\u200b Baker"),
    ("Ro\u200bse Thistle\u00adbury tied the knots.", "Ro\u200bse Thistle\u00adbury"),
    ("Ｃｌｅｏ tied the knots.", "Ｃｌｅｏ"),
    ("𝓒𝓵𝓮𝓸 tied the knots.", "𝓒𝓵𝓮𝓸"),
    ("Baker, Rose tied the knots.", "Baker, Rose"),
    ("Rose J. Baker tied the knots.", "Rose J. Baker"),
    ("R. Baker tied the knots.", "R. Baker"),
    ("R Baker tied the knots.", "R Baker"),
    ("Well done R.Baker", "R.Baker"),
    ("F. Cook tied the knots.", "F. Cook"),
    ("#RoseBaker", "RoseBaker"),
    ("RoseBaker", "RoseBaker"),
    ("#rosebaker", "rosebaker"),
    ("#Rose_Baker", "Rose_Baker"),
    ("#TeamRoseBaker", "TeamRoseBaker"),
    ("“Cleo” on a name badge", "Cleo"),
    ("‘Rose’s hat’ said the label", "Rose"),
    ("Summer Larkington rowed.", "Summer Larkington"),
)
ASKED = (
    ("We looked at Rose today.", "Rose"),
    ("Summer was first up the wall.", "Summer"),
    ("Hope is first up the wall.", "Hope"),
    ("Rose on the climbing wall", "Rose"),
    ("Daisy holding a shell", "Daisy"),
    ("Rose and the others", "Rose"),
    ("Rose", "Rose"),
    ("Joy", "Joy"),
    ("Rose, look at the view.", "Rose"),
    ("rose fell in", "rose"),
    ("We found Hill behind the shed.", "Hill"),
    ("A Park was first.", "A Park"),
    ("It was the turn of Green to cook.", "Green"),
)
STAFF_ASKED = (
    ("Thank you Mrs Example for the cakes.", "Mrs Example"),
    ("Thank you mrs example for the cakes.", "mrs example"),
    ("Mr. Rowan told a story.", "Mr. Rowan"),
    ("Willow Sample told a story.", "Willow Sample"),
    ("Ms Willow Sample told a story.", "Ms Willow Sample"),
    ("Hazel Placeholderby told a story.", "Hazel Placeholderby"),
    ("Placeholderby’s story was long.", "Placeholderby"),
    ("Miss Invented led the singing.", "Miss Invented"),
    ("MISS SAMPLE LED THE SINGING", "MISS SAMPLE"),
    ("Dr Imaginary showed us fossils.", "Dr Imaginary"),
)


@pytest.mark.parametrize(("text", "name"), STOPPED)
def test_a_pupils_name_stops_the_update(text: str, name: str) -> None:
    assert found(text) == [("names", STOP, name)]


@pytest.mark.parametrize(("text", "name"), ASKED)
def test_a_word_that_may_be_a_pupils_name_is_asked_about(text: str, name: str) -> None:
    assert found(text) == [("names", ASK, name)]


@pytest.mark.parametrize(("text", "name"), STAFF_ASKED)
def test_a_member_of_staff_is_asked_about(text: str, name: str) -> None:
    assert found(text) == [("staff", ASK, name)]


def test_two_pupils_beside_each_other_are_both_found() -> None:
    assert found("A canoe with Mark and Summer in it.") == [
        ("names", STOP, "Mark"),
        ("names", STOP, "Summer"),
    ]


def test_every_pupil_of_a_list_is_found() -> None:
    assert [excerpt for *_, excerpt in found("Today’s cooks: Rose, Ada, Will & Joy.")] == [
        "Rose",
        "Ada",
        "Will",
        "Joy",
    ]


def test_initials_alone_name_nobody() -> None:
    assert found("R.B. and RB were carved into the bench.") == []


def test_a_title_and_a_shared_surname_are_about_staff() -> None:
    findings = check({"text": "Mrs Thistlebury sang."}, PUPILS, ["Mrs Thistlebury"], "")
    assert [(finding.code, finding.excerpt) for finding in findings] == [("staff", "Mrs Thistlebury")]
