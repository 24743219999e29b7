"""The console brings the public site to what should stand, with somebody watching, and never beside a worker."""

import shutil
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner

from tests.factories import School, approved, work
from tripupdates import bringing
from tripupdates.cli import main
from tripupdates.outbox.lane import alone
from tripupdates.vocabulary import Channel, Refused


def _nobody(done: int, total: int) -> None:
    """Nobody watches."""


def test_it_writes_what_is_missing_and_tells_how_far_it_is(school: School) -> None:
    approved(school)
    work(school)
    site = school.house.settings.site
    shutil.rmtree(site)
    told: list[tuple[int, int]] = []
    assert (
        bringing.bring_site(school.app, school.house, lambda *far: told.append(far))
        == "http://localhost/site/"
    )
    assert "Castle Residential" in (site / "index.html").read_text("utf-8")
    done, total = told[-1]
    assert done == total == 2 * sum(path.is_file() for path in site.rglob("[!.]*"))


def test_while_a_worker_has_the_site_in_hand_it_says_so(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "PATIENCE", 0.02)
    with alone(school.app, Channel.WEBSITE, Event()) as ours:
        assert ours()
        with pytest.raises(Refused) as refused:
            bringing.bring_site(school.app, school.house, _nobody)
    assert refused.value.title == bringing.AT_WORK
    assert not school.house.settings.site.exists()
    bringing.bring_site(school.app, school.house, _nobody)  # it has let go


def test_a_place_that_is_not_ours_is_told(school: School) -> None:
    site = school.house.settings.site
    site.mkdir()
    (site / "thesis.doc").write_text("mine")
    with pytest.raises(Refused, match="something that is not ours"):
        bringing.bring_site(school.app, school.house, _nobody)


def test_the_command_says_where_the_site_is_and_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = tmp_path / "instance"
    monkeypatch.setenv("TRIPUPDATES_INSTANCE", str(instance))
    type_ = CliRunner().invoke
    assert type_(main, ["init", "--school", "Puddle Lane"]).exit_code == 0
    done = type_(main, ["site"])
    assert (done.exit_code, done.output.splitlines()[-1]) == (
        0,
        "http://localhost:8000/site/ is as it should be.",
    )
    assert (instance / "site" / "policy.html").exists()
    again = type_(main, ["site"])
    assert (
        again.output.splitlines()[-1]
        == "http://localhost:8000/site/ is as it should be: nothing had changed."
    )
    own = instance / "templates" / "site"
    own.mkdir(parents=True)
    (own / "policy.html").write_text("{{ polcy }}")
    broken = type_(main, ["site"])
    assert (broken.exit_code, "Traceback" in broken.output) == (1, False)
    assert "templates/site/policy.html, line 1, cannot be used: 'polcy' is undefined." in broken.output
