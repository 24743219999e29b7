"""A message to families by the school's own mail server: nobody can look, so an unclear one goes at most once more."""

from pathlib import Path

import pytest

from tests.factories import School, work
from tests.families import arrived, family, orders, reach_by_mail, states
from tests.practice.telling import running_mail
from tripupdates import answering
from tripupdates.vocabulary import Channel

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
