"""A small authenticator in software: it makes passkeys and answers with them as a phone does, or wrongly where a test says so."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from tests.factories import School
from tripupdates import passkeys
from tripupdates.people.presence import Proof
from tripupdates.people.signing_in import Caller

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ORIGIN = "http://localhost"


@dataclass
class Authenticator:
    """One key on one phone. `counts`: it counts its uses, as keys that are not synced do."""

    origin: str = ORIGIN
    counts: bool = False
    count: int = 0
    flags: int = PRESENT | VERIFIED
    user: bytes = b""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def _data(self, rp_id: str, more: bytes = b"", flags: int = 0) -> bytes:
        self.count += self.counts
        name = hashlib.sha256(rp_id.encode()).digest()
        return name + bytes([self.flags | flags]) + self.count.to_bytes(4, "big") + more

    def _client_data(self, kind: str, asked: dict[str, Any], more: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | more).encode()

    def make(self, options: str) -> dict[str, Any]:
        """Answer to the options of a new passkey."""
        asked = json.loads(options)
        self.user = base64url_to_bytes(asked["user"]["id"])
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        length = len(self.credential_id).to_bytes(2, "big")
        attested = bytes(16) + length + self.credential_id + cbor2.dumps(cose)
        data = self._data(asked["rp"]["id"], attested, ATTESTED)
        whole = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._credential(
            clientDataJSON=self._client_data("webauthn.create", asked, {}),
            attestationObject=whole,
        ) | {"transports": ["internal"]}

    def answer(self, options: str, **more: Any) -> dict[str, Any]:
        """Answer to the options of anything else; `more` goes into what the browser says."""
        asked = json.loads(options)
        client_data = self._client_data("webauthn.get", asked, more)
        data = self._data(asked["rpId"])
        signed = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._credential(
            clientDataJSON=client_data, authenticatorData=data, signature=signed, userHandle=self.user
        )

    def _credential(self, **response: bytes) -> dict[str, Any]:
        name = bytes_to_base64url(self.credential_id)
        encoded = {key: bytes_to_base64url(value) for key, value in response.items()}
        return {"id": name, "rawId": name, "type": "public-key", "response": encoded}


def added(school: School, who: Caller, password: str, name: str = "My phone", **how: Any) -> Authenticator:
    """A passkey of this person, added through the product's own steps."""
    phone = Authenticator(**how)
    options = passkeys.ask_to_add(school.house, who, Proof(password=password))
    passkeys.add(school.house, who, phone.make(options), name)
    return phone


def signs(school: School, who: Caller, phone: Authenticator, update: Any, **more: Any) -> Proof:
    """The proof that signs the approval of an update's present version."""
    options = passkeys.ask_to_approve(school.house, who, update, school.digest(update))
    return Proof(assertion=phone.answer(options, **more))
