"""The console: each command as a person types it, on an instance of its own."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.factories import CONSENT_FILE, REGISTER, picture
from tripupdates.cli import main


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRIPUPDATES_INSTANCE", str(tmp_path / "instance"))
    return tmp_path / "instance"


def _type(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


@pytest.fixture
def school(instance: Path) -> Path:
    """An instance with an office account, as after the README's first lines."""
    assert _type("init", "--school", "Puddle Lane").exit_code == 0
    added = _type("person", "add", "office@puddle-lane.example", "--name", "The Office", "--role", "office")
    assert added.exit_code == 0, added.output
    assert "can sign in with: " in added.output
    return instance


def test_init_makes_private_settings_and_a_database_and_can_be_repeated(instance: Path) -> None:
    for word in ("Made", "Found"):
        done = _type("init")
        assert (done.exit_code, done.output.startswith(word)) == (0, True)
    assert (instance / "config.toml").stat().st_mode & 0o777 == 0o600
    assert (instance / "tripupdates.db").stat().st_mode & 0o007 == 0


def test_each_instance_has_a_secret_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = set()
    for name in ("one", "two"):
        monkeypatch.setenv("TRIPUPDATES_INSTANCE", str(tmp_path / name))
        _type("init")
        secrets.add((tmp_path / name / "config.toml").read_text().splitlines()[1])
    assert len(secrets) == 2


@pytest.mark.parametrize("command", ["serve", "worker", "outbox", "takedown"])
def test_before_init_a_command_says_what_to_type(instance: Path, command: str) -> None:
    done = _type(command)
    assert (done.exit_code, "tripupdates init" in done.output, "Traceback" in done.output) == (1, True, False)


def test_a_short_password_is_refused_in_one_line(school: Path) -> None:
    done = _type("person", "add", "a@b.example", "--name", "A", "--role", "staff", "--password", "short")
    assert (done.exit_code, "at least 12 characters" in done.output) == (1, True)


def test_a_trip_and_its_consent_are_imported(school: Path, tmp_path: Path) -> None:
    register, answers = tmp_path / "castle-residential.csv", tmp_path / "answers.csv"
    register.write_text(REGISTER)
    answers.write_text(CONSENT_FILE)
    made = _type("trip", "import", str(register), "--starts", "2027-05-03", "--ends", "2027-05-07")
    assert made.exit_code == 0, made.output
    assert "Made the trip castle-residential-2027" in made.output
    assert "Added 5, changed 0, not in the file 0." in made.output
    assert "Added 0, changed 0, not in the file 0." in _type("trip", "import", str(register)).output
    dry = _type("consent", "import", "castle-residential-2027", str(answers), "--dry-run")
    assert "Changed nothing." in dry.output
    done = _type("consent", "import", "castle-residential-2027", str(answers))
    assert "Recorded 6 new answers, 2 of them no." in done.output
    assert "Line 3" in done.output


def test_a_bad_row_changes_nothing(school: Path, tmp_path: Path) -> None:
    file = tmp_path / "castle.csv"
    file.write_text("Forename,Surname\nAda,Puddlewick\n,Nameless\n")
    done = _type("trip", "import", str(file))
    assert (done.exit_code, "Line 3" in done.output) == (1, True)
    assert "Added 1" in _type("trip", "import", str(file), "--despite-problems").output


def test_consent_for_a_trip_that_is_not_there_is_told(school: Path, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_text(CONSENT_FILE)
    done = _type("consent", "import", "nowhere", str(file))
    assert (done.exit_code, "There is no such trip." in done.output) == (1, True)


def test_photos_are_cleaned_with_a_line_of_json_each(tmp_path: Path) -> None:
    good, bad, out = tmp_path / "good.jpg", tmp_path / "bad.pdf", tmp_path / "out"
    good.write_bytes(picture())
    bad.write_bytes(b"%PDF-1.7")
    done = _type("photo", "clean", str(good), str(bad), str(tmp_path / "missing.jpg"), "--out", str(out))
    first, second, third = map(json.loads, done.output.splitlines())
    assert done.exit_code == 1
    assert (first["input"], first["ok"], first["error"]) == (str(good), True, None)
    assert "location" in first["removed"]
    assert [output["format"] for output in first["outputs"]] == ["AVIF", "AVIF", "JPEG", "JPEG"]
    for output in first["outputs"]:
        assert Path(output["path"]).stat().st_size == output["bytes"]
    assert (second["ok"], "PDF" in second["error"], second["outputs"]) == (False, True, [])
    assert (third["ok"], third["error"]) == (False, "This file cannot be read: No such file or directory.")


def test_the_audit_and_the_lists_can_be_read(school: Path) -> None:
    assert "The audit is whole: 2 lines, and every row is as they say." in _type("audit", "verify").output
    assert _type("outbox").exit_code == 0
    gone = _type("takedown")
    assert gone.exit_code == 0
    assert gone.output.splitlines() == [
        "Everything that had to go is confirmed gone.",
        "Photos looked for in the store and on the pages: none left.",
    ]


def test_a_demo_leaves_a_real_school_alone(school: Path) -> None:
    done = _type("demo")
    assert (done.exit_code, "real school" in done.output) == (1, True)
