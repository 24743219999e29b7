"""A link by e-mail, through a real mail server on this machine: what it says, and what becomes of a link that reached nobody."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.consent.test_asking import everything_kept
from tests.factories import School, all_consent, count
from tests.practice.telling import running_mail
from tests.web.desk import send
from tripupdates import asking, asking_mail, asking_story, audit, contacting, story
from tripupdates.channels.email import Mail
from tripupdates.consent import links
from tripupdates.consent.links import Link
from tripupdates.database import fresh
from tripupdates.house import House
from tripupdates.practice.mail import Box
from tripupdates.trips import contacts
from tripupdates.vocabulary import Channel, Forbidden, Refused

ADDRESS = "family@home.example"


@pytest.fixture
def box(school: School, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """The school's mail server."""
    with running_mail(tmp_path_factory.mktemp("mails")) as (box, server):
        object.__setattr__(school.house, "mail", Mail(server, "Puddle Lane"))
        yield box


def mail(school: School, name: str = "Ada", address: str = ADDRESS, house: House | None = None) -> None:
    asking_mail.mail_link(house or school.house, school.office, school.slug, school.pupil(name), address)


def test_an_address_where_somebody_wants_no_mails_gets_none(school: School, box: Box) -> None:
    mark = contacts.mark(school.house.settings.families_key, Channel.EMAIL, ADDRESS)
    contacting.leave_out_again(school.house, mark)
    with pytest.raises(Refused, match="wants no mails"):
        mail(school, address=ADDRESS.title())
    assert (box.mails(), count(Link)) == ([], 0)


def events() -> list[str]:
    lines = fresh().scalars(sa.select(audit.Line.event).order_by(audit.Line.id)).all()
    return [event for event in lines if "link" in event]


def test_the_mail_brings_a_link_and_names_the_first_name_and_the_trip(school: School, box: Box) -> None:
    all_consent(school)
    mail(school)
    mail(school)  # everything is answered: to send it again is no reminder
    *_, letter = box.mails()
    assert (letter["To"], letter["Subject"]) == (
        ADDRESS,
        "Castle Residential: may your child be in pictures?",
    )
    body = letter.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    token = text.split("http://localhost/consent/")[1].split()[0]
    assert asking.opened(school.house, token).pupil.forename == "Ada"
    assert "This is about Ada, and about pictures from Castle Residential." in text
    assert "until 21 May 2027" in text
    for more in ("Puddlewick", "5P", "Otters"):
        assert more not in letter.as_string()
    assert events()[:3] == ["made consent links", "mailing consent link", "mailed consent link"]


def test_whoever_left_a_place_open_reads_that_it_is_a_reminder_and_the_address_is_kept_nowhere(
    school: School, box: Box
) -> None:
    clerk = school.client("office")
    page = f"/office/trips/{school.slug}/pupils/{school.pupil('Ada')}"
    for _ in range(2):
        assert send(clerk, f"{page}/links/mail", email=f" {ADDRESS} ").status_code == 302
    assert [each["Subject"].startswith("Reminder: ") for each in box.mails()] == [False, True]
    assert "Send a link by e-mail" in clerk.get(page).text
    kept = everything_kept(school)
    assert "mailed consent link" in kept
    assert ADDRESS not in kept


def test_a_link_that_the_server_did_not_take_is_stopped(school: School, box: Box) -> None:
    box.plan("rcpt", "550 no such user")
    with pytest.raises(Refused, match="mail server refuses this address"):
        mail(school)
    assert box.mails() == []
    assert fresh().scalars(sa.select(Link)).one().ended_at == school.clock()
    ada = school.pupil("Ada")
    said = [each.text for each in asking_story.told(fresh(), ada, links.of_pupil(fresh(), ada))]
    assert said[0] == "The mail server did not take that mail, so its link was stopped."
    assert said[-1] == "Ms Office Sample made a link for the family."
    assert events()[1:] == ["mailing consent link", "stopped consent links", "consent link not mailed"]


def test_where_nobody_knows_the_link_stays_and_a_person_is_told(school: School, box: Box) -> None:
    box.hangs_up = True
    with pytest.raises(Refused, match="may have arrived"):
        mail(school)
    assert fresh().scalars(sa.select(Link)).one().ended_at is None
    assert events()[-1] == "mailing consent link"


def test_without_a_server_an_address_or_the_right_role_no_link_is_made(school: School, box: Box) -> None:
    with pytest.raises(Refused, match="Print a letter instead"):
        mail(school, house=replace(school.house, mail=None))
    for odd in ("", "family", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example"):
        with pytest.raises(Refused, match="not an e-mail address"):
            mail(school, address=odd)
    with pytest.raises(Forbidden):
        asking_mail.mail_link(school.house, school.author, school.slug, school.pupil("Ada"), ADDRESS)
    assert (count(Link), box.mails()) == (0, [])


def test_every_event_about_a_link_has_its_sentence() -> None:
    assert set(asking_story.SENTENCES) <= story.ELSEWHERE
    assert {event for event in story.ELSEWHERE if "consent link" in event} <= set(asking_story.SENTENCES)
