"""A question put to the picture of now, and what would be decided: nothing is sealed, no use is
counted, and nobody may act on it.

The dimensions, the law and the compiled lines are the decisions' own; so are the counters and
subject authorizations, which are only read here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from app.domain import decisions
from app.domain.answers import facts
from app.domain.asks import Ask, Presented, read_ask
from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.hearing import Hearing
from app.domain.picture import Picture, VersionPicture
from app.domain.quotas import needed
from app.domain.refusals import Invalid
from app.queries.decision_dimensions import Dimension, dimensions
from app.queries.decisions import Told, decision, told_reasons
from app.queries.field_titles import titles
from app.queries.grant_policy import may_simulate
from app.queries.obligation_words import Owed, owed
from app.queries.query import one
from app.store.around_grant import around_grant
from app.store.batch import Batch
from app.store.sealing import sealed_bytes
from app.store.shelf import Shelf
from app.store.tables_grants import Grant
from app.store.unit import read

NUMBER = "simulation"
SEALED = ("credential", "app", "action", "channel", "environment", "node", "version", "purpose",
          "region", "lookback_from", "subject_kind", "batch_size", "field_mode", "business_ref",
          "fields", "from_decision")


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question about a grant, member by member. `credential` is the prefix of the key that would
    be presented, `peer` the address it would come from, `app` "" for the key's own; `at` is None
    for now. Where no subject is named, the one of `from_decision` is meant."""

    credential: str = ""
    app: str = ""
    peer: str = ""
    user: str = ""
    auth_level: int = 0
    action: str = ""
    channel: str = ""
    environment: str = ""
    node: str = ""
    batch_size: int = 1
    version: str = ""
    fields: tuple[str, ...] = ()
    region: str = ""
    lookback_from: str = ""
    subject_kind: str = ""
    subject_id: str = ""
    subject_authorization: str = ""
    purpose: str = ""
    business_ref: str = ""
    field_mode: str = "strict"
    at: datetime | None = None
    from_decision: str = ""


@dataclass(frozen=True)
class KeyChoice:
    """A credential that speaks for the institution, and an address its networks would let in."""

    prefix: str
    apps: tuple[str, ...]
    is_live: bool
    network: str


@dataclass(frozen=True)
class Choices:
    """What a question about a grant may be made of."""

    grant: str
    product: str
    state: str
    keys: tuple[KeyChoice, ...]
    nodes: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    versions: tuple[str, ...]
    start: dict


@dataclass(frozen=True)
class Simulated:
    """What would be decided. `is_simulation` is always true: no gateway may act on it."""

    is_simulation: bool
    decision: bool
    at: str
    epoch: int
    grant: str
    grant_version: int
    policy_digest: str
    dimensions: tuple[Dimension, ...]
    reasons: tuple[Told, ...]
    fields: dict
    obligations: tuple[Owed, ...]
    quota: dict


def choices(rt, caller: Caller, ref: str, born_from: str = "") -> Choices:
    """The choices of a grant's questions, and where a new one starts: what the grant allows, or
    what a past decision was asked.

    Raises:
        NotAllowed, NotFound, Invalid
    """
    may_simulate(rt, caller)
    past = _past(rt, caller, born_from)
    with read(rt) as session:
        grant = one(session, caller, Grant, ref)
        picture = _picture(rt, session, grant, past.get("credential", ""))
        held, keys = _held(picture, grant.number), _keys(picture)
        called = titles(session, held.current.product)
        product = picture.products.get(held.current.product)
    if past and past["grant"] not in ("", grant.number):
        raise Invalid("此决策不是依据本授权作出的", "that decision was not made under this grant",
                      errors=[{"at": "from_decision", "zh": "不属于本授权",
                               "en": "belongs to another grant"}])
    sold = sorted({name for version in (product.versions.values() if product else ())
                   for name in version.fields} | set(held.current.fields))
    return Choices(
        grant.number, held.current.product, grant.state, keys, tuple(picture.nodes),
        tuple((name, called.get(name, "")) for name in sold),
        tuple(product.versions) if product else (), _start(rt, held.current, keys, past))


def _past(rt, caller: Caller, number: str) -> dict[str, Any]:
    """What a past decision was asked, as sealed, with its business number; {} for none."""
    if not number:
        return {}
    sheet = decision(rt, caller, number)
    return {**sheet.input, "grant": sheet.grant, "business_ref": sheet.business_ref,
            "from_decision": sheet.number}


def _picture(rt, session: Session, grant: Grant, credential: str) -> Picture:
    return around_grant(session.connection(), rt.law.sections.with_lines, grant,
                        credential).picture


def _held(picture: Picture, number: str):
    held = picture.grants.get(number)
    if held is None:
        raise Invalid("此授权的版本无法编译，不能模拟",
                      "the version of this grant cannot be compiled, so nothing is simulated")
    return held


def _keys(picture: Picture) -> tuple[KeyChoice, ...]:
    """Live credentials first."""
    found = []
    for prefix, key in picture.credentials.items():
        apps = tuple(sorted(number for number in key.apps if number in picture.apps))
        networks = key.networks or (picture.apps[apps[0]].networks if apps else ())
        if apps:
            found.append(KeyChoice(prefix, apps, not key.revoked,
                                   networks[0].partition("/")[0] if networks else ""))
    return tuple(sorted(found, key=lambda one: (not one.is_live, one.apps, one.prefix)))


def _start(rt, version: VersionPicture, keys: tuple[KeyChoice, ...], past: Mapping) -> dict:
    """The members a form starts with."""
    if past:
        key = next((one for one in keys if one.prefix == past.get("credential")), None)
        return {"peer": key.network if key else "",
                **{name: past[name] for name in SEALED if past.get(name)}}
    leaves = [leaf for right in version.purposes for leaf in (
        rt.law.purposes.leaves_below(right.code) if right.descend else (right.code,))
        if not rt.law.purposes.is_within(leaf, right.excluded)]
    way = version.methods[0]
    return {"credential": keys[0].prefix if keys else "", "peer": keys[0].network if keys else "",
            "purpose": leaves[0] if leaves else "", "action": way.action, "channel": way.channel,
            "environment": way.environment, "fields": sorted(version.fields),
            "region": version.regions[0] if version.regions else "",
            "subject_kind": version.subject_kinds[0] if version.subject_kinds else ""}


def simulate(rt, caller: Caller, ref: str, asked: Question) -> Simulated:
    """What would be decided on this question about a grant, on the picture of now.

    Raises:
        NotAllowed, NotFound, Invalid
    """
    may_simulate(rt, caller)
    past = _past(rt, caller, asked.from_decision)
    at = instant(asked.at or rt.clock())
    with read(rt) as session:
        grant = one(session, caller, Grant, ref)
        picture = _picture(rt, session, grant, asked.credential)
        product = _held(picture, grant.number).current.product
        ask = _ask(rt, asked, picture, grant.number, product)
        if past.get("subject") and not ask.subject_hash:
            ask = ask._replace(subject_hash=past["subject"])
        hearing = Hearing(ask, picture, rt.law, at)
        hearing.need = needed(hearing)
        if hearing.need:
            hearing.on_record = Shelf(Batch(session.connection())).on_record(hearing.need)
        found = decisions.judged(hearing, NUMBER)
        told = json.loads(sealed_bytes(facts(found, picture, rt.law, "")))
        called = titles(session, product)
        return Simulated(
            True, found.permits, at, picture.epoch, found.grant, found.grant_version,
            found.policy_digest, dimensions(rt, session, told, called),
            told_reasons(rt, session, told), told["fields"],
            owed(told["obligations"], called, rt.law), told["quota"])


def _ask(rt, asked: Question, picture: Picture, grant: str, product: str) -> Ask:
    """The question as the lane would read it."""
    key = picture.credentials.get(asked.credential)
    app = asked.app or next(iter(sorted(key.apps)), "") if key else asked.app
    subject = {"kind": asked.subject_kind, "id": asked.subject_id}
    entities = {
        "subject": {"id": app, "properties": _said(asked, "user") | {
            "user_auth_level": asked.auth_level}},
        "action": {"name": asked.action, "properties": _said(
            asked, "channel", "environment", "node", "batch_size")},
        "resource": {"id": product, "properties": _said(
            asked, "version", "region", "lookback_from") | {
                "fields": list(asked.fields) or None,
                "data_subject": {name: text for name, text in subject.items() if text}}},
        "context": _said(asked, "purpose", "subject_authorization", "business_ref",
                         "field_mode") | {"grant": grant, "ip": asked.peer or None}}
    return read_ask(entities, Presented(asked.credential, asked.peer), rt.subject_hash)


def _said(asked: Question, *names: str) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(asked, name))}
