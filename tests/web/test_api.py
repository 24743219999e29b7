"""What the phone speaks: the contract, and that repeating any call is harmless."""

import base64
import hashlib
import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.factories import School, all_consent, approved, consent, draft, photo, picture, waiting, work
from tripupdates.vocabulary import Channel


class Phone:
    """A signed-in phone: a session, and the token from the first answer."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client, self.headers = client, {"X-CSRF-Token": token}

    def __call__(self, method: str, path: str, **how: Any) -> Any:
        return self._client.open(f"/api{path}", method=method, headers=self.headers, **how)


def _phone(school: School, who: str) -> Phone:
    client = school.client(who)
    page = client.get("/office/" if who == "office" else "/staff/").text
    return Phone(client, page.split('name="csrf-token" content="')[1].split('"')[0])


@pytest.fixture
def phone(school: School) -> Phone:
    return _phone(school, "author")


def _body(school: School, **changes: Any) -> dict[str, Any]:
    return {"trip": school.slug, "text": "We climbed.", "channels": ["families", "x"]} | changes


def test_trips_tell_what_a_phone_needs_and_bring_the_token(school: School, phone: Phone) -> None:
    consent(school, {"Ada": (Channel.X,)})
    answer = phone("GET", "/trips")
    (trip,) = answer.json
    assert (trip["slug"], trip["channels"]) == (school.slug, ["families", "website", "x"])
    ada = next(pupil for pupil in trip["pupils"] if pupil["forename"] == "Ada")
    assert ada["can_show"] == {"families": False, "website": False, "x": True}
    assert answer.headers["X-CSRF-Token"]


def test_the_path_from_a_phone_to_an_approval(school: School, phone: Phone) -> None:
    all_consent(school)
    update, number = uuid.uuid4(), uuid.uuid4()
    for _ in range(2):
        assert phone("PUT", f"/updates/{update}", json=_body(school)).json["state"] == "draft"
    sent = [phone("PUT", f"/updates/{update}/photos/{number}", data=picture()) for _ in range(2)]
    assert sent[0].json == sent[1].json
    assert (sent[0].json["width"], sent[0].json["height"], sent[0].json["faces"]) == (640, 480, [])
    assert "location" in sent[0].json["removed"]
    pupils = [str(pupil) for pupil in school.pupils("Ada", "Bram")]
    described = phone(
        "PATCH", f"/updates/{update}/photos/{number}", json={"alt": "A tower.", "pictured": pupils}
    )
    assert described.json["pictured"] == sorted(pupils)
    for _ in range(2):
        waits = phone("POST", f"/updates/{update}/submit")
        assert (waits.status_code, waits.json["state"], waits.json["blocks"]) == (200, "waiting", [])
    assert (
        phone("POST", f"/updates/{update}/approve", json={"digest": waits.json["digest"]}).status_code == 403
    )
    head = _phone(school, "head")
    for _ in range(2):
        done = head("POST", f"/updates/{update}/approve", json={"digest": waits.json["digest"]})
        assert (done.status_code, done.json["state"]) == (200, "approved")
    work(school)
    delivery = {each["channel"]: each for each in phone("GET", f"/updates/{update}").json["delivery"]}
    assert {channel: each["state"] for channel, each in delivery.items()} == {
        "families": "sent",
        "x": "waiting",
    }
    assert delivery["families"]["link"].endswith(f"/trips/{school.slug}/#update-{update}")


def test_what_blocks_an_update_is_told_in_sentences(school: School, phone: Phone) -> None:
    update = draft(school)
    photo(school, update, pictured=None)
    status = phone("GET", f"/updates/{update}").json
    assert status["blocks"] == ["Photo 1: say who is in it, or that no pupil is."]
    refused = phone("POST", f"/updates/{update}/submit")
    assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
    assert refused.json["reasons"] == status["blocks"]
    assert refused.json["title"].endswith(".")


@pytest.mark.parametrize("who", ["head", "deputy"])
def test_declining_needs_the_digest_and_a_reason(school: School, who: str) -> None:
    update = waiting(school)
    head = _phone(school, who)
    assert head("POST", f"/updates/{update}/return", json={"digest": "x"}).status_code == 422
    wrong = head("POST", f"/updates/{update}/return", json={"digest": "x", "reason": "Wait."})
    assert (wrong.status_code, school.state(update)) == (409, "waiting")
    good = {"digest": school.digest(update), "reason": "Wait."}
    assert head("POST", f"/updates/{update}/return", json=good).json["returned_because"] == "Wait."


def test_consent_is_recorded_by_office_and_approver_and_only_a_plain_yes_is_a_yes(school: School) -> None:
    for who in ("office", "head"):
        ask = _phone(school, who)
        for answer, recorded in (("perhaps", 1), ("yes", 1), ("yes", 0), ("no", 1)):
            body = {"pupil": str(school.pupil("Ada")), "channel": "x", "answer": answer}
            done = ask("POST", f"/trips/{school.slug}/consent", json=body)
            assert done.status_code == 200
            if answer != "perhaps":
                assert done.json["recorded"] == recorded


def test_a_withdrawn_consent_shows_on_the_update(school: School) -> None:
    all_consent(school)
    update = approved(school, ("Ada", "Bram"))
    work(school)
    body = {"pupil": str(school.pupil("Ada")), "channel": "families", "answer": "no"}
    _phone(school, "office")("POST", f"/trips/{school.slug}/consent", json=body)
    states = {
        each["channel"]: each["state"]
        for each in _phone(school, "author")("GET", f"/updates/{update}").json["delivery"]
    }
    assert states["families"] == "removing"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {},
        {"trip": "castle"},
        {"trip": 3, "text": "x", "channels": []},
        {"trip": "x", "text": None, "channels": []},
        {"trip": "x", "text": "x", "channels": "families"},
        {"trip": "x", "text": "x", "channels": [3]},
        {"trip": "x", "text": "x", "channels": [], "state": "approved"},
    ],
)
def test_a_body_that_is_not_as_agreed_gets_a_sentence(phone: Phone, body: Any) -> None:
    answer = phone("PUT", f"/updates/{uuid.uuid4()}", json=body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["title"]


def test_a_body_that_is_no_json_gets_a_sentence(phone: Phone) -> None:
    answer = phone("PUT", f"/updates/{uuid.uuid4()}", data="{half", content_type="application/json")
    assert answer.status_code == 422


def test_a_photo_of_another_update_is_not_found(school: School, phone: Phone) -> None:
    first, second = draft(school), draft(school)
    number = photo(school, first)
    answer = phone("PATCH", f"/updates/{second}/photos/{number}", json={"alt": "x"})
    assert answer.status_code == 404


def test_a_photo_that_is_too_large_is_refused_before_it_is_read(school: School, phone: Phone) -> None:
    update = draft(school)
    answer = phone("PUT", f"/updates/{update}/photos/{uuid.uuid4()}", data=b"x" * 30_000_001)
    assert answer.status_code == 413


def test_a_face_that_the_detector_missed_is_added_by_hand_and_answered(school: School, phone: Phone) -> None:
    update = draft(school)
    number = photo(school, update)
    body = {
        "faces": [{"box": [0.1, 0.2, 0.05, 0.07], "is": "adult"}, {"box": None, "is": school_pupil(school)}]
    }
    answer = phone("PATCH", f"/updates/{update}/photos/{number}", json=body)
    assert (answer.status_code, answer.json["faces"]) == (200, body["faces"])
    assert answer.json["pictured"] == [school_pupil(school)]


def school_pupil(school: School) -> str:
    return str(school.pupil("Ada"))


NO_FACES: dict[str, object] = {
    "no list": "everybody",
    "no box": [{"is": "adult"}, {"box": [0, 0, 1], "is": "adult"}],
    "a box beyond the picture": [{"box": [0.9, 0, 0.5, 0.5], "is": "adult"}],
    "words for numbers": [{"box": ["a", "b", "c", "d"], "is": "adult"}],
    "an unknown answer": [{"box": None, "is": "a ghost"}],
    "an unknown pupil": [{"box": None, "is": str(uuid.uuid4())}],
    "something more": [{"box": None, "is": "adult", "name": "Ada"}],
    "a thousand": [{"box": None, "is": None}] * 1000,
}


@pytest.mark.parametrize("faces", NO_FACES.values(), ids=NO_FACES.keys())
def test_faces_that_are_none_are_refused_and_change_nothing(
    school: School, phone: Phone, faces: object
) -> None:
    update = draft(school)
    number = photo(school, update, pictured=None)
    answer = phone("PATCH", f"/updates/{update}/photos/{number}", json={"faces": faces})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    kept = school.update(update).photos[0]
    assert (kept.marked, kept.counted, kept.pictured) == ([], False, None)


def test_without_the_token_nothing_changes(school: School) -> None:
    update = uuid.uuid4()
    answer = school.client("author").put(f"/api/updates/{update}", json=_body(school))
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert school.client("author").get(f"/api/updates/{update}").status_code == 404


OURS, THEIRS = "http://localhost", "https://evil.example"
SENDERS = {
    "our page, in a browser that says so": ({"Sec-Fetch-Site": "same-origin"}, 200),
    "our page, in an older browser": ({"Origin": OURS}, 200),
    "another site": ({"Sec-Fetch-Site": "cross-site", "Origin": THEIRS}, 403),
    "another site, in an older browser": ({"Origin": THEIRS}, 403),
    "a sandboxed page": ({"Origin": "null"}, 403),
    "a sister site": ({"Sec-Fetch-Site": "same-site", "Origin": THEIRS}, 403),
    "an address typed in": ({"Sec-Fetch-Site": "none"}, 403),
    "nobody knows": ({}, 400),
}


@pytest.mark.parametrize(("headers", "status"), SENDERS.values(), ids=SENDERS.keys())
def test_without_a_token_the_browser_must_say_that_a_page_of_ours_is_asking(
    school: School, headers: dict[str, str], status: int
) -> None:
    update = uuid.uuid4()
    client = school.client("author")
    assert client.put(f"/api/updates/{update}", json=_body(school), headers=headers).status_code == status
    assert client.get(f"/api/updates/{update}").status_code == (200 if status == 200 else 404)


def test_a_token_does_not_help_another_site(school: School, phone: Phone) -> None:
    phone.headers |= {"Sec-Fetch-Site": "cross-site"}
    assert phone("PUT", f"/updates/{uuid.uuid4()}", json=_body(school)).status_code == 403


def _frozen(school: School, **changes: Any) -> dict[str, Any]:
    whole = {"revision": str(uuid.uuid4()), "over": [], "by": str(school.author.id), "photos": []}
    return _body(school, **(whole | changes))


def test_a_phone_without_a_token_sends_an_update_whole_as_often_as_it_likes(school: School) -> None:
    all_consent(school)
    client = school.client("author")
    update, number = uuid.uuid4(), uuid.uuid4()
    pupils = [str(pupil) for pupil in school.pupils("Ada", "Bram")]
    about = {"id": str(number), "alt": "A tower.", "pictured": pupils, "faces": []}
    body = _frozen(school, photos=[about])
    ours = {"Sec-Fetch-Site": "same-origin"}
    digest = {"Content-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(picture()).digest()).decode()}:"}
    for have in ([], [str(number)]):
        put: Any = client.put(f"/api/updates/{update}", json=body, headers=ours).json
        assert (put["id"], put["revision"], put["have"]) == (str(update), body["revision"], have)
        path = f"/api/updates/{update}/photos/{number}"
        sent: Any = client.put(path, data=picture(), headers=ours | digest).json
        assert (sent["id"], sent["alt"], sent["pictured"]) == (str(number), "A tower.", sorted(pupils))
    for _ in range(2):
        done: Any = client.post(
            f"/api/updates/{update}/submit", json={"revision": body["revision"]}, headers=ours
        ).json
        assert (done["id"], done["state"]) == (str(update), "waiting")


def test_a_photo_that_did_not_arrive_whole_is_not_taken(school: School, phone: Phone) -> None:
    update, number = draft(school), uuid.uuid4()
    digest = base64.b64encode(hashlib.sha256(picture()).digest()).decode()
    phone.headers |= {"Content-Digest": f"sha-256=:{digest}:"}
    cut = phone("PUT", f"/updates/{update}/photos/{number}", data=picture()[:-1])
    assert (cut.status_code, cut.mimetype) == (400, "application/problem+json")
    assert school.update(update).photos == []


def test_a_body_written_by_another_person_is_forbidden(school: School, phone: Phone) -> None:
    body = _frozen(school, by=str(school.colleague.id))
    answer = phone("PUT", f"/updates/{uuid.uuid4()}", json=body)
    assert (answer.status_code, "sign in and send it" in answer.json["title"]) == (403, True)


def test_an_update_that_was_changed_elsewhere_is_a_conflict(school: School, phone: Phone) -> None:
    update = draft(school)
    answer = phone("PUT", f"/updates/{update}", json=_frozen(school))
    assert (answer.status_code, "Nothing was overwritten" in answer.json["title"]) == (409, True)


ODD: dict[str, dict[str, Any]] = {
    "a revision that is none": {"revision": "first"},
    "no revision": {"revision": None},
    "over that is no list": {"over": "all"},
    "over something that is no id": {"over": ["x"]},
    "nobody": {"by": None},
    "photos that are no list": {"photos": {"a": 1}},
    "a photo without an id": {"photos": [{"alt": "x"}]},
    "a photo that is a word": {"photos": ["x"]},
    "pictured that is no list": {"photos": [{"id": str(uuid.uuid4()), "pictured": "all"}]},
    "pictured that is no id": {"photos": [{"id": str(uuid.uuid4()), "pictured": ["x"]}]},
    "faces that are none": {"photos": [{"id": str(uuid.uuid4()), "faces": [{"is": "a ghost"}]}]},
    "alt that is a number": {"photos": [{"id": str(uuid.uuid4()), "alt": 3}]},
    "words for X that are a list": {"x_text": ["x"]},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_a_frozen_body_that_is_not_as_agreed_gets_a_sentence(
    school: School, phone: Phone, odd: dict[str, Any]
) -> None:
    update = uuid.uuid4()
    answer = phone("PUT", f"/updates/{update}", json=_frozen(school, **odd))
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert phone("GET", f"/updates/{update}").status_code == 404


def test_words_are_checked_while_they_are_written_and_nothing_is_kept(school: School, phone: Phone) -> None:
    body = {"text": "Ada Puddlewick won.", "x_text": "Fine.", "alts": ["A tower.", "Bram Thistlebury waves."]}
    found = phone("POST", f"/trips/{school.slug}/check", json=body).json["findings"]
    assert [(each["where"], each["excerpt"], each["severity"]) for each in found] == [
        ("text", "Ada Puddlewick", "stop"),
        ("alt 2", "Bram Thistlebury", "stop"),
    ]
    assert phone("GET", "/phone").json["updates"] == []


def test_only_those_on_the_trip_have_words_checked_for_it(school: School) -> None:
    path, body = f"/trips/{school.slug}/check", {"text": "Hello."}
    assert _phone(school, "stranger")("POST", path, json=body).status_code == 404


def test_a_draft_is_deleted_and_once_more(school: School, phone: Phone) -> None:
    update = draft(school)
    for _ in range(2):
        assert phone("DELETE", f"/updates/{update}").json == {"id": str(update)}
    assert phone("GET", f"/updates/{update}").status_code == 404


def test_signed_out_is_told_as_json_and_never_redirected(school: School) -> None:
    answer: Any = school.client().get("/api/trips")
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert "stays on this phone" in answer.json["title"]


def test_another_trips_update_is_not_found(school: School) -> None:
    update = draft(school)
    assert _phone(school, "stranger")("GET", f"/updates/{update}").status_code == 404
    assert _phone(school, "colleague")("GET", f"/updates/{update}").status_code == 200
