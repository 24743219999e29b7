"""Law 8: every route, as every member of the cast, with the exact status; and what stands on every answer."""

import re
import uuid
from dataclasses import replace
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest

from tests import factories
from tests.factories import PASSWORD, School
from tripupdates import accounts
from tripupdates.app import create_app

CAST = ("nobody", "author", "stranger", "head", "office")


ROLES = {"author": "staff", "stranger": "staff", "head": "approver", "office": "office"}


def _expected(rule: str, method: str, allowed: frozenset[str]) -> dict[str, int]:
    """From the roles that a route names: closed to nobody and to other roles; to its own it is open.

    Open means 200; 404 where the address names something that is not there; 400 for anything but a GET, since no
    token came with it.
    """
    nobody = 401 if rule.startswith("/api/") or method != "GET" else 302
    there = 404 if "<" in rule else 200
    opened = there if method == "GET" else 400
    return {"nobody": nobody} | {who: opened if role in allowed else 403 for who, role in ROLES.items()}


ANYONE_MAY = {
    "static": "/static/<path:filename>",
    "people.login": "/staff/login",
    "people.login_code": "/staff/login/code",
    "passkeys.sign_in_options": "/api/passkeys/sign-in/options",
    "passkeys.sign_in": "/api/passkeys/sign-in",
    "consent.page": "/consent/<token>",
    "consent.answer": "/consent/<token>",
    "consent.receipt": "/consent/<token>/<reference>",
    "consent.messages": "/consent/<token>/messages",
    "stopping.page": "/messages/stop/<token>",
    "stopping.stop": "/messages/stop/<token>",
    "families.trip_page": "/trips/<slug>/",
    "families.trip_file": "/trips/<slug>/<path:path>",
    "families.code": "/trips/<slug>/code",
    "families.front": "/",
    "families.site": "/site/",
    "families.robots": "/robots.txt",
    "health.alive": "/healthz",
    "health.ready": "/readyz",
    "health.figures": "/metrics",
    "phone.service_worker": "/sw.js",
    "phone.manifest": "/manifest.webmanifest",
}


def _address(rule: str) -> str:
    filled = re.sub(r"<uuid:\w+>", str(uuid.UUID(int=7)), rule)
    filled = re.sub(r"<int:\w+>", "7", filled)
    filled = re.sub(r"<path:\w+>", "nothing.jpg", filled)
    return re.sub(r"<\w+>", "nothing", filled)


def _routes(school: School) -> list[tuple[str, str, str, frozenset[str]]]:
    return [
        (
            rule.rule,
            method,
            rule.endpoint,
            getattr(school.app.view_functions[rule.endpoint], "allowed", frozenset()),
        )
        for rule in school.app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_every_route_names_who_may_open_it(school: School) -> None:
    assert [rule for rule, _, _, allowed in _routes(school) if not allowed] == []


def test_only_these_pages_are_open_to_anyone(school: School) -> None:
    open_to_all = {endpoint for _, _, endpoint, allowed in _routes(school) if "anyone" in allowed}
    assert open_to_all == set(ANYONE_MAY)


def test_every_route_answers_every_member_of_the_cast_as_its_roles_say(school: School) -> None:
    clients = {who: school.client(None if who == "nobody" else who) for who in CAST}
    wrong = []
    for rule, method, endpoint, allowed in _routes(school):
        if endpoint in ANYONE_MAY or endpoint == "people.logout":
            continue
        for who, expected in _expected(rule, method, allowed).items():
            status = clients[who].open(_address(rule), method=method).status_code
            if status != expected:
                wrong.append(f"{method} {rule} as {who}: {status}, not {expected}")
    assert wrong == []


def test_a_route_without_roles_is_denied_to_everyone(school: School) -> None:
    school.app.view_functions["staff.home"] = lambda: "forgotten"
    for who in ("author", "head", "office"):
        assert school.client(who).get("/staff/").status_code == 403


@pytest.mark.parametrize(
    "address", ["/staff/login", "/healthz", "/api/trips", "/nothing-here", "/static/css/app.css"]
)
def test_safe_headers_stand_on_every_answer(school: School, address: str) -> None:
    headers = school.client().get(address).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self'; ")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


def _cookie(header: str) -> tuple[str, dict[str, str]]:
    (name, morsel), *_ = SimpleCookie(header).items()
    return name, {key: str(value) for key, value in morsel.items()}


@pytest.mark.parametrize(
    ("base", "secure", "names"),
    [
        ("http://localhost", False, ["device", "session"]),
        ("https://trips.puddle-lane.example", True, ["__Host-device", "__Host-session"]),
    ],
)
def test_the_cookies_are_lax_httponly_and_secure_off_localhost(
    school: School, base: str, secure: bool, names: list[str]
) -> None:
    given = factories.settings(school.house.settings.instance, public_base_url=base)
    house = replace(school.house, settings=given)
    app = create_app(given, house)
    answer = app.test_client().get("/staff/login", base_url=base)
    cookies = dict(_cookie(header) for header in answer.headers.getlist("Set-Cookie"))
    assert sorted(cookies) == names
    for attributes in cookies.values():
        assert (attributes["httponly"], attributes["samesite"], attributes["path"]) == ("True", "Lax", "/")
        assert (attributes["secure"] == "True") is secure
    assert ("Strict-Transport-Security" in answer.headers) is secure


def test_another_host_name_is_not_answered(school: School) -> None:
    assert school.client().get("/staff/login", base_url="http://evil.example").status_code == 400


def test_a_sign_in_lasts_14_days_on_a_trusted_phone(school: School) -> None:
    client = school.client("author")
    school.clock.pass_(days=13, hours=23)
    assert client.get("/staff/").status_code == 200
    school.clock.pass_(hours=2)
    assert client.get("/staff/").status_code == 302


def test_a_sign_in_on_another_browser_lasts_12_hours(school: School) -> None:
    caller = accounts.sign_in(school.house, "author@puddle-lane.example", PASSWORD, trusted=False)
    assert accounts.who(caller.token, school.clock() + timedelta(hours=11)) is not None
    assert accounts.who(caller.token, school.clock() + timedelta(hours=13)) is None


def test_somebody_who_leaves_is_signed_out_everywhere_at_once(school: School) -> None:
    phones = [school.client("author"), school.client("author")]
    accounts.set_active(school.house, school.office, school.author.id, False)
    assert [phone.get("/staff/").status_code for phone in phones] == [302, 302]


def test_the_way_in_comes_back_to_where_one_was_going_and_never_to_another_host(school: School) -> None:
    answer = school.client().get("/review/")
    assert answer.headers["Location"] == "/staff/login?next=/review/"
    form = {"email": "head@puddle-lane.example", "password": PASSWORD}
    elsewhere = (
        "//evil.example/",
        "https://evil.example",
        "/%09/evil.example",
        "/%5Cevil.example",
        "/%0A/evil.example",
    )
    for wanted, landed in (("/review/", "/review/"), *((other, "/review/") for other in elsewhere)):
        client = school.client()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/staff/login").text)
        assert token is not None
        answer = client.post(f"/staff/login?next={wanted}", data=form | {"csrf_token": token.group(1)})
        offer, _, once = answer.headers["Location"].partition("#")
        assert (answer.status_code, offer) == (302, f"/staff/ways/offer?next={landed}")
        assert len(once) == 32
        assert f'href="{landed}">Not now</a>' in client.get(offer).text


def test_a_long_typed_form_after_the_sign_in_has_ended_comes_back_to_be_copied(school: School) -> None:
    text = "A long story about the castle."
    answer = school.client().post(f"/staff/updates/{uuid.uuid4()}", data={"text": text})
    assert answer.status_code == 401
    assert text in answer.text
