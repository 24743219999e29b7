"""Web Push at the wire: decrypted by the phone's own keys, signed by the school's, forgotten where it is gone."""

import base64
import json
import re
import socket
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from tests.factories import MONDAY, School, waiting
from tests.practice.telling import VAPID, Phone, with_phone
from tests.telling.conftest import Post
from tripupdates import accounts
from tripupdates.channels.contract import NotSent, RefusedByChannel
from tripupdates.channels.push import Gone, Push, Subscription, Words
from tripupdates.database import fresh
from tripupdates.telling import choices, records, view
from tripupdates.vocabulary import Refused

WORDS = Words("An update is waiting", "Nobody has decided.", "/review/")


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


def test_only_the_phone_reads_it(post: Post) -> None:
    phone = with_phone(post.school, post.push)
    waiting(post.school)
    post.go()
    (_, headers, body) = post.push.got[0]
    assert (headers["content-encoding"], headers["ttl"], headers["urgency"]) == ("aes128gcm", "14400", "high")
    assert b"waiting" not in body
    assert [each["title"] for each in post.push.words(phone)] == ["An update is waiting for your decision"]


def test_the_school_signs_it(post: Post) -> None:
    """VAPID, RFC 8292: an ES256 token for this push service and no other, and the key that the browser was given."""
    with_phone(post.school, post.push)
    waiting(post.school)
    post.go()
    found = re.fullmatch(r"vapid t=(.+?),\s?k=(.+)", post.push.got[0][1]["authorization"])
    assert found is not None
    assert post.school.house.push is not None
    assert found[2] == post.school.house.push.public_key
    head, claims, signature = found[1].split(".")
    raw = _unpacked(signature)
    signed = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _unpacked(found[2]))
    key.verify(signed, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    said = json.loads(_unpacked(claims))
    assert (said["aud"], said["sub"]) == (post.push.base, "mailto:trip-updates@localhost")
    assert said["exp"] == int((post.school.clock.now + timedelta(hours=12)).timestamp())


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_forgotten_and_shown(post: Post, status: int) -> None:
    with_phone(post.school, post.push)
    post.push.answers.append(status)
    waiting(post.school)
    post.go()
    (phone,) = fresh().scalars(sa.select(records.Phone)).all()
    assert (phone.endpoint, phone.p256dh, phone.auth) == (None, "", "")
    assert view.troubles(post.school.house, fresh(), post.school.head.id) == [
        "Push on “Green phone” does not work: This phone does not take push messages any more."
    ]
    assert len(post.to("head")) == 1  # e-mail came all the same
    with_phone(post.school, post.push)
    assert view.troubles(post.school.house, fresh(), post.school.head.id) == []


def test_a_push_service_in_trouble_is_asked_again(post: Post) -> None:
    phone = with_phone(post.school, post.push)
    post.push.answers.extend([503, 429])
    waiting(post.school)
    post.go()
    post.go(seconds=11)
    post.go(seconds=60)
    assert len(post.push.got) == 2  # it was told to come back after two minutes
    post.go(seconds=61)
    assert len(post.push.words(phone)) == 3


def test_a_push_service_that_never_ends_its_answer_holds_nobody_up() -> None:
    phone = Phone("/push")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 1000000000\r\n\r\nnever ending")
                while connection.recv(65536):
                    pass

        thread = threading.Thread(target=answer)
        thread.start()
        push = Push(VAPID, "mailto:trip-updates@localhost", loopback=True, timeout=0.5)
        to = Subscription(f"http://127.0.0.1:{server.getsockname()[1]}{phone.path}", **phone.keys)
        push.send(WORDS, to, MONDAY)
        thread.join()


def test_a_redirect_is_not_followed(post: Post) -> None:
    with_phone(post.school, post.push)
    post.push.answers.append(307)
    waiting(post.school)
    post.go()
    assert [path for path, _, _ in post.push.got] == ["head-Green-phone"]


def _send(push: Push, endpoint: str) -> None:
    phone = Phone("x")
    push.send(WORDS, Subscription(endpoint, **phone.keys), MONDAY)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.org/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://[::1]/x",
        "https://10.0.0.8/x",
        "https://192.168.1.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00::1]/x",
        "https://intranet/x",
        "https://printer.local/x",
        "https://push.example.org:8443/x",
        "https://user@push.example.org/x",
        "https://[::1",
        "file:///etc/passwd",
        "",
    ],
)
def test_nothing_but_a_public_push_service_is_spoken_to(school: School, endpoint: str) -> None:
    push = Push(VAPID, "https://trips.puddle-lane.example")
    assert not push.may_send_to(endpoint)
    house = replace(school.house, push=push)
    with pytest.raises(Refused, match="push service"):
        choices.add_phone(house, school.head, "Phone", endpoint, **Phone("x").keys)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/x",
        "https://updates.push.services.mozilla.com/wpush/v2/x",
        "https://web.push.apple.com/x",
    ],
)
def test_the_push_services_of_browsers_are(endpoint: str) -> None:
    assert Push(VAPID, "https://trips.puddle-lane.example").may_send_to(endpoint)


def test_a_name_that_leads_to_a_private_address_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS can say anything: what counts is where the connection ended. Nothing is sent, not even a greeting."""
    real, heard = socket.getaddrinfo, []
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(5)
        port = door.getsockname()[1]

        def listen() -> None:
            caller, _ = door.accept()
            with caller:
                caller.settimeout(5)
                heard.append(caller.recv(1000))

        thread = threading.Thread(target=listen)
        thread.start()
        monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: real("127.0.0.1", port))
        push = Push(VAPID, "https://trips.puddle-lane.example", timeout=2)
        with pytest.raises(NotSent):
            _send(push, "https://push.example.org/x")
        thread.join()
    assert heard == [b""]


@pytest.mark.parametrize(
    ("status", "kind"), [(400, RefusedByChannel), (403, RefusedByChannel), (410, Gone), (500, NotSent)]
)
def test_what_an_answer_means(post: Post, status: int, kind: type[Exception]) -> None:
    post.push.answers.append(status)
    with pytest.raises(kind):
        _send(Push(VAPID, "mailto:a@b.example", loopback=True), f"{post.push.base}/x")


@pytest.mark.parametrize("keys", [{"p256dh": "AAAA", "auth": "AAAA"}, {"p256dh": "no keys!", "auth": ""}])
def test_keys_that_are_none_are_refused(post: Post, keys: dict[str, str]) -> None:
    with pytest.raises(Refused):
        choices.add_phone(post.school.house, post.school.head, "Phone", f"{post.push.base}/x", **keys)


def test_the_same_browser_twice_is_one_phone_and_another_person_takes_it_over(post: Post) -> None:
    school, phone = post.school, Phone("shared")
    address = f"{post.push.base}/shared"
    first = choices.add_phone(school.house, school.head, "Phone", address, **phone.keys)
    assert choices.add_phone(school.house, school.head, "Phone", address, **phone.keys) == first
    choices.add_phone(school.house, school.deputy, "Phone", address, **phone.keys)
    assert records.phones_of(fresh(), school.head.id) == []
    waiting(school)
    post.go()
    assert len(post.push.words(phone)) == 1


def test_a_removed_phone_and_one_of_somebody_who_left_hear_nothing(post: Post) -> None:
    school = post.school
    gone, left = with_phone(school, post.push), with_phone(school, post.push, "deputy")
    choices.remove_phone(school.house, school.head, records.phones_of(fresh(), school.head.id)[0].id)
    accounts.set_active(school.house, school.office, school.deputy.id, False)
    waiting(school)
    post.go()
    assert (post.push.words(gone), post.push.words(left)) == ([], [])


def test_nobody_removes_a_phone_of_another(post: Post) -> None:
    with_phone(post.school, post.push)
    mine = records.phones_of(fresh(), post.school.head.id)[0].id
    with pytest.raises(Refused, match="no such phone"):
        choices.remove_phone(post.school.house, post.school.deputy, mine)
    assert len(records.phones_of(fresh(), post.school.head.id)) == 1
