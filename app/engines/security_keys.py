"""WebAuthn: what a browser is told to ask of a key, and whether what the key answers is right.

That a challenge is ours, fresh and used once is the caller's to hold. The library is loaded with
the first answer, so that a process that meets none is spared its ten megabytes. Keys sign with
algorithms of their own (EdDSA, ES256, RS256); here they are verified only, nothing of ours is
signed with them. Source: W3C WebAuthn Level 2 7.1 and 7.2; requirement A03.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature

from app.domain.relying_party import RelyingParty
from app.domain.wire import read_json

ALGORITHMS = (-8, -7, -257)
WAIT_MS = 120_000
NAME = "虎符 Hufu"
LONGEST = 65_536
# What hostile bytes can make of the parsers below; whatever else goes wrong is a defect of ours.
UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RuntimeError)


@dataclass(frozen=True)
class Answer:
    """What a browser sent, as far as it can be read without believing it."""

    key: str
    challenge: str
    user: str


@dataclass(frozen=True)
class NewKey:
    """A key that was made: its name in the protocol, its public half and its counter."""

    credential_id: str
    public_key: str
    sign_count: int


def to_create(party: RelyingParty, challenge: str, account: tuple[str, str, str],
              held: Iterable[str]) -> dict:
    """Options of `navigator.credentials.create`; `account` is its id, login and name, `held` are
    the keys it has. The key must know its user (PIN, finger) and be found without being named, so
    that signing in never tells a stranger whose key is known."""
    ref, login, name = account
    return {"rp": {"id": party.id, "name": NAME},
            "user": {"id": _text(ref.encode()), "name": login, "displayName": name},
            "challenge": challenge, "timeout": WAIT_MS, "attestation": "none",
            "pubKeyCredParams": [{"type": "public-key", "alg": one} for one in ALGORITHMS],
            "authenticatorSelection": {"residentKey": "required", "requireResidentKey": True,
                                       "userVerification": "required"},
            "excludeCredentials": _described(held)}


def to_get(party: RelyingParty, challenge: str, held: Iterable[str] = ()) -> dict:
    """Options of `navigator.credentials.get`; without `held` the browser offers what it finds."""
    return {"rpId": party.id, "challenge": challenge, "timeout": WAIT_MS,
            "userVerification": "required", "allowCredentials": _described(held)}


def answer_of(sent: Mapping) -> Answer | None:
    """The readable part of an answer, None when it is none."""
    try:
        told = read_json(_bytes(sent["response"]["clientDataJSON"]), LONGEST)
        if told.get("crossOrigin"):
            return None
        user = _bytes(sent["response"].get("userHandle") or "").decode()
        return Answer(str(sent["id"]), str(told["challenge"]), user)
    except UNREADABLE:
        return None


def made(sent: Mapping, challenge: str, party: RelyingParty) -> NewKey | None:
    """The key a browser made for this challenge, None when anything about it is wrong.

    Makers' certificates are neither asked for nor read: a key counts because its holder has shown
    it beside an invitation or a fresh second factor.
    """
    from webauthn import verify_registration_response
    from webauthn.helpers import (
        decode_credential_public_key,
        decoded_public_key_to_cryptography,
        parse_attestation_object,
    )
    from webauthn.helpers.cose import COSEAlgorithmIdentifier
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        statement = parse_attestation_object(_bytes(sent["response"]["attestationObject"]))
        if statement.fmt not in ("none", "packed") or statement.att_stmt.x5c:
            return None
        found = verify_registration_response(
            credential=dict(sent), expected_challenge=_bytes(challenge),
            expected_rp_id=party.id, expected_origin=list(party.origins),
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(one) for one in ALGORITHMS])
        decoded_public_key_to_cryptography(
            decode_credential_public_key(found.credential_public_key))
    except (WebAuthnException, InvalidSignature, *UNREADABLE):
        return None
    return NewKey(_text(found.credential_id), _text(found.credential_public_key),
                  found.sign_count)


def count_of(sent: Mapping, challenge: str, public_key: str, party: RelyingParty) -> int | None:
    """The counter a key shows with a right answer to this challenge, None for a wrong answer.

    Whether the counter went back is judged under the lock that keeps it.
    """
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        return verify_authentication_response(
            credential=dict(sent), expected_challenge=_bytes(challenge),
            expected_rp_id=party.id, expected_origin=list(party.origins),
            credential_public_key=_bytes(public_key), credential_current_sign_count=0,
            require_user_verification=True).new_sign_count
    except (WebAuthnException, InvalidSignature, *UNREADABLE):
        return None


def _described(keys: Iterable[str]) -> list[dict]:
    return [{"type": "public-key", "id": key} for key in keys]


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
