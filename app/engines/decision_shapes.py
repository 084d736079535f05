"""The shape of a sealed decision: what it shares with every other that must come out like it.

A year has millions of decisions and few shapes. Left out are the subject, the subject's
authorization, the instant and the day looked back to; what a draft makes of these is asked of it.
"""

import json
from typing import Any, NamedTuple

import msgspec

NOTHING = msgspec.Raw(b"")
CONSENT = b'"CONSENT.'
CITED = b',["L7"'


class _Input(msgspec.Struct):
    app: str = ""
    credential: str = ""
    action: str = ""
    channel: str = ""
    environment: str = ""
    node: str = ""
    product: str = ""
    version: str = ""
    purpose: str = ""
    grant: str = ""
    region: str = ""
    subject_kind: str = ""
    subject: str = ""
    lookback_from: str = ""
    batch_size: int = 1
    field_mode: str = ""
    fields: tuple[str, ...] | None = None
    fields_unknown: int = 0


class _Facts(msgspec.Struct):
    at: str
    permits: bool
    rulebook: str
    grant: str = ""
    grant_version: int = 0
    input: _Input | None = None
    chain: msgspec.Raw = NOTHING
    dimensions: msgspec.Raw = NOTHING
    reasons: msgspec.Raw = NOTHING
    obligations: msgspec.Raw = NOTHING


class _Entry(msgspec.Struct):
    facts: _Facts


class Shape(NamedTuple):
    """A decision as a key, with its instant and the day it looks back to."""

    key: tuple
    at: str
    lookback_from: str


_read = msgspec.json.Decoder(_Entry).decode


def shape_of(body: bytes) -> Shape | None:
    """The shape of an entry's decision; None where it is on no product."""
    facts = _read(body).facts
    told = facts.input
    if told is None:
        return None
    chain, reasons = bytes(facts.chain), bytes(facts.reasons)
    cited = chain.find(CITED)
    if cited >= 0:
        chain = chain[:cited + len(CITED)]
    if CONSENT in reasons:
        reasons = _without_consents(reasons)
    return Shape((
        facts.permits, facts.rulebook, facts.grant, facts.grant_version, chain, reasons,
        bytes(facts.dimensions), b'"step-up"' in bytes(facts.obligations), told.app,
        told.credential, told.action, told.channel, told.environment, told.node, told.product,
        told.version, told.purpose, told.grant, told.region, told.subject_kind,
        bool(told.subject), told.batch_size, told.field_mode, told.fields, told.fields_unknown,
    ), facts.at, told.lookback_from)


def _without_consents(reasons: bytes) -> bytes:
    """Reasons without the numbers of the subject authorizations they are about."""
    found: list[list[Any]] = json.loads(reasons)
    for each in found:
        if each[0].startswith("CONSENT."):
            each[1] = ""
    return json.dumps(found).encode()
