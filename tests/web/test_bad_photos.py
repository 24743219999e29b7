"""The nastiest uploads, sent as a phone sends them: each gets a sentence, and costs nothing that was there before."""

import uuid

import pytest

from tests.factories import School, draft, photo
from tests.photos.bad import BOMBS, BUSY, WHOLE
from tests.photos.bad_kinds import MOVING, OTHER_KINDS, POLYGLOTS, made_of

NASTY = {
    name: make
    for family in (BOMBS, BUSY, OTHER_KINDS, MOVING, made_of(b"heic"), made_of(b"avif"))
    for name, make in family.items()
    if name
    in {
        "PNG of 900 megapixels",
        "AVIF of 190 megapixels",
        "PNG, iCCP of 200 MB",
        "JPEG, 500 scans of 36 megapixels",
        "AVIF, 60,000 items",
        "HEIC, millions of boxes",
        "SVG with entities",
        "EPS",
        "PDF and a JPEG",
        "nothing",
        "PNG of 40 frames",
        "two grids of each other",
    }
}
NASTY |= {"half a JPEG": lambda: WHOLE["JPEG"][: len(WHOLE["JPEG"]) // 2]}


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_upload_gets_a_sentence_and_the_draft_is_as_it_was(name: str, school: School) -> None:
    client = school.client("author")
    token = client.get("/staff/").text.split('name="csrf-token" content="')[1].split('"')[0]
    update = draft(school, "We climbed the tower in the rain.")
    earlier = photo(school, update, ("Ada",))
    before = client.get(f"/api/updates/{update}").json
    answer = client.put(
        f"/api/updates/{update}/photos/{uuid.uuid4()}", data=NASTY[name](), headers={"X-CSRF-Token": token}
    )
    assert answer.mimetype == "application/problem+json"
    assert answer.status_code == (413 if name in BOMBS else 422)
    assert answer.json is not None
    assert answer.json["title"].startswith("This ")
    assert "lease " in answer.json["title"]
    assert client.get(f"/api/updates/{update}").json == before
    assert str(earlier) in str(before)
    assert school.update(update).text == "We climbed the tower in the rain."


def test_a_photo_with_a_program_behind_it_is_taken_without_it(school: School) -> None:
    client = school.client("author")
    token = client.get("/staff/").text.split('name="csrf-token" content="')[1].split('"')[0]
    path = f"/api/updates/{draft(school)}/photos/{uuid.uuid4()}"
    answer = client.put(path, data=POLYGLOTS["JPEG and a program"](), headers={"X-CSRF-Token": token})
    assert answer.status_code in {200, 201}
    assert answer.json is not None
    assert answer.json["removed"] == ["data after the end of the image"]
