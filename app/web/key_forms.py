"""What a browser's key sends, read strictly: the members of WebAuthn and no others.

Pages send it as JSON in a form's hidden field, programs as an object; both are the same models.
"""

from typing import Annotated, Literal

from flask import request
from pydantic import BaseModel, ConfigDict, Field

from app.domain.wire import read_json

LONGEST = 65_536
Octets = Annotated[str, Field(min_length=1, max_length=16_384, pattern=r"^[A-Za-z0-9_-]+$")]


class Sent(BaseModel):
    """A part of an answer; taken as it is, never shown."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Asserted(Sent):
    """What a key signed."""

    clientDataJSON: Octets
    authenticatorData: Octets
    signature: Octets
    userHandle: Octets | None = None


class Attested(Sent):
    """What a new key said of itself; browsers repeat parts of it in plain form, which are not
    believed."""

    clientDataJSON: Octets
    attestationObject: Octets
    authenticatorData: Octets | None = None
    publicKey: Octets | None = None
    publicKeyAlgorithm: int | None = None
    transports: list[str] = Field(default_factory=list, max_length=16)


class KeyAnswer(Sent):
    """The envelope of both, as `PublicKeyCredential.toJSON` gives it."""

    id: Octets
    rawId: Octets
    type: Literal["public-key"]
    authenticatorAttachment: Literal["platform", "cross-platform"] | None = None
    clientExtensionResults: dict = Field(default_factory=dict, max_length=16)


class Assertion(KeyAnswer):
    """The answer of a key that is asked."""

    response: Asserted


class Attestation(KeyAnswer):
    """The answer of a key that is made."""

    response: Attested


def plain(answer: KeyAnswer | None) -> dict | None:
    """An answer as plain values."""
    return answer.model_dump(exclude_none=True) if answer else None


def posted(model: type[KeyAnswer]) -> dict | None:
    """The answer in the form's field `key`, None where no key was used.

    Raises:
        Malformed, ValidationError
    """
    text = request.form.get("key", "")
    if not text:
        return None
    return plain(model.model_validate(read_json(text.encode("utf-8", "replace"), LONGEST)))


def offers_keys() -> bool:
    """Whether the browser said that it has WebAuthn."""
    return request.form.get("offers_keys") == "yes"
