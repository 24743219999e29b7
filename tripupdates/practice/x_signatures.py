"""Who may ask the practice X: its one account's keys, and OAuth 1.0a signatures made with them (RFC 5849)."""

import time
from dataclasses import dataclass, field
from typing import Any

from flask import Request
from oauthlib.oauth1 import RequestValidator, ResourceEndpoint

from tripupdates.practice.x_state import State

TIMESTAMP_WINDOW = 600


@dataclass(frozen=True)
class Keys:
    """The one account that this X knows."""

    handle: str
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    access_token_secret: str = field(repr=False)


class _Signatures(RequestValidator):
    """What oauthlib asks to check a signature against our one account."""

    enforce_ssl = False  # loopback only
    client_key_length = access_token_length = nonce_length = (8, 80)
    dummy_client = dummy_access_token = "nobody-at-all-0123456789"  # noqa: S105 - it opens nothing
    safe_characters = set(map(chr, range(33, 127)))  # noqa: RUF012 - as the base has it

    def __init__(self, keys: Keys, state: State) -> None:
        super().__init__()
        self._keys, self._state = keys, state

    def get_client_secret(self, client_key: str, request: Any) -> str:
        return self._keys.consumer_secret

    def get_access_token_secret(self, client_key: str, token: str, request: Any) -> str:
        return self._keys.access_token_secret

    def validate_client_key(self, client_key: str, request: Any) -> bool:
        return client_key == self._keys.consumer_key

    def validate_access_token(self, client_key: str, token: str, request: Any) -> bool:
        return token == self._keys.access_token

    def validate_realms(self, *_args: Any, **_more: Any) -> bool:
        return True

    def validate_timestamp_and_nonce(
        self,
        client_key: str,
        timestamp: Any,
        nonce: str,
        request: Any,
        request_token: str | None = None,
        access_token: str | None = None,
    ) -> bool:
        with self._state.lock:
            used = (timestamp, nonce) in self._state.nonces
            self._state.nonces.add((timestamp, nonce))
        return not used and abs(time.time() - int(timestamp)) < TIMESTAMP_WINDOW


def gate(keys: Keys, state: State) -> ResourceEndpoint:
    """What checks the signatures of these keys."""
    return ResourceEndpoint(_Signatures(keys, state))


def is_signed(gate: ResourceEndpoint, request: Request) -> bool:
    """Whether a request is signed with the account's keys, lately, and for the first time."""
    address = f"{request.scheme}://{request.host}{request.environ['RAW_URI']}"
    try:
        valid, _ = gate.validate_protected_resource_request(
            address,
            request.method,
            body=None,  # a JSON body is no part of a signature
            headers={"Authorization": request.headers.get("Authorization", "")},
        )
    except ValueError:  # no header, or one that oauthlib cannot read
        return False
    return bool(valid)
