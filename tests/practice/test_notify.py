"""The practice Notify is as strict as the real one: what it refuses here, Notify would refuse on the night."""

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from tests.practice.running import NOTIFY_KEY, RunningNotify, running_notify
from tripupdates.practice.notify import create_practice_notify
from tripupdates.practice.notify_state import State

SERVICE, SECRET = NOTIFY_KEY[-73:-37], NOTIFY_KEY[-36:]


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[RunningNotify]:
    with running_notify(tmp_path) as peer:
        yield peer


def _token(iss: str = SERVICE, secret: str = SECRET, age: int = 0) -> str:
    return f"Bearer {jwt.encode({'iss': iss, 'iat': int(time.time()) - age}, secret)}"


def _ask(
    peer: RunningNotify, method: str, path: str, token: str | None = None, **how: Any
) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        headers = {"Authorization": _token() if token is None else token}
        return session.request(method, peer.base + path, headers=headers, timeout=10, **how)


def _template(peer: RunningNotify, way: str) -> str:
    found = _ask(peer, "GET", f"/v2/templates?type={way}").json()["templates"]
    return next(str(each["id"]) for each in found if each["name"] == "Trip Updates")


def _send(peer: RunningNotify, **changes: Any) -> requests.Response:
    body = {
        "phone_number": "+447700900123",
        "template_id": _template(peer, "sms"),
        "personalisation": {"message": "Arrived safely"},
        "reference": "one",
    }
    return _ask(peer, "POST", "/v2/notifications/sms", json=body | changes)


@pytest.mark.parametrize(
    ("made", "status"),
    [
        (lambda: "", 401),
        (lambda: "Basic abc", 401),
        (lambda: "Bearer abc", 403),
        (lambda: _token(iss=str(uuid.UUID(int=1))), 403),
        (lambda: _token(secret=str(uuid.UUID(int=1))), 403),
        (lambda: _token(age=90), 403),
        (lambda: _token(age=-90), 403),
    ],
)
def test_a_request_without_a_fresh_token_of_the_key_is_refused(
    peer: RunningNotify, made: Callable[[], str], status: int
) -> None:
    # Made now, not when the tests are collected: a run takes minutes, and a token's age is the point.
    assert _ask(peer, "GET", "/v2/templates", token=made()).status_code == status


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"phone_number": "020 7946 0000"}, "ValidationError"),
        ({"phone_number": "07700900123"}, "ValidationError"),  # our own form is +44; nothing else is sent
        ({"phone_number": "+33612345678"}, "BadRequestError"),
        ({"template_id": str(uuid.UUID(int=1))}, "BadRequestError"),
        ({"personalisation": {}}, "BadRequestError"),
        ({"personalisation": {"message": "a" * 919}}, "BadRequestError"),
        ({"one_click_unsubscribe_url": "http://localhost/stop"}, "ValidationError"),
        ({"colour": "red"}, "ValidationError"),
    ],
)
def test_what_is_not_as_documented_is_refused_and_not_kept(
    peer: RunningNotify, changes: dict[str, Any], kind: str
) -> None:
    answer = _send(peer, **changes)
    assert (answer.status_code, answer.json()["errors"][0]["error"], peer.messages()) == (400, kind, [])


def test_a_template_of_the_other_kind_is_refused(peer: RunningNotify) -> None:
    assert _send(peer, template_id=_template(peer, "email")).status_code == 400


def test_a_message_moves_on_to_its_end_and_tells_its_cost(peer: RunningNotify) -> None:
    taken = _send(peer).json()
    assert (taken["content"]["body"], taken["reference"]) == ("Arrived safely", "one")
    seen = []
    for after in (timedelta(days=1), timedelta(seconds=0)):
        peer.state.arrives_after = after
        found = _ask(peer, "GET", f"/v2/notifications/{taken['id']}").json()
        seen.append(
            (
                found["status"],
                found["is_cost_data_ready"],
                found["cost_details"].get("billable_sms_fragments"),
            )
        )
    assert seen == [("created", False, None), ("delivered", True, 1)]
    assert _ask(peer, "GET", f"/v2/notifications/{uuid.uuid4()}").status_code == 404


def test_messages_are_found_by_their_reference(peer: RunningNotify) -> None:
    _send(peer)
    second = _send(peer, reference="two").json()["id"]
    found = _ask(peer, "GET", "/v2/notifications", params={"reference": "two"}).json()["notifications"]
    assert [each["id"] for each in found] == [second]
    assert _ask(peer, "GET", "/v2/notifications", params={"colour": "red"}).status_code == 400


def test_it_remembers_after_a_kill_and_shows_what_families_got(peer: RunningNotify, tmp_path: Path) -> None:
    _send(peer)
    with (tmp_path / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"id": "half a li')
    assert [each.body for each in State(tmp_path).all()] == ["Arrived safely"]
    client = create_practice_notify(tmp_path, NOTIFY_KEY, "").test_client()
    page = client.get("/").text
    assert ("To +447700900123" in page, "Arrived safely" in page) == (True, True)
    assert client.get("/", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403
    assert client.post("/practice/faults", json={"route": "send", "kind": "no such"}).status_code == 400
