"""What a passkey's answer says, and whether it holds (WebAuthn level 3, section 7.2). Pure: the same today and years later."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_client_data_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorTransport,
    CollectedClientData,
)

# What odd bytes raise in the library and in what it stands on.
ODD = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, RecursionError)
TRANSPORTS = frozenset(each.value for each in AuthenticatorTransport)


class DoesNotHold(Exception):
    """This is no answer of that passkey to that question. The text is for whoever looks into it, not for the page."""


@dataclass(frozen=True)
class Assertion:
    """An answer as the browser gave it, in bytes."""

    credential_id: bytes
    authenticator_data: bytes
    client_data: bytes
    signature: bytes
    user_handle: bytes | None = None

    @property
    def challenge(self) -> bytes:
        """The question that it says it answers. Raises DoesNotHold."""
        return self._said().challenge

    def _said(self) -> CollectedClientData:
        try:
            return parse_client_data_json(self.client_data)
        except ODD as error:
            raise DoesNotHold("its client data cannot be read") from error


@dataclass(frozen=True)
class Held:
    """What the authenticator says besides: how often it was used (0: it does not count), whether the key is backed up."""

    sign_count: int
    backed_up: bool


def read(credential: Mapping[str, Any]) -> Assertion:
    """From what `toJSON()` gives in the browser. Raises DoesNotHold."""
    try:
        read = parse_authentication_credential_json(dict(credential))
    except ODD as error:
        raise DoesNotHold("it cannot be read") from error
    answer = read.response
    return Assertion(
        read.raw_id,
        answer.authenticator_data,
        answer.client_data_json,
        answer.signature,
        answer.user_handle,
    )


def check(assertion: Assertion, public_key: bytes, challenge: bytes, rp_id: str, origin: str) -> Held:
    """Raise DoesNotHold unless this key answered this challenge, on our own page, and knew the person (user verification)."""
    if assertion._said().cross_origin:
        raise DoesNotHold("it was made inside somebody else's page")
    credential = AuthenticationCredential(
        id=bytes_to_base64url(assertion.credential_id),
        raw_id=assertion.credential_id,
        response=AuthenticatorAssertionResponse(
            client_data_json=assertion.client_data,
            authenticator_data=assertion.authenticator_data,
            signature=assertion.signature,
        ),
    )
    try:
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,  # whether it goes on from the last one is asked where that is kept
            require_user_verification=True,
        )
    except ODD as error:
        raise DoesNotHold(str(error)) from error
    return Held(found.new_sign_count, found.credential_backed_up)


@dataclass(frozen=True)
class New:
    """A passkey just made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    backed_up: bool
    transports: tuple[str, ...]


def check_new(credential: Mapping[str, Any], challenge: bytes, rp_id: str, origin: str) -> New:
    """Raise DoesNotHold unless a passkey was made for this challenge, on our own page, by a person whom it knew.

    Which make of authenticator it is, we do not ask: the school trusts the person who signed in.
    """
    try:
        found = verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origin,
            require_user_verification=True,
        )
        transports = credential["response"].get("transports") or ()
        known = tuple(sorted(AuthenticatorTransport(each).value for each in transports if each in TRANSPORTS))
    except ODD as error:
        raise DoesNotHold(str(error)) from error
    return New(
        found.credential_id, found.credential_public_key, found.sign_count, found.credential_backed_up, known
    )


def challenge_of_new(credential: Mapping[str, Any]) -> bytes:
    """The question that a new passkey says it answers. Raises DoesNotHold."""
    try:
        return parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"])).challenge
    except ODD as error:
        raise DoesNotHold("it cannot be read") from error
