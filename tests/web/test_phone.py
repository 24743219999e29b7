"""What is put on the phone: a shell with nothing personal on it, small enough for one bar of signal."""

import gzip
import json
import re

import pytest

from tests.factories import EVERYWHERE, PUPILS, School, all_consent, approved, work

MOST = 60 * 1024


def _said(school: School, name: str) -> list[str]:
    """A list at the top of the service worker."""
    worker = school.client().get("/sw.js").text
    found = re.search(rf"^const {name} = (\[.*\]);$", worker, re.MULTILINE)
    assert found is not None
    return list(json.loads(found[1]))


def _shell(school: School) -> dict[str, bytes]:
    """Everything that the service worker keeps, as an author gets it, and the worker."""
    client = school.client("author")
    addresses = [*(f"{page}?shell=1" for page in _said(school, "PAGES")), *_said(school, "FILES"), "/sw.js"]
    answers = {address: client.get(address) for address in addresses}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {address: answer.data for address, answer in answers.items()}


def test_the_shell_is_under_60_kb_in_all(school: School) -> None:
    sizes = {address: len(gzip.compress(data, 6)) for address, data in _shell(school).items()}
    assert sum(sizes.values()) < MOST, sizes


def test_the_shell_holds_no_name_no_token_and_no_trip(school: School) -> None:
    all_consent(school)
    approved(school, ("Ada", "Bram"))
    work(school, *EVERYWHERE[:2])
    whole = b"\n".join(_shell(school).values()).decode("utf-8", "replace")
    secret = [
        *(word for name in PUPILS for word in name.split()),
        "Ms Author Sample",
        school.slug,
        "castle tower",
    ]
    assert [word for word in secret if word in whole] == []
    assert "csrf" not in whole.lower()
    assert str(school.author.id) not in whole


def test_every_module_of_the_shell_is_in_it(school: School) -> None:
    """What a page imports and the worker does not keep is missing in the valley."""
    shell = _shell(school)
    missing = []
    for address, data in shell.items():
        for wanted in re.findall(r"from '([^']+)'", data.decode("utf-8", "replace")):
            base = address.split("?")[0].rsplit("/", 1)[0].split("/")[1:]
            for part in wanted.split("/"):
                base = {"..": base[:-1], ".": base, "": []}.get(part, [*base, part])
            missing += [f"{address}: {wanted}"] if "/" + "/".join(base) not in shell else []
        for wanted in re.findall(r'(?:src|href)="(/static/[^"]+)"', data.decode("utf-8", "replace")):
            if not wanted.endswith(".png"):
                missing += [f"{address}: {wanted}"] if wanted not in shell else []
    assert missing == []


def test_another_file_is_another_worker(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    before = school.client().get("/sw.js")
    assert before.headers["Cache-Control"] == "no-cache"
    assert before.mimetype == "text/javascript"
    monkeypatch.setattr("tripupdates.web.phone.FILES", ("css/app.css",))
    assert school.client().get("/sw.js").text.splitlines()[0] != before.text.splitlines()[0]


def test_the_worker_meets_no_photo_and_no_interface(school: School) -> None:
    kept = [*_said(school, "PAGES"), *_said(school, "FILES")]
    assert [address for address in kept if address.startswith(("/api/", "/staff/photos"))] == []


def test_the_manifest_opens_the_outbox(school: School) -> None:
    said = school.client().get("/manifest.webmanifest").get_json()
    assert (said["start_url"], said["scope"], said["display"]) == ("/staff/outbox", "/", "standalone")
    assert {icon["sizes"] for icon in said["icons"]} >= {"192x192", "512x512"}
    assert {school.client().get(icon["src"]).status_code for icon in said["icons"]} == {200}


def test_who_signs_out_is_named_to_the_guard_of_the_phone(school: School) -> None:
    page = school.client("author").get("/staff/").text
    assert f'data-sign-out="{school.author.id}"' in page
