"""The path of an update: drafts, photos, sending to the head, deciding. Laws 2, 3 and 4, on the database's rows."""

import threading
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from tests import factories
from tests.factories import School, all_consent, approved, consent, draft, photo, picture, waiting
from tripupdates import accounts, journey, picturing
from tripupdates.approval.records import Decision, Update, Version
from tripupdates.consent.records import Answer
from tripupdates.database import fresh
from tripupdates.photos.records import Photo
from tripupdates.vocabulary import (
    Channel,
    Conflict,
    DeliveryState,
    Forbidden,
    NotFound,
    Refused,
    TooLarge,
    UpdateState,
)


def _count(kind: type[object]) -> int:
    return fresh().scalar(sa.select(sa.func.count()).select_from(kind)) or 0


def _save(school: School, update: uuid.UUID, text: str, by: str = "author", slug: str = "") -> None:
    journey.save_draft(school.house, school.people[by], update, slug or school.slug, text, None, ["families"])


def test_whose_account_was_closed_while_they_were_about_to_decide_decides_nothing(school: School) -> None:
    update = waiting(school)
    head, digest = school.head, school.digest(update)  # as their request knows them, which waits for its turn
    accounts.set_active(school.house, school.office, head.id, False)
    with pytest.raises(Forbidden, match="closed"):
        journey.approve(school.house, head, update, digest)
    with pytest.raises(Forbidden, match="closed"):
        journey.send_back(school.house, head, update, digest, "No.")
    assert school.state(update) == "waiting"


def test_saying_the_same_again_changes_nothing(school: School) -> None:
    update = draft(school, text="Soup for supper.")
    before = school.update(update).changed_at
    school.clock.pass_(minutes=5)
    journey.save_draft(
        school.house, school.author, update, school.slug, "Soup for supper.", None, factories.EVERYWHERE
    )
    assert (_count(Update), school.update(update).changed_at) == (1, before)


def test_line_ends_of_a_browser_are_the_same_text(school: School) -> None:
    update = draft(school, text="Soup.\nBread.")
    before = school.update(update).changed_at
    school.clock.pass_(minutes=5)
    journey.save_draft(
        school.house, school.author, update, school.slug, " Soup.\r\nBread. ", None, factories.EVERYWHERE
    )
    assert school.update(update).changed_at == before


@pytest.mark.parametrize("who", ["stranger", "head", "office"])
def test_only_accompanying_staff_post_for_a_trip(school: School, who: str) -> None:
    with pytest.raises(NotFound):
        _save(school, uuid.uuid4(), "Soup.", by=who)
    assert _count(Update) == 0


def test_a_colleague_on_the_trip_cannot_change_somebody_elses_update(school: School) -> None:
    update = draft(school)
    with pytest.raises(NotFound):
        _save(school, update, "Changed.", by="colleague")
    assert school.update(update).text == "We climbed the castle tower."


def test_an_update_does_not_move_to_another_trip(school: School) -> None:
    update, other = draft(school), factories.make_trip(school, "Moor Residential", ("author",))
    with pytest.raises(Conflict):
        _save(school, update, "Changed.", slug=other)


def test_a_text_that_is_too_long_is_refused_and_the_draft_survives(school: School) -> None:
    update = draft(school, text="Soup.")
    with pytest.raises(TooLarge):
        _save(school, update, "x" * 5001)
    assert school.update(update).text == "Soup."


def test_an_unknown_channel_is_refused(school: School) -> None:
    with pytest.raises(Refused, match="newspaper"):
        journey.save_draft(school.house, school.author, uuid.uuid4(), school.slug, "x", None, ["newspaper"])


def test_the_same_photo_twice_is_one_photo(school: School) -> None:
    update, number = draft(school), uuid.uuid4()
    for _ in range(2):
        picturing.add_photo(school.house, school.author, update, number, picture())
    assert _count(Photo) == 1


def test_another_photo_under_the_same_number_is_a_conflict(school: School) -> None:
    update = draft(school)
    first = photo(school, update)
    kept = fresh().get_one(Photo, first).renditions
    with pytest.raises(Conflict):
        picturing.add_photo(school.house, school.author, update, first, picture(2))
    assert fresh().get_one(Photo, first).renditions == kept


def test_a_fifth_photo_is_refused_and_four_stay(school: School) -> None:
    update = draft(school)
    for scene in range(1, 5):
        photo(school, update, scene=scene)
    with pytest.raises(Refused, match="at most 4"):
        photo(school, update, scene=5)
    assert _count(Photo) == 4


def test_something_that_is_no_picture_is_refused_and_the_draft_is_whole(school: School) -> None:
    update = draft(school)
    with pytest.raises(Refused):
        picturing.add_photo(school.house, school.author, update, uuid.uuid4(), b"%PDF-1.7 not a photo")
    assert (_count(Photo), school.state(update)) == (0, "draft")


def test_only_renditions_are_stored_and_never_the_upload(school: School) -> None:
    update = draft(school)
    photo(school, update)
    names = {rendition["name"] for row in fresh().scalars(sa.select(Photo)) for rendition in row.renditions}
    assert school.house.photos.names() == names
    upload = picture()
    for file in school.house.settings.instance.rglob("*"):
        if file.is_file():
            assert upload[:2000] not in file.read_bytes()


def test_a_photo_about_which_nobody_has_answered_cannot_go_to_the_head(school: School) -> None:
    update = draft(school)
    photo(school, update, pictured=None)
    with pytest.raises(Refused) as refused:
        journey.submit(school.house, school.author, update)
    assert refused.value.reasons == ("Photo 1: say who is in it, or that no pupil is.",)
    assert (school.state(update), _count(Version)) == ("draft", 0)


def test_saying_that_no_pupil_is_in_it_is_an_answer(school: School) -> None:
    update = draft(school)
    photo(school, update, pictured=())
    journey.submit(school.house, school.author, update)
    assert school.state(update) == "waiting"


def test_a_pupil_of_another_trip_cannot_be_named_as_pictured(school: School) -> None:
    update = draft(school)
    number = photo(school, update, pictured=None)
    for pupil in (uuid.uuid4(), factories.pupil_of_another_trip(school)):
        with pytest.raises(Refused, match="list"):
            picturing.describe_photo(school.house, school.author, update, number, pictured=[pupil])
    assert fresh().get_one(Photo, number).pictured is None


def test_a_photo_that_can_be_shown_nowhere_blocks_and_names_nobody(school: School) -> None:
    update = draft(school)
    photo(school, update, pictured=("Ada", "Bram"))
    with pytest.raises(Refused) as refused:
        journey.submit(school.house, school.author, update)
    assert refused.value.reasons == (
        "Photo 1 cannot be shown in any of the places you chose. Crop it, or use another photo.",
    )


def test_a_photo_is_absent_from_the_channel_without_consent_and_the_text_stays(school: School) -> None:
    all_consent(school)
    consent(school, {"Ada": (Channel.X,)}, yes=False)
    update = waiting(school, ("Ada", "Bram"))
    manifest = fresh().get_one(Version, school.update(update).version_id).manifest
    assert {channel: len(what["photos"]) for channel, what in manifest["channels"].items()} == {
        "families": 1,
        "website": 1,
        "x": 0,
    }
    assert {what["text"] for what in manifest["channels"].values()} == {"We climbed the castle tower."}


def test_every_reason_is_told_at_once(school: School) -> None:
    update = draft(school, text="", channels=())
    photo(school, update, pictured=None, alt="")
    with pytest.raises(Refused) as refused:
        journey.submit(school.house, school.author, update)
    assert len(refused.value.reasons) == 4


def test_a_text_too_long_for_x_asks_for_a_shorter_one(school: School) -> None:
    update = draft(school, text="castle " * 60)
    with pytest.raises(Refused) as refused:
        journey.submit(school.house, school.author, update)
    assert "139 characters too long" in refused.value.reasons[0]
    journey.save_draft(
        school.house, school.author, update, school.slug, "castle " * 60, "A castle!", factories.EVERYWHERE
    )
    journey.submit(school.house, school.author, update)
    assert school.state(update) == "waiting"


def test_a_pupils_name_stops_an_update_in_text_and_alt_text(school: School) -> None:
    update = draft(school, text="Well done Ada Puddlewick!")
    photo(school, update, alt="Bram Thistlebury with a bow.")
    with pytest.raises(Refused) as refused:
        journey.submit(school.house, school.author, update)
    assert len(refused.value.reasons) == 2
    assert school.state(update) == "draft"


def test_sending_twice_makes_one_version(school: School) -> None:
    update = waiting(school)
    journey.submit(school.house, school.author, update)
    assert _count(Version) == 1


@pytest.mark.parametrize("who", ["author", "colleague", "stranger", "office"])
def test_nobody_but_an_approver_decides(school: School, who: str) -> None:
    update = waiting(school)
    with pytest.raises(Forbidden):
        journey.approve(school.house, school.people[who], update, school.digest(update))
    assert school.state(update) == "waiting"


def test_the_author_never_approves_even_with_the_role_and_off_the_trip(school: School) -> None:
    slug = factories.make_trip(school, "Moor Residential", ("deputy",))
    update = uuid.uuid4()
    journey.save_draft(school.house, school.deputy, update, slug, "On the moor.", None, ["families"])
    journey.submit(school.house, school.deputy, update)
    factories.office.set_staff(school.house, school.office, slug, [school.colleague.id])
    with pytest.raises(Forbidden, match="You wrote"):
        journey.approve(school.house, school.deputy, update, school.digest(update))


def test_an_approver_on_the_trip_does_not_decide_on_it(school: School) -> None:
    factories.office.set_staff(school.house, school.office, school.slug, [school.author.id, school.deputy.id])
    update = waiting(school)
    with pytest.raises(Forbidden, match="on this trip"):
        journey.approve(school.house, school.deputy, update, school.digest(update))


def test_an_approval_is_of_the_digest_that_was_seen(school: School) -> None:
    update = waiting(school)
    seen = school.digest(update)
    _save(school, update, "Changed after the page was opened.")
    journey.submit(school.house, school.author, update)
    with pytest.raises(Conflict, match="changed since"):
        journey.approve(school.house, school.head, update, seen)
    assert (school.state(update), school.deliveries(update)) == ("waiting", {})


def test_approving_orders_each_channel_once_in_the_same_commit(school: School) -> None:
    update = approved(school)
    assert school.state(update) == "approved"
    assert school.deliveries(update) == {"families": "pending", "website": "pending", "x": "pending"}


def test_a_double_tap_approves_once(school: School) -> None:
    update = approved(school)
    journey.approve(school.house, school.head, update, school.digest(update))
    assert (_count(Decision), len(school.deliveries(update))) == (1, 3)


def test_a_second_approver_is_told_that_it_is_done(school: School) -> None:
    update = approved(school)
    with pytest.raises(Conflict, match="already approved"):
        journey.approve(school.house, school.deputy, update, school.digest(update))
    assert fresh().scalars(sa.select(Decision.by)).all() == [school.head.id]


def test_two_approvers_pressing_at_once_give_one_approval(school: School) -> None:
    update = waiting(school)
    digest, outcomes = school.digest(update), []
    gate = threading.Barrier(2)

    def press(who: str) -> None:
        with school.app.app_context():
            gate.wait()
            try:
                journey.approve(school.house, school.people[who], update, digest)
            except Conflict:
                outcomes.append("told")
            else:
                outcomes.append("approved")

    threads = [threading.Thread(target=press, args=(who,)) for who in ("head", "deputy")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved", "told"]
    assert (_count(Decision), len(school.deliveries(update))) == (1, 3)


def _change_text(school: School, update: uuid.UUID) -> None:
    _save(school, update, "Another text.")


def _change_alt(school: School, update: uuid.UUID) -> None:
    number = school.update(update).photos[0].id
    picturing.describe_photo(school.house, school.author, update, number, alt="Another alt text.")


def _change_pupils(school: School, update: uuid.UUID) -> None:
    number = school.update(update).photos[0].id
    picturing.describe_photo(school.house, school.author, update, number, pictured=[])


def _add_photo(school: School, update: uuid.UUID) -> None:
    photo(school, update, scene=2)


def _remove_photo(school: School, update: uuid.UUID) -> None:
    picturing.remove_photo(school.house, school.author, update, school.update(update).photos[0].id)


@pytest.mark.parametrize("edit", [_change_text, _change_alt, _change_pupils, _add_photo, _remove_photo])
@pytest.mark.parametrize("begin", [waiting, approved])
def test_any_edit_voids_the_approval_and_stops_what_was_ordered(
    school: School, begin: Callable[..., uuid.UUID], edit: Callable[[School, uuid.UUID], None]
) -> None:
    all_consent(school)
    update = begin(school, ("Ada", "Bram"))
    edit(school, update)
    assert school.state(update) == "draft"
    assert set(school.deliveries(update).values()) <= {"stopped"}


@pytest.mark.parametrize("state", [DeliveryState.SENDING, DeliveryState.UNSURE, DeliveryState.SENT])
def test_nothing_is_edited_once_any_of_it_may_have_left(school: School, state: DeliveryState) -> None:
    update = approved(school)
    factories.settle(school, update, Channel.X, state)
    with pytest.raises(Conflict, match="already being published"):
        _save(school, update, "Too late.")
    assert school.state(update) == "approved"
    assert school.deliveries(update) == {"families": "pending", "website": "pending", "x": state.value}


def test_nothing_is_edited_once_pages_were_tried(school: School) -> None:
    update = approved(school)
    factories.settle(school, update, Channel.FAMILIES, DeliveryState.PENDING, attempts=1)
    with pytest.raises(Conflict, match="already being published"):
        _save(school, update, "Too late.")
    assert school.state(update) == "approved"


def test_a_new_version_needs_a_new_approval(school: School) -> None:
    update = approved(school)
    first = school.digest(update)
    _save(school, update, "Another text.")
    journey.submit(school.house, school.author, update)
    with pytest.raises(Conflict):
        journey.approve(school.house, school.head, update, first)
    journey.approve(school.house, school.head, update, school.digest(update))
    assert school.state(update) == "approved"


def test_a_consent_that_has_gone_stops_an_approval(school: School) -> None:
    all_consent(school)
    update = waiting(school, ("Ada", "Bram"))
    digest = school.digest(update)
    # Straight into the table, past the step that would have sent it back: the door must hold by itself.
    ada = school.pupil("Ada")
    with factories.transaction() as session:
        session.add(
            Answer(
                pupil_id=ada,
                channel=Channel.X,
                yes=False,
                note="by hand",
                by=school.office.id,
                at=school.clock(),
            )
        )
    with pytest.raises(Conflict, match="may no longer be shown"):
        journey.approve(school.house, school.head, update, digest)
    assert (school.state(update), school.deliveries(update)) == ("waiting", {})


def test_a_remark_that_asks_needs_a_reason_from_the_approver(school: School) -> None:
    update = waiting(school, text="The ambulance museum was closed.")
    version = fresh().get_one(Version, school.update(update).version_id)
    keys = [finding["key"] for finding in version.findings if finding["severity"] == "ask"]
    assert keys
    digest = version.digest
    for overrides in ({}, dict.fromkeys(keys, "  ")):
        with pytest.raises(Refused, match="reason"):
            journey.approve(school.house, school.head, update, digest, overrides)
    journey.approve(school.house, school.head, update, digest, dict.fromkeys(keys, "It is a museum."))
    decision = fresh().get_one(Decision, school.update(update).version_id)
    assert decision.overrides == dict.fromkeys(keys, "It is a museum.")


@pytest.mark.parametrize(
    ("decide", "state"), [(journey.send_back, UpdateState.RETURNED), (journey.reject, UpdateState.REJECTED)]
)
def test_declining_needs_a_reason_and_publishes_nothing(
    school: School, decide: Callable[..., None], state: UpdateState
) -> None:
    update = waiting(school)
    with pytest.raises(Refused, match="Say why"):
        decide(school.house, school.head, update, school.digest(update), "  ")
    decide(school.house, school.head, update, school.digest(update), "Wait until tomorrow.")
    assert (school.state(update), school.deliveries(update)) == (state.value, {})
    assert fresh().scalar(sa.select(Decision.reason)) == "Wait until tomorrow."


def test_a_returned_update_can_be_mended_and_sent_again(school: School) -> None:
    update = waiting(school)
    journey.send_back(school.house, school.head, update, school.digest(update), "Say what for supper.")
    _save(school, update, "We had soup.")
    journey.submit(school.house, school.author, update)
    assert (school.state(update), _count(Version)) == ("waiting", 2)


def test_a_rejected_update_is_finished(school: School) -> None:
    update = waiting(school)
    journey.reject(school.house, school.head, update, school.digest(update), "Not for the public.")
    with pytest.raises(Conflict, match="finished"):
        _save(school, update, "Again.")


def test_staff_who_leave_the_trip_lose_its_updates(school: School) -> None:
    update = draft(school)
    factories.office.set_staff(school.house, school.office, school.slug, [school.colleague.id])
    with pytest.raises(NotFound):
        journey.submit(school.house, school.author, update)
