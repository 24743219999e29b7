"""Which groups an update is about: its author says so, the head sees it, and families look at their own."""

import html
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.factories import School, draft, pupil_of_another_trip, work
from tests.phones import written
from tests.web.sending import Form
from tripupdates import journey, office, posting
from tripupdates.approval.readiness import readiness
from tripupdates.approval.records import Version
from tripupdates.database import fresh, transaction
from tripupdates.trips.records import Group, Pupil
from tripupdates.vocabulary import Channel, Refused

BOTH = (Channel.FAMILIES, Channel.WEBSITE)


def group(name: str) -> str:
    """A group's id."""
    return str(fresh().scalars(sa.select(Group.id).where(Group.name == name)).one())


def about(school: School, update: uuid.UUID, *groups: str) -> None:
    """The author says which groups it is about."""
    kept = school.update(update)
    ids = [group(name) for name in groups]
    journey.save_draft(school.house, school.author, update, school.slug, kept.text, None, kept.channels, ids)


def page(school: School, name: str) -> str:
    """One of the families' pages, '' where it does not stand."""
    place: Path = school.house.settings.families / school.slug / name
    return place.read_text("utf-8") if place.exists() else ""


def test_what_the_author_says_is_sealed_shown_to_the_head_and_on_the_families_page_alone(
    school: School,
) -> None:
    update = draft(school, channels=BOTH)
    about(school, update, "Otters")
    journey.submit(school.house, school.author, update)
    version = fresh().get_one(Version, school.update(update).version_id)
    assert version.manifest["groups"] == ["Otters"]
    assert (
        "On the families’ page for: <strong>Otters</strong>"
        in school.client("head").get(f"/review/{update}").text
    )
    journey.approve(school.house, school.head, update, version.digest)
    work(school)
    for name in ("index.html", "group-otters.html"):
        assert '<span class="about">Otters</span>' in page(school, name)
    assert page(school, "group-kestrels.html") == ""
    assert "Otters" not in (school.house.settings.site / "trips" / school.slug / "index.html").read_text(
        "utf-8"
    )


def test_an_update_about_everybody_says_nothing_of_groups(school: School) -> None:
    update = draft(school)
    about(school, update, "Otters", "Kestrels")
    assert school.update(update).groups == []
    journey.submit(school.house, school.author, update)
    assert "groups" not in fresh().get_one(Version, school.update(update).version_id).manifest


def test_another_choice_of_groups_voids_what_the_head_has_and_is_told(school: School) -> None:
    update = draft(school)
    about(school, update, "Otters")
    journey.submit(school.house, school.author, update)
    first = school.digest(update)
    about(school, update, "Kestrels")
    assert school.state(update) == "draft"
    journey.submit(school.house, school.author, update)
    assert school.digest(update) != first
    shown = school.client("head").get(f"/review/{update}").text
    assert "For the groups" in shown
    assert "<del>Otters</del>" in shown
    assert "<ins>Kestrels</ins>" in shown


def test_a_group_of_another_trip_is_refused(school: School) -> None:
    pupil_of_another_trip(school)
    with transaction() as session:
        other = office.trip_by_slug(session, "moor-residential-2027")
        session.add(Group(name="Badgers", trip_id=other.id))
    update = draft(school)
    with pytest.raises(Refused, match="not on this trip"):
        about(school, update, "Badgers")
    for odd in ("", "nonsense"):
        with pytest.raises(Refused, match="not on this trip"):
            journey.save_draft(school.house, school.author, update, school.slug, "Words", None, [], [odd])


def test_a_group_that_is_called_like_a_pupil_cannot_stand_on_a_page(school: School) -> None:
    with transaction() as session:
        session.execute(sa.update(Group).where(Group.name == "Otters").values(name="Ada Puddlewick’s team"))
    update = draft(school)
    about(school, update, "Ada Puddlewick’s team")
    blocks = readiness(school.house, fresh(), school.update(update)).blocks
    assert [block.partition(" cannot")[0] for block in blocks] == [
        "The name of the group “Ada Puddlewick’s team”"
    ]


def test_the_plain_form_asks_and_remembers(school: School) -> None:
    form, update = Form(school.client("author")), uuid.uuid4()
    assert "Which groups is it about?" in form.page("/staff/updates/new")
    fields = {
        "trip": school.slug,
        "text": "We climbed.",
        "channels": ["families"],
        "groups": [group("Otters")],
    }
    assert form.post(f"/staff/updates/{update}", **fields).status_code == 302
    shown = html.unescape(form.page(f"/staff/updates/{update}"))
    assert f'name="groups" value="{group("Otters")}" checked>' in shown
    assert f'name="groups" value="{group("Kestrels")}">' in shown


def test_a_trip_without_groups_is_not_asked(school: School) -> None:
    with transaction() as session:
        session.execute(sa.update(Pupil).values(group_id=None))
        session.execute(sa.delete(Group))
    assert "Which groups" not in school.client("author").get("/staff/updates/new").text


def test_a_phone_sends_them_with_its_revision(school: School) -> None:
    sent = replace(written(school), groups=(group("Kestrels"),))
    update = uuid.uuid4()
    posting.take(school.house, school.author, update, sent)
    posting.take(school.house, school.author, update, sent)
    assert school.update(update).groups == [group("Kestrels")]
    assert sent.digest != replace(sent, groups=()).digest
