"""What the approver is told has changed since the version before."""

from uuid import UUID

from tests.factories import School, all_consent, draft, photo
from tripupdates import journey, picturing
from tripupdates.approval import records, view
from tripupdates.database import fresh

Changes = dict[str, tuple[tuple[str, str], ...]]


def _send(school: School, update: UUID) -> Changes:
    journey.submit(school.house, school.author, update)
    found = school.update(update)
    version = records.latest_version(fresh(), found)
    assert version is not None
    return dict(view.review(fresh(), found, version).changes)


def _sent(school: School) -> UUID:
    all_consent(school)
    update = draft(school)
    photo(school, update, ("Ada", "Bram"))
    assert _send(school, update) == {}
    return update


def test_a_photo_swapped_for_another_with_the_same_alt_text_is_told(school: School) -> None:
    update = _sent(school)
    picturing.remove_photo(school.house, school.author, update, school.update(update).photos[0].id)
    photo(school, update, ("Ada", "Bram"), scene=2)
    swapped = (("gone", "another-photo"), ("new", "photo-1"))
    assert _send(school, update) == {f"photos {place}": swapped for place in ("families", "website", "x")}


def test_other_pupils_in_the_same_photo_are_told(school: School) -> None:
    update = _sent(school)
    number = school.update(update).photos[0].id
    picturing.describe_photo(
        school.house, school.author, update, number, pictured=school.pupils("Ada", "Cleo")
    )
    assert _send(school, update) == {
        "pupils": (("same", "Ada Puddlewick,"), ("gone", "Bram Thistlebury"), ("new", "Cleo Merrywhistle"))
    }


def test_another_text_and_alt_text_are_told_word_by_word(school: School) -> None:
    update = _sent(school)
    number = school.update(update).photos[0].id
    picturing.describe_photo(school.house, school.author, update, number, alt="The group at the gate.")
    changed = _send(school, update)
    assert changed == {"alt": (("same", "The group at the"), ("gone", "tower."), ("new", "gate."))}
