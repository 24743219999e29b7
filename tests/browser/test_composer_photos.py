"""Photos in the composer: made small and bare on the phone, marked, cropped, and told at once where they can go."""

from io import BytesIO
from pathlib import Path

import piexif
import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Page, expect

from tests.browser.composing import add, composer, drafts, picture_bytes, pictures, ready, saved, tap
from tests.browser.conftest import Town
from tests.factories import all_consent, consent
from tripupdates.practice import camera
from tripupdates.vocabulary import Channel


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A small photo with three made-up people."""
    return _file(tmp_path / "IMG_0001.jpg", camera.take(1, (1200, 900), people=3))


def _file(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _upright(picture: Image.Image) -> Image.Image:
    return picture.convert("RGB").resize((96, 128))


def test_a_photo_of_twelve_megapixels_leaves_the_phone_small_upright_and_bare(
    town: Town, tmp_path: Path
) -> None:
    taken = camera.take(1, (4032, 3024), 6, camera.EXTRAS - {"profile"})
    page = composer(town)
    add(page, _file(tmp_path / "IMG_0001.jpg", taken))
    kept = drafts(page)[0]["photos"][0]
    made = picture_bytes(page, kept["id"])
    picture = Image.open(BytesIO(made))
    assert (picture.format, picture.size) == ("JPEG", (1536, 2048))
    assert (kept["width"], kept["height"], kept["bytes"]) == (1536, 2048, len(made))
    assert {"exif", "xmp", "comment"} & set(picture.info) == set()
    assert camera.PLANTED not in made
    assert b"Exif" not in made
    assert not any(piexif.load(made)[block] for block in ("0th", "Exif", "GPS", "1st"))
    seen = Image.open(BytesIO(taken)).transpose(Image.Transpose.ROTATE_270)
    difference = ImageStat.Stat(ImageChops.difference(_upright(seen), _upright(picture))).mean
    assert max(difference) < 6
    assert len(made) < 1_000_000


def test_a_photo_of_forty_eight_megapixels_is_made_small_too(town: Town, tmp_path: Path) -> None:
    huge = BytesIO()
    Image.linear_gradient("L").resize((8064, 6048)).convert("RGB").save(huge, "JPEG")
    page = composer(town)
    add(page, _file(tmp_path / "IMG_0048.jpg", huge.getvalue()))
    made = Image.open(BytesIO(picture_bytes(page, drafts(page)[0]["photos"][0]["id"])))
    assert made.size == (2048, 1536)


def test_what_the_phone_cannot_decode_is_kept_byte_for_byte(town: Town, tmp_path: Path) -> None:
    taken = camera.take_heic(1, (640, 480))
    page = composer(town)
    card = add(page, _file(tmp_path / "IMG_0001.HEIC", taken))
    kept = drafts(page)[0]["photos"][0]
    assert picture_bytes(page, kept["id"]) == taken
    assert kept["type"] in {"image/heic", "image/heif"}
    expect(card).to_contain_text("IMG_0001.HEIC is safe on this phone, but the phone cannot show it here.")
    expect(card.get_by_role("button", name="Crop")).to_be_hidden()
    card.get_by_label("No pupil is in it").check()
    saved(page)
    assert drafts(page)[0]["photos"][0]["pictured"] == []


def test_four_at_once_are_taken_and_a_fifth_is_refused_kindly(town: Town, tmp_path: Path) -> None:
    files = [_file(tmp_path / f"IMG_{n}.jpg", camera.take(n, (640, 480))) for n in range(5)]
    page = composer(town)
    page.locator("#progress").evaluate(
        """(line) => {
          window.told = [];
          new MutationObserver(() => window.told.push(line.textContent)).observe(line, { childList: true });
        }"""
    )
    page.get_by_label("Pick photos").set_input_files(files)
    expect(page.get_by_role("region", name="Photo 4")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("at most 4 photos, so 1 photo more was not added")).to_be_visible()
    expect(page.locator(".pick").first).to_be_hidden()
    expect(page.locator("#progress")).to_have_text("")
    assert page.evaluate("() => window.told") == [
        *(f"Photo {n} of 4 is being made ready …" for n in range(1, 5)),
        "",
    ]
    assert [one["name"] for one in drafts(page)[0]["photos"]] == [f"IMG_{n}.jpg" for n in range(4)]
    page.get_by_role("button", name="Remove photo 2").click()
    expect(page.get_by_role("region", name="Photo 4")).to_have_count(0)
    expect(page.get_by_label("Take a photo")).to_be_enabled()
    saved(page)
    assert sorted(pictures(page)) == sorted(one["id"] for one in drafts(page)[0]["photos"])


@pytest.mark.parametrize(
    ("name", "said"), [("film.mp4", "This is a video."), ("letter.pdf", "This is not a photo.")]
)
def test_a_file_that_is_no_photo_is_refused_at_once_and_the_photo_beside_it_stays(
    town: Town, tmp_path: Path, photo: Path, name: str, said: str
) -> None:
    page = composer(town)
    page.get_by_label("Pick photos").set_input_files(
        [_file(tmp_path / name, b"\x00\x00\x00\x18ftypmp42"), photo]
    )
    expect(page.get_by_role("region", name="Photo 1")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("alert").filter(has_text=name)).to_contain_text(f"{name} was not added. {said}")
    assert [one["name"] for one in drafts(page)[0]["photos"]] == ["IMG_0001.jpg"]


def test_a_full_phone_says_so_keeps_the_rest_and_takes_the_photo_once_there_is_room(
    town: Town, photo: Path, tmp_path: Path
) -> None:
    page = town.phone().new_page()
    wire = page.context.new_cdp_session(
        page
    )  # before the first page: Chromium remembers for a while how much is left
    wire.send("Storage.overrideQuotaForOrigin", {"origin": town.base, "quotaSize": 1_000_000})
    town.signed_in("author", page=page).goto("/staff/updates/new")
    ready(page).get_by_label("What happened?").fill("We built rafts.")
    add(page, photo)
    noise = Image.effect_noise((2000, 1500), 90)
    noise.save(tmp_path / "IMG_0002.jpg", quality=95)
    page.get_by_label("Take a photo").set_input_files(tmp_path / "IMG_0002.jpg")
    full = page.get_by_role("alert").filter(has_text="This phone is full")
    expect(full).to_contain_text("IMG_0002.jpg", timeout=20_000)
    saved(page)
    assert [(one["text"], len(one["photos"])) for one in drafts(page)] == [("We built rafts.", 1)]
    wire.send("Storage.overrideQuotaForOrigin", {"origin": town.base})
    full.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("region", name="Photo 2")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("This phone is full")).to_have_count(0)
    saved(page)
    assert len(drafts(page)[0]["photos"]) == len(pictures(page)) == 2


def test_a_photo_says_at_once_and_offline_where_it_cannot_go_and_names_nobody(
    town: Town, photo: Path
) -> None:
    all_consent(town.school)
    consent(town.school, {"Cleo": (Channel.X,)}, yes=False)
    page = composer(town)
    page.context.set_offline(True)
    card = add(page, photo)
    expect(card.get_by_text("Where this photo can appear")).to_have_count(0)
    card.get_by_role("button", name="All of Otters").click()
    places = card.locator("ul.plain-list")
    expect(places).to_have_text(
        "Families’ page: can be shownSchool website: can be shownX (Twitter): not here. This photo cannot be shown here."
    )
    expect(card.get_by_text("leave it: it is shown in the other places then")).to_be_visible()
    expect(card.get_by_label("Use another photo")).to_be_enabled()
    card.get_by_label("Cleo Merrywhistle").uncheck()
    expect(places).not_to_contain_text("not here")
    card.get_by_label("Bram Thistlebury").uncheck()
    expect(places).to_contain_text("School website: not here. Only group pictures can go here")
    page.get_by_label("School website").uncheck()
    expect(places).not_to_contain_text("School website")
    assert page.evaluate("() => navigator.onLine") is False


def test_another_photo_takes_the_place_of_one_that_cannot_be_shown(
    town: Town, photo: Path, tmp_path: Path
) -> None:
    page = composer(town)
    card = add(page, photo)
    before = drafts(page)[0]["photos"][0]["id"]
    card.get_by_label("Find a pupil").fill("ada")
    card.get_by_label("Ada Puddlewick").check()
    expect(card.get_by_text("Crop it, or use another photo.")).to_be_visible()
    card.get_by_label("Use another photo").set_input_files(
        _file(tmp_path / "IMG_0002.jpg", camera.take(2, (640, 480)))
    )
    expect(card.get_by_text("not here.")).to_have_count(0, timeout=20_000)
    saved(page)
    (now,) = drafts(page)[0]["photos"]
    assert (now["name"], now["pictured"], now["alt"]) == ("IMG_0002.jpg", None, "")
    assert pictures(page) == [now["id"]] != [before]


def _mark_three(page: Page, photo: Path) -> None:
    card = add(page, photo)
    for across, who in ((0.25, "Ada Puddlewick"), (0.5, "An adult of ours"), (0.75, "Cleo Merrywhistle")):
        tap(card, across, 0.5)
        page.get_by_role("dialog", name="Who is face").get_by_role("button", name=who).click()


def test_a_tap_marks_a_face_and_says_who_it_is(town: Town, photo: Path) -> None:
    page = composer(town)
    _mark_three(page, photo)
    card = page.get_by_role("region", name="Photo 1")
    tap(card, 0.9, 0.2)
    page.keyboard.press("Escape")
    expect(card.get_by_role("button", name="Who is face 4?")).to_be_visible()
    saved(page)
    school = town.school
    faces = drafts(page)[0]["photos"][0]["faces"]
    assert [face["is"] for face in faces] == [
        str(school.pupil("Ada")),
        "adult",
        str(school.pupil("Cleo")),
        None,
    ]
    assert faces[1]["box"] == pytest.approx([0.46, 0.4467, 0.08, 0.1067], abs=0.01)
    tap(card, 0.5, 0.5)  # the mark that is there, not another one
    page.get_by_role("dialog", name="Who is face 2?").get_by_role("button", name="Ada Puddlewick").click()
    expect(card.get_by_role("button", name="Who is face 1?")).to_be_visible()  # nobody is there twice
    card.get_by_role("button", name="Size: medium, of the mark on face 2").click()
    card.get_by_role("button", name="Remove the mark on face 4").click()
    saved(page)
    faces = drafts(page)[0]["photos"][0]["faces"]
    assert [face["is"] for face in faces] == [None, str(school.pupil("Ada")), str(school.pupil("Cleo"))]
    assert faces[1]["box"] == pytest.approx([0.4, 0.3667, 0.2, 0.2667], abs=0.01)
    expect(card.get_by_label("Ada Puddlewick")).to_be_disabled()
    card.get_by_label("No other pupil is in it").check()
    saved(page)
    ready(page).reload()
    expect(page.get_by_role("button", name="Face 2: Ada Puddlewick")).to_be_visible()
    expect(page.get_by_label("No other pupil is in it")).to_be_checked()


def test_a_photo_is_cropped_with_a_finger_under_another_id_and_the_marks_follow(
    town: Town, photo: Path
) -> None:
    page = composer(town)
    _mark_three(page, photo)
    saved(page)
    before = drafts(page)[0]["photos"][0]
    card = page.get_by_role("region", name="Photo 1")
    card.get_by_role("button", name="Crop").click()
    corner = card.get_by_role("button", name="Bottom right corner").bounding_box()
    around = card.get_by_role("img").bounding_box()
    assert corner is not None
    assert around is not None
    page.mouse.move(corner["x"] + 24, corner["y"] + 24)
    page.mouse.down()
    page.mouse.move(around["x"] + around["width"] * 0.6, around["y"] + around["height"] * 0.8, steps=5)
    page.mouse.up()
    card.get_by_role("button", name="Keep this part").click()
    expect(card.get_by_role("button", name="Crop")).to_be_focused()
    expect(card.get_by_role("button", name="Face 3")).to_have_count(0)
    saved(page)
    now = drafts(page)[0]["photos"][0]
    assert pictures(page) == [now["id"]] != [before["id"]]
    assert (
        Image.open(BytesIO(picture_bytes(page, now["id"]))).size
        == (600, 630)
        == (now["width"], now["height"])
    )
    assert [face["is"] for face in now["faces"]] == [str(town.school.pupil("Ada")), "adult"]
    assert now["faces"][1]["box"] == pytest.approx([0.72, 0.4952, 0.16, 0.1524], abs=0.02)


def test_a_photo_is_cropped_with_the_keyboard_alone_or_left_as_it_was(town: Town, photo: Path) -> None:
    page = composer(town)
    card = add(page, photo)
    before = drafts(page)[0]["photos"][0]["id"]
    crop = card.get_by_role("button", name="Crop")
    crop.focus()
    page.keyboard.press("Enter")
    expect(card.get_by_role("button", name="Top left corner")).to_be_focused()
    page.keyboard.press("Escape")
    expect(crop).to_be_focused()
    assert pictures(page) == [before]
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Send to the head").click()
    expect(page.locator("#missing")).to_contain_text("Photo 1: keep the part in the frame")
    card.get_by_role("button", name="Top left corner").focus()
    for key in ("ArrowRight", "Shift+ArrowDown", "Tab", "Tab", "Tab", "Shift+ArrowLeft", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    expect(crop).to_be_focused()
    saved(page)
    now = drafts(page)[0]["photos"][0]
    assert now["id"] != before
    assert (now["width"], now["height"]) == (round(1200 * 0.68), round(900 * 0.68))
