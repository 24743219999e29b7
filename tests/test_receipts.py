"""What a parent can be told of a takedown: what came down where and when, and nobody else's name or words."""

import pytest
from flask.testing import FlaskClient

from tests.factories import School, all_consent, approved, consent, settle, work
from tests.web.desk import words
from tripupdates import receipts, takedown
from tripupdates.consent.records import Answer, history
from tripupdates.database import fresh
from tripupdates.receipts import Receipt
from tripupdates.vocabulary import Channel, DeliveryState, NotFound

PAGES = (Channel.FAMILIES, Channel.WEBSITE)


def _no(school: School, *channels: Channel) -> Answer:
    """A parent's no for Ada; the last one that was recorded."""
    consent(school, {"Ada": channels}, yes=False)
    return history(fresh(), school.pupil("Ada"))[0]


def _of(answer: Answer) -> Receipt:
    return receipts.of_answer(fresh(), answer.id)


def test_it_says_when_each_place_has_confirmed(school: School) -> None:
    all_consent(school)
    approved(school, ("Ada", "Bram"), channels=PAGES)
    work(school, *PAGES)
    published = school.clock()
    school.clock.pass_(hours=2)
    answer = _no(school, Channel.WEBSITE)
    asked = school.clock()
    assert not _of(answer).whole
    school.clock.pass_(minutes=1)
    work(school, *PAGES)
    receipt = _of(answer)
    assert (receipt.whole, receipt.asked_at, receipt.channel) == (True, asked, Channel.WEBSITE)
    (only,) = receipt.removed
    assert (only.channel, only.published_at, only.gone_at) == (Channel.WEBSITE, published, school.clock())
    assert receipt.cannot_recall == (takedown.CANNOT_RECALL[Channel.WEBSITE],)


def test_where_nothing_was_published_it_says_so(school: School, clerk: FlaskClient) -> None:
    all_consent(school)
    answer = _no(school, Channel.WEBSITE)
    assert (_of(answer).removed, _of(answer).cannot_recall) == ((), ())
    page = words(clerk.get(f"/office/receipts/answers/{answer.id}"))
    assert "No photo of Ada had been published there, so there was nothing to take down." in page


def test_the_page_names_the_one_pupil_and_holds_no_word_of_an_update(
    school: School, clerk: FlaskClient
) -> None:
    all_consent(school)
    approved(school, ("Ada", "Bram"), text="Nobody else may read this.", channels=PAGES)
    work(school, *PAGES)
    answer = _no(school, Channel.FAMILIES)
    page = words(clerk.get(f"/office/receipts/answers/{answer.id}"))
    assert "About Ada " in page
    assert "Not everything is confirmed gone yet." in page
    assert (
        "Families’ page , there since Monday 3 May 2027, 10:00 Not yet confirmed gone. It is in hand." in page
    )
    work(school, *PAGES)
    page = words(clerk.get(f"/office/receipts/answers/{answer.id}"))
    assert "Every place has confirmed that it is gone." in page
    assert "Removed, and confirmed gone Monday 3 May 2027, 10:00." in page
    assert takedown.CANNOT_RECALL[Channel.FAMILIES] in page
    for other in ("Bram", "Nobody else may read this."):
        assert other not in page


def test_the_office_sees_which_update_needs_a_person_and_reads_its_story(
    school: School, clerk: FlaskClient
) -> None:
    update = approved(school, channels=PAGES)
    settle(school, update, Channel.WEBSITE, DeliveryState.NEEDS_PERSON, problem="It is stuck.", attempts=1)
    page = clerk.get("/office/").text
    assert f'<a href="/review/{update}/story">We climbed the castle tower.</a>' in page
    assert clerk.get(f"/review/{update}/story").status_code == 200


def test_the_office_finds_it_beside_the_no(school: School, clerk: FlaskClient) -> None:
    all_consent(school)
    answer = _no(school, Channel.X)
    page = clerk.get(f"/office/trips/{school.slug}/pupils/{school.pupil('Ada')}").text
    assert page.count(f'href="/office/receipts/answers/{answer.id}"') == 1
    assert page.count("/office/receipts/answers/") == 1  # none beside a yes


def test_a_takedown_by_the_head_has_one_too(school: School, clerk: FlaskClient) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"), channels=PAGES)
    with pytest.raises(NotFound):
        receipts.of_update(fresh(), update)
    work(school, *PAGES)
    takedown.take_down(school.house, school.head, update, "Too soon.")
    work(school, *PAGES)
    receipt = receipts.of_update(fresh(), update)
    assert ([each.channel for each in receipt.removed], receipt.whole) == ([*PAGES], True)
    story = school.client("head").get(f"/review/{update}/story").text
    assert f'href="/office/receipts/updates/{update}"' in story
    page = words(clerk.get(f"/office/receipts/updates/{update}"))
    assert "the headteacher asked for one update to come down everywhere" in page
    assert "Ada" not in page
    assert "/office/receipts/" not in school.client("author").get(f"/review/{update}/story").text


def test_there_is_none_for_a_yes_or_for_nothing(school: School, clerk: FlaskClient) -> None:
    all_consent(school)
    yes = history(fresh(), school.pupil("Ada"))[0]
    for number in (yes.id, 9999):
        assert clerk.get(f"/office/receipts/answers/{number}").status_code == 404
