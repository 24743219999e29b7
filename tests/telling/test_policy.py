"""The office is reminded of its policy: once a month before, once a week before, and each week after."""

from datetime import date, timedelta

from tests.factories import School
from tests.telling.conftest import Post
from tripupdates import policy_reviews
from tripupdates.health import heart, troubles
from tripupdates.health.ready import lanes

TITLE = "The page on how you post is to be looked at"
TODAY = date(2027, 5, 3)


def _review(school: School, next_due: date) -> None:
    seen = policy_reviews.digest(school.house)
    policy_reviews.record(school.house, school.office, next_due, "", seen)


def _days(post: Post, days: float) -> list[str]:
    """Let days pass; the web process looks, and people are told. Returns what the office has read so far."""
    school = post.school
    school.clock.pass_(days=days)
    heart.beat(school.house, lanes(school.house))
    for _ in range(2):
        troubles.look(school.house, school.clock().replace(year=2026))
    post.go()
    return [str(mail.get_body(("plain",)).get_content()) for mail in post.to("office")]  # type: ignore[union-attr]


def test_the_office_is_reminded_a_month_and_a_week_before_and_each_week_after_once_each(post: Post) -> None:
    _review(post.school, TODAY + timedelta(days=60))
    counts = [len(_days(post, days)) for days in (29, 1, 22, 1, 7, 1, 6, 1, 7)]
    assert counts == [0, 1, 1, 2, 2, 3, 3, 4, 5]
    assert set(post.subjects("office")) == {TITLE}
    first, last = _days(post, 0)[0], _days(post, 0)[-1]
    assert "looked at again within the next 30 days" in first
    assert "http://localhost/office/policy" in first
    assert "is over" in last
    _review(post.school, post.school.house.today() + timedelta(days=365))
    assert len(_days(post, 200)) == 5
    assert [post.subjects(who) for who in ("author", "head")] == [[], []]


def test_a_school_that_never_looked_is_not_written_to_but_reads_it_on_its_first_page(post: Post) -> None:
    assert _days(post, 40) == []
    assert policy_reviews.NEVER in post.school.client("office").get("/office/").text
