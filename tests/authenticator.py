"""A security key in software, for tests: it makes keys and answers challenges as a browser and an
authenticator together do, and can be told to lie.

    key = Authenticator()
    attestation = key.make(challenges.to_use_link(rt, token))
    assertion = key.answer(challenges.to_sign_in(rt, login))
"""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

ORIGIN = "https://localhost:8420"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def octets(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


@dataclass
class Authenticator:
    """One key of one account. `count` is its counter; `counts` is False for keys without one."""

    count: int = 0
    counts: bool = True
    private: object = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: os.urandom(32))
    user: str = ""

    @property
    def name(self) -> str:
        return text(self.id)

    def make(self, options: dict, **lies) -> dict:
        """What `navigator.credentials.create` gives; `lies` as in `_data` and `_client`."""
        self.user = options["user"]["id"]
        made = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self._public(lies)
        data = self._data(lies.get("rp_id", options["rp"]["id"]),
                          lies.get("flags", PRESENT | VERIFIED) | ATTESTED) + made
        told = {"fmt": lies.get("fmt", "none"), "attStmt": lies.get("statement", {}),
                "authData": data}
        return self._sent({"clientDataJSON": _client("webauthn.create", options, lies),
                           "attestationObject": text(cbor2.dumps(told))})

    def answer(self, options: dict, **lies) -> dict:
        """What `navigator.credentials.get` gives."""
        data = self._data(lies.get("rp_id", options["rpId"]),
                          lies.get("flags", PRESENT | VERIFIED))
        client = _client("webauthn.get", options, lies)
        signed = data + hashlib.sha256(octets(client)).digest()
        return self._sent({"clientDataJSON": client, "authenticatorData": text(data),
                           "signature": text(self._sign(signed)),
                           "userHandle": lies.get("user", self.user)})

    def _sent(self, response: dict) -> dict:
        return {"id": self.name, "rawId": self.name, "type": "public-key", "response": response}

    def _data(self, rp_id: str, flags: int) -> bytes:
        self.count += self.counts
        return (hashlib.sha256(rp_id.encode()).digest() + bytes([flags])
                + self.count.to_bytes(4, "big"))

    def _sign(self, signed: bytes) -> bytes:
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(signed)
        return self.private.sign(signed, ec.ECDSA(hashes.SHA256()))

    def _public(self, lies: dict) -> bytes:
        if "public" in lies:
            return cbor2.dumps(lies["public"])
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return cbor2.dumps({1: 1, 3: -8, -1: 6,
                                -2: self.private.public_key().public_bytes_raw()})
        numbers = self.private.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"),
                            -3: numbers.y.to_bytes(32, "big")})


def _client(kind: str, options: dict, lies: dict) -> str:
    """What the browser says it did, and on which page."""
    told = {"type": lies.get("kind", kind), "challenge": lies.get("challenge",
            options["challenge"]), "origin": lies.get("origin", ORIGIN),
            "crossOrigin": lies.get("cross_origin", False)}
    return text(json.dumps(told).encode())


def edwards() -> Authenticator:
    """A key that signs with Ed25519 and keeps no counter."""
    return Authenticator(counts=False, private=ed25519.Ed25519PrivateKey.generate())
