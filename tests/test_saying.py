"""What the school itself says stands on its pages once it is approved, and leaves the top of them when it is over."""

import uuid
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.factories import School, make_trip, picture, work
from tripupdates import journey, picturing, policy_reviews, takedown
from tripupdates import school as steps
from tripupdates.approval.timing import When
from tripupdates.outbox import worker
from tripupdates.school import Draft
from tripupdates.vocabulary import Channel, Conflict, Kind, Order

SNOW = "Please keep your children at home. We write again at noon."


def waits(
    school: School,
    kind: Kind,
    title: str = "Car park closed",
    photo: bool = False,
    hours: float = 8,
    **more: Any,
) -> uuid.UUID:
    """Something of the school, sent to whoever decides."""
    update = uuid.uuid4()
    lasts = kind in {Kind.NOTICE, Kind.URGENT}
    draft = Draft(
        kind,
        title,
        more.pop("text", SNOW),
        channels=() if kind is Kind.URGENT else ("website",),
        expires_at=school.clock() + timedelta(hours=hours) if lasts else None,
        **more,
    )
    steps.save(school.house, school.head, update, draft)
    if photo:
        number = uuid.uuid4()
        picturing.add_photo(school.house, school.head, update, number, picture())
        picturing.describe_photo(school.house, school.head, update, number, "The hall.", [])
    journey.submit(school.house, school.head, update)
    return update


def said(school: School, kind: Kind, title: str, **more: Any) -> uuid.UUID:
    """Something of the school, approved."""
    update = waits(school, kind, title, **more)
    journey.approve(school.house, school.deputy, update, school.digest(update))
    return update


def site(school: School, path: str = "index.html") -> str:
    return (school.house.settings.site / path).read_text("utf-8")


def families(school: School, slug: str = "") -> str:
    page: Path = school.house.settings.families / (slug or school.slug) / "index.html"
    return page.read_text("utf-8")


def test_news_has_a_page_of_its_own_with_its_photo_and_is_told_on_the_front(school: School) -> None:
    update = said(school, Kind.NEWS, "Summer concert", photo=True, text="All choirs sang in the hall.")
    work(school)
    address = school.delivery(update, Channel.WEBSITE).link
    assert address.startswith("http://localhost/site/news/2027-05-03-summer-concert-")
    page = site(school, address.removeprefix("http://localhost/site/") + "index.html")
    assert "All choirs sang in the hall." in page
    assert 'alt="The hall."' in page
    assert "Summer concert" in site(school)
    assert "Summer concert" in site(school, "feed.xml")


def test_news_that_is_taken_down_leaves_no_page_and_no_picture(school: School) -> None:
    update = said(school, Kind.NEWS, "Summer concert", photo=True)
    work(school)
    takedown.take_down(school.house, school.deputy, update, "It was the wrong hall.")
    work(school)
    assert school.deliveries(update, Order.REMOVE) == {"website": "sent"}
    left = {file.suffix for file in school.house.settings.site.rglob("*") if file.is_file()}
    assert not left & {".jpg", ".avif"}
    assert not list(school.house.settings.site.glob("news/*/index.html"))
    assert "Summer concert" not in site(school)


def test_a_notice_stands_until_it_is_over_and_is_kept_below_then(school: School) -> None:
    update = said(school, Kind.NOTICE, "Car park closed", hours=2)
    work(school)
    assert "Car park closed" in site(school)
    assert school.delivery(update, Channel.WEBSITE).link.endswith(f"/site/notices/#notice-{update}")
    looked = school.clock()
    school.clock.pass_(hours=1)
    looked = worker.turn_pages(school.house, Channel.WEBSITE, looked)
    assert "Car park closed" in site(school)
    school.clock.pass_(hours=1)
    worker.turn_pages(school.house, Channel.WEBSITE, looked)
    assert "Car park closed" not in site(school)
    assert "Over, school year" in site(school, "notices/index.html")
    assert "Car park closed" in site(school, "notices/index.html")


def test_what_is_urgent_stands_on_top_of_every_page_until_it_is_over(school: School) -> None:
    said(school, Kind.NEWS, "Summer concert")
    said(school, Kind.URGENT, "School closed", hours=2)
    work(school)
    pages = [file for file in school.house.settings.site.rglob("*.html") if "embed" not in str(file)]
    assert len(pages) > 4
    assert all("School closed" in file.read_text("utf-8") for file in pages)
    looked = school.clock()
    school.clock.pass_(hours=2)
    worker.turn_pages(school.house, Channel.WEBSITE, looked)
    worker.turn_pages(school.house, Channel.FAMILIES, looked)
    assert "School closed" not in site(school)
    assert "School closed" not in families(school)


def test_families_read_what_is_urgent_about_their_trip_or_the_whole_school_and_about_no_other(
    school: School,
) -> None:
    other = make_trip(school, "Moor Residential", ("stranger",))
    said(school, Kind.URGENT, "The coach is late", trip=school.slug)
    said(school, Kind.URGENT, "School closed")
    work(school)
    here, there = families(school), families(school, other)
    assert ("The coach is late" in here, "School closed" in here) == (True, True)
    assert ("The coach is late" in there, "School closed" in there) == (False, True)


def test_what_was_urgent_about_a_trip_stays_among_its_updates(school: School) -> None:
    said(school, Kind.URGENT, "The coach is late", trip=school.slug, hours=1)
    work(school)
    assert families(school).count("The coach is late") == 2
    looked = school.clock()
    school.clock.pass_(hours=1)
    worker.turn_pages(school.house, Channel.FAMILIES, looked)
    assert families(school).count("The coach is late") == 1


def test_what_is_over_leaves_the_top_of_the_pages_though_they_could_not_be_written_at_that_moment(
    school: School,
) -> None:
    said(school, Kind.URGENT, "School closed", hours=2)
    work(school)
    looked, place = school.clock(), school.house.settings.site
    school.clock.pass_(hours=2)
    place.rename(place.with_name("away"))
    place.write_text("no folder")
    looked = worker.turn_pages(school.house, Channel.WEBSITE, looked)
    place.unlink()
    place.with_name("away").rename(place)
    assert "School closed" in site(school)
    school.clock.pass_(minutes=1)
    assert worker.turn_pages(school.house, Channel.WEBSITE, looked) == school.clock()
    assert "School closed" not in site(school)


def test_a_notice_is_not_put_off_until_it_would_be_over(school: School) -> None:
    update = waits(school, Kind.NOTICE, hours=2)
    late = When(school.clock() + timedelta(hours=3))
    with pytest.raises(Conflict, match="would be over by the time it goes out"):
        journey.approve(school.house, school.deputy, update, school.digest(update), when=late)
    assert (school.state(update), school.deliveries(update)) == ("waiting", {})


def test_what_is_over_is_neither_approved_nor_sent_alone(school: School) -> None:
    update = waits(school, Kind.URGENT, hours=2)
    digest = school.digest(update)
    school.clock.pass_(hours=2)
    with pytest.raises(Conflict, match="would be over"):
        journey.approve(school.house, school.deputy, update, digest)
    with pytest.raises(Conflict, match="would be over"):
        steps.send_alone(school.house, school.head, update, digest, "Nobody answers.")
    assert (school.state(update), school.deliveries(update)) == ("waiting", {})


def test_x_is_not_told_of_what_is_over_by_now(school: School) -> None:
    update = said(school, Kind.URGENT, "School closed", hours=2)
    school.clock.pass_(hours=2)
    work(school, Channel.X, Channel.WEBSITE)
    assert school.deliveries(update) | {"x": "stopped", "website": "sent"} == school.deliveries(update)
    assert school.delivery(update, Channel.X).problem == "It is over by now, so it was not sent."


@pytest.mark.parametrize("channel", [Channel.WEBSITE, Channel.FAMILIES])
def test_pages_are_left_alone_while_nothing_has_turned(school: School, channel: Channel) -> None:
    said(school, Kind.URGENT, "School closed", hours=3)
    work(school)
    before = {file: file.stat().st_mtime_ns for file in school.house.settings.instance.rglob("*.html")}
    looked = school.clock()
    school.clock.pass_(hours=1)
    worker.turn_pages(school.house, channel, looked)
    assert before == {file: file.stat().st_mtime_ns for file in before}


def test_the_policy_on_the_site_is_what_is_in_force_and_says_when_it_was_reviewed(school: School) -> None:
    said(school, Kind.NEWS, "Summer concert")
    work(school)
    assert "Reviewed on" not in site(school, "policy.html")
    assert "@PuddleLaneTest" in site(school, "policy.html")
    looked = school.clock()
    school.clock.pass_(minutes=1)
    house = school.house
    policy_reviews.record(house, school.office, date(2028, 5, 1), "", policy_reviews.digest(house))
    worker.turn_pages(house, Channel.WEBSITE, looked)
    page = site(school, "policy.html")
    assert "Reviewed on <time" in page
    assert "1 May 2028" in page
