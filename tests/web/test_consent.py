"""The parents' form in a browser without script or cookies: what it names, what it changes, and what it keeps to itself."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.factories import EVERYWHERE, School, all_consent, approved, consent, count, work
from tests.web.desk import on, words
from tripupdates import asking
from tripupdates.app import create_app
from tripupdates.consent.links import Form
from tripupdates.consent.records import Answer
from tripupdates.database import db, fresh
from tripupdates.logs import REQUESTS
from tripupdates.vocabulary import Channel

FAMILIES, WEBSITE, X = Channel.FAMILIES, Channel.WEBSITE, Channel.X


@pytest.fixture
def link(school: School) -> str:
    """The path of a link for Ada's family."""
    return path(school, "Ada")


def path(school: School, name: str) -> str:
    (made,) = asking.make_links(school.house, school.office, school.slug, school.pupils(name))
    address = asking.address(school.house, made.token)
    return address.removeprefix(school.house.settings.public_base_url)


def send(school: School, link: str, **answers: str) -> TestResponse:
    """Send the form as a phone that keeps no cookies."""
    school.clock.pass_(minutes=1)
    return school.client().post(link, data={f"answer-{place}": word for place, word in answers.items()})


def receipt(school: School, answer: TestResponse) -> str:
    assert answer.status_code == 303
    return words(school.client().get(answer.headers["Location"]))


def test_the_page_names_the_first_name_and_the_trip_and_nothing_more(school: School, link: str) -> None:
    page = school.client().get(link)
    assert page.status_code == 200
    assert "Pictures of Ada Castle Residential, 3 to 7 May 2027." in words(page)
    for more in ("Puddlewick", "5P", "Otters", "A made-up castle", "Year 5", "Bram"):
        assert more not in page.text
    title = re.search("<title>(.*?)</title>", page.text)
    assert title is not None
    assert html.unescape(title[1]) == "Your answers about pictures · Puddle Lane Junior School"


def test_nothing_is_ticked_beforehand_and_both_answers_are_alike(school: School, link: str) -> None:
    consent(school, {"Ada": (FAMILIES,)})
    consent(school, {"Ada": (X,)}, yes=False, note="the father telephoned")
    page = school.client().get(link)
    assert "telephoned" not in page.text  # why is for the office and the approver alone
    labels = re.findall(r"<label>(.*?)</label>", page.text)
    plain = '<input type="radio" name="answer-{}" value="{}"> {}'
    assert labels == [
        plain.format(channel, word.lower(), word) for channel in EVERYWHERE for word in ("Yes", "No")
    ]
    said = words(page)
    assert said.count("At present: yes") == said.count("At present: no") == 1
    assert said.count("No answer yet, so it is a no.") == 1


def test_the_address_stays_with_whoever_has_it(school: School, link: str) -> None:
    client = school.client()
    sent = send(school, link, families="yes")
    addresses = (link, sent.headers["Location"], "/consent/abcd-efgh")
    answers = [sent, *(client.get(each) for each in addresses)]
    asking.stop_links(school.house, school.office, school.slug, school.pupil("Ada"))
    answers.append(client.get(link))
    assert [answer.status_code for answer in answers] == [303, 200, 200, 404, 410]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert "Set-Cookie" not in answer.headers
        assert "<script" not in answer.text
        assert "//" not in answer.text  # nothing from elsewhere


def test_a_form_is_sent_without_a_cookie_and_over_https_without_a_referrer(school: School, link: str) -> None:
    base = "https://trips.puddle-lane.example"
    given = replace(school.house.settings, public_base_url=base)
    app = create_app(given, replace(school.house, settings=given))
    answer = app.test_client().post(link, base_url=base, data={"answer-x": "yes"}, headers={"Origin": "null"})
    assert (answer.status_code, on(school, "Ada")) == (303, {X})
    with app.app_context():
        db.engine.dispose()
    made = asking.make_links(replace(school.house, settings=given), school.office, school.slug)
    assert asking.address(replace(school.house, settings=given), made[0].token).startswith(f"{base}/consent/")


def test_the_receipt_says_what_was_answered_when_and_its_reference(school: School, link: str) -> None:
    answer = send(school, link, families="yes", website="no")
    form = fresh().get_one(Form, 1)
    said = receipt(school, answer)
    assert answer.headers["Location"] == f"{link}/{form.reference}"
    assert f"Sent 3 May 2027, 10:01. Reference {form.reference}" in said
    assert (
        "Families’ page: yes School website: no X (Twitter): not answered. That is fine; it counts as a no."
        in said
    )
    assert "No picture of Ada had been published there, so nothing had to come down." in said
    assert on(school, "Ada") == {FAMILIES}


def test_an_answer_is_changed_with_the_same_link_and_older_receipts_say_so(school: School, link: str) -> None:
    first = send(school, link, families="yes", x="yes")
    second = send(school, link, x="no")
    assert on(school, "Ada") == {FAMILIES}
    assert "An answer has changed since then." in receipt(school, first)
    latest = receipt(school, second)
    assert "An answer has changed since then." not in latest
    assert "Families’ page: left as it was: yes" in latest
    page = school.client().get(link)
    assert page.text.count(f'href="{link}/') == 2


def test_a_no_is_followed_until_everything_is_gone(school: School, link: str) -> None:
    all_consent(school)
    approved(school, ("Ada", "Bram"), text="Nobody else may read this.", channels=(FAMILIES, WEBSITE))
    work(school)
    answer = send(school, link, website="no")
    said = receipt(school, answer)
    assert (
        "School website , there since Monday 3 May 2027, 10:00 Not yet confirmed gone. It is in hand." in said
    )
    assert "Copies that visitors, search engines and feed readers have kept" in said
    work(school)
    said = receipt(school, answer)
    assert "Every place has confirmed that it is gone." in said
    for other in ("Bram", "Nobody else may read this."):
        assert other not in said


def test_only_a_plain_yes_is_a_yes(school: School, link: str) -> None:
    consent(school, {"Ada": EVERYWHERE})
    school.client().post(
        link, data={"answer-families": ["yes", "no"], "answer-website": "perhaps", "answer-x": ""}
    )
    assert on(school, "Ada") == {X}


def test_an_empty_form_is_told_kindly(school: School, link: str) -> None:
    answer = send(school, link)
    assert answer.status_code == 422
    assert "Choose yes or no for at least one place." in words(answer)
    assert count(Form) == 0


def test_a_stopped_link_says_so_and_names_nobody(school: School, link: str) -> None:
    sent = send(school, link, x="yes")
    asking.stop_links(school.house, school.office, school.slug, school.pupil("Ada"))
    for answer in (
        school.client().get(link),
        send(school, link, x="no"),
        school.client().get(sent.headers["Location"]),
    ):
        assert answer.status_code == 410
        assert "the school has stopped it, and may have sent you another one" in words(answer)
        assert "Ada" not in answer.text
        assert "Castle" not in answer.text
    assert on(school, "Ada") == {X}


def test_after_its_time_it_says_whom_to_ask(school: School, link: str) -> None:
    school.clock.now += timedelta(days=4 + 15)
    answer = school.client().get(link)
    assert answer.status_code == 410
    assert "tell the school office" in words(answer)
    assert "Ada" not in answer.text


def test_guesses_are_slowed_down_and_real_links_are_no_guesses(school: School, link: str) -> None:
    client = school.client()
    assert {client.get(link).status_code for _ in range(40)} == {200}
    guesses = [client.get(f"/consent/guess-{number}").status_code for number in range(20)]
    guesses += [client.post("/consent/guess").status_code for _ in range(5)]
    guesses += [client.get(f"{link}/guess-{number}").status_code for number in range(7)]
    assert guesses == [404] * 30 + [429] * 2
    assert "Go to my pages" not in client.get("/consent/another").text


def test_one_link_cannot_fill_the_database(school: School, link: str) -> None:
    statuses = [send(school, link, x=("yes", "no")[turn % 2]).status_code for turn in range(31)]
    assert statuses == [303] * 30 + [429]
    assert count(Answer) == 30
    assert send(school, path(school, "Bram"), x="yes").status_code == 303  # counted for each link


def test_the_log_holds_the_route_and_never_the_link(
    school: School, link: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"), caplog.at_level("DEBUG", REQUESTS):
        school.client().get(link)
        send(school, link, x="yes")
        school.client().get("/consent/guess-guess")
    written = " ".join(f"{record.getMessage()} {getattr(record, 'about', '')}" for record in caplog.records)
    assert "consent.page" in written
    for secret in (link.rpartition("/")[2], link.rpartition("/")[2].replace("-", ""), "guess", "Ada"):
        assert secret not in written


def test_nginx_writes_no_link_down() -> None:
    example = (Path(__file__).parents[2] / "deploy" / "nginx.conf").read_text("utf-8")
    plain, secure = example.split("listen 443")
    ours = secure.split("location ~ ^/(consent|messages/stop)/ {")[1].split("}")[0]
    assert "access_log off;" in plain
    for line in ("access_log off;", "error_log /dev/null crit;"):
        assert line in ours
