"""What accompanying staff carry on the phone: what helps them there, and no more."""

import json
from pathlib import Path
from typing import Any

from tests.factories import (
    EVERYWHERE,
    School,
    approved,
    consent,
    draft,
    make_trip,
    open_school,
    waiting,
    work,
)
from tripupdates import journey, office, pocket
from tripupdates.database import fresh
from tripupdates.people.signing_in import Caller
from tripupdates.vocabulary import Channel


def _contents(school: School, who: Caller | None = None) -> dict[str, Any]:
    return pocket.contents(school.house, fresh(), who or school.author)


def test_a_phone_carries_the_trip_its_groups_and_where_each_pupil_can_be_shown(school: School) -> None:
    consent(school, {"Ada": (Channel.X,)})
    (trip,) = _contents(school)["trips"]
    assert (trip["slug"], [group["name"] for group in trip["groups"]]) == (
        school.slug,
        ["Kestrels", "Otters"],
    )
    can = {pupil["forename"]: pupil["can_show"] for pupil in trip["pupils"]}
    assert can["Ada"] == {"families": False, "website": False, "x": True}
    assert set(can["Bram"].values()) == {False}


def test_a_phone_never_carries_why_a_pupil_cannot_be_shown(school: School) -> None:
    consent(school, {"Ada": EVERYWHERE}, yes=False, note="a court order")
    told = json.dumps(_contents(school))
    assert "court" not in told
    ada, bram = (
        pupil["can_show"]
        for pupil in _contents(school)["trips"][0]["pupils"]
        if pupil["forename"] in {"Ada", "Bram"}
    )
    assert ada == bram  # a no and no answer are the same


def test_a_phone_carries_only_trips_of_its_owner_until_the_day_after_they_end(school: School) -> None:
    make_trip(school, "Moor Residential", ("stranger",))
    slugs = [trip["slug"] for trip in _contents(school)["trips"]]
    assert slugs == [school.slug]
    school.clock.pass_(days=5)  # the day after the last
    assert len(_contents(school)["trips"]) == 1
    school.clock.pass_(days=1)
    assert _contents(school)["trips"] == []


def test_a_phone_carries_how_its_owners_updates_fare_and_nobody_elses(school: School) -> None:
    draft(school, by="colleague")
    begun, asked = draft(school, text=""), waiting(school, text="Asked.")
    school.clock.pass_(minutes=1)
    back = waiting(school, text="Back.")
    journey.send_back(school.house, school.head, back, school.digest(back), "Say where.")
    school.clock.pass_(minutes=1)
    out = approved(school, text="Out.")
    work(school)
    told = {each["id"]: each for each in _contents(school)["updates"]}
    assert set(told) == {str(each) for each in (begun, asked, back, out)}
    assert told[str(begun)]["blocks"] == ["Write something first: every update has words, photos are extra."]
    assert (told[str(asked)]["state"], told[str(asked)]["blocks"]) == ("waiting", [])
    assert (told[str(back)]["state"], told[str(back)]["returned_because"]) == ("returned", "Say where.")
    assert {each["channel"]: each["state"] for each in told[str(out)]["delivery"]} == {
        "families": "sent",
        "website": "sent",
        "x": "waiting",
    }
    assert next(iter(told)) == str(out)  # the newest first


def test_the_rules_that_a_phone_carries_are_the_schools_own(school: School) -> None:
    rules = _contents(school)["rules"]
    assert (rules["most_photos"], rules["longest_text"], rules["x_limit"]) == (4, 5000, 280)
    assert rules["group_only"] == ["website", "x"]
    assert (rules["no_faces"], set(rules["sentences"])) == (
        [],
        {"unanswered", "no_consent", "no_faces", "alone"},
    )


def test_a_phone_knows_what_waits_for_hands(tmp_path: Path) -> None:
    with open_school(tmp_path, class_app="SeeSaw") as school:
        update = approved(school, channels=(Channel.FAMILIES, Channel.APP))
        carried = _contents(school)
    assert (carried["rules"]["by_hand"], carried["rules"]["channel_names"]["app"]) == (["app"], "SeeSaw")
    assert carried["rules"]["group_only"] == ["app", "website", "x"]
    (told,) = carried["updates"]
    assert told["id"] == str(update)
    assert [(each["channel"], each["state"], each["by_hand"]) for each in told["delivery"]] == [
        ("families", "waiting", False),
        ("app", "by_hand", True),
    ]


def test_an_author_who_left_the_trip_no_longer_carries_its_updates(school: School) -> None:
    draft(school)
    office.set_staff(school.house, school.office, school.slug, [school.colleague.id])
    assert (_contents(school)["trips"], _contents(school)["updates"]) == ([], [])
