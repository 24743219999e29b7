"""A school with a mail server and a push service beside it, on this machine."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.factories import School, open_school
from tests.practice.telling import VAPID, PushService, running_mail, running_push
from tripupdates.practice.mail import Box
from tripupdates.telling import round as telling


@dataclass
class Post:
    """The school, its mail server and the push service of its phones."""

    school: School
    box: Box
    push: PushService

    def go(self, limit: int = 60, **passes: float) -> None:
        """Let time pass, and the round do all that is due."""
        self.school.clock.pass_(**(passes or {"seconds": 4}))
        for _ in range(limit):
            if not telling.step(self.school.house):
                return
        raise AssertionError("telling never came to rest")

    def to(self, who: str) -> list[EmailMessage]:
        """The mails that somebody got."""
        return [mail for mail in self.box.mails() if mail["To"] == f"{who}@puddle-lane.example"]

    def subjects(self, who: str) -> list[str]:
        return [str(mail["Subject"]) for mail in self.to(who)]


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    home = tmp_path / "school"
    home.mkdir()
    with (
        running_mail(tmp_path / "mails") as (box, server),
        running_push() as push,
        open_school(home, mail=server, vapid_private_key=VAPID, class_app="SeeSaw") as school,
    ):
        yield Post(school, box, push)
