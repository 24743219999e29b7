"""A message to families by the school's own mail server: nobody can look, so an unclear one goes at most once more."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import MONDAY, School, work
from tests.families import arrived, family, orders, reach_by_mail, states
from tests.practice.telling import running_mail
from tripupdates import answering
from tripupdates.channels.email import Mail
from tripupdates.channels.family_mail import FamilyMail
from tripupdates.channels.mail_url import MailServer
from tripupdates.outbox import outcomes
from tripupdates.outbox.outcomes import Tried
from tripupdates.vocabulary import Channel, DeliveryState

EMAIL = Channel.EMAIL


@pytest.mark.both_engines
def test_a_mail_of_which_nobody_can_know_goes_twice_at_most_and_is_the_same_mail(
    school: School, tmp_path: Path
) -> None:
    with running_mail(tmp_path / "mails") as (box, server):
        reach_by_mail(school, server)
        family(school, "Ada", email="ada@home.example")
        family(school, "Bram", email="bram@home.example")
        update = arrived(school, EMAIL)
        box.hangs_up = True
        for _ in range(4):
            work(school, EMAIL)
            school.clock.pass_(minutes=5)
        assert states(school, update, EMAIL) == ["needs_person", "needs_person"]
        assert len(box.mails()) == 4
        assert len({mail["Message-ID"] for mail in box.mails()}) == 2
        box.hangs_up = False
        answering.it_is_not_there(
            school.house, school.office, orders(school, update, EMAIL)[0].id, again=False
        )
        work(school, EMAIL)
        assert (states(school, update, EMAIL), len(box.mails())) == (["stopped", "stopped"], 4)


def test_what_was_put_off_and_only_looked_for_stays_put_off() -> None:
    """As after a restore, where everything that waited is looked for first."""
    place = FamilyMail(
        Mail(MailServer("127.0.0.1", 9, "plain", "a@b.example"), "Puddle Lane"), lambda: MONDAY
    )
    evening = MONDAY + timedelta(hours=8)
    tried = Tried(0, 0, MONDAY, MONDAY, created_at=evening, doubtful=False)
    values = outcomes.looked(place, tried, lambda: None, MONDAY)
    assert (values["state"], values["due"]) == (DeliveryState.PENDING, evening)
