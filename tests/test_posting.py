"""What a phone sends whole: kept once, whatever arrives twice, late or out of order, and never over something newer."""

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.factories import (
    EVERYWHERE,
    School,
    all_consent,
    approved,
    draft,
    photo,
    pupil_of_another_trip,
    waiting,
    work,
)
from tests.groups import kept, submitted
from tests.phones import arrives, changed, reworded, said, take, tap, written
from tripupdates import audit, journey, picturing, posting
from tripupdates.approval import doors
from tripupdates.approval.records import Update
from tripupdates.database import fresh
from tripupdates.photos.answers import ADULT
from tripupdates.photos.records import Photo
from tripupdates.photos.room import Room
from tripupdates.vocabulary import Conflict, Forbidden, NotFound, Refused, TooLarge


def _updates() -> int:
    return fresh().scalar(sa.select(sa.func.count(Update.id))) or 0


def _files(school: School) -> int:
    return sum(path.is_file() for path in school.house.settings.media.rglob("*.jpg"))


# --- Once ---


def test_what_a_phone_sends_is_a_draft_with_its_words_and_places(school: School) -> None:
    update = uuid.uuid4()
    take(school, update, written(school, "  We climbed.\r\nAll of us. "))
    found = school.update(update)
    assert (found.text, found.x_text, found.channels) == ("We climbed.\nAll of us.", None, list(EVERYWHERE))
    assert (found.state, found.author_id, found.trip_id) == ("draft", school.author.id, school.trip_id())


def test_the_same_again_changes_nothing(school: School) -> None:
    update, first = uuid.uuid4(), written(school)
    take(school, update, first)
    lines, moment = audit.length(fresh()), school.update(update).changed_at
    school.clock.pass_(hours=1)
    take(school, update, first)
    assert (_updates(), audit.length(fresh())) == (1, lines)
    assert school.update(update).changed_at == moment


def test_something_else_under_the_same_number_is_refused_and_overwrites_nothing(school: School) -> None:
    update, first = uuid.uuid4(), written(school)
    take(school, update, first)
    with pytest.raises(Conflict, match="Nothing was overwritten"):
        take(school, update, replace(reworded(first, "Another story."), number=first.number))
    assert school.update(update).text == "We climbed the castle tower."


def test_a_change_replaces_what_the_phone_sent_before(school: School) -> None:
    update, first = uuid.uuid4(), written(school)
    take(school, update, first)
    take(school, update, reworded(first, "We climbed two towers."))
    assert school.update(update).text == "We climbed two towers."


def test_a_change_counts_though_the_one_before_it_never_arrived(school: School) -> None:
    update, first = uuid.uuid4(), written(school)
    second = reworded(first, "Two towers.")
    take(school, update, second)
    take(school, update, reworded(second, "Three towers."))
    assert school.update(update).text == "Three towers."


def test_an_old_revision_that_comes_late_overwrites_nothing(school: School) -> None:
    update, first = uuid.uuid4(), written(school)
    take(school, update, reworded(first, "Two towers."))
    with pytest.raises(Conflict):
        take(school, update, first)
    assert school.update(update).text == "Two towers."


def test_what_was_changed_on_the_schools_page_meanwhile_stays(school: School) -> None:
    update, first = uuid.uuid4(), written(school)
    take(school, update, first)
    journey.save_draft(school.house, school.author, update, school.slug, "From the page.", None, EVERYWHERE)
    with pytest.raises(Conflict):
        take(school, update, reworded(first, "From the phone."))
    assert school.update(update).text == "From the page."


def test_a_draft_that_was_begun_on_the_page_is_not_overwritten_by_a_phone(school: School) -> None:
    update = draft(school)
    with pytest.raises(Conflict):
        take(school, update, written(school, "From the phone."))
    assert school.update(update).text == "We climbed the castle tower."


def test_every_other_change_makes_another_revision(school: School) -> None:
    update = draft(school)
    seen = [school.update(update).revision]
    number = photo(school, update)
    seen.append(school.update(update).revision)
    picturing.describe_photo(school.house, school.author, update, number, alt="A tower.")
    seen.append(school.update(update).revision)
    picturing.remove_photo(school.house, school.author, update, number)
    seen.append(school.update(update).revision)
    assert len(set(seen)) == 4 and None not in seen


# --- By whom ---


def test_a_phone_that_somebody_else_has_signed_in_on_sends_nothing_in_their_name(school: School) -> None:
    update, mine = uuid.uuid4(), written(school)
    with pytest.raises(Forbidden, match="someone else who uses this phone"):
        posting.take(school.house, school.colleague, update, mine)
    assert _updates() == 0


def test_nobody_changes_the_update_of_another(school: School) -> None:
    update, mine = uuid.uuid4(), written(school)
    take(school, update, mine)
    theirs = replace(reworded(mine, "Not mine."), by=school.colleague.id)
    with pytest.raises(NotFound):
        posting.take(school.house, school.colleague, update, theirs)
    assert school.update(update).text == "We climbed the castle tower."


def test_a_stranger_on_the_staff_posts_nothing_for_this_trip(school: School) -> None:
    with pytest.raises(NotFound):
        posting.take(
            school.house, school.stranger, uuid.uuid4(), replace(written(school), by=school.stranger.id)
        )
    assert _updates() == 0


# --- Photos ---


def test_photos_stand_in_the_phones_order_with_what_it_said_whichever_comes_first(school: School) -> None:
    update, one, two = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    about = {one: said(school, "Ada", "Bram", alt="A tower."), two: said(school, alt="A moat.")}
    take(school, update, written(school, photos=about))
    revision = school.update(update).revision
    arrives(school, update, two, scene=2)
    arrives(school, update, one)
    photos = school.update(update).photos
    assert [(each.id, each.alt) for each in photos] == [(one, "A tower."), (two, "A moat.")]
    assert [each.pictured for each in photos] == [frozenset(school.pupils("Ada", "Bram")), frozenset()]
    assert school.update(update).revision == revision


def test_a_photo_that_was_not_answered_on_the_phone_is_not_answered_at_school(school: School) -> None:
    update, one = uuid.uuid4(), uuid.uuid4()
    take(school, update, written(school, photos={one: replace(said(school), pictured=None)}))
    arrives(school, update, one)
    assert kept(school, update).pictured is None
    assert submitted(school, update) == ("Photo 1: say who is in it, or that no pupil is.",)


def test_a_tap_on_a_face_answers_the_face_that_is_found_there(school: School) -> None:
    all_consent(school)
    update, one = uuid.uuid4(), uuid.uuid4()
    ada, bram = map(str, school.pupils("Ada", "Bram"))
    taps = [tap(2, 3, ADULT), tap(0, 3, ada), tap(1, 3, bram)]
    take(school, update, written(school, photos={one: said(school, faces=taps)}))
    arrives(school, update, one, people=3)
    assert [(face.who, face.found) for face in kept(school, update).faces] == [
        (ada, True),
        (bram, True),
        (ADULT, True),
    ]
    assert kept(school, update).pictured == frozenset(school.pupils("Ada", "Bram"))
    assert submitted(school, update) == ()


def test_a_face_that_nobody_tapped_is_still_to_be_answered(school: School) -> None:
    all_consent(school)
    update, one = uuid.uuid4(), uuid.uuid4()
    taps = [tap(0, 3, str(school.pupil("Ada"))), tap(1, 3, ADULT)]
    take(school, update, written(school, photos={one: said(school, faces=taps)}))
    arrives(school, update, one, people=3)
    assert [face.who for face in kept(school, update).faces] == [str(school.pupil("Ada")), ADULT, None]
    assert submitted(school, update) == ("Photo 1: say who the face is.",)


def test_without_a_detector_taps_tag_their_pupils_and_people_are_still_to_be_counted(school: School) -> None:
    blind = replace(school.house, room=Room(look=False))
    all_consent(school)
    update, one = uuid.uuid4(), uuid.uuid4()
    about = said(school, "Bram", faces=[tap(0, 3, str(school.pupil("Ada")))])
    take(school, update, written(school, photos={one: about}))
    school.house = blind
    arrives(school, update, one, people=3)
    assert kept(school, update).pictured == frozenset(school.pupils("Ada", "Bram"))
    assert submitted(school, update) == ("Photo 1: say how many people can be seen in it.",)


def test_a_photo_that_the_phone_took_out_goes_with_its_pixels(school: School) -> None:
    update, one, two = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    first = written(school, photos={one: said(school), two: said(school)})
    take(school, update, first)
    arrives(school, update, one)
    arrives(school, update, two, scene=2)
    files = _files(school)
    take(school, update, changed(first, photos={two: said(school, alt="The moat.")}))
    assert [(each.id, each.alt) for each in school.update(update).photos] == [(two, "The moat.")]
    assert _files(school) == files // 2


def test_the_phone_may_put_its_photos_in_another_order(school: School) -> None:
    update, one, two = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    first = written(school, photos={one: said(school), two: said(school)})
    take(school, update, first)
    arrives(school, update, one)
    arrives(school, update, two, scene=2)
    take(school, update, changed(first, photos={two: said(school), one: said(school)}))
    assert [each.id for each in school.update(update).photos] == [two, one]


def test_a_tap_that_was_taken_back_answers_nothing_any_more(school: School) -> None:
    update, one = uuid.uuid4(), uuid.uuid4()
    first = written(school, photos={one: said(school, faces=[tap(0, 1, str(school.pupil("Ada")))])})
    take(school, update, first)
    arrives(school, update, one, people=1)
    take(school, update, changed(first, photos={one: said(school)}))
    assert [(face.who, face.found) for face in kept(school, update).faces] == [(None, True)]
    assert kept(school, update).pictured == frozenset()


@pytest.mark.parametrize("where", ["pictured", "faces"])
def test_a_pupil_of_another_trip_cannot_be_named_and_nothing_is_written(school: School, where: str) -> None:
    other = pupil_of_another_trip(school)
    about = said(school, faces=[tap(0, 1, str(other))] if where == "faces" else ())
    if where == "pictured":
        about = replace(about, pictured=(other,))
    with pytest.raises(Refused, match="not on this trip"):
        take(school, uuid.uuid4(), written(school, photos={uuid.uuid4(): about}))
    assert _updates() == 0


def test_five_photos_and_words_without_end_are_refused_and_nothing_is_written(school: School) -> None:
    with pytest.raises(Refused, match="at most 4 photos"):
        take(
            school,
            uuid.uuid4(),
            written(school, photos={uuid.UUID(int=each): said(school) for each in range(5)}),
        )
    with pytest.raises(TooLarge):
        take(
            school,
            uuid.uuid4(),
            written(school, photos={uuid.uuid4(): said(school, alt="a" * 1001)}),
        )
    assert _updates() == 0


def test_a_photo_that_comes_twice_is_there_once(school: School) -> None:
    update, one = uuid.uuid4(), uuid.uuid4()
    take(school, update, written(school, photos={one: said(school, "Ada")}))
    arrives(school, update, one)
    arrives(school, update, one)
    assert fresh().scalar(sa.select(sa.func.count(Photo.id))) == 1


# --- To the head ---


def test_nothing_goes_to_the_head_before_every_photo_is_there(school: School) -> None:
    update, one, two = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    take(school, update, written(school, photos={one: said(school), two: said(school)}))
    arrives(school, update, one)
    with pytest.raises(Refused, match="1 of its photos have not arrived yet"):
        journey.submit(school.house, school.author, update)
    arrives(school, update, two, scene=2)
    journey.submit(school.house, school.author, update)
    assert school.state(update) == "waiting"


def test_a_change_on_the_page_no_longer_waits_for_the_phones_photos(school: School) -> None:
    update, first = uuid.uuid4(), written(school)
    take(school, update, replace(first, photos={uuid.uuid4(): said(school)}))
    journey.save_draft(school.house, school.author, update, school.slug, "From the page.", None, EVERYWHERE)
    journey.submit(school.house, school.author, update)
    assert school.state(update) == "waiting"


def test_a_photo_taken_out_on_the_page_after_it_was_sent_is_not_waited_for(school: School) -> None:
    update, one = uuid.uuid4(), uuid.uuid4()
    take(school, update, written(school, photos={one: said(school)}))
    arrives(school, update, one)
    journey.submit(school.house, school.author, update)
    picturing.remove_photo(school.house, school.author, update, one)
    journey.submit(school.house, school.author, update)
    assert school.state(update) == "waiting"


def test_only_the_revision_that_is_meant_goes_to_the_head(school: School) -> None:
    update, first = uuid.uuid4(), written(school)
    take(school, update, first)
    journey.save_draft(school.house, school.author, update, school.slug, "From the page.", None, EVERYWHERE)
    with pytest.raises(Conflict):
        journey.submit(school.house, school.author, update, first.number)
    assert school.state(update) == "draft"


def test_sending_to_the_head_twice_is_once_even_after_the_approval(school: School) -> None:
    update, first = uuid.uuid4(), written(school)
    take(school, update, first)
    journey.submit(school.house, school.author, update, first.number)
    digest = school.digest(update)
    journey.approve(school.house, school.head, update, digest)
    take(school, update, first)
    journey.submit(school.house, school.author, update, first.number)
    assert (school.state(update), school.digest(update)) == ("approved", digest)


def test_a_change_from_the_phone_voids_what_the_head_was_asked(school: School) -> None:
    update, first = uuid.uuid4(), written(school)
    take(school, update, first)
    journey.submit(school.house, school.author, update, first.number)
    digest = school.digest(update)
    take(school, update, reworded(first, "Two towers."))
    with pytest.raises(Conflict):
        journey.approve(school.house, school.head, update, digest)
    assert school.state(update) == "draft"


def test_what_is_published_already_is_not_changed_from_the_phone(school: School) -> None:
    update, first = uuid.uuid4(), written(school)
    take(school, update, first)
    journey.submit(school.house, school.author, update, first.number)
    journey.approve(school.house, school.head, update, school.digest(update))
    work(school)
    with pytest.raises(Conflict, match="already being published"):
        take(school, update, reworded(first, "Two towers."))
    assert (school.state(update), school.update(update).text) == ("approved", "We climbed the castle tower.")


# --- Deleted while unsent ---


def test_a_draft_is_deleted_with_its_photos_once_and_again(school: School) -> None:
    update = draft(school)
    photo(school, update)
    for _ in range(2):
        journey.discard(school.house, school.author, update)
    assert (_updates(), _files(school)) == (0, 0)


def test_a_draft_of_another_is_not_deleted(school: School) -> None:
    update = draft(school)
    with pytest.raises(NotFound):
        journey.discard(school.house, school.colleague, update)
    assert school.state(update) == "draft"


@pytest.mark.parametrize(("reach", "state"), [(waiting, "waiting"), (approved, "approved")])
def test_what_the_head_has_seen_is_not_deleted(
    school: School, reach: Callable[[School], uuid.UUID], state: str
) -> None:
    update = reach(school)
    with pytest.raises(Conflict, match="head has seen"):
        journey.discard(school.house, school.author, update)
    assert school.state(update) == state


def test_words_are_tidied_before_they_are_compared(school: School) -> None:
    assert doors.words(" a\r\nb ", " ", ()) == {"text": "a\nb", "x_text": None, "channels": []}
