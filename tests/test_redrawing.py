"""Cropped, covered, taken out: fresh pixels under new names, answers that still hold, old pixels gone, drafts whole."""

import uuid
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.factories import (
    EVERYWHERE,
    School,
    all_consent,
    approved,
    draft,
    open_school,
    photo,
    waiting,
    work,
)
from tests.groups import SIZE, cover, group, kept, say, shown
from tripupdates import journey, picturing, publishing
from tripupdates.approval.records import Version
from tripupdates.database import fresh
from tripupdates.photos.answers import ADULT, SOMEONE_ELSE
from tripupdates.photos.boxes import Box
from tripupdates.practice import camera
from tripupdates.vocabulary import Channel, Conflict, NotFound, Refused, UpdateState

# --- Cover and crop ---


def crop(school: School, update: uuid.UUID, number: uuid.UUID, box: Box) -> None:
    seen = kept(school, update).largest["name"]
    picturing.redraw_photo(school.house, school.author, update, number, seen, crop=box)


def pixel(school: School, name: str, across: float, down: float) -> tuple[int, ...]:
    picture = Image.open(BytesIO(school.house.photos.read(name))).convert("RGB")
    found = picture.getpixel((int(across * picture.width), int(down * picture.height)))
    assert isinstance(found, tuple)
    return tuple(map(int, found))


def test_a_covered_face_is_drawn_over_in_every_rendition_and_the_old_files_are_gone(school: School) -> None:
    update = draft(school)
    number = group(school, update)
    say(school, update, number, SOMEONE_ELSE, "Ada", "Bram")
    before, box = shown(school, update), kept(school, update).faces[0].box
    assert box is not None
    cover(school, update, number, 0)
    photo = kept(school, update)
    assert not before & shown(school, update)
    assert school.house.photos.names() == shown(school, update)
    assert (photo.covered, [face.who for face in photo.faces]) == (
        1,
        [str(school.pupil("Ada")), str(school.pupil("Bram"))],
    )
    for name in shown(school, update):
        assert all(
            abs(a - b) <= 3 for a, b in zip(pixel(school, name, *box.centre), (0x5D, 0x68, 0x72), strict=True)
        )


def test_a_pupil_is_never_covered_but_cropped_away(school: School) -> None:
    update = draft(school)
    number = group(school, update)
    say(school, update, number, "Ada", "Bram", ADULT)
    before = shown(school, update)
    with pytest.raises(Refused, match="A pupil is not covered up"):
        cover(school, update, number, 0)
    assert (shown(school, update), school.house.photos.names()) == (before, before)
    box = kept(school, update).faces[0].box
    assert box is not None
    crop(school, update, number, box.beside())
    assert kept(school, update).pictured == frozenset({school.pupil("Bram")})
    assert [face.who for face in kept(school, update).faces] == [str(school.pupil("Bram")), ADULT]
    assert kept(school, update).largest["width"] < SIZE[0]


def test_a_pupil_tagged_without_a_face_stays_after_a_crop_until_unticked(school: School) -> None:
    update = draft(school)
    number = group(school, update)
    say(school, update, number, "Ada", ADULT, ADULT, pictured=("Cleo",))
    crop(school, update, number, Box(0.5, 0, 0.5, 1))
    assert kept(school, update).pictured == frozenset({school.pupil("Cleo")})


def test_a_face_must_be_answered_before_it_is_covered(school: School) -> None:
    update = draft(school)
    number = group(school, update)
    with pytest.raises(Refused, match="Say first who it is"):
        cover(school, update, number, 0)


def test_a_photo_that_looks_otherwise_by_now_is_not_cropped(school: School) -> None:
    update = draft(school)
    number = group(school, update)
    seen = kept(school, update).largest["name"]
    crop(school, update, number, Box(0, 0, 0.9, 1))
    after = shown(school, update)
    with pytest.raises(Conflict, match="changed meanwhile"):
        picturing.redraw_photo(school.house, school.author, update, number, seen, crop=Box(0, 0, 0.5, 1))
    with pytest.raises(Conflict, match="changed meanwhile"):
        picturing.redraw_photo(
            school.house,
            school.author,
            update,
            number,
            kept(school, update).largest["name"],
            covers=[Box(0, 0, 0.5, 0.5)],
        )
    assert shown(school, update) == after


def test_the_same_crop_asked_for_twice_is_done_once(school: School) -> None:
    update = draft(school)
    number = group(school, update)
    seen = kept(school, update).largest["name"]
    for _ in range(2):
        picturing.redraw_photo(school.house, school.author, update, number, seen, crop=Box(0, 0, 0.8, 1))
    assert kept(school, update).largest["width"] == 960


def test_nothing_to_do_is_said(school: School) -> None:
    update = draft(school)
    number = group(school, update)
    with pytest.raises(Refused, match="Choose what to crop"):
        picturing.redraw_photo(
            school.house, school.author, update, number, kept(school, update).largest["name"]
        )


def test_cropping_voids_what_was_sent_or_approved(school: School) -> None:
    all_consent(school)
    for update in (waiting(school, ("Ada", "Bram")), approved(school, ("Ada", "Bram"))):
        crop(school, update, kept(school, update).id, Box(0, 0, 0.5, 1))
        assert school.state(update) == "draft"


@pytest.mark.parametrize("who", ["colleague", "stranger", "head", "office"])
def test_only_its_author_crops_a_photo(school: School, who: str) -> None:
    update = draft(school)
    number = group(school, update)
    seen = kept(school, update).largest["name"]
    with pytest.raises(NotFound):
        picturing.redraw_photo(school.house, school.people[who], update, number, seen, crop=Box(0, 0, 0.5, 1))


def test_a_picture_used_in_two_updates_stays_for_the_other(school: School) -> None:
    one, two = draft(school), draft(school)
    number, _ = group(school, one), group(school, two)
    assert shown(school, one) == shown(school, two)
    picturing.remove_photo(school.house, school.author, one, number)
    assert school.house.photos.names() == shown(school, two)


def test_a_photo_taken_out_is_deleted_at_once(school: School) -> None:
    update = draft(school)
    picturing.remove_photo(school.house, school.author, update, group(school, update))
    assert (school.update(update).photos, school.house.photos.names()) == ([], set())


def test_a_refused_photo_leaves_the_draft_and_its_photos_as_they_were(school: School) -> None:
    update = draft(school)
    photo(school, update)
    before = shown(school, update)
    for upload in (b"GIF89a", camera.take()[:9000], b"\xff\xd8\xff" + bytes(64)):
        with pytest.raises(Refused):
            picturing.add_photo(school.house, school.author, update, uuid.uuid4(), upload)
    assert (len(school.update(update).photos), shown(school, update)) == (1, before)
    assert school.house.photos.names() == before
    assert school.update(update).state is UpdateState.DRAFT
    assert tuple(map(Channel, school.update(update).channels)) == EVERYWHERE


# --- How large a photo is in public ---


def test_a_school_that_wants_small_photos_in_public_still_gives_families_the_large_ones(
    tmp_path: Path,
) -> None:
    with open_school(tmp_path, public_photos="small") as school:
        all_consent(school)
        update = draft(school)
        say(school, update, group(school, update), "Ada", "Bram", ADULT)
        journey.submit(school.house, school.author, update)
        journey.approve(school.house, school.head, update, school.digest(update))
        work(school)
        given = school.house.settings
        assert _widths(given.families) == {480, 960, 1200}
        assert _widths(given.site) == {480, 960}
        with school.app.app_context():
            version = fresh().get_one(Version, school.update(update).version_id)
            post = publishing.post(
                school.house, fresh(), school.update(update), version, school.delivery(update, Channel.X)
            )
        assert Image.open(BytesIO(post.pictures[0].jpeg)).size == (960, 720)


def _widths(folder: Path) -> set[int]:
    files = [path.read_bytes() for path in folder.rglob("photos/*") if path.suffix in {".jpg", ".avif"}]
    return {Image.open(BytesIO(data)).width for data in files}
