"""The pages of being told: one's own settings, the office's, and what the author sees."""

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.factories import PASSWORD, School, waiting
from tests.practice.telling import Phone, with_phone
from tests.telling.conftest import Post, post
from tripupdates.database import fresh
from tripupdates.telling import records
from tripupdates.telling.records import Notice

__all__ = ["post"]
PAGE = "/staff/me/telling"


def _token(client: FlaskClient, page: str = PAGE) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)
    assert found is not None
    return found[1]


def _send(client: FlaskClient, path: str, **form: str) -> tuple[int, str]:
    answer = client.post(path, data=form | {"csrf_token": _token(client)})
    return answer.status_code, answer.text


@pytest.mark.parametrize("who", ["author", "head", "office"])
def test_quiet_hours_are_kept_and_shown(school: School, who: str) -> None:
    client = school.client(who)
    assert _send(client, PAGE, quiet_from="22:00", quiet_to="07:00")[0] == 302
    page = client.get(PAGE).text
    assert 'value="22:00"' in page
    assert 'value="07:00"' in page
    assert _send(client, PAGE, quiet_from="", quiet_to="")[0] == 302
    assert records.reach_of(fresh(), school.people[who].id).quiet_from is None


@pytest.mark.parametrize(
    ("start", "end"), [("22:00", ""), ("late", "07:00"), ("22:00", "22:00"), ("25:00", "07:00")]
)
def test_odd_quiet_hours_are_refused_and_stay_on_the_form(school: School, start: str, end: str) -> None:
    status, page = _send(school.client("head"), PAGE, quiet_from=start, quiet_to=end)
    assert status == 422
    assert f'value="{start}"' in page
    assert records.reach_of(fresh(), school.head.id).quiet_from is None


def test_a_test_comes_by_every_way_and_the_page_says_so(post: Post) -> None:
    with_phone(post.school, post.push, "office")
    client = post.school.client("office")
    assert _send(client, f"{PAGE}/test")[0] == 302
    assert "On its way" in client.get(PAGE).text
    post.go(seconds=0)
    assert post.subjects("office") == ["This is the test you asked for"]
    page = client.get(PAGE).text
    assert "E-mail: sent at 10:00." in page
    assert "Push on “Green phone”: sent at 10:00." in page
    assert _send(client, f"{PAGE}/test")[0] == 503  # one a minute


def test_a_test_that_fails_says_why(post: Post) -> None:
    post.box.plan("rcpt", "550 no such user")
    client = post.school.client("head")
    _send(client, f"{PAGE}/test")
    post.go()
    assert "E-mail: did not work. The mail server refuses this address." in client.get(PAGE).text


def test_without_any_way_a_test_is_refused_kindly(school: School) -> None:
    status, page = _send(school.client("head"), f"{PAGE}/test")
    assert status == 422
    assert "There is no way to reach you" in page
    assert fresh().scalars(sa.select(Notice)).all() == []


def test_a_browser_says_where_to_push(post: Post) -> None:
    client, phone = post.school.client("head"), Phone("mine")
    body = {"name": " My  phone ", "endpoint": f"{post.push.base}/mine", "keys": phone.keys}
    without = client.post(f"{PAGE}/phones", json=body)
    assert without.status_code == 400
    answer = client.post(f"{PAGE}/phones", json=body, headers={"X-CSRFToken": _token(client)})
    assert answer.status_code == 200
    (kept,) = records.phones_of(fresh(), post.school.head.id)
    assert (kept.name, answer.get_json()) == ("My phone", {"id": str(kept.id)})
    assert _send(client, f"{PAGE}/phones/{kept.id}/remove")[0] == 302
    assert records.phones_of(fresh(), post.school.head.id) == []


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"name": "x"},
        {"name": 3, "endpoint": "x", "keys": {}},
        {"name": "x", "endpoint": "x", "keys": []},
    ],
)
def test_what_is_no_subscription_is_refused_kindly(post: Post, body: object) -> None:
    client = post.school.client("head")
    answer = client.post(f"{PAGE}/phones", json=body, headers={"X-CSRFToken": _token(client)})
    assert (answer.status_code, "E-mail still reaches you" in answer.get_json()["title"]) == (422, True)


def test_the_office_sets_whose_turn_it_is(post: Post) -> None:
    school = post.school
    client = school.client("office")
    path = f"/office/trips/{school.slug}"
    form = {"first": str(school.deputy.id), "remind_after": "5", "deputies_after": "10"}
    answer = client.post(f"{path}/telling", data=form | {"csrf_token": _token(client, path)})
    assert answer.status_code == 302
    kept = records.telling_of(fresh(), school.trip_id())
    assert (kept.first_id, kept.remind_after, kept.deputies_after) == (school.deputy.id, 5, 10)
    page = client.get(path).text
    assert re.search(r"Mr Deputy Sample</strong> \(first\)", page)
    assert page.count("By e-mail.") == 2


@pytest.mark.parametrize(
    "odd",
    [
        {"remind_after": "soon"},
        {"deputies_after": "0"},
        {"remind_after": "1441"},
        {"first": "nobody"},
        {"first": "00000000-0000-0000-0000-000000000001"},
    ],
)
def test_an_odd_order_is_refused_and_stays_on_the_form(school: School, odd: dict[str, str]) -> None:
    client, path = school.client("office"), f"/office/trips/{school.slug}"
    form = {"first": "", "remind_after": "15", "deputies_after": "30"} | odd
    answer = client.post(f"{path}/telling", data=form | {"csrf_token": _token(client, path)})
    assert answer.status_code == 422
    assert all(f'value="{value}"' in answer.text for name, value in odd.items() if name != "first")
    assert fresh().get(records.TripTelling, school.trip_id()) is None


def test_what_is_broken_shows_on_the_trip_page_before_it_matters(post: Post) -> None:
    with_phone(post.school, post.push)
    post.push.answers.append(410)
    post.box.plan("rcpt", "550 no such user", "550 no such user")
    waiting(post.school)
    post.go()
    page = post.school.client("office").get(f"/office/trips/{post.school.slug}").text
    assert "Mail to this address did not work (10:00): The mail server refuses this address." in page
    assert "Push on “Green phone” does not work" in page
    assert page.count("Cannot be told at present.") == 2
    home = post.school.client("author").get("/staff/").text
    assert "Mrs Head Sample cannot be told that something waits." in home


def test_the_author_sees_who_was_told(post: Post) -> None:
    update = waiting(post.school)
    post.go()
    page = post.school.client("author").get(f"/staff/updates/{update}").text
    assert "<strong>Mrs Head Sample:</strong> told by e-mail 10:00." in page


def test_the_link_in_the_mail_comes_back_after_signing_in_and_decides_nothing(post: Post) -> None:
    update = waiting(post.school)
    post.go()
    body = post.to("head")[0].get_body(("plain",))
    assert body is not None
    link = re.search(r"http://localhost(/\S+)", body.get_content())
    assert link is not None
    client = post.school.client()
    answer = client.get(link[1])
    assert answer.headers["Location"] == f"/staff/login?next=/review/{update}"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/staff/login").text)
    assert token is not None
    form = {"email": "head@puddle-lane.example", "password": PASSWORD, "csrf_token": token[1]}
    answer = client.post(answer.headers["Location"], data=form)
    offered = answer.headers["Location"]  # a passkey, on the way
    assert offered.startswith(f"/staff/ways/offer?next=/review/{update}")
    assert f'href="{link[1]}">Not now</a>' in client.get(offered.partition("#")[0]).text
    assert client.get(link[1]).status_code == 200
    assert post.school.state(update) == "waiting"
