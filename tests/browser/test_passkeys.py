"""Passkeys in a real Chromium, with its virtual authenticator: added, used, and an approval signed in three taps."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from tests.browser.conftest import Town
from tests.factories import PASSWORD, count, waiting
from tripupdates.approval import signatures, signed
from tripupdates.approval.signed import Signature
from tripupdates.database import fresh
from tripupdates.people.passkeys import Passkey

HEAD = "head@puddle-lane.example"
KIND = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def _lock(page: Page) -> None:
    """The phone's own lock, which knows its owner."""
    lock = page.context.new_cdp_session(page)
    lock.send("WebAuthn.enable")
    lock.send("WebAuthn.addVirtualAuthenticator", {"options": KIND})


def _type_in(page: Page) -> None:
    page.get_by_label("e-mail", exact=False).fill(HEAD)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.fixture
def phone(town: Town) -> Page:
    """The head's phone, where a passkey was added right after the first sign-in."""
    page = town.phone().new_page()
    _lock(page)
    page.goto("/staff/login")
    _type_in(page)
    expect(page.get_by_role("heading", name="Sign in without typing next time?")).to_be_visible()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    return page


def test_added_at_the_first_sign_in_it_signs_in_without_a_name_and_goes_on_where_one_was(
    town: Town, phone: Page
) -> None:
    (row,) = fresh().scalars(sa.select(Passkey)).all()
    assert (row.person_id, row.name, row.transports) == (town.school.head.id, "My phone", ["internal"])
    phone.get_by_role("button", name="Sign out").click()
    phone.wait_for_url("**/staff/login")
    phone.goto("/staff/login?next=/hold/")
    phone.get_by_role("button", name="Sign in with a passkey").click()
    phone.wait_for_url("**/hold/")
    expect(phone.get_by_text("Signed in as Mrs Head Sample.")).to_be_visible()


def test_from_the_notice_to_a_signed_approval_in_three_taps(town: Town, phone: Page) -> None:
    update = waiting(town.school)
    taps = ["the notice"]
    phone.goto(f"/review/{update}")
    phone.get_by_role("button", name="Approve").click()
    taps.append("Approve")
    expect(phone.get_by_text("Approved. It is on its way.")).to_be_visible()
    taps.append("the phone's lock")  # the virtual authenticator is touched by itself
    assert len(taps) <= 3
    (row,) = fresh().scalars(sa.select(Signature)).all()
    signatures.check(row, "localhost", town.base)
    assert signatures.said(row.statement)["subject"] == str(update)
    assert list(signed.verify(fresh())) == [(row.id, True)]


def test_what_was_signed_once_approves_nothing_else(town: Town, phone: Page) -> None:
    first, second = waiting(town.school), waiting(town.school)
    sent: list[Any] = []
    phone.on(
        "request", lambda request: sent.append(request.post_data_json) if "approve" in request.url else None
    )
    phone.goto(f"/review/{first}")
    phone.get_by_role("button", name="Approve").click()
    expect(phone.get_by_text("Approved. It is on its way.")).to_be_visible()
    body = {"digest": town.school.digest(second), "assertion": json.loads(sent[0]["assertion"])}
    replayed = phone.evaluate(
        """async ([address, body]) => {
            const token = document.querySelector('meta[name=csrf-token]').content;
            const headers = {'Content-Type': 'application/json', 'X-CSRF-Token': token};
            const answer = await fetch(address, {method: 'POST', headers, body: JSON.stringify(body)});
            return [answer.status, (await answer.json()).title];
        }""",
        [f"/api/updates/{second}/approve", body],
    )
    assert replayed[0] == 422
    assert "sent twice" in replayed[1]
    assert (town.school.state(second), count(Signature)) == ("waiting", 1)


def test_where_the_passkey_is_not_used_the_password_approves_and_it_is_not_signed(
    town: Town, phone: Page
) -> None:
    update = waiting(town.school)
    phone.goto(f"/review/{update}")
    phone.evaluate(
        "() => { CredentialsContainer.prototype.get = () => Promise.reject(new DOMException('', 'NotAllowedError')) }"
    )
    phone.get_by_role("button", name="Approve").click()
    expect(phone.get_by_role("alert")).to_contain_text("The passkey was not used")
    phone.get_by_label("Your password").fill(PASSWORD)
    phone.get_by_role("button", name="Approve").click()
    expect(phone.get_by_text("Approved. It is on its way.")).to_be_visible()
    assert (town.school.state(update), count(Signature)) == ("approved", 0)
