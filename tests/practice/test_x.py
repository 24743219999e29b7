"""The practice X is as strict as the real one: what it refuses here, X would refuse on the night."""

import base64
import io
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image
from requests_oauthlib import OAuth1

from tests.practice.running import KEYS, Running, running_x
from tripupdates.practice.x import Keys, create_practice_x
from tripupdates.practice.x_state import State


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Running]:
    with running_x(tmp_path) as peer:
        yield peer


def _signature(keys: Keys = KEYS, **more: Any) -> OAuth1:
    return OAuth1(
        keys.consumer_key, keys.consumer_secret, keys.access_token, keys.access_token_secret, **more
    )


def _ask(peer: Running, method: str, path: str, auth: OAuth1 | None = None, **how: Any) -> requests.Response:
    return _unsigned(peer, method, path, auth=auth or _signature(), **how)


def _unsigned(peer: Running, method: str, path: str, **how: Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, peer.base + path, timeout=10, **how)


def _picture_bytes(kind: str = "JPEG") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (60, 40), "navy").save(data, kind)
    return data.getvalue()


def _upload(peer: Running, data: bytes, **more: Any) -> requests.Response:
    body = {"media": base64.b64encode(data).decode(), "media_category": "tweet_image"} | more
    return _ask(peer, "POST", "/2/media/upload", json=body)


def _post(peer: Running, **body: Any) -> requests.Response:
    return _ask(peer, "POST", "/2/tweets", json=body)


def _posted(peer: Running, **body: Any) -> str:
    return str(_post(peer, **body).json()["data"]["id"])


def _timeline(peer: Running, **params: Any) -> Any:
    user = _ask(peer, "GET", "/2/users/me").json()["data"]["id"]
    return _ask(peer, "GET", f"/2/users/{user}/tweets", params=params).json()


def test_it_knows_its_account(peer: Running) -> None:
    assert _ask(peer, "GET", "/2/users/me").json()["data"]["username"] == "PuddleLaneTest"


@pytest.mark.parametrize(
    "header", ["", "Bearer of-the-tests", "OAuth", "OAuth oauth_nonce", 'OAuth realm="X"']
)
def test_an_unsigned_request_is_refused(peer: Running, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    assert _unsigned(peer, "GET", "/2/users/me", headers=headers).status_code == 401


@pytest.mark.parametrize("name", ["consumer_key", "consumer_secret", "access_token", "access_token_secret"])
def test_a_signature_with_a_wrong_key_is_refused(peer: Running, name: str) -> None:
    wrong = replace(KEYS, **{name: "quite-another-one-of-the-tests"})
    assert _ask(peer, "GET", "/2/users/me", auth=_signature(wrong)).status_code == 401


def test_a_signature_for_another_address_is_refused(peer: Running) -> None:
    signed = requests.Request("GET", peer.base + "/2/users/me", auth=_signature()).prepare()
    headers = {"Authorization": signed.headers["Authorization"]}
    assert _unsigned(peer, "GET", "/2/tweets/1", headers=headers).status_code == 401


def test_a_signature_is_good_once(peer: Running) -> None:
    signed = requests.Request("GET", peer.base + "/2/users/me", auth=_signature()).prepare()
    headers = {"Authorization": signed.headers["Authorization"]}
    codes = [_unsigned(peer, "GET", "/2/users/me", headers=headers).status_code for _ in range(2)]
    assert codes == [200, 401]


@pytest.mark.parametrize("off", [-3600, 3600])
def test_a_signature_of_another_hour_is_refused(peer: Running, off: int) -> None:
    signature = _signature(timestamp=str(int(time.time()) + off))
    assert _ask(peer, "GET", "/2/users/me", auth=signature).status_code == 401


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_kinds_of_picture_are_taken(peer: Running, kind: str) -> None:
    answer = _upload(peer, _picture_bytes(kind))
    assert (answer.status_code, answer.json()["data"]["size"]) == (200, len(_picture_bytes(kind)))


@pytest.mark.parametrize(
    ("data", "more"),
    [
        (_picture_bytes("GIF"), {}),
        (_picture_bytes()[:-40], {}),
        (b"no picture at all", {}),
        (b"", {}),
        (_picture_bytes(), {"media": "£ is not base64"}),
        (_picture_bytes(), {"media": 7}),
        (_picture_bytes(), {"media_type": "image/jpeg"}),
        (_picture_bytes(), {"media_category": "tweet_video"}),
    ],
)
def test_an_upload_that_is_not_as_documented_is_refused(
    peer: Running, data: bytes, more: dict[str, Any]
) -> None:
    assert _upload(peer, data, **more).status_code == 400


@pytest.mark.parametrize(("size", "status"), [(5_000_000, 200), (5_000_001, 413)])
def test_a_picture_has_at_most_five_million_bytes(peer: Running, size: int, status: int) -> None:
    assert _upload(peer, _picture_bytes().ljust(size, b"\0")).status_code == status


@pytest.mark.parametrize(("length", "status"), [(1000, 200), (1001, 400)])
def test_an_alt_text_has_at_most_a_thousand_characters(peer: Running, length: int, status: int) -> None:
    media = _upload(peer, _picture_bytes()).json()["data"]["id"]
    body = {"id": media, "metadata": {"alt_text": {"text": "a" * length}}}
    assert _ask(peer, "POST", "/2/media/metadata", json=body).status_code == status


def test_an_alt_text_needs_its_picture(peer: Running) -> None:
    body = {"id": "1", "metadata": {"alt_text": {"text": "A tower."}}}
    assert _ask(peer, "POST", "/2/media/metadata", json=body).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": 5},
        {"text": "a" * 281},
        {"text": "漢" * 141},
        {"text": "Hello", "card_uri": "tombstone://card"},
        {"text": "Hello", "reply_settings": "nobody"},
        {"text": "Hello", "reply_settings": ["following"]},
        {"text": "Hello", "media": {"media_ids": ["1"]}},
        {"text": "Hello", "media": {"media_ids": [["1"]]}},
        {"text": "Hello", "media": {"media_ids": "1"}},
        {"text": "Hello", "media": {"media_ids": [], "tagged_user_ids": []}},
    ],
)
def test_a_post_that_is_not_as_documented_is_refused(peer: Running, body: dict[str, Any]) -> None:
    assert _post(peer, **body).status_code == 400
    assert peer.posts() == []


@pytest.mark.parametrize(("pictures", "status"), [(4, 201), (5, 400)])
def test_a_post_has_at_most_four_pictures(peer: Running, pictures: int, status: int) -> None:
    ids = [_upload(peer, _picture_bytes()).json()["data"]["id"] for _ in range(pictures)]
    assert _post(peer, text="Hello", media={"media_ids": ids}).status_code == status


def test_the_same_words_again_are_refused_without_naming_the_first_post(peer: Running) -> None:
    first = _posted(peer, text="Hello")
    answer = _post(peer, text="Hello")
    assert (answer.status_code, answer.json()["detail"]) == (
        403,
        "You are not allowed to create a Tweet with duplicate content.",
    )
    assert first not in answer.text
    assert len(peer.posts()) == 1


def test_the_timeline_is_newest_first_and_shows_words_as_x_does(peer: Running) -> None:
    media = _upload(peer, _picture_bytes()).json()["data"]["id"]
    _posted(peer, text="Fish & chips <now>", media={"media_ids": [media]})
    _posted(peer, text="See castle.example.com & rest")
    linked, pictured = (post["text"] for post in _timeline(peer)["data"])
    assert pictured.startswith("Fish &amp; chips &lt;now&gt; https://t.co/")
    assert linked.startswith("See https://t.co/")
    assert linked.endswith(" &amp; rest")


def test_an_empty_timeline_has_no_data(peer: Running) -> None:
    assert _timeline(peer) == {"meta": {"result_count": 0}}


def test_the_timeline_begins_where_it_is_asked_to(peer: Running) -> None:
    _posted(peer, text="Hello")
    now = datetime.now(UTC)
    starts = [(now + by).strftime("%Y-%m-%dT%H:%M:%SZ") for by in (-timedelta(hours=1), timedelta(hours=1))]
    assert [_timeline(peer, start_time=start)["meta"]["result_count"] for start in starts] == [1, 0]


def test_the_timeline_has_pages(peer: Running) -> None:
    for number in range(7):
        _posted(peer, text=f"Update {number}")
    first = _timeline(peer, max_results=5)
    second = _timeline(peer, max_results=5, pagination_token=first["meta"]["next_token"])
    assert [post["text"] for post in first["data"] + second["data"]] == [
        f"Update {number}" for number in (6, 5, 4, 3, 2, 1, 0)
    ]
    assert "next_token" not in second["meta"]


@pytest.mark.parametrize("path", ["/2/users/5/tweets", "/2/users/{me}/tweets?max_results=500"])
def test_a_timeline_asked_for_wrongly_is_an_error(peer: Running, path: str) -> None:
    me = _ask(peer, "GET", "/2/users/me").json()["data"]["id"]
    assert _ask(peer, "GET", path.format(me=me)).status_code in {400, 404}


def test_a_deleted_post_is_not_found_from_then_on(peer: Running) -> None:
    address = f"/2/tweets/{_posted(peer, text='Hello')}"
    assert _ask(peer, "GET", address).json()["data"]["text"] == "Hello"
    assert _ask(peer, "DELETE", address).json() == {"data": {"deleted": True}}
    (error,) = _ask(peer, "GET", address).json()["errors"]
    assert error["type"] == "https://api.twitter.com/2/problems/resource-not-found"
    assert _ask(peer, "DELETE", address).status_code == 404


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    with running_x(tmp_path) as peer:
        media = _upload(peer, _picture_bytes()).json()["data"]["id"]
        alt = {"id": media, "metadata": {"alt_text": {"text": "A tower."}}}
        assert _ask(peer, "POST", "/2/media/metadata", json=alt).status_code == 200
        gone = _posted(peer, text="Soon gone")
        kept = _posted(peer, text="Kept", media={"media_ids": [media]})
        assert _ask(peer, "DELETE", f"/2/tweets/{gone}").status_code == 200
    with running_x(tmp_path) as peer:
        (post,) = peer.posts()
        shown = _ask(peer, "GET", f"/practice/media/{media}")
    assert (post["id"], post["media"]) == (kept, [{"id": media, "alt_text": "A tower."}])
    assert shown.content == _picture_bytes()


def test_half_a_line_left_by_a_kill_harms_neither_what_was_nor_what_comes(tmp_path: Path) -> None:
    first = State(tmp_path).add_tweet("Before", [])
    with (tmp_path / "journal.jsonl").open("a") as journal:
        journal.write('{"tweet": "19000')
    second = State(tmp_path).add_tweet("After", [])
    assert [tweet.id for tweet in State(tmp_path).all()] == [second, first]


def test_a_fault_befalls_as_many_calls_as_were_planned(peer: Running) -> None:
    peer.fault("me", "500_before", times=2)
    codes = [_ask(peer, "GET", "/2/users/me").status_code for _ in range(3)]
    assert codes == [500, 500, 200]
    assert peer.count("me") == 3


@pytest.mark.parametrize(
    "plan", [{"route": "tweets", "kind": "weather"}, {"route": "moon", "kind": "429"}, {}]
)
def test_a_fault_that_does_not_exist_is_refused(peer: Running, plan: dict[str, str]) -> None:
    assert _ask(peer, "POST", "/practice/faults", json=plan).status_code == 400


@pytest.mark.parametrize("path", ["/", "/practice/posts", "/practice/log", "/2/users/me"])
def test_nobody_elsewhere_gets_an_answer(tmp_path: Path, path: str) -> None:
    client = create_practice_x(tmp_path, KEYS).test_client()
    elsewhere = client.get(path, environ_overrides={"REMOTE_ADDR": "203.0.113.5"})
    assert elsewhere.status_code == 403


def test_the_page_shows_posts_pictures_and_alt_texts_and_says_that_it_is_practice(peer: Running) -> None:
    media = _upload(peer, _picture_bytes()).json()["data"]["id"]
    alt = {"id": media, "metadata": {"alt_text": {"text": 'A "tower" & a wall.'}}}
    assert _ask(peer, "POST", "/2/media/metadata", json=alt).status_code == 200
    kept = _posted(peer, text="Up <there>", media={"media_ids": [media]})
    gone = _posted(peer, text="Soon gone")
    assert _ask(peer, "DELETE", f"/2/tweets/{gone}").status_code == 200
    page = _unsigned(peer, "GET", f"/PuddleLaneTest/status/{kept}")
    assert "Nothing here is public" in page.text
    assert "Up &lt;there&gt;" in page.text
    assert f'src="/practice/media/{media}" alt="A &#34;tower&#34; &amp; a wall."' in page.text
    assert "Soon gone" not in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self';")


def test_what_the_page_needs_is_served(peer: Running) -> None:
    style = _unsigned(peer, "GET", "/practice/practice.css")
    assert (style.status_code, style.headers["Content-Type"]) == (200, "text/css; charset=utf-8")


def test_no_secret_is_in_the_way_keys_are_shown() -> None:
    assert repr(KEYS) == "Keys(handle='PuddleLaneTest')"
