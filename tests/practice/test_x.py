"""The practice X is a strict peer: it refuses what the real one would, and forgets nothing."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image
from requests_oauthlib import OAuth1

from tests.practice.running import KEYS, Running, running_x
from tripupdates.practice.x import USER_ID, create_practice_x


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Running]:
    with running_x(tmp_path) as peer:
        yield peer


def _auth(**changes: str) -> OAuth1:
    keys: dict[str, Any] = {
        "client_key": KEYS.consumer_key,
        "client_secret": KEYS.consumer_secret,
        "resource_owner_key": KEYS.access_token,
        "resource_owner_secret": KEYS.access_token_secret,
    }
    return OAuth1(**(keys | changes))


def _call(peer: Running, method: str, path: str, auth: OAuth1 | None = None, **how: Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, peer.base + path, auth=auth or _auth(), timeout=10, **how)


def _picture() -> str:
    data = io.BytesIO()
    Image.new("RGB", (20, 20)).save(data, "JPEG")
    return base64.b64encode(data.getvalue()).decode()


def _upload(peer: Running) -> str:
    body = {"media": _picture(), "media_category": "tweet_image"}
    return str(_call(peer, "POST", "/2/media/upload", json=body).json()["data"]["id"])


def test_a_signed_request_is_answered(peer: Running) -> None:
    assert _call(peer, "GET", "/2/users/me").json()["data"]["username"] == KEYS.handle


@pytest.mark.parametrize(
    "key", ["client_key", "client_secret", "resource_owner_key", "resource_owner_secret"]
)
def test_a_wrong_key_is_refused(peer: Running, key: str) -> None:
    assert _call(peer, "GET", "/2/users/me", _auth(**{key: "wrong-wrong-wrong"})).status_code == 401


def test_the_same_signature_twice_is_refused(peer: Running) -> None:
    request = requests.Request("GET", f"{peer.base}/2/users/me", auth=_auth()).prepare()
    with requests.Session() as session:
        session.trust_env = False
        assert [session.send(request).status_code for _ in range(2)] == [200, 401]


def test_an_old_signature_is_refused(peer: Running) -> None:
    assert _call(peer, "GET", "/2/users/me", _auth(timestamp="1000000000")).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"text": ""},
        {"text": 3},
        {"text": "Hello", "geo": {"place_id": "x"}},
        {"text": "Hello", "reply_settings": "nobody"},
        {"text": "Hello", "media": {"media_ids": ["123"]}},
        {"text": "Hello", "media": {"media_ids": [], "tagged_user_ids": []}},
        {"text": "x" * 281},
    ],
)
def test_a_post_that_is_not_as_documented_is_refused(peer: Running, body: Any) -> None:
    assert _call(peer, "POST", "/2/tweets", json=body).status_code == 400
    assert peer.posts() == []


def test_a_fifth_picture_is_refused(peer: Running) -> None:
    ids = [_upload(peer) for _ in range(5)]
    assert (
        _call(peer, "POST", "/2/tweets", json={"text": "Hello", "media": {"media_ids": ids}}).status_code
        == 400
    )


def test_the_same_words_twice_are_refused_while_the_first_are_there(peer: Running) -> None:
    first = _call(peer, "POST", "/2/tweets", json={"text": "Hello"})
    again = _call(peer, "POST", "/2/tweets", json={"text": "Hello"})
    assert (first.status_code, again.status_code) == (201, 403)
    assert "duplicate content" in again.json()["detail"]
    assert _call(peer, "DELETE", f"/2/tweets/{first.json()['data']['id']}").json() == {
        "data": {"deleted": True}
    }
    assert _call(peer, "POST", "/2/tweets", json={"text": "Hello"}).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {"media": "not base64!", "media_category": "tweet_image"},
        {"media": base64.b64encode(b"no picture").decode(), "media_category": "tweet_image"},
        {"media": _picture(), "media_category": "tweet_video"},
        {"media": _picture(), "media_category": "tweet_image", "media_type": "image/jpeg"},
        {"media": _picture()},
    ],
)
def test_media_that_is_not_as_documented_is_refused(peer: Running, body: Any) -> None:
    assert _call(peer, "POST", "/2/media/upload", json=body).status_code == 400


def test_alt_text_has_at_most_1000_characters(peer: Running) -> None:
    media = _upload(peer)
    for length, status in ((1000, 200), (1001, 400)):
        body = {"id": media, "metadata": {"alt_text": {"text": "x" * length}}}
        assert _call(peer, "POST", "/2/media/metadata", json=body).status_code == status


def test_the_timeline_is_newest_first_escaped_and_paged(peer: Running) -> None:
    for number in range(7):
        _call(peer, "POST", "/2/tweets", json={"text": f"Number {number} & more"})
    address = f"/2/users/{USER_ID}/tweets?max_results=5"
    page = _call(peer, "GET", address).json()
    assert [post["text"] for post in page["data"]] == [
        f"Number {number} &amp; more" for number in (6, 5, 4, 3, 2)
    ]
    rest = _call(peer, "GET", f"{address}&pagination_token={page['meta']['next_token']}").json()
    assert len(rest["data"]) == 2
    assert "next_token" not in rest["meta"]


def test_what_is_not_there_is_not_found(peer: Running) -> None:
    assert _call(peer, "GET", "/2/tweets/1").json()["errors"][0]["type"].endswith("/resource-not-found")
    assert _call(peer, "DELETE", "/2/tweets/1").status_code == 404


def test_it_remembers_after_a_restart_even_one_that_cut_a_line(tmp_path: Path) -> None:
    with running_x(tmp_path) as peer:
        kept = _call(peer, "POST", "/2/tweets", json={"text": "Hello"}).json()["data"]["id"]
    with (tmp_path / "journal.jsonl").open("a") as journal:
        journal.write('{"tweet": "19", "te')
    with running_x(tmp_path) as peer:
        assert [post["id"] for post in peer.posts()] == [kept]
        assert _call(peer, "POST", "/2/tweets", json={"text": "Again"}).status_code == 201
    with running_x(tmp_path) as peer:
        assert len(peer.posts()) == 2


def test_its_page_says_that_nothing_is_public_and_shows_pictures_with_their_alt_text(peer: Running) -> None:
    media = _upload(peer)
    _call(
        peer, "POST", "/2/media/metadata", json={"id": media, "metadata": {"alt_text": {"text": "A tower."}}}
    )
    _call(peer, "POST", "/2/tweets", json={"text": "Hello <b>", "media": {"media_ids": [media]}})
    page = _call(peer, "GET", "/")
    assert "Nothing here is public." in page.text
    assert 'alt="A tower."' in page.text
    assert "Hello &lt;b&gt;" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert _call(peer, "GET", f"/practice/media/{media}").headers["Content-Type"] == "image/jpeg"


def test_another_machine_is_not_answered(tmp_path: Path) -> None:
    client = create_practice_x(tmp_path, KEYS).test_client()
    assert client.get("/", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403
