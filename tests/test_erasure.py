"""Pixels of refused, withdrawn, taken-down and expired updates are gone at once; what others need stays."""

import uuid
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import sqlalchemy as sa

from tests import factories
from tests.factories import (
    EVERYWHERE,
    School,
    all_consent,
    approved,
    consent,
    draft,
    photo,
    settle,
    waiting,
    work,
)
from tripupdates import erasure, journey, proving, takedown
from tripupdates.channels.contract import Post, Sent
from tripupdates.database import fresh, transaction
from tripupdates.outbox import worker
from tripupdates.photos.clean import clean
from tripupdates.photos.records import Photo
from tripupdates.vocabulary import Channel, DeliveryState, Refused, UpdateState


def files(school: School, update: uuid.UUID) -> set[str]:
    return {each["name"] for photo in school.update(update).photos for each in photo.renditions}


def on_pages(school: School) -> set[str]:
    """What stands on the families' pages and the website, by the names that the photo store has for those bytes."""
    given = school.house.settings
    return {
        sha256(path.read_bytes()).hexdigest() + path.suffix
        for folder in (given.families, given.site)
        for path in folder.rglob("*")
        if path.suffix in (".jpg", ".avif")
    }


def test_a_rejected_updates_photos_are_deleted_at_once(school: School) -> None:
    all_consent(school)
    update = waiting(school, ("Ada", "Bram"))
    journey.reject(school.house, school.head, update, school.digest(update), "Not for us.")
    assert school.house.photos.names() == set()
    assert [each.gone for each in school.update(update).photos] == [True]
    assert "This photo was deleted." in school.client("author").get(f"/staff/updates/{update}").text
    assert "This photo was deleted." in school.client("head").get(f"/review/{update}").text


def test_an_update_sent_back_keeps_its_photos(school: School) -> None:
    all_consent(school)
    update = waiting(school, ("Ada", "Bram"))
    journey.send_back(school.house, school.head, update, school.digest(update), "Which tower?")
    assert school.house.photos.names() == files(school, update) != set()


def test_a_taken_down_updates_photos_leave_the_store_and_then_the_pages(school: School) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"))
    work(school)
    names = files(school, update)
    assert on_pages(school) == names
    takedown.take_down(school.house, school.head, update, "A parent asked.")
    assert school.house.photos.names() == set()
    assert erasure.still_there(school.house, fresh())  # the pages have not been rewritten yet
    work(school)
    assert (on_pages(school), erasure.still_there(school.house, fresh())) == (set(), [])


def test_a_photo_withdrawn_everywhere_is_deleted_and_the_words_stay(school: School) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"), channels=(Channel.FAMILIES, Channel.WEBSITE))
    work(school)
    consent(school, {"Ada": (Channel.WEBSITE,)}, yes=False)
    assert school.house.photos.names() == files(school, update)  # the families may still see it
    consent(school, {"Ada": EVERYWHERE}, yes=False)
    assert school.house.photos.names() == set()
    work(school)
    assert (on_pages(school), school.state(update)) == (set(), "approved")
    page = school.house.settings.site / "trips" / school.slug / "index.html"
    assert "We climbed the castle tower." in page.read_text()


def test_a_post_whose_photo_is_gone_is_still_looked_for(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"), channels=(Channel.X,))
    settle(
        school,
        update,
        Channel.X,
        DeliveryState.UNSURE,
        attempts=1,
        attempted_at=school.clock(),
        unsure_since=school.clock(),
    )
    takedown.take_down(school.house, school.head, update, "A parent asked.")
    asked: list[str] = []

    def look_up(_: object, message: Post, *__: object) -> Sent:
        asked.append(message.text)
        return Sent("7", "link")

    x = school.house.places[Channel.X]
    monkeypatch.setattr(type(x), "look_up", look_up)
    for _ in range(2):  # the removal waits for the post to be found
        worker.step(school.house, Channel.X)
    assert asked == ["We climbed the castle tower."]
    assert school.delivery(update, Channel.X).state is DeliveryState.SENT


def test_an_order_whose_photo_goes_while_it_is_in_hand_is_stopped_and_not_a_persons_task(
    school: School,
) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"), channels=(Channel.X,))
    job = worker.claim(school.house, Channel.X)
    assert job is not None
    consent(school, {"Ada": EVERYWHERE}, yes=False)
    worker._settle(school.house, job, worker._publish(school.house, job))
    school.clock.pass_(seconds=5)
    work(school, Channel.X)
    assert school.deliveries(update) == {"x": "stopped"}


@pytest.mark.parametrize("state", ["draft", "waiting", "returned"])
def test_two_weeks_after_the_trip_photos_never_approved_are_deleted_and_the_words_kept(
    school: School, state: str
) -> None:
    all_consent(school)
    update = draft(school)
    photo(school, update, ("Ada", "Bram"), scene=2)  # not the picture that stays live below
    if state != "draft":
        journey.submit(school.house, school.author, update)
    if state == "returned":
        journey.send_back(school.house, school.head, update, school.digest(update), "Which tower?")
    live = approved(school, ("Ada", "Cleo"), text="Live.")
    school.clock.pass_(days=4 + 14)
    erasure.expire(school.house)
    assert len(school.update(update).photos) == 1
    school.clock.pass_(days=1)
    erasure.expire(school.house)
    assert (school.update(update).photos, school.update(update).text) == ([], "We climbed the castle tower.")
    assert school.state(update) == ("draft" if state == "draft" else "returned")
    assert school.house.photos.names() == files(school, live) != set()
    assert proving.first_bad(fresh()) is None


def test_what_no_photo_owns_is_swept_after_an_hour_and_owned_files_stay(school: School) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"))
    for rendition in clean(factories.picture(2)).renditions:
        school.house.photos.put(rendition.name, rendition.data)
    school.clock.pass_(hours=2)
    assert len(erasure.still_there(school.house, fresh())) == 4
    erasure.sweep(school.house)
    assert school.house.photos.names() == files(school, update)
    work(school)
    assert erasure.still_there(school.house, fresh()) == []


def test_an_upload_on_its_way_is_not_called_left_over_but_a_deleted_photo_is_at_once(school: School) -> None:
    school.clock.now = datetime.now(UTC)  # the files are as young as they really are
    for rendition in clean(factories.picture(2)).renditions:
        school.house.photos.put(rendition.name, rendition.data)
    assert erasure.still_there(school.house, fresh()) == []
    photo(school, draft(school))
    with transaction() as session:
        session.execute(sa.update(Photo).values(deleted_at=school.clock()))
    assert len(erasure.still_there(school.house, fresh())) == 4


def test_a_step_cut_short_after_its_commit_is_finished_by_the_sweep(school: School) -> None:
    update = draft(school)
    photo(school, update)
    with transaction() as session:
        session.execute(sa.update(Photo).values(deleted_at=school.clock()))
    assert len(erasure.still_there(school.house, fresh())) == 4
    school.clock.pass_(hours=2)
    erasure.sweep(school.house)
    assert (school.house.photos.names(), erasure.still_there(school.house, fresh())) == (set(), [])


def test_a_file_left_on_a_page_is_named(school: School) -> None:
    all_consent(school)
    approved(school, ("Ada", "Bram"))
    work(school)
    stray = school.house.settings.families / school.slug / "photos" / ("0" * 64 + ".jpg")
    stray.write_bytes(b"left over")
    assert erasure.still_there(school.house, fresh()) == [f"families: {school.slug}/photos/{stray.name}"]


def test_a_deleted_photo_in_an_opened_draft_must_be_removed(school: School) -> None:
    update = draft(school)
    photo(school, update)
    with transaction() as session:
        session.execute(sa.update(Photo).values(deleted_at=school.clock() - timedelta(days=1)))
    with pytest.raises(Refused) as refused:
        journey.submit(school.house, school.author, update)
    assert refused.value.reasons == ("Photo 1 was deleted because it could no longer be shown. Remove it.",)
    assert school.update(update).state is UpdateState.DRAFT
