"""What the school itself says: written by its staff, approved by somebody else, without a trip, and naming nobody."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from tests.factories import School, approved, make_trip, picture, put_on_trip, waiting, without_x
from tripupdates import erasure, holding, journey, picturing
from tripupdates import school as steps
from tripupdates.approval.records import Update
from tripupdates.database import fresh
from tripupdates.school import Draft
from tripupdates.vocabulary import (
    Channel,
    Conflict,
    Forbidden,
    Kind,
    NotFound,
    Refused,
    TooLarge,
)

CONCERT = "All choirs sang in the hall, and the bells joined in."


def write(
    school: School,
    by: str = "stranger",
    kind: Kind = Kind.NEWS,
    update: uuid.UUID | None = None,
    **changes: Any,
) -> uuid.UUID:
    """Something of the school, just begun."""
    number = update or uuid.uuid4()
    until = school.clock() + timedelta(days=2) if kind is Kind.NOTICE else None
    said: dict[str, Any] = {"title": "Summer concert", "text": CONCERT, "channels": ("website", "x")}
    said |= {"expires_at": until} | changes
    steps.save(school.house, school.people[by], number, Draft(kind, **said))
    return number


def blocks(school: School, update: uuid.UUID, by: str = "stranger") -> tuple[str, ...]:
    with pytest.raises(Refused) as refused:
        journey.submit(school.house, school.people[by], update)
    return refused.value.reasons


@pytest.mark.both_engines
@pytest.mark.parametrize("author", ["stranger", "head", "office"])
def test_news_goes_from_anybody_at_school_past_somebody_else_to_website_and_x(
    school: School, author: str
) -> None:
    update = write(school, author)
    journey.submit(school.house, school.people[author], update)
    journey.approve(school.house, school.deputy, update, school.digest(update))
    found = school.update(update)
    assert (found.kind, found.trip_id, found.state) == (Kind.NEWS, None, "approved")
    assert school.deliveries(update) == {"website": "pending", "x": "pending"}
    assert found.version is not None
    assert found.version.manifest["title"] == "Summer concert"
    assert found.version.manifest["channels"]["x"]["text"] == f"Summer concert\n\n{CONCERT}"
    assert found.version.manifest["channels"]["website"]["text"] == CONCERT


def test_another_title_is_another_digest(school: School) -> None:
    update = write(school)
    journey.submit(school.house, school.stranger, update)
    seen = school.digest(update)
    write(school, update=update, title="Winter concert")
    journey.submit(school.house, school.stranger, update)
    with pytest.raises(Conflict, match="has changed since you opened it"):
        journey.approve(school.house, school.head, update, seen)


def test_nobody_approves_what_they_wrote_for_the_school(school: School) -> None:
    update = write(school, "head")
    journey.submit(school.house, school.head, update)
    with pytest.raises(Forbidden, match="You wrote this"):
        journey.approve(school.house, school.head, update, school.digest(update))
    with pytest.raises(Forbidden):
        journey.approve(school.house, school.stranger, update, school.digest(update))


def test_the_same_again_changes_nothing_and_another_kind_is_refused(school: School) -> None:
    update = write(school)
    before = school.update(update).revision
    write(school, update=update)
    assert school.update(update).revision == before
    with pytest.raises(Conflict, match="begun as something else"):
        write(school, update=update, kind=Kind.NOTICE)
    assert school.update(update).kind is Kind.NEWS


def test_what_is_of_the_school_is_not_changed_as_if_it_were_of_a_trip(school: School) -> None:
    put_on_trip(school, "head")
    update = write(
        school, "head", Kind.URGENT, expires_at=school.clock() + timedelta(hours=2), trip=school.slug
    )
    with pytest.raises(Conflict, match="begun as something else"):
        journey.save_draft(school.house, school.head, update, school.slug, "Hello.", None, ["app"])
    assert school.update(update).text == CONCERT


def test_nobody_changes_what_another_wrote(school: School) -> None:
    update = write(school)
    with pytest.raises(NotFound):
        write(school, "author", update=update, text="Something else.")
    assert school.update(update).text == CONCERT


@pytest.mark.parametrize("kind", [Kind.TRIP, Kind.MESSAGE])
def test_what_is_of_a_trip_is_not_written_here(school: School, kind: Kind) -> None:
    with pytest.raises(NotFound):
        write(school, kind=kind)


def test_it_needs_a_title_words_and_a_place(school: School) -> None:
    found = blocks(school, write(school, title=" ", text="", channels=()))
    assert [reason.split(",")[0].split(":")[0] for reason in found] == [
        "Write something first",
        "Choose at least one place for it to appear.",
        "Give it a title.",
    ]


def test_a_title_is_checked_like_other_words(school: School) -> None:
    (reason,) = blocks(school, write(school, title="Well done Ada Puddlewick"))
    assert reason.startswith("“Ada Puddlewick” in the title:")


def test_no_pupil_of_any_trip_is_named_in_news(school: School) -> None:
    make_trip(school, "Moor Residential", ("stranger",))
    (reason,) = blocks(school, write(school, text="Thank you to Bram Thistlebury for the bells."))
    assert reason.startswith("“Bram Thistlebury” in the text:")


def test_news_goes_nowhere_but_where_news_goes(school: School) -> None:
    for channel in ("families", "text", "email"):
        with pytest.raises(Refused, match="is no place for this: School news"):
            write(school, channels=[channel])


def test_no_pupil_can_be_in_a_picture_of_the_school_for_nobody_was_asked(school: School) -> None:
    update, photo = write(school), uuid.uuid4()
    picturing.add_photo(school.house, school.stranger, update, photo, picture())
    with pytest.raises(Refused, match="not on this trip's list"):
        picturing.describe_photo(
            school.house, school.stranger, update, photo, "The hall.", school.pupils("Ada")
        )
    picturing.describe_photo(school.house, school.stranger, update, photo, "The hall.", [])
    journey.submit(school.house, school.stranger, update)
    assert [len(what["photos"]) for what in _sealed(school, update).values()] == [1, 1]


def _sealed(school: School, update: uuid.UUID) -> dict[str, Any]:
    version = school.update(update).version
    assert version is not None
    found: dict[str, Any] = version.manifest["channels"]
    return found


def test_only_news_has_photos(school: School) -> None:
    update = write(school, kind=Kind.NOTICE)
    picturing.add_photo(school.house, school.stranger, update, uuid.uuid4(), picture())
    assert "Only news has photos. Take them out." in blocks(school, update)


def test_a_notice_says_until_when(school: School) -> None:
    assert blocks(school, write(school, kind=Kind.NOTICE, expires_at=None))[0].startswith("Say until when")
    update = write(school, kind=Kind.NOTICE)
    school.clock.pass_(days=3)
    assert blocks(school, update)[0].startswith("The time until when this is so is over")
    with pytest.raises(Refused, match="within 92 days"):
        write(school, kind=Kind.NOTICE, expires_at=school.clock() + timedelta(days=93))


def test_until_when_is_sealed(school: School) -> None:
    update = write(school, kind=Kind.NOTICE)
    journey.submit(school.house, school.stranger, update)
    found = school.update(update)
    assert found.version is not None
    assert found.expires_at is not None
    assert found.version.manifest["until"] == found.expires_at.isoformat()


def test_a_title_that_is_too_long_is_refused_and_nothing_is_kept(school: School) -> None:
    update = uuid.uuid4()
    with pytest.raises(TooLarge, match="at most 120"):
        write(school, update=update, title="x" * 121)
    assert fresh().get(Update, update) is None


def test_news_waits_while_everything_is_on_hold(school: School) -> None:
    update = write(school)
    journey.submit(school.house, school.stranger, update)
    holding.hold(school.house, school.head)
    with pytest.raises(Conflict, match="on hold"):
        journey.approve(school.house, school.head, update, school.digest(update))


def test_the_office_and_approvers_see_all_of_the_schools_and_staff_their_own(school: School) -> None:
    mine, other = write(school), write(school, "author", kind=Kind.NOTICE)
    waiting(school), approved(school)
    seen = {
        who: {each.id for each in steps.written(school.house, school.people[who], 50)}
        for who in ("stranger", "head", "office", "colleague")
    }
    assert seen == {
        "stranger": {mine},
        "head": {mine, other},
        "office": {mine, other},
        "colleague": set(),
    }


def test_photos_of_news_that_nobody_approved_go_after_two_weeks(school: School) -> None:
    update = write(school)
    picturing.add_photo(school.house, school.stranger, update, uuid.uuid4(), picture())
    school.clock.pass_(days=13)
    erasure.expire(school.house)
    assert len(school.update(update).photos) == 1
    school.clock.pass_(days=3)
    erasure.expire(school.house)
    assert school.update(update).photos == []
    assert list(school.house.photos.names()) == []


def test_x_may_be_left_out_where_the_school_has_no_account(school: School) -> None:
    update = write(school)
    with pytest.raises(Refused) as refused:
        journey.submit(without_x(school), school.stranger, update)
    assert refused.value.reasons == ("The school has not set up X (Twitter). Take it off this update.",)
    write(school, update=update, channels=[Channel.WEBSITE])
    journey.submit(without_x(school), school.stranger, update)
    assert school.state(update) == "waiting"
